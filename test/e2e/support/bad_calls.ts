/** Calls as nobody should make them, from a seed. */
import { gzipSync } from "node:zlib";
import { Packr } from "msgpackr";
import type { Random } from "../../../src/base/mod.ts";
import { encodeRecord } from "../../../src/http/mod.ts";

/** One request; its body is bytes, however wrong. */
export interface BadRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer> | undefined;
}

/** Whom the calls meet. */
export interface Targets {
  /** A framework that is subscribed, and the stream of it. */
  readonly own: { readonly id: string; readonly stream: string };
  /** Another framework: its stream is not known. */
  readonly foreign: string;
  readonly agent: string;
}

interface Call {
  readonly type: string;
  readonly [part: string]: unknown;
}

const encoder = new TextEncoder();
const packr = new Packr({ useRecords: false });
const SCHEDULER = "/api/v1/scheduler";
const OPERATOR = "/api/v1";
const LONG = "x".repeat(50_000);
const UUID = btoa("0123456789abcdef");

/** Values that are wrong nearly everywhere, as JSON text. */
const WRONG: readonly ((random: Random) => string)[] = [
  () => "null",
  () => "true",
  () => "-1",
  () => "0",
  () => "1e999",
  () => "-1e308",
  () => "9007199254740993",
  () => "1e-12",
  () => '""',
  () => '"\\u0000"',
  () => '"\\ud800"',
  () => '"../../../../etc/passwd"',
  () => '"NaN"',
  () => "[]",
  () => "{}",
  () => "[null]",
  () => "[[[]]]",
  () => '{"value":null}',
  () => '{"value":{"value":1}}',
  () => '{"__proto__":{"type":"TEARDOWN"},"constructor":1}',
  () => `"${LONG}"`,
  () => `{"value":"${LONG}"}`,
  () => `[${"{},".repeat(2_000)}{}]`,
  (random) => nested(random, "[", "]"),
  (random) => nested(random, '{"a":', "}"),
];

function nested(random: Random, open: string, close: string): string {
  const depth = pick(random, [10, 300, 20_000]);
  return `${open.repeat(depth)}1${close.repeat(depth)}`;
}

const CONTENT_TYPES = [
  "",
  "text/xml",
  ";;;",
  "application/",
  "APPLICATION/JSON",
  "application/json; charset=utf-16",
  'application/json; a="',
  "multipart/form-data; boundary=x",
  "application/x-protobuf",
  "application/recordio",
  `application/${"x".repeat(4_000)}`,
];

const PATHS = [
  "//",
  "/api/v1/scheduler/",
  "/api/v1/executor",
  "/api/v1/%zz",
  "/master/../../etc/passwd",
  "/console/..%2f..%2fpackage.json",
  "/api/v1/link",
  "/metrics?format=%00",
  "/health",
  `/${"a/".repeat(2_000)}`,
];

const CONSOLE = [
  "summary",
  "tasks",
  "offers",
  "explain",
  "maintenance",
  "agents/AGENT",
  "agents/nobody/files",
  "agents/nobody/files/read",
  "tasks/OWN/t1",
  "tasks/%E0%A4%A/%00",
  "agents/..%2f..%2f",
];

const QUERY_VALUES = [
  "",
  "-1",
  "1e9",
  "NaN",
  "%00",
  "%E0%A4%A",
  "..%2f..%2fetc%2fpasswd",
  "null",
  "[object Object]",
  "x".repeat(5_000),
];

/** One bad request; the same words of chance make the same one. */
export function badRequest(random: Random, targets: Targets): BadRequest {
  const kind = random.int(100);
  if (kind < 45) return badSchedulerCall(random, targets);
  if (kind < 75) return badOperatorCall(random, targets);
  if (kind < 85) return badBatch(random, targets);
  if (kind < 95) return badConsoleCall(random, targets);
  return badPath(random);
}

