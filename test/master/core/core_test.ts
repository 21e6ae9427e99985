import { expect, test } from "vitest";
import { MasterCore } from "../../../src/master/mod.ts";
import { Cluster, masterInfo, Time, task } from "./cluster.ts";

test("MasterCore refuses options out of range and names them", () => {
  const make = () => new MasterCore({ masterInfo, clock: new Time(0), agentPingMs: -1 });
  expect(make).toThrow(/agentPingMs/);
});

test("MasterCore answers 503 and refuses links until the registry is read", () => {
  const cluster = new Cluster({}, { recover: false });
  expect(cluster.core.state.status).toBe("recovering");
  expect(cluster.core.nextDueMs()).toBeUndefined();
  const framework = cluster.subscribe();
  expect(framework.errors).toEqual(["Master has not finished recovery"]);
  expect(framework.ended).toBe(true);
  expect(framework.call({ type: "TEARDOWN" }).status).toBe(503);
  expect(cluster.agent().of("refused")).toMatchObject([{ reason: "retry" }]);
});

test("a task goes from SUBSCRIBE to offers, launch, updates and acknowledgements", () => {
  const cluster = new Cluster();
  const agent = cluster.agent();
  const framework = cluster.subscribe();
  expect(framework.of("SUBSCRIBED")).toMatchObject([
    { subscribed: { framework_id: { value: "m1-0000" }, heartbeat_interval_seconds: 5 } },
  ]);
  cluster.settle();
  expect(framework.offers).toMatchObject([
    {
      id: { value: "m1-O0" },
      agent_id: { value: "m1-S0" },
      hostname: "a.example",
      url: { scheme: "http", address: { ip: "10.0.0.1", hostname: "a.example", port: 5051 } },
      allocation_info: { role: "*" },
    },
  ]);
  expect(framework.launch(framework.offers, [task(agent.id, "t1")]).status).toBe(202);
  expect(agent.launched).toMatchObject([{ task_id: { value: "t1" } }]);
  const view = cluster.core.state.frameworks.get(framework.id)!;
  expect(view.tasks.get("t1")).toMatchObject({ state: "TASK_STAGING", agentId: agent.id });

  const running = agent.update(framework, "t1", "TASK_RUNNING");
  expect(framework.statesOf("t1")).toEqual(["TASK_RUNNING"]);
  expect(framework.acknowledge(running).status).toBe(202);
  expect(agent.of("ack")).toEqual([
    { type: "ack", framework_id: framework.id, task_id: "t1", uuid: running.uuid },
  ]);

  const finished = agent.update(framework, "t1", "TASK_FINISHED");
  expect(view.tasks.get("t1")).toMatchObject({ state: "TASK_FINISHED", released: true });
  framework.acknowledge(finished);
  expect(view.tasks.size).toBe(0);
  expect([...view.completedTasks].map(({ id }) => id)).toEqual(["t1"]);
  cluster.advance(6_000);
  expect(framework.offers[0]?.resources).toEqual(
    framework.of("OFFERS")[0]?.offers.offers?.[0]?.resources,
  );
});

test("losing the leadership ends streams and links, and serves nobody after it", () => {
  const cluster = new Cluster();
  const agent = cluster.agent();
  const framework = cluster.subscribe();
  cluster.step({ type: "lost_leadership" });
  expect(framework.ended).toBe(true);
  expect(agent.isOpen).toBe(false);
  expect(framework.call({ type: "REVIVE" }).status).toBe(503);
  expect(cluster.agent().of("refused")).toMatchObject([{ reason: "not_leader" }]);
  expect(cluster.core.nextDueMs()).toBeUndefined();
});

test("a registry that cannot be written makes the master step down", () => {
  const cluster = new Cluster();
  const framework = cluster.subscribe();
  cluster.step({ type: "persist_failed", token: 1, message: "disk full" });
  expect(cluster.steppedDown).toBe(true);
  expect(framework.ended).toBe(true);
  expect(cluster.core.state.status).toBe("ended");
});

test("takeChanges() names what changed since the last call, and nothing before the first", () => {
  const cluster = new Cluster();
  cluster.agent();
  expect(cluster.core.takeChanges()).toEqual({ agents: new Set(), frameworks: new Set() });
  const agent = cluster.agent({ hostname: "b" });
  const framework = cluster.subscribe();
  expect(cluster.core.takeChanges()).toEqual({
    agents: new Set([agent.id]),
    frameworks: new Set([framework.id]),
  });
  cluster.settle();
  const { agents } = cluster.core.takeChanges();
  expect(agents.size).toBe(2);
  expect(cluster.core.takeChanges().agents.size).toBe(0);
});

test("explain() and shares() pass the allocator's answers on", () => {
  const cluster = new Cluster();
  const agent = cluster.agent();
  const framework = cluster.subscribe();
  cluster.settle();
  expect(cluster.core.explain(framework.id, agent.id)).toMatchObject([{ code: "offered" }]);
  expect(cluster.core.shares()).toMatchObject([{ role: "*", share: 1 }]);
});
