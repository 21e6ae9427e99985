/** From what the target has to what it is to have, in as few steps as there are differences. */

import { childOf, type Operation, parentOf, type SnapshotNode } from "../zookeeper/mod.ts";
import { sameAcl, sameBytes, sameLifetime } from "./same.ts";
import { PAD } from "./translate.ts";

/** Steps in order: operations may be cut into batches anywhere; ACLs come last. */
export interface Reconciliation {
  readonly operations: readonly Operation[];
  readonly acls: readonly { readonly path: string; readonly acl: SnapshotNode["acl"] }[];
  /** Nodes that were made, made again, changed or deleted. */
  readonly touched: number;
}

/** What of the servers' counts is brought over. */
export interface CountsPolicy {
  /** Versions of data, by as many writes as it takes. */
  readonly versions: boolean;
  /** Counters of sequential names, by nodes that come and go. */
  readonly counters: boolean;
}

/**
 * Compare two lists of nodes, and say how one becomes the other.
 *
 * A node whose version is too high already, or whose kind is another, is made again.
 * Cost: O(nodes), and one operation for each step of a count.
 */
export function reconcile(
  expected: readonly SnapshotNode[],
  actual: readonly SnapshotNode[],
  policy: CountsPolicy,
): Reconciliation {
  const { runs, ...rest } = reconcileRuns(expected, actual, policy);
  return { ...rest, operations: [...operationsOf(runs)] };
}

/** Operations that are done so many times, one round after the other. */
export interface Run {
  readonly operations: readonly Operation[];
  readonly times: number;
}

/** How many operations runs stand for. */
export function countOf(runs: readonly Run[]): number {
  return runs.reduce((sum, { operations, times }) => sum + operations.length * times, 0);
}

/** The operations that runs stand for, one after the other. */
export function* operationsOf(runs: readonly Run[]): Generator<Operation, undefined> {
  for (const { operations, times } of runs) {
    for (let round = 0; round < times; round += 1) yield* operations;
  }
  return undefined;
}

/** {@linkcode reconcile} in memory that does not grow with versions and counters. */
export function reconcileRuns(
  expected: readonly SnapshotNode[],
  actual: readonly SnapshotNode[],
  policy: CountsPolicy,
): Omit<Reconciliation, "operations"> & { readonly runs: readonly Run[] } {
  const has = new Map(actual.map((node) => [node.path, node]));
  const wants = new Map(expected.map((node) => [node.path, node]));
  const again = againOf(expected, has, policy);
  const runs: Run[] = [];
  const acls: { path: string; acl: SnapshotNode["acl"] }[] = [];
  let touched = 0;
  const gone = actual.filter(({ path }) => !wants.has(path) || again.has(path));
  // Children go before their parents.
  for (const { path } of gone.toSorted((left, right) => right.path.length - left.path.length)) {
    runs.push(once({ type: "delete", path }));
    touched += 1;
  }
  const children = childrenMade(expected, has, again);
  for (const node of expected.toSorted((left, right) => left.path.length - right.path.length)) {
    const found = again.has(node.path) ? undefined : has.get(node.path);
    const before = runs.length;
    if (found === undefined) make(node, runs, policy);
    else change(node, found, runs, policy);
    if (found !== undefined && !sameAcl(found.acl, node.acl)) {
      acls.push({ path: node.path, acl: node.acl });
    }
    if (policy.counters && node.path !== "/") {
      const made = children.get(node.path) ?? 0;
      padCounter(node.path, node.cversion - (found?.cversion ?? 0) - made, runs);
    }
    if (runs.length > before) touched += 1;
  }
  return { runs, acls, touched };
}

/** Nodes that have to be made again, with all that is below them. */
function againOf(
  expected: readonly SnapshotNode[],
  has: ReadonlyMap<string, SnapshotNode>,
  policy: CountsPolicy,
): ReadonlySet<string> {
  const again = new Set<string>();
  for (const node of expected) {
    const found = has.get(node.path);
    if (found === undefined || node.path === "/") continue;
    const isOther = !sameLifetime(found.lifetime, node.lifetime) || found.ephemeralOwner !== 0n;
    const isAhead = policy.versions && found.version > node.version;
    const isEqualCount = policy.versions && found.version === node.version;
    const isChanged = isEqualCount && !sameBytes(found.data, node.data);
    if (isOther || isAhead || isChanged) again.add(node.path);
  }
  if (again.size === 0) return again;
  for (const path of has.keys()) {
    for (let at = path; at !== "/"; at = parentOf(at)) {
      if (!again.has(at)) continue;
      again.add(path);
      break;
    }
  }
  return again;
}

/** How many children each node gets. */
function childrenMade(
  expected: readonly SnapshotNode[],
  has: ReadonlyMap<string, SnapshotNode>,
  again: ReadonlySet<string>,
): ReadonlyMap<string, number> {
  const made = new Map<string, number>();
  for (const { path } of expected) {
    if (path === "/" || (has.has(path) && !again.has(path))) continue;
    const parent = parentOf(path);
    made.set(parent, (made.get(parent) ?? 0) + 1);
  }
  return made;
}

const once = (operation: Operation): Run => ({ operations: [operation], times: 1 });

function make(node: SnapshotNode, runs: Run[], policy: CountsPolicy): void {
  const { path, data, acl, lifetime, version } = node;
  runs.push(once({ type: "create", path, data, acl, lifetime }));
  if (policy.versions && version > 0) raise(path, version, data, runs);
}

function change(node: SnapshotNode, found: SnapshotNode, runs: Run[], policy: CountsPolicy): void {
  const { path, data, version } = node;
  const steps = policy.versions && path !== "/" ? version - found.version : 0;
  if (steps > 0) raise(path, steps, data, runs);
  else if (!sameBytes(found.data, data)) runs.push(once({ type: "set", path, data }));
}

/** The data comes with the last step alone. */
function raise(path: string, steps: number, data: Uint8Array | null, runs: Run[]): void {
  if (steps > 1) runs.push({ operations: [{ type: "set", path, data: null }], times: steps - 1 });
  runs.push(once({ type: "set", path, data }));
}

function padCounter(parent: string, steps: number, runs: Run[]): void {
  const path = childOf(parent, PAD);
  if (steps <= 0) return;
  runs.push({
    operations: [
      { type: "create", path },
      { type: "delete", path },
    ],
    times: steps,
  });
}
