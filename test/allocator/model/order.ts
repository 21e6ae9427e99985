import { heldByAll } from "./accounts.ts";
import type { Amounts } from "./amounts.ts";
import { drawn } from "./chance.ts";
import { lastPart, subtree } from "./roles.ts";
import { type Client, isActive, type ModelState, type RoleNode } from "./state.ts";

/** A role that has active clients, when its turn comes. */
export interface RoleTurn {
  readonly node: RoleNode;
  /** Its active clients; each one is asked for when it is needed. */
  clients(): Iterable<Client>;
}

/** Something that competes with its siblings: a child, or the virtual leaf of its parent. */
interface Entry {
  readonly node: RoleNode;
  readonly virtual: boolean;
  readonly name: string;
  readonly weight: number;
}

interface Ranked<T> {
  readonly item: T;
  readonly share: number;
  readonly count: number;
  readonly name: string;
}

/** The dominant share: section 3. Kinds that are not scalar or excluded do not count. */
export function shareOf(state: ModelState, allocated: Amounts, weight: number): number {
  let dominant = 0;
  for (const [kind, millis] of allocated) {
    const total = state.total.get(kind) ?? 0;
    if (total <= 0 || state.kindTypes.get(kind) !== "SCALAR") continue;
    if (state.options.fairnessExcluded.has(kind)) continue;
    dominant = Math.max(dominant, millis / total);
  }
  return dominant / weight;
}

/** What a role and everything below it holds. */
export function allocatedBelow(node: RoleNode): Amounts {
  return heldByAll(subtree(node).flatMap(({ clients }) => [...clients.values()]));
}

/** Roles in DRF order as it is now, with their clients; later changes do not move them. */
export function drfOrder(state: ModelState): RoleTurn[] {
  return drfBelow(state, state.root);
}

function drfBelow(state: ModelState, parent: RoleNode): RoleTurn[] {
  const ranked = entriesOf(state, parent).map((entry) => rankEntry(state, entry));
  return sorted(ranked).flatMap((entry) => {
    if (!isLeaf(entry)) return drfBelow(state, entry.node);
    const clients = drfClients(state, entry.node);
    return [{ node: entry.node, clients: () => clients }];
  });
}

function rankEntry(state: ModelState, entry: Entry): Ranked<Entry> {
  const { node, virtual, name, weight } = entry;
  const allocated = virtual ? heldByAll(node.clients.values()) : allocatedBelow(node);
  const count = virtual ? node.ownCount : node.count;
  return { item: entry, share: shareOf(state, allocated, weight), count, name };
}

function drfClients(state: ModelState, node: RoleNode): Client[] {
  const ranked = activeClients(state, node).map((client) => ({
    item: client,
    share: shareOf(state, heldByAll([client]), 1),
    count: client.count,
    name: client.frameworkId,
  }));
  return sorted(ranked);
}

function sorted<T>(ranked: Ranked<T>[]): T[] {
  ranked.sort((a, b) => a.share - b.share || a.count - b.count || compareNames(a.name, b.name));
  return ranked.map(({ item }) => item);
}

/** Roles in random order, each drawn when it is asked for. */
export function* randomOrder(state: ModelState, number: () => number): Generator<RoleTurn> {
  yield* randomBelow(state, state.root, number);
}

function* randomBelow(
  state: ModelState,
  parent: RoleNode,
  number: () => number,
): Generator<RoleTurn> {
  const entries = entriesOf(state, parent).sort((a, b) => compareNames(a.name, b.name));
  for (const entry of drawn(entries, number)) {
    if (isLeaf(entry)) yield { node: entry.node, clients: () => drawClients(state, entry, number) };
    else yield* randomBelow(state, entry.node, number);
  }
}

function* drawClients(state: ModelState, { node }: Entry, number: () => number): Generator<Client> {
  const clients = activeClients(state, node)
    .sort((a, b) => compareNames(a.frameworkId, b.frameworkId))
    .map((client) => ({ client, weight: 1 }));
  for (const { client } of drawn(clients, number)) yield client;
}

/** What competes below a node: those that have an active client, in no order. */
function entriesOf(state: ModelState, parent: RoleNode): Entry[] {
  const entries: Entry[] = [];
  for (const node of parent.children.values()) {
    if (!hasActiveClient(state, node)) continue;
    entries.push({ node, virtual: false, name: lastPart(node), weight: node.weight });
  }
  if (activeClients(state, parent).length > 0) {
    entries.push({ node: parent, virtual: true, name: ".", weight: 1 });
  }
  return entries;
}

function isLeaf({ node, virtual }: Entry): boolean {
  return virtual || node.children.size === 0;
}

function hasActiveClient(state: ModelState, node: RoleNode): boolean {
  return subtree(node).some((below) => activeClients(state, below).length > 0);
}

function activeClients(state: ModelState, node: RoleNode): Client[] {
  return [...node.clients.values()].filter((client) => isActive(state, client));
}

function compareNames(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
