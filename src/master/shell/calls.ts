/** One call of a framework, from its bytes to the core's answer. */
import { FairleadError } from "../../base/mod.ts";
import type { SchedulerCall } from "../../model/mod.ts";
import { faultOfSchedulerCall } from "../validate/call.ts";
import type { SchedulerCodec } from "./codecs.ts";
import type { Driver, Reply } from "./driver.ts";

/** Every call but SUBSCRIBE. */
export type Call = Exclude<SchedulerCall, { readonly type: "SUBSCRIBE" }>;

/** Who makes calls, and on which stream. */
export interface Caller {
  readonly driver: Driver;
  readonly codec: SchedulerCodec;
  readonly principal: string | undefined;
  readonly stream: string | undefined;
}

/**
 * Read one call.
 *
 * @throws {FairleadError} `invalid_call`.
 */
export function readCall({ codec, principal }: Caller, bytes: Uint8Array): SchedulerCall {
  const call = codec.decode(bytes);
  const fault = faultOfSchedulerCall(call, principal);
  if (fault === undefined) return call;
  throw new FairleadError("invalid_call", `Failed to validate scheduler::Call: ${fault}`);
}

/** Let the core answer one call. */
export function make({ driver, principal, stream }: Caller, call: Call): Reply | Promise<Reply> {
  return driver.request((request) => ({
    type: "framework_call",
    request,
    stream,
    principal,
    call,
  }));
}
