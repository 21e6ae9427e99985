/** What clients of Mesos force on a server, by a double of the most careless of them. */
import { expect, test } from "vitest";
import type { Offer, TaskStatus } from "../../src/model/mod.ts";
import { overSockets, type Reached, ScriptedAgent } from "../master/shell/support.ts";
import { LenientClient, postInChunks } from "./support/lenient_client.ts";

const INFO = { user: "root", name: "lenient", role: "web" };

function portOf({ master }: Reached): number {
  return master.role.status === "leading" ? (master.role.leader.port ?? 0) : 0;
}

async function leading(core: object = {}): Promise<Reached> {
  const reached = await overSockets({ core });
  await reached.master.leads();
  return reached;
}

async function offerOf(client: LenientClient): Promise<Offer> {
  const { event } = await client.next("OFFERS");
  const [offer] = event.type === "OFFERS" ? (event.offers.offers ?? []) : [];
  if (offer === undefined) throw new Error("There is no offer");
  return offer;
}

async function statusOf(client: LenientClient): Promise<TaskStatus> {
  const { event } = await client.next("UPDATE");
  if (event.type !== "UPDATE") throw new Error("It is no update");
  return event.update.status;
}

/** As clients do it: of each name all entries, whatever else they say. */
function sum(offer: Offer, name: string): number {
  return (offer.resources ?? [])
    .filter((each) => each.name === name)
    .reduce((total, { scalar }) => total + (scalar?.value ?? 0), 0);
}

function scalar(name: string, value: number): object {
  return {
    provider_id: null,
    name,
    type: "SCALAR",
    scalar: { value },
    ranges: null,
    set: null,
    role: null,
    allocation_info: null,
    reservation: null,
    reservations: null,
    disk: null,
    revocable: null,
    shared: null,
  };
}

function taskOf({ agent_id }: Offer, id: string, resources: readonly object[]): object {
  return {
    name: id,
    task_id: { value: id },
    agent_id,
    resources,
    limits: null,
    executor: null,
    command: {
      container: null,
      uris: null,
      environment: { variables: null },
      shell: true,
      value: "sleep 60",
      arguments: null,
      user: null,
    },
    container: null,
    health_check: null,
    check: null,
    kill_policy: null,
    data: null,
    labels: null,
    discovery: null,
    max_completion_time: null,
  };
}

function accept({ id }: Offer, ...task_infos: readonly object[]): object {
  return {
    offer_ids: [id],
    operations: [
      {
        id: null,
        type: "LAUNCH",
        launch: { task_infos },
        launch_group: null,
        reserve: null,
        unreserve: null,
        create: null,
        destroy: null,
      },
    ],
    filters: null,
  };
}

test("a framework full of nulls, without roles and Accept, runs tasks from launch to teardown", async () => {
  await using reached = await leading();
  const resources = "cpus:2;cpus(web):2;mem:512;mem(web):512;ports:[31000-31009]";
  const agent = await ScriptedAgent.register(reached, { resources });
  const client = await LenientClient.subscribe(portOf(reached), INFO);
  expect(client.head).toMatch(/^HTTP\/1\.1 200 /);
  expect(client.head).toMatch(/\r\ncontent-type: application\/json/i);
  expect(client.stream).not.toBe("");
  expect(client.id).toMatch(/-0000$/);

  const offer = await offerOf(client);
  expect(offer.url?.address.ip).toBeTypeOf("string");
  expect([sum(offer, "cpus"), sum(offer, "mem")]).toEqual([4, 1024]);
  // No role: unreserved; two entries of one name are one amount.
  const one = taskOf(offer, "one", [scalar("cpus", 0.5), scalar("cpus", 0.5), scalar("mem", 64)]);
  const two = taskOf(offer, "two", [scalar("cpus", 1), scalar("mem", 64)]);
  expect(await client.call("ACCEPT", accept(offer, one, two))).toEqual({ status: 202, body: "" });
  const running = [await statusOf(client), await statusOf(client)];
  expect(running.map(({ task_id, state }) => [task_id.value, state])).toEqual([
    ["one", "TASK_RUNNING"],
    ["two", "TASK_RUNNING"],
  ]);
  for (const { agent_id, task_id, uuid } of running) {
    expect(uuid).toMatch(/^[A-Za-z0-9+/]{22}==$/);
    const answer = await client.call("ACKNOWLEDGE", { agent_id, task_id, uuid });
    expect(answer).toEqual({ status: 202, body: "" });
  }
  expect(await client.call("RECONCILE", { tasks: null })).toEqual({ status: 202, body: "" });
  const reconciled = [await statusOf(client), await statusOf(client)];
  for (const status of reconciled) {
    expect(status).toMatchObject({ state: "TASK_RUNNING", reason: "REASON_RECONCILIATION" });
    expect(status).not.toHaveProperty("uuid");
  }
  const kill = { task_id: { value: "one" }, agent_id: null, kill_policy: null };
  expect((await client.call("KILL", kill)).status).toBe(202);
  expect(await statusOf(client)).toMatchObject({ state: "TASK_KILLED" });
  expect((await client.call("REVIVE")).status).toBe(202);
  const next = await offerOf(client);
  const declined = await client.call("DECLINE", { offer_ids: [next.id], filters: null });
  expect(declined.status).toBe(202);
  expect((await client.call("SUPPRESS", { roles: null })).status).toBe(202);
  expect((await client.call("TEARDOWN")).status).toBe(202);
  await client.end();
  expect(await agent.next("shutdown_framework")).toMatchObject({ framework_id: client.id });
});

