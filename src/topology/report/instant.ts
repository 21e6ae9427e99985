/** The three ways in which a report writes an instant. */
import { FairleadError } from "../../base/mod.ts";
import type { Instant } from "./report.ts";

const NS = 1_000_000_000n;
/** Seconds from the first day of year 1 to 1970. */
const YEAR_ONE_SECONDS = 62_135_596_800;
const YEAR_TEN_THOUSAND_SECONDS = 253_402_300_800;

/** The instant that Go has for "none": the first of January of year 1. */
export const ZERO_INSTANT: Instant = BigInt(-YEAR_ONE_SECONDS) * NS;

/** The instant of seconds and nanoseconds since 1970. */
export function instantOf(seconds: number, nanos: number): Instant {
  return BigInt(seconds) * NS + BigInt(nanos);
}

/** The instant of milliseconds since 1970, as clocks give them; parts of a nanosecond are cut. */
export function instantOfMs(ms: number): Instant {
  const whole = Math.floor(ms);
  return BigInt(whole) * 1_000_000n + BigInt(Math.floor((ms - whole) * 1_000_000));
}

/** Milliseconds since 1970, parts of a millisecond cut. */
export function msOfInstant(instant: Instant): number {
  return Number(instant / 1_000_000n);
}

/** Seconds, and nanoseconds from 0 to 999,999,999, of an instant. */
export function partsOfInstant(instant: Instant): {
  readonly seconds: number;
  readonly nanos: number;
} {
  const nanos = ((instant % NS) + NS) % NS;
  return { seconds: Number((instant - nanos) / NS), nanos: Number(nanos) };
}

const RFC_3339 =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,18}))?([Zz]|([+-])(\d\d):(\d\d))$/;

/**
 * Read an instant of RFC 3339; what is finer than a nanosecond is cut.
 *
 * Gives `undefined` for text that is none.
 */
export function parseInstant(text: string): Instant | undefined {
  const match = RFC_3339.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number);
  const days = daysSince1970(year ?? 0, month ?? 0, day ?? 0);
  const isTime = (hour ?? 0) < 24 && (minute ?? 0) < 60 && (second ?? 0) < 60;
  if (days === undefined || !isTime) return undefined;
  const sign = match[9] === "-" ? 60 : -60;
  const offset = match[9] === undefined ? 0 : sign * (Number(match[10]) * 60 + Number(match[11]));
  const inDay = (hour ?? 0) * 3600 + (minute ?? 0) * 60 + (second ?? 0);
  const nanos = Number((match[7] ?? "").slice(0, 9).padEnd(9, "0"));
  const seconds = days * 86_400 + inDay + offset;
  return isInYears(seconds) ? instantOf(seconds, nanos) : undefined;
}

/**
 * Write an instant in RFC 3339 as Go does: UTC, without trailing zeros.
 *
 * @throws {FairleadError} `invalid_argument` outside the years 1 to 9999.
 */
export function formatInstant(instant: Instant): string {
  const { seconds, nanos } = partsOfInstant(instant);
  requireYears(seconds);
  const days = Math.floor(seconds / 86_400);
  const inDay = seconds - days * 86_400;
  const fraction = nanos === 0 ? "" : `.${String(nanos).padStart(9, "0").replace(/0+$/, "")}`;
  const time = [inDay / 3600, (inDay / 60) % 60, inDay % 60].map((part) => two(Math.floor(part)));
  return `${dateOf(days)}T${time.join(":")}${fraction}Z`;
}

/** How many bytes Go's binary form has. */
export const BINARY_INSTANT_BYTES = 15;

/**
 * Read Go's binary form: version 1, seconds since year 1, nanoseconds, minutes of the zone.
 *
 * Gives `undefined` for bytes that are none.
 */
export function readBinaryInstant(bytes: Uint8Array, at: number): Instant | undefined {
  if (bytes.length < at + BINARY_INSTANT_BYTES || bytes[at] !== 1) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, BINARY_INSTANT_BYTES);
  const nanos = view.getUint32(9);
  if (nanos > 999_999_999) return undefined;
  const seconds = view.getInt32(1) * 2 ** 32 + view.getUint32(5) - YEAR_ONE_SECONDS;
  return isInYears(seconds) ? instantOf(seconds, nanos) : undefined;
}

/**
 * Write Go's binary form, UTC.
 *
 * @throws {FairleadError} `invalid_argument` outside the years 1 to 9999.
 */
export function writeBinaryInstant(view: DataView, at: number, instant: Instant): void {
  const { seconds, nanos } = partsOfInstant(instant);
  requireYears(seconds);
  const sinceYearOne = seconds + YEAR_ONE_SECONDS;
  view.setUint8(at, 1);
  view.setUint32(at + 1, Math.floor(sinceYearOne / 2 ** 32));
  view.setUint32(at + 5, sinceYearOne % 2 ** 32);
  view.setUint32(at + 9, nanos);
  // Minutes east of Greenwich; -1 says UTC, in every release of Go.
  view.setInt16(at + 13, -1);
}

/** Whether seconds since 1970 are in the years 1 to 9999, which every form of an instant has. */
export function isInYears(seconds: number): boolean {
  return seconds >= -YEAR_ONE_SECONDS && seconds < YEAR_TEN_THOUSAND_SECONDS;
}

function requireYears(seconds: number): void {
  if (isInYears(seconds)) return;
  throw new FairleadError(
    "invalid_argument",
    `Cannot write an instant: ${seconds} seconds from 1970 is outside the years 1 to 9999`,
    { details: { field: "instant", seconds } },
  );
}

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Days from 1970 of a date of the Gregorian calendar, or `undefined` where there is none. */
function daysSince1970(year: number, month: number, day: number): number | undefined {
  const leap = month === 2 && isLeap(year) ? 1 : 0;
  const length = (MONTH_DAYS[month - 1] ?? 0) + leap;
  if (day < 1 || day > length || year < 1) return undefined;
  const before = MONTH_DAYS.slice(0, month - 1).reduce((sum, days) => sum + days, 0);
  const leapDay = month > 2 && isLeap(year) ? 1 : 0;
  return daysBeforeYear(year) - daysBeforeYear(1970) + before + leapDay + day - 1;
}

function daysBeforeYear(year: number): number {
  const y = year - 1;
  return y * 365 + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400);
}

function isLeap(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}

function dateOf(days: number): string {
  const since = days + daysBeforeYear(1970);
  let year = Math.floor(since / 365.2425) + 1;
  if (daysBeforeYear(year) > since) year -= 1;
  if (daysBeforeYear(year + 1) <= since) year += 1;
  let rest = since - daysBeforeYear(year);
  let month = 0;
  for (; month < 11; month += 1) {
    const length = (MONTH_DAYS[month] ?? 0) + (month === 1 && isLeap(year) ? 1 : 0);
    if (rest < length) break;
    rest -= length;
  }
  return `${String(year).padStart(4, "0")}-${two(month + 1)}-${two(rest + 1)}`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
