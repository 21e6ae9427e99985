/** Resources and attributes in Mesos' JSON. */
import * as z from "zod/mini";
import { list, once, opt, optEnum, type Schema } from "./schema.ts";
import { Id, Labels, Ranges, Scalar, ValueSet } from "./values.ts";
import { Volume } from "./volumes.ts";

const attribute = () =>
  z.object({
    name: z.string(),
    type: z.enum(["SCALAR", "RANGES", "SET", "TEXT"]),
    scalar: opt(Scalar()),
    ranges: opt(Ranges()),
    set: opt(ValueSet()),
    text: opt(z.object({ value: z.string() })),
  });
export interface Attribute extends z.output<ReturnType<typeof attribute>> {}
/** @internal */
export const Attribute: Schema<Attribute> = once(attribute);

const reservationInfo = () =>
  z.object({
    type: optEnum("UNKNOWN", "STATIC", "DYNAMIC"),
    role: opt(z.string()),
    principal: opt(z.string()),
    labels: opt(Labels()),
  });
export interface ReservationInfo extends z.output<ReturnType<typeof reservationInfo>> {}
/** @internal */
export const ReservationInfo: Schema<ReservationInfo> = once(reservationInfo);

/** @internal */
export const diskInfo = () =>
  z.object({
    persistence: opt(z.object({ id: z.string(), principal: opt(z.string()) })),
    volume: opt(Volume()),
    source: opt(
      z.object({
        type: z.enum(["UNKNOWN", "PATH", "MOUNT", "BLOCK", "RAW"]),
        path: opt(z.object({ root: opt(z.string()) })),
        mount: opt(z.object({ root: opt(z.string()) })),
        vendor: opt(z.string()),
        id: opt(z.string()),
        metadata: opt(Labels()),
        profile: opt(z.string()),
      }),
    ),
  });
export interface DiskInfo extends z.output<ReturnType<typeof diskInfo>> {}
/** @internal */
export const DiskInfo: Schema<DiskInfo> = once(diskInfo);

const resourceJson = () =>
  z.object({
    name: z.string(),
    type: z.enum(["SCALAR", "RANGES", "SET"]),
    scalar: opt(Scalar()),
    ranges: opt(Ranges()),
    set: opt(ValueSet()),
    role: opt(z.string()),
    reservation: opt(ReservationInfo()),
    reservations: list(ReservationInfo()),
    disk: opt(DiskInfo()),
    revocable: opt(z.object({})),
    shared: opt(z.object({})),
    provider_id: opt(Id()),
    allocation_info: opt(z.object({ role: opt(z.string()) })),
  });
/** One resource in Mesos' JSON; `Resources.fromJson` of fairlead/resources reads lists of these. */
export interface ResourceJson extends z.output<ReturnType<typeof resourceJson>> {}
/** @internal */
export const ResourceJson: Schema<ResourceJson> = once(resourceJson);
