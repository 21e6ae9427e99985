import { describe, expect, test } from "vitest";
import { latestAt, makeNode, makeReport, makeTopology } from "../../../src/probe/mod.ts";
import {
  type TaskFacts,
  taskReport,
  taskRoot,
  taskTagger,
} from "../../../src/probe/reporters/tasks.ts";

const task: TaskFacts = {
  taskId: "t.1",
  taskName: "",
  state: "TASK_RUNNING",
  frameworkId: "f",
  frameworkName: "marathon",
  executorId: "e",
  agentId: "a",
  role: "",
  containerId: "c",
  pid: 10,
  startedMs: 1_000,
  labels: { MARATHON_APP_ID: "/shop/web" },
};

describe("taskReport()", () => {
  test("makes a container of a task that has none, and leaves the others out", () => {
    const tasks = [task, { ...task, pid: 11, containerId: "d" }, { ...task, pid: 0 }];
    const hasContainer = (pid: number) => pid === 11;
    const nodes = taskReport(61_000, tasks, { hasContainer }).topologies.Container?.nodes;
    expect([...(nodes?.keys() ?? [])]).toEqual(["c;<container>"]);
    const words = nodes?.get("c;<container>")?.latest;
    expect(words?.get("docker_container_name")?.value).toBe("t.1");
    expect(words?.get("docker_container_uptime")?.value).toBe("60");
    expect(words?.get("docker_label_MARATHON_APP_ID")?.value).toBe("/shop/web");
    expect([words?.has("mesos_role"), words?.has("mesos_task_name")]).toEqual([false, false]);
  });
});

describe("taskTagger()", () => {
  test("tags the processes of a task and the container that they are in", () => {
    const process = (pid: number, ppid: number, container?: string) =>
      makeNode(`h;${pid}`, "process", {
        latest: latestAt(3n, { pid: `${pid}`, ppid: `${ppid}` }),
        parents: container === undefined ? new Map() : new Map([["container", [container]]]),
      });
    const report = makeReport({
      Process: makeTopology([process(10, 1), process(11, 10, "x;<container>"), process(20, 1)]),
      Container: makeTopology([makeNode("x;<container>", "container"), makeNode("y", "container")]),
    });
    const { topologies } = taskTagger((pid) => (pid === 10 ? task : undefined)).tag(report);
    const tagged = [topologies.Process, topologies.Container].flatMap((topology) =>
      [...(topology?.nodes.values() ?? [])].filter((node) => node.latest.has("mesos_task_id")),
    );
    expect(tagged.map(({ id }) => id)).toEqual(["h;10", "h;11", "x;<container>"]);
    expect(tagged[0]?.latest.get("marathon_app_id")).toEqual({ timestamp: 3n, value: "/shop/web" });
    expect(taskRoot(task)).toEqual({ containerId: "c", imageId: undefined });
  });
});
