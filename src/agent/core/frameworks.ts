import type { FrameworkInfo } from "../../model/mod.ts";
import { checkpointFramework } from "./checkpoints.ts";
import type { FrameworkRecord } from "./records.ts";
import type { AgentState } from "./state.ts";

/** Whether a framework says that it can do this. */
export function hasCapability(info: FrameworkInfo | undefined, capability: string): boolean {
  return info?.capabilities?.some(({ type }) => type === capability) ?? false;
}

/** The record of a framework, made when there is none. */
export function frameworkOf(agent: AgentState, id: string): FrameworkRecord {
  const known = agent.frameworks.get(id);
  if (known !== undefined) return known;
  const framework: FrameworkRecord = {
    id,
    info: undefined,
    executors: new Map(),
    tasks: new Map(),
    streams: new Map(),
    ending: false,
  };
  agent.frameworks.set(id, framework);
  return framework;
}

/** The record of a framework, with its info as it is now. */
export function updateFramework(agent: AgentState, info: FrameworkInfo): FrameworkRecord {
  const framework = frameworkOf(agent, info.id?.value ?? "");
  if (framework.info === info || same(framework.info, info)) return framework;
  framework.info = info;
  checkpointFramework(agent, framework);
  return framework;
}

function same(one: FrameworkInfo | undefined, other: FrameworkInfo): boolean {
  return one !== undefined && JSON.stringify(one) === JSON.stringify(other);
}
