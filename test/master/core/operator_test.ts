import { describe, expect, test } from "vitest";
import type { OperatorCall } from "../../../src/master/mod.ts";
import type { ResourceJson } from "../../../src/model/mod.ts";
import { Resources } from "../../../src/resources/mod.ts";
import { Cluster, task } from "./cluster.ts";

const json = (text: string) => Resources.parse(text).toJson() as ResourceJson[];

function started(options: ConstructorParameters<typeof Cluster>[0] = {}, info = {}) {
  const cluster = new Cluster(options);
  const agent = cluster.agent();
  const framework = cluster.subscribe(info);
  cluster.settle();
  return { cluster, agent, framework };
}

/** Refuses one action to everybody. */
const without = (action: string) => ({
  authorize: (_: string | undefined, asked: string) => asked !== action,
});

describe("UPDATE_QUOTA", () => {
  const quota = (
    ...configs: [role: string, guarantees?: number | undefined, limits?: number][]
  ): OperatorCall => ({
    type: "UPDATE_QUOTA",
    update_quota: {
      quota_configs: configs.map(([role, guarantee, limit]) => ({
        role,
        ...(guarantee !== undefined && { guarantees: { cpus: { value: guarantee } } }),
        ...(limit !== undefined && { limits: { cpus: { value: limit } } }),
      })),
    },
  });

  test("is answered once it is durable, and holds then", () => {
    const { cluster, framework } = started({}, { role: "eng" });
    cluster.holdWrites = true;
    expect(cluster.operate(quota(["eng", undefined, 2])).status).toBe(0);
    expect(cluster.core.state.quotas.size).toBe(0);
    cluster.write();
    expect(cluster.lastReply).toMatchObject({ status: 200 });
    expect(cluster.core.state.quotas.get("eng")).toMatchObject({ limits: { cpus: 2_000 } });
    expect(cluster.registry.read("quotas")).toEqual([
      { role: "eng", guarantees: {}, limits: { cpus: 2_000 } },
    ]);
    expect(framework.of("RESCIND").length).toBe(1);
    cluster.settle();
    expect(framework.offers[0]?.resources?.[0]).toMatchObject({ scalar: { value: 2 } });
  });

  test("takes offers of others back to make room for a guarantee", () => {
    const { cluster, framework } = started({}, { role: "lab" });
    const poor = cluster.subscribe({ role: "eng" });
    cluster.settle();
    expect(poor.offers).toEqual([]);
    expect(cluster.operate(quota(["eng", 8, 8])).status).toBe(200);
    expect(framework.of("RESCIND").length).toBe(1);
    cluster.settle();
    expect(poor.offers.length).toBe(1);
  });

  test("is all or nothing", () => {
    const { cluster } = started();
    const answer = cluster.operate(quota(["a", 1, 1], ["b", 2, 1]));
    expect(answer).toMatchObject({
      status: 400,
      message: expect.stringContaining("Invalid Quota"),
    });
    expect(cluster.core.state.quotas.size).toBe(0);
    expect(cluster.operate(quota(["a", 1, 1], ["b", 1, 1])).status).toBe(200);
    expect([...cluster.core.state.quotas.keys()]).toEqual(["a", "b"]);
    expect(cluster.operate(quota(["a"])).status).toBe(200);
    expect([...cluster.core.state.quotas.keys()]).toEqual(["b"]);
  });

  test("below what is consumed, or above what there is, needs force", () => {
    const { cluster, framework, agent } = started({}, { role: "eng" });
    framework.launch(framework.offers, [task(agent.id, "t1", "cpus:4;mem:10")]);
    expect(cluster.operate(quota(["eng", undefined, 3])).status).toBe(400);
    expect(cluster.operate(quota(["lab", 99, 99])).status).toBe(400);
    const forced = quota(["eng", undefined, 3]);
    if (forced.type === "UPDATE_QUOTA") forced.update_quota.force = true;
    expect(cluster.operate(forced).status).toBe(200);
  });

  test("counts no offers as consumed", () => {
    const { cluster } = started({}, { role: "eng" });
    expect(cluster.core.state.offers.size).toBe(1);
    expect(cluster.operate(quota(["eng", undefined, 1])).status).toBe(200);
  });

  test("is 403 for who may not", () => {
    const { cluster } = started(without("update_quotas"));
    expect(cluster.operate(quota(["eng", 1, 1])).status).toBe(403);
  });

  test("calls are made one after the other, each against what the ones before changed", () => {
    const { cluster } = started();
    cluster.holdWrites = true;
    const first = cluster.operate(quota(["a", 5, 5]));
    const second = cluster.operate(quota(["b", 5, 5]));
    expect([first.status, second.status]).toEqual([0, 0]);
    cluster.write();
    expect(cluster.lastReply).toMatchObject({
      status: 400,
      message: expect.stringContaining("exceed cluster capacity"),
    });
  });

  test("SET_QUOTA and REMOVE_QUOTA do it the old way", () => {
    const { cluster } = started();
    const set: OperatorCall = {
      type: "SET_QUOTA",
      set_quota: { quota_request: { role: "eng", guarantee: json("cpus:1") } },
    };
    expect(cluster.operate(set).status).toBe(200);
    expect(cluster.core.state.quotas.get("eng")?.limits).toEqual({ cpus: 1_000 });
    expect(cluster.operate(set).status).toBe(400);
    const remove: OperatorCall = { type: "REMOVE_QUOTA", remove_quota: { role: "eng" } };
    expect(cluster.operate(remove).status).toBe(200);
    expect(cluster.core.state.quotas.size).toBe(0);
    expect(cluster.operate(remove).status).toBe(400);
  });
});

