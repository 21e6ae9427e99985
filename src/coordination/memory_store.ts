import {
  Aborts,
  type Clock,
  FairleadError,
  type Random,
  requireNumber,
  SeededRandom,
} from "../base/mod.ts";
import {
  type Answers,
  ask,
  BaseStore,
  busyError,
  closedError,
  outcomeOf,
  type Query,
} from "./base_store.ts";
import { type DownMessage, type Link, Pipe } from "./link.ts";
import type { MemoryTree } from "./memory_tree.ts";
import { SessionFeed } from "./session.ts";
import type { CallOptions, OpResult, StoreOp } from "./store.ts";
import type { Watch } from "./watches.ts";

/** Options of {@linkcode MemoryTree.connect}. */
export interface ConnectOptions {
  /**
   * Simulates a connection whose session ends when nothing is heard for so long.
   *
   * @default nothing is simulated: every answer is immediate
   */
  readonly sessionTimeoutMs?: number;
  /** The client's clock. @default that of the tree */
  readonly clock?: Clock;
  /** Latency of every message, each way; drawn evenly from min to max. @default 0 to 0 */
  readonly latencyMs?: { readonly min: number; readonly max: number };
  /** Draws latencies. @default new SeededRandom(1) */
  readonly random?: Random;
}

/** What can be done to a store of a {@linkcode MemoryTree}, for tests and simulations. */
export interface StoreFaults {
  /** Nothing gets through, either way, until `heal`; what is on its way is held back. */
  cut(): void;
  /** The network works again. */
  heal(): void;
  /** The connection breaks: what is on its way is lost. The store connects again. */
  drop(): void;
  /** The tree ends the session now. */
  expire(): void;
  /** The process stops: nothing is read, answered or noticed until `resume`. */
  pause(): void;
  resume(): void;
  /** The process is gone: nothing is said to the tree, which finds out by the timeout. */
  crash(): void;
  /**
   * The next calls lose their connection.
   *
   * @param outcome Whether they were done before the answer was lost.
   */
  failCalls(count: number, outcome: "done" | "not_done"): void;
}

interface Call {
  readonly perform: (sessionId: bigint) => () => void;
  readonly reject: (error: unknown) => void;
}

const TIMEOUT_MS = { min: 1, max: 86_400_000 };

/** A store on a {@linkcode MemoryTree}: a ZooKeeper client over a simulated network. */
export class MemoryStore extends BaseStore {
  readonly session: SessionFeed;
  /** What tests and simulations do to it. */
  readonly faults: StoreFaults;
  readonly #tree: MemoryTree;
  readonly #clock: Clock;
  readonly #timeoutMs: number | undefined;
  readonly #latencyMs: () => number;
  readonly #closing = new AbortController();
  readonly #watches = new Set<Watch>();
  readonly #aborts = new Aborts();
  /** Sent and not answered. */
  readonly #sent = new Set<Call>();
  /** To be sent once there is a connection. */
  readonly #waiting = new Set<Call>();
  #link: Link | undefined;
  #sessionId = 0n;
  #attempt = 0;
  #heardAtMs = 0;
  #pingedAtMs = 0;
  #validUntilMs = 0;
  #isCut = false;
  /** What arrived while the process stood still. */
  #stopped: (() => void)[] | undefined;
  #failing = { count: 0, outcome: "done" };
  #isClosing = false;
  #closed: Promise<void> | undefined;

