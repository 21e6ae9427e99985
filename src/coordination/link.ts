/** A connection of the memory driver: two pipes whose latency, cuts and end are what tests ask for. */
import type { Clock } from "../base/mod.ts";
import type { Watch } from "./watches.ts";

/** How a pipe behaves. */
export interface PipeOptions {
  /** Absent: every message arrives within the call that sends it. */
  readonly clock: Clock | undefined;
  readonly latencyMs: () => number;
}

/** Messages one way: in order, each after its latency; held back while it is cut. */
export class Pipe<Message> {
  readonly #options: PipeOptions;
  readonly #receive: (message: Message) => void;
  #held: Message[] | undefined;
  #lastDueMs = 0;
  #closed = false;

  constructor(options: PipeOptions, receive: (message: Message) => void) {
    this.#options = options;
    this.#receive = receive;
  }

  send(message: Message): void {
    const { clock, latencyMs } = this.#options;
    if (this.#closed) return;
    if (clock === undefined) {
      this.#arrive(message);
      return;
    }
    const nowMs = clock.nowMs();
    this.#lastDueMs = Math.max(this.#lastDueMs, nowMs + latencyMs());
    void clock.sleep(this.#lastDueMs - nowMs).then(() => this.#arrive(message));
  }

  /** Keep what arrives from now on. */
  hold(): void {
    this.#held ??= [];
  }

  /** Let what was kept arrive. */
  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const message of held) this.#arrive(message);
  }

  /** What is on its way or kept is lost. */
  close(): void {
    this.#closed = true;
    this.#held = undefined;
  }

  #arrive(message: Message): void {
    if (this.#closed) return;
    if (this.#held !== undefined) this.#held.push(message);
    else this.#receive(message);
  }
}

/** What a client sends. */
export type UpMessage =
  | {
      readonly type: "connect";
      /** 0 asks for a new session. */
      readonly sessionId: bigint;
      readonly sentMs: number;
    }
  | { readonly type: "ping"; readonly sentMs: number }
  /** Done at the server; what it returns is done at the client. */
  | { readonly type: "call"; readonly perform: (sessionId: bigint) => () => void }
  | { readonly type: "watch"; readonly watch: Watch }
  | { readonly type: "unwatch"; readonly watch: Watch };

/** What a server sends. */
export type DownMessage =
  | { readonly type: "connected"; readonly sessionId: bigint; readonly sentMs: number }
  | { readonly type: "expired" }
  | { readonly type: "pong"; readonly sentMs: number }
  /** An answer or a change: something to do at the client. */
  | { readonly type: "deliver"; readonly act: () => void };

/** Both ways of one connection. */
export interface Link {
  readonly up: Pipe<UpMessage>;
  readonly down: Pipe<DownMessage>;
}
