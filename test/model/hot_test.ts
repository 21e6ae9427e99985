import { readSchedulerCall, readSchedulerEvent } from "fairlead/model";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hotSchedulerCall, hotSchedulerEvent } from "../../src/model/hot.ts";
import { readJson } from "../../src/model/read.ts";
import { SchedulerCall, SchedulerEvent } from "../../src/model/scheduler_api.ts";

const id = (value: string) => ({ value });
const cpus = {
  name: "cpus",
  type: "SCALAR",
  scalar: { value: 1.5 },
  role: "*",
  allocation_info: { role: "web" },
};
const ports = {
  name: "ports",
  type: "RANGES",
  ranges: { range: [{ begin: 31_000, end: 31_005 }] },
  reservations: [{ type: "DYNAMIC", role: "web", principal: "ops", labels: { labels: [] } }],
  provider_id: id("p"),
};
const disk = {
  name: "disk",
  type: "SCALAR",
  scalar: { value: 64 },
  disk: {
    persistence: { id: "v", principal: "ops" },
    source: { type: "PATH", path: { root: "/" } },
  },
  revocable: {},
  shared: {},
};
const zones = { name: "zones", type: "SET", set: { item: ["a", "b"] } };
const labels = { labels: [{ key: "k", value: "v" }, { key: "bare" }] };
const command = {
  shell: true,
  value: "sleep 1",
  user: "nobody",
  arguments: ["a", "b"],
  environment: { variables: [{ name: "A", value: "1", type: "VALUE" }] },
};
const task = {
  name: "t",
  task_id: id("t1"),
  agent_id: id("a1"),
  resources: [cpus, ports, disk],
  command,
  labels,
  data: "AAAA",
};
const rareTask = {
  ...task,
  command: { ...command, uris: [{ value: "http://a/b", extract: false }] },
  container: { type: "MESOS", mesos: { image: { type: "DOCKER", docker: { name: "i" } } } },
  executor: { type: "CUSTOM", executor_id: id("e"), command, resources: [zones] },
  health_check: { type: "HTTP", http: { port: 80, path: "/" }, interval_seconds: 1.5 },
  check: { type: "TCP", tcp: { port: 80 } },
  kill_policy: { grace_period: { nanoseconds: 5e9 } },
  discovery: { visibility: "CLUSTER", name: "d", ports: { ports: [{ number: 80 }] } },
  max_completion_time: { nanoseconds: 5e9 },
  limits: { mem: { value: "Infinity" } },
};
const framework_id = id("f1");
const CALLS = [
  {
    type: "ACKNOWLEDGE",
    framework_id,
    acknowledge: { agent_id: id("a1"), task_id: id("t1"), uuid: "AAAAAAAAAAAAAAAAAAAAAA==" },
  },
  {
    type: "DECLINE",
    framework_id,
    decline: { offer_ids: [id("o1"), id("o2")], filters: { refuse_seconds: 5.5 } },
  },
  {
    type: "ACCEPT",
    framework_id,
    accept: {
      offer_ids: [id("o1")],
      operations: [
        { type: "LAUNCH", id: id("op"), launch: { task_infos: [task, rareTask] } },
        { type: "RESERVE", reserve: { resources: [ports], source: [cpus] } },
        {
          type: "LAUNCH_GROUP",
          launch_group: { executor: { executor_id: id("e") }, task_group: {} },
        },
      ],
      filters: { refuse_seconds: 5 },
    },
  },
  { type: "TEARDOWN", framework_id },
];
const status = {
  task_id: id("t1"),
  state: "TASK_RUNNING",
  message: "m",
  source: "SOURCE_EXECUTOR",
  reason: "REASON_COMMAND_EXECUTOR_FAILED",
  data: "AAAA",
  agent_id: id("a1"),
  executor_id: id("e1"),
  timestamp: 1.5,
  uuid: "AAAAAAAAAAAAAAAAAAAAAA==",
  healthy: true,
  container_status: {
    container_id: { value: "c", parent: { value: "p" } },
    network_infos: [{ ip_addresses: [{ protocol: "IPv4", ip_address: "10.0.0.1" }], name: "n" }],
    executor_pid: 17,
  },
};
const rareStatus = {
  ...status,
  container_status: {
    network_infos: [
      { groups: ["g"], labels, port_mappings: [{ host_port: 1, container_port: 2 }] },
    ],
    cgroup_info: { net_cls: { classid: 4 } },
  },
  check_status: { type: "COMMAND", command: { exit_code: 1 } },
  labels,
  unreachable_time: { nanoseconds: 5 },
  limitation: { resources: [cpus] },
};
const offer = {
  id: id("o1"),
  framework_id,
  agent_id: id("a1"),
  hostname: "h",
  url: {
    scheme: "http",
    address: { hostname: "h", ip: "10.0.0.1", port: 5051 },
    path: "/slave(1)",
    fragment: "f",
  },
  domain: { fault_domain: { region: { name: "r" }, zone: { name: "z" } } },
  resources: [cpus, ports, disk, zones],
  attributes: [
    { name: "rack", type: "TEXT", text: { value: "r1" } },
    { name: "weight", type: "SCALAR", scalar: { value: 2 } },
    { name: "set", type: "SET", set: { item: ["a"] } },
  ],
  executor_ids: [id("e")],
  unavailability: { start: { nanoseconds: 5 } },
  allocation_info: { role: "web" },
};
const EVENTS = [
  { type: "UPDATE", update: { status } },
  { type: "UPDATE", update: { status: rareStatus } },
  { type: "OFFERS", offers: { offers: [offer, { ...offer, url: { ...offer.url, query: [] } }] } },
  { type: "HEARTBEAT" },
];

