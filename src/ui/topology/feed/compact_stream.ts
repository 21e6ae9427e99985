import type { NodeSummary } from "../../../topology/mod.ts";
import { StreamReader } from "../stream_reader.ts";
import type { NodeDelta } from "./read.ts";
import type { TopologyQuery } from "./topology_api.ts";

/**
 * The compact stream of a topology (`docs/topology_stream.md`) as changes of nodes. A stream of the
 * same query goes on behind the last frame of the one before.
 */
export class CompactStream {
  readonly #query: string;
  readonly #options: Readonly<Record<string, string>>;
  readonly #reader: StreamReader;
  #hasRead = false;

  constructor(query: TopologyQuery, last: CompactStream | undefined) {
    this.#query = JSON.stringify([query.topologyId, query.options]);
    this.#options = query.options;
    this.#reader =
      last !== undefined && last.#query === this.#query ? last.#reader : new StreamReader();
  }

  /** Whether a frame came. */
  get hasRead(): boolean {
    return this.#hasRead;
  }

  /** What to ask with: the options, and where to go on. */
  get parameters(): Readonly<Record<string, string>> {
    const { position } = this.#reader;
    if (position === undefined) return this.#options;
    return { ...this.#options, epoch: position.epoch, seq: String(position.seq) };
  }

  /**
   * Take a message.
   *
   * @throws {FairleadError} `stream_invalid` when it is no frame, or not the next one.
   */
  read(data: string | ArrayBuffer): NodeDelta {
    const bytes = typeof data === "string" ? new TextEncoder().encode(data) : new Uint8Array(data);
    const { reset, added, updated, removed } = this.#reader.read(bytes);
    this.#hasRead = true;
    const node = (slot: number): NodeSummary => this.#reader.node(slot);
    const isPartial = !this.#reader.isComplete;
    return { add: added.map(node), update: updated.map(node), remove: removed, reset, isPartial };
  }
}
