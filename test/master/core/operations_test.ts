import { describe, expect, test } from "vitest";
import type { OperationStatus, ResourceJson } from "../../../src/model/mod.ts";
import { Resources } from "../../../src/resources/mod.ts";
import { type Call, Cluster } from "./cluster.ts";

const json = (text: string) => Resources.parse(text).toJson() as ResourceJson[];
const UUID = "AAAAAAAAAAAAAAAAAAAAAA==";

/** A framework that reserved with feedback, and the operation's name between master and agent. */
function reserved() {
  const cluster = new Cluster();
  const agent = cluster.agent();
  const framework = cluster.subscribe({ role: "eng" });
  cluster.settle();
  const reserve = { resources: json("cpus(eng,):2") };
  framework.accept(framework.offers, [{ type: "RESERVE", id: { value: "op1" }, reserve }], 0);
  const { uuid } = agent.of("operation")[0]!;
  const say = (state: OperationStatus["state"], more: { uuid?: string; resources?: string } = {}) =>
    agent.say({
      type: "operation_update",
      framework_id: framework.id,
      uuid,
      status: { state, ...(more.uuid && { uuid: { value: more.uuid } }) },
      ...(more.resources && { resources: json(more.resources) }),
    });
  const told = () =>
    framework
      .of("UPDATE_OPERATION_STATUS")
      .map(({ update_operation_status }) => update_operation_status.status);
  const operations = () => cluster.core.state.operations.size;
  return { cluster, agent, framework, uuid, say, told, operations };
}

const acknowledge = (uuid: string): Call => ({
  type: "ACKNOWLEDGE_OPERATION_STATUS",
  acknowledge_operation_status: { uuid, operation_id: { value: "op1" } },
});
const reconcile = (...operations: [id: string, agentId?: string][]): Call => ({
  type: "RECONCILE_OPERATIONS",
  reconcile_operations: {
    operations: operations.map(([id, agentId]) => ({
      operation_id: { value: id },
      ...(agentId && { agent_id: { value: agentId } }),
    })),
  },
});

