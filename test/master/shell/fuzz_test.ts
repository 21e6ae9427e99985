import { configure, reset } from "@logtape/logtape";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { VirtualClock } from "../../../src/base/mod.ts";
import { MemoryTree } from "../../../src/coordination/mod.ts";
import { createMaster, socketPair } from "../../../src/master/mod.ts";
import { TASK_STATES } from "../../../src/model/mod.ts";
import { Resources } from "../../../src/resources/mod.ts";
import { INFO, ScriptedAgent } from "./support.ts";

/** Names that meet those of others now and then. */
const name = fc.oneof(
  { arbitrary: fc.constantFrom("a", "b"), weight: 8 },
  fc.constantFrom("", "/", "..", "x".repeat(300), "\u0000", "é", "__proto__", "m-S0"),
);
const id = fc.record({ value: name });
const number = fc.oneof(
  fc.constantFrom(0, 1, -1, 0.5, 1e-9, 1e15, 1e300, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY),
  fc.double(),
);
const range = fc.record({ begin: fc.integer({ min: -1, max: 70_000 }), end: fc.integer() });
const resource = fc.record(
  {
    name: fc.constantFrom("cpus", "mem", "ports", "disk", "gpus", "", "tea"),
    type: fc.constantFrom("SCALAR", "RANGES", "SET"),
    scalar: fc.record({ value: number }),
    ranges: fc.record({ range: fc.array(range, { maxLength: 3 }) }),
    set: fc.record({ item: fc.array(name, { maxLength: 3 }) }),
    role: name,
    reservations: fc.array(
      fc.record({ type: fc.constantFrom("STATIC", "DYNAMIC"), role: name, principal: name }),
      { maxLength: 3 },
    ),
    allocation_info: fc.record({ role: name }),
    disk: fc.record({ persistence: fc.record({ id: name }), volume: fc.record({ mode: name }) }),
    shared: fc.constant({}),
    revocable: fc.constant({}),
    provider_id: id,
  },
  { requiredKeys: ["name", "type"] },
);
const sound = ["cpus:1;mem:32", "cpus:8;ports:[1-9]", "cpus(web):1;disk:100"].map((text) =>
  Resources.parse(text).toJson(),
);
const sounds = fc.constantFrom(...sound);
const resources = fc.oneof({ arbitrary: sounds, weight: 3 }, fc.array(resource, { maxLength: 4 }));
const uuid = fc
  .uint8Array({ minLength: 16, maxLength: 16 })
  .map((bytes) => btoa(String.fromCharCode(...bytes)));
const status = fc.record(
  {
    task_id: id,
    state: fc.constantFrom(...TASK_STATES),
    uuid,
    agent_id: id,
    executor_id: id,
    timestamp: number,
    reason: name,
    message: name,
  },
  { requiredKeys: ["task_id", "state"] },
);
const operationStatus = fc.record(
  {
    state: fc.constantFrom("OPERATION_FINISHED", "OPERATION_PENDING", "OPERATION_DROPPED"),
    operation_id: id,
    uuid: fc.record({ value: uuid }),
    converted_resources: resources,
    agent_id: id,
  },
  { requiredKeys: ["state"] },
);
const operation = fc.record(
  {
    type: fc.constantFrom("RESERVE", "CREATE", "UNKNOWN", "LAUNCH", "GROW_VOLUME"),
    reserve: fc.record({ resources, source: resources }),
    create: fc.record({ volumes: resources }),
  },
  { requiredKeys: ["type"] },
);
const task = fc.record(
  {
    name,
    task_id: id,
    framework_id: id,
    agent_id: id,
    executor_id: id,
    state: fc.constantFrom(...TASK_STATES),
    resources,
    statuses: fc.array(status, { maxLength: 2 }),
    status_update_state: fc.constantFrom(...TASK_STATES),
    status_update_uuid: uuid,
  },
  { requiredKeys: ["name", "task_id", "framework_id", "agent_id", "state"] },
);
const executor = fc.record(
  { executor_id: id, type: fc.constantFrom("DEFAULT", "CUSTOM"), resources },
  { requiredKeys: ["executor_id"] },
);
const framework = fc.record(
  {
    user: name,
    name,
    id,
    roles: fc.array(name, { maxLength: 3 }),
    role: name,
    failover_timeout: number,
    capabilities: fc.array(fc.record({ type: name }), { maxLength: 2 }),
  },
  { requiredKeys: ["user", "name"] },
);
const agentInfo = fc.record(
  {
    hostname: name,
    port: fc.integer({ min: 0, max: 65_535 }),
    id,
    resources,
    attributes: fc.array(
      fc.record({ name, type: fc.constant("TEXT"), text: fc.record({ value: name }) }),
      { maxLength: 2 },
    ),
    domain: fc.record({
      fault_domain: fc.record({ region: fc.record({ name }), zone: fc.record({ name }) }),
    }),
  },
  { requiredKeys: ["hostname"] },
);
const registration = {
  link_version: fc.constant(1),
  version: name,
  capabilities: fc.array(name, { maxLength: 2 }),
  agent_info: agentInfo,
};
const reregistration = fc.record({
  type: fc.constant("reregister"),
  ...registration,
  tasks: fc.array(task, { maxLength: 4 }),
  executors: fc.array(fc.record({ framework_id: name, executor_info: executor }), { maxLength: 3 }),
  frameworks: fc.array(framework, { maxLength: 3 }),
  operations: fc.array(
    fc.record(
      { framework_id: name, uuid: name, operation, latest_status: operationStatus },
      { requiredKeys: ["uuid", "operation", "latest_status"] },
    ),
    { maxLength: 2 },
  ),
});
const frameworks = ["a", "b", "c"].map((value) => ({ user: "u", name: "n", id: { value } }));
/** Mostly right: what belongs together does. */
const plausible = fc
  .tuple(reregistration, fc.constantFrom("a", "b"), sounds)
  .map(([message, value, list]) => ({
    ...message,
    frameworks,
    agent_info: { ...message.agent_info, id: { value }, resources: list },
    executors: message.executors.slice(0, 1).map((each) => ({
      framework_id: "a",
      executor_info: {
        ...each.executor_info,
        executor_id: { value: "e" },
        type: "CUSTOM",
        command: { value: "true" },
      },
    })),
    tasks: message.tasks.map((each, index) => ({
      ...each,
      agent_id: { value },
      framework_id: { value: ["a", "b", "c"][index % 3] },
      resources: index === 0 ? each.resources : list,
    })),
  }));
