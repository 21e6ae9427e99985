import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type AgentMessage,
  type MasterMessage,
  readAgentMessages,
  readMasterMessages,
  TASK_STATES,
} from "../../src/model/mod.ts";
import { readJson } from "../../src/model/read.ts";
import { Task, TaskStatus } from "../../src/model/status.ts";

const agentInfo = {
  hostname: "a",
  port: 5051,
  id: { value: "m-S0" },
  resources: [
    { name: "cpus", type: "SCALAR" as const, scalar: { value: 4 } },
    { name: "ports", type: "RANGES" as const, ranges: { range: [{ begin: 1, end: 9 }] } },
    {
      name: "disk",
      type: "SCALAR" as const,
      scalar: { value: 4 },
      reservations: [{ role: "web" }],
    },
  ],
};
const registration = { link_version: 1, version: "1", capabilities: ["MULTI_ROLE"] };
const status = {
  task_id: { value: "t" },
  state: "TASK_RUNNING" as const,
  source: "SOURCE_EXECUTOR" as const,
  uuid: "AAAAAAAAAAAAAAAAAAAAAA==",
  timestamp: 1.5,
  healthy: true,
  container_status: { network_infos: [{ ip_addresses: [{ ip_address: "10.0.0.1" }] }] },
};
const operation = { type: "RESERVE" as const, reserve: { resources: agentInfo.resources } };
const operationStatus = { state: "OPERATION_FINISHED" as const };
const framework = { user: "u", name: "f", id: { value: "m-0000" } };
const executor = { executor_id: { value: "e" }, command: { value: "true" } };
const taskInfo = {
  name: "t",
  task_id: { value: "t" },
  agent_id: { value: "m-S0" },
  resources: agentInfo.resources,
  command: { value: "true" },
};

const AGENT: readonly AgentMessage[] = [
  { type: "register", ...registration, agent_info: agentInfo },
  {
    type: "reregister",
    ...registration,
    agent_info: agentInfo,
    tasks: [
      {
        name: "t",
        task_id: { value: "t" },
        agent_id: { value: "m-S0" },
        framework_id: { value: "m-0000" },
        state: "TASK_RUNNING",
        resources: agentInfo.resources,
        statuses: [status],
        status_update_state: "TASK_RUNNING",
        labels: { labels: [{ key: "k", value: "v" }] },
      },
    ],
    executors: [{ framework_id: "m-0000", executor_info: executor }],
    frameworks: [framework],
    operations: [{ uuid: "u", operation, latest_status: operationStatus }],
  },
  { type: "pong", sequence: 7 },
  { type: "update", framework_id: "f", status },
  { type: "update", framework_id: "f", status, latest_state: "TASK_FINISHED" },
  { type: "operation_update", uuid: "u", status: operationStatus, resources: agentInfo.resources },
  { type: "message", framework_id: "f", executor_id: "e", data: "AAAA" },
  { type: "executor_exited", framework_id: "f", executor_id: "e", status: 256 },
  { type: "resources", resources: agentInfo.resources },
  { type: "answer", id: 1, body: { files: [{ path: "/a" }] } },
  { type: "answer", id: 1, error: { code: "not_found", message: "no" } },
  { type: "drained" },
  { type: "unregister" },
];

const MASTER: readonly MasterMessage[] = [
  {
    type: "registered",
    agent_id: "m-S0",
    master_info: { id: "m", ip: 1, port: 5050 },
    heartbeat_ms: 1_000,
    unwanted_frameworks: ["x"],
    drain: { max_grace_period_ns: 5, mark_gone: true },
  },
  { type: "refused", reason: "retry", message: "later", retry_after_ms: 5 },
  { type: "ping", sequence: 1 },
  { type: "launch", framework, launches: [{ task: taskInfo }, { task: taskInfo, executor }] },
  {
    type: "launch",
    framework,
    launches: [{ task: { ...taskInfo, kill_policy: { grace_period: { nanoseconds: 5 } } } }],
  },
  { type: "launch_group", framework, executor, tasks: [taskInfo] },
  {
    type: "kill",
    framework_id: "f",
    task_id: "t",
    kill_policy: { grace_period: { nanoseconds: 5 } },
  },
  { type: "ack", framework_id: "f", task_id: "t", uuid: "AAAA" },
  { type: "operation_ack", uuid: "u", status_uuid: "s" },
  { type: "operation", uuid: "u", operation, feedback: true },
  { type: "shutdown_executor", framework_id: "f", executor_id: "e" },
  { type: "shutdown_framework", framework_id: "f" },
  { type: "framework", framework },
  { type: "message", framework_id: "f", executor_id: "e", data: "" },
  { type: "reconcile", tasks: [{ framework_id: "f", task_id: "t" }] },
  { type: "drain", max_grace_period_ns: 1 },
  { type: "undrain" },
  { type: "ask", id: 1, ask: { type: "READ_FILE", path: "/a", offset: 0, length: 5 } },
  { type: "shutdown", message: "bye" },
];