/** All places in a JSON value where something can be put in stead. */
function placesIn(value: unknown, path: readonly (string | number)[] = []): (string | number)[][] {
  if (typeof value !== "object" || value === null) return [[...path]];
  const inside = Object.entries(value).flatMap(([key, item]) =>
    placesIn(item, [...path, Array.isArray(value) ? Number(key) : key]),
  );
  return path.length === 0 ? inside : [[...path], ...inside];
}

/** A copy with one place changed. */
function put(
  value: unknown,
  [key, ...rest]: readonly (string | number)[],
  other: unknown,
): unknown {
  if (key === undefined) return other;
  if (Array.isArray(value)) {
    return value.map((item, index) => (index === key ? put(item, rest, other) : item));
  }
  return Object.fromEntries(
    Object.entries(value ?? {}).map(([name, item]) => [
      name,
      name === key ? put(item, rest, other) : item,
    ]),
  );
}

/** What does not belong: wrong types, almost right ones, `null`s, unknown fields. */
const ODD: readonly unknown[] = [
  null,
  true,
  false,
  "true",
  0,
  -0,
  -1,
  1.5,
  1e300,
  Number.POSITIVE_INFINITY,
  "1",
  "1.5",
  "Infinity",
  "",
  "AAA",
  "-_8=",
  "VALUE",
  "SECRET",
  "WHATEVER",
  "TASK_FINISHED",
  "SCALAR",
  "SET",
  [],
  [null],
  ["x"],
  [[]],
  {},
  { value: "x" },
  { value: null },
  { value: 5, extra: 1 },
  { nanoseconds: 1.5 },
  { labels: null },
  { range: [null, { begin: "1", end: 2 }] },
];

/** The outcome of a reader, errors included. */
function outcome(read: () => unknown): unknown {
  try {
    return { value: read() };
  } catch (error) {
    return { message: error instanceof Error ? error.message : error };
  }
}

describe.each([
  {
    what: "call",
    samples: CALLS,
    read: readSchedulerCall,
    hot: hotSchedulerCall,
    bySchema: (json: unknown) => readJson(SchedulerCall(), json, "a scheduler call"),
  },
  {
    what: "event",
    samples: EVENTS,
    read: readSchedulerEvent,
    hot: hotSchedulerEvent,
    bySchema: (json: unknown) => readJson(SchedulerEvent(), json, "a scheduler event"),
  },
])("a scheduler $what", ({ samples, read, hot, bySchema }) => {
  test("of the usual shape does not pass by the schema, and reads the same", () => {
    for (const sample of samples) {
      const isHot = ["ACCEPT", "ACKNOWLEDGE", "DECLINE", "UPDATE", "OFFERS"].includes(sample.type);
      expect(hot(sample) !== undefined, sample.type).toBe(isHot);
      expect(read(sample)).toStrictEqual(bySchema(sample));
      expect(read({ ...sample, extra: { a: [1] } })).toStrictEqual(bySchema(sample));
    }
  });

  test("reads the same as by the schema with anything in any one place", () => {
    for (const sample of samples) {
      for (const place of placesIn(sample)) {
        for (const odd of ODD) {
          const changed = put(sample, place, odd);
          const [got, wanted] = [outcome(() => read(changed)), outcome(() => bySchema(changed))];
          expect(got, `${place.join(".")} = ${JSON.stringify(odd)}`).toEqual(wanted);
        }
      }
    }
  });

  test("reads the same as by the schema with anything in some places", () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat({ max: ODD.length - 1 })), { maxLength: 4 });
    fc.assert(
      fc.property(fc.constantFrom(...samples), changes, fc.jsonValue(), (sample, list, any) => {
        let changed: unknown = sample;
        for (const [at, odd] of list) {
          const places = placesIn(changed);
          const place = places[at % Math.max(places.length, 1)];
          if (place !== undefined) changed = put(changed, place, at % 5 === 0 ? any : ODD[odd]);
        }
        expect(outcome(() => read(changed))).toEqual(outcome(() => bySchema(changed)));
      }),
      { numRuns: 1_000 },
    );
  });

  test("of no shape at all is refused as by the schema", () => {
    for (const odd of ODD) {
      expect(outcome(() => read(odd))).toEqual(outcome(() => bySchema(odd)));
    }
  });
});
