/** Whether two lists of nodes are equal, and where they are not. */

import type { SnapshotNode } from "../zookeeper/mod.ts";
import { hashAll, stateBytes } from "./hashes.ts";
import { DIFFERS, type DiffColumns, type DiffKernel } from "./kernel/contract.ts";
import { createKernel } from "./kernel/wasm.ts";
import type { CountsPolicy } from "./reconcile.ts";
import { sameAcl, sameBytes, sameLifetime } from "./same.ts";

/** What is different about a node. */
export type Facet = "missing" | "extra" | "data" | "acl" | "kind" | "version" | "counter";

/** One node that differs. */
export interface Difference {
  readonly path: string;
  readonly facets: readonly Facet[];
}

/** The outcome of a comparison. */
export interface Comparison {
  readonly nodes: number;
  readonly bytes: number;
  /** One hash over all nodes of each side, hex: equal when nothing differs. */
  readonly digests: { readonly expected: string; readonly actual: string };
  readonly differencesCount: number;
  /** The first ones, by path. */
  readonly differences: readonly Difference[];
}

/** Options of {@linkcode compare}. */
export interface CompareOptions {
  readonly policy: CountsPolicy;
  /** Nodes that may differ, for they change right now. */
  readonly ignore?: (path: string) => boolean;
  /** How many differences are kept. @default 1_000 */
  readonly differencesMax?: number | undefined;
  readonly kernel?: DiffKernel | undefined;
}

/** A side's rows, sorted by key, and the nodes they stand for. */
interface Rows {
  readonly nodes: readonly SnapshotNode[];
  readonly keys: BigUint64Array;
  readonly states: BigUint64Array;
  /** Row → node. */
  readonly order: Uint32Array;
}

let shared: DiffKernel | undefined;

/**
 * Compare what a target is to have with what it has.
 *
 * Rows are joined by the hash of their path and compared by the hash of their state; equal hashes
 * are confirmed by the bytes themselves, so that no collision passes. A version has to be equal, a
 * counter of sequential names at least as high, as far as the policy says.
 *
 * Cost: O(n log n) for n nodes a side.
 */
export function compare(
  expected: readonly SnapshotNode[],
  actual: readonly SnapshotNode[],
  { policy, ignore = () => false, differencesMax = 1_000, kernel }: CompareOptions,
): Comparison {
  shared ??= createKernel("wasm");
  const diff = kernel ?? shared;
  const left = rowsOf(expected, diff);
  const right = rowsOf(actual, diff);
  const columns = diff.open(left.nodes.length, right.nodes.length);
  fill(left, columns.leftKey, columns.leftState, columns.leftCounts);
  fill(right, columns.rightKey, columns.rightState, columns.rightCounts);
  const count = diff.merge(left.nodes.length, right.nodes.length, 2n ** 64n - 1n);
  const found = [
    ...rowDifferences(columns, count, left, right, policy),
    ...collisions(columns, count, left, right),
  ].filter(({ path }) => !ignore(path));
  found.sort((one, other) => (one.path < other.path ? -1 : 1));
  return {
    nodes: expected.length,
    bytes: expected.reduce((sum, { data }) => sum + (data?.length ?? 0), 0),
    digests: { expected: digestOf(left, diff), actual: digestOf(right, diff) },
    differencesCount: found.length,
    differences: found.slice(0, differencesMax),
  };
}

/** Of two comparisons, one after the other: the later one, with what both found. */
export function both(before: Comparison, after: Comparison): Comparison {
  const known = new Set(before.differences.map(({ path }) => path));
  const differences = after.differences.filter(({ path }) => known.has(path));
  // Where not all were kept, what was not is taken to differ still.
  const isWhole = before.differences.length === before.differencesCount;
  if (!isWhole || after.differences.length < after.differencesCount) return after;
  return { ...after, differences, differencesCount: differences.length };
}

function rowDifferences(
  columns: DiffColumns,
  count: number,
  left: Rows,
  right: Rows,
  policy: CountsPolicy,
): Difference[] {
  const found: Difference[] = [];
  for (let row = 0; row < count; row += 1) {
    const one = nodeAt(left, columns.outLeft[row] ?? -1);
    const other = nodeAt(right, columns.outRight[row] ?? -1);
    const path = one?.path ?? other?.path ?? "";
    const facets = facetsOf(one, other, policy);
    if (facets.length > 0) found.push({ path, facets });
  }
  return found;
}

