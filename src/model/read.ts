/** From `unknown` to calls and events: the one place where JSON is checked. */
import type * as z from "zod/mini";
import english from "zod/v4/locales/en.js";
import { FairleadError } from "../base/mod.ts";
import { AgentCall, AgentResponse, ProcessIO } from "./agent_api.ts";
import { ExecutorCall, ExecutorEvent } from "./executor_api.ts";
import { hotSchedulerCall, hotSchedulerEvent } from "./hot.ts";
import { MasterCall, MasterEvent, MasterResponse } from "./master_api.ts";
import { dropNulls } from "./nulls.ts";
import { SchedulerCall, SchedulerEvent } from "./scheduler_api.ts";

/**
 * Read JSON by a schema.
 *
 * @param what Names the thing in the error: "a scheduler call".
 * @throws {FairleadError} `invalid_call`; the message names the field and what is allowed.
 */
export function readJson<T extends z.ZodMiniType>(
  schema: T,
  json: unknown,
  what: string,
): z.output<T> {
  const read = schema.safeParse(dropNulls(json), { error: english().localeError });
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const field = issue?.path.join(".") || what;
  throw new FairleadError("invalid_call", `Cannot read ${what}: ${field}: ${issue?.message}`, {
    cause: read.error,
    details: { field },
  });
}

/**
 * ACCEPT, ACKNOWLEDGE and DECLINE of the usual shape do not pass by the schema: a microsecond or
 * two a task (bench `model/read`), and the same value.
 *
 * @throws {FairleadError} `invalid_call`.
 */
export function readSchedulerCall(json: unknown): SchedulerCall {
  return hotSchedulerCall(json) ?? readJson(SchedulerCall(), json, "a scheduler call");
}

/**
 * OFFERS and UPDATE of the usual shape do not pass by the schema.
 *
 * @throws {FairleadError} `invalid_call`.
 */
export function readSchedulerEvent(json: unknown): SchedulerEvent {
  return hotSchedulerEvent(json) ?? readJson(SchedulerEvent(), json, "a scheduler event");
}

/** @throws {FairleadError} `invalid_call`. */
export function readExecutorCall(json: unknown): ExecutorCall {
  return readJson(ExecutorCall(), json, "an executor call");
}

/** @throws {FairleadError} `invalid_call`. */
export function readExecutorEvent(json: unknown): ExecutorEvent {
  return readJson(ExecutorEvent(), json, "an executor event");
}

/** @throws {FairleadError} `invalid_call`. */
export function readMasterCall(json: unknown): MasterCall {
  return readJson(MasterCall(), json, "a master call");
}

/** @throws {FairleadError} `invalid_call`. */
export function readMasterResponse(json: unknown): MasterResponse {
  return readJson(MasterResponse(), json, "a master response");
}

/** @throws {FairleadError} `invalid_call`. */
export function readMasterEvent(json: unknown): MasterEvent {
  return readJson(MasterEvent(), json, "a master event");
}

/** @throws {FairleadError} `invalid_call`. */
export function readAgentCall(json: unknown): AgentCall {
  return readJson(AgentCall(), json, "an agent call");
}

/** @throws {FairleadError} `invalid_call`. */
export function readAgentResponse(json: unknown): AgentResponse {
  return readJson(AgentResponse(), json, "an agent response");
}

/** @throws {FairleadError} `invalid_call`. */
export function readProcessIO(json: unknown): ProcessIO {
  return readJson(ProcessIO(), json, "a ProcessIO message");
}