test("a task whose resources name no role may use what is reserved only when it says so", async () => {
  await using reached = await leading();
  await ScriptedAgent.register(reached, { resources: "cpus:1;cpus(web):2;mem:512" });
  const client = await LenientClient.subscribe(portOf(reached), INFO);
  const offer = await offerOf(client);
  const greedy = taskOf(offer, "greedy", [scalar("cpus", 2), scalar("mem", 64)]);
  const modest = taskOf(offer, "modest", [scalar("cpus", 1), scalar("mem", 64)]);
  expect((await client.call("ACCEPT", accept(offer, greedy, modest))).status).toBe(202);
  const states = new Map(
    [await statusOf(client), await statusOf(client)].map((status) => [
      status.task_id.value,
      status.state,
    ]),
  );
  expect(states).toEqual(
    new Map([
      ["greedy", "TASK_ERROR"],
      ["modest", "TASK_RUNNING"],
    ]),
  );
  client.close();
});

test("Accept may be a list with duplicates; every record leaves in a chunk of its own", async () => {
  await using reached = await leading({ heartbeatMs: 100 });
  const accepts = "Accept: application/json, application/json, text/plain;q=0.5, */*;q=0.1\r\n";
  const client = await LenientClient.subscribe(portOf(reached), INFO, accepts);
  // Three agents in one turn are several events in one turn.
  await Promise.all([1, 2, 3].map(() => ScriptedAgent.register(reached)));
  await offerOf(client);
  for (let beats = 0; beats < 3; beats += 1) {
    const { chunk } = await client.next("HEARTBEAT");
    expect(chunk).toBe('20\n{"type":"HEARTBEAT"}');
  }
  client.close();
});

test("heartbeats come soon enough for a socket timeout of 10 s", async () => {
  await using reached = await leading();
  const client = await LenientClient.subscribe(portOf(reached), INFO);
  client.close();
  const again = await LenientClient.subscribe(portOf(reached), { ...INFO, name: "again" });
  const { event } = await again.next("HEARTBEAT");
  expect(event.type).toBe("HEARTBEAT");
  again.close();
});

test("the operator API takes query parameters, nulls and bodies in chunks", async () => {
  await using reached = await leading();
  const port = portOf(reached);
  const call = { type: "GET_STATE", get_metrics: null, list_files: null };
  const state = await postInChunks(port, "/api/v1?_ts=1700000000000", call);
  expect(state.status).toBe(200);
  expect(JSON.parse(state.body)).toMatchObject({ type: "GET_STATE", get_state: {} });
  const metrics = { type: "GET_METRICS", get_metrics: { timeout: null } };
  expect((await postInChunks(port, "/api/v1/?_ts=1&_ts=2", metrics)).status).toBe(200);
});
