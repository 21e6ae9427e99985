/** Values of the v1 API that many nouns share: ids, times, labels, resources, attributes. */
import * as z from "zod/mini";
import { bounded, bytes, double, id, integer, list, once, opt, optEnum } from "./schema.ts";
import { volumeSchemas } from "./volumes.ts";

/** @internal */
export const values = once(() => {
  const Id = id();
  const Label = z.object({ key: z.string(), value: opt(z.string()) });
  const Labels = z.object({ labels: list(Label) });
  const TimeInfo = z.object({ nanoseconds: integer() });
  const DurationInfo = z.object({ nanoseconds: integer() });
  /** `google.protobuf.Duration`: the one time that is not in nanoseconds. */
  const Duration = durationSchema();
  const Unavailability = z.object({ start: TimeInfo, duration: opt(DurationInfo) });
  const Scalar = z.object({ value: double() });
  const Range = z.object({ begin: integer(), end: integer() });
  const Ranges = z.object({ range: list(Range) });
  const ValueSet = z.object({ item: list(z.string()) });
  const Attribute = z.object({
    name: z.string(),
    type: z.enum(["SCALAR", "RANGES", "SET", "TEXT"]),
    scalar: opt(Scalar),
    ranges: opt(Ranges),
    set: opt(ValueSet),
    text: opt(z.object({ value: z.string() })),
  });
  const ReservationInfo = z.object({
    type: optEnum("UNKNOWN", "STATIC", "DYNAMIC"),
    role: opt(z.string()),
    principal: opt(z.string()),
    labels: opt(Labels),
  });
  const Secret = z.object({
    type: optEnum("UNKNOWN", "REFERENCE", "VALUE"),
    reference: opt(z.object({ name: z.string(), key: opt(z.string()) })),
    value: opt(z.object({ data: bytes() })),
  });
  const { Image, Parameter, Volume } = volumeSchemas({ Labels, Secret });
  const DiskInfo = z.object({
    persistence: opt(z.object({ id: z.string(), principal: opt(z.string()) })),
    volume: opt(Volume),
    source: opt(
      z.object({
        type: z.enum(["UNKNOWN", "PATH", "MOUNT", "BLOCK", "RAW"]),
        path: opt(z.object({ root: opt(z.string()) })),
        mount: opt(z.object({ root: opt(z.string()) })),
        vendor: opt(z.string()),
        id: opt(z.string()),
        metadata: opt(Labels),
        profile: opt(z.string()),
      }),
    ),
  });
  const Resource = z.object({
    name: z.string(),
    type: z.enum(["SCALAR", "RANGES", "SET"]),
    scalar: opt(Scalar),
    ranges: opt(Ranges),
    set: opt(ValueSet),
    role: opt(z.string()),
    reservation: opt(ReservationInfo),
    reservations: list(ReservationInfo),
    disk: opt(DiskInfo),
    revocable: opt(z.object({})),
    shared: opt(z.object({})),
    provider_id: opt(Id),
    allocation_info: opt(z.object({ role: opt(z.string()) })),
  });
  const DomainInfo = z.object({
    fault_domain: opt(
      z.object({
        region: z.object({ name: z.string() }),
        zone: z.object({ name: z.string() }),
      }),
    ),
  });
  const MachineID = z.object({ hostname: opt(z.string()), ip: opt(z.string()) });
  const Address = z.object({
    hostname: opt(z.string()),
    ip: opt(z.string()),
    port: bounded(0, 65_535),
  });
  const URL = z.object({
    scheme: z.string(),
    address: Address,
    path: opt(z.string()),
    query: list(z.object({ key: z.string(), value: opt(z.string()) })),
    fragment: opt(z.string()),
  });
  const Filters = z.object({ refuse_seconds: opt(double()) });
  /** `{ "cpus": { "value": 2 } }`: amounts by kind, as quotas and minimums have them. */
  const Amounts = z.record(z.string(), Scalar);
  const KillPolicy = z.object({ grace_period: opt(DurationInfo) });
  return {
    Id,
    Label,
    Labels,
    TimeInfo,
    DurationInfo,
    Duration,
    Unavailability,
    Scalar,
    Range,
    Ranges,
    ValueSet,
    Attribute,
    ReservationInfo,
    DiskInfo,
    Image,
    Parameter,
    Volume,
    Resource,
    DomainInfo,
    MachineID,
    Address,
    URL,
    Filters,
    Amounts,
    KillPolicy,
    Secret,
  };
});

const SECOND_NS = 1_000_000_000;

/** Also takes `{ nanoseconds }`, as everywhere else, and protobuf's text (`"1.5s"`). */
function durationSchema() {
  const parts = z.object({ seconds: opt(integer()), nanos: opt(integer()) });
  const whole = z.pipe(
    z.object({ nanoseconds: integer() }),
    z.transform(({ nanoseconds }) => splitNs(nanoseconds)),
  );
  const text = z.pipe(
    z.string().check(z.regex(/^-?\d{1,12}(\.\d{1,9})?s$/, "it must be seconds, like 1.5s")),
    z.transform((seconds) => splitNs(Math.round(Number.parseFloat(seconds) * SECOND_NS))),
  );
  return z.union([whole, parts, text]);
}

function splitNs(ns: number): { seconds?: number | undefined; nanos?: number | undefined } {
  return { seconds: Math.trunc(ns / SECOND_NS), nanos: ns % SECOND_NS };
}

/** The nanoseconds of a `google.protobuf.Duration`. */
export function nanosecondsOf({ seconds = 0, nanos = 0 }: Duration): number {
  return seconds * SECOND_NS + nanos;
}

type Values = ReturnType<typeof values>;
type Of<Name extends keyof Values> = z.output<Values[Name]>;

/** An id as the protobufs wrap them. */
export interface Id extends Of<"Id"> {}
export interface Label extends Of<"Label"> {}
export interface Labels extends Of<"Labels"> {}
/** A point in time, in nanoseconds since 1970. */
export interface TimeInfo extends Of<"TimeInfo"> {}
export interface DurationInfo extends Of<"DurationInfo"> {}
/** Seconds and nanoseconds, as only DRAIN_AGENT has them. */
export type Duration = Of<"Duration">;
/** When a machine will be away; without a duration: until further notice. */
export interface Unavailability extends Of<"Unavailability"> {}
export interface Attribute extends Of<"Attribute"> {}
/** One resource in Mesos' JSON; `Resources.fromJson` of fairlead/resources reads lists of these. */
export interface ResourceJson extends Of<"Resource"> {}
export interface Image extends Of<"Image"> {}
export interface Parameter extends Of<"Parameter"> {}
export interface Volume extends Of<"Volume"> {}
export interface DomainInfo extends Of<"DomainInfo"> {}
export interface MachineID extends Of<"MachineID"> {}
export interface Address extends Of<"Address"> {}
export interface URLInfo extends Of<"URL"> {}
export interface Filters extends Of<"Filters"> {}
export type Amounts = Of<"Amounts">;
export interface KillPolicy extends Of<"KillPolicy"> {}
export interface Secret extends Of<"Secret"> {}
