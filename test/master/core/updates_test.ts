import { describe, expect, test } from "vitest";
import { Cluster, task } from "./cluster.ts";

function started(info = {}) {
  const cluster = new Cluster();
  const agent = cluster.agent();
  const framework = cluster.subscribe(info);
  cluster.settle();
  framework.launch(framework.offers, [task(agent.id, "t1"), task(agent.id, "t2")], 3600);
  const view = () => cluster.core.state.frameworks.get(framework.id)!;
  const cpus = () => cluster.core.shares()[0]?.allocated.get("cpus") ?? 0;
  return { cluster, agent, framework, view, cpus };
}

describe("a status update", () => {
  test("is passed on as it is, again and again until it is acknowledged", () => {
    const { agent, framework } = started();
    const status = agent.update(framework, "t1", "TASK_RUNNING", { message: "hi", data: "AAAA" });
    expect(framework.statuses).toEqual([status]);
    agent.say({ type: "update", framework_id: framework.id, status });
    expect(framework.statuses).toEqual([status, status]);
  });

  test("changes the record once, and keeps no data", () => {
    const { agent, framework, view } = started();
    const status = agent.update(framework, "t1", "TASK_RUNNING", { data: "AAAA" });
    agent.say({ type: "update", framework_id: framework.id, status });
    const { data: _, ...kept } = status;
    expect(view().tasks.get("t1")).toMatchObject({ state: "TASK_RUNNING", statuses: [kept] });
    expect(view().taskCounts).toEqual(
      new Map([
        ["TASK_STAGING", 1],
        ["TASK_RUNNING", 1],
      ]),
    );
  });

  test("that is terminal frees resources at once, and counts once", () => {
    const { agent, framework, cpus } = started();
    const status = agent.update(framework, "t1", "TASK_FAILED");
    expect(cpus()).toBe(1_000);
    agent.say({ type: "update", framework_id: framework.id, status });
    expect(cpus()).toBe(1_000);
  });

  test("whose latest_state is terminal frees resources before that status is told", () => {
    const { agent, framework, view, cpus } = started();
    const running = agent.update(framework, "t1", "TASK_RUNNING", { latest: "TASK_FINISHED" });
    expect(framework.statesOf("t1")).toEqual(["TASK_RUNNING"]);
    expect(cpus()).toBe(1_000);
    framework.acknowledge(running);
    expect(view().tasks.get("t1")?.state).toBe("TASK_FINISHED");
    const finished = agent.update(framework, "t1", "TASK_FINISHED");
    framework.acknowledge(finished);
    expect(view().tasks.has("t1")).toBe(false);
  });

  test("never brings a task back that is over", () => {
    const { agent, framework, view } = started();
    agent.update(framework, "t1", "TASK_FINISHED");
    agent.update(framework, "t1", "TASK_RUNNING");
    expect(view().tasks.get("t1")).toMatchObject({ state: "TASK_FINISHED", released: true });
  });

  test("for a framework that is away is taken in and told when it comes again", () => {
    const { cluster, agent, framework, view, cpus } = started();
    framework.disconnect();
    const status = agent.update(framework.id, "t1", "TASK_FINISHED");
    expect(view().tasks.get("t1")?.pending).toBeUndefined();
    expect(cpus()).toBe(1_000);
    const back = cluster.subscribe({ id: { value: framework.id } });
    agent.say({ type: "update", framework_id: framework.id, status });
    expect(back.statuses).toEqual([status]);
    back.acknowledge(status);
    expect(view().tasks.has("t1")).toBe(false);
  });

  test("of a task that the master does not know is passed on, and so is its acknowledgement", () => {
    const { agent, framework } = started();
    const status = agent.update(framework, "stranger", "TASK_FINISHED");
    framework.acknowledge(status);
    expect(agent.of("ack").at(-1)).toMatchObject({ task_id: "stranger", uuid: status.uuid });
  });

  test("is published when the state is new, or when it is of a check", () => {
    const { cluster, agent, framework } = started();
    const published = () => cluster.changes.filter(({ type }) => type === "task_updated").length;
    agent.update(framework, "t1", "TASK_RUNNING");
    agent.update(framework, "t1", "TASK_RUNNING");
    expect(published()).toBe(1);
    agent.update(framework, "t1", "TASK_RUNNING", {
      reason: "REASON_TASK_HEALTH_CHECK_STATUS_UPDATED",
      healthy: false,
    });
    expect(published()).toBe(2);
  });

  test("keeps a bounded history", () => {
    const { agent, framework, view } = started();
    for (let i = 0; i < 100; i++) {
      agent.update(framework, "t1", i % 2 === 0 ? "TASK_STARTING" : "TASK_RUNNING");
    }
    expect(view().tasks.get("t1")?.statuses.length).toBeLessThanOrEqual(32);
  });
});

describe("ACKNOWLEDGE", () => {
  test("goes to the agent; the last one takes the task away", () => {
    const { agent, framework, view } = started();
    framework.acknowledge(agent.update(framework, "t1", "TASK_RUNNING"));
    expect(view().tasks.get("t1")?.pending).toBeUndefined();
    framework.acknowledge(agent.update(framework, "t1", "TASK_KILLED"));
    expect(view().tasks.has("t1")).toBe(false);
    expect([...view().completedTasks]).toMatchObject([{ id: "t1", state: "TASK_KILLED" }]);
    expect(agent.of("ack").length).toBe(2);
  });

  test("with another uuid leaves the task", () => {
    const { agent, framework, view } = started();
    const status = agent.update(framework, "t1", "TASK_KILLED");
    framework.acknowledge({ ...status, uuid: "AAAAAAAAAAAAAAAAAAAAAA==" });
    expect(view().tasks.has("t1")).toBe(true);
  });

  test("to an agent that is away is dropped: the agent tells it again", () => {
    const { agent, framework, view } = started();
    const status = agent.update(framework, "t1", "TASK_KILLED");
    agent.close();
    framework.acknowledge(status);
    expect(view().tasks.has("t1")).toBe(true);
    expect(agent.of("ack")).toEqual([]);
  });
});

