/** What an agent has within a client's reach: all of it, within limits, within headroom as well. */
import { Quantities } from "../resources/mod.ts";
import type { Agent } from "./agent.ts";
import type { Core } from "./core.ts";
import type { Client } from "./frameworks.ts";
import { CAN_REFINED, CAN_REVOCABLE, CAN_SHARED, L_INDIVISIBLE } from "./kernel/flags.ts";
import { readRow } from "./shares.ts";

/** Amounts that an offer could hold. */
export interface Portion {
  readonly main: Quantities;
  readonly slices: Quantities;
  readonly slicesTaken: number;
}

type Most = (kind: number) => number;

const CAN_ALL = CAN_REVOCABLE | CAN_SHARED | CAN_REFINED;

/**
 * The sum that a run does for one client and one agent, with amounts that people can read.
 *
 * Source: docs/allocator_semantics.md, sections 4 and 6.
 */
export class Reach {
  readonly #core: Core;
  readonly #client: Client;
  readonly #free: Quantities;
  /** Slices with something free that the role may have and the framework can handle. */
  readonly #usable: { readonly index: number; readonly flags: number }[] = [];
  /** Something is free for the role in slices, whether the framework can handle it or not. */
  readonly someSlice: boolean = false;

  constructor(core: Core, client: Client, agent: Agent) {
    this.#core = core;
    this.#client = client;
    this.#free = readRow(core, core.v.aFree, agent.handle);
    const { v, row } = core;
    const { path } = client.node;
    for (const slice of agent.slices.values()) {
      const { index, node, flags } = slice;
      if (node && node.path !== path && !path.startsWith(`${node.path}/`)) continue;
      if (!v.lFree.subarray(index * row, index * row + row).some((millis) => millis > 0)) continue;
      this.someSlice = true;
      if ((flags & CAN_ALL & ~v.cFlags[client.handle]!) === 0) this.#usable.push(slice);
    }
  }

  /** Everything free that the client may have, whatever binds it. */
  get all(): Portion {
    return this.#take(() => Number.POSITIVE_INFINITY);
  }

  get withinLimit(): Portion {
    return this.#take(this.limitLeft);
  }

  get withinBounds(): Portion {
    return this.#take((kind) => Math.min(this.limitLeft(kind), this.#surplus(kind)));
  }

  /** The main row up to `most` of each kind; slices whole, MOUNT disks if they fit as well. */
  #take(most: Most): Portion {
    const { v, kinds } = this.#core;
    const main = this.#cut(most);
    let disks = main;
    let slices = Quantities.EMPTY;
    let slicesTaken = 0;
    for (const { index, flags } of this.#usable) {
      const amounts = readRow(this.#core, v.lFree, index);
      if (flags & L_INDIVISIBLE) {
        const sum = disks.add(amounts);
        const fits = [...amounts].every(([name]) => sum.get(name) <= most(kinds.numberOf(name)!));
        if (!fits) continue;
        disks = sum;
      }
      slices = slices.add(amounts);
      slicesTaken++;
    }
    return { main, slices, slicesTaken };
  }

  /** Scalars are cut at any place; countable kinds to whole members, and as far as the scalars. */
  #cut(most: Most): Quantities {
    const { kinds } = this.#core;
    let part = -1;
    const taken = Array.from(this.#free, ([name, millis]) => {
      const kind = kinds.numberOf(name)!;
      const countable = kinds.isCountable(kind);
      const take = Math.min(millis, most(kind));
      if (!countable) part = Math.max(part, take / millis);
      return { name, millis, countable, take };
    });
    const follow = part < 0 ? 1 : part;
    return Quantities.ofMillis(
      taken.map(({ name, millis, countable, take }) => {
        if (!countable) return [name, take] as const;
        const members = Math.min(Math.floor(take / 1000), Math.ceil((millis / 1000) * follow));
        return [name, members * 1000] as const;
      }),
    );
  }

  /** What the limits of the role and those above it leave, whatever the agent has. */
  readonly limitLeft = (kind: number): number => {
    const { v, row } = this.#core;
    let left = Number.POSITIVE_INFINITY;
    for (let node = this.#client.node.index; node !== 0; node = v.nParent[node]!) {
      left = Math.min(left, v.nLimit[node * row + kind]! - v.nConsumed[node * row + kind]!);
    }
    return Math.max(0, left);
  };

  /** What guarantees of others leave, the role's own still unmet guarantee added. */
  #surplus = (kind: number): number => {
    const { v, row } = this.#core;
    if (v.nKidNeed[kind]! <= 0) return Number.POSITIVE_INFINITY;
    let own = 0;
    let below = 0;
    let others = 0;
    for (let node = this.#client.node.index; node !== 0; below = node, node = v.nParent[node]!) {
      const at = node * row + kind;
      others += v.nKidNeed[at]! - v.nNeed[below * row + kind]!;
      own = Math.max(own, v.nGuarantee[at]! - v.nConsumed[at]! - others);
    }
    return Math.max(0, v.kHeadroom[kind]! - v.nKidNeed[kind]!) + own;
  };
}
