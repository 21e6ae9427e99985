/** Clients of a collector's compact stream, and what they look out for. */
import { connectWebSocket } from "fairlead/http/node";
import type { NodeSummary } from "fairlead/topology";
import { Unpackr } from "msgpackr";
import { StreamReader } from "../src/ui/topology/stream_reader.ts";
import { percentile } from "./harness_stats.ts";

/** A state that a client has, and since when. */
interface Arrival {
  readonly epoch: string;
  readonly seq: number;
  readonly atMs: number;
}

/** Something that was done, and the state in which it was to be seen. */
interface Seen {
  readonly doneMs: number;
  readonly first: Arrival;
}

interface Wait {
  readonly doneMs: number;
  readonly isThere: () => boolean;
  readonly resolve: () => void;
}

const DECODES = 20;
const unpackr = new Unpackr({ useRecords: false });

/** Follows one view by several clients; the first one reads as the page does. */
export class Watch {
  readonly #reader = new StreamReader();
  readonly #arrivals: Arrival[][] = [];
  #seen: Seen[] = [];
  #waiting: Wait[] = [];
  #first: Uint8Array | undefined;
  #firstMs = 0;
  #bytes = 0;
  #frames = 0;
  #sinceMs = 0;

  /** Connect, and wait until each client has everything. */
  static async open(url: string, topologyId: string, clients: number): Promise<Watch> {
    const watch = new Watch();
    const address = `${url.replace("http", "ws")}/api/stream/${topologyId}`;
    for (let client = 0; client < clients; client += 1) {
      const arrivals: Arrival[] = [];
      watch.#arrivals.push(arrivals);
      const socket = await connectWebSocket(address);
      await new Promise<void>((resolve) => {
        socket.onMessage((message) => {
          if (typeof message === "string") return;
          const atMs = performance.now();
          arrivals.push({ ...headOf(message), atMs });
          if (client === 0) watch.#read(message, atMs);
          resolve();
        });
      });
    }
    return watch;
  }

  /** The node in a slot, by its id. */
  node(id: string): NodeSummary | undefined {
    const slot = this.#reader.slots.get(id);
    return slot === undefined ? undefined : this.#reader.node(slot);
  }

  /** Nodes that stand for one thing each, and their edges. */
  get size(): { readonly nodes: number; readonly edges: number } {
    let [nodes, edges] = [0, 0];
    for (const slot of this.#reader.slots.values()) {
      const { pseudo, adjacency = [] } = this.#reader.node(slot);
      nodes += pseudo === true ? 0 : 1;
      edges += adjacency.length;
    }
    return { nodes, edges };
  }

  /** What was done at a moment is to be seen; resolves when the first client sees it. */
  see(doneMs: number, isThere: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ doneMs, isThere, resolve });
    });
  }

  /** Count from now on. */
  mark(): void {
    this.#seen = [];
    this.#bytes = 0;
    this.#frames = 0;
    this.#sinceMs = performance.now();
  }

  /** What was counted. Delays are those of all clients, in milliseconds. */
  facts() {
    const seconds = (performance.now() - this.#sinceMs) / 1_000;
    const delays = this.#seen.flatMap((seen) => this.#delaysOf(seen));
    const p = (part: number) => (delays.length === 0 ? 0 : percentile(delays, part));
    return {
      p50Ms: p(0.5),
      p95Ms: p(0.95),
      seen: this.#seen.length,
      delays: delays.length,
      frames: this.#frames,
      bytesPerSecond: Math.round(this.#bytes / seconds),
      firstFrameBytes: this.#first?.length ?? 0,
      firstDecodeMs: this.#firstMs,
      decodeMs: this.#first === undefined ? 0 : decodeMs(this.#first),
    };
  }

  #read(message: Uint8Array, atMs: number): void {
    const startMs = performance.now();
    this.#reader.read(message);
    if (this.#first === undefined) {
      this.#first = message.slice();
      this.#firstMs = performance.now() - startMs;
    }
    this.#bytes += message.length;
    this.#frames += 1;
    const { epoch, seq } = headOf(message);
    this.#waiting = this.#waiting.filter(({ doneMs, isThere, resolve }) => {
      if (!isThere()) return true;
      this.#seen.push({ doneMs, first: { epoch, seq, atMs } });
      resolve();
      return false;
    });
  }

  #delaysOf({ doneMs, first }: Seen): number[] {
    return this.#arrivals.flatMap((arrivals) => {
      const found = arrivals.find(
        ({ epoch, seq, atMs }) => atMs >= doneMs && epoch === first.epoch && seq >= first.seq,
      );
      return found === undefined ? [] : [found.atMs - doneMs];
    });
  }
}

function headOf(message: Uint8Array): { readonly epoch: string; readonly seq: number } {
  const { epoch, seq } = unpackr.unpack(message);
  return { epoch: String(epoch), seq: Number(seq) };
}

/** Reading the first frame once more, by a new reader: the median. */
function decodeMs(frame: Uint8Array): number {
  const times = Array.from({ length: DECODES }, () => {
    const startMs = performance.now();
    new StreamReader().read(frame);
    return performance.now() - startMs;
  });
  return percentile(times, 0.5);
}
