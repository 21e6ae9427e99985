/** Whether clients have come to the target. */

import type { Clock } from "../base/mod.ts";
import { parentOf, type SnapshotNode } from "../zookeeper/mod.ts";
import type { Rehoming } from "./events.ts";
import type { EnsembleClient, Side } from "./ports.ts";
import { isPlain, nodesOf } from "./replicator.ts";
import type { Scope } from "./scope.ts";
import type { EphemeralPolicy } from "./translate.ts";
import type { Writer } from "./writer.ts";

const MISSING_MAX = 100;
const POLL_MS = 250;

/** Ephemerals that clients are to bring: how many of a name, numbers of sequential ones left out. */
export type Expected = ReadonlyMap<string, number>;

/** What the owners of the source's ephemerals will make on the target. */
export function expectedEphemerals(
  nodes: readonly SnapshotNode[],
  scope: Scope,
  ownSessions: readonly bigint[],
): Expected {
  const expected = new Map<string, number>();
  for (const { path, lifetime, ephemeralOwner } of nodes) {
    if (lifetime.type !== "ephemeral" || ownSessions.includes(ephemeralOwner)) continue;
    const place = scope.map(path);
    if (place === undefined) continue;
    const name = unnumbered(place);
    expected.set(name, (expected.get(name) ?? 0) + 1);
  }
  return expected;
}

/** Where the target has plain nodes in the places of ephemerals of the source. */
export function ghostPlaces(
  nodes: readonly SnapshotNode[],
  scope: Scope,
  policy: (path: string) => EphemeralPolicy,
): ReadonlySet<string> {
  const places = nodes.flatMap(({ path, lifetime }) => {
    const isGhost = lifetime.type === "ephemeral" && policy(path) === "ghost";
    const place = isGhost ? scope.map(path) : undefined;
    return place === undefined ? [] : [place];
  });
  return new Set(places);
}

/**
 * Make room for the ephemerals that clients bring: the plain nodes in their places go. What a
 * client has brought already, before an earlier try was cut off, stays.
 */
export async function dropGhosts(
  target: Side,
  writer: Writer,
  { places, scope }: { readonly places: ReadonlySet<string>; readonly scope: Scope },
  signal: AbortSignal,
): Promise<void> {
  if (places.size === 0) return;
  const there = await nodesOf(target, scope.inverse(), signal);
  for (const { path } of there.filter((node) => isPlain(node) && places.has(node.path))) {
    const operations = [{ type: "delete", path }] as const;
    writer.push({ operations, acls: [], patch: {}, expendable: new Set([path]) });
  }
  await writer.flush();
}

/** Look until clients are home, or for so long. Returns how it stood at the end. */
export async function waitHome(
  look: () => Promise<Rehoming>,
  options: { readonly clock: Clock; readonly withinMs: number; readonly movesAll: boolean },
  signal: AbortSignal,
): Promise<string> {
  const { clock, withinMs, movesAll } = options;
  const untilMs = clock.nowMs() + withinMs;
  for (;;) {
    const state = await look();
    if (isHome(state, movesAll) || clock.nowMs() >= untilMs) return toldHome(state);
    await clock.sleep(POLL_MS, { signal });
  }
}

/**
 * Look once at both sides.
 *
 * @param own Sessions of ours, which are no clients.
 */
export async function lookAt(
  source: Side,
  target: Side,
  expected: Expected,
  own: readonly bigint[],
): Promise<Rehoming> {
  const [missing, onSource, onTarget] = await Promise.all([
    missingOf(target.client, expected),
    clientsOf(source, own),
    clientsOf(target, own),
  ]);
  return {
    missingCount: missing.reduce((sum, [, count]) => sum + count, 0),
    missing: missing.slice(0, MISSING_MAX).map(([path]) => path),
    clients: { source: onSource, target: onTarget },
  };
}

/**
 * Whether nothing is missing, as far as it can be asked.
 *
 * @param movesAll Whether the source is to have no clients at all.
 */
function isHome({ missingCount, clients }: Rehoming, movesAll: boolean): boolean {
  return missingCount === 0 && (!movesAll || (clients.source ?? 0) === 0);
}

/** One sentence of what is still missing. */
function toldHome({ missingCount, missing, clients }: Rehoming): string {
  const parts = [
    ...(missingCount > 0
      ? [`${missingCount} ephemerals have not come back (${missing[0]} …)`]
      : []),
    ...((clients.source ?? 0) > 0 ? [`${clients.source} clients are still on the source`] : []),
  ];
  return parts.length === 0 ? "clients are on the target" : parts.join(", ");
}

async function missingOf(client: EnsembleClient, expected: Expected): Promise<[string, number][]> {
  const parents = new Set([...expected.keys()].map(parentOf));
  const there = new Map<string, number>();
  await Promise.all([...parents].map((parent) => countChildren(client, parent, there)));
  return [...expected]
    .map(([name, count]): [string, number] => [name, count - (there.get(name) ?? 0)])
    .filter(([, count]) => count > 0)
    .sort(([one], [other]) => (one < other ? -1 : 1));
}

async function countChildren(
  client: EnsembleClient,
  parent: string,
  there: Map<string, number>,
): Promise<void> {
  if ((await client.exists(parent)) === undefined) return;
  const { names } = await client.children(parent);
  for (const each of names) {
    const name = unnumbered(parent === "/" ? `/${each}` : `${parent}/${each}`);
    there.set(name, (there.get(name) ?? 0) + 1);
  }
}

/** How many sessions of clients a side has; undefined when it cannot be asked. */
export async function clientsOf(side: Side, own: readonly bigint[]): Promise<number | undefined> {
  const sessions = await side.sessions?.().catch(() => undefined);
  return sessions?.filter((each) => !own.includes(each)).length;
}

/** A name without the ten digits that a server gave it: another one comes with other digits. */
function unnumbered(path: string): string {
  return path.replace(/\d{10}$/, "");
}
