/** What every part of the core works with: the books, the allocator, time, and what is to be done. */
import { Allocator } from "../../allocator/mod.ts";
import { SeededRandom } from "../../base/mod.ts";
import type { MasterMessage, SchedulerEvent } from "../../model/mod.ts";
import { ResourceReader } from "../validate/resources.ts";
import { type AgentBook, Books, type FrameworkBook } from "./books.ts";
import type { MasterChange, MasterEffect, MasterInput, RegistryOp } from "./events.ts";
import type { ReadMasterOptions } from "./options.ts";
import type { LinkId, OfferRecord, RequestId } from "./records.ts";
import { Timers } from "./timers.ts";

/** An open link to an agent. */
export interface LinkRecord {
  readonly link: LinkId;
  readonly principal: string | undefined;
  readonly address: string;
  /** Once it registered. */
  agentId: string | undefined;
}

/** What is being written about an agent; until it is, the agent is not touched otherwise. */
export type Transition =
  | "registering"
  | "reregistering"
  | "unreachable"
  | "gone"
  | "removing"
  | "standing";

/** How many ids of what changed are kept for who asks. */
const CHANGES_MAX = 200_000;

/** Shared by all parts of one core. */
export class Context {
  readonly options: ReadMasterOptions;
  readonly books = new Books();
  readonly allocator: Allocator;
  readonly reader = new ResourceReader();
  readonly random: SeededRandom;
  readonly timers = new Timers();
  readonly links = new Map<LinkId, LinkRecord>();
  /** The framework of each open stream. */
  readonly streams = new Map<string, FrameworkBook>();
  readonly offersByHandle = new Map<number, OfferRecord>();
  readonly transitions = new Map<string, Transition>();
  /** Agents that are to be unreachable as soon as the rate of removals allows it. */
  readonly removals = { waiting: new Set<string>(), nextMs: 0 };
  readonly asks = {
    next: 1,
    waiting: new Map<number, { readonly request: RequestId; readonly agentId: string }>(),
  };
  /** Operators' calls are made one after the other. */
  readonly operators = {
    isBusy: false,
    waiting: [] as Extract<MasterInput, { readonly type: "operator_call" }>[],
  };
  /** Draining agents to look at when the step is over. */
  readonly drainable = new Set<string>();
  /** Whether somebody asks what changed: from the first time, until it was long ago. */
  tracksChanges = false;
  readonly changed = { agents: new Set<string>(), frameworks: new Set<string>() };
  /** The time of the step in hand. */
  nowMs = 0;
  /** When the allocator is to run; undefined: when the interval is over. */
  allocationDueMs: number | undefined;
  lastAllocationMs = 0;
  /** After an election: agents known from before come back, the last one at this time. */
  returningMs: number | undefined;
  /** When to look for offers that were held too long. */
  offersDueMs: number | undefined;
  effects: MasterEffect[] = [];
  #token = 0;
  readonly #written = new Map<number, () => void>();
  #offers = 0;
  #agents = 0;
  #frameworks = 0;

  constructor(options: ReadMasterOptions) {
    this.options = options;
    const { allocator, clock, seed } = options;
    this.allocator = new Allocator({ ...allocator, clock, seed });
    this.random = new SeededRandom(seed);
  }

  get masterId(): string {
    return this.options.masterInfo.id;
  }

  nextOfferId(): string {
    return `${this.masterId}-O${this.#offers++}`;
  }

  nextAgentId(): string {
    return `${this.masterId}-S${this.#agents++}`;
  }

  nextFrameworkId(): string {
    return `${this.masterId}-${String(this.#frameworks++).padStart(4, "0")}`;
  }

  /** Let the allocator run soon: something may be offered that could not be before. */
  allocate(): void {
    this.allocationDueMs ??= this.nowMs + this.options.allocationDelayMs;
  }

  /**
   * When the allocator runs next, if nothing happens before. While agents come back after an
   * election it runs seldom: what offers would set off must not keep the agents waiting.
   */
  get allocationNextMs(): number {
    const intervalMs = this.lastAllocationMs + this.options.allocationIntervalMs;
    const dueMs = Math.min(this.allocationDueMs ?? intervalMs, intervalMs);
    if (this.returningMs === undefined) return dueMs;
    const pauseMs = this.options.returnPauseMs;
    const isOver = this.returningMs + pauseMs <= this.nowMs;
    return isOver ? dueMs : Math.max(dueMs, this.lastAllocationMs + pauseMs);
  }

  /** An agent known from before the election is back, or the election was just now. */
  returned(): void {
    const isLast = this.books.recoveredAgents.size === 0;
    this.returningMs = isLast ? undefined : this.nowMs;
  }

  /** Send an event if the framework's stream is open. */
  tell(framework: FrameworkBook, event: SchedulerEvent): boolean {
    const { connection } = framework.record;
    if (connection.status !== "connected") return false;
    this.effects.push({ type: "send_framework", connection: connection.connection, event });
    return true;
  }

  /** Send a message if the agent's link is open. */
  send(agent: AgentBook, message: MasterMessage): boolean {
    const { connection } = agent.record;
    if (connection.status !== "connected") return false;
    this.effects.push({ type: "send_agent", link: connection.link, message });
    return true;
  }

  /** Something of the agent ended: when it drains, that may have been the last. */
  mayBeDrained(agent: AgentBook): void {
    if (agent.record.standing.drain?.state === "DRAINING") this.drainable.add(agent.id);
  }

  reply(request: RequestId, status: number, message?: string, body?: unknown): void {
    this.effects.push({
      type: "reply",
      request,
      status,
      ...(message !== undefined && { message }),
      ...(body !== undefined && { body }),
    });
  }

  publish(change: MasterChange): void {
    this.effects.push({ type: "publish", change });
  }

  log(
    level: "debug" | "info" | "warning" | "error",
    message: string,
    details?: Readonly<Record<string, unknown>>,
  ): void {
    this.effects.push({ type: "log", level, message, ...(details && { details }) });
  }

  count(name: string, by = 1): void {
    this.options.metrics.count(name, by);
  }

  /** Write to the registry; `then` runs once it is durable, in a step of its own. */
  persist(ops: readonly RegistryOp[], then?: () => void): void {
    const token = ++this.#token;
    if (then) this.#written.set(token, then);
    this.effects.push({ type: "persist", token, ops });
  }

  persisted(token: number): void {
    const then = this.#written.get(token);
    this.#written.delete(token);
    then?.();
  }

  /** Nothing that was being written matters any more. */
  forgetWrites(): void {
    this.#written.clear();
  }

  agentChanged(id: string): void {
    if (this.tracksChanges) this.#track(this.changed.agents, id);
  }

  frameworkChanged(id: string): void {
    if (this.tracksChanges) this.#track(this.changed.frameworks, id);
  }

  /** Nobody has asked for so long that it would cost too much to go on. */
  #track(ids: Set<string>, id: string): void {
    ids.add(id);
    if (ids.size <= CHANGES_MAX) return;
    this.tracksChanges = false;
    this.changed.agents.clear();
    this.changed.frameworks.clear();
  }
}