function badSchedulerCall(random: Random, targets: Targets): BadRequest {
  const isOwn = random.int(2) === 0;
  const id = isOwn ? targets.own.id : pick(random, [targets.foreign, "nobody", ""]);
  const call = pick(random, schedulerCalls(id, targets.agent));
  const streams = ["", "x", targets.own.stream, targets.own.stream.toUpperCase(), "y".repeat(500)];
  const stream = isOwn ? targets.own.stream : pick(random, streams);
  const isPlain = stream === "" || (call.type === "SUBSCRIBE" && random.int(4) > 0);
  const request = badBody(random, wrongText(random, call));
  return {
    ...request,
    path: random.int(4) === 0 ? `${SCHEDULER}?_ts=${random.u32()}` : SCHEDULER,
    headers: { ...request.headers, ...(isPlain ? {} : { "mesos-stream-id": stream }) },
  };
}

function badOperatorCall(random: Random, targets: Targets): BadRequest {
  const call = pick(random, operatorCalls(targets));
  return { ...badBody(random, wrongText(random, call)), path: OPERATOR };
}

/** RecordIO of calls, cut off, with wrong lengths or wrong calls. */
function badBatch(random: Random, targets: Targets): BadRequest {
  const calls = Array.from({ length: 1 + random.int(5) }, () => {
    const id = pick(random, [targets.own.id, targets.foreign, "nobody"]);
    return wrongText(random, pick(random, schedulerCalls(id, targets.agent)));
  });
  const bytes = join(calls.map((call) => encodeRecord(call)));
  const body = pick(random, [
    () => bytes,
    () => bytes.slice(0, random.int(bytes.length)),
    () =>
      join([
        encoder.encode(pick(random, ["99999999999999999999999", "-5\n", "x\n", "\n", "5"])),
        bytes,
      ]),
    () => join([encoder.encode(`${bytes.length * 1_000}\n`), bytes]),
    () => encoder.encode("2147483647\n{}"),
    () => encoder.encode("0\n".repeat(1_000)),
  ])();
  return {
    method: "POST",
    path: SCHEDULER,
    headers: {
      "content-type": "application/recordio",
      "message-content-type": pick(random, ["application/json", "application/x-protobuf", "a/b"]),
      "mesos-stream-id": pick(random, [targets.own.stream, "x"]),
    },
    body,
  };
}

function badConsoleCall(random: Random, targets: Targets): BadRequest {
  const names = ["framework", "agent", "state", "q", "sort", "desc", "offset", "limit", "path"];
  const query = names
    .filter(() => random.int(3) === 0)
    .map((name) => `${name}=${pick(random, [...QUERY_VALUES, targets.own.id, targets.agent])}`)
    .join("&");
  const path = pick(random, CONSOLE).replace("AGENT", targets.agent).replace("OWN", targets.own.id);
  const method = pick(random, ["GET", "GET", "GET", "GET", "POST", "DELETE", "HEAD"]);
  return { method, path: `/api/fairlead/${path}?${query}`, headers: {}, body: undefined };
}

function badPath(random: Random): BadRequest {
  const method = pick(random, ["GET", "POST", "PUT", "PATCH", "OPTIONS"]);
  return { method, path: pick(random, PATHS), headers: {}, body: undefined };
}

/** A text as a body: sent as it is, or wrongly wrapped. */
function badBody(random: Random, text: string): BadRequest {
  const whole = encoder.encode(text);
  const json = { "content-type": "application/json" };
  const request = { method: "POST", path: "", headers: json, body: whole };
  switch (random.int(12)) {
    case 0:
      return { ...request, body: whole.slice(0, random.int(whole.length)) };
    case 1:
      return { ...request, body: randomBytes(random) };
    case 2: {
      const type = pick(random, CONTENT_TYPES);
      return { ...request, headers: type === "" ? {} : { "content-type": type } };
    }
    case 3: {
      const encoding = pick(random, ["gzip", "deflate", "br", "gzip, gzip", "x".repeat(1_000)]);
      const zipped = new Uint8Array(gzipSync(whole));
      const body = pick(random, [whole, zipped.slice(0, random.int(zipped.length)), zipped]);
      return { ...request, headers: { ...json, "content-encoding": encoding }, body };
    }
    case 4: {
      const accept = pick(random, ["text/html", ";q=", "*/*;q=0", "a".repeat(5_000), ",,,"]);
      return { ...request, headers: { ...json, accept } };
    }
    case 5:
      return { ...request, method: pick(random, ["PUT", "PATCH", "DELETE", "OPTIONS"]) };
    case 6:
      return {
        ...request,
        headers: { "content-type": "application/x-protobuf" },
        body: randomBytes(random),
      };
    default:
      return request;
  }
}

