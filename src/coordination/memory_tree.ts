import { type Clock, systemClock } from "../base/mod.ts";
import { DEFAULT_LIMITS } from "./calls.ts";
import type { Link, UpMessage } from "./link.ts";
import { type ConnectOptions, MemoryStore } from "./memory_store.ts";
import type { OpResult, StoreLimits, StoreOp } from "./store.ts";
import { type Transaction, Tree } from "./tree.ts";
import { type Watch, WatchTable } from "./watches.ts";

/** Options of a {@linkcode MemoryTree}. */
export interface MemoryTreeOptions {
  /** Dates nodes and ends sessions whose client is not heard. @default systemClock */
  readonly clock?: Clock;
  /** @default those of {@linkcode StoreLimits} */
  readonly limits?: Partial<StoreLimits>;
}

/** A session as the tree sees it. */
interface ServerSession {
  readonly id: bigint;
  /** Undefined: it lives until it is ended. */
  readonly timeoutMs: number | undefined;
  readonly ended: AbortController;
  heardAtMs: number;
  link: Link;
}

/** A watch with the session that it belongs to. */
interface ServerWatch {
  readonly path: string;
  readonly children: boolean;
  readonly recursive: boolean;
  readonly session: ServerSession;
  readonly watch: Watch;
}

/**
 * A tree in memory that several stores share, each with a session of its own: the simplest
 * driver, and a simulated ZooKeeper for tests.
 *
 * @example
 * ```ts
 * import { MemoryTree } from "fairlead/coordination";
 *
 * const tree = new MemoryTree();
 * await using here = tree.connect();
 * const there = tree.connect();
 * await there.create("/here-while-i-am", undefined, { ephemeral: true });
 * await there.close();
 * console.assert((await here.exists("/here-while-i-am")) === undefined);
 * ```
 */
export class MemoryTree {
  readonly clock: Clock;
  readonly limits: StoreLimits;
  /** The tree itself; look, do not touch. */
  readonly tree = new Tree();
  readonly #watches = new WatchTable<ServerWatch>();
  readonly #held = new Map<Watch, ServerWatch>();
  readonly #sessions = new Map<bigint, ServerSession>();
  readonly #links = new Map<Link, ServerSession>();
  #lastSession = 0n;

  constructor({ clock = systemClock, limits }: MemoryTreeOptions = {}) {
    this.clock = clock;
    this.limits = { ...DEFAULT_LIMITS, ...limits };
  }

  /** How many sessions live. */
  get sessions(): number {
    return this.#sessions.size;
  }

  /**
   * A store on this tree with a session of its own.
   *
   * Without `sessionTimeoutMs` nothing waits and the session lives until it is closed; with it, a
   * connection is simulated: latency, heartbeats, expiry, and what `faults` does to them.
   */
  connect(options: ConnectOptions = {}): MemoryStore {
    return new MemoryStore(this, options);
  }

  /**
   * What a client sent over a link; for {@linkcode MemoryStore}.
   *
   * @param timeoutMs The client's session timeout.
   */
  receive(link: Link, message: UpMessage, timeoutMs: number | undefined): void {
    if (message.type === "connect") {
      this.#connect(link, message, timeoutMs);
      return;
    }
    // What comes over a link that was left is too late: the session has moved or is over.
    const session = this.#links.get(link);
    if (session === undefined) return;
    session.heardAtMs = this.clock.nowMs();
    switch (message.type) {
      case "ping":
        link.down.send({ type: "pong", sentMs: message.sentMs });
        break;
      case "call":
        link.down.send({ type: "deliver", act: message.perform(session.id) });
        break;
      case "watch":
        this.#watch(session, message.watch);
        this.#resync(session, message.watch);
        break;
      case "unwatch":
        this.#unwatch(message.watch);
        break;
    }
  }

  /** Do all operations or none, and tell who watches. */
  write(operations: readonly StoreOp[], sessionId: bigint): readonly OpResult[] {
    const writer = { sessionId, nowMs: this.clock.nowMs() };
    return this.#told(this.tree.apply(operations, writer)).results;
  }

  /** End a session: its ephemerals go, its client is told if it can be. */
  endSession(sessionId: bigint): void {
    const session = this.#sessions.get(sessionId);
    if (session === undefined) return;
    this.#sessions.delete(sessionId);
    this.#links.delete(session.link);
    for (const [watch, held] of this.#held) if (held.session === session) this.#unwatch(watch);
    session.ended.abort();
    this.#told(this.tree.endSession(sessionId, this.clock.nowMs()));
    session.link.down.send({ type: "expired" });
  }

  #connect(
    link: Link,
    { sessionId, sentMs }: UpMessage & { readonly type: "connect" },
    timeoutMs: number | undefined,
  ): void {
    const session =
      sessionId === 0n ? this.#newSession(link, timeoutMs) : this.#sessions.get(sessionId);
    if (session === undefined) {
      link.down.send({ type: "expired" });
      return;
    }
    this.#links.delete(session.link);
    this.#links.set(link, session);
    session.link = link;
    session.heardAtMs = this.clock.nowMs();
    link.down.send({ type: "connected", sessionId: session.id, sentMs });
  }

  #newSession(link: Link, timeoutMs: number | undefined): ServerSession {
    this.#lastSession += 1n;
    const session: ServerSession = {
      id: this.#lastSession,
      timeoutMs,
      ended: new AbortController(),
      heardAtMs: this.clock.nowMs(),
      link,
    };
    this.#sessions.set(session.id, session);
    if (timeoutMs !== undefined) void this.#expireLater(session, timeoutMs);
    return session;
  }

  /** Wait until nothing was heard for the session's timeout, never shorter. */
  async #expireLater(session: ServerSession, timeoutMs: number): Promise<void> {
    const { signal } = session.ended;
    for (;;) {
      const restMs = session.heardAtMs + timeoutMs - this.clock.nowMs();
      if (restMs <= 0) this.endSession(session.id);
      if (signal.aborted) return;
      await this.clock.sleep(restMs, { signal }).catch(() => undefined); // It only ends early.
    }
  }

  #watch(session: ServerSession, watch: Watch): void {
    this.#unwatch(watch);
    const { path, children, recursive } = watch;
    const held = { path, children, recursive, session, watch };
    this.#held.set(watch, held);
    this.#watches.add(held);
  }

  #unwatch(watch: Watch): void {
    const held = this.#held.get(watch);
    if (held === undefined) return;
    this.#held.delete(watch);
    this.#watches.remove(held);
  }

  #resync(session: ServerSession, watch: Watch): void {
    session.link.down.send({ type: "deliver", act: () => watch.resync("reconnected") });
  }

  #told(transaction: Transaction): Transaction {
    this.#watches.dispatch(transaction.changes, ({ session, watch }, change) => {
      session.link.down.send({ type: "deliver", act: () => watch.push(change) });
    });
    return transaction;
  }
}