describe("UPDATE_WEIGHTS", () => {
  const weights = (weight: number): OperatorCall => ({
    type: "UPDATE_WEIGHTS",
    update_weights: { weight_infos: [{ role: "eng", weight }] },
  });

  test("is durable, and offers are made anew when the role is in use", () => {
    const { cluster, framework } = started({}, { role: "eng" });
    expect(cluster.operate(weights(2)).status).toBe(200);
    expect(cluster.core.shares()[0]?.weight).toBe(2);
    expect(cluster.registry.read("weights")).toEqual([["eng", 2]]);
    expect(framework.of("RESCIND").length).toBe(1);
    expect(cluster.operate(weights(0)).status).toBe(400);
  });

  test("is 403 for who may not", () => {
    const { cluster } = started(without("update_weights"));
    expect(cluster.operate(weights(2)).status).toBe(403);
  });
});

describe("maintenance", () => {
  const id = { hostname: "a.example", ip: "10.0.0.1" };
  const schedule = (
    machine_ids = [id],
    start = { nanoseconds: 5_000e9 },
    duration = { nanoseconds: 60e9 },
  ): OperatorCall => ({
    type: "UPDATE_MAINTENANCE_SCHEDULE",
    update_maintenance_schedule: {
      schedule: {
        windows:
          machine_ids.length > 0 ? [{ machine_ids, unavailability: { start, duration } }] : [],
      },
    },
  });
  const start: OperatorCall = {
    type: "START_MAINTENANCE",
    start_maintenance: { machines: [id] },
  };
  const stop: OperatorCall = { type: "STOP_MAINTENANCE", stop_maintenance: { machines: [id] } };

  test("a schedule stands in offers, and who uses the agent is asked to leave", () => {
    const { cluster, framework, agent } = started();
    framework.launch(framework.offers, [task(agent.id, "t1")], 0);
    cluster.settle();
    expect(cluster.operate(schedule()).status).toBe(200);
    expect(framework.of("RESCIND").length).toBe(1);
    cluster.settle();
    const unavailability = { start: { nanoseconds: 5_000e9 }, duration: { nanoseconds: 60e9 } };
    expect(framework.offers[0]).toMatchObject({ unavailability });
    expect(framework.of("INVERSE_OFFERS")).toMatchObject([
      {
        inverse_offers: {
          inverse_offers: [
            {
              agent_id: { value: agent.id },
              framework_id: { value: framework.id },
              unavailability,
            },
          ],
        },
      },
    ]);
    expect([...cluster.core.state.machines.values()]).toMatchObject([{ id, mode: "DRAINING" }]);
  });

  test("inverse offers are answered once, and asked again when the refusal is over", () => {
    const { cluster, framework, agent } = started();
    framework.launch(framework.offers, [task(agent.id, "t1")], 3600);
    cluster.operate(schedule());
    cluster.settle();
    const asked = () =>
      framework
        .of("INVERSE_OFFERS")
        .flatMap(({ inverse_offers }) => inverse_offers.inverse_offers ?? []);
    const answer = {
      type: "ACCEPT_INVERSE_OFFERS" as const,
      accept_inverse_offers: {
        inverse_offer_ids: asked().map((offer) => offer.id),
        filters: { refuse_seconds: 30 },
      },
    };
    expect(framework.call(answer).status).toBe(202);
    expect(framework.call(answer).status).toBe(202);
    cluster.advance(29_000);
    agent.say({ type: "pong", sequence: 0 });
    expect(asked().length).toBe(1);
    cluster.advance(3_000);
    expect(asked().length).toBe(2);
    expect(cluster.core.state.inverseOffers.size).toBe(1);
  });

  test("a schedule that changes takes inverse offers back", () => {
    const { cluster, framework, agent } = started();
    framework.launch(framework.offers, [task(agent.id, "t1")], 3600);
    cluster.operate(schedule());
    cluster.settle();
    expect(cluster.operate(schedule([])).status).toBe(200);
    expect(framework.of("RESCIND_INVERSE_OFFER").length).toBe(1);
    expect(cluster.core.state.machines.size).toBe(0);
  });

  test("a machine that goes down loses its agents, and takes none before it is up", () => {
    const { cluster, framework, agent } = started();
    framework.launch(framework.offers, [task(agent.id, "t1")], 3600);
    expect(cluster.operate(start).status).toBe(400);
    cluster.operate(schedule());
    expect(cluster.operate(start).status).toBe(200);
    expect(agent.of("shutdown").length).toBe(1);
    expect(framework.statesOf("t1")).toEqual(["TASK_GONE"]);
    expect(cluster.core.state.agents.size).toBe(0);
    expect(cluster.agent().of("refused")).toMatchObject([
      { reason: "retry", message: "Machine is `DOWN`" },
    ]);
    expect(cluster.operate(schedule([])).status).toBe(400);
    const next = cluster.failover();
    expect(next.agent().of("refused").length).toBe(1);
    expect(next.operate(stop).status).toBe(200);
    expect(next.operate(stop).status).toBe(400);
    expect(next.agent().of("registered").length).toBe(1);
  });

  test("a machine may be named by host or address alone", () => {
    const { cluster, framework } = started();
    cluster.operate(schedule([{ hostname: "A.example", ip: "" }]));
    cluster.settle();
    expect(framework.offers[0]?.unavailability).toBeDefined();
    cluster.operate(schedule([{ hostname: "", ip: "10.0.0.1" }]));
    cluster.settle();
    expect(framework.offers[0]?.unavailability).toBeDefined();
  });

  test.each([
    ["update_maintenance_schedules", schedule()],
    ["start_maintenances", start],
    ["stop_maintenances", stop],
  ])("%s is 403 for who may not", (action, call) => {
    expect(started(without(action)).cluster.operate(call).status).toBe(403);
  });
});

