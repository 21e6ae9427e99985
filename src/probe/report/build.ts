/** The parts of a report, made with what is common to all of them filled in. */
import type { Instant, LatestEntry, Metric, ReportNode } from "../../topology/mod.ts";

export { makeReport, makeTopology, type ReportHead } from "../../topology/mod.ts";

const NS_PER_MS = 1_000_000n;
const NONE: ReadonlyMap<string, never> = new Map<string, never>();
const NOTHING: readonly never[] = [];

/** An instant of a clock's milliseconds. */
export function instantOf(nowMs: number): Instant {
  return BigInt(Math.round(nowMs)) * NS_PER_MS;
}

/** Values as they were at an instant; those that are undefined are left out. Keys are sorted. */
export function latestAt(
  timestamp: Instant,
  values: Readonly<Record<string, string | undefined>>,
): ReadonlyMap<string, LatestEntry> {
  const latest = new Map<string, LatestEntry>();
  for (const key of Object.keys(values).sort()) {
    const value = values[key];
    if (value !== undefined) latest.set(key, { timestamp, value });
  }
  return latest;
}

/** A metric with one sample. */
export function measured(date: Instant, value: number, max = value): Metric {
  return { samples: [{ date, value }], min: value, max: Math.max(value, max) };
}

/** Texts sorted, each once. */
export function sortedSet(texts: Iterable<string>): readonly string[] {
  return [...new Set(texts)].sort();
}

/** What a node has besides its id and topology. */
export type NodeParts = Partial<Omit<ReportNode, "id" | "topology">>;

/** A node; what `parts` leaves out is empty. */
export function makeNode(id: string, topology: string, parts: NodeParts = {}): ReportNode {
  return {
    id,
    topology,
    latest: parts.latest ?? NONE,
    sets: parts.sets ?? NONE,
    adjacency: parts.adjacency ?? NOTHING,
    metrics: parts.metrics ?? NONE,
    parents: parts.parents ?? NONE,
    children: parts.children ?? NOTHING,
  };
}
