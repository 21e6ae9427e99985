/**
 * The pieces of the hand-written readers: of values in their usual shape they give what the schema
 * gives, of all others they say so and the schema decides. What of a noun is rare is read by the
 * schema of that field.
 */
import { dropNulls } from "./nulls.ts";
import { DiskInfo, ReservationInfo, ResourceJson } from "./resource_json.ts";
import { BASE64, type Schema } from "./schema.ts";
import type { Filters, Id, Label, Labels, Ranges } from "./values.ts";

/** Thrown for a value of no usual shape; made once, because a hostile client may cause many. */
export const UNUSUAL = new Error("Read it by the schema");

/** An object whose fields are not checked yet. */
export type Fields = Readonly<Record<string, unknown>>;

export function fieldsOf(value: unknown): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw UNUSUAL;
  return value as Fields;
}

export function hotString(value: unknown): string {
  if (typeof value !== "string") throw UNUSUAL;
  return value;
}

export function hotBoolean(value: unknown): boolean {
  if (typeof value !== "boolean") throw UNUSUAL;
  return value;
}

export function hotDouble(value: unknown): number {
  if (typeof value !== "number" || !Number.isFinite(value)) throw UNUSUAL;
  return value;
}

export function hotInteger(value: unknown, min: number, max: number): number {
  if (typeof value !== "number" || !Number.isInteger(value)) throw UNUSUAL;
  if (value < min || value > max) throw UNUSUAL;
  return value + 0;
}

export function hotBytes(value: unknown): string {
  if (typeof value !== "string" || !BASE64.test(value)) throw UNUSUAL;
  return value;
}

/** A list, without its `null`s. */
export function hotList<T>(value: unknown, read: (item: unknown) => T): T[] {
  if (!Array.isArray(value)) throw UNUSUAL;
  const items: T[] = [];
  for (const item of value) if (item !== null) items.push(read(item));
  return items;
}

/** A field that is rare, by its schema. */
export function cold<T>(schema: Schema<T>, value: unknown): T {
  const read = schema().safeParse(dropNulls(value));
  if (!read.success) throw UNUSUAL;
  return read.data;
}

/** A list whose items are rare. */
export function coldList<T>(schema: Schema<T>, value: unknown): T[] {
  return hotList(value, (item) => cold(schema, item));
}

export function hotId(value: unknown): Id {
  return { value: hotString(fieldsOf(value).value) };
}

export function hotLabels(value: unknown): Labels {
  const { labels } = fieldsOf(value);
  return labels == null ? {} : { labels: hotList(labels, hotLabel) };
}

function hotLabel(item: unknown): Label {
  const { key, value } = fieldsOf(item);
  const label: Label = { key: hotString(key) };
  if (value != null) label.value = hotString(value);
  return label;
}

export function hotFilters(value: unknown): Filters {
  const { refuse_seconds } = fieldsOf(value);
  return refuse_seconds == null ? {} : { refuse_seconds: hotDouble(refuse_seconds) };
}

/** `{ role }` or nothing of it. */
export function hotAllocation(value: unknown): { role?: string } {
  const { role } = fieldsOf(value);
  return role == null ? {} : { role: hotString(role) };
}

export function hotResource(value: unknown): ResourceJson {
  const from = fieldsOf(value);
  const type = from.type;
  if (type !== "SCALAR" && type !== "RANGES") return cold(ResourceJson, value);
  const resource: ResourceJson = { name: hotString(from.name), type };
  if (from.scalar != null) resource.scalar = { value: hotDouble(fieldsOf(from.scalar).value) };
  if (from.ranges != null) resource.ranges = hotRanges(from.ranges);
  if (from.role != null) resource.role = hotString(from.role);
  if (from.allocation_info != null) resource.allocation_info = hotAllocation(from.allocation_info);
  readRare(from, resource);
  return resource;
}

function readRare(from: Fields, resource: ResourceJson): void {
  if (from.set != null) throw UNUSUAL;
  if (from.reservation != null) resource.reservation = cold(ReservationInfo, from.reservation);
  if (from.reservations != null) {
    resource.reservations = coldList(ReservationInfo, from.reservations);
  }
  if (from.disk != null) resource.disk = cold(DiskInfo, from.disk);
  if (from.revocable != null) resource.revocable = emptyOf(from.revocable);
  if (from.shared != null) resource.shared = emptyOf(from.shared);
  if (from.provider_id != null) resource.provider_id = hotId(from.provider_id);
}

function emptyOf(value: unknown): Record<string, never> {
  fieldsOf(value);
  return {};
}

const INTEGER_MAX = Number.MAX_VALUE;

function hotRanges(value: unknown): Ranges {
  const { range } = fieldsOf(value);
  if (range == null) return {};
  return {
    range: hotList(range, (item) => {
      const { begin, end } = fieldsOf(item);
      return {
        begin: hotInteger(begin, -INTEGER_MAX, INTEGER_MAX),
        end: hotInteger(end, -INTEGER_MAX, INTEGER_MAX),
      };
    }),
  };
}
