/** Resource kinds as dense numbers, and typed resources as amounts by kind and slice. */
import { FairleadError } from "../base/mod.ts";
import {
  identityKey,
  isIndivisible,
  type Quantities,
  type Resource,
  Resources,
  reservationRole,
} from "../resources/mod.ts";
import { CAN_REFINED, CAN_REVOCABLE, CAN_SHARED, L_INDIVISIBLE } from "./kernel/flags.ts";
import { H } from "./kernel/layout.ts";
import type { KernelMemory } from "./kernel/memory.ts";
import { checkRole } from "./roles.ts";

/** An amount of a kind: its number, and integer thousandths. */
export type Amount = readonly [kind: number, millis: number];

/** One slice's part of some resources. */
export interface SlicePart {
  readonly key: string;
  /** The role it is reserved to; undefined when it is not. */
  readonly role: string | undefined;
  readonly flags: number;
  readonly amounts: readonly Amount[];
  /** More than one only for shared volumes. */
  readonly copies: number;
}

/** Resources as the kernel sees them. */
export interface Decomposed {
  readonly main: readonly Amount[];
  readonly slices: readonly SlicePart[];
  /** All of it by kind; a shared volume once. */
  readonly totals: readonly Amount[];
  readonly hasGpus: boolean;
}

/** Kinds fit into the bits of one word. */
const KINDS_MAX = 32;

/** The slice that a resource belongs to; undefined: the main row. */
export function sliceKey(resource: Resource): string | undefined {
  const role = reservationRole(resource);
  if (resource.shared) return `s ${identityKey({ ...resource, revocable: false })}`;
  if (role === undefined && isIndivisible(resource) && !resource.revocable) {
    return `m ${identityKey(resource)}`;
  }
  if (role === undefined && !resource.revocable) return undefined;
  const refined = resource.reservations.length > 1 ? "+" : "-";
  return `${refined}${resource.revocable ? "r" : "-"} ${role ?? ""}`;
}

function sliceFlags(resource: Resource): number {
  let flags = 0;
  if (resource.revocable) flags |= CAN_REVOCABLE;
  if (resource.shared) flags |= CAN_SHARED;
  if (resource.reservations.length > 1) flags |= CAN_REFINED;
  if (resource.reservations.length === 0 && !resource.revocable) flags |= L_INDIVISIBLE;
  return flags;
}

/** Whether a resource is a scalar of the main row: it has an amount and no identity. */
export function isMainScalar(resource: Resource): boolean {
  return resource.value.type === "SCALAR" && sliceKey(resource) === undefined;
}

/** Names every kind ever seen; a kind keeps its number. */
export class KindTable {
  readonly #memory: KernelMemory;
  readonly #numbers = new Map<string, number>();
  readonly #names: string[] = [];
  /** Kinds that only quantities have named: what they are shows when an agent has them. */
  readonly #untyped = new Set<number>();
  readonly #cache = new WeakMap<Resources, Decomposed>();

  constructor(memory: KernelMemory) {
    this.#memory = memory;
  }

  get size(): number {
    return this.#names.length;
  }

  get names(): readonly string[] {
    return this.#names;
  }

  numberOf(name: string): number | undefined {
    return this.#numbers.get(name);
  }

