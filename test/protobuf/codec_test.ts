import type { SchedulerCall, SchedulerEvent, TaskInfo } from "fairlead/model";
import {
  decodeExecutorCall,
  decodeExecutorEvent,
  decodeSchedulerCall,
  decodeSchedulerEvent,
  encodeExecutorCall,
  encodeExecutorEvent,
  encodeSchedulerCall,
  encodeSchedulerEvent,
} from "fairlead/protobuf";
import { describe, expect, test } from "vitest";

const task: TaskInfo = {
  name: "web",
  task_id: { value: "web-1" },
  agent_id: { value: "m-S0" },
  resources: [
    { name: "cpus", type: "SCALAR", scalar: { value: 0.5 }, allocation_info: { role: "prod" } },
    { name: "ports", type: "RANGES", ranges: { range: [{ begin: 31_000, end: 31_001 }] } },
    {
      name: "disk",
      type: "SCALAR",
      scalar: { value: 64 },
      reservations: [{ type: "DYNAMIC", role: "prod", principal: "ops" }],
      disk: { persistence: { id: "v1" }, volume: { mode: "RW", container_path: "data" } },
      shared: {},
    },
  ],
  command: {
    value: "sleep 1000",
    shell: true,
    environment: { variables: [{ name: "A", value: "b" }] },
  },
  health_check: { type: "HTTP", http: { port: 80, path: "/" }, interval_seconds: 2.5 },
  kill_policy: { grace_period: { nanoseconds: 3_000_000_000 } },
  limits: { cpus: { value: Number.POSITIVE_INFINITY } },
  data: "aGVsbG8=",
};

const calls: SchedulerCall[] = [
  {
    type: "SUBSCRIBE",
    subscribe: {
      framework_info: {
        user: "root",
        name: "f",
        roles: ["prod"],
        failover_timeout: 60,
        capabilities: [{ type: "MULTI_ROLE" }, { type: "PARTITION_AWARE" }],
        offer_filters: {
          prod: {
            min_allocatable_resources: { quantities: [{ quantities: { cpus: { value: 2 } } }] },
          },
        },
      },
      suppressed_roles: ["prod"],
      offer_constraints: {
        role_constraints: {
          prod: {
            groups: [
              {
                attribute_constraints: [
                  { selector: { attribute_name: "rack" }, predicate: { exists: {} } },
                ],
              },
            ],
          },
        },
      },
    },
  },
  {
    type: "ACCEPT",
    framework_id: { value: "f" },
    accept: {
      offer_ids: [{ value: "o1" }],
      operations: [{ type: "LAUNCH", launch: { task_infos: [task] } }],
      filters: { refuse_seconds: 5 },
    },
  },
  { type: "REVIVE", framework_id: { value: "f" } },
  {
    type: "ACKNOWLEDGE",
    framework_id: { value: "f" },
    acknowledge: {
      agent_id: { value: "a" },
      task_id: { value: "t" },
      uuid: "AAECAwQFBgcICQoLDA0ODw==",
    },
  },
];

const events: SchedulerEvent[] = [
  {
    type: "SUBSCRIBED",
    subscribed: { framework_id: { value: "f" }, heartbeat_interval_seconds: 15 },
  },
  { type: "HEARTBEAT" },
  {
    type: "UPDATE",
    update: {
      status: {
        task_id: { value: "t" },
        state: "TASK_GONE_BY_OPERATOR",
        reason: "REASON_AGENT_REMOVED_BY_OPERATOR",
        timestamp: 1_700_000_000.25,
        unreachable_time: { nanoseconds: 1_700_000_000_000_000_000 },
      },
    },
  },
];

describe("the scheduler API", () => {
  test.each(calls)("$type comes back as it went", (call) => {
    expect(decodeSchedulerCall(encodeSchedulerCall(call))).toEqual(call);
  });

  test.each(events)("$type comes back as it went", (event) => {
    expect(decodeSchedulerEvent(encodeSchedulerEvent(event))).toEqual(event);
  });

  test("decodeSchedulerCall() reads what a C++ or Java client writes", () => {
    // Call{framework_id:{value:"f1"}, type:TEARDOWN}, byte by byte.
    const bytes = Uint8Array.from([0x0a, 4, 0x0a, 2, 0x66, 0x31, 0x10, 2]);
    expect(decodeSchedulerCall(bytes)).toEqual({ type: "TEARDOWN", framework_id: { value: "f1" } });
    const written = encodeSchedulerCall({ type: "TEARDOWN", framework_id: { value: "f1" } });
    expect(Array.from(written)).toEqual(Array.from(bytes));
  });

  test("fields of later versions are left out", () => {
    const bytes = Uint8Array.from([0x0a, 4, 0x0a, 2, 0x66, 0x31, 0x10, 2, 0xf8, 0x7f, 1]);
    expect(decodeSchedulerCall(bytes)).toEqual({ type: "TEARDOWN", framework_id: { value: "f1" } });
  });

  test.each([
    ["nothing", []],
    ["a cut message", [0x0a, 4, 0x0a]],
    ["a missing required field", [0x0a, 0]],
    ["words", Array.from("hello", (letter) => letter.charCodeAt(0))],
  ])("decodeSchedulerCall() refuses %s", (_what, bytes) => {
    expect(() => decodeSchedulerCall(Uint8Array.from(bytes))).toThrow(
      expect.objectContaining({ code: "invalid_call" }),
    );
  });
});

test("encodeSchedulerCall() refuses what the protos cannot say", () => {
  const call = {
    type: "KILL",
    framework_id: { value: "f" },
    kill: { task_id: 7 },
  } as const;
  // @ts-expect-error -- a caller without types
  expect(() => encodeSchedulerCall(call)).toThrow(
    expect.objectContaining({ code: "invalid_call" }),
  );
});

describe("the executor API", () => {
  const from = { executor_id: { value: "e" }, framework_id: { value: "f" } };

  test("calls come back as they went", () => {
    const call = {
      type: "UPDATE",
      ...from,
      update: { status: { task_id: { value: "t" }, state: "TASK_RUNNING", uuid: "AAA=" } },
    } as const;
    expect(decodeExecutorCall(encodeExecutorCall(call))).toEqual(call);
  });

  test("events come back as they went", () => {
    const event = { type: "LAUNCH", launch: { task } } as const;
    expect(decodeExecutorEvent(encodeExecutorEvent(event))).toEqual(event);
  });
});
