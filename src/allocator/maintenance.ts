/** Inverse offers: asking for agents back before their machines go away. */
import { FairleadError } from "../base/mod.ts";
import type { Agent } from "./agent.ts";
import type { AgentBook } from "./agents.ts";
import type { Core } from "./core.ts";
import type { FrameworkBook } from "./frameworks.ts";
import { checkWindow } from "./read.ts";
import type { InverseOffer, InverseOfferStatus, Unavailability } from "./types.ts";

/** How one framework stands to one agent's unavailability. */
interface Standing {
  status: InverseOfferStatus;
  /** An inverse offer is out and not answered. */
  outstanding: boolean;
  /** No further one before this time. */
  refusedUntilMs: number;
}

/** Keeps inverse offers; one at most is outstanding for a framework and an agent. */
export class Maintenance {
  readonly #core: Core;
  readonly #agents: AgentBook;
  readonly #frameworks: FrameworkBook;
  readonly #standings = new Map<string, Map<string, Standing>>();

  constructor(core: Core, agents: AgentBook, frameworks: FrameworkBook) {
    this.#core = core;
    this.#agents = agents;
    this.#frameworks = frameworks;
  }

  /**
   * Set, change or take away the window; a change makes every answer out of date.
   *
   * @throws {FairleadError} `invalid_argument`.
   */
  setWindow(agent: Agent, window: Unavailability | undefined): void {
    checkWindow("set an unavailability", window);
    const before = agent.unavailability;
    const same = before?.startMs === window?.startMs && before?.durationMs === window?.durationMs;
    if (same && this.#standings.has(agent.id) === (window !== undefined)) return;
    agent.unavailability = window;
    if (window) this.#standings.set(agent.id, new Map());
    else this.#standings.delete(agent.id);
  }

  forgetAgent(agentId: string): void {
    this.#standings.delete(agentId);
  }

  forgetFramework(frameworkId: string): void {
    for (const standings of this.#standings.values()) standings.delete(frameworkId);
  }

  /** Make the inverse offers that are due, in the order of agent handles and framework ids. */
  run(): InverseOffer[] {
    if (this.#standings.size === 0) return [];
    const nowMs = this.#core.nowMs();
    const made: InverseOffer[] = [];
    const agents = Array.from(this.#standings.keys(), (id) => this.#agents.get(id));
    for (const agent of agents.sort((a, b) => a.handle - b.handle)) {
      for (const frameworkId of this.#holders(agent)) {
        const standing = this.#standing(agent.id, frameworkId);
        if (standing.outstanding || standing.refusedUntilMs > nowMs) continue;
        standing.outstanding = true;
        made.push({ agentId: agent.id, frameworkId, unavailability: agent.unavailability! });
      }
    }
    return made;
  }

  /** @throws {FairleadError} `unknown_offer` when no inverse offer waits for an answer. */
  answer(
    agentId: string,
    frameworkId: string,
    answer: { status: InverseOfferStatus; refuseMs: number },
  ): void {
    const standing = this.#standings.get(agentId)?.get(frameworkId);
    if (!standing?.outstanding) {
      throw new FairleadError(
        "unknown_offer",
        `Cannot answer for agent "${agentId}": no inverse offer waits for "${frameworkId}"`,
        { details: { agentId, frameworkId } },
      );
    }
    standing.outstanding = false;
    standing.status = answer.status;
    standing.refusedUntilMs = this.#core.nowMs() + answer.refuseMs;
  }

  /** The answers so far, by framework. */
  statuses(agentId: string): ReadonlyMap<string, InverseOfferStatus> {
    const standings = this.#standings.get(agentId) ?? new Map<string, Standing>();
    return new Map(Array.from(standings, ([id, { status }]) => [id, status] as const));
  }

  /** What a snapshot has to keep. */
  get state() {
    return Array.from(this.#standings, ([agentId, standings]) => ({
      agentId,
      window: this.#agents.get(agentId).unavailability!,
      standings: [...standings],
    }));
  }

  restore(state: Maintenance["state"]): void {
    for (const { agentId, window, standings } of state) {
      this.#agents.get(agentId).unavailability = window;
      this.#standings.set(agentId, new Map(standings));
    }
  }

  /** Registered, active frameworks that use something on the agent or are offered something. */
  #holders(agent: Agent): string[] {
    const ids = new Set<string>();
    const add = (handle: number): void => {
      const { framework } = this.#frameworks.client(handle);
      if (framework.registered && framework.active) ids.add(framework.id);
    };
    const { v } = this.#core;
    for (const client of agent.used.keys()) add(client);
    for (let o = v.aOfferHead[agent.handle]!; o !== 0; o = v.oNext[o]!) add(v.oClient[o]!);
    return [...ids].sort();
  }

  #standing(agentId: string, frameworkId: string): Standing {
    const standings = this.#standings.get(agentId)!;
    const known = standings.get(frameworkId);
    if (known) return known;
    const made: Standing = { status: "UNKNOWN", outstanding: false, refusedUntilMs: 0 };
    standings.set(frameworkId, made);
    return made;
  }
}
