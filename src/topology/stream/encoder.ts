import { Packr } from "msgpackr";
import type { NodeSummary } from "../view/summary.ts";
import { Changes } from "./changes.ts";
import type { StreamFrame } from "./frame.ts";
import { NodeColumns } from "./node_columns.ts";
import { packSized } from "./pack.ts";
import { Slots } from "./slots.ts";

/** Dictionaries that grew to so many times their first size are half dead at least. */
const GROWTH_MAX = 2;
const GROWTH_SPARE = 20_000;

interface Marks {
  readonly names: number;
  readonly values: number;
  readonly parents: number;
  readonly tables: number;
  readonly fields: number;
}

const BEGINNING: Marks = { names: 1, values: 1, parents: 1, tables: 1, fields: 0 };

/**
 * Makes the frames of one epoch: of the first state, then of what each later one changes.
 *
 * Pure: equal states give equal bytes. Nodes that are the same objects as before cost nothing but
 * their lookup.
 */
export class StreamEncoder {
  readonly epoch: string;
  readonly #packr = new Packr({ useRecords: false, variableMapSize: true });
  readonly #columns = new NodeColumns();
  readonly #slots = new Slots();
  readonly #summaries: (NodeSummary | undefined)[] = [];
  #seq = 0;
  #atMs = 0;
  #begun = 0;
  #full: { readonly seq: number; readonly frames: readonly Uint8Array[] } | undefined;

  constructor(epoch: string) {
    this.epoch = epoch;
  }

  /** Number of the present state; 0 before the first. */
  get seq(): number {
    return this.#seq;
  }

  /** Whether so much of the dictionaries is dead that a new epoch is due. */
  get isWorn(): boolean {
    return this.#size() > this.#begun * GROWTH_MAX + GROWTH_SPARE;
  }

  /** Take the next state; the delta that leads to it, or undefined when it is the same. */
  update(nodes: ReadonlyMap<string, NodeSummary>, atMs: number): Uint8Array | undefined {
    const before = this.#marks();
    const changes = new Changes();
    const removed = this.#removeMissing(nodes);
    const added = this.#addNew(nodes, changes);
    const isMoved = removed.length + added.length > 0;
    for (const [id, node] of nodes) this.#write(id, node, isMoved, changes);
    this.#slots.settle();
    const columns = changes.parts();
    this.#atMs = atMs;
    const isFirst = this.#seq === 0;
    if (!isFirst && columns.length + removed.length === 0) return undefined;
    this.#seq += 1;
    if (isFirst) {
      this.#begun = this.#size();
      return undefined;
    }
    return this.#pack({
      ...this.#head("delta"),
      nodes: this.#slots.size,
      ...(removed.length === 0 ? {} : { removed: packSized(removed) }),
      ...this.#news(before),
      columns,
    });
  }

  /** The whole present state: a frame to paint, and those with the rest. Encoded once a state. */
  full(): readonly Uint8Array[] {
    if (this.#full?.seq === this.#seq) return this.#full.frames;
    const slots = [...this.#slots.entries()].map(([, slot]) => slot).sort((a, b) => a - b);
    const [base, rest] = [new Changes(), new Changes()];
    this.#columns.tellBase(slots, base);
    this.#columns.tellRest(slots, rest);
    const { values, tables, ...news } = this.#news(BEGINNING);
    const columns = rest.parts(slots);
    const hasRest = columns.length > 0;
    const first = this.#pack({
      ...this.#head("full"),
      parts: hasRest ? 1 : 0,
      nodes: slots.length,
      ...(slots.length === this.#slots.end ? {} : { slots: packSized(slots) }),
      ...news,
      columns: base.parts(slots),
    });
    const dictionaries = { ...(values && { values }), ...(tables && { tables }) };
    const more = { ...this.#head("more"), ...dictionaries, columns };
    const frames = hasRest ? [first, this.#pack(more)] : [first];
    this.#full = { seq: this.#seq, frames };
    return frames;
  }

  /** Nothing changed until now. */
  beat(atMs: number): Uint8Array {
    this.#atMs = atMs;
    return this.#pack(this.#head("beat"));
  }

  #head(kind: StreamFrame["kind"]) {
    return { v: 1, kind, epoch: this.epoch, seq: this.#seq, at: this.#atMs } as const;
  }

  #pack(frame: StreamFrame): Uint8Array {
    // The packer's buffer is its own and is used again.
    return Uint8Array.from(this.#packr.pack(frame));
  }

  #removeMissing(nodes: ReadonlyMap<string, NodeSummary>): readonly number[] {
    const removed: number[] = [];
    for (const [id, slot] of this.#slots.entries()) {
      if (nodes.has(id)) continue;
      removed.push(slot);
      this.#slots.remove(id);
      this.#summaries[slot] = undefined;
    }
    return removed;
  }

  #addNew(nodes: ReadonlyMap<string, NodeSummary>, changes: Changes): readonly number[] {
    const added: number[] = [];
    for (const id of nodes.keys()) {
      if (this.#slots.get(id) !== undefined) continue;
      const slot = this.#slots.add(id);
      added.push(slot);
      this.#columns.begin(slot, id, changes);
    }
    return added;
  }

  #write(id: string, node: NodeSummary, isMoved: boolean, changes: Changes): void {
    const slot = this.#slots.get(id);
    if (slot === undefined) return;
    const isSame = this.#summaries[slot] === node;
    if (!isSame) this.#columns.write(slot, node, changes);
    // A slot that an edge leads to may have another node now.
    if (!isSame || isMoved) this.#columns.writeEdges(slot, this.#endsOf(node), changes);
    this.#summaries[slot] = node;
  }

  #endsOf({ adjacency = [] }: NodeSummary): readonly number[] {
    const ends: number[] = [];
    for (const id of adjacency) {
      const slot = this.#slots.get(id);
      if (slot !== undefined) ends.push(slot);
    }
    return ends;
  }

  #marks(): Marks {
    const { names, values, parents, tables, fields } = this.#columns;
    return {
      names: names.size,
      values: values.size,
      parents: parents.size,
      tables: tables.size,
      fields: fields.size,
    };
  }

  #size(): number {
    const { names, values, parents, tables, fields } = this.#marks();
    return names + values + parents + tables + fields;
  }

  /** What came since the marks. */
  #news(marks: Marks) {
    const columns = this.#columns;
    const names = columns.names.part(marks.names);
    const values = columns.values.part(marks.values);
    const fields = columns.fields.part(marks.fields);
    const parents = columns.parents.part(marks.parents);
    const tables = columns.tables.part(marks.tables);
    return {
      ...(names && { names }),
      ...(values && { values }),
      ...(fields && { fields }),
      ...(parents && { parents }),
      ...(tables && { tables }),
    };
  }
}