/** A call as JSON with up to three wrong values in it. */
export function wrongText(random: Random, call: object): string {
  const copy = structuredClone(call);
  const raws: string[] = [];
  for (let left = random.int(4); left > 0; left -= 1) {
    const slots = slotsOf(copy);
    const slot = slots[random.int(Math.max(slots.length, 1))];
    if (slot === undefined) break;
    raws.push(pick(random, WRONG)(random));
    slot(`@${raws.length - 1}@`);
  }
  return JSON.stringify(copy).replace(/"@(\d)@"/g, (_, index) => raws[Number(index)] ?? "0");
}

/** Everywhere a value could be another, as functions that put it there. */
function slotsOf(value: object): ((other: string) => void)[] {
  const slots: ((other: string) => void)[] = [];
  for (const [key, part] of Object.entries(value)) {
    // Most calls with a type that there is not are the same.
    if (key !== "type") slots.push((other) => Reflect.set(value, key, other));
    if (typeof part === "object" && part !== null) slots.push(...slotsOf(part));
  }
  return slots;
}

const CPUS = { name: "cpus", type: "SCALAR", scalar: { value: 1 } };
const PORTS = { name: "ports", type: "RANGES", ranges: { range: [{ begin: 1, end: 9 }] } };

function taskOf(agent: string): object {
  return {
    name: "t",
    task_id: { value: "bad" },
    agent_id: { value: agent },
    resources: [CPUS, PORTS],
    command: { value: "true", environment: { variables: [{ name: "A", value: "b" }] } },
    health_check: { type: "HTTP", http: { port: 80, path: "/" }, delay_seconds: 1 },
    labels: { labels: [{ key: "a", value: "b" }] },
    kill_policy: { grace_period: { nanoseconds: 5 } },
  };
}

function schedulerCalls(id: string, agent: string): Call[] {
  const framework_id = { value: id };
  const agent_id = { value: agent };
  const task_id = { value: "bad" };
  const offer_ids = [{ value: "no-offer" }];
  const filters = { refuse_seconds: 5 };
  const framework_info = {
    user: "u",
    name: "bad",
    roles: ["bad"],
    failover_timeout: 0,
    capabilities: [{ type: "MULTI_ROLE" }],
    labels: { labels: [{ key: "a" }] },
  };
  const operations = [
    { type: "LAUNCH", launch: { task_infos: [taskOf(agent)] } },
    {
      type: "LAUNCH_GROUP",
      launch_group: {
        executor: { executor_id: { value: "e" }, type: "DEFAULT", resources: [CPUS] },
        task_group: { tasks: [taskOf(agent)] },
      },
    },
    { type: "RESERVE", reserve: { resources: [{ ...CPUS, reservations: [{ role: "bad" }] }] } },
    { type: "CREATE", create: { volumes: [{ ...CPUS, disk: { persistence: { id: "v" } } }] } },
  ];
  const constraint = {
    selector: { attribute_name: "a" },
    predicate: { text_matches: { regex: "(a+)+$" } },
  };
  const offer_constraints = {
    role_constraints: { bad: { groups: [{ attribute_constraints: [constraint] }] } },
  };
  return [
    { type: "SUBSCRIBE", subscribe: { framework_info, suppressed_roles: ["bad"] } },
    {
      type: "UPDATE_FRAMEWORK",
      framework_id,
      update_framework: {
        framework_info: { ...framework_info, id: framework_id },
        suppressed_roles: ["bad"],
        offer_constraints,
      },
    },
    { type: "TEARDOWN", framework_id: { value: "nobody" } },
    { type: "ACCEPT", framework_id, accept: { offer_ids, operations, filters } },
    { type: "DECLINE", framework_id, decline: { offer_ids, filters } },
    {
      type: "ACCEPT_INVERSE_OFFERS",
      framework_id,
      accept_inverse_offers: { inverse_offer_ids: offer_ids, filters },
    },
    {
      type: "DECLINE_INVERSE_OFFERS",
      framework_id,
      decline_inverse_offers: { inverse_offer_ids: offer_ids, filters },
    },
    { type: "REVIVE", framework_id: { value: "nobody" }, revive: { roles: ["bad"] } },
    { type: "SUPPRESS", framework_id, suppress: { roles: ["bad"] } },
    { type: "KILL", framework_id, kill: { task_id, agent_id, kill_policy: {} } },
    { type: "SHUTDOWN", framework_id, shutdown: { executor_id: { value: "e" }, agent_id } },
    { type: "ACKNOWLEDGE", framework_id, acknowledge: { agent_id, task_id, uuid: UUID } },
    {
      type: "ACKNOWLEDGE_OPERATION_STATUS",
      framework_id,
      acknowledge_operation_status: { agent_id, uuid: UUID, operation_id: { value: "o" } },
    },
    { type: "RECONCILE", framework_id, reconcile: { tasks: [{ task_id, agent_id }] } },
    {
      type: "RECONCILE_OPERATIONS",
      framework_id,
      reconcile_operations: { operations: [{ operation_id: { value: "o" }, agent_id }] },
    },
    {
      type: "MESSAGE",
      framework_id,
      message: { agent_id, executor_id: { value: "e" }, data: UUID },
    },
    { type: "REQUEST", framework_id, request: { requests: [{ agent_id, resources: [CPUS] }] } },
  ];
}

