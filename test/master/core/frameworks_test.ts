import { describe, expect, test } from "vitest";
import { Cluster, task } from "./cluster.ts";

const WEEK_MS = 7 * 86_400_000;

/** One framework with a running task. */
function running(info: Parameters<Cluster["subscribe"]>[0] = {}, cluster = new Cluster()) {
  const agent = cluster.agent();
  const framework = cluster.subscribe(info);
  cluster.settle();
  framework.launch(framework.offers, [task(agent.id, "t1")]);
  agent.update(framework, "t1", "TASK_RUNNING");
  framework.acknowledgeAll();
  return { cluster, agent, framework };
}

/** Let the agent answer pings while time goes by. */
function pass(
  { cluster, agent }: Pick<ReturnType<typeof running>, "cluster" | "agent">,
  ms: number,
) {
  const endMs = cluster.clock.nowMs() + ms;
  while (cluster.clock.nowMs() < endMs) {
    agent.say({ type: "pong", sequence: 0 });
    cluster.advance(Math.min(10_000, endMs - cluster.clock.nowMs()));
  }
}

describe("a framework whose stream ended", () => {
  test("is offered nothing and keeps its tasks", () => {
    const { cluster, agent, framework } = running();
    cluster.advance(6_000);
    expect(cluster.core.state.offers.size).toBe(1);
    framework.disconnect();
    expect(cluster.core.state.offers.size).toBe(0);
    cluster.settle();
    expect(cluster.core.state.offers.size).toBe(0);
    const view = cluster.core.state.frameworks.get(framework.id)!;
    expect(view.record.connection.status).toBe("disconnected");
    expect(view.tasks.size).toBe(1);
    expect(agent.of("shutdown_framework")).toEqual([]);
    expect(cluster.registry.read(`frameworks/${framework.id}`)).toHaveProperty("disconnectedMs");
  });

  test("is removed after its failover_timeout: agents shut it down, its tasks are KILLED", () => {
    const { cluster, agent, framework } = running({ failover_timeout: 30 });
    framework.disconnect();
    pass({ cluster, agent }, 29_000);
    expect(cluster.core.state.frameworks.size).toBe(1);
    pass({ cluster, agent }, 1_001);
    expect(cluster.core.state.frameworks.size).toBe(0);
    expect(agent.of("shutdown_framework")).toEqual([
      { type: "shutdown_framework", framework_id: framework.id },
    ]);
    const completed = cluster.core.state.completedFrameworks.get(framework.id)!;
    expect(completed.record.unregisteredMs).toBe(cluster.clock.nowMs() - 1);
    expect([...completed.completedTasks]).toMatchObject([{ id: "t1", state: "TASK_KILLED" }]);
    expect(cluster.registry.nodes.has(`frameworks/${framework.id}`)).toBe(false);
    expect(cluster.changes.at(-1)?.type).toBe("framework_removed");
  });

  test("has a week when it names no timeout, and none when it says 0", () => {
    const { cluster, framework } = running();
    framework.disconnect();
    const { connection } = cluster.core.state.frameworks.get(framework.id)!.record;
    expect(connection).toMatchObject({ dueMs: cluster.clock.nowMs() + WEEK_MS });
    const hasty = cluster.subscribe({ failover_timeout: 0 });
    hasty.disconnect();
    expect(cluster.core.state.frameworks.has(hasty.id)).toBe(false);
  });

  test("that came back in time is not removed by the old timer", () => {
    const { cluster, agent, framework } = running({ failover_timeout: 30 });
    framework.disconnect();
    pass({ cluster, agent }, 20_000);
    const back = cluster.subscribe({ id: { value: framework.id }, failover_timeout: 30 });
    pass({ cluster, agent }, 20_000);
    back.disconnect();
    pass({ cluster, agent }, 20_000);
    expect(cluster.core.state.frameworks.has(framework.id)).toBe(true);
    pass({ cluster, agent }, 20_000);
    expect(cluster.core.state.frameworks.has(framework.id)).toBe(false);
  });
});

