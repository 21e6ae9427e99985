import { describe, expect, test } from "vitest";
import type { AgentMessage, OfType, Task, TaskState } from "../../../src/model/mod.ts";
import { Cluster, type FakeAgent, type FakeFramework, task } from "./cluster.ts";

type Reregistration = OfType<AgentMessage, "reregister">;

function started(info = {}, options = {}) {
  const cluster = new Cluster(options);
  const agent = cluster.agent();
  const framework = cluster.subscribe(info);
  cluster.settle();
  framework.launch(framework.offers, [task(agent.id, "t1"), task(agent.id, "t2")], 3600);
  for (const id of ["t1", "t2"]) agent.update(framework, id, "TASK_RUNNING");
  framework.acknowledgeAll();
  const view = () => cluster.core.state.frameworks.get(framework.id)!;
  return { cluster, agent, framework, view };
}

/** What the agent tells of its tasks when it comes again. */
function holding(
  { agent, framework, cluster }: { agent: FakeAgent; framework: FakeFramework; cluster: Cluster },
  tasks: Record<string, TaskState>,
): Partial<Reregistration> {
  const { info } = cluster.core.state.frameworks.get(framework.id)!.record;
  return {
    frameworks: [info],
    tasks: Object.entries(tasks).map(([id, state]): Task => {
      const { command: _, ...facts } = task(agent.id, id);
      return { ...facts, framework_id: { value: framework.id }, state };
    }),
  };
}

/** 75 seconds without a word. */
const SILENCE_MS = 5 * 15_000;

describe("registration", () => {
  test("is answered once it is durable", () => {
    const cluster = new Cluster();
    cluster.holdWrites = true;
    const agent = cluster.agent();
    expect(agent.messages).toEqual([]);
    expect(cluster.core.state.agents.size).toBe(0);
    cluster.write();
    expect(agent.of("registered")).toMatchObject([
      { agent_id: "m1-S0", master_info: { id: "m1" }, heartbeat_ms: 15_000 },
    ]);
    expect(cluster.changes).toMatchObject([{ type: "agent_added", agent: { id: "m1-S0" } }]);
    expect(cluster.registry.read("agents/m1-S0")).toMatchObject({
      info: { hostname: "a.example", id: { value: "m1-S0" } },
      standing: { deactivated: false },
    });
  });

  test("of an agent that went meanwhile is undone", () => {
    const cluster = new Cluster();
    cluster.holdWrites = true;
    const agent = cluster.agent();
    agent.close();
    cluster.write();
    expect(cluster.core.state.agents.size).toBe(0);
    expect(cluster.registry.nodes.size).toBe(0);
  });

  test("is refused to who may not, to other versions and to wrong resources", () => {
    const authorize = (principal: string | undefined, action: string) =>
      action !== "register_agents" || principal === "agent";
    const cluster = new Cluster({ authorize });
    const stranger = cluster.agent();
    expect(stranger.of("refused")).toMatchObject([{ reason: "unauthorized" }]);
    expect(stranger.isOpen).toBe(false);
    const other = cluster.stranger({ principal: "agent" });
    other.open();
    other.say({ type: "register", ...other.registration, link_version: 2 });
    expect(other.of("refused")).toMatchObject([{ reason: "invalid" }]);
    const broken = cluster.stranger({ principal: "agent" });
    broken.open();
    const resources = [{ name: "cpus", type: "SCALAR" as const, scalar: { value: -1 } }];
    const agent_info = { ...broken.info, resources };
    broken.say({ type: "register", ...broken.registration, agent_info });
    expect(broken.of("refused")).toMatchObject([{ reason: "invalid" }]);
    expect(cluster.core.state.agents.size).toBe(0);
  });

  test("is refused without a domain where one is required", () => {
    const cluster = new Cluster({ requireAgentDomain: true });
    expect(cluster.agent().of("refused")).toMatchObject([{ reason: "invalid" }]);
  });

  test("is refused when the allocator cannot take the resources, and the registry forgets it", () => {
    const cluster = new Cluster();
    cluster.agent({ resources: "cpus:4;zones:{a}" });
    const other = cluster.agent({ resources: "cpus:4;zones:3" });
    expect(other.of("refused")).toMatchObject([{ reason: "invalid" }]);
    expect([...cluster.registry.nodes.keys()]).toEqual(["agents/m1-S0"]);
  });

  test("twice on one link changes nothing", () => {
    const cluster = new Cluster();
    const agent = cluster.agent();
    agent.say({ type: "register", ...agent.registration });
    expect(cluster.core.state.agents.size).toBe(1);
  });

  test("comes before anything else that an agent says", () => {
    const cluster = new Cluster();
    const agent = cluster.stranger();
    agent.open();
    agent.say({ type: "unregister" }, { type: "pong", sequence: 1 });
    expect(cluster.effects.filter(({ type }) => type === "send_agent")).toEqual([]);
  });
});

