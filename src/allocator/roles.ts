/** The tree of roles: which nodes there are, what they weigh, and in which order names stand. */
import { FairleadError } from "../base/mod.ts";
import { roleAncestors, validateRole } from "../resources/mod.ts";
import type { Core } from "./core.ts";
import { leafKey, nodeKey } from "./kernel/accounts.ts";
import {
  CAN_SHARED,
  N_CHAIN_GUARANTEE,
  N_CHAIN_LIMIT,
  N_CLIENTS_UNSORTED,
  N_KIDS_UNSORTED,
} from "./kernel/flags.ts";
import { H } from "./kernel/layout.ts";
import { Regions } from "./regions.ts";

/** Deeper trees are refused: a kernel's visit has room for so many levels. */
export const ROLE_DEPTH_MAX = 32;

/** One node of the tree; the numbers live in the columns at `index`. */
export interface RoleNode {
  readonly index: number;
  readonly path: string;
  readonly name: string;
  readonly parent: RoleNode | undefined;
  readonly kids: Map<string, RoleNode>;
  /** Handles of the role's clients, by framework id. */
  readonly clients: Map<string, number>;
  /** Reservations, a quota, a weight: what keeps the node although it has no clients. */
  holds: number;
}

/**
 * Accept a role name that this allocator can hold.
 *
 * @throws {FairleadError} `invalid_role` when the name is malformed or too deep.
 */
export function checkRole(role: string): void {
  validateRole(role);
  if (roleAncestors(role).length < ROLE_DEPTH_MAX) return;
  throw new FairleadError(
    "invalid_role",
    `Cannot use role "${role}": the tree is at most ${ROLE_DEPTH_MAX} levels deep`,
    { details: { role, max: ROLE_DEPTH_MAX } },
  );
}

/** Keeps the nodes and their orders. */
export class RoleTree {
  readonly #core: Core;
  readonly #byPath = new Map<string, RoleNode>();
  readonly #free: number[] = [];
  readonly #unranked = new Set<RoleNode>();
  readonly #root: RoleNode;
  readonly regions: Regions;
  #high = 1;

  constructor(core: Core) {
    this.#core = core;
    this.regions = new Regions(core);
    this.#root = node(0, "", "", undefined);
    this.#clearColumns(0);
    core.v.header[H.nodesHigh] = 1;
  }

  get(path: string): RoleNode | undefined {
    return this.#byPath.get(path);
  }

  get nodes(): Iterable<RoleNode> {
    return this.#byPath.values();
  }

  get topLevel(): Iterable<RoleNode> {
    return this.#root.kids.values();
  }

  /** The node of a role; it and its ancestors are made when they are new. */
  ensure(path: string): RoleNode {
    const known = this.#byPath.get(path);
    if (known) return known;
    const cut = path.lastIndexOf("/");
    const parent = cut < 0 ? this.#root : this.ensure(path.slice(0, cut));
    const made = node(this.#allocate(), path, path.slice(cut + 1), parent);
    this.#byPath.set(path, made);
    this.#clearColumns(made.index);
    const { v } = this.#core;
    v.nParent[made.index] = parent.index;
    v.nFlags[made.index] = v.nFlags[parent.index]! & (N_CHAIN_GUARANTEE | N_CHAIN_LIMIT);
    if (parent.kids.size === 0) {
      v.nLeafCount[parent.index] = v.nCount[parent.index]!;
      if (parent.clients.size > 0) this.#growLeaf(parent, true);
    }
    parent.kids.set(made.name, made);
    this.regions.append("kid", parent.index, made.index);
    this.#rerank(parent);
    return made;
  }

  /** What a snapshot has to keep beside the columns; clients come back with their frameworks. */
  get state() {
    this.settleRanks();
    return {
      nodes: Array.from(this.#byPath.values(), ({ path, index, holds }) => ({
        path,
        index,
        holds,
      })),
      free: [...this.#free],
      high: this.#high,
      regions: this.regions.state,
    };
  }

