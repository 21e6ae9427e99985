import { describe, expect, test } from "vitest";
import { ResourceReader } from "../../../src/master/validate/resources.ts";
import { validateTask } from "../../../src/master/validate/task.ts";
import type { LaunchContext } from "../../../src/master/validate/types.ts";
import type { TaskInfo } from "../../../src/model/mod.ts";
import { Resources } from "../../../src/resources/mod.ts";
import {
  amounts,
  bare,
  context,
  executor,
  OFFERED,
  ports,
  scalar,
  task,
  volume,
} from "./launches.ts";

function validate(info: TaskInfo, more: Partial<LaunchContext> = {}) {
  return validateTask(info, context(more), new ResourceReader());
}

function faultOf(info: TaskInfo, more: Partial<LaunchContext> = {}): string | undefined {
  const verdict = validate(info, more);
  return verdict.ok ? undefined : verdict.message;
}

const shell = { value: "true" };

describe("validateTask()", () => {
  test("grants a command task, held for the offer's role", () => {
    const verdict = validate(task({ resources: [...amounts(1, 128), ports(31_000, 31_001)] }));
    expect(verdict).toMatchObject({ ok: true, executor: undefined });
    if (!verdict.ok) return;
    const wanted = Resources.parse("cpus:1;mem:128;ports:[31000-31001]").allocate("web");
    expect(verdict.total.equals(wanted)).toBe(true);
    expect(verdict.resources.equals(wanted)).toBe(true);
    expect(verdict.executorResources.isEmpty).toBe(true);
    expect(verdict.task.resources).toEqual(wanted.toJson());
  });

  test("grants a custom executor with what it uses, filled in", () => {
    const verdict = validate(bare({ executor: executor() }));
    if (!verdict.ok) throw new Error(verdict.message);
    expect(verdict.total.quantities().toJSON()).toEqual({ cpus: 1.1, disk: 10, mem: 160 });
    expect(verdict.executor).toMatchObject({ framework_id: { value: "f1" } });
    expect(verdict.task.executor).toEqual(verdict.executor);
  });

  test("takes nothing for an executor that runs already", () => {
    const started = validate(bare({ executor: executor() }));
    if (!started.ok) throw new Error(started.message);
    const executorOf = () => started.executor;
    const verdict = validate(bare({ executor: executor() }), { executorOf });
    expect(verdict).toMatchObject({ ok: true, executor: undefined });
    if (verdict.ok) expect(verdict.total.equals(verdict.resources)).toBe(true);
  });

  test("adds up amounts of one kind, as some clients split them", () => {
    const verdict = validate(task({ resources: [...amounts(1, 64), ...amounts(0.5, 64)] }));
    if (!verdict.ok) throw new Error(verdict.message);
    expect(verdict.total.quantities().toJSON()).toEqual({ cpus: 1.5, mem: 128 });
  });

  test("understands a deprecated role that says unreserved", () => {
    const resources = [scalar("cpus", 1, { role: "*" }), scalar("mem", 64, { role: "*" })];
    expect(faultOf(task({ resources }))).toBeUndefined();
  });

  test("refuses with the reason of a task", () => {
    expect(validate(task({ task_id: { value: "" } }))).toEqual({
      ok: false,
      state: "TASK_ERROR",
      reason: "REASON_TASK_INVALID",
      message: "ID must not be empty",
    });
  });

  test.each<[string, TaskInfo, string]>([
    ["an id of a folder above", task({ task_id: { value: ".." } }), "'..' is disallowed"],
    ["a slash", task({ task_id: { value: "a/b" } }), "'a/b' contains invalid characters"],
    [
      "a long id",
      task({ task_id: { value: "x".repeat(256) } }),
      "ID must not be greater than 255 characters",
    ],
    [
      "another agent",
      task({ agent_id: { value: "a2" } }),
      "Task uses invalid agent a2 while agent a1 is expected",
    ],
    [
      "a negative grace period",
      task({ kill_policy: { grace_period: { nanoseconds: -1 } } }),
      "Task's 'kill_policy.grace_period' must be non-negative",
    ],
    [
      "a negative completion time",
      task({ max_completion_time: { nanoseconds: -1 } }),
      "Task's `max_completion_time` must be non-negative",
    ],
    ["no resources", task({ resources: [] }), "Task uses no resources"],
    [
      "both command and executor",
      task({ executor: executor() }),
      "Task should have at least one (but not both) of CommandInfo or ExecutorInfo present",
    ],
    [
      "neither command nor executor",
      bare(),
      "Task should have at least one (but not both) of CommandInfo or ExecutorInfo present",
    ],
    [
      "half a gpu",
      task({ resources: [scalar("gpus", 0.5)] }),
      "Task uses invalid resources: Invalid 'gpus' resource: The 'gpus' resource must be an " +
        "unsigned integer",
    ],
    [
      "a volume twice",
      task({ resources: [volume("v"), volume("v")] }),
      "Task uses duplicate persistence ID: Persistence ID 'v' is not unique",
    ],
    [
      "two roles",
      task({
        resources: [
          scalar("cpus", 1, { allocation_info: { role: "web" } }),
          scalar("mem", 1, { allocation_info: { role: "db" } }),
        ],
      }),
      "Invalid task resources: The resources have multiple allocation roles ('db' and 'web') " +
        "but only one allocation role is allowed",
    ],
    [
      "lent and owned cpus",
      task({ resources: [scalar("cpus", 1), scalar("cpus", 1, { revocable: {} })] }),
      "Task mixes revocable and non-revocable resources: Cannot use both revocable and " +
        "non-revocable 'cpus' at the same time",
    ],
    [
      "more than there is",
      task({ resources: amounts(5, 1) }),
      'Total resources cpus:5 {"allocation_info":{"role":"web"}}',
    ],
    [
      "a secret without value",
      task({
        command: { ...shell, environment: { variables: [{ name: "K", type: "SECRET" }] } },
      }),
      "Task's `CommandInfo` is invalid: Environment variable 'K' of type 'SECRET' must have a " +
        "secret set",
    ],
    [
      "a container without its volume's source",
      task({ container: { type: "MESOS", volumes: [{ container_path: "/x" }] } }),
      "Task's `ContainerInfo` is invalid: Invalid volume: Only one of them should be set: " +
        "'host_path', 'image' and 'source'",
    ],
    [
      "a check of no type",
      task({ check: { command: { command: shell } } }),
      "Task uses invalid check: CheckInfo must specify 'type'",
    ],
    [
      "a health check of no type that can be told",
      task({ health_check: { tcp: { port: 1 } } }),
      "Task uses invalid health check: HealthCheck must specify 'type'",
    ],
    [
      "cgroups of its own",
      task({ container: { type: "MESOS", linux_info: { share_cgroups: false } } }),
      "Only tasks in a task group may have 'share_cgroups' set to 'false'",
    ],
    [
      "a limit on disk",
      task({ limits: { disk: { value: 1 } } }),
      "Only cpus and mem may be included in a task's resource limits",
    ],
    [
      "a limit below the request",
      task({ limits: { cpus: { value: 0.5 } } }),
      "The cpu limit must be greater than or equal to the cpu request",
    ],
    [
      "a memory limit without a request",
      task({ resources: [scalar("cpus", 1)], limits: { mem: { value: 1 } } }),
      "When a memory limit is specified, a memory request must also be specified",
    ],
    [
      "a default executor",
      bare({ executor: { executor_id: { value: "e" }, type: "DEFAULT" } }),
      "'ExecutorInfo.type' must be 'CUSTOM'",
    ],
    [
      "an executor without command",
      bare({ executor: { executor_id: { value: "e" } } }),
      "'ExecutorInfo.command' must be set",
    ],
    [
      "an executor of another framework",
      bare({ executor: executor({ framework_id: { value: "f2" } }) }),
      "ExecutorInfo has an invalid FrameworkID (Actual: f2 vs Expected: f1)",
    ],
    [
      "an executor that shares cgroups",
      bare({
        executor: executor({ container: { type: "MESOS", linux_info: { share_cgroups: true } } }),
      }),
      "The 'share_cgroups' field cannot be set to 'true' on executor containers",
    ],
    [
      "the same ports for task and executor",
      bare({
        resources: [ports(31_000, 31_002)],
        executor: executor({ resources: [ports(31_002, 31_003)] }),
      }),
      "There are overlapping resources in the task resources",
    ],
  ])("refuses %s", (_what, info, message) => {
    expect(faultOf(info)?.slice(0, message.length)).toBe(message);
  });

  test("refuses an id that is taken", () => {
    const tasks = new Set(["t1"]);
    expect(faultOf(task(), { tasks })).toBe("Task has duplicate ID: t1");
    expect(faultOf(task(), { unreachableTasks: tasks })).toBe(
      "Task reuses the ID of an unreachable task: t1",
    );
  });

  test("refuses limits on an agent that does not keep to them", () => {
    const info = task({ limits: { cpus: { value: 2 } } });
    expect(faultOf(info)).toBeUndefined();
    expect(faultOf(info, { agentTakesLimits: false })).toBe(
      "Agent is not capable of handling task resource limits",
    );
  });

  test("takes limits without bound", () => {
    const limits = {
      cpus: { value: Number.POSITIVE_INFINITY },
      mem: { value: Number.POSITIVE_INFINITY },
    };
    expect(faultOf(task({ limits }))).toBeUndefined();
    expect(faultOf(task({ limits: { mem: { value: Number.NaN } } }))).toMatch(/^The memory limit/);
  });

  test("names the fields in which an executor differs from the one that runs, not their values", () => {
    const running = executor({ framework_id: { value: "f1" } });
    const variables = [{ name: "PASSWORD", value: "hunter2" }];
    const other = executor({ command: { value: "./run", environment: { variables } } });
    const message = faultOf(bare({ executor: other }), { executorOf: () => running });
    expect(message).toBe(
      "ExecutorInfo is not compatible with existing ExecutorInfo with same ExecutorID. They " +
        "differ in: command",
    );
  });

  test("lets any number of tasks use one copy of a shared volume", () => {
    const json = volume("v", { shared: {} });
    const held = Resources.fromJson([json]).allocate("web");
    const available = Resources.parse(OFFERED).allocate("web").add(held);
    expect(faultOf(task({ resources: [json, scalar("cpus", 1)] }), { available })).toBeUndefined();
    expect(faultOf(task({ resources: [json, json] }), { available })).toBeUndefined();
    expect(faultOf(task({ resources: [json] }))).toMatch(/is more than available/);
  });

  test("finds the type of a health check that old clients leave out", () => {
    const verdict = validate(task({ health_check: { command: shell } }));
    expect(verdict).toMatchObject({ ok: true, task: { health_check: { type: "COMMAND" } } });
  });
});
