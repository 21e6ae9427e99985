/**
 * From `unknown` to the messages between agent and master, strictly: who sends anything else is no
 * agent and no master of ours, or one that means harm.
 */
import { AgentInfo, ExecutorInfo, FrameworkInfo, MasterInfo } from "./infos.ts";
import type { AgentMessage, MasterMessage } from "./link.ts";
import {
  base64,
  bySchema,
  type Fields,
  flag,
  listOf,
  number,
  oneOf,
  type Read,
  readObject,
  resources,
  task,
  taskInfo,
  taskState,
  taskStatus,
  text,
  whole,
  wrong,
} from "./link_fields.ts";
import { dropNulls } from "./nulls.ts";
import { Operation } from "./offers.ts";
import { OperationStatus } from "./status.ts";
import { KillPolicy } from "./values.ts";

/** How many messages one frame may bring. */
const MESSAGES_MAX = 1_000_000;

/** A kind of message: its fields, and which of them must be there. */
interface Kind {
  readonly fields: Fields;
  readonly required: readonly string[];
}

/** A field whose name ends in "?" may be absent. */
function kind(fields: Readonly<Record<string, Read>> = {}): Kind {
  const entries = Object.entries(fields);
  return {
    fields: new Map(entries.map(([name, read]) => [name.replace("?", ""), read])),
    required: entries.filter(([name]) => !name.endsWith("?")).map(([name]) => name),
  };
}

function objectOf(fields: Readonly<Record<string, Read>>): Read {
  const { fields: readers, required } = kind(fields);
  return (value, field) => readObject(value, readers, required, field);
}

const anything: Read = (value, field) => {
  try {
    return dropNulls(value);
  } catch {
    return wrong(field, "JSON that nests less deep");
  }
};
const operation = bySchema(Operation);
const operationStatus = bySchema(OperationStatus);
const executorInfo = bySchema(ExecutorInfo);
const frameworkInfo = bySchema(FrameworkInfo);
const REGISTRATION = {
  link_version: number,
  agent_info: bySchema(AgentInfo),
  version: text,
  capabilities: listOf(text),
};

type Kinds<Message extends { readonly type: string }> = Readonly<Record<Message["type"], Kind>>;

const AGENT: Kinds<AgentMessage> = {
  register: kind(REGISTRATION),
  reregister: kind({
    ...REGISTRATION,
    tasks: listOf(task),
    executors: listOf(objectOf({ framework_id: text, executor_info: executorInfo })),
    frameworks: listOf(frameworkInfo),
    operations: listOf(
      objectOf({
        "framework_id?": text,
        uuid: text,
        operation,
        latest_status: operationStatus,
      }),
    ),
  }),
  pong: kind({ sequence: whole }),
  update: kind({ framework_id: text, status: taskStatus, "latest_state?": taskState }),
  operation_update: kind({
    "framework_id?": text,
    uuid: text,
    status: operationStatus,
    "resources?": resources,
  }),
  message: kind({ framework_id: text, executor_id: text, data: base64 }),
  executor_exited: kind({ framework_id: text, executor_id: text, status: whole }),
  resources: kind({ resources }),
  answer: kind({
    id: whole,
    "body?": anything,
    "error?": objectOf({ code: text, message: text }),
  }),
  drained: kind(),
  unregister: kind(),
};

const DRAIN = { "max_grace_period_ns?": number, "mark_gone?": flag };
const ask = objectOf({
  type: oneOf(["LIST_FILES", "READ_FILE", "GET_CONTAINERS", "GET_METRICS"]),
  "path?": text,
  "offset?": whole,
  "length?": whole,
});

const MASTER: Kinds<MasterMessage> = {
  registered: kind({
    agent_id: text,
    master_info: bySchema(MasterInfo),
    heartbeat_ms: number,
    "unwanted_frameworks?": listOf(text),
    "drain?": objectOf(DRAIN),
  }),
  refused: kind({
    reason: oneOf(["gone", "not_leader", "retry", "invalid", "unauthorized"]),
    message: text,
    "retry_after_ms?": number,
  }),
  ping: kind({ sequence: whole }),
  launch: kind({
    framework: frameworkInfo,
    launches: listOf(objectOf({ task: taskInfo, "executor?": executorInfo })),
  }),
  launch_group: kind({
    framework: frameworkInfo,
    executor: executorInfo,
    tasks: listOf(taskInfo),
  }),
  kill: kind({ framework_id: text, task_id: text, "kill_policy?": bySchema(KillPolicy) }),
  ack: kind({ framework_id: text, task_id: text, uuid: base64 }),
  operation_ack: kind({ uuid: text, status_uuid: text }),
  operation: kind({ "framework_id?": text, uuid: text, operation, feedback: flag }),
  shutdown_executor: kind({ framework_id: text, executor_id: text }),
  shutdown_framework: kind({ framework_id: text }),
  framework: kind({ framework: frameworkInfo }),
  message: kind({ framework_id: text, executor_id: text, data: base64 }),
  reconcile: kind({ tasks: listOf(objectOf({ framework_id: text, task_id: text })) }),
  drain: kind(DRAIN),
  undrain: kind(),
  ask: kind({ id: whole, ask }),
  shutdown: kind({ message: text }),
};

/**
 * Read what an agent's frame holds.
 *
 * Cost: about a microsecond a status update, two a task that is told again.
 *
 * @throws {FairleadError} `invalid_frame`; the message names the field and what is allowed.
 */
export function readAgentMessages(frame: unknown): AgentMessage[] {
  return readMessages(frame, AGENT);
}

/**
 * Read what a master's frame holds.
 *
 * @throws {FairleadError} `invalid_frame`; the message names the field and what is allowed.
 */
export function readMasterMessages(frame: unknown): MasterMessage[] {
  return readMessages(frame, MASTER);
}

function readMessages<Message extends { readonly type: string }>(
  frame: unknown,
  kinds: Kinds<Message>,
): Message[] {
  if (!Array.isArray(frame)) return wrong("frame", "a list of messages");
  if (frame.length > MESSAGES_MAX) wrong("frame", `a list of at most ${MESSAGES_MAX} messages`);
  return frame.map((message: unknown) => readMessage(message, kinds));
}

function readMessage<Message extends { readonly type: string }>(
  message: unknown,
  kinds: Kinds<Message>,
): Message {
  if (typeof message !== "object" || message === null) return wrong("message", "an object");
  const type: unknown = Reflect.get(message, "type");
  if (typeof type !== "string" || !Object.hasOwn(kinds, type)) {
    return wrong("type", `one of ${Object.keys(kinds).join(", ")}`);
  }
  const { fields, required } = kinds[type as Message["type"]];
  // The fields were read one by one.
  return { type, ...readObject(message, fields, required, type) } as unknown as Message;
}