  isCountable(kind: number): boolean {
    return ((this.#memory.views.header[H.countableMask]! >>> kind) & 1) === 1;
  }

  /** What a snapshot has to keep beside the columns. */
  get state(): { names: string[]; untyped: number[] } {
    return { names: [...this.#names], untyped: [...this.#untyped] };
  }

  /** Give names back their numbers. */
  restore(state: { names: string[]; untyped: number[] }): void {
    this.#names.length = 0;
    this.#numbers.clear();
    this.#untyped.clear();
    for (const name of state.names) {
      this.#numbers.set(name, this.#names.length);
      this.#names.push(name);
    }
    for (const kind of state.untyped) this.#untyped.add(kind);
  }

  /**
   * Check that all resources fit the kinds known so far; nothing is changed.
   *
   * @throws {FairleadError} `invalid_resource` when a name was a scalar before and is a range or
   * set now (or the other way round), or when there would be more than 32 kinds.
   */
  check(...bags: readonly Resources[]): void {
    // What was split before fits: a kind that has a type keeps it.
    const unseen = bags.filter((resources) => !this.#cache.has(resources));
    if (unseen.length === 0) return;
    const fresh = new Map<string, boolean>();
    for (const { name, value } of unseen.flatMap((resources) => [...resources])) {
      const countable = value.type !== "SCALAR";
      const kind = this.#numbers.get(name);
      const isKnown = kind !== undefined && !this.#untyped.has(kind);
      const was = isKnown ? this.isCountable(kind) : fresh.get(name);
      if (was !== undefined && was !== countable) {
        throw new FairleadError(
          "invalid_resource",
          `Cannot take "${name}" as ${value.type}: elsewhere it is ${was ? "a range or set" : "a scalar"}`,
          { details: { name, type: value.type } },
        );
      }
      fresh.set(name, countable);
    }
    this.checkCount(new Set([...fresh.keys()].filter((name) => !this.#numbers.has(name))));
  }

  /**
   * Check what an agent is to have: as `check`; and no disk, no volume, no member of a range or
   * set stands there twice, under whatever reservation.
   *
   * @throws {FairleadError} `invalid_resource`.
   */
  checkTotal(total: Resources): void {
    const known = this.#cache.get(total);
    this.#checkSums(known ? known.totals : this.#amountsKnown(total));
    if (known) return;
    this.check(total);
    let before: Resource | undefined;
    const members = new Map<string, Resources>();
    for (const resource of total) {
      // Copies of one indivisible resource follow one another.
      if (resource === before) throw twice(Resources.of([resource]));
      const role = reservationRole(resource);
      if (role !== undefined) checkRole(role);
      before = resource;
      if (resource.value.type === "SCALAR") continue;
      const { name, value } = resource;
      const plain = { name, value, reservations: [], revocable: false, shared: false };
      const bare = Resources.of([plain]);
      const known = members.get(name) ?? Resources.EMPTY;
      const overlap = known.intersect(bare);
      if (!overlap.isEmpty) throw twice(overlap);
      members.set(name, known.add(bare));
    }
  }

  /** Amounts of the kinds that have a number already. */
  #amountsKnown(total: Resources): Amount[] {
    const amounts: Amount[] = [];
    for (const [name, millis] of total.quantities()) {
      const kind = this.#numbers.get(name);
      if (kind !== undefined) amounts.push([kind, millis]);
    }
    return amounts;
  }

  /** Sums over the cluster must stay exact. */
  #checkSums(amounts: readonly Amount[]): void {
    const { kTotal } = this.#memory.views;
    for (let i = 0; i < amounts.length; i++) {
      const [kind, millis] = amounts[i]!;
      if (kTotal[kind]! + millis <= Number.MAX_SAFE_INTEGER) continue;
      const name = this.#names[kind]!;
      throw new FairleadError(
        "invalid_resource",
        `Cannot add ${millis / 1000} of ${name}: the cluster has ${kTotal[kind]! / 1000}, and the ` +
          `most is ${Number.MAX_SAFE_INTEGER / 1000}`,
        { details: { name, millis, max: Number.MAX_SAFE_INTEGER } },
      );
    }
  }

  checkCount(fresh: ReadonlySet<string>): void {
    if (this.size + fresh.size <= KINDS_MAX) return;
    throw new FairleadError(
      "invalid_resource",
      `Cannot know ${this.size + fresh.size} kinds of resources: the most is ${KINDS_MAX}`,
      { details: { kinds: [...this.#names, ...fresh], max: KINDS_MAX } },
    );
  }

  /** The number of a kind; a new one when it is new. `countable` is left out when not known. */
  add(name: string, countable?: boolean): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) {
      if (countable !== undefined && this.#untyped.delete(known)) this.#type(known, countable);
      return known;
    }
    const kind = this.#names.length;
    const { capacities } = this.#memory;
    if (kind >= capacities.rowStride) {
      this.#memory.resize({ ...capacities, rowStride: capacities.rowStride * 2 });
    }
    const { header, nLimit, nSpent } = this.#memory.views;
    this.#numbers.set(name, kind);
    this.#names.push(name);
    header[H.kinds] = this.#names.length;
    if (countable === undefined) this.#untyped.add(kind);
    else this.#type(kind, countable);
    const row = this.#memory.capacities.rowStride;
    for (let node = 0; node < this.#memory.capacities.nodes; node++) {
      nLimit[node * row + kind] = Number.POSITIVE_INFINITY;
    }
    // Nobody has a limit on it, so nobody has spent all.
    nSpent.fill(0);
    return kind;
  }

  #type(kind: number, countable: boolean): void {
    const { header } = this.#memory.views;
    if (countable) header[H.countableMask] = header[H.countableMask]! | (1 << kind);
  }

  /** Amounts of quantities by kind. */
  amounts(quantities: Quantities): Amount[] {
    return Array.from(quantities, ([name, millis]) => [this.add(name), millis] as const);
  }

  /** Split resources into the main row and slices; cached by object. */
  decompose(resources: Resources): Decomposed {
    const cached = this.#cache.get(resources);
    if (cached) return cached;
    const main: Amount[] = [];
    const slices = new Map<string, { part: SlicePart; amounts: Map<number, number> }>();
    for (const resource of resources) this.#place(resource, main, slices);
    const parts = Array.from(slices.values(), ({ part, amounts }) => ({
      ...part,
      amounts: [...amounts],
    }));
    const quantities = resources.quantities();
    const decomposed = {
      main,
      slices: parts,
      totals: this.amounts(quantities),
      hasGpus: quantities.get("gpus") > 0,
    };
    this.#cache.set(resources, decomposed);
    return decomposed;
  }

  #place(
    resource: Resource,
    main: Amount[],
    slices: Map<string, { part: SlicePart; amounts: Map<number, number> }>,
  ): void {
    const kind = this.add(resource.name, resource.value.type !== "SCALAR");
    const millis = amountOf(resource);
    const key = sliceKey(resource);
    if (key === undefined) {
      main.push([kind, millis]);
      return;
    }
    const known = slices.get(key);
    if (known === undefined) {
      const role = reservationRole(resource);
      const part = { key, role, flags: sliceFlags(resource), amounts: [], copies: 1 };
      slices.set(key, { part, amounts: new Map([[kind, millis]]) });
    } else if (resource.shared) {
      known.part = { ...known.part, copies: known.part.copies + 1 };
    } else {
      known.amounts.set(kind, (known.amounts.get(kind) ?? 0) + millis);
    }
  }
}

function twice(resources: Resources): FairleadError {
  return new FairleadError(
    "invalid_resource",
    `Cannot have ${resources} twice on one agent: a disk, volume, port or item is there once`,
    { details: { resources } },
  );
}

/** Integer thousandths of a resource; each member of a range or set counts 1000. */
export function amountOf(resource: Resource): number {
  const { value } = resource;
  if (value.type === "SCALAR") return value.millis;
  if (value.type === "SET") return value.items.length * 1000;
  return value.ranges.reduce((sum, { begin, end }) => sum + (end - begin + 1) * 1000, 0);
}
