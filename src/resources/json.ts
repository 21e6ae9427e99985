import * as z from "zod/mini";
import english from "zod/v4/locales/en.js";
import { FairleadError } from "../base/mod.ts";
import { normaliseResource } from "./normalise.ts";
import {
  type DiskInfo,
  type DiskSource,
  invalidResource,
  type Label,
  RANGE_END_MAX,
  type Reservation,
  type Resource,
  type ResourceValue,
  SCALAR_MILLIS_MAX,
} from "./resource.ts";
import { ANY_ROLE } from "./role.ts";
import { toMillis } from "./value.ts";

type ResourceJson = z.output<ReturnType<typeof resourceJson>>;

let schema: ReturnType<typeof resourceJson> | undefined;

/**
 * The schema of Mesos' v1 JSON of one resource, the deprecated fields `role` and `reservation`
 * included; built at the first use, so that importing this door costs nothing.
 */
function resourceJson() {
  const text = z.optional(z.string());
  const owner = { principal: text, labels: z.optional(labelsJson()) };
  const bound = z.int().check(z.minimum(0), z.maximum(RANGE_END_MAX));
  const units = z.number().check(z.minimum(0), z.maximum(SCALAR_MILLIS_MAX / 1000));
  const range = z.object({ begin: bound, end: bound });
  const reservation = z.object({ type: z.enum(["STATIC", "DYNAMIC"]), role: z.string(), ...owner });
  return z.object({
    name: z.string(),
    type: z.enum(["SCALAR", "RANGES", "SET"]),
    scalar: z.optional(z.object({ value: units })),
    ranges: z.optional(z.object({ range: z._default(z.array(range), []) })),
    set: z.optional(z.object({ item: z._default(z.array(z.string()), []) })),
    role: text,
    reservation: z.optional(z.object(owner)),
    reservations: z.optional(z.array(reservation)),
    allocation_info: z.optional(z.object({ role: text })),
    disk: z.optional(diskJson()),
    provider_id: z.optional(z.object({ value: z.string() })),
    revocable: z.optional(z.object({})),
    shared: z.optional(z.object({})),
  });
}

function diskJson() {
  const text = z.optional(z.string());
  const place = z.optional(z.object({ root: text }));
  const source = z.object({
    type: z.enum(["ROOT", "PATH", "MOUNT", "BLOCK", "RAW"]),
    path: place,
    mount: place,
    id: text,
    profile: text,
    vendor: text,
    metadata: z.optional(labelsJson()),
  });
  return z.object({
    persistence: z.optional(z.object({ id: z.string(), principal: text })),
    volume: z.optional(z.record(z.string(), z.unknown())),
    source: z.optional(source),
  });
}

function labelsJson() {
  const label = z.object({ key: z.string(), value: z.optional(z.string()) });
  return z.object({ labels: z._default(z.array(label), []) });
}

/**
 * Read one resource in Mesos' v1 JSON; unknown fields are ignored.
 *
 * @param field What to call it in an error: "resources[2]".
 * @throws {FairleadError} `invalid_resource` or `invalid_role`; the message names the field.
 */
export function readResource(json: unknown, field: string): Resource {
  schema ??= resourceJson();
  const read = schema.safeParse(json, { error: english().localeError });
  if (!read.success) throw wrongShape(read.error, field);
  const raw = read.data;
  const resource: Writable<Resource> = {
    name: raw.name,
    value: readValue(raw, field),
    reservations: readReservations(raw, field),
    revocable: raw.revocable !== undefined,
    shared: raw.shared !== undefined,
  };
  if (raw.disk !== undefined) resource.disk = readDisk(raw.disk);
  const allocationRole = raw.allocation_info?.role;
  if (allocationRole !== undefined) resource.allocationRole = allocationRole;
  if (raw.provider_id !== undefined) resource.providerId = raw.provider_id.value;
  return normaliseResource(resource);
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };
type RawDisk = NonNullable<ResourceJson["disk"]>;
type RawOwner = NonNullable<ResourceJson["reservation"]>;

function wrongShape(error: z.core.$ZodError, field: string): FairleadError {
  const [issue] = error.issues;
  const path = (issue?.path ?? []).map((key) =>
    typeof key === "number" ? `[${key}]` : `.${String(key)}`,
  );
  const at = field + path.join("");
  return new FairleadError("invalid_resource", `Cannot read ${at}: ${issue?.message}`, {
    cause: error,
    details: { field: at },
  });
}

function readValue(raw: ResourceJson, field: string): ResourceValue {
  const { name, type, scalar, ranges, set } = raw;
  if (type === "SCALAR" && scalar !== undefined) {
    return { type, millis: toMillis(scalar.value, name) };
  }
  if (type === "RANGES" && ranges !== undefined) return { type, ranges: ranges.range };
  if (type === "SET" && set !== undefined) return { type, items: set.item };
  const missing = type.toLowerCase();
  throw invalidResource(`${field}.${missing}`, `a ${type} must have the field "${missing}"`);
}

/** Today's stack, or the deprecated fields; both at once must say the same. */
function readReservations(raw: ResourceJson, field: string): readonly Reservation[] {
  const { role: owned = ANY_ROLE, reservation, reservations = [] } = raw;
  const last = reservations.at(-1);
  if (last !== undefined) {
    if (raw.role !== undefined && raw.role !== last.role) {
      const fault = `it says "${raw.role}" where reservations say "${last.role}"`;
      throw invalidResource(`${field}.role`, fault);
    }
    return reservations.map(({ type, role, ...rest }) => ({ type, role, ...readOwner(rest) }));
  }
  if (reservation === undefined) return owned === ANY_ROLE ? [] : [{ type: "STATIC", role: owned }];
  if (owned !== ANY_ROLE) return [{ type: "DYNAMIC", role: owned, ...readOwner(reservation) }];
  throw invalidResource(`${field}.reservation`, 'resources of role "*" cannot be reserved');
}

function readOwner({ principal, labels }: RawOwner): Pick<Reservation, "principal" | "labels"> {
  return {
    ...(principal === undefined ? {} : { principal }),
    ...(labels === undefined ? {} : { labels: readLabels(labels.labels) }),
  };
}

function readLabels(raw: readonly { key: string; value?: string | undefined }[]): Label[] {
  return raw.map(({ key, value }) => (value === undefined ? { key } : { key, value }));
}

function readDisk({ persistence, volume, source }: RawDisk): DiskInfo {
  const disk: Writable<DiskInfo> = {};
  if (persistence !== undefined) {
    const { id, principal } = persistence;
    disk.persistence = principal === undefined ? { id } : { id, principal };
  }
  if (volume !== undefined) disk.volume = volume;
  if (source !== undefined) disk.source = readSource(source);
  return disk;
}

function readSource(raw: NonNullable<RawDisk["source"]>): DiskSource {
  const source: Writable<DiskSource> = { type: raw.type };
  const { root } = (raw.type === "MOUNT" ? raw.mount : raw.path) ?? {};
  if (root !== undefined) source.root = root;
  if (raw.id !== undefined) source.id = raw.id;
  if (raw.profile !== undefined) source.profile = raw.profile;
  if (raw.vendor !== undefined) source.vendor = raw.vendor;
  if (raw.metadata !== undefined) source.metadata = readLabels(raw.metadata.labels);
  return source;
}
