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

const decoder = new TextDecoder("utf-8", { fatal: true });

/** `application/json`. */
export const jsonCodec: SchedulerCodec = {
  contentType: "application/json",
  decode: (bytes) => readSchedulerCall(parseJson(bytes)),
  encode: (event) => JSON.stringify(event),
};

/** @throws {FairleadError} `invalid_call` when the bytes are no JSON. */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch (cause) {
    const fault = cause instanceof Error ? cause.message : String(cause);
    throw new FairleadError("invalid_call", `Failed to parse body into JSON: ${fault}`, { cause });
  }
}