describe("an agent that comes back while it is known", () => {
  test("keeps its tasks; those that it does not have are asked for", () => {
    const start = started();
    const { cluster, agent, framework, view } = start;
    agent.close();
    expect(cluster.core.state.agents.get(agent.id)?.record.connection.status).toBe("disconnected");
    agent.reregister(holding(start, { t1: "TASK_RUNNING" }));
    expect(view().tasks.size).toBe(2);
    expect(agent.of("reconcile")).toEqual([
      { type: "reconcile", tasks: [{ framework_id: framework.id, task_id: "t2" }] },
    ]);
    agent.update(framework, "t2", "TASK_DROPPED");
    expect(framework.statesOf("t2")).toEqual(["TASK_RUNNING", "TASK_DROPPED"]);
    expect(framework.statesOf("t1")).toEqual(["TASK_RUNNING"]);
    cluster.advance(1_000);
    expect(framework.offers.length).toBe(1);
  });

  test("on a second link ends the first", () => {
    const start = started();
    const { cluster, agent } = start;
    const first = agent.link;
    agent.reregister(holding(start, { t1: "TASK_RUNNING", t2: "TASK_RUNNING" }));
    expect(cluster.effects).toContainEqual(
      expect.objectContaining({ type: "end_link", link: first }),
    );
    cluster.step({ type: "link_closed", link: first });
    expect(cluster.core.state.agents.get(agent.id)?.record.connection).toMatchObject({
      status: "connected",
      link: agent.link,
    });
  });

  test("with a task that nobody knew is taken at its word", () => {
    const start = started();
    const { cluster, agent, view } = start;
    agent.close();
    agent.reregister(
      holding(start, {
        t1: "TASK_RUNNING",
        t2: "TASK_RUNNING",
        t3: "TASK_RUNNING",
        old: "TASK_FAILED",
      }),
    );
    expect([...view().tasks.keys()]).toEqual(["t1", "t2", "t3"]);
    expect(cluster.core.shares()[0]?.allocated.get("cpus")).toBe(3_000);
  });

  test("with a framework that is over is told to shut it down", () => {
    const start = started();
    const { agent, framework } = start;
    const told = holding(start, { t1: "TASK_RUNNING" });
    agent.close();
    const { id } = framework;
    framework.call({ type: "TEARDOWN" });
    agent.reregister(told);
    expect(agent.of("registered").at(-1)?.unwanted_frameworks).toEqual([id]);
  });

  test("with other attributes is offered with those", () => {
    const cluster = new Cluster();
    const agent = cluster.agent();
    const framework = cluster.subscribe();
    cluster.settle();
    agent.close();
    const attributes = [{ name: "rack", type: "TEXT" as const, text: { value: "r9" } }];
    agent.reregister({ agent_info: { ...agent.info, attributes } });
    cluster.settle();
    expect(framework.offers[0]?.attributes).toEqual(attributes);
    expect(cluster.registry.read(`agents/${agent.id}`)).toMatchObject({ info: { attributes } });
  });

  test("under the address of a machine in the schedule is asked to leave", () => {
    const start = started();
    const { cluster, agent, framework } = start;
    const unavailability = { start: { nanoseconds: 1e18 } };
    const windows = [{ machine_ids: [{ ip: "10.0.0.9" }], unavailability }];
    cluster.operate({
      type: "UPDATE_MAINTENANCE_SCHEDULE",
      update_maintenance_schedule: { schedule: { windows } },
    });
    agent.close();
    const moved = cluster.stranger({ address: "10.0.0.9" });
    moved.id = agent.id;
    moved.reregister(
      holding(start, { t1: "TASK_RUNNING", t2: "TASK_RUNNING", t3: "TASK_RUNNING" }),
    );
    cluster.settle();
    const asked = () =>
      framework.of("INVERSE_OFFERS").flatMap((event) => event.inverse_offers.inverse_offers ?? []);
    expect(asked().length).toBe(1);
    // A task that nobody knew makes the allocator count the agent anew: it is asked for anew, too.
    moved.close();
    const running = { t1: "TASK_RUNNING", t2: "TASK_RUNNING", t4: "TASK_RUNNING" } as const;
    moved.reregister(holding(start, running));
    expect(framework.of("RESCIND_INVERSE_OFFER").length).toBe(1);
    cluster.settle();
    const inverse_offer_ids = asked().map(({ id }) => id);
    expect(inverse_offer_ids.length).toBe(2);
    const call = {
      type: "DECLINE_INVERSE_OFFERS" as const,
      decline_inverse_offers: { inverse_offer_ids },
    };
    expect(framework.call(call).status).toBe(202);
  });

  test("without an executor that the master has gives its resources back", () => {
    const start = started();
    const { cluster, agent, framework } = start;
    framework.call({ type: "REVIVE" });
    cluster.settle();
    const executor = {
      executor_id: { value: "e1" },
      command: { shell: true, value: "x" },
      resources: task("", "", "cpus:1;mem:100").resources,
    };
    const { command: _, ...bare } = task(agent.id, "t3");
    framework.launch(framework.offers, [{ ...bare, executor }], 3600);
    agent.update(framework, "t3", "TASK_FINISHED");
    framework.acknowledgeAll();
    expect(cluster.core.shares()[0]?.allocated.get("cpus")).toBe(3_000);
    agent.close();
    agent.reregister(holding(start, { t1: "TASK_RUNNING", t2: "TASK_RUNNING" }));
    expect(cluster.core.shares()[0]?.allocated.get("cpus")).toBe(2_000);
  });
});