function operatorCalls({ own, agent }: Targets): Call[] {
  // What would hit those who behave is said of agents that there are not.
  const agent_id = { value: "no-agent" };
  const at = { agent_id: { value: agent }, resources: [CPUS, PORTS] };
  const volumes = [{ ...CPUS, disk: { persistence: { id: "v" }, volume: { mode: "RW" } } }];
  const machines = [{ hostname: "nowhere", ip: "10.0.0.9" }];
  const unavailability = { start: { nanoseconds: 1e18 }, duration: { nanoseconds: 1 } };
  const bare = [
    "GET_HEALTH",
    "GET_FLAGS",
    "GET_VERSION",
    "GET_METRICS",
    "GET_STATE",
    "GET_TASKS",
    "GET_ROLES",
    "GET_QUOTA",
    "GET_WEIGHTS",
    "GET_MAINTENANCE_STATUS",
    "SUBSCRIBE",
    "DANCE",
  ].map((type) => ({ type }));
  return [
    ...bare,
    { type: "GET_METRICS", get_metrics: { timeout: { nanoseconds: 1 } } },
    { type: "SET_LOGGING_LEVEL", set_logging_level: { level: 1, duration: { nanoseconds: 1 } } },
    { type: "LIST_FILES", list_files: { path: "/master/log" } },
    { type: "READ_FILE", read_file: { path: "/master/log", offset: 0, length: 10 } },
    { type: "UPDATE_WEIGHTS", update_weights: { weight_infos: [{ weight: 2, role: "bad" }] } },
    { type: "RESERVE_RESOURCES", reserve_resources: { ...at, source: [CPUS] } },
    { type: "UNRESERVE_RESOURCES", unreserve_resources: at },
    { type: "CREATE_VOLUMES", create_volumes: { agent_id: at.agent_id, volumes } },
    { type: "DESTROY_VOLUMES", destroy_volumes: { agent_id: at.agent_id, volumes } },
    { type: "GROW_VOLUME", grow_volume: { agent_id, volume: volumes[0], addition: CPUS } },
    {
      type: "SHRINK_VOLUME",
      shrink_volume: { agent_id, volume: volumes[0], subtract: { value: 1 } },
    },
    {
      type: "UPDATE_MAINTENANCE_SCHEDULE",
      update_maintenance_schedule: {
        schedule: { windows: [{ machine_ids: machines, unavailability }] },
      },
    },
    { type: "START_MAINTENANCE", start_maintenance: { machines } },
    { type: "STOP_MAINTENANCE", stop_maintenance: { machines } },
    { type: "DRAIN_AGENT", drain_agent: { agent_id, max_grace_period: { seconds: 1 } } },
    { type: "DEACTIVATE_AGENT", deactivate_agent: { agent_id } },
    { type: "REACTIVATE_AGENT", reactivate_agent: { agent_id } },
    { type: "MARK_AGENT_GONE", mark_agent_gone: { agent_id } },
    {
      type: "UPDATE_QUOTA",
      update_quota: { quota_configs: [{ role: "bad", limits: { cpus: { value: 1 } } }] },
    },
    { type: "SET_QUOTA", set_quota: { quota_request: { role: "bad/child", guarantee: [PORTS] } } },
    { type: "REMOVE_QUOTA", remove_quota: { role: "bad" } },
    { type: "TEARDOWN", teardown: { framework_id: { value: `${own.id}-not` } } },
  ];
}