  constructor(tree: MemoryTree, options: ConnectOptions) {
    super(tree.limits);
    const { sessionTimeoutMs, clock = tree.clock, random = new SeededRandom(1) } = options;
    const { min, max } = options.latencyMs ?? { min: 0, max: 0 };
    this.#tree = tree;
    this.#clock = clock;
    if (sessionTimeoutMs !== undefined) {
      this.#timeoutMs = requireNumber("sessionTimeoutMs", sessionTimeoutMs, TIMEOUT_MS);
    }
    this.#latencyMs = () => min + (max - min) * random.next();
    this.session = new SessionFeed(() => this.#timeoutMs === undefined || this.#isValid());
    this.faults = this.#makeFaults();
    this.#openLink();
    if (this.#timeoutMs !== undefined) void this.#live(this.#timeoutMs);
  }

  protected write(
    operations: readonly StoreOp[],
    options: CallOptions,
  ): Promise<readonly OpResult[]> {
    return this.#call((sessionId) => this.#tree.write(operations, sessionId), options);
  }

  protected read<Type extends Query["type"]>(
    type: Type,
    path: string,
    options: CallOptions,
  ): Promise<Answers[Type]> {
    return this.#call(() => ask(this.#tree.tree, type, path), options);
  }

  protected arm(watch: Watch): void {
    const { status } = this.session.state;
    if (status === "closed") watch.close();
    else this.#watches.add(watch);
    if (status === "connected") this.#link?.up.send({ type: "watch", watch });
  }

  protected disarm(watch: Watch): void {
    this.#watches.delete(watch);
    this.#link?.up.send({ type: "unwatch", watch });
  }

  sync(options: CallOptions = {}): Promise<void> {
    return this.#call(() => undefined, options);
  }

  close(): Promise<void> {
    this.#isClosing = true;
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /** Tell the tree if it can be told; otherwise the session ends by its timeout. */
  async #close(): Promise<void> {
    const { state } = this.session;
    if (state.status === "closed") return;
    if (this.#timeoutMs === undefined) this.#tree.endSession(this.#sessionId);
    else if (state.status === "connected") {
      const goodbye = this.#call((sessionId) => this.#tree.endSession(sessionId), {});
      await goodbye.catch(() => undefined); // Whatever it says, this end is over.
    }
    this.#end();
  }

  #end(): void {
    this.#closeLink();
    this.session.enter({ status: "closed" });
    this.#closing.abort();
    for (const watch of this.#watches) watch.close();
    this.#rejectAll([...this.#sent, ...this.#waiting], closedError());
  }

  /** Send something to do at the tree, now or once there is a connection. */
  #call<T>(run: (sessionId: bigint) => T, { signal }: CallOptions): Promise<T> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      if (this.session.state.status === "closed") return reject(closedError());
      const { callsMax } = this.limits;
      if (this.#sent.size + this.#waiting.size >= callsMax) return reject(busyError(callsMax));
      const finish = (act: () => void) => {
        this.#aborts.remove(signal, onAbort);
        this.#sent.delete(call);
        this.#waiting.delete(call);
        act();
      };
      const onAbort = (reason: unknown) => call.reject(reason);
      const call: Call = {
        perform: (sessionId) => {
          const act = outcomeOf(() => run(sessionId), resolve, reject);
          return () => finish(act);
        },
        reject: (error) => finish(() => reject(error)),
      };
      this.#aborts.add(signal, onAbort);
      this.#waiting.add(call);
      this.#flush();
    });
  }

  #flush(): void {
    if (this.session.state.status !== "connected" || this.#stopped !== undefined) return;
    for (const call of this.#waiting) {
      this.#waiting.delete(call);
      this.#sent.add(call);
      this.#send(call);
    }
  }

  #send(call: Call): void {
    if (this.#failing.count === 0) {
      this.#link?.up.send({ type: "call", perform: call.perform });
      return;
    }
    this.#failing.count -= 1;
    if (this.#failing.outcome === "done") call.perform(this.#sessionId);
    call.reject(lostError());
  }

  #openLink(): void {
    const timeoutMs = this.#timeoutMs;
    const clock = timeoutMs === undefined ? undefined : this.#tree.clock;
    const options = { clock, latencyMs: this.#latencyMs };
    const link: Link = {
      up: new Pipe(options, (message) => this.#tree.receive(link, message, timeoutMs)),
      down: new Pipe(options, (message) => this.#receive(link, message)),
    };
    if (this.#isCut) for (const pipe of [link.up, link.down]) pipe.hold();
    this.#link = link;
    this.#heardAtMs = this.#clock.nowMs();
    this.#attempt += 1;
    const sessionId = this.#sessionId;
    if (sessionId === 0n) this.session.enter({ status: "connecting", attempt: this.#attempt });
    link.up.send({ type: "connect", sessionId, sentMs: this.#heardAtMs });
  }

  #receive(link: Link, message: DownMessage): void {
    if (this.#stopped !== undefined) {
      this.#stopped.push(() => this.#receive(link, message));
      return;
    }
    if (link !== this.#link) return;
    this.#heardAtMs = this.#clock.nowMs();
    switch (message.type) {
      case "connected":
        this.#connected(message.sessionId, message.sentMs);
        break;
      case "expired":
        if (this.#isClosing) this.#end();
        else this.#expire("the tree has ended it");
        break;
      case "pong":
        this.#extend(message.sentMs);
        break;
      case "deliver":
        message.act();
        break;
    }
  }

  #connected(sessionId: bigint, sentMs: number): void {
    this.#sessionId = sessionId;
    this.#attempt = 0;
    this.#extend(sentMs);
    const timeoutMs = this.#timeoutMs ?? Number.POSITIVE_INFINITY;
    for (const watch of this.#watches) this.#link?.up.send({ type: "watch", watch });
    this.session.enter({ status: "connected", id: sessionId, timeoutMs });
    this.#flush();
  }

  /** The tree heard something that was sent then, so the session lives a timeout longer. */
  #extend(sentMs: number): void {
    this.#pingedAtMs = Math.max(this.#pingedAtMs, sentMs);
    this.#validUntilMs = this.#pingedAtMs + (this.#timeoutMs ?? 0);
  }

  #isValid(): boolean {
    return this.#clock.nowMs() < this.#validUntilMs;
  }

  #expire(why: string): void {
    const id = this.#sessionId;
    const cause = new FairleadError("session_expired", `Cannot go on with session ${id}: ${why}`, {
      details: { sessionId: id },
    });
    this.#closeLink();
    this.#sessionId = 0n;
    this.session.enter({ status: "expired", id, cause });
    this.#rejectAll([...this.#sent, ...this.#waiting], cause);
    this.#openLink();
  }

  #closeLink(): void {
    for (const pipe of this.#pipes()) pipe.close();
    this.#link = undefined;
  }

  /** The connection is gone; the session may live on. */
  #dropLink(): void {
    this.#closeLink();
    this.#rejectAll([...this.#sent], lostError());
    const { state } = this.session;
    if (state.status === "connected") this.session.enter({ ...state, status: "suspended" });
  }

  #rejectAll(calls: readonly Call[], error: FairleadError): void {
    for (const call of calls) call.reject(error);
  }

  /** Heartbeats, and what follows when they are not answered. */
  async #live(timeoutMs: number): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      const restMs = this.#sessionId === 0n ? timeoutMs : this.#validUntilMs - this.#clock.nowMs();
      const pauseMs = Math.max(1, Math.min(timeoutMs / 12, restMs));
      await this.#clock.sleep(pauseMs, { signal }).catch(() => undefined); // It only ends early.
      if (!signal.aborted && this.#stopped === undefined) this.#tick(timeoutMs);
    }
  }

  #tick(timeoutMs: number): void {
    const nowMs = this.#clock.nowMs();
    if (this.#sessionId !== 0n && !this.#isValid()) {
      this.#expire(`nothing was heard for ${timeoutMs} ms`);
    }
    const isConnected = this.session.state.status === "connected";
    const patienceMs = (isConnected ? 2 : 1) * (timeoutMs / 3);
    if (this.#link !== undefined && nowMs - this.#heardAtMs >= patienceMs) this.#dropLink();
    if (this.#link === undefined) this.#openLink();
    else if (isConnected && nowMs - this.#pingedAtMs >= timeoutMs / 3) {
      this.#link.up.send({ type: "ping", sentMs: nowMs });
    }
  }

  #makeFaults(): StoreFaults {
    return {
      cut: () => {
        this.#isCut = true;
        if (this.#timeoutMs === undefined) this.#dropLink();
        for (const pipe of this.#pipes()) pipe.hold();
      },
      heal: () => {
        this.#isCut = false;
        for (const pipe of this.#pipes()) pipe.release();
        if (this.#timeoutMs === undefined && this.#link === undefined) this.#openLink();
      },
      drop: () => {
        this.#dropLink();
        if (this.#timeoutMs === undefined && !this.#isCut) this.#openLink();
      },
      expire: () => this.#tree.endSession(this.#sessionId),
      pause: () => {
        this.#stopped ??= [];
      },
      resume: () => {
        const missed = this.#stopped ?? [];
        this.#stopped = undefined;
        for (const act of missed) act();
        this.#flush();
      },
      crash: () => {
        this.#isClosing = true;
        if (this.#timeoutMs === undefined) this.#tree.endSession(this.#sessionId);
        this.#end();
      },
      failCalls: (count, outcome) => {
        this.#failing = { count, outcome };
      },
    };
  }

  #pipes(): readonly (Link["up"] | Link["down"])[] {
    return this.#link === undefined ? [] : [this.#link.up, this.#link.down];
  }
}

function lostError(): FairleadError {
  return new FairleadError(
    "store_unavailable",
    "Cannot say what became of the call: the connection was lost before its answer",
  );
}
