/** Numbers and times as an operator reads them. The language is English, as all of the console. */
import type { ConsoleAmounts } from "../../model/mod.ts";

/** The kinds of resources that the console shows, in its order. */
export const KINDS = ["cpus", "mem", "disk", "gpus"] as const;
export type Kind = (typeof KINDS)[number];

/** What people call a kind. */
export const KIND_NAMES: Readonly<Record<Kind, string>> = {
  cpus: "CPUs",
  mem: "Memory",
  disk: "Disk",
  gpus: "GPUs",
};

const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat("en-US", { maximumFractionDigits: 1 });
const thousandths = new Intl.NumberFormat("en-US", { maximumFractionDigits: 3 });

/** 12345 → `12,345` */
export function count(value: number): string {
  return whole.format(value);
}

/** `1 task`, `2 tasks` */
export function plural(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? "" : "s"}`;
}

/** 0.1234 → `12 %`; what is there is never `0 %`, what is not all never `100 %`. */
export function percent(ratio: number): string {
  if (!Number.isFinite(ratio)) return "–";
  const value = ratio * 100;
  if (value > 0 && value < 0.5) return "<1 %";
  if (value > 99.5 && value < 100) return ">99 %";
  return `${whole.format(value)} %`;
}

/** A share between 0 and 1 with the digits that tell two of them apart. */
export function share(ratio: number): string {
  return `${(ratio * 100).toFixed(ratio < 0.0995 ? 2 : 1)} %`;
}

const SIZES = ["B", "KB", "MB", "GB", "TB", "PB", "EB"] as const;

/** Bytes, in steps of 1,024. */
export function bytes(value: number): string {
  const [text, unit] = sized(value, 0);
  return `${text} ${unit}`;
}

function sized(value: number, from: number): readonly [string, string] {
  let rest = value;
  let step = from;
  while (Math.abs(rest) >= 1_024 && step < SIZES.length - 1) {
    rest /= 1_024;
    step += 1;
  }
  return [rest >= 100 ? whole.format(rest) : tenths.format(rest), SIZES[step] ?? ""];
}

/** An amount of a kind with its unit: `1.5`, `64 GB`. */
export function amount(kind: Kind, value: number): string {
  if (kind === "cpus" || kind === "gpus") return cores(value);
  const [text, unit] = sized(value, 2);
  return `${text} ${unit}`;
}

function cores(value: number): string {
  if (value >= 1_000) return whole.format(value);
  return value >= 10 ? tenths.format(value) : thousandths.format(value);
}

/** All amounts that are not 0, in a line: `2 CPUs, 1 GB memory`. */
export function amounts(value: Partial<ConsoleAmounts>): string {
  const words = { cpus: " CPUs", mem: " memory", disk: " disk", gpus: " GPUs" };
  const parts = KINDS.filter((kind) => (value[kind] ?? 0) > 0).map(
    (kind) => `${amount(kind, value[kind] ?? 0)}${words[kind]}`,
  );
  return parts.length === 0 ? "nothing" : parts.join(", ");
}

/** `used of total`, the unit once where it is the same. */
export function pair(kind: Kind, part: number, total: number): string {
  const left = amount(kind, part);
  const right = amount(kind, total);
  const [number, unit] = left.split(" ");
  const isSame = unit !== undefined && right.endsWith(` ${unit}`);
  return `${isSame ? number : left} of ${right}`;
}

/** A stretch of time in its largest unit: `45 s`, `3 min`, `5 h`, `12 d`. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 100) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 100) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${count(Math.round(hours / 24))} d`;
}

/** A short stretch with more digits, for histories: `320 ms`, `1.4 s`, `2 min 5 s`. */
export function lapse(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${tenths.format(ms / 1_000)} s`;
  if (ms >= 3_600_000) return span(ms);
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** How long ago, or in how long. */
export function ago(nowMs: number, ms: number): string {
  if (Math.abs(nowMs - ms) < 1_500) return "now";
  return ms > nowMs ? `in ${span(ms - nowMs)}` : `${span(nowMs - ms)} ago`;
}

const clockTime = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });
const calendar = new Intl.DateTimeFormat("en-CA");

/** `2026-03-01 14:05:09`, in the zone of the reader. */
export function dateTime(ms: number): string {
  const date = new Date(ms);
  return `${calendar.format(date)} ${clockTime.format(date)}`;
}

/** `14:05:09` */
export function timeOfDay(ms: number): string {
  return clockTime.format(new Date(ms));
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}-(?=.)/i;

/** The end of an id that the master made: `…-S12` → `S12`; others stay as they are. */
export function shortId(id: string): string {
  return id.replace(UUID, "");
}

/** A key by which names sort as people count: `node-9` before `node-10`. */
export function naturalKey(text: string): string {
  return text.toLowerCase().replaceAll(/\d+/g, (digits) => digits.padStart(12, "0"));
}
