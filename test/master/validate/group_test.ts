import { describe, expect, test } from "vitest";
import { validateTaskGroup } from "../../../src/master/validate/group.ts";
import { ResourceReader } from "../../../src/master/validate/resources.ts";
import type { LaunchContext } from "../../../src/master/validate/types.ts";
import type { ContainerInfo, ExecutorInfo, TaskInfo } from "../../../src/model/mod.ts";
import { Resources } from "../../../src/resources/mod.ts";
import { amounts, context, ports, scalar, task, volume } from "./launches.ts";

const OWN_CGROUPS: ContainerInfo = { type: "MESOS", linux_info: { share_cgroups: false } };

function pod(more: Partial<ExecutorInfo> = {}): ExecutorInfo {
  return {
    type: "DEFAULT",
    executor_id: { value: "pod" },
    resources: [...amounts(0.1, 32), scalar("disk", 16)],
    ...more,
  };
}

function named(id: string, more: Partial<TaskInfo> = {}): TaskInfo {
  return task({ task_id: { value: id }, ...more });
}

function validate(
  tasks: TaskInfo[],
  executor = pod(),
  more: Partial<LaunchContext> = {},
): ReturnType<typeof validateTaskGroup> {
  return validateTaskGroup(
    { executor, task_group: { tasks } },
    context(more),
    new ResourceReader(),
  );
}

function faultOf(...given: Parameters<typeof validate>): string | undefined {
  const verdict = validate(...given);
  return verdict.ok ? undefined : verdict.message;
}

const two = [named("t1"), named("t2")];