const greeting = fc.oneof(
  fc.record({ type: fc.constant("register"), ...registration }),
  reregistration,
  { arbitrary: plausible, weight: 4 },
);
const message = fc.oneof(
  greeting,
  fc.record({ type: fc.constant("pong"), sequence: fc.maxSafeInteger() }),
  fc.record(
    {
      type: fc.constant("update"),
      framework_id: name,
      status,
      latest_state: fc.constantFrom(...TASK_STATES),
    },
    { requiredKeys: ["type", "framework_id", "status"] },
  ),
  fc.record(
    { type: fc.constant("operation_update"), uuid: name, status: operationStatus, resources },
    { requiredKeys: ["type", "uuid", "status"] },
  ),
  fc.record({ type: fc.constant("message"), framework_id: name, executor_id: name, data: uuid }),
  fc.record({
    type: fc.constant("executor_exited"),
    framework_id: name,
    executor_id: name,
    status: fc.maxSafeInteger(),
  }),
  fc.record({ type: fc.constant("resources"), resources }),
  fc.record(
    { type: fc.constant("answer"), id: fc.nat(5), body: fc.jsonValue() },
    { requiredKeys: ["type", "id"] },
  ),
  fc.constantFrom({ type: "drained" }, { type: "unregister" }),
);

/** A master with two frameworks; `failures` is what ended terms. */
async function started(clock: VirtualClock) {
  const store = new MemoryTree({ clock }).connect();
  const master = createMaster({ store, info: INFO, clock });
  await master.leads();
  for (const value of ["a", "b"]) {
    const framework_info = { user: "u", name: "n", id: { value } };
    const body = JSON.stringify({ type: "SUBSCRIBE", subscribe: { framework_info } });
    const headers = { "content-type": "application/json" };
    await master.handler(
      new Request("http://m/api/v1/scheduler", { method: "POST", headers, body }),
    );
  }
  return master;
}

const failures: unknown[] = [];
const heard = new Map<string, number>();

beforeAll(() =>
  configure({
    sinks: {
      failures: ({ level, message, properties }) =>
        level === "error" && failures.push({ message, ...properties }),
    },
    loggers: [
      { category: ["fairlead", "master"], sinks: ["failures"] },
      { category: ["logtape", "meta"], lowestLevel: "error" },
    ],
  }),
);
afterAll(() => reset());

test("whatever agents say, the term goes on", async () => {
  const pauseMs = fc.constantFrom(1, 1, 20_000, 80_000, 700_000);
  const links = fc.array(fc.tuple(greeting, fc.array(message, { maxLength: 6 }), pauseMs), {
    minLength: 1,
    maxLength: 12,
  });
  await fc.assert(
    fc.asyncProperty(links, async (all) => {
      const clock = new VirtualClock();
      await using master = await started(clock);
      for (const [first, rest, ms] of all) {
        const [ours, theirs] = socketPair();
        master.acceptLink(theirs, { address: "10.0.0.1" });
        const agent = new ScriptedAgent(ours);
        for (const each of [first, ...rest]) {
          agent.say(each as never);
          await clock.advance(1);
        }
        await clock.advance(ms);
      }
      expect(failures.splice(0)).toEqual([]);
      for (const [name, value] of Object.entries(master.metrics.snapshot())) {
        heard.set(name, (heard.get(name) ?? 0) + value);
      }
    }),
    { numRuns: 100 },
  );
  // Not all that was said was refused.
  for (const name of ["slave_registrations", "slave_reregistrations", "messages_status_update"]) {
    expect(heard.get(`master/${name}`), name).toBeGreaterThan(20);
  }
});