describe("messages", () => {
  test("go both ways between schedulers and executors", () => {
    const { agent, framework } = started();
    const executor_id = { value: "e" };
    const agent_id = { value: agent.id };
    framework.call({ type: "MESSAGE", message: { agent_id, executor_id, data: "AQ==" } });
    expect(agent.of("message")).toEqual([
      { type: "message", framework_id: framework.id, executor_id: "e", data: "AQ==" },
    ]);
    agent.say({ type: "message", framework_id: framework.id, executor_id: "e", data: "Ag==" });
    expect(framework.of("MESSAGE")).toEqual([
      { type: "MESSAGE", message: { agent_id, executor_id, data: "Ag==" } },
    ]);
    framework.call({ type: "SHUTDOWN", shutdown: { agent_id, executor_id } });
    expect(agent.of("shutdown_executor")).toEqual([
      { type: "shutdown_executor", framework_id: framework.id, executor_id: "e" },
    ]);
  });
});

describe("KILL", () => {
  test("goes to the agent with its policy", () => {
    const { agent, framework } = started();
    const kill_policy = { grace_period: { nanoseconds: 1e9 } };
    framework.call({ type: "KILL", kill: { task_id: { value: "t1" }, kill_policy } });
    expect(agent.of("kill")).toEqual([
      { type: "kill", framework_id: framework.id, task_id: "t1", kill_policy },
    ]);
  });

  test("of a task on another agent than named is dropped", () => {
    const { agent, framework } = started();
    framework.call({ type: "KILL", kill: { task_id: { value: "t1" }, agent_id: { value: "z" } } });
    expect(agent.of("kill")).toEqual([]);
  });

  test("of an unknown task is answered as by reconciliation", () => {
    const { framework } = started();
    framework.call({ type: "KILL", kill: { task_id: { value: "z" } } });
    expect(framework.statuses).toMatchObject([
      { task_id: { value: "z" }, state: "TASK_UNKNOWN", reason: "REASON_RECONCILIATION" },
    ]);
  });

  test("while the agent is away is told when it comes back", () => {
    const { cluster, agent, framework, view } = started();
    agent.update(framework, "t1", "TASK_RUNNING");
    agent.close();
    framework.call({ type: "KILL", kill: { task_id: { value: "t1" } } });
    const running = {
      name: "t1",
      task_id: { value: "t1" },
      framework_id: { value: framework.id },
      agent_id: { value: agent.id },
      state: "TASK_RUNNING" as const,
    };
    agent.reregister({
      tasks: [running],
      frameworks: [view().record.info],
    });
    expect(agent.of("kill").map(({ task_id }) => task_id)).toEqual(["t1"]);
    expect(agent.of("reconcile")).toMatchObject([{ tasks: [{ task_id: "t2" }] }]);
    expect(cluster.core.check()).toEqual([]);
  });
});

describe("RECONCILE", () => {
  const reconcile = (id: string, agentId?: string) => ({
    type: "RECONCILE" as const,
    reconcile: {
      tasks: [{ task_id: { value: id }, ...(agentId && { agent_id: { value: agentId } }) }],
    },
  });

  test("without tasks tells the latest state of all of them", () => {
    const { agent, framework } = started();
    agent.update(framework, "t1", "TASK_RUNNING", { healthy: true });
    framework.call({ type: "RECONCILE", reconcile: {} });
    expect(framework.statuses.slice(1)).toMatchObject([
      {
        task_id: { value: "t1" },
        state: "TASK_RUNNING",
        source: "SOURCE_MASTER",
        reason: "REASON_RECONCILIATION",
        healthy: true,
        message: "Reconciliation: Latest task state",
      },
      { task_id: { value: "t2" }, state: "TASK_STAGING" },
    ]);
    expect(framework.statuses.at(-1)?.uuid).toBeUndefined();
  });

  test("tells the state that waits for acknowledgement rather than the latest", () => {
    const { agent, framework } = started();
    agent.update(framework, "t1", "TASK_RUNNING", { latest: "TASK_FINISHED" });
    framework.call(reconcile("t1"));
    expect(framework.statesOf("t1")).toEqual(["TASK_RUNNING", "TASK_RUNNING"]);
  });

  test.each([
    [true, "TASK_GONE", "TASK_UNKNOWN"],
    [false, "TASK_LOST", "TASK_LOST"],
  ])("of unknown tasks (partition-aware: %s)", (aware, onAgent, anywhere) => {
    const { agent, framework } = started(aware ? {} : { capabilities: [] });
    framework.call(reconcile("x", agent.id));
    framework.call(reconcile("y"));
    framework.call(reconcile("z", "nowhere"));
    expect(framework.statesOf("x")).toEqual([onAgent]);
    expect(framework.statesOf("y")).toEqual([anywhere]);
    expect(framework.statesOf("z")).toEqual([anywhere]);
  });

  test("does not answer for agents that may still come back after a failover", () => {
    const { cluster, agent } = started();
    const next = cluster.failover();
    const framework = next.subscribe();
    framework.call(reconcile("x", agent.id));
    framework.call(reconcile("y"));
    expect(framework.statuses).toEqual([]);
    framework.call(reconcile("z", "nowhere"));
    expect(framework.statesOf("z")).toEqual(["TASK_UNKNOWN"]);
  });
});