describe("an operation with an id", () => {
  test("is told of until it is acknowledged, and kept as long", () => {
    const { agent, framework, uuid, say, told, operations } = reserved();
    expect(agent.of("operation")[0]).toMatchObject({ feedback: true, framework_id: framework.id });
    expect(operations()).toBe(1);
    say("OPERATION_FINISHED", { uuid: UUID });
    say("OPERATION_FINISHED", { uuid: UUID });
    expect(told()).toMatchObject([
      {
        operation_id: { value: "op1" },
        state: "OPERATION_FINISHED",
        agent_id: { value: agent.id },
      },
      { uuid: { value: UUID } },
    ]);
    expect(framework.call(acknowledge(UUID)).status).toBe(202);
    expect(agent.of("operation_ack")).toEqual([{ type: "operation_ack", uuid, status_uuid: UUID }]);
    expect(operations()).toBe(0);
    expect(framework.call(acknowledge(UUID)).status).toBe(202);
  });

  test("is over with a terminal status that wants no acknowledgement", () => {
    const { say, told, operations } = reserved();
    say("OPERATION_FAILED");
    expect(told()).toMatchObject([{ state: "OPERATION_FAILED" }]);
    expect(operations()).toBe(0);
  });

  test("that failed leaves the agent with what it says it has", () => {
    const { cluster, agent, say } = reserved();
    say("OPERATION_FAILED", { resources: "cpus:8;mem:8000" });
    const { resources } = cluster.core.state.agents.get(agent.id)!.record;
    expect(String(resources)).toBe("cpus:8; mem:8000");
  });

  test("whose framework is gone is acknowledged by the master", () => {
    const { agent, framework, uuid, say, operations } = reserved();
    framework.call({ type: "TEARDOWN" });
    expect(operations()).toBe(0);
    say("OPERATION_FINISHED", { uuid: UUID });
    expect(agent.of("operation_ack")).toEqual([{ type: "operation_ack", uuid, status_uuid: UUID }]);
  });

  test("that the agent never got is dropped when it comes back", () => {
    const { agent, told, operations } = reserved();
    agent.close();
    agent.reregister();
    expect(told()).toMatchObject([{ state: "OPERATION_DROPPED" }]);
    expect(operations()).toBe(0);
  });

  test("goes with its agent: OPERATION_UNREACHABLE", () => {
    const { cluster, agent, told, operations } = reserved();
    agent.close();
    cluster.advance(80_000);
    expect(told()).toMatchObject([{ state: "OPERATION_UNREACHABLE" }]);
    expect(operations()).toBe(0);
  });

  test("keeps a draining agent from being drained", () => {
    const { cluster, agent, framework, say } = reserved();
    cluster.operate({ type: "DRAIN_AGENT", drain_agent: { agent_id: { value: agent.id } } });
    const state = () => cluster.core.state.agents.get(agent.id)?.record.standing.drain?.state;
    say("OPERATION_FINISHED", { uuid: UUID });
    expect(state()).toBe("DRAINING");
    framework.call(acknowledge(UUID));
    expect(state()).toBe("DRAINED");
  });

  test("is known to a new master from its agent", () => {
    const { cluster, agent, framework, uuid } = reserved();
    const { info } = cluster.core.state.frameworks.get(framework.id)!.record;
    const { operation } = agent.of("operation")[0]!;
    const next = cluster.failover();
    const again = next.stranger();
    again.id = agent.id;
    const latest_status = {
      state: "OPERATION_FINISHED" as const,
      operation_id: { value: "op1" },
      uuid: { value: UUID },
    };
    again.reregister({
      frameworks: [info],
      operations: [{ framework_id: framework.id, uuid, operation, latest_status }],
    });
    expect(next.core.state.operations.size).toBe(1);
    const back = next.subscribe({ id: { value: framework.id }, role: "eng" });
    again.say({ type: "operation_update", uuid, status: latest_status });
    back.call(acknowledge(UUID));
    expect(again.of("operation_ack").length).toBe(1);
    expect(next.core.state.operations.size).toBe(0);
  });
});

describe("RECONCILE_OPERATIONS", () => {
  test("without operations tells all that are known, without uuids", () => {
    const { framework, say, told } = reserved();
    framework.call(reconcile());
    expect(told()).toMatchObject([{ state: "OPERATION_PENDING", operation_id: { value: "op1" } }]);
    say("OPERATION_FINISHED", { uuid: UUID });
    framework.call(reconcile());
    expect(told().at(-1)).toMatchObject({ state: "OPERATION_FINISHED" });
    expect(told().at(-1)?.uuid).toBeUndefined();
  });

  test("of unknown ones tells what can be said", () => {
    const { cluster, agent, framework, told } = reserved();
    const lost = cluster.agent({ hostname: "b" });
    lost.close();
    cluster.advance(60_000);
    agent.say({ type: "pong", sequence: 0 });
    cluster.advance(20_000);
    const gone = cluster.agent({ hostname: "c" });
    const agent_id = { value: gone.id };
    cluster.operate({ type: "MARK_AGENT_GONE", mark_agent_gone: { agent_id } });
    framework.call(reconcile(["a", agent.id], ["b", lost.id], ["c", gone.id], ["d", "x"], ["e"]));
    expect(told().map(({ state }) => state)).toEqual([
      "OPERATION_UNKNOWN",
      "OPERATION_UNREACHABLE",
      "OPERATION_GONE_BY_OPERATOR",
      "OPERATION_UNKNOWN",
      "OPERATION_UNKNOWN",
    ]);
    const next = cluster.failover();
    const back = next.subscribe({ id: { value: framework.id }, role: "eng" });
    back.call(reconcile(["a", agent.id]));
    const [event] = back.of("UPDATE_OPERATION_STATUS");
    expect(event?.update_operation_status.status.state).toBe("OPERATION_RECOVERING");
  });
});
