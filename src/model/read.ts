/** From `unknown` to calls and events: the one place where JSON is checked. */
import type * as z from "zod/mini";
import english from "zod/v4/locales/en.js";
import { FairleadError } from "../base/mod.ts";
import { AgentCall, AgentResponse, ProcessIO } from "./agent_api.ts";
import { ExecutorCall, ExecutorEvent } from "./executor_api.ts";
import { MasterCall, MasterEvent, MasterResponse } from "./master_api.ts";
import { SchedulerCall, SchedulerEvent } from "./scheduler_api.ts";

/** How deep JSON may nest: far beyond any call, far below what breaks a stack. */
const DEPTH_MAX = 64;

/**
 * The same JSON without `null`s: clients write `null` for fields that they do not set, and for
 * members of lists; both mean absent. What has none comes back as it is.
 *
 * @throws {FairleadError} `invalid_call` when it nests deeper than 64 levels.
 */
export function dropNulls(json: unknown, depth = 0): unknown {
  if (typeof json !== "object" || json === null) return json;
  if (depth > DEPTH_MAX) {
    throw new FairleadError("invalid_call", `Cannot read JSON: it nests deeper than ${DEPTH_MAX}`, {
      details: { depthMax: DEPTH_MAX },
    });
  }
  return Array.isArray(json) ? dropFromList(json, depth) : dropFromObject(json, depth);
}

function dropFromList(json: readonly unknown[], depth: number): unknown[] {
  const kept: unknown[] = [];
  for (const item of json) if (item !== null) kept.push(dropNulls(item, depth + 1));
  return kept;
}

function dropFromObject(json: object, depth: number): unknown {
  const kept: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(json)) {
    if (value === null || value === undefined || key === "__proto__") continue;
    kept[key] = dropNulls(value, depth + 1);
  }
  return kept;
}

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

/** @throws {FairleadError} `invalid_call`. */
export function readSchedulerCall(json: unknown): SchedulerCall {
  return readJson(SchedulerCall(), json, "a scheduler call");
}

/** @throws {FairleadError} `invalid_call`. */
export function readSchedulerEvent(json: unknown): SchedulerEvent {
  return readJson(SchedulerEvent(), json, "a scheduler event");
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