describe("validateTaskGroup()", () => {
  test("grants tasks and executor together", () => {
    const verdict = validate(two);
    if (!verdict.ok) throw new Error(verdict.message);
    expect(verdict.total.quantities().toJSON()).toEqual({ cpus: 2.1, disk: 16, mem: 288 });
    expect(verdict.executor).toEqual(verdict.executorInfo);
    expect(verdict.executorInfo).toMatchObject({ framework_id: { value: "f1" }, type: "DEFAULT" });
    expect(verdict.tasks.map((each) => each.task.task_id.value)).toEqual(["t1", "t2"]);
    expect(verdict.tasks[0]?.task.resources?.[0]).toMatchObject({
      allocation_info: { role: "web" },
    });
  });

  test("takes nothing for an executor that runs already", () => {
    const executorOf = () => pod({ framework_id: { value: "f1" } });
    const verdict = validate(two, pod(), { executorOf });
    if (!verdict.ok) throw new Error(verdict.message);
    expect(verdict.executor).toBeUndefined();
    expect(verdict.total.quantities().toJSON()).toEqual({ cpus: 2, mem: 256 });
    expect(verdict.executorResources.isEmpty).toBe(true);
  });

  test("takes tasks that name the same executor once more, and tells it once", () => {
    const verdict = validate([named("t1", { executor: pod() })]);
    if (!verdict.ok) throw new Error(verdict.message);
    expect(verdict.tasks[0]?.task).not.toHaveProperty("executor");
  });

  test("refuses with the reason of a group", () => {
    expect(validate([])).toEqual({
      ok: false,
      state: "TASK_ERROR",
      reason: "REASON_TASK_GROUP_INVALID",
      message: "Task group has no tasks",
    });
  });

  test.each<[string, TaskInfo[], ExecutorInfo, string]>([
    [
      "a bad task",
      [named("t1"), named("a/b")],
      pod(),
      "Task 'a/b' is invalid: 'a/b' contains invalid characters",
    ],
    [
      "an id twice",
      [named("t1"), named("t1")],
      pod(),
      "Task 't1' is invalid: Task has duplicate ID",
    ],
    [
      "another executor",
      [named("t1", { executor: pod({ name: "other" }) })],
      pod(),
      "The `ExecutorInfo` of task 't1' is different from executor 'pod'",
    ],
    [
      "a Docker task",
      [named("t1", { container: { type: "DOCKER", docker: { image: "alpine" } } })],
      pod(),
      "Task 't1' is invalid: Docker ContainerInfo is not supported on the task",
    ],
    [
      "a health check into another network",
      [
        named("t1", {
          container: { type: "MESOS", network_infos: [{ name: "net" }] },
          health_check: { type: "TCP", tcp: { port: 80 } },
        }),
      ],
      pod(),
      "Task 't1' is invalid: HTTP and TCP health checks are not supported for nested containers " +
        "not joining parent's network",
    ],
    [
      "limits in shared cgroups",
      [named("t1", { limits: { cpus: { value: 2 } } })],
      pod(),
      "Task 't1' is invalid: Resource limits may only be set for tasks within a task group when " +
        "the 'share_cgroups' field is set to 'false'.",
    ],
    [
      "an executor of no type",
      two,
      { executor_id: { value: "e" }, command: { value: "x" }, resources: amounts(1, 64) },
      "'ExecutorInfo.type' must be set",
    ],
    ["an executor of no known type", two, pod({ type: "ROBOT" }), "Unknown executor type"],
    [
      "a default executor with a command",
      two,
      pod({ command: { value: "x" } }),
      "'ExecutorInfo.command' must not be set for 'DEFAULT' executor",
    ],
    [
      "a default executor in Docker",
      two,
      pod({ container: { type: "DOCKER", docker: { image: "alpine" } } }),
      "'ExecutorInfo.container.type' must be 'MESOS' for 'DEFAULT' executor",
    ],
    [
      "a default executor of an image",
      two,
      pod({ container: { type: "MESOS", mesos: { image: { type: "DOCKER" } } } }),
      "'ExecutorInfo.container.mesos.image' must not be set for 'DEFAULT' executor",
    ],
    [
      "a custom executor without command",
      two,
      pod({ type: "CUSTOM" }),
      "'ExecutorInfo.command' must be set for 'CUSTOM' executor",
    ],
    [
      "an executor with too few cpus",
      two,
      pod({ resources: [...amounts(0.001, 32), scalar("disk", 1)] }),
      "Executor 'pod' uses less CPUs (0.001) than the minimum required (0.01)",
    ],
    [
      "an executor without memory",
      two,
      pod({ resources: [scalar("cpus", 1), scalar("disk", 1)] }),
      "Executor 'pod' uses less memory (None) than the minimum required (32)",
    ],
    [
      "an executor without disk",
      two,
      pod({ resources: amounts(1, 32) }),
      "Executor 'pod' uses no disk",
    ],
    [
      "the same ports twice",
      [
        named("t1", { resources: [ports(31_000, 31_001)] }),
        named("t2", { resources: [ports(31_001, 31_002)] }),
      ],
      pod(),
      "There are overlapping resources in the task group's task resources",
    ],
    [
      "the same volume twice",
      [named("t1", { resources: [volume("v")] }), named("t2", { resources: [volume("v")] })],
      pod(),
      "Task group and executor use duplicate persistence ID: Persistence ID 'v' is not unique",
    ],
    [
      "lent and owned cpus",
      [named("t1"), named("t2", { resources: [scalar("cpus", 1, { revocable: {} })] })],
      pod(),
      "Task group and executor mix revocable and non-revocable resources: Cannot use both",
    ],
    [
      "more than there is together",
      [named("t1", { resources: amounts(2, 64) }), named("t2", { resources: amounts(2, 64) })],
      pod(),
      "Total resources cpus:4.1",
    ],
    [
      "an executor that shares cgroups",
      two,
      pod({ container: { type: "MESOS", linux_info: { share_cgroups: true } } }),
      "The 'share_cgroups' field cannot be set to 'true' on executor containers",
    ],
    [
      "cgroups now shared, now not",
      [named("t1"), named("t2", { container: OWN_CGROUPS })],
      pod(),
      "If set, the value of 'share_cgroups' must be the same for all tasks in each task group and " +
        "under a single executor",
    ],
  ])("refuses %s", (_what, tasks, executor, message) => {
    expect(faultOf(tasks, executor)?.slice(0, message.length)).toBe(message);
  });

  test("holds tasks against those that run under the executor", () => {
    const more = {
      executorOf: () => pod(),
      containersUnder: () => [OWN_CGROUPS],
    };
    expect(faultOf(two, pod(), more)).toMatch(/^If set, the value of 'share_cgroups'/);
    const alike = two.map((each) => ({ ...each, container: OWN_CGROUPS }));
    expect(faultOf(alike, pod(), more)).toBeUndefined();
  });

  test("takes limits where the cgroups are the tasks' own", () => {
    const tasks = [named("t1", { container: OWN_CGROUPS, limits: { cpus: { value: 2 } } })];
    expect(faultOf(tasks)).toBeUndefined();
  });

  test("lets tasks of a group share a volume", () => {
    const json = volume("v", { shared: {} });
    const available = context().available.add(Resources.fromJson([json]).allocate("web"));
    const tasks = [
      named("t1", { resources: [json, scalar("cpus", 1)] }),
      named("t2", { resources: [json, scalar("cpus", 1)] }),
    ];
    expect(faultOf(tasks, pod(), { available })).toBeUndefined();
  });
});
