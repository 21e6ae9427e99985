import { FairleadError } from "../../base/mod.ts";
import type { NodeSummary, StreamFrame } from "../../topology/mod.ts";
import { invalid } from "./msgpack_reader.ts";
import { SLOTS_MAX, StreamColumns } from "./stream_columns.ts";
import { readFrame } from "./stream_frame.ts";
import { readSized } from "./stream_values.ts";

/** What a frame did. */
export interface StreamChange {
  /** All nodes are new: what was there before is gone. */
  readonly reset: boolean;
  /** Slots of nodes that came. */
  readonly added: readonly number[];
  /** Slots of nodes of which something changed. */
  readonly updated: readonly number[];
  /** Ids of nodes that went. */
  readonly removed: readonly string[];
}

const NOTHING: StreamChange = { reset: false, added: [], updated: [], removed: [] };

/**
 * Follows the compact stream of a topology (`docs/topology_stream.md`): takes its frames, knows the
 * nodes.
 *
 * Frames cost what they say; a node becomes an object when it is asked for, and stays the same
 * object until something about it changes.
 */
export class StreamReader {
  #columns = new StreamColumns();
  readonly #slots = new Map<string, number>();
  readonly #summaries: (NodeSummary | undefined)[] = [];
  #epoch: string | undefined;
  #seq = 0;
  #atMs = 0;
  #missing = 0;

  /** Where to resume after a broken connection; undefined: from the beginning. */
  get position(): { readonly epoch: string; readonly seq: number } | undefined {
    if (this.#epoch === undefined || this.#missing > 0) return undefined;
    return { epoch: this.#epoch, seq: this.#seq };
  }

  /** The moment that the state shows, on the collector's clock. */
  get atMs(): number {
    return this.#atMs;
  }

  /** Whether metadata and tables are there too. */
  get isComplete(): boolean {
    return this.#epoch !== undefined && this.#missing === 0;
  }

  /** Slots of the nodes, by id. */
  get slots(): ReadonlyMap<string, number> {
    return this.#slots;
  }

  /** The columns, for what draws without objects. */
  get columns(): StreamColumns {
    return this.#columns;
  }

  /**
   * Take a frame.
   *
   * @throws {FairleadError} `stream_invalid` when it is none, or does not follow the one before:
   * connect anew, without a position.
   */
  read(bytes: Uint8Array): StreamChange {
    const frame = readFrame(bytes);
    try {
      return this.#take(frame);
    } catch (error) {
      // Half a frame may have been taken: nothing can follow it.
      this.#epoch = undefined;
      if (error instanceof FairleadError) throw error;
      throw invalid("a part of it is of another kind", error);
    }
  }

  /** A node as the API has it. */
  node(slot: number): NodeSummary {
    const known = this.#summaries[slot];
    if (known !== undefined) return known;
    const summary = this.#columns.summary(slot);
    this.#summaries[slot] = summary;
    return summary;
  }

  #take(frame: StreamFrame): StreamChange {
    if (frame.kind === "full") return this.#begin(frame);
    const isNext = frame.seq === this.#seq + (frame.kind === "delta" ? 1 : 0);
    if (frame.epoch !== this.#epoch || !isNext) throw invalid("it does not follow the one before");
    this.#atMs = frame.at;
    if (frame.kind === "beat") return NOTHING;
    if (frame.kind === "more") this.#missing -= 1;
    this.#seq = frame.seq;
    return this.#change(frame);
  }

  #begin(frame: StreamFrame): StreamChange {
    this.#columns = new StreamColumns();
    this.#slots.clear();
    this.#summaries.length = 0;
    this.#epoch = frame.epoch;
    this.#seq = frame.seq;
    this.#atMs = frame.at;
    this.#missing = frame.parts ?? 0;
    const { added } = this.#change(frame);
    return { reset: true, added, updated: [], removed: [] };
  }

  #change(frame: StreamFrame): StreamChange {
    const removed = frame.removed === undefined ? [] : this.#remove(readSized(frame.removed));
    this.#columns.learn(frame);
    const all = this.#slotsOf(frame);
    const added = new Set<number>();
    const updated = new Set<number>();
    for (const part of frame.columns ?? []) {
      const at = this.#columns.write(part, all);
      const into = part.c === 0 ? added : updated;
      for (let i = 0; i < at.length; i += 1) into.add(at[i] ?? 0);
    }
    for (const slot of added) this.#slots.set(this.#columns.id(slot), slot);
    for (const slot of updated) this.#summaries[slot] = undefined;
    for (const slot of added) this.#summaries[slot] = undefined;
    const changed = [...updated].filter((slot) => !added.has(slot));
    return { reset: false, added: [...added], updated: changed, removed };
  }

  #remove(slots: ArrayLike<number>): readonly string[] {
    return Array.from(slots, (slot) => {
      const id = this.#columns.id(slot);
      this.#slots.delete(id);
      this.#summaries[slot] = undefined;
      return id;
    });
  }

  #slotsOf(frame: StreamFrame): ArrayLike<number> {
    if (frame.kind === "more") return [...this.#slots.values()].sort((a, b) => a - b);
    if (frame.slots !== undefined) return readSized(frame.slots);
    const { kind, nodes = 0 } = frame;
    if (nodes > SLOTS_MAX) throw invalid(`it has ${nodes} nodes, more than ${SLOTS_MAX}`);
    return Uint32Array.from({ length: kind === "full" ? nodes : 0 }, (_, slot) => slot);
  }
}
