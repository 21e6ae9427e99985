/** Values of the v1 API that many nouns share: ids, times, labels, scalars, addresses. */
import * as z from "zod/mini";
import {
  bounded,
  bytes,
  double,
  integer,
  list,
  once,
  opt,
  optEnum,
  type Schema,
} from "./schema.ts";

const id = () => z.object({ value: z.string() });
/** An id as the protobufs wrap them: `{ "value": "…" }`. */
export interface Id extends z.output<ReturnType<typeof id>> {}
/** @internal */
export const Id: Schema<Id> = once(id);

const label = () => z.object({ key: z.string(), value: opt(z.string()) });
export interface Label extends z.output<ReturnType<typeof label>> {}
/** @internal */
export const Label: Schema<Label> = once(label);

const labels = () => z.object({ labels: list(Label()) });
export interface Labels extends z.output<ReturnType<typeof labels>> {}
/** @internal */
export const Labels: Schema<Labels> = once(labels);

const timeInfo = () => z.object({ nanoseconds: integer() });
/** A point in time, in nanoseconds since 1970. */
export interface TimeInfo extends z.output<ReturnType<typeof timeInfo>> {}
/** @internal */
export const TimeInfo: Schema<TimeInfo> = once(timeInfo);

const durationInfo = () => z.object({ nanoseconds: integer() });
export interface DurationInfo extends z.output<ReturnType<typeof durationInfo>> {}
/** @internal */
export const DurationInfo: Schema<DurationInfo> = once(durationInfo);

const SECOND_NS = 1_000_000_000;

/** Also takes `{ nanoseconds }`, as everywhere else, and protobuf's text (`"1.5s"`). */
const duration = () => {
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
};
/** Seconds and nanoseconds, as only DRAIN_AGENT has them. */
export type Duration = z.output<ReturnType<typeof duration>>;
/** @internal */
export const Duration: Schema<Duration> = once(duration);

const unavailability = () => z.object({ start: TimeInfo(), duration: opt(DurationInfo()) });
/** When a machine will be away; without a duration: until further notice. */
export interface Unavailability extends z.output<ReturnType<typeof unavailability>> {}
/** @internal */
export const Unavailability: Schema<Unavailability> = once(unavailability);

const scalar = () => z.object({ value: double() });
export interface Scalar extends z.output<ReturnType<typeof scalar>> {}
/** @internal */
export const Scalar: Schema<Scalar> = once(scalar);

const range = () => z.object({ begin: integer(), end: integer() });
export interface Range extends z.output<ReturnType<typeof range>> {}
/** @internal */
export const Range: Schema<Range> = once(range);

const ranges = () => z.object({ range: list(Range()) });
export interface Ranges extends z.output<ReturnType<typeof ranges>> {}
/** @internal */
export const Ranges: Schema<Ranges> = once(ranges);

const valueSet = () => z.object({ item: list(z.string()) });
export interface ValueSet extends z.output<ReturnType<typeof valueSet>> {}
/** @internal */
export const ValueSet: Schema<ValueSet> = once(valueSet);

const secret = () =>
  z.object({
    type: optEnum("UNKNOWN", "REFERENCE", "VALUE"),
    reference: opt(z.object({ name: z.string(), key: opt(z.string()) })),
    value: opt(z.object({ data: bytes() })),
  });
export interface Secret extends z.output<ReturnType<typeof secret>> {}
/** @internal */
export const Secret: Schema<Secret> = once(secret);

const domainInfo = () =>
  z.object({
    fault_domain: opt(
      z.object({
        region: z.object({ name: z.string() }),
        zone: z.object({ name: z.string() }),
      }),
    ),
  });
export interface DomainInfo extends z.output<ReturnType<typeof domainInfo>> {}
/** @internal */
export const DomainInfo: Schema<DomainInfo> = once(domainInfo);

const machineID = () => z.object({ hostname: opt(z.string()), ip: opt(z.string()) });
export interface MachineID extends z.output<ReturnType<typeof machineID>> {}
/** @internal */
export const MachineID: Schema<MachineID> = once(machineID);

const address = () =>
  z.object({
    hostname: opt(z.string()),
    ip: opt(z.string()),
    port: bounded(0, 65_535),
  });
export interface Address extends z.output<ReturnType<typeof address>> {}
/** @internal */
export const Address: Schema<Address> = once(address);

const urlInfo = () =>
  z.object({
    scheme: z.string(),
    address: Address(),
    path: opt(z.string()),
    query: list(z.object({ key: z.string(), value: opt(z.string()) })),
    fragment: opt(z.string()),
  });
export interface URLInfo extends z.output<ReturnType<typeof urlInfo>> {}
/** @internal */
export const URLInfo: Schema<URLInfo> = once(urlInfo);

const filters = () => z.object({ refuse_seconds: opt(double()) });
export interface Filters extends z.output<ReturnType<typeof filters>> {}
/** @internal */
export const Filters: Schema<Filters> = once(filters);

const amounts = () => z.record(z.string(), Scalar());
/** `{ "cpus": { "value": 2 } }`: amounts by kind, as quotas and minimums have them. */
export type Amounts = z.output<ReturnType<typeof amounts>>;
/** @internal */
export const Amounts: Schema<Amounts> = once(amounts);

const killPolicy = () => z.object({ grace_period: opt(DurationInfo()) });
export interface KillPolicy extends z.output<ReturnType<typeof killPolicy>> {}
/** @internal */
export const KillPolicy: Schema<KillPolicy> = once(killPolicy);

function splitNs(ns: number): { seconds?: number | undefined; nanos?: number | undefined } {
  return { seconds: Math.trunc(ns / SECOND_NS), nanos: ns % SECOND_NS };
}

/** The nanoseconds of a `google.protobuf.Duration`. */
export function nanosecondsOf({ seconds = 0, nanos = 0 }: Duration): number {
  return seconds * SECOND_NS + nanos;
}
