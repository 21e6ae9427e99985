/** Connects one term of a master's core to streams, links, the registry and time. */
import { type Clock, FairleadError } from "../../base/mod.ts";
import type {
  AgentMessage,
  MasterMessage,
  OfType,
  SchedulerCall,
  SchedulerEvent,
} from "../../model/mod.ts";
import type { MasterCore } from "../core/core.ts";
import type { MasterChange, MasterEffect, MasterInput } from "../core/events.ts";
import type { ConnectionId, LinkId, RequestId } from "../core/records.ts";
import type { LogEntry } from "./log.ts";

/** What a request is answered with. */
export interface Reply {
  readonly status: number;
  /** For people; the body of an error. */
  readonly message?: string;
  /** JSON. */
  readonly body?: unknown;
}

/** The stream of one framework. */
export interface FrameworkStream {
  send(event: SchedulerEvent): void;
  heartbeat(): void;
  end(): void;
}

/** The link to one agent; `send` takes what one turn produced. */
export interface AgentLink {
  send(messages: readonly MasterMessage[]): void;
  close(message: string): void;
}

/** Hears what the core publishes; called within a step: it must not take long. */
export type ChangeListener = (change: MasterChange) => void;

/** Options of a {@linkcode Driver}. */
export interface DriverOptions {
  readonly core: MasterCore;
  readonly clock: Clock;
  /** Whether this master still leads for certain: asked before each step. */
  readonly isHeld: () => boolean;
  /** Write the registry; answered by a step `persisted` or `persist_failed`. */
  readonly persist: (effect: Extract<MasterEffect, { readonly type: "persist" }>) => void;
  readonly onLog: (entry: LogEntry) => void;
  /** The term cannot go on: whoever made this driver is to end it. */
  readonly onFailed: (error: FairleadError) => void;
}

const NOT_LEADING: Reply = { status: 503, message: "Master is not the leader" };

/**
 * One term of leadership: feeds the core, one event at a time, and does what it says.
 *
 * What one turn of the loop has for an agent leaves as one message on its link. A core that throws
 * ends the term, not the process.
 */
export class Driver {
  readonly core: MasterCore;
  readonly #options: DriverOptions;
  readonly #streams = new Map<ConnectionId, FrameworkStream>();
  readonly #links = new Map<LinkId, AgentLink>();
  readonly #outgoing = new Map<LinkId, MasterMessage[]>();
  readonly #waiting = new Map<RequestId, (reply: Reply) => void>();
  readonly #listeners = new Set<ChangeListener>();
  /** Times for which a sleep is under way, latest first. */
  readonly #armed: number[] = [];
  readonly #end = new AbortController();
  readonly #queue: MasterInput[] = [];
  /** "failed": the core has thrown, or may not lead any more. */
  #state: "ready" | "stepping" | "failed" | "ended" = "ready";
  #flushing = false;
  #beating = false;
  #requests = 0;
  #linkCount = 0;

  constructor(options: DriverOptions) {
    this.#options = options;
    this.core = options.core;
  }

  /** Aborted when the term is over: hand it to every stream. */
  get signal(): AbortSignal {
    return this.#end.signal;
  }