/** Servers delete a container that is empty again, each ensemble when it comes to it. */
function mayBeReaped(node: SnapshotNode | undefined): boolean {
  return node?.lifetime.type === "container" && node.cversion > 0;
}

function facetsOf(
  one: SnapshotNode | undefined,
  other: SnapshotNode | undefined,
  policy: CountsPolicy,
): Facet[] {
  if (other === undefined) return mayBeReaped(one) ? [] : ["missing"];
  if (one === undefined) return ["extra"];
  const facets: Facet[] = [];
  if (!sameBytes(one.data, other.data)) facets.push("data");
  if (!sameAcl(one.acl, other.acl)) facets.push("acl");
  if (!sameLifetime(one.lifetime, other.lifetime)) facets.push("kind");
  // The root is there before anything is brought over, and has counts of its own.
  if (one.path === "/") return facets;
  if (policy.versions && one.version !== other.version) facets.push("version");
  if (policy.counters && other.cversion < one.cversion) facets.push("counter");
  return facets;
}

/** Rows that the kernel took for equal and that are not: two paths or states with one hash. */
function collisions(columns: DiffColumns, count: number, left: Rows, right: Rows): Difference[] {
  const told = new Set<number>();
  const extra = new Set<number>();
  for (let row = 0; row < count; row += 1) {
    const kind = columns.outKind[row] ?? 0;
    if (kind === DIFFERS.onlyRight) extra.add(columns.outRight[row] ?? -1);
    else told.add(columns.outLeft[row] ?? -1);
  }
  const found: Difference[] = [];
  let at = 0;
  for (let row = 0; row < left.nodes.length; row += 1) {
    while (extra.has(at)) at += 1;
    if (told.has(row)) {
      // A row that differs has a partner too, unless it is missing.
      if (left.keys[row] === right.keys[at]) at += 1;
      continue;
    }
    const one = nodeAt(left, row);
    const other = nodeAt(right, at);
    at += 1;
    if (one === undefined || other === undefined) continue;
    if (one.path !== other.path) {
      found.push({ path: one.path, facets: ["missing"] }, { path: other.path, facets: ["extra"] });
    } else if (!sameBytes(one.data, other.data)) found.push({ path: one.path, facets: ["data"] });
  }
  return found;
}

function nodeAt({ nodes, order }: Rows, row: number): SnapshotNode | undefined {
  const index = order[row];
  return row < 0 || index === undefined ? undefined : nodes[index];
}

function rowsOf(nodes: readonly SnapshotNode[], kernel: DiffKernel): Rows {
  const encoder = new TextEncoder();
  const paths = hashAll(
    nodes.map(({ path }) => encoder.encode(path)),
    kernel,
  );
  const states = hashAll(nodes.map(stateBytes), kernel);
  const order = Uint32Array.from(nodes.keys());
  order.sort((one, other) => compareU64(paths[one] ?? 0n, paths[other] ?? 0n));
  return {
    nodes,
    order,
    keys: BigUint64Array.from(order, (index) => paths[index] ?? 0n),
    states: BigUint64Array.from(order, (index) => states[index] ?? 0n),
  };
}

function compareU64(one: bigint, other: bigint): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

function fill(
  rows: Rows,
  key: BigUint64Array,
  state: BigUint64Array,
  counts: BigUint64Array,
): void {
  key.set(rows.keys);
  state.set(rows.states);
  for (let row = 0; row < rows.nodes.length; row += 1) {
    const node = nodeAt(rows, row);
    const version = BigInt.asUintN(32, BigInt(node?.version ?? 0));
    const counter = BigInt.asUintN(32, BigInt(node?.cversion ?? 0));
    counts[row] = (version << 32n) | counter;
  }
}

/** A hash over all rows in the order of their keys. */
function digestOf({ keys, states }: Rows, kernel: DiffKernel): string {
  const words = new BigUint64Array(keys.length * 2);
  for (let row = 0; row < keys.length; row += 1) {
    words[row * 2] = keys[row] ?? 0n;
    words[row * 2 + 1] = states[row] ?? 0n;
  }
  const bytes = new Uint8Array(words.buffer);
  const [hash = 0n] = kernel.hash(bytes, Uint32Array.of(bytes.length));
  return hash.toString(16).padStart(16, "0");
}
