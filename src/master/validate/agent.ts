/** The rules for what an agent says when it registers, for the first time or again. */
import type { AgentMessage, OfType, Registration } from "../../model/mod.ts";
import { Resources } from "../../resources/mod.ts";
import { faultOfExecutor } from "./executor.ts";
import { faultOfFrameworkInfo } from "./framework.ts";
import { faultOf, faultOfId } from "./ids.ts";
import type { Fault } from "./types.ts";

type Reregistration = OfType<AgentMessage, "reregister">;

/** What is wrong with an agent's registration. */
export function faultOfRegistration({ agent_info }: Registration): Fault {
  const { id, resources = [] } = agent_info;
  const fault = id === undefined ? undefined : faultOfId(id.value);
  return fault ?? faultOf(() => void Resources.fromJson(resources));
}

/** What is wrong with a re-registration: everything in it must belong to something in it. */
export function faultOfReregistration(message: Reregistration): Fault {
  if (message.agent_info.id === undefined) return "Agent re-registers without an id";
  return faultOfRegistration(message) ?? faultOfFrameworks(message) ?? faultOfTasks(message);
}

function faultOfFrameworks({ frameworks, executors }: Reregistration): Fault {
  const ids = new Set<string>();
  for (const info of frameworks) {
    const fault = faultOfFrameworkInfo(info);
    if (fault !== undefined) return fault;
    const id = info.id?.value ?? "";
    if (ids.has(id)) return `Framework has a duplicate FrameworkID: '${id}'`;
    ids.add(id);
  }
  const seen = new Set<string>();
  for (const { framework_id, executor_info } of executors) {
    const fault = faultOfExecutor(executor_info);
    if (fault !== undefined) return fault;
    if (!ids.has(framework_id)) return `Executor has an invalid FrameworkID '${framework_id}'`;
    const id = executor_info.executor_id.value;
    if (seen.has(`${framework_id} ${id}`)) {
      return `Framework '${framework_id}' has a duplicate ExecutorID '${id}'`;
    }
    seen.add(`${framework_id} ${id}`);
  }
  return undefined;
}

function faultOfTasks({ agent_info, frameworks, tasks }: Reregistration): Fault {
  const ids = new Set(frameworks.map(({ id }) => id?.value));
  for (const { task_id, agent_id, framework_id, resources = [] } of tasks) {
    const fault = faultOfId(task_id.value);
    if (fault !== undefined) return `Task has an invalid TaskID: ${fault}`;
    if (agent_id.value !== agent_info.id?.value) {
      return `Task has an invalid AgentID '${agent_id.value}'`;
    }
    if (!ids.has(framework_id.value)) {
      return `Task has an invalid FrameworkID '${framework_id.value}'`;
    }
    const wrong = faultOf(() => void Resources.fromJson(resources));
    if (wrong !== undefined) return `Task uses invalid resources: ${wrong}`;
  }
  return undefined;
}