describe("DRAIN_AGENT", () => {
  const drain = (value: string, more = {}): OperatorCall => ({
    type: "DRAIN_AGENT",
    drain_agent: { agent_id: { value }, ...more },
  });
  const reactivate = (value: string): OperatorCall => ({
    type: "REACTIVATE_AGENT",
    reactivate_agent: { agent_id: { value } },
  });

  test("takes the agent out of offers and is over when the last task is", () => {
    const { cluster, framework, agent } = started();
    framework.launch(framework.offers, [task(agent.id, "t1")], 0);
    cluster.settle();
    const answer = cluster.operate(drain(agent.id, { max_grace_period: { seconds: 2, nanos: 5 } }));
    expect(answer.status).toBe(200);
    expect(framework.of("RESCIND").length).toBe(1);
    expect(agent.of("drain")).toEqual([{ type: "drain", max_grace_period_ns: 2_000_000_005 }]);
    cluster.settle();
    expect(framework.offers).toEqual([]);
    const standing = () => cluster.core.state.agents.get(agent.id)?.record.standing;
    expect(standing()).toMatchObject({ deactivated: true, drain: { state: "DRAINING" } });
    expect(cluster.operate(reactivate(agent.id)).status).toBe(400);
    agent.update(framework, "t1", "TASK_KILLED");
    expect(standing()?.drain?.state).toBe("DRAINING");
    framework.acknowledgeAll();
    expect(standing()?.drain?.state).toBe("DRAINED");
    expect(cluster.registry.read(`agents/${agent.id}`)).toMatchObject({
      standing: { drain: { state: "DRAINED" } },
    });
    expect(cluster.operate(reactivate(agent.id)).status).toBe(200);
    expect(agent.of("undrain").length).toBe(1);
    cluster.settle();
    expect(framework.offers.length).toBe(1);
  });

  test("of an idle agent is over at once; with mark_gone it goes", () => {
    const { cluster, agent } = started();
    cluster.operate(drain(agent.id));
    expect(cluster.core.state.agents.get(agent.id)?.record.standing.drain?.state).toBe("DRAINED");
    const other = cluster.agent({ hostname: "b" });
    cluster.operate(drain(other.id, { mark_gone: true }));
    expect(cluster.core.state.goneAgents.has(other.id)).toBe(true);
    expect(other.of("shutdown").length).toBe(1);
  });

  test("is remembered over a failover, and told to the agent again", () => {
    const { cluster, framework, agent } = started();
    framework.launch(framework.offers, [task(agent.id, "t1")], 0);
    cluster.operate(drain(agent.id, { mark_gone: true }));
    const { info } = cluster.core.state.frameworks.get(framework.id)!.record;
    const next = cluster.failover();
    const again = next.stranger();
    again.id = agent.id;
    const { command: _, ...facts } = task(agent.id, "t1");
    const running = {
      ...facts,
      framework_id: { value: framework.id },
      state: "TASK_RUNNING" as const,
    };
    again.reregister({ frameworks: [info], tasks: [running] });
    expect(again.of("registered")).toMatchObject([{ drain: { mark_gone: true } }]);
    const back = next.subscribe({ id: { value: framework.id } });
    next.settle();
    expect(back.offers).toEqual([]);
    again.update(back, "t1", "TASK_KILLED");
    back.acknowledgeAll();
    expect(next.core.state.goneAgents.has(agent.id)).toBe(true);
  });

  test("of agents that are away holds when they come back", () => {
    const { cluster, agent } = started();
    agent.close();
    cluster.advance(80_000);
    expect(cluster.core.state.unreachableAgents.size).toBe(1);
    expect(cluster.operate(drain(agent.id)).status).toBe(200);
    expect(cluster.registry.read(`unreachable/${agent.id}`)).toMatchObject({
      standing: { deactivated: true },
    });
    agent.reregister();
    expect(agent.of("registered").at(-1)).toMatchObject({ drain: {} });
    expect(cluster.core.state.agents.get(agent.id)?.record.standing.drain?.state).toBe("DRAINED");
  });

  test("is refused for strangers, for machines in maintenance, and to who may not", () => {
    const { cluster, agent } = started();
    expect(cluster.operate(drain("x"))).toMatchObject({ status: 400, message: "Unknown agent" });
    const unavailability = { start: { nanoseconds: 1 } };
    const windows = [{ machine_ids: [{ hostname: "a.example" }], unavailability }];
    cluster.operate({
      type: "UPDATE_MAINTENANCE_SCHEDULE",
      update_maintenance_schedule: { schedule: { windows } },
    });
    expect(cluster.operate(drain(agent.id)).status).toBe(400);
    expect(started(without("drain_agents")).cluster.operate(drain("m1-S0")).status).toBe(403);
    const careful = started(without("mark_agents_gone")).cluster;
    expect(careful.operate(drain("m1-S0", { mark_gone: true })).status).toBe(403);
  });
});

