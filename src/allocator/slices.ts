/** Slices: what an agent has besides its main row, in columns that the kernel can walk. */
import { type Agent, put, type Slice } from "./agent.ts";
import type { Core } from "./core.ts";
import { consume } from "./kernel/accounts.ts";
import { CAN_REVOCABLE, CAN_SHARED } from "./kernel/flags.ts";
import type { SlicePart } from "./kinds.ts";
import type { RoleTree } from "./roles.ts";

/** A node that no role has. */
export const NOBODY = 0xffff_ffff;

/** Keeps the slices of all agents. */
export class SliceBook {
  readonly #core: Core;
  readonly #roles: RoleTree;
  readonly #free: number[] = [];
  #next = 1;

  constructor(core: Core, roles: RoleTree) {
    this.#core = core;
    this.#roles = roles;
  }

  /** What a snapshot has to keep besides the slices themselves, which come with their agents. */
  get state() {
    return { free: [...this.#free], next: this.#next };
  }

  restore(state: SliceBook["state"]): void {
    this.#free.push(...state.free);
    this.#next = state.next;
  }

  /** Let the slices have what the total says, reservations counting as consumed. */
  setTotals(agent: Agent, parts: readonly SlicePart[]): void {
    if (parts.length === 0 && agent.slices.size === 0) return;
    const present = new Set<string>();
    for (const part of parts) {
      present.add(part.key);
      const slice = this.of(agent, part);
      const total = new Float64Array(this.#core.row);
      for (const [kind, millis] of part.amounts) total[kind] = millis;
      this.#setTotal(slice, total);
    }
    for (const [key, slice] of agent.slices) {
      if (!present.has(key)) this.#setTotal(slice, new Float64Array(this.#core.row));
    }
  }

  #setTotal(slice: Slice, total: Float64Array): void {
    const before = slice.total;
    slice.total = total;
    if (slice.flags & CAN_SHARED) {
      // A volume that is gone but still used keeps its size in the books, and nobody sees it.
      const there = total.some((millis) => millis > 0);
      this.#core.v.lNode[slice.index] = there ? slice.node!.index : NOBODY;
    }
    if (!slice.node || slice.flags & CAN_REVOCABLE) return;
    const { v } = this.#core;
    const kinds = this.#core.kinds.size;
    v.sCharge.fill(0);
    for (let k = 0; k < kinds; k++) v.sCharge[k] = (total[k] ?? 0) - (before[k] ?? 0);
    consume(v, slice.node.index, 1);
  }

  /** The agent's slice for a part of its resources; a new one when there is none. */
  of(agent: Agent, part: SlicePart): Slice {
    const known = agent.slices.get(part.key);
    if (known) return known;
    const node = part.role === undefined ? undefined : this.#roles.ensure(part.role);
    if (node) this.#roles.hold(node, 1);
    const index = this.#free.pop() ?? this.#next++;
    this.#core.ensure("slices", index + 1);
    const { v, row } = this.#core;
    v.lFree.fill(0, index * row, index * row + row);
    v.lAgent[index] = agent.handle;
    v.lNode[index] = node?.index ?? 0;
    v.lFlags[index] = part.flags;
    v.lCycle[index] = 0;
    v.lRefs[index] = 0;
    v.lTaken[index] = 0;
    v.lNext[index] = 0;
    let last = v.aSliceHead[agent.handle]!;
    while (last !== 0 && v.lNext[last] !== 0) last = v.lNext[last]!;
    if (last === 0) v.aSliceHead[agent.handle] = index;
    else v.lNext[last] = index;
    const slice = { index, flags: part.flags, node, total: new Float64Array(row) };
    agent.slices = put(agent.slices, part.key, slice);
    return slice;
  }

  /** Forget slices that the total has no more, and nobody uses. */
  dropUnused(agent: Agent): void {
    if (agent.slices.size === 0) return;
    for (const [key, slice] of agent.slices) {
      if (slice.total.some((millis) => millis > 0)) continue;
      const stillUsed = [...agent.used.values()].some((resources) =>
        this.#core.kinds.decompose(resources).slices.some((part) => part.key === key),
      );
      if (!stillUsed) this.#drop(agent, key, slice);
    }
  }

  #drop(agent: Agent, key: string, slice: Slice): void {
    const { v } = this.#core;
    const { index, node } = slice;
    let before = 0;
    for (let at = v.aSliceHead[agent.handle]!; at !== index; at = v.lNext[at]!) before = at;
    if (before === 0) v.aSliceHead[agent.handle] = v.lNext[index]!;
    else v.lNext[before] = v.lNext[index]!;
    v.lFlags[index] = 0;
    agent.slices.delete(key);
    this.#free.push(index);
    if (node) this.#roles.hold(node, -1);
  }
}
