import { describe, expect, test } from "vitest";
import type { Task } from "../../../src/model/mod.ts";
import { Cluster, masterInfo, Registry, Time, task } from "./cluster.ts";

function started(info = {}, options = {}) {
  const cluster = new Cluster(options);
  const agent = cluster.agent();
  const framework = cluster.subscribe(info);
  cluster.settle();
  framework.launch(framework.offers, [task(agent.id, "t1")], 3600);
  agent.update(framework, "t1", "TASK_RUNNING");
  framework.acknowledgeAll();
  const { record } = cluster.core.state.frameworks.get(framework.id)!;
  const { command: _, ...facts } = task(agent.id, "t1");
  const running: Task = {
    ...facts,
    framework_id: { value: framework.id },
    state: "TASK_RUNNING",
  };
  return { cluster, agent, framework, info: record.info, running };
}

/** The same agent, seen by another master. */
function moved(next: Cluster, id: string) {
  const agent = next.stranger();
  agent.id = id;
  return agent;
}

describe("a new master", () => {
  test("knows agents and frameworks from the registry, and waits for them", () => {
    const { cluster, agent, framework } = started();
    const next = cluster.failover();
    expect([...next.core.state.recoveredAgents.keys()]).toEqual([agent.id]);
    expect(next.core.state.frameworks.get(framework.id)?.record).toMatchObject({
      connection: { status: "recovered" },
      info: { name: "f" },
    });
  });

  test("takes agents with their tasks and frameworks back in", () => {
    const { cluster, agent, framework, info, running } = started();
    const next = cluster.failover();
    const again = moved(next, agent.id);
    again.reregister({ tasks: [running], frameworks: [info] });
    expect(again.of("registered").length).toBe(1);
    const view = next.core.state.frameworks.get(framework.id)!;
    expect(view.tasks.get("t1")).toMatchObject({ state: "TASK_RUNNING", role: "*" });
    expect(next.core.shares()[0]?.allocated.get("cpus")).toBe(1_000);
    const back = next.subscribe({ id: { value: framework.id } });
    expect(back.id).toBe(framework.id);
    expect(back.statuses).toEqual([]);
    back.call({ type: "RECONCILE", reconcile: {} });
    expect(back.statesOf("t1")).toEqual(["TASK_RUNNING"]);
    const finished = again.update(back, "t1", "TASK_FINISHED");
    back.acknowledge(finished);
    expect(view.tasks.size).toBe(0);
    next.settle();
    expect(back.offers.length).toBe(1);
  });

  test("learns of frameworks from agents when the registry has lost them", () => {
    const { cluster, agent, framework, info, running } = started();
    cluster.registry.nodes.delete(`frameworks/${framework.id}`);
    const next = cluster.failover();
    expect(next.core.state.frameworks.size).toBe(0);
    moved(next, agent.id).reregister({ tasks: [running], frameworks: [info] });
    expect(next.core.state.frameworks.get(framework.id)?.record.connection.status).toBe(
      "recovered",
    );
  });

  test("an acknowledgement for the old master is dropped: the agent tells the status again", () => {
    const { cluster, agent, framework, info, running } = started();
    const status = agent.update(framework, "t1", "TASK_FAILED");
    const next = cluster.failover();
    const again = moved(next, agent.id);
    again.reregister({ tasks: [{ ...running, state: "TASK_FAILED" }], frameworks: [info] });
    const back = next.subscribe({ id: { value: framework.id } });
    back.acknowledge(status);
    expect(again.of("ack")).toEqual([]);
    again.say({ type: "update", framework_id: framework.id, status });
    back.acknowledge(status);
    expect(again.of("ack").length).toBe(1);
    expect(next.core.state.frameworks.get(framework.id)?.tasks.size).toBe(0);
  });

  test("marks agents unreachable that do not come back in ten minutes", () => {
    const { cluster, agent, framework } = started();
    const next = cluster.failover();
    const back = next.subscribe({ id: { value: framework.id } });
    next.advance(599_999);
    expect(next.core.state.recoveredAgents.size).toBe(1);
    next.advance(2);
    expect(next.core.state.recoveredAgents.size).toBe(0);
    expect(next.core.state.unreachableAgents.has(agent.id)).toBe(true);
    const tasks = [{ task_id: { value: "t1" }, agent_id: { value: agent.id } }];
    back.call({ type: "RECONCILE", reconcile: { tasks } });
    expect(back.statesOf("t1")).toEqual(["TASK_UNREACHABLE"]);
  });

  test("removes frameworks whose failover timeout goes by, counted from their disconnection", () => {
    const { cluster, agent, framework, info, running } = started({ failover_timeout: 3_600 });
    framework.disconnect();
    cluster.clock.move(cluster.clock.nowMs() + 3_000_000);
    const next = cluster.failover();
    moved(next, agent.id).reregister({ tasks: [running], frameworks: [info] });
    next.advance(599_000);
    expect(next.core.state.frameworks.size).toBe(1);
    next.advance(2_000);
    expect(next.core.state.frameworks.size).toBe(0);
  });

  test("gives frameworks whose time went by without a master some time to come back", () => {
    const { cluster, framework } = started({ failover_timeout: 3_600 });
    framework.disconnect();
    cluster.clock.move(cluster.clock.nowMs() + 86_400_000);
    const next = cluster.failover();
    next.advance(599_000);
    expect(next.subscribe({ id: { value: framework.id } }).errors).toEqual([]);
  });

  test("keeps quotas and weights, and waits for agents only where there are quotas", () => {
    const { cluster, agent, framework } = started();
    const plain = cluster.failover();
    plain.agent({ hostname: "b" });
    const early = plain.subscribe({ id: { value: framework.id } });
    plain.advance(1_000);
    expect(early.offers.length).toBe(1);
    plain.operate({
      type: "UPDATE_WEIGHTS",
      update_weights: { weight_infos: [{ role: "eng", weight: 3 }] },
    });
    plain.operate({
      type: "UPDATE_QUOTA",
      update_quota: {
        quota_configs: [
          { role: "eng", guarantees: { cpus: { value: 1 } }, limits: { cpus: { value: 2 } } },
        ],
      },
    });
    const next = plain.failover({ masterInfo: { ...masterInfo, id: "m3" } });
    expect(next.core.state.weights).toEqual(new Map([["eng", 3]]));
    expect(next.core.state.quotas.get("eng")).toMatchObject({ limits: { cpus: 2_000 } });
    next.agent({ hostname: "c" });
    const framework3 = next.subscribe({ id: { value: framework.id } });
    next.settle();
    expect(framework3.offers).toEqual([]);
    moved(next, agent.id).reregister();
    next.advance(1_000);
    expect(framework3.offers.length).toBeGreaterThan(0);
  });

  test("offers once a second while agents come back, and at once when all are there", () => {
    const { cluster, agent, framework, info, running } = started();
    const others = ["b", "c"].map((hostname) => cluster.agent({ hostname }).id);
    const next = cluster.failover();
    const back = next.subscribe({ id: { value: framework.id } });
    moved(next, agent.id).reregister({ tasks: [running], frameworks: [info] });
    next.advance(500);
    moved(next, others[0]!).reregister();
    next.advance(400);
    expect(back.offers.length).toBe(0);
    next.advance(200);
    expect(back.offers.length).toBe(2);
    moved(next, others[1]!).reregister();
    next.settle();
    expect(back.offers.length).toBe(3);
  });

  test("waits no longer for agents when none has come for a second", () => {
    const { cluster, agent, framework } = started();
    cluster.agent({ hostname: "b" });
    const next = cluster.failover();
    const back = next.subscribe({ id: { value: framework.id } });
    moved(next, agent.id).reregister();
    next.advance(1_100);
    expect(back.offers.length).toBe(1);
    next.agent({ hostname: "c" });
    next.settle();
    expect(back.offers.length).toBe(2);
  });

  test("refuses a registry that it does not understand, by node", () => {
    const registry = new Registry();
    registry.nodes.set("agents/x", new TextEncoder().encode("{"));
    const make = () => new Cluster({}, { registry });
    expect(make).toThrow('Cannot read registry node "agents/x": it is no JSON');
    registry.nodes.set("agents/x", new TextEncoder().encode('{"version":2,"value":1}'));
    expect(make).toThrow("it is of version 2");
    registry.nodes.clear();
    registry.nodes.set("novelty", new TextEncoder().encode('{"version":1,"value":1}'));
    expect(make).toThrow("no such node");
  });
});

test("agents that were unreachable or gone for long are forgotten, and the oldest of too many", () => {
  const clock = new Time(1_000_000);
  const cluster = new Cluster({ registryCountMax: 2, registryAgeMaxMs: 3_600_000 }, { clock });
  const ids = ["a", "b", "c"].map((hostname) => {
    const agent = cluster.agent({ hostname });
    agent.close();
    cluster.advance(80_000);
    return agent.id;
  });
  expect(cluster.core.state.unreachableAgents.size).toBe(3);
  cluster.advance(900_000);
  expect([...cluster.core.state.unreachableAgents.keys()]).toEqual(ids.slice(1));
  cluster.advance(3_600_000);
  expect(cluster.core.state.unreachableAgents.size).toBe(0);
  expect(cluster.registry.nodes.size).toBe(0);
});