describe("DEACTIVATE_AGENT and REACTIVATE_AGENT", () => {
  test("take an agent out of offers and back", () => {
    const { cluster, framework, agent } = started();
    const agent_id = { value: agent.id };
    const off: OperatorCall = { type: "DEACTIVATE_AGENT", deactivate_agent: { agent_id } };
    const on: OperatorCall = { type: "REACTIVATE_AGENT", reactivate_agent: { agent_id } };
    expect(cluster.operate(on)).toMatchObject({ status: 400, message: "Agent is not deactivated" });
    expect(cluster.operate(off).status).toBe(200);
    expect(framework.of("RESCIND").length).toBe(1);
    agent.close();
    agent.reregister();
    cluster.settle();
    expect(framework.offers).toEqual([]);
    expect(cluster.operate(on).status).toBe(200);
    cluster.settle();
    expect(framework.offers.length).toBe(1);
  });
});

describe("operators' resources", () => {
  const agent_id = { value: "m1-S0" };
  const reserve = (resources: string): OperatorCall => ({
    type: "RESERVE_RESOURCES",
    reserve_resources: { agent_id, resources: json(resources) },
  });

  test("reserve and unreserve what is free, taking offers back for it", () => {
    const { cluster, framework, agent } = started({}, { role: "eng" });
    expect(cluster.operate(reserve("cpus(eng, ops):2"), "ops").status).toBe(202);
    expect(framework.of("RESCIND").length).toBe(1);
    expect(agent.of("operation")).toMatchObject([
      { feedback: false, operation: { type: "RESERVE" } },
    ]);
    cluster.settle();
    expect(framework.offers[0]?.resources?.filter(({ reservations }) => reservations)).toHaveLength(
      1,
    );
    const undo: OperatorCall = {
      type: "UNRESERVE_RESOURCES",
      unreserve_resources: { agent_id, resources: json("cpus(eng, ops):2") },
    };
    expect(cluster.operate(undo, "ops").status).toBe(202);
    expect(cluster.core.state.agents.get("m1-S0")?.record.resources.reservedTo().isEmpty).toBe(
      true,
    );
  });

  test("take no more offers back than they need", () => {
    const { cluster, framework, agent } = started();
    framework.launch(framework.offers, [task(agent.id, "t1", "cpus:4;mem:4000")], 0);
    cluster.settle();
    agent.update(framework, "t1", "TASK_FINISHED");
    cluster.settle();
    expect(framework.offers.length).toBe(2);
    expect(cluster.operate(reserve("cpus(eng, ops):3"), "ops").status).toBe(202);
    expect(framework.of("RESCIND").length).toBe(1);
  });

  test("are 409 when tasks use them", () => {
    const { cluster, framework, agent } = started();
    framework.launch(framework.offers, [task(agent.id, "t1", "cpus:7;mem:10")], 0);
    cluster.settle();
    expect(cluster.operate(reserve("cpus(eng, ops):2"), "ops").status).toBe(409);
    expect(cluster.core.state.agents.get("m1-S0")?.record.resources.reservedTo().isEmpty).toBe(
      true,
    );
    expect(agent.of("operation")).toEqual([]);
  });

  test("create, grow, shrink and destroy volumes", () => {
    const { cluster, agent } = started();
    const volume = (mb: number) =>
      json(
        `disk(eng, ops):${mb} {"disk":{"persistence":{"id":"v","principal":"ops"},"volume":{"mode":"RW","container_path":"d"}}}`,
      );
    const calls: OperatorCall[] = [
      reserve("disk(eng, ops):100"),
      { type: "CREATE_VOLUMES", create_volumes: { agent_id, volumes: volume(50) } },
      {
        type: "GROW_VOLUME",
        grow_volume: {
          agent_id,
          volume: volume(50)[0]!,
          addition: json("disk(eng, ops):20")[0]!,
        },
      },
      {
        type: "SHRINK_VOLUME",
        shrink_volume: { agent_id, volume: volume(70)[0]!, subtract: { value: 30 } },
      },
      { type: "DESTROY_VOLUMES", destroy_volumes: { agent_id, volumes: volume(40) } },
    ];
    expect(calls.map((call) => cluster.operate(call, "ops").status)).toEqual(calls.map(() => 202));
    expect(agent.of("operation").map(({ operation }) => operation.type)).toEqual([
      "RESERVE",
      "CREATE",
      "GROW_VOLUME",
      "SHRINK_VOLUME",
      "DESTROY",
    ]);
    const { resources } = cluster.core.state.agents.get("m1-S0")!.record;
    expect(String(resources.reservedTo("eng"))).toBe("disk(eng, ops):100");
  });

  test("are 400 for strangers and nonsense, 403 for who may not, 409 while the agent is away", () => {
    const { cluster, agent } = started();
    const elsewhere: OperatorCall = {
      type: "RESERVE_RESOURCES",
      reserve_resources: { agent_id: { value: "x" }, resources: json("cpus(eng, ops):1") },
    };
    expect(cluster.operate(elsewhere, "ops").status).toBe(400);
    expect(cluster.operate(reserve("cpus:1"), "ops").status).toBe(400);
    const strict = started(without("reserve_resources")).cluster;
    expect(strict.operate(reserve("cpus(eng, ops):1"), "ops").status).toBe(403);
    agent.close();
    expect(cluster.operate(reserve("cpus(eng, ops):1"), "ops").status).toBe(409);
  });
});
