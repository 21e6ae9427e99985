import { BoundedQueue } from "./queue.ts";

const BUFFER_MAX = 1_024;

/** What stands for changes that were not kept. */
export interface Resync {
  readonly type: "resync";
  readonly cause: "armed" | "overflow" | "reconnected";
}

/** Changes on their way to one reader: a bounded queue in which a `resync` stands for the rest. */
export class ChangeQueue<Change> {
  readonly #queue: BoundedQueue<Change | Resync>;
  #overflowed = false;
  #armed = false;

  constructor(bufferMax: number = BUFFER_MAX) {
    this.#queue = new BoundedQueue({ capacityMax: bufferMax, whenFull: "reject" });
  }

  /** Tell a change. Behind an overflow nothing is kept: the `resync` to come covers it. */
  push(change: Change | Resync): void {
    if (this.#queue.closed || this.#overflowed) return;
    this.#overflowed = !this.#queue.push(change);
  }

  /** Tell that everything has to be read again; the first time it says that the watch is armed. */
  resync(cause: "reconnected"): void {
    this.push({ type: "resync", cause: this.#armed ? cause : "armed" });
    this.#armed = true;
  }

  close(): void {
    if (!this.#queue.closed) this.#queue.close();
  }

  fail(error: unknown): void {
    this.#queue.fail(error);
  }

  async *read(signal: AbortSignal | undefined): AsyncGenerator<Change | Resync, undefined> {
    for (;;) {
      if (this.#overflowed && this.#queue.size === 0) {
        this.#overflowed = false;
        yield { type: "resync", cause: "overflow" };
      }
      const next = await this.#queue.take({ signal });
      if (next.done) return undefined;
      yield next.value;
    }
  }
}
