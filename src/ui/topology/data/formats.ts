/** Values of reports as a reader wants them: the formats and data types of Scope's templates. */
import { bytes, dateTime, span } from "../../parts/format.ts";

const fine = new Intl.NumberFormat("en-US", { maximumFractionDigits: 2 });
const coarse = new Intl.NumberFormat("en-US", { maximumFractionDigits: 1 });
const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** What a formatter knows of a metric. */
export interface MetricLook {
  readonly value: number;
  /** "", `filesize`, `integer` or `percent`. */
  readonly format?: string | undefined;
  readonly valueEmpty?: boolean | undefined;
}

/** A metric's value: `12.5 %`, `3.1 MB`, `1,204`, `0.45`; `–` when there is none. */
export function metricText({ value, format = "", valueEmpty = false }: MetricLook): string {
  if (valueEmpty || !Number.isFinite(value)) return "–";
  if (format === "filesize") return bytes(value);
  if (format === "percent") return `${value >= 10 ? coarse.format(value) : fine.format(value)} %`;
  if (format === "integer") return whole.format(value);
  return Math.abs(value) >= 100 ? whole.format(value) : fine.format(value);
}

/** What a formatter knows of a line of metadata. */
export interface MetadataLook {
  readonly value: string;
  /** `number`, `ip`, `datetime`, `duration`, or nothing. */
  readonly dataType?: string | undefined;
  /** Characters that are shown. */
  readonly truncate?: number | undefined;
}

/** A line's value; what is no number or date stays as it is. */
export function metadataText({ value, dataType = "", truncate = 0 }: MetadataLook): string {
  if (dataType === "number") return numberText(value);
  if (dataType === "datetime") {
    const ms = Date.parse(value);
    return Number.isNaN(ms) ? value : dateTime(ms);
  }
  if (dataType === "duration") return durationText(value);
  return truncate > 0 && value.length > truncate ? value.slice(0, truncate) : value;
}

/** Digits in groups of three, but not those of a PID or a port. */
function numberText(value: string): string {
  const number = Number(value);
  if (value.trim() === "" || !Number.isFinite(number)) return value;
  return Number.isInteger(number) && Math.abs(number) < 1e7 ? value : fine.format(number);
}

/** Scope sends seconds, or a duration as Go writes it. */
function durationText(value: string): string {
  const seconds = Number(value);
  if (value.trim() !== "" && Number.isFinite(seconds)) return span(seconds * 1_000);
  const parts = [...value.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s)/g)];
  if (parts.map(([all]) => all).join("") !== value || value === "") return value;
  const unitMs: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };
  const ms = parts.reduce((sum, [, digits, unit = ""]) => {
    return sum + Number(digits) * (unitMs[unit] ?? 0);
  }, 0);
  return span(ms);
}

/** A key by which values of a column sort: numbers as numbers, addresses by their parts. */
export function sortKey(value: string, dataType = ""): string | number {
  if (dataType === "number" || dataType === "duration") {
    const number = Number(value);
    return Number.isFinite(number) ? number : Number.NEGATIVE_INFINITY;
  }
  if (dataType === "datetime") {
    const ms = Date.parse(value);
    return Number.isNaN(ms) ? Number.NEGATIVE_INFINITY : ms;
  }
  if (dataType === "ip") return value.replaceAll(/\d+/g, (digits) => digits.padStart(3, "0"));
  return value.toLowerCase();
}

/**
 * How full a metric is, from 0 to 1: by its capacity, or, where its maximum is only the largest
 * value seen, by the largest value around.
 */
export function fillOf(value: number, max: number, largest = 0): number {
  // Go writes an absent limit as 2^64.
  const isCapacity = max > value && max < 1e18;
  const top = isCapacity ? max : Math.max(value, largest);
  return top > 0 ? Math.max(0, value / top) : 0;
}