describe("readAgentMessages()", () => {
  test.each(AGENT)("reads $type as it is", (message) => {
    expect(readAgentMessages([message])).toEqual([message]);
  });

  test.each<[string, unknown, string]>([
    ["no list", { type: "pong" }, "frame: it must be a list of messages"],
    ["a message that is none", [null], "message: it must be an object"],
    ["an unknown type", [{ type: "constructor" }], "type: it must be one of register,"],
    ["a missing field", [{ type: "pong" }], "pong.sequence: it must be set"],
    [
      "a field of another type",
      [{ type: "pong", sequence: "1" }],
      "sequence: it must be an integer",
    ],
    [
      "a state that is none",
      [{ type: "update", framework_id: "f", status: { ...status, state: "TASK_FUN" } }],
      "Cannot read status: state: ",
    ],
    [
      "an id without its braces",
      [{ type: "update", framework_id: "f", status: { ...status, task_id: "t" } }],
      "Cannot read status: task_id: ",
    ],
    [
      "a uuid that is no base64",
      [{ type: "update", framework_id: "f", status: { ...status, uuid: "%" } }],
      "uuid: it must be base64",
    ],
    [
      "a resource of no kind",
      [{ type: "resources", resources: [{ name: "cpus", type: "LOTS" }] }],
      "Cannot read resources: type: ",
    ],
    [
      "a rich field that is wrong",
      [{ type: "update", framework_id: "f", status: { ...status, labels: 5 } }],
      "Cannot read status: labels: ",
    ],
  ])("refuses %s", (_, frame, message) => {
    expect(() => readAgentMessages(frame)).toThrow(
      expect.objectContaining({ code: "invalid_frame", message: expect.stringContaining(message) }),
    );
  });

  test("leaves out what it does not know, and what is null", () => {
    const more = { ...status, color: "red", message: null, reason: undefined };
    expect(
      readAgentMessages([{ type: "update", framework_id: "f", status: more, latest_state: null }]),
    ).toEqual([{ type: "update", framework_id: "f", status }]);
    const { source: _, ...rest } = status;
    const moon = { ...status, source: "SOURCE_MOON" };
    expect(readAgentMessages([{ type: "update", framework_id: "f", status: moon }])).toEqual([
      { type: "update", framework_id: "f", status: rest },
    ]);
  });

  test("takes nothing from prototypes", () => {
    const frame = JSON.parse('[{"type":"pong","__proto__":{"sequence":1}}]');
    expect(() => readAgentMessages(frame)).toThrow("pong.sequence");
  });

  test("whatever a frame is, throws nothing but invalid_frame", () => {
    const types = AGENT.map(({ type }) => type);
    const noise = fc.anything({ maxDepth: 4, withBigInt: true, withDate: true, withMap: true });
    const message = fc.record({
      type: fc.constantFrom(...types),
      status: noise,
      tasks: noise,
      resources: noise,
      agent_info: noise,
      framework_id: fc.string(),
      link_version: fc.double(),
      version: fc.string(),
      capabilities: noise,
      body: noise,
      id: fc.integer(),
    });
    fc.assert(
      fc.property(fc.oneof(noise, fc.array(fc.oneof(message, noise))), (frame) => {
        try {
          readAgentMessages(frame);
        } catch (error) {
          expect(error).toMatchObject({ code: "invalid_frame" });
        }
      }),
    );
  });
});

describe("readMasterMessages()", () => {
  test.each(MASTER)("reads $type as it is", (message) => {
    expect(readMasterMessages([message])).toEqual([message]);
  });

  test("refuses what only agents say", () => {
    expect(() => readMasterMessages([{ type: "pong", sequence: 1 }])).toThrow("type: it must be");
  });
});

const id = fc.record({ value: fc.string() });
const uuid = fc
  .uint8Array({ minLength: 16, maxLength: 16 })
  .map((bytes) => btoa(String.fromCharCode(...bytes)));
const statuses = fc.record(
  {
    task_id: id,
    state: fc.constantFrom(...TASK_STATES),
    message: fc.string(),
    source: fc.constantFrom("SOURCE_MASTER", "SOURCE_AGENT", "elsewhere"),
    reason: fc.constantFrom("REASON_TASK_INVALID", "REASON_NEW"),
    data: uuid,
    agent_id: id,
    executor_id: id,
    timestamp: fc.double({ noNaN: true, noDefaultInfinity: true }),
    uuid,
    healthy: fc.boolean(),
    labels: fc.record({ labels: fc.array(fc.record({ key: fc.string(), value: fc.string() })) }),
    unknown: fc.anything(),
  },
  { requiredKeys: ["task_id", "state"] },
);
const resources = fc.array(
  fc.oneof(
    fc.record({
      name: fc.string(),
      type: fc.constant("SCALAR"),
      scalar: fc.record({ value: fc.nat() }),
      allocation_info: fc.record({ role: fc.string() }),
    }),
    fc.record({
      name: fc.string(),
      type: fc.constant("RANGES"),
      ranges: fc.record({ range: fc.array(fc.record({ begin: fc.nat(), end: fc.nat() })) }),
    }),
    fc.record({
      name: fc.string(),
      type: fc.constant("SET"),
      set: fc.record({ item: fc.array(fc.string()) }),
      role: fc.string(),
    }),
  ),
);

test("statuses and tasks are read as their schemas read them", () => {
  const tasks = fc.record(
    {
      name: fc.string(),
      task_id: id,
      framework_id: id,
      agent_id: id,
      executor_id: id,
      state: fc.constantFrom(...TASK_STATES),
      resources,
      statuses: fc.array(statuses),
      status_update_state: fc.constantFrom(...TASK_STATES, "TASK_FUN"),
      status_update_uuid: uuid,
      user: fc.string(),
    },
    { requiredKeys: ["name", "task_id", "framework_id", "agent_id", "state"] },
  );
  fc.assert(
    fc.property(statuses, fc.array(tasks), (one, many) => {
      const [update, again] = readAgentMessages([
        { type: "update", framework_id: "f", status: one },
        {
          type: "reregister",
          ...registration,
          agent_info: agentInfo,
          tasks: many,
          executors: [],
          frameworks: [],
          operations: [],
        },
      ]);
      expect(update).toEqual({
        type: "update",
        framework_id: "f",
        status: readJson(TaskStatus(), one, "a status"),
      });
      expect(again?.type === "reregister" && again.tasks).toEqual(
        many.map((each) => readJson(Task(), each, "a task")),
      );
    }),
    { numRuns: 200 },
  );
});
