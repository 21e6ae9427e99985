/**
 * Readers of single fields, for frames that come many thousand times a second: what is common is
 * read by hand, what is rare by its schema.
 */
import type * as z from "zod/mini";
import { FairleadError } from "../base/mod.ts";
import { hotResource, UNUSUAL } from "./hot_pieces.ts";
import { hotStatus } from "./hot_status.ts";
import { hotTask } from "./hot_task.ts";
import { ContainerInfo, DiscoveryInfo, HealthCheck, TaskInfo } from "./infos.ts";
import { readJson } from "./read.ts";
import { ResourceJson } from "./resource_json.ts";
import { BASE64, type Schema } from "./schema.ts";
import { TASK_STATES, type Task, TaskStatus } from "./status.ts";
import { Amounts, DurationInfo, KillPolicy, Labels } from "./values.ts";

/** Reads a value, or throws with the field's name; `undefined` leaves the field out. */
export type Read<T = unknown> = (value: unknown, field: string) => T;
/** Which fields an object may have; all others are left out. */
export type Fields = ReadonlyMap<string, Read>;

/** @throws {FairleadError} `invalid_frame`, always. */
export function wrong(field: string, rule: string): never {
  throw new FairleadError("invalid_frame", `Cannot read a frame: ${field}: it must be ${rule}`, {
    details: { field },
  });
}

export const text: Read<string> = (value, field) =>
  typeof value === "string" ? value : wrong(field, "a string");

export const flag: Read<boolean> = (value, field) =>
  typeof value === "boolean" ? value : wrong(field, "a boolean");

export const number: Read<number> = (value, field) =>
  typeof value === "number" ? value : wrong(field, "a number");

export const whole: Read<number> = (value, field) =>
  Number.isSafeInteger(value) && typeof value === "number" ? value : wrong(field, "an integer");

export const base64: Read<string> = (value, field) =>
  typeof value === "string" && BASE64.test(value) ? value : wrong(field, "base64");

export const id: Read<{ value: string }> = (value, field) => {
  const name = fieldOf(value, "value", field);
  return typeof name === "string" ? { value: name } : wrong(`${field}.value`, "a string");
};

/** A list, empty when it is absent; `null`s in it are left out. */
export function listOf<T>(item: Read<T>): Read<T[]> {
  return (value, field) => {
    if (!Array.isArray(value)) return wrong(field, "a list");
    const items: T[] = [];
    for (const each of value) {
      if (each !== null && each !== undefined) items.push(item(each, field));
    }
    return items;
  };
}

/** One of some names. */
export function oneOf<const Names extends readonly string[]>(names: Names): Read<Names[number]> {
  const known: ReadonlySet<unknown> = new Set(names);
  // The set holds nothing but these names.
  return (value, field) =>
    known.has(value) ? (value as Names[number]) : wrong(field, `one of ${names.join(", ")}`);
}

/** One of some names; any other is the same as absent. */
function knownOf(...names: readonly string[]): Read {
  const known: ReadonlySet<unknown> = new Set(names);
  return (value, field) =>
    typeof value !== "string" ? wrong(field, "a string") : known.has(value) ? value : undefined;
}

/** What is too rare, or too rich, to be read by hand. */
export function bySchema<T>(schema: Schema<T>): Read<T> {
  return (value, field) => {
    try {
      const type: z.ZodMiniType<T> = schema();
      return readJson(type, value, field);
    } catch (error) {
      const { message } = FairleadError.from(error);
      throw new FairleadError("invalid_frame", message, { cause: error, details: { field } });
    }
  };
}

function fieldOf(value: unknown, name: string, field: string): unknown {
  if (typeof value !== "object" || value === null) return wrong(field, "an object");
  return Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
}

/** Read an object by its fields; absent and `null` are the same. */
export function readObject(
  value: unknown,
  fields: Fields,
  required: readonly string[],
  field: string,
): Record<string, unknown> {
  if (typeof value !== "object" || value === null) return wrong(field, "an object");
  const read: Record<string, unknown> = {};
  for (const [name, each] of Object.entries(value)) {
    const reader = fields.get(name);
    if (reader === undefined || each === null || each === undefined) continue;
    const got = reader(each, name);
    if (got !== undefined) read[name] = got;
  }
  for (const name of required) if (read[name] === undefined) wrong(`${field}.${name}`, "set");
  return read;
}

/** One reader for the usual shape, the schema for all others. */
function byHand<T>(read: (value: unknown) => T, schema: Schema<T>): Read<T> {
  const bySlow = bySchema(schema);
  return (value, field) => {
    try {
      return read(value);
    } catch (error) {
      if (error !== UNUSUAL) throw error;
      return bySlow(value, field);
    }
  };
}

/** A list of resources, as any noun has it. */
export const resources: Read<ResourceJson[]> = listOf(byHand(hotResource, ResourceJson));
/** A state by its name. */
export const taskState: Read = oneOf(TASK_STATES);
/** A task's status. */
export const taskStatus: Read<TaskStatus> = byHand(hotStatus, TaskStatus);
/** A task as it is launched. */
export const taskInfo: Read<TaskInfo> = byHand(hotTask, TaskInfo);

const TASK: Fields = new Map<string, Read>([
  ["name", text],
  ["task_id", id],
  ["framework_id", id],
  ["executor_id", id],
  ["agent_id", id],
  ["state", taskState],
  ["resources", resources],
  ["limits", bySchema(Amounts)],
  ["statuses", listOf(taskStatus)],
  ["status_update_state", knownOf(...TASK_STATES)],
  ["status_update_uuid", base64],
  ["labels", bySchema(Labels)],
  ["discovery", bySchema(DiscoveryInfo)],
  ["container", bySchema(ContainerInfo)],
  ["health_check", bySchema(HealthCheck)],
  ["kill_policy", bySchema(KillPolicy)],
  ["max_completion_time", bySchema(DurationInfo)],
  ["user", text],
]);
const TASK_REQUIRED = ["name", "task_id", "framework_id", "agent_id", "state"];

/** A task as an agent tells of it. */
export const task: Read<Task> = (value, field) =>
  // The fields were read one by one.
  readObject(value, TASK, TASK_REQUIRED, field) as unknown as Task;
