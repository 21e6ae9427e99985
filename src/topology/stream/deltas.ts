import type { NodeSummary } from "../view/summary.ts";

/** A message of Scope's own WebSocket. Empty lists are `null`, as Go writes them. */
export interface ScopeDelta {
  readonly add: readonly NodeSummary[] | null;
  readonly update: readonly NodeSummary[] | null;
  readonly remove: readonly string[] | null;
  /** The client's nodes are all void. */
  readonly reset?: true;
}

/**
 * What leads from one state of a topology to the next, as Scope tells it: whole summaries of the
 * nodes that differ, by the ids' order.
 *
 * Without a state before, everything is added and the client is told to begin anew.
 */
export function scopeDelta(
  before: ReadonlyMap<string, NodeSummary> | undefined,
  after: ReadonlyMap<string, NodeSummary>,
): ScopeDelta {
  if (before === undefined) {
    return { add: orNull([...after.values()]), update: null, remove: null, reset: true };
  }
  if (before === after) return { add: null, update: null, remove: null };
  const add: NodeSummary[] = [];
  const update: NodeSummary[] = [];
  for (const [id, node] of after) {
    const known = before.get(id);
    if (known === undefined) add.push(node);
    else if (!isSame(known, node)) update.push(node);
  }
  const remove = [...before.keys()].filter((id) => !after.has(id));
  return { add: orNull(add), update: orNull(update), remove: orNull(remove) };
}

function orNull<T>(list: readonly T[]): readonly T[] | null {
  return list.length === 0 ? null : list;
}

/** Whether two plain values are equal, part by part. */
export function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((part, i) => isSame(part, b[i]));
  }
  const others = new Map(Object.entries(b));
  const entries = Object.entries(a);
  if (entries.length !== others.size) return false;
  return entries.every(([key, part]) => others.has(key) && isSame(part, others.get(key)));
}