describe("agent health", () => {
  test("pings go out, and an agent that answers stays", () => {
    const cluster = new Cluster();
    const agent = cluster.agent();
    for (let i = 0; i < 20; i++) {
      cluster.advance(15_000);
      agent.say({ type: "pong", sequence: i });
    }
    expect(agent.of("ping").map(({ sequence }) => sequence)).toEqual([...Array(20).keys()]);
    expect(cluster.core.state.agents.size).toBe(1);
  });

  test("an agent that does not answer becomes unreachable, durably", () => {
    const { cluster, agent, framework, view } = started();
    cluster.holdWrites = true;
    cluster.advance(SILENCE_MS + 15_000);
    expect(agent.isOpen).toBe(false);
    expect(framework.statesOf("t1")).toEqual(["TASK_RUNNING"]);
    cluster.write();
    expect(cluster.core.state.agents.size).toBe(0);
    const { sinceMs } = cluster.core.state.unreachableAgents.get(agent.id)!;
    expect(framework.statuses.at(-1)).toMatchObject({
      state: "TASK_UNREACHABLE",
      source: "SOURCE_MASTER",
      reason: "REASON_AGENT_REMOVED",
      unreachable_time: { nanoseconds: sinceMs * 1e6 },
    });
    expect(framework.of("FAILURE")).toEqual([
      { type: "FAILURE", failure: { agent_id: { value: agent.id } } },
    ]);
    expect(view().tasks.size).toBe(0);
    expect([...view().unreachableTasks.keys()]).toEqual(["t1", "t2"]);
    expect([...cluster.registry.nodes.keys()].filter((path) => path.includes(agent.id))).toEqual([
      `unreachable/${agent.id}`,
    ]);
    expect(cluster.changes.at(-1)).toEqual({ type: "agent_removed", agentId: agent.id });
  });

  test("an agent whose link ended has as long to come back", () => {
    const { cluster, agent } = started();
    agent.close();
    cluster.advance(SILENCE_MS - 1);
    expect(cluster.core.state.agents.size).toBe(1);
    cluster.advance(2);
    expect(cluster.core.state.unreachableAgents.size).toBe(1);
  });

  test("frameworks that are not partition-aware hear TASK_LOST", () => {
    const { cluster, agent, framework, view } = started({ capabilities: [] });
    agent.close();
    cluster.advance(SILENCE_MS + 1);
    expect(framework.statesOf("t1")).toEqual(["TASK_RUNNING", "TASK_LOST"]);
    expect(view().unreachableTasks.size).toBe(0);
    expect([...view().completedTasks].map(({ state }) => state)).toEqual([
      "TASK_LOST",
      "TASK_LOST",
    ]);
  });

  test("tasks of an unreachable agent are reconciled as that, and their ids stay taken", () => {
    const { cluster, agent, framework } = started();
    agent.close();
    cluster.advance(SILENCE_MS + 1);
    const tasks = [{ task_id: { value: "t1" }, agent_id: { value: agent.id } }];
    framework.call({ type: "RECONCILE", reconcile: { tasks } });
    expect(framework.statuses.at(-1)).toMatchObject({
      state: "TASK_UNREACHABLE",
      reason: "REASON_RECONCILIATION",
      unreachable_time: {},
    });
    const other = cluster.agent({ hostname: "b" });
    cluster.settle();
    framework.launch(framework.offers, [task(other.id, "t1")]);
    expect(framework.statuses.at(-1)).toMatchObject({ state: "TASK_ERROR" });
  });

  test("at most so many agents become unreachable in a minute", () => {
    const cluster = new Cluster({ agentRemovalsPerMinute: 2 });
    const agents = ["a", "b", "c", "d"].map((hostname) => cluster.agent({ hostname }));
    for (const agent of agents) agent.close();
    cluster.advance(SILENCE_MS + 1);
    const gone = () => cluster.core.state.unreachableAgents.size;
    expect(gone()).toBe(1);
    cluster.advance(30_000);
    expect(gone()).toBe(2);
    agents[2]?.reregister();
    cluster.advance(30_000);
    expect(gone()).toBe(3);
    expect(cluster.core.state.agents.has(agents[2]!.id)).toBe(true);
  });

  test("a link that is used while the agent is being written off is refused for a while", () => {
    const { cluster, agent } = started();
    agent.close();
    cluster.holdWrites = true;
    cluster.advance(SILENCE_MS + 1);
    agent.reregister();
    expect(agent.of("refused")).toMatchObject([{ reason: "retry" }]);
    cluster.write();
    agent.reregister();
    cluster.write();
    expect(cluster.core.state.agents.size).toBe(1);
  });
});