describe("TEARDOWN", () => {
  test("removes the framework; a later update of its task is acknowledged and shut down", () => {
    const { cluster, agent, framework } = running();
    const { id } = framework;
    framework.call({ type: "TEARDOWN" });
    expect(cluster.core.state.frameworks.size).toBe(0);
    expect(agent.of("shutdown_framework").length).toBe(1);
    const status = agent.update(id, "t1", "TASK_KILLED");
    expect(agent.of("ack").at(-1)).toEqual({
      type: "ack",
      framework_id: id,
      task_id: "t1",
      uuid: status.uuid,
    });
    expect(cluster.core.state.agents.get(agent.id)?.tasks.size).toBe(0);
  });

  test("gives back what the framework held", () => {
    const { cluster, framework } = running();
    framework.call({ type: "TEARDOWN" });
    const other = cluster.subscribe();
    cluster.settle();
    expect(other.offers[0]?.resources?.find(({ name }) => name === "cpus")?.scalar?.value).toBe(8);
  });

  test("by an operator is 200 once it is durable, and 400 for strangers", () => {
    const { cluster, framework } = running();
    const call = (value: string) =>
      ({ type: "TEARDOWN", teardown: { framework_id: { value } } }) as const;
    cluster.holdWrites = true;
    expect(cluster.operate(call(framework.id)).status).toBe(0);
    expect(framework.ended).toBe(true);
    cluster.write();
    expect(cluster.lastReply).toMatchObject({ status: 200 });
    expect(cluster.operate(call("nobody")).status).toBe(400);
  });

  test("keeps the last completed frameworks only", () => {
    const cluster = new Cluster({ completedFrameworksMax: 2 });
    const ids = ["a", "b", "c"].map((name) => {
      const framework = cluster.subscribe({ name });
      const { id } = framework;
      framework.call({ type: "TEARDOWN" });
      return id;
    });
    expect([...cluster.core.state.completedFrameworks.keys()]).toEqual(ids.slice(1));
    expect(cluster.subscribe({ id: { value: ids[0]! } }).errors).toEqual([]);
  });
});

describe("SUPPRESS and REVIVE", () => {
  const capabilities = [{ type: "MULTI_ROLE" }];

  test("take roles out of the allocation and back, and last over a failover", () => {
    const cluster = new Cluster();
    const framework = cluster.subscribe({ roles: ["a", "b"], capabilities });
    framework.call({ type: "SUPPRESS", suppress: { roles: ["a"] } });
    cluster.agent();
    cluster.settle();
    expect(framework.offers.map(({ allocation_info }) => allocation_info?.role)).toEqual(["b"]);
    framework.call({ type: "SUPPRESS" });
    framework.call({
      type: "DECLINE",
      decline: { offer_ids: framework.offers.map(({ id }) => id), filters: { refuse_seconds: 0 } },
    });
    cluster.settle();
    expect(framework.offers).toEqual([]);
    expect(cluster.registry.read(`frameworks/${framework.id}`)).toMatchObject({
      suppressedRoles: ["a", "b"],
    });
    framework.call({ type: "REVIVE", revive: { roles: ["a"] } });
    cluster.settle();
    expect(framework.offers.map(({ allocation_info }) => allocation_info?.role)).toEqual(["a"]);
  });

  test("with one bad role are dropped as a whole", () => {
    const cluster = new Cluster();
    const framework = cluster.subscribe({ roles: ["a", "b"], capabilities });
    framework.call({ type: "SUPPRESS", suppress: { roles: ["a", "z"] } });
    expect(cluster.core.state.frameworks.get(framework.id)?.record.suppressedRoles.size).toBe(0);
  });

  test("REVIVE drops decline filters", () => {
    const cluster = new Cluster();
    cluster.agent();
    const framework = cluster.subscribe();
    cluster.settle();
    const offer_ids = framework.offers.map(({ id }) => id);
    framework.call({ type: "DECLINE", decline: { offer_ids, filters: { refuse_seconds: 3600 } } });
    cluster.advance(10_000);
    expect(framework.offers).toEqual([]);
    framework.call({ type: "REVIVE" });
    cluster.settle();
    expect(framework.offers.length).toBe(1);
  });
});
