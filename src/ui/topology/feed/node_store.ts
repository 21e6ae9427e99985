import type { NodeSummary } from "../../../topology/mod.ts";
import { ChangeJournal, type NodeChange } from "../data/changes.ts";
import { EdgeRates } from "../data/rates.ts";
import type { NodeDelta } from "./read.ts";

/** Key of an edge. */
export const edgeKey = (from: string, to: string) => `${from}\n${to}`;

/**
 * The nodes of the view as the stream tells them: replaced when they change, so that a view that
 * holds one knows by identity whether it is new. It also knows what changed in the last minute.
 */
export class NodeStore {
  readonly #nodes = new Map<string, NodeSummary>();
  readonly #journal = new ChangeJournal();
  readonly rates = new EdgeRates();
  /** Connections by edge, where the stream tells them. */
  #counts: ReadonlyMap<string, number> | undefined;
  #version = 0;
  #isFilled = false;
  /** The first state is there as a whole: what comes now is a change. */
  #isSettled = false;

  /** By id. */
  get nodes(): ReadonlyMap<string, NodeSummary> {
    return this.#nodes;
  }

  /** Grows with every change. */
  get version(): number {
    return this.#version;
  }

  /** Whether a first state came. */
  get isFilled(): boolean {
    return this.#isFilled;
  }

  /** What changed in the last minute, newest first. */
  changes(nowMs: number): readonly NodeChange[] {
    return this.#journal.since(nowMs);
  }

  /** Forget everything: another view begins. */
  clear(): void {
    this.#nodes.clear();
    this.#journal.clear();
    this.rates.clear();
    this.#counts = undefined;
    this.#isFilled = false;
    this.#isSettled = false;
    this.#version += 1;
  }

  /** Take a whole state, as of a moment. */
  fill(nodes: ReadonlyMap<string, NodeSummary>, atMs: number): void {
    const add = [...nodes.values()];
    this.apply({ add, update: [], remove: [], reset: true, isPartial: false }, atMs);
  }

  /** Take changes; returns whether there were any. */
  apply(delta: NodeDelta, atMs: number, counts?: ReadonlyMap<string, number>): boolean {
    const gone = delta.reset ? this.#missingIn(delta.add) : delta.remove;
    const isSame = gone.length + delta.add.length + delta.update.length === 0;
    if (isSame && !delta.reset && counts === undefined) {
      this.#isSettled = !delta.isPartial;
      return false;
    }
    for (const id of gone) this.#set(id, undefined, atMs);
    for (const node of delta.add) this.#set(node.id, node, atMs);
    for (const node of delta.update) this.#set(node.id, node, atMs);
    this.#isFilled = true;
    this.#isSettled = !delta.isPartial;
    this.#version += 1;
    this.#counts = counts ?? this.#counts;
    this.rates.observe(atMs, this.#counts ?? this.#edges());
    return true;
  }

  #missingIn(nodes: readonly NodeSummary[]): readonly string[] {
    const there = new Set(nodes.map(({ id }) => id));
    return [...this.#nodes.keys()].filter((id) => !there.has(id));
  }

  #set(id: string, node: NodeSummary | undefined, atMs: number): void {
    if (this.#isSettled) this.#journal.note(atMs, this.#nodes.get(id), node);
    if (node === undefined) this.#nodes.delete(id);
    else this.#nodes.set(id, node);
  }

  /** Where nothing is told of counts, an edge is one connection. */
  #edges(): ReadonlyMap<string, number> {
    const edges = new Map<string, number>();
    for (const { id, adjacency = [] } of this.#nodes.values()) {
      for (const to of adjacency) edges.set(edgeKey(id, to), 1);
    }
    return edges;
  }
}
