/** What a migration would do, and what stands in its way; nothing is written. */

import type { Acl, SnapshotNode } from "../zookeeper/mod.ts";
import { journalPaths } from "./journal.ts";
import type { MoveOptions } from "./options.ts";
import type { EnsembleClient, Strategy } from "./ports.ts";
import { quotasOf } from "./quotas.ts";
import { type CountsPolicy, countOf, reconcileRuns } from "./reconcile.ts";
import { snapshotOf } from "./replicator.ts";
import { Scope } from "./scope.ts";
import { steady } from "./steady.ts";
import { type EphemeralPolicy, expectedNodes } from "./translate.ts";

/** Options of {@linkcode planMigration}. */
export interface PlanOptions extends MoveOptions {
  /** The largest write that the target takes. @default 1_000_000 */
  readonly requestBytesMax?: number | undefined;
  /** Writes that one node may cost for its version or counter. @default 1_000_000 */
  readonly countStepsMax?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Something that an operator has to know. */
export interface Finding {
  readonly code:
    | "source_missing"
    | "target_not_empty"
    | "target_zxid_lower"
    | "node_too_large"
    | "count_too_high"
    | "source_rights"
    | "target_rights"
    | "ephemerals_left"
    | "ephemerals_kept"
    | "times_to_live"
    | "schemes"
    | "quotas"
    | "followed_by_watches";
  /** What it is, and what helps. */
  readonly message: string;
  readonly count: number;
  /** The first hundred. */
  readonly paths: readonly string[];
}

/** What is moved. */
export interface Inventory {
  readonly nodes: number;
  readonly bytes: number;
  readonly largestBytes: number;
  readonly depth: number;
  /** Most children of one node. */
  readonly widest: number;
  readonly ephemerals: number;
  readonly containers: number;
  readonly timesToLive: number;
  readonly acls: number;
  readonly zxid: bigint;
}

/** The outcome of {@linkcode planMigration}. */
export interface Plan {
  readonly id: string;
  /** How changes are followed. */
  readonly strategy: Strategy;
  readonly inventory: Inventory;
  readonly targetZxid: bigint;
  /** With any of them a migration is not to be begun. */
  readonly blockers: readonly Finding[];
  readonly warnings: readonly Finding[];
  /** Operations of the first copy, counts included. */
  readonly operations: number;
  /** A guess, from 20,000 operations a second. */
  readonly copySeconds: number;
}

const PATHS_MAX = 100;
const OPERATIONS_PER_SECOND = 20_000;
/** What the cursor and the frame take of a write. */
const WRITE_BYTES = 2_000;
const KNOWN_SCHEMES = ["world", "digest", "ip"];

/**
 * Look at both sides, and say what a migration would move, what it costs and what forbids it.
 *
 * @throws {FairleadError} `invalid_scope`, `invalid_path`; `tap_refused` when a log cannot be
 * followed; what the clients throw; the signal's reason.
 */
export async function planMigration(options: PlanOptions): Promise<Plan> {
  const scope = new Scope(options.mappings, options.exclude);
  const signal = options.signal ?? new AbortController().signal;
  const [source, target] = [steady(options.source), steady(options.target)];
  const [from, to] = await Promise.all([snapshotOf(source, signal), snapshotOf(target, signal)]);
  const { ephemerals = () => "drop", data } = options;
  const how = { scope, ephemerals, acl: (acl: readonly Acl[]) => acl, data };
  const moved = from.nodes.filter(({ path }) => scope.map(path) !== undefined);
  const wanted = expectedNodes(from.nodes, how);
  const counts = { versions: true, counters: true, ...options.counts };
  const tooHigh = countsTooHigh(moved, counts, options.countStepsMax ?? 1_000_000);
  const operations = countOf(reconcileRuns(wanted, [], counts).runs);
  const isBegun = (await target.client.exists(journalPaths(options.id).cursor)) !== undefined;
  const rights = await missingRights(source.client, target.client);
  const blockers = [
    sourceMissing(scope, from.nodes),
    targetNotEmpty(scope, to.nodes, isBegun),
    zxidLower(from.zxid, to.zxid),
    tooLarge(wanted, options.requestBytesMax ?? 1_000_000),
    tooHigh,
    ...rights,
  ];
  const warnings = [
    ...ephemeralsOf(moved, ephemerals),
    timesToLive(moved),
    schemes(moved),
    quotas(from.nodes, scope),
    followedByWatches(source.strategy, scope),
  ];
  const isThere = ({ count }: Finding) => count > 0;
  return {
    id: options.id,
    strategy: source.strategy ?? "tap",
    inventory: inventoryOf(moved, from.zxid),
    targetZxid: to.zxid,
    blockers: blockers.filter(isThere),
    warnings: warnings.filter(isThere),
    operations,
    copySeconds: Math.ceil(operations / OPERATIONS_PER_SECOND),
  };
}

function finding(code: Finding["code"], message: string, paths: readonly string[]): Finding {
  return { code, message, count: paths.length, paths: paths.slice(0, PATHS_MAX) };
}

function sourceMissing(scope: Scope, nodes: readonly SnapshotNode[]): Finding {
  const has = new Set(nodes.map(({ path }) => path));
  const missing = scope.sources.filter((path) => !has.has(path));
  return finding("source_missing", "These subtrees are not on the source", missing);
}

/** What an earlier run of the same migration has brought over is no obstacle. */
function targetNotEmpty(scope: Scope, nodes: readonly SnapshotNode[], isBegun: boolean): Finding {
  const inverse = scope.inverse();
  const there = nodes.filter(({ path }) => path !== "/" && inverse.map(path) !== undefined);
  return finding(
    "target_not_empty",
    "These nodes are where the source's are to be: delete them, or choose another place",
    isBegun ? [] : there.map(({ path }) => path),
  );
}

function zxidLower(source: bigint, target: bigint): Finding {
  const message =
    `The target's zxid 0x${target.toString(16)} is below the source's 0x${source.toString(16)}: ` +
    "clients that are sent over would be refused until they restart. Before the target's first " +
    "start, write a higher epoch into currentEpoch and acceptedEpoch of each server";
  return finding("target_zxid_lower", message, target > source ? [] : ["/"]);
}

function tooLarge(nodes: readonly SnapshotNode[], bytesMax: number): Finding {
  const room = bytesMax - WRITE_BYTES;
  const sizeOf = ({ path, data, acl }: SnapshotNode) =>
    path.length * 3 + (data?.length ?? 0) + acl.reduce((sum, { id }) => sum + id.length + 20, 0);
  return finding(
    "node_too_large",
    `These nodes need more than ${room} bytes: raise jute.maxbuffer of the target, and requestBytesMax`,
    nodes.filter((node) => sizeOf(node) > room).map(({ path }) => path),
  );
}

function countsTooHigh(
  nodes: readonly SnapshotNode[],
  policy: CountsPolicy,
  stepsMax: number,
): Finding {
  const isHigh = ({ version, cversion }: SnapshotNode) =>
    (policy.versions && version > stepsMax) || (policy.counters && cversion > stepsMax);
  return finding(
    "count_too_high",
    `These nodes have versions or counters that cost more than ${stepsMax} writes each: raise countStepsMax, or leave counts out`,
    nodes.filter(isHigh).map(({ path }) => path),
  );
}

async function missingRights(source: EnsembleClient, target: EnsembleClient): Promise<Finding[]> {
  const isSuper = async (client: EnsembleClient) => {
    const identities = await client.whoAmI?.();
    return identities?.some(({ user }) => user === "super") ?? true;
  };
  const [onSource, onTarget] = await Promise.all([isSuper(source), isSuper(target)]);
  const what = "is no superuser there: hand in the digest of super";
  return [
    finding("source_rights", `Who fences the source ${what}`, onSource ? [] : ["/"]),
    finding("target_rights", `Who writes to the target ${what}`, onTarget ? [] : ["/"]),
  ];
}

function ephemeralsOf(
  nodes: readonly SnapshotNode[],
  policy: (path: string) => EphemeralPolicy,
): Finding[] {
  const all = nodes.filter(({ lifetime }) => lifetime.type === "ephemeral");
  const paths = (kind: EphemeralPolicy) =>
    all.filter(({ path }) => policy(path) === kind).map(({ path }) => path);
  return [
    finding(
      "ephemerals_left",
      "These ephemerals stay behind: their owners make them again on the target",
      paths("drop"),
    ),
    finding(
      "ephemerals_kept",
      "These ephemerals are kept as plain nodes until their owners come",
      paths("ghost"),
    ),
  ];
}

function timesToLive(nodes: readonly SnapshotNode[]): Finding {
  return finding(
    "times_to_live",
    "The time to live of these nodes begins anew; the target needs extendedTypesEnabled",
    nodes.filter(({ lifetime }) => lifetime.type === "ttl").map(({ path }) => path),
  );
}

function schemes(nodes: readonly SnapshotNode[]): Finding {
  const isForeign = ({ acl }: SnapshotNode) =>
    acl.some(({ scheme }) => !KNOWN_SCHEMES.includes(scheme));
  return finding(
    "schemes",
    "The ACLs of these nodes have schemes that the target must have providers of",
    nodes.filter(isForeign).map(({ path }) => path),
  );
}

function quotas(nodes: readonly SnapshotNode[], scope: Scope): Finding {
  return finding(
    "quotas",
    "These nodes have quotas: the target gets them when it is opened, and counts anew",
    quotasOf(nodes, scope).map(({ path }) => path),
  );
}

function followedByWatches(strategy: Strategy = "tap", scope: Scope): Finding {
  const message =
    "These subtrees are followed by watches, not by the log: transactions of many nodes may be " +
    "seen in part, changes of ACLs come with the next audit, containers and times to live become " +
    "plain nodes unless lifetimeOf says so, quotas stay behind, and every lost connection is a new reading";
  return finding("followed_by_watches", message, strategy === "watch" ? scope.sources : []);
}

function inventoryOf(nodes: readonly SnapshotNode[], zxid: bigint): Inventory {
  const children = new Map<string, number>();
  for (const { path } of nodes) {
    const parent = path.slice(0, Math.max(1, path.lastIndexOf("/")));
    children.set(parent, (children.get(parent) ?? 0) + 1);
  }
  const kinds = (type: string) => nodes.filter(({ lifetime }) => lifetime.type === type).length;
  const most = (values: Iterable<number>) => [...values].reduce((a, b) => Math.max(a, b), 0);
  const acls = new Set(nodes.map(({ acl }) => JSON.stringify(acl)));
  return {
    nodes: nodes.length,
    bytes: nodes.reduce((sum, { data }) => sum + (data?.length ?? 0), 0),
    largestBytes: most(nodes.map(({ data }) => data?.length ?? 0)),
    depth: most(nodes.map(({ path }) => path.split("/").length - 1)),
    widest: most(children.values()),
    ephemerals: kinds("ephemeral"),
    containers: kinds("container"),
    timesToLive: kinds("ttl"),
    acls: acls.size,
    zxid,
  };
}