describe("an agent that comes back from being unreachable", () => {
  test("brings its tasks back, and their frameworks hear of it", () => {
    const start = started();
    const { cluster, agent, framework, view } = start;
    const told = holding(start, { t1: "TASK_RUNNING" });
    agent.close();
    cluster.advance(SILENCE_MS + 1);
    cluster.holdWrites = true;
    agent.reregister(told);
    expect(agent.of("registered").length).toBe(1);
    cluster.write();
    expect(agent.of("registered").length).toBe(2);
    expect(framework.statuses.at(-1)).toMatchObject({
      task_id: { value: "t1" },
      state: "TASK_RUNNING",
      reason: "REASON_AGENT_REREGISTERED",
    });
    expect([...view().tasks.keys()]).toEqual(["t1"]);
    expect(view().unreachableTasks.size).toBe(0);
    expect(cluster.registry.nodes.has(`unreachable/${agent.id}`)).toBe(false);
    expect(cluster.registry.nodes.has(`agents/${agent.id}`)).toBe(true);
    agent.update(framework, "t1", "TASK_FINISHED");
    framework.acknowledgeAll();
    expect(view().tasks.size).toBe(0);
  });

  test("kills tasks whose frameworks heard TASK_LOST, and says no more of them", () => {
    const start = started({ capabilities: [] });
    const { cluster, agent, framework, view } = start;
    const told = holding(start, { t1: "TASK_RUNNING" });
    agent.close();
    cluster.advance(SILENCE_MS + 1);
    agent.reregister(told);
    expect(agent.of("kill")).toEqual([{ type: "kill", framework_id: framework.id, task_id: "t1" }]);
    // Until it is dead it uses what it uses.
    expect(cluster.core.shares()[0]?.allocated.get("cpus")).toBe(1_000);
    const killed = agent.update(framework, "t1", "TASK_KILLED");
    expect(agent.of("ack").at(-1)).toMatchObject({ task_id: "t1", uuid: killed.uuid });
    expect(framework.statesOf("t1")).toEqual(["TASK_RUNNING", "TASK_LOST"]);
    expect(view().tasks.size).toBe(0);
    expect([...view().completedTasks].at(-1)).toMatchObject({ id: "t1", state: "TASK_LOST" });
  });

  test("is admitted even when nobody remembers it", () => {
    const cluster = new Cluster();
    const agent = cluster.stranger();
    agent.id = "old-S7";
    agent.reregister();
    expect(cluster.core.state.agents.has("old-S7")).toBe(true);
    expect(agent.of("registered")).toMatchObject([{ agent_id: "old-S7" }]);
  });
});