  /** How many frameworks and agents are connected. */
  get connections(): { readonly streams: number; readonly links: number } {
    return { streams: this.#streams.size, links: this.#links.size };
  }

  /** Tell the core something; nothing happens once the term is over. */
  step(input: MasterInput): void {
    if (this.#state === "failed" || this.#state === "ended") return;
    // An effect that is being done may bring the next event: it waits for its turn.
    this.#queue.push(input);
    if (this.#state === "stepping") return;
    if (!this.#options.isHeld()) {
      this.#fail(new FairleadError("leadership_lost", "Cannot go on: somebody else may lead"));
      return;
    }
    this.#state = "stepping";
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      if (!this.#take(next)) return;
    }
    this.#state = "ready";
    this.#arm();
  }

  /** Hear of changes, until the returned function is called. */
  listen(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Open a framework's stream: what the core says to it goes there until it ends. */
  subscribe(
    stream: FrameworkStream,
    subscription: {
      readonly connection: ConnectionId;
      readonly principal: string | undefined;
      readonly call: OfType<SchedulerCall, "SUBSCRIBE">;
    },
  ): void {
    if (this.#state === "ended" || this.#state === "failed") {
      stream.end();
      return;
    }
    this.#streams.set(subscription.connection, stream);
    this.#beat();
    this.step({ type: "subscribe", ...subscription });
  }

  /** A framework's stream has ended at its own end. */
  disconnected(connection: ConnectionId): void {
    if (!this.#streams.delete(connection)) return;
    this.step({ type: "framework_disconnected", connection });
  }

  /** Make a call that the core answers; mostly the answer is there at once. */
  request(make: (request: RequestId) => MasterInput): Reply | Promise<Reply> {
    if (this.#state === "ended" || this.#state === "failed") return NOT_LEADING;
    const request = ++this.#requests;
    let answered: Reply | undefined;
    let resolve = (reply: Reply): void => {
      answered = reply;
    };
    this.#waiting.set(request, (reply) => resolve(reply));
    this.step(make(request));
    if (answered !== undefined) return answered;
    return new Promise((done) => {
      resolve = done;
    });
  }

  /** A link has opened; hand what comes on it to `received`, and its end to `closed`. */
  open(
    link: AgentLink,
    peer: { readonly principal?: string | undefined; readonly address: string },
  ): LinkId {
    const id = ++this.#linkCount;
    this.#links.set(id, link);
    this.step({ type: "link_opened", link: id, principal: peer.principal, address: peer.address });
    return id;
  }

  received(link: LinkId, messages: readonly AgentMessage[]): void {
    if (this.#links.has(link)) this.step({ type: "agent_messages", link, messages });
  }

  closed(link: LinkId): void {
    this.#outgoing.delete(link);
    if (this.#links.delete(link)) this.step({ type: "link_closed", link });
  }

  /** End every stream, link and request: somebody else leads, or nobody. Twice is harmless. */
  end(message: string): void {
    if (this.#state === "ended") return;
    if (this.#state === "ready") this.#lose();
    this.#state = "ended";
    this.#end.abort(new FairleadError("leadership_lost", message));
    this.#queue.length = 0;
    this.#flush();
    for (const stream of takeAll(this.#streams)) stream.end();
    for (const link of takeAll(this.#links)) link.close(message);
    for (const answer of takeAll(this.#waiting)) answer({ status: 503, message });
    this.#listeners.clear();
  }

  /** Let the core say goodbye, even when it is late for that. */
  #lose(): void {
    this.#state = "stepping";
    this.#take({ type: "lost_leadership" });
  }

  /** One step; false when the core has thrown. */
  #take(input: MasterInput): boolean {
    let effects: MasterEffect[];
    try {
      effects = this.core.step(input);
    } catch (error) {
      const { message } = FairleadError.from(error);
      const details = { input: input.type };
      this.#fail(
        new FairleadError("core_failed", `Cannot go on: the master's core failed: ${message}`, {
          cause: error,
          details,
        }),
      );
      return false;
    }
    for (const effect of effects) {
      try {
        this.#perform(effect);
      } catch (error) {
        // Streams, links and listeners are others' code: what fails in one concerns nobody else.
        this.#options.onLog(faultOf(effect.type, error));
      }
    }
    return true;
  }

  #fail(error: FairleadError): void {
    this.#state = "failed";
    this.#queue.length = 0;
    this.#options.onFailed(error);
  }

  #perform(effect: MasterEffect): void {
    switch (effect.type) {
      case "send_framework":
        this.#streams.get(effect.connection)?.send(effect.event);
        break;
      case "end_framework":
        this.#endStream(effect.connection);
        break;
      case "reply":
        this.#answer(effect);
        break;
      case "send_agent":
        this.#sendAgent(effect.link, effect.message);
        break;
      case "end_link":
        this.#endLink(effect.link, effect.message);
        break;
      case "persist":
        this.#options.persist(effect);
        break;
      case "publish":
        for (const listener of this.#listeners) listener(effect.change);
        break;
      case "step_down":
        this.#options.onFailed(new FairleadError("leadership_lost", effect.message));
        break;
      case "log":
        this.#options.onLog(effect);
    }
  }

  #answer({ request, status, message, body }: Extract<MasterEffect, { type: "reply" }>): void {
    const answer = this.#waiting.get(request);
    this.#waiting.delete(request);
    answer?.({
      status,
      ...(message === undefined ? {} : { message }),
      ...(body === undefined ? {} : { body }),
    });
  }

  #endStream(connection: ConnectionId): void {
    const stream = this.#streams.get(connection);
    this.#streams.delete(connection);
    stream?.end();
  }

  #sendAgent(link: LinkId, message: MasterMessage): void {
    const messages = this.#outgoing.get(link);
    if (messages !== undefined) {
      messages.push(message);
      return;
    }
    this.#outgoing.set(link, [message]);
    if (this.#flushing) return;
    this.#flushing = true;
    // Whatever arrives in this turn of the loop goes along.
    this.#sleep(0, () => this.#flush());
  }

  #flush(): void {
    this.#flushing = false;
    const outgoing = [...this.#outgoing];
    this.#outgoing.clear();
    for (const [link, messages] of outgoing) this.#links.get(link)?.send(messages);
  }

  #endLink(id: LinkId, message: string): void {
    const link = this.#links.get(id);
    const messages = this.#outgoing.get(id);
    this.#outgoing.delete(id);
    // The core knows: it is not told that the link is closed.
    this.#links.delete(id);
    if (messages !== undefined) link?.send(messages);
    link?.close(message);
  }

  /** Sleep until the core is due, unless a sleep that is under way ends before. */
  #arm(): void {
    const dueMs = this.core.nextDueMs();
    const next = this.#armed.at(-1);
    if (dueMs === undefined || (next !== undefined && next <= dueMs)) return;
    this.#armed.push(dueMs);
    this.#sleep(dueMs - this.#options.clock.nowMs(), () => this.#wake(dueMs));
  }

  #wake(dueMs: number): void {
    const index = this.#armed.lastIndexOf(dueMs);
    if (index >= 0) this.#armed.splice(index, 1);
    const coreDueMs = this.core.nextDueMs();
    if (coreDueMs !== undefined && coreDueMs <= this.#options.clock.nowMs()) {
      this.step({ type: "tick" });
    } else {
      this.#arm();
    }
  }

  /** HEARTBEATs, as long as there is somebody to hear them. */
  #beat(): void {
    if (this.#beating || this.#streams.size === 0) return;
    this.#beating = true;
    this.#sleep(this.core.options.heartbeatMs, () => {
      this.#beating = false;
      for (const stream of [...this.#streams.values()]) stream.heartbeat();
      this.#beat();
    });
  }

  /** Call back after a while, within the term. */
  #sleep(ms: number, then: () => void): void {
    const { signal } = this.#end;
    this.#options.clock.sleep(ms, { signal }).then(
      () => {
        if (!signal.aborted) then();
      },
      () => undefined, // The term is over.
    );
  }
}

function faultOf(effect: string, error: unknown): LogEntry {
  const { message, stack = "" } = FairleadError.from(error);
  return { level: "error", message: `Cannot do "${effect}": ${message}`, details: { stack } };
}

function takeAll<T>(map: Map<unknown, T>): T[] {
  const values = [...map.values()];
  map.clear();
  return values;
}
