import { requireInteger } from "./check.ts";
import { FairleadError } from "./error.ts";

/**
 * What a full queue does with one value more: refuse it, drop the oldest value held, drop the new
 * one and count it, or let the sender wait for room.
 */
export type FullPolicy = "reject" | "drop_oldest" | "drop_newest" | "wait";

/** Options of a {@linkcode BoundedQueue}. */
export interface BoundedQueueOptions {
  /** How many values it holds at most; from 1 to 2^31. */
  readonly capacityMax: number;
  readonly whenFull: FullPolicy;
}

interface Signalled {
  readonly signal?: AbortSignal | undefined;
}

interface Taker<T> {
  resolve(result: IteratorResult<T, undefined>): void;
  reject(reason: unknown): void;
}

interface Sender<T> {
  readonly value: T;
  resolve(): void;
  reject(reason: unknown): void;
}

type End = { readonly kind: "closed" } | { readonly kind: "failed"; readonly error: unknown };

/**
 * A first-in, first-out queue with a limit, read as an async iterable.
 *
 * Several readers share the values: each value goes to one of them. Leaving a `for await` loop
 * ends that reader only. After `close` or `fail` the values held are still delivered, then the
 * loop ends or throws.
 */
export class BoundedQueue<T> implements AsyncIterable<T> {
  readonly capacityMax: number;
  readonly whenFull: FullPolicy;
  #held: T[] = [];
  #head = 0;
  #dropped = 0;
  #end: End | undefined;
  readonly #takers = new Set<Taker<T>>();
  readonly #senders = new Set<Sender<T>>();

  constructor({ capacityMax, whenFull }: BoundedQueueOptions) {
    this.capacityMax = requireInteger("capacityMax", capacityMax, { min: 1, max: 2 ** 31 });
    this.whenFull = whenFull;
  }

  /** How many values it holds now. */
  get size(): number {
    return this.#held.length - this.#head;
  }

  /** How many values were lost to the policies `drop_oldest` and `drop_newest`. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Whether `close` or `fail` was called. */
  get closed(): boolean {
    return this.#end !== undefined;
  }

  /**
   * Hand in a value without waiting; returns whether it was taken.
   *
   * A full queue answers by its policy: `reject`, `drop_newest` and `wait` return false,
   * `drop_oldest` makes room and returns true.
   *
   * @throws {FairleadError} `queue_closed` after `close` or `fail`.
   */
  push(value: T): boolean {
    if (this.#end !== undefined) throw queueClosed();
    if (this.#hand(value)) return true;
    if (this.size < this.capacityMax) {
      this.#held.push(value);
      return true;
    }
    if (this.whenFull === "reject" || this.whenFull === "wait") return false;
    this.#dropped += 1;
    if (this.whenFull === "drop_newest") return false;
    this.#shift();
    this.#held.push(value);
    return true;
  }

  /**
   * Hand in a value, waiting for room when the policy is `wait`; otherwise the same as `push`.
   *
   * @returns Whether the value was taken.
   * @throws {FairleadError} `queue_closed` when the queue ends first; the signal's reason when the
   * wait is aborted. In both cases the value was not taken.
   */
  send(value: T, { signal }: Signalled = {}): Promise<boolean> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      if (this.whenFull !== "wait" || this.closed || this.#senders.size === 0) {
        const taken = this.push(value);
        if (taken || this.whenFull !== "wait") return resolve(taken);
      }
      const settled = onAbort(signal, (reason) => {
        this.#senders.delete(sender);
        reject(reason);
      });
      const sender: Sender<T> = {
        value,
        resolve: () => settled(() => resolve(true)),
        reject: (reason) => settled(() => reject(reason)),
      };
      this.#senders.add(sender);
    });
  }

  /**
   * Take the next value, waiting for one; `done` after the last value of a closed queue.
   *
   * @throws What `fail` was given, after the last value; the signal's reason when aborted, and
   * then no value is lost.
   */
  take({ signal }: Signalled = {}): Promise<IteratorResult<T, undefined>> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      if (this.size > 0) return resolve({ done: false, value: this.#shift() });
      if (this.#end?.kind === "failed") return reject(this.#end.error);
      if (this.#end !== undefined) return resolve({ done: true, value: undefined });
      const settled = onAbort(signal, (reason) => {
        this.#takers.delete(taker);
        reject(reason);
      });
      const taker: Taker<T> = {
        resolve: (result) => settled(() => resolve(result)),
        reject: (reason) => settled(() => reject(reason)),
      };
      this.#takers.add(taker);
    });
  }

  /** Read until the queue ends; an aborted signal makes the loop throw its reason. */
  async *values(options: Signalled = {}): AsyncGenerator<T, undefined> {
    for (;;) {
      const result = await this.take(options);
      if (result.done) return undefined;
      yield result.value;
    }
  }

  [Symbol.asyncIterator](): AsyncGenerator<T, undefined> {
    return this.values();
  }

  /** Take no more values; readers get what is held and then the end. Twice is harmless. */
  close(): void {
    this.#finish({ kind: "closed" });
  }

  /** Take no more values; readers get what is held and then this error. */
  fail(error: unknown): void {
    this.#finish({ kind: "failed", error });
  }

  #finish(end: End): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    for (const sender of this.#senders) sender.reject(queueClosed());
    this.#senders.clear();
    for (const taker of this.#takers) {
      if (end.kind === "failed") taker.reject(end.error);
      else taker.resolve({ done: true, value: undefined });
    }
    this.#takers.clear();
  }

  /** Give the value straight to a reader that waits. */
  #hand(value: T): boolean {
    for (const taker of this.#takers) {
      this.#takers.delete(taker);
      taker.resolve({ done: false, value });
      return true;
    }
    return false;
  }

  /** Remove the oldest value; the first sender that waits fills its room. */
  #shift(): T {
    const value = this.#held[this.#head] as T;
    this.#head += 1;
    if (this.#head * 2 >= this.#held.length) {
      this.#held = this.#held.slice(this.#head);
      this.#head = 0;
    }
    for (const sender of this.#senders) {
      this.#senders.delete(sender);
      this.#held.push(sender.value);
      sender.resolve();
      break;
    }
    return value;
  }
}

function queueClosed(): FairleadError {
  return new FairleadError("queue_closed", "Cannot push: the queue is closed");
}

/** Watch a signal until the returned function settles the wait; then no listener is left. */
function onAbort(signal: AbortSignal | undefined, abort: (reason: unknown) => void) {
  const listener = () => abort(signal?.reason);
  signal?.addEventListener("abort", listener, { once: true });
  return (settle: () => void) => {
    signal?.removeEventListener("abort", listener);
    settle();
  };
}