describe("MARK_AGENT_GONE", () => {
  const gone = (value: string) =>
    ({ type: "MARK_AGENT_GONE", mark_agent_gone: { agent_id: { value } } }) as const;

  test("shuts the agent down for good: TASK_GONE_BY_OPERATOR", () => {
    const { cluster, agent, framework } = started();
    cluster.holdWrites = true;
    expect(cluster.operate(gone(agent.id)).status).toBe(0);
    expect(framework.statesOf("t1")).toEqual(["TASK_RUNNING"]);
    cluster.write();
    expect(cluster.lastReply).toMatchObject({ status: 200 });
    cluster.holdWrites = false;
    expect(agent.of("shutdown").length).toBe(1);
    expect(agent.isOpen).toBe(false);
    expect(framework.statuses.at(-1)).toMatchObject({
      state: "TASK_GONE_BY_OPERATOR",
      reason: "REASON_AGENT_REMOVED_BY_OPERATOR",
    });
    agent.reregister();
    expect(agent.of("refused")).toMatchObject([{ reason: "gone" }]);
    expect(cluster.operate(gone(agent.id)).status).toBe(200);
    const next = cluster.failover();
    expect(next.core.state.goneAgents.has(agent.id)).toBe(true);
  });

  test("of an unreachable agent ends its tasks", () => {
    const { cluster, agent, framework, view } = started();
    agent.close();
    cluster.advance(SILENCE_MS + 1);
    cluster.operate(gone(agent.id));
    expect(framework.statesOf("t1").at(-1)).toBe("TASK_GONE_BY_OPERATOR");
    expect(view().unreachableTasks.size).toBe(0);
    const tasks = [{ task_id: { value: "t9" }, agent_id: { value: agent.id } }];
    framework.call({ type: "RECONCILE", reconcile: { tasks } });
    expect(framework.statesOf("t9")).toEqual(["TASK_GONE_BY_OPERATOR"]);
  });

  test("of an unknown agent is 404, and 403 for who may not", () => {
    const authorize = (principal: string | undefined, action: string) =>
      action !== "mark_agents_gone" || principal === "root";
    const { cluster, agent } = started({}, { authorize });
    expect(cluster.operate(gone("x"), "root").status).toBe(404);
    expect(cluster.operate(gone(agent.id), "guest").status).toBe(403);
  });
});

describe("an agent that unregisters", () => {
  test.each([
    [true, "TASK_GONE"],
    [false, "TASK_LOST"],
  ])("goes with its tasks (partition-aware: %s)", (aware, state) => {
    const { cluster, agent, framework } = started(aware ? {} : { capabilities: [] });
    agent.say({ type: "unregister" });
    expect(framework.statesOf("t1").at(-1)).toBe(state);
    expect(cluster.core.state.agents.size).toBe(0);
    expect(cluster.core.state.unreachableAgents.size).toBe(0);
    expect([...cluster.registry.nodes.keys()].some((path) => path.includes(agent.id))).toBe(false);
  });
});