  restore(state: RoleTree["state"]): void {
    for (const { path, index, holds } of state.nodes) {
      const cut = path.lastIndexOf("/");
      const parent = cut < 0 ? this.#root : this.#byPath.get(path.slice(0, cut))!;
      const made = node(index, path, path.slice(cut + 1), parent);
      made.holds = holds;
      parent.kids.set(made.name, made);
      this.#byPath.set(path, made);
    }
    this.#free.push(...state.free);
    this.#high = state.high;
    this.regions.restore(state.regions);
  }

  /** Count a reason to keep the node up or down; without any it goes, and so may its ancestors. */
  hold(role: RoleNode, by: number): void {
    role.holds += by;
    if (by <= 0) this.#prune(role);
  }

  addClient(role: RoleNode, frameworkId: string, client: number): void {
    if (role.clients.size === 0 && role.kids.size > 0) this.#growLeaf(role, false);
    role.clients.set(frameworkId, client);
    this.regions.append("client", role.index, client);
    this.#rerank(role);
  }

  removeClient(role: RoleNode, frameworkId: string, client: number): void {
    role.clients.delete(frameworkId);
    this.regions.remove("client", role.index, client);
    if (role.clients.size === 0 && role.kids.size > 0) this.#dropLeaf(role);
    this.#rerank(role);
    this.#prune(role);
  }

  /** Give every name its rank among its siblings, where that may have changed. */
  settleRanks(): void {
    if (this.#unranked.size === 0) return;
    for (const role of this.#unranked) {
      if (role === this.#root || this.#byPath.get(role.path) === role) this.#rank(role);
    }
    this.#unranked.clear();
  }

  #rank(role: RoleNode): void {
    const { v } = this.#core;
    const names = [...role.kids.keys()];
    if (role.kids.size > 0 && role.clients.size > 0) names.push(LEAF);
    names.sort(byCodeUnits).forEach((name, rank) => {
      if (name === LEAF) v.nLeafRank[role.index] = rank;
      else v.nRank[role.kids.get(name)!.index] = rank;
    });
    const ids = [...role.clients.keys()].sort(byCodeUnits);
    ids.forEach((id, rank) => {
      v.cRank[role.clients.get(id)!] = rank;
    });
    v.nFlags[role.index] = v.nFlags[role.index]! | N_KIDS_UNSORTED | N_CLIENTS_UNSORTED;
    v.header[H.unsorted] = 1;
    if (v.header[H.randomSorter] !== 0) this.#sortByName(role, names, ids);
  }

  /** The random sorter draws from orders that stand by name. */
  #sortByName(role: RoleNode, names: readonly string[], ids: readonly string[]): void {
    const { order, nKidStart, nClientStart } = this.#core.v;
    names.forEach((name, i) => {
      const kid = name === LEAF ? role : role.kids.get(name)!;
      order[nKidStart[role.index]! + i] = kid.index;
    });
    ids.forEach((id, i) => {
      order[nClientStart[role.index]! + i] = role.clients.get(id)!;
    });
  }

