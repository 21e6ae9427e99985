import { type Clock, FairleadError } from "../../base/mod.ts";
import type { MessageSocket } from "../../http/mod.ts";

/** The two ends of a pipe. */
export type PipeEnd = "ui" | "probe";

/** Options of {@linkcode Pipes}. */
export interface PipesOptions {
  readonly clock: Clock;
  /** @default 1_024 */
  readonly pipesMax?: number;
  /** What may wait for an end that reads slowly. @default 8_388_608 */
  readonly bufferBytesMax?: number;
  /** How long an end may be absent. @default 60_000 */
  readonly absentMsMax?: number;
  /** How long a closed pipe is remembered, so that it is not opened again. @default 600_000 */
  readonly tombstoneMs?: number;
  /** Told when a pipe ends. */
  readonly onClosed?: (id: string, why: string) => void;
}

interface Pipe {
  readonly id: string;
  readonly ends: Map<PipeEnd, MessageSocket>;
  /** Since when one end at least has been absent. */
  absentSinceMs: number;
}

const OTHER: Readonly<Record<PipeEnd, PipeEnd>> = { ui: "probe", probe: "ui" };
const TOMBSTONES_MAX = 16_384;

/**
 * Carries bytes between a person's terminal and a probe.
 *
 * An end's bytes are not read before the other end is there, so nothing has to be kept meanwhile.
 * The person's end may come back within a minute; the pipe ends with the probe's.
 */
export class Pipes {
  readonly #pipes = new Map<string, Pipe>();
  /** When each closed pipe may be forgotten. */
  readonly #tombstones = new Map<string, number>();
  readonly #options: Required<Omit<PipesOptions, "onClosed">>;
  readonly #onClosed: (id: string, why: string) => void;

  constructor(options: PipesOptions) {
    this.#options = {
      pipesMax: 1_024,
      bufferBytesMax: 8_388_608,
      absentMsMax: 60_000,
      tombstoneMs: 600_000,
      ...options,
    };
    this.#onClosed = options.onClosed ?? (() => undefined);
  }

  /** How many are open. */
  get size(): number {
    return this.#pipes.size;
  }

  /** Whether a pipe is there and open. */
  has(id: string): boolean {
    this.#sweep();
    return this.#pipes.has(id);
  }

  /**
   * Make sure that an end may be connected; the first one to ask makes the pipe.
   *
   * @throws {FairleadError} `pipe_closed` when it was closed before, `pipe_limit` when there are
   * too many.
   */
  prepare(id: string): void {
    this.#sweep();
    if (this.#tombstones.has(id)) {
      throw new FairleadError("pipe_closed", `Cannot open pipe "${id}": it is closed`, {
        details: { pipe: id },
      });
    }
    if (this.#pipes.has(id)) return;
    const { clock, pipesMax } = this.#options;
    if (this.#pipes.size >= pipesMax) {
      throw new FairleadError("pipe_limit", `Cannot open a pipe: ${pipesMax} are open`, {
        details: { pipesMax },
      });
    }
    this.#pipes.set(id, { id, ends: new Map(), absentSinceMs: clock.nowMs() });
  }

  /** Connect an end of a prepared pipe; one that is connected already is replaced. */
  connect(id: string, end: PipeEnd, socket: MessageSocket): void {
    const pipe = this.#pipes.get(id);
    if (pipe === undefined) {
      socket.close(1001, "the pipe is closed");
      return;
    }
    const before = pipe.ends.get(end);
    pipe.ends.set(end, socket);
    before?.close(1000, "the pipe is open elsewhere");
    socket.onClose(() => this.#left(pipe, end, socket));
    const other = pipe.ends.get(OTHER[end]);
    if (other === undefined) return;
    this.#forward(pipe, end, socket);
    this.#forward(pipe, OTHER[end], other);
  }

  /** Close a pipe; one that is not there is closed for the time to come. */
  close(id: string, why: string): void {
    const { clock, tombstoneMs } = this.#options;
    const pipe = this.#pipes.get(id);
    this.#pipes.delete(id);
    for (const oldest of this.#tombstones.keys()) {
      if (this.#tombstones.size < TOMBSTONES_MAX) break;
      this.#tombstones.delete(oldest);
    }
    this.#tombstones.set(id, clock.nowMs() + tombstoneMs);
    if (pipe === undefined) return;
    for (const socket of pipe.ends.values()) socket.close(1000, why);
    this.#onClosed(id, why);
  }

  /** Close all. */
  closeAll(why: string): void {
    for (const id of [...this.#pipes.keys()]) this.close(id, why);
  }

  #forward(pipe: Pipe, end: PipeEnd, socket: MessageSocket): void {
    const { bufferBytesMax } = this.#options;
    socket.onMessage((message) => {
      const to = pipe.ends.get(OTHER[end]);
      // An end that comes back soon misses what came meanwhile, as a terminal does.
      if (to === undefined) return;
      to.send(typeof message === "string" && end === "ui" ? encoder.encode(message) : message);
      if (to.bufferedBytes > bufferBytesMax) this.close(pipe.id, "an end reads too slowly");
    });
  }

  #left(pipe: Pipe, end: PipeEnd, socket: MessageSocket): void {
    if (pipe.ends.get(end) !== socket) return;
    pipe.ends.delete(end);
    pipe.absentSinceMs = this.#options.clock.nowMs();
    if (end === "probe" && this.#pipes.get(pipe.id) === pipe) this.close(pipe.id, "the probe left");
  }

  #sweep(): void {
    const { clock, absentMsMax } = this.#options;
    const nowMs = clock.nowMs();
    for (const [id, untilMs] of this.#tombstones) {
      if (untilMs > nowMs) break;
      this.#tombstones.delete(id);
    }
    for (const { id, ends, absentSinceMs } of [...this.#pipes.values()]) {
      if (ends.size < 2 && nowMs - absentSinceMs > absentMsMax) this.close(id, "an end is absent");
    }
  }
}

const encoder = new TextEncoder();
