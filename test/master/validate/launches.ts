/** Tasks, executors and offers for the tests of the rules. */

import type { LaunchContext } from "../../../src/master/validate/types.ts";
import type { ExecutorInfo, ResourceJson, TaskInfo } from "../../../src/model/mod.ts";
import { Resources } from "../../../src/resources/mod.ts";

export function scalar(
  name: string,
  value: number,
  more: Partial<ResourceJson> = {},
): ResourceJson {
  return { name, type: "SCALAR", scalar: { value }, ...more };
}

export function ports(begin: number, end: number): ResourceJson {
  return { name: "ports", type: "RANGES", ranges: { range: [{ begin, end }] } };
}

/** Cpus, megabytes. */
export function amounts(cpus: number, mem: number): ResourceJson[] {
  return [scalar("cpus", cpus), scalar("mem", mem)];
}

export function task(more: Partial<TaskInfo> = {}): TaskInfo {
  return {
    name: "sleeper",
    task_id: { value: "t1" },
    agent_id: { value: "a1" },
    resources: amounts(1, 128),
    command: { value: "sleep 1" },
    ...more,
  };
}

export function executor(more: Partial<ExecutorInfo> = {}): ExecutorInfo {
  return {
    executor_id: { value: "e1" },
    command: { value: "./run" },
    resources: [...amounts(0.1, 32), scalar("disk", 10)],
    ...more,
  };
}

/** A task without a command, for an executor. */
export function bare(more: Partial<TaskInfo> = {}): TaskInfo {
  const { command: _, ...rest } = task(more);
  return rest;
}

export const OFFERED = "cpus:4;mem:1024;disk:1000;gpus:2;ports:[31000-31009]";

export function context(more: Partial<LaunchContext> = {}): LaunchContext {
  return {
    frameworkId: "f1",
    agentId: "a1",
    role: "web",
    available: Resources.parse(OFFERED).allocate("web"),
    tasks: new Map(),
    unreachableTasks: new Map(),
    executorOf: () => undefined,
    ...more,
  };
}

/** A volume of role web, in JSON. */
export function volume(id: string, more: Partial<ResourceJson> = {}): ResourceJson {
  return scalar("disk", 100, {
    reservations: [{ type: "DYNAMIC", role: "web", principal: "ops" }],
    disk: { persistence: { id, principal: "ops" }, volume: { container_path: "data", mode: "RW" } },
    ...more,
  });
}