/** Frames that no agent sends, or should not. */
export function badFrame(random: Random): string | Uint8Array<ArrayBuffer> {
  switch (random.int(12)) {
    case 0:
      return "text";
    case 1:
      return new Uint8Array([0xdd, 0xff, 0xff, 0xff, 0xff, 0xc0]); // a list of 2^32 - 1
    case 2:
      return new Uint8Array([0xc6, 0x7f, 0xff, 0xff, 0xff, 1]); // bytes that never come
    case 3:
      return new Uint8Array(pick(random, [10, 5_000, 200_000])).fill(0x91); // lists in lists
    case 4:
      return new Uint8Array([0xc7, 4, random.int(256), 1, 2, 3, 4]); // a type of its own
    case 5:
      return new Uint8Array([0x91, 0xdf, 0xff, 0xff, 0xff, 0xff, 0xa1, 0x61]); // such a map
    case 6:
      return randomBytes(random);
    default:
      return wrongFrame(random);
  }
}

/** Messages of agents with wrong values in them. */
function wrongFrame(random: Random): Uint8Array<ArrayBuffer> {
  const messages = JSON.parse(wrongText(random, agentMessages(random)));
  try {
    return new Uint8Array(packr.pack(messages));
  } catch {
    return new Uint8Array([0x91, 0xc0]); // nested more deeply than the packer can follow
  }
}

function agentMessages(random: Random): object[] {
  const status = { task_id: { value: "t" }, state: "TASK_RUNNING", uuid: UUID };
  const agent_info = { hostname: "bad", port: 5051, resources: [CPUS, PORTS] };
  const hello = { link_version: 1, version: "1.0.0", capabilities: [], agent_info };
  const task = { ...taskOf("a"), framework_id: { value: "f" }, state: "TASK_RUNNING" };
  const framework = { user: "u", name: "n", id: { value: "f" } };
  const executors = [{ framework_id: "f", executor_info: { executor_id: { value: "e" } } }];
  const running = { tasks: [task], executors, frameworks: [framework], operations: [] };
  const first = pick(random, [
    { type: "register", ...hello },
    { type: "reregister", ...hello, ...running },
    { type: "drained" },
  ]);
  const rest = [
    { type: "pong", sequence: 1 },
    { type: "update", framework_id: "f", status, latest_state: "TASK_FINISHED" },
    { type: "operation_update", uuid: UUID, status: { state: "OPERATION_FINISHED" } },
    { type: "message", framework_id: "f", executor_id: "e", data: UUID },
    { type: "executor_exited", framework_id: "f", executor_id: "e", status: 1 },
    { type: "resources", resources: [CPUS] },
    { type: "answer", id: 1, body: {} },
    { type: "unregister" },
  ].filter(() => random.int(3) === 0);
  return [first, ...rest];
}

function randomBytes(random: Random): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: random.int(200) }, () => random.int(256));
}

function join(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function pick<T>(random: Random, list: readonly T[]): T {
  const item = list[random.int(list.length)];
  if (item === undefined) throw new Error("There is nothing to pick from");
  return item;
}
