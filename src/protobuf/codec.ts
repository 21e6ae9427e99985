/** Calls and events of the v1 APIs as protobuf, to and from the JSON shapes of fairlead/model. */
import type protobuf from "protobufjs/light.js";
import { FairleadError } from "../base/mod.ts";
import {
  type ExecutorCall,
  type ExecutorEvent,
  readExecutorCall,
  readExecutorEvent,
  readSchedulerCall,
  readSchedulerEvent,
  type SchedulerCall,
  type SchedulerEvent,
} from "../model/mod.ts";
import { messageType } from "./schema.ts";

/** What `Content-Type` and `Accept` call it. */
export const PROTOBUF_TYPE = "application/x-protobuf";

/** JSON as Mesos writes it: enumerations by name, bytes as base64, what is not set left out. */
const AS_JSON: protobuf.IConversionOptions = {
  enums: String,
  bytes: String,
  longs: Number,
  json: true,
};

/** A scheduler's call from its bytes. @throws {FairleadError} `invalid_call`. */
export function decodeSchedulerCall(bytes: Uint8Array): SchedulerCall {
  return readSchedulerCall(decode("scheduler.Call", bytes));
}

/** @throws {FairleadError} `invalid_call` when it holds what the protos cannot say. */
export function encodeSchedulerCall(call: SchedulerCall): Uint8Array {
  return encode("scheduler.Call", call);
}

/** A master's event from its bytes. @throws {FairleadError} `invalid_call`. */
export function decodeSchedulerEvent(bytes: Uint8Array): SchedulerEvent {
  return readSchedulerEvent(decode("scheduler.Event", bytes));
}

/** @throws {FairleadError} `invalid_call` when it holds what the protos cannot say. */
export function encodeSchedulerEvent(event: SchedulerEvent): Uint8Array {
  return encode("scheduler.Event", event);
}

/** An executor's call from its bytes. @throws {FairleadError} `invalid_call`. */
export function decodeExecutorCall(bytes: Uint8Array): ExecutorCall {
  return readExecutorCall(decode("executor.Call", bytes));
}

/** @throws {FairleadError} `invalid_call` when it holds what the protos cannot say. */
export function encodeExecutorCall(call: ExecutorCall): Uint8Array {
  return encode("executor.Call", call);
}

/** An agent's event from its bytes. @throws {FairleadError} `invalid_call`. */
export function decodeExecutorEvent(bytes: Uint8Array): ExecutorEvent {
  return readExecutorEvent(decode("executor.Event", bytes));
}

/** @throws {FairleadError} `invalid_call` when it holds what the protos cannot say. */
export function encodeExecutorEvent(event: ExecutorEvent): Uint8Array {
  return encode("executor.Event", event);
}

function decode(name: string, bytes: Uint8Array): unknown {
  const type = messageType(name);
  try {
    return type.toObject(type.decode(bytes), AS_JSON);
  } catch (cause) {
    throw invalid(`Cannot read bytes as ${name}`, cause);
  }
}

function encode(name: string, value: object): Uint8Array {
  const type = messageType(name);
  try {
    return type.encode(type.fromObject(value)).finish();
  } catch (cause) {
    throw invalid(`Cannot write ${name}`, cause);
  }
}

function invalid(act: string, cause: unknown): FairleadError {
  const fault = cause instanceof Error ? cause.message : String(cause);
  return new FairleadError("invalid_call", `${act}: ${fault}`, { cause });
}