  #rerank(role: RoleNode): void {
    this.#unranked.add(role);
  }

  /** A role gets a virtual leaf: a copy of the node's books, or (kids first) empty ones. */
  #growLeaf(role: RoleNode, inherit: boolean): void {
    const { v, row } = this.#core;
    const { index } = role;
    const base = index * row;
    v.nLeafAlloc.fill(0, base, base + row);
    if (inherit) v.nLeafAlloc.set(v.nAlloc.subarray(base, base + row), base);
    this.regions.append("kid", index, index);
    if (inherit) this.#copyHolders(nodeKey(index), leafKey(index));
    this.#core.v.header[H.sharesStale] = 1;
    this.#rerank(role);
  }

  #dropLeaf(role: RoleNode): void {
    this.regions.remove("kid", role.index, role.index);
    this.#rerank(role);
  }

  /** The last child went: the node is a leaf again and takes over its virtual leaf's count. */
  #collapse(role: RoleNode): void {
    const { v } = this.#core;
    v.nCount[role.index] = v.nLeafCount[role.index]!;
    if (role.parent) this.#rerank(role.parent);
    if (role.clients.size === 0) return;
    this.regions.remove("kid", role.index, role.index);
    this.#copyHolders(leafKey(role.index), undefined);
  }

  /** Shared slices: holders under `from` also count under `to`, or not at all any more. */
  #copyHolders(from: number, to: number | undefined): void {
    const { v } = this.#core;
    const slices = this.#core.memory.capacities.slices;
    for (let slice = 1; slice < slices; slice++) {
      if ((v.lFlags[slice]! & CAN_SHARED) === 0) continue;
      let before = 0;
      for (let ref = v.lRefs[slice]!; ref !== 0; ref = this.#core.v.rNext[ref]!) {
        if (this.#core.v.rKey[ref] === from) {
          if (to === undefined) this.#dropHolder(slice, before, ref);
          else this.#addHolder(slice, to, this.#core.v.rCount[ref]!);
          break;
        }
        before = ref;
      }
    }
  }

  #dropHolder(slice: number, before: number, ref: number): void {
    const { v } = this.#core;
    if (before === 0) v.lRefs[slice] = v.rNext[ref]!;
    else v.rNext[before] = v.rNext[ref]!;
    v.rNext[ref] = v.header[H.refsFree]!;
    v.header[H.refsFree] = ref;
    v.header[H.refsFreeCount] = v.header[H.refsFreeCount]! + 1;
  }

  #addHolder(slice: number, key: number, count: number): void {
    this.#core.ensureFree("refs", 1);
    const { v } = this.#core;
    const ref = v.header[H.refsFree]!;
    v.header[H.refsFree] = v.rNext[ref]!;
    v.header[H.refsFreeCount] = v.header[H.refsFreeCount]! - 1;
    v.rKey[ref] = key;
    v.rCount[ref] = count;
    v.rNext[ref] = v.lRefs[slice]!;
    v.lRefs[slice] = ref;
  }

  #prune(role: RoleNode): void {
    const { parent } = role;
    if (parent === undefined || role.holds > 0) return;
    if (role.clients.size > 0 || role.kids.size > 0) return;
    this.#byPath.delete(role.path);
    this.#unranked.delete(role);
    parent.kids.delete(role.name);
    this.regions.remove("kid", parent.index, role.index);
    if (parent.kids.size === 0) this.#collapse(parent);
    this.#clearColumns(role.index);
    this.#free.push(role.index);
    this.#rerank(parent);
    this.#prune(parent);
  }

  #allocate(): number {
    const freed = this.#free.pop();
    if (freed !== undefined) return freed;
    this.#core.ensure("nodes", this.#high + 1);
    this.#core.v.header[H.nodesHigh] = this.#high + 1;
    return this.#high++;
  }

  #clearColumns(index: number): void {
    const { v, row } = this.#core;
    const base = index * row;
    for (const rows of [v.nAlloc, v.nLeafAlloc, v.nConsumed, v.nGuarantee, v.nNeed, v.nKidNeed]) {
      rows.fill(0, base, base + row);
    }
    v.nLimit.fill(Number.POSITIVE_INFINITY, base, base + row);
    for (const column of [v.nShare, v.nLeafShare, v.nCount, v.nLeafCount]) column[index] = 0;
    v.nWeight[index] = 1;
    for (const column of [v.nKidCount, v.nKidMax, v.nClientCount, v.nClientMax, v.nActive]) {
      column[index] = 0;
    }
    v.nLeafActive[index] = 0;
    for (const column of [v.nFlags, v.nLeft, v.nSpent]) column[index] = 0;
  }
}

/** The virtual leaf's name. */
const LEAF = ".";

function node(index: number, path: string, name: string, parent: RoleNode | undefined): RoleNode {
  return { index, path, name, parent, kids: new Map(), clients: new Map(), holds: 0 };
}

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
