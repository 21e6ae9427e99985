/** Quotas stand apart from the nodes that they are for, in the ensemble's own tree. */

import { type Operation, parentOf, type SnapshotNode } from "../zookeeper/mod.ts";
import { isWithin, type Scope } from "./scope.ts";

const ROOT = "/zookeeper/quota";
const LIMITS = "zookeeper_limits";
/** What a server counts: it does so when this node is made, and from then on. */
const STATS = "zookeeper_stats";

/** A quota and the node of the source that it is for. */
export interface Quota {
  readonly path: string;
  /** As the ensemble has it: `count=10,bytes=-1`. */
  readonly limits: Uint8Array | null;
}

/** The quotas of nodes that move. */
export function quotasOf(nodes: readonly SnapshotNode[], scope: Scope): Quota[] {
  return nodes.flatMap(({ path, data }) => {
    if (!isWithin(path, ROOT) || !path.endsWith(`/${LIMITS}`)) return [];
    const limited = path.slice(ROOT.length, -LIMITS.length - 1);
    return scope.map(limited) === undefined ? [] : [{ path: limited, limits: data }];
  });
}

/**
 * What gives the target the quotas of the source: a limit is made or set, and counted by the target
 * itself. Quotas that the target has and the source has not stay.
 *
 * @param source Snapshot of the source, whole.
 * @param target Snapshot of the target, whole.
 */
export function quotaOperations(
  source: readonly SnapshotNode[],
  target: readonly SnapshotNode[],
  scope: Scope,
): Operation[] {
  const there = new Map(target.map((node) => [node.path, node.data]));
  const operations: Operation[] = [];
  const make = (path: string, data: Uint8Array | null) => {
    if (there.has(path)) return;
    there.set(path, data);
    operations.push({ type: "create", path, data });
  };
  for (const { path, limits } of quotasOf(source, scope)) {
    const place = `${ROOT}${scope.map(path) ?? ""}`;
    for (const parent of placesAbove(place)) make(parent, new Uint8Array(0));
    const known = there.get(`${place}/${LIMITS}`);
    if (known !== undefined && text(known) !== text(limits)) {
      operations.push({ type: "set", path: `${place}/${LIMITS}`, data: limits });
    }
    make(`${place}/${LIMITS}`, limits);
    make(`${place}/${STATS}`, new TextEncoder().encode("count=-1,bytes=-1"));
  }
  return operations;
}

/** Outermost first, the place itself last. */
function placesAbove(place: string): string[] {
  const places: string[] = [];
  for (let at = place; at !== ROOT; at = parentOf(at)) places.unshift(at);
  return places;
}

const text = (data: Uint8Array | null) => new TextDecoder().decode(data ?? new Uint8Array(0));
