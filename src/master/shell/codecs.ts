/** The languages that calls and events are written in. */
import { FairleadError } from "../../base/mod.ts";
import { readSchedulerCall, type SchedulerCall, type SchedulerEvent } from "../../model/mod.ts";

/** One content type of the scheduler API. */
export interface SchedulerCodec {
  readonly contentType: string;
  /** @throws {FairleadError} `invalid_call`. */
  decode(bytes: Uint8Array): SchedulerCall;
  encode(event: SchedulerEvent): Uint8Array | string;
}

/** `application/json`. */
export const jsonCodec: SchedulerCodec = {
  contentType: "application/json",
  decode: (bytes) => readCall(parseJson(bytes)),
  encode: (event) => JSON.stringify(event),
};

const decoder = new TextDecoder("utf-8", { fatal: true });

/** @throws {FairleadError} `invalid_call` when the bytes are no JSON. */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch (cause) {
    const fault = cause instanceof Error ? cause.message : String(cause);
    throw new FairleadError("invalid_call", `Failed to parse body into JSON: ${fault}`, { cause });
  }
}

/** The part that a call must have besides its type, by type; undefined: none. */
const PARTS: ReadonlyMap<unknown, string | undefined> = new Map([
  ["SUBSCRIBE", "subscribe"],
  ["UPDATE_FRAMEWORK", "update_framework"],
  ["TEARDOWN", undefined],
  ["ACCEPT", "accept"],
  ["DECLINE", "decline"],
  ["ACCEPT_INVERSE_OFFERS", "accept_inverse_offers"],
  ["DECLINE_INVERSE_OFFERS", "decline_inverse_offers"],
  ["REVIVE", undefined],
  ["SUPPRESS", undefined],
  ["KILL", "kill"],
  ["SHUTDOWN", "shutdown"],
  ["ACKNOWLEDGE", "acknowledge"],
  ["ACKNOWLEDGE_OPERATION_STATUS", "acknowledge_operation_status"],
  ["RECONCILE", "reconcile"],
  ["RECONCILE_OPERATIONS", "reconcile_operations"],
  ["MESSAGE", "message"],
  ["REQUEST", "request"],
]);

/** Errors in the words of Mesos, where it has some. */
function readCall(json: unknown): SchedulerCall {
  const missing = missingOf(json);
  if (missing !== undefined) {
    throw new FairleadError(
      "invalid_call",
      `Failed to validate scheduler::Call: Expecting '${missing}' to be present`,
      { details: { field: missing } },
    );
  }
  try {
    return readSchedulerCall(json);
  } catch (cause) {
    const { message, details } = FairleadError.from(cause);
    throw new FairleadError(
      "invalid_call",
      `Failed to convert JSON into Call protobuf: ${message}`,
      { cause, details },
    );
  }
}

function missingOf(json: unknown): string | undefined {
  if (typeof json !== "object" || json === null || Array.isArray(json)) return undefined;
  if (!isThere(json, "type")) return "type";
  const type: unknown = Reflect.get(json, "type");
  if (!PARTS.has(type)) return undefined;
  if (type !== "SUBSCRIBE" && !isThere(json, "framework_id")) return "framework_id";
  const part = PARTS.get(type);
  return part === undefined || isThere(json, part) ? undefined : part;
}

function isThere(json: object, field: string): boolean {
  const value: unknown = Object.hasOwn(json, field) ? Reflect.get(json, field) : undefined;
  return value !== undefined && value !== null;
}
