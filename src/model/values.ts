/** Values of the v1 API that many nouns share: ids, times, labels, resources, attributes. */
import * as z from "zod/mini";
import { bounded, bytes, double, id, integer, list, once, openEnum, opt } from "./schema.ts";

/** @internal */
export const values = once(() => {
  const Id = id();
  const Label = z.object({ key: z.string(), value: opt(z.string()) });
  const Labels = z.object({ labels: list(Label) });
  const TimeInfo = z.object({ nanoseconds: integer() });
  const DurationInfo = z.object({ nanoseconds: integer() });
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
    type: opt(z.enum(["UNKNOWN", "STATIC", "DYNAMIC"])),
    role: opt(z.string()),
    principal: opt(z.string()),
    labels: opt(Labels),
  });
  const Volume = volumeSchema();
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
  const Secret = z.object({
    type: opt(z.enum(["UNKNOWN", "REFERENCE", "VALUE"])),
    reference: opt(z.object({ name: z.string(), key: opt(z.string()) })),
    value: opt(z.object({ data: bytes() })),
  });
  return {
    Id,
    Label,
    Labels,
    TimeInfo,
    DurationInfo,
    Unavailability,
    Scalar,
    Range,
    Ranges,
    ValueSet,
    Attribute,
    ReservationInfo,
    DiskInfo,
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

function volumeSchema() {
  return z.object({
    mode: opt(z.enum(["RW", "RO"])),
    container_path: z.string(),
    host_path: opt(z.string()),
    image: opt(z.unknown()),
    source: opt(
      z.object({
        type: openEnum(
          "UNKNOWN",
          "DOCKER_VOLUME",
          "HOST_PATH",
          "SANDBOX_PATH",
          "SECRET",
          "CSI_VOLUME",
        ),
        docker_volume: opt(z.object({ name: z.string(), driver: opt(z.string()) })),
        host_path: opt(z.object({ path: z.string() })),
        sandbox_path: opt(
          z.object({ type: openEnum("UNKNOWN", "SELF", "PARENT"), path: z.string() }),
        ),
        secret: opt(
          z.object({
            type: opt(z.enum(["UNKNOWN", "REFERENCE", "VALUE"])),
            reference: opt(z.object({ name: z.string(), key: opt(z.string()) })),
            value: opt(z.object({ data: bytes() })),
          }),
        ),
      }),
    ),
  });
}

type Values = ReturnType<typeof values>;
type Of<Name extends keyof Values> = z.output<Values[Name]>;

/** An id as the protobufs wrap them. */
export type Id = Of<"Id">;
export type Label = Of<"Label">;
export type Labels = Of<"Labels">;
/** A point in time, in nanoseconds since 1970. */
export type TimeInfo = Of<"TimeInfo">;
export type DurationInfo = Of<"DurationInfo">;
/** When a machine will be away; without a duration: until further notice. */
export type Unavailability = Of<"Unavailability">;
export type Attribute = Of<"Attribute">;
/** One resource in Mesos' JSON; `Resources.fromJson` of fairlead/resources reads lists of these. */
export type ResourceJson = Of<"Resource">;
export type Volume = Of<"Volume">;
export type DomainInfo = Of<"DomainInfo">;
export type MachineID = Of<"MachineID">;
export type Address = Of<"Address">;
export type URLInfo = Of<"URL">;
export type Filters = Of<"Filters">;
export type Amounts = Of<"Amounts">;
export type KillPolicy = Of<"KillPolicy">;
export type Secret = Of<"Secret">;
