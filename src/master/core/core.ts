/** The master: one class that is told what happened and says what to do. */
import type { Explanation, RoleShare } from "../../allocator/mod.ts";
import { FairleadError, unreachable } from "../../base/mod.ts";
import type { AgentMessage, InverseOfferStatus } from "../../model/mod.ts";
import { Resources } from "../../resources/mod.ts";
import { endLinkOf, setAgentResources } from "./agents.ts";
import { answerAsk, ask, askDue } from "./asks.ts";
import type { AgentBook } from "./books.ts";
import { frameworkCall } from "./calls.ts";
import { checkMaster } from "./check.ts";
import { Context, type LinkRecord } from "./context.ts";
import { settleDrains } from "./drain.ts";
import type { MasterEffect, MasterInput } from "./events.ts";
import { disconnectStream, failoverDue } from "./frameworks.ts";
import { awayDue, linkClosed, pingDue, recoveredDue, removalDue } from "./health.ts";
import { inverseAnswers } from "./inverse_offers.ts";
import { allocate, expireOffers } from "./offers.ts";
import { operationUpdate } from "./operations.ts";
import { operatorCall } from "./operator.ts";
import { type MasterOptions, type ReadMasterOptions, readMasterOptions } from "./options.ts";
import type { MasterState } from "./records.ts";
import { collectGarbage, endLeadership, recover } from "./recovery.ts";
import { register, reregister } from "./register.ts";
import { remove } from "./removal.ts";
import { subscribe } from "./subscribe.ts";
import type { Timer } from "./timers.ts";
import { executorExited, executorMessage, statusUpdate } from "./updates.ts";

/**
 * The decisions of a Mesos master, without I/O: who is offered what, which tasks run where, what
 * is told to whom. Equal options and equal inputs at equal times give equal effects.
 *
 * Cost: a step costs what its event touches.
 */
export class MasterCore {
  readonly options: ReadMasterOptions;
  readonly #core: Context;

  /** @throws {FairleadError} `invalid_option`. */
  constructor(options: MasterOptions) {
    this.options = readMasterOptions(options);
    this.#core = new Context(this.options);
  }

  /** What the master knows; it changes in steps only. */
  get state(): MasterState {
    return this.#core.books;
  }

  /** When to come with a "tick"; undefined: not before the next event. */
  nextDueMs(): number | undefined {
    const core = this.#core;
    if (core.books.status !== "leading") return undefined;
    return Math.min(
      core.allocationNextMs,
      core.timers.nextDueMs ?? Number.POSITIVE_INFINITY,
      core.offersDueMs ?? Number.POSITIVE_INFINITY,
    );
  }

  /** Take in what happened, and say what is to be done, in order. */
  step(input: MasterInput): MasterEffect[] {
    const core = this.#core;
    core.nowMs = core.options.clock.nowMs();
    if (core.books.status === "leading") take(core, input);
    else if (input.type === "recovered" && core.books.status === "recovering") recover(core, input);
    else refuse(core, input);
    if (core.drainable.size > 0) settleDrains(core);
    const { effects } = core;
    core.effects = [];
    return effects;
  }

  /**
   * Ids of agents and frameworks whose rows changed since the last call: none at the first call,
   * and none after a pause in which more than 200,000 changed. Read everything then.
   */
  takeChanges(): {
    readonly agents: ReadonlySet<string>;
    readonly frameworks: ReadonlySet<string>;
  } {
    const { agents, frameworks } = this.#core.changed;
    const taken = { agents: new Set(agents), frameworks: new Set(frameworks) };
    agents.clear();
    frameworks.clear();
    this.#core.tracksChanges = true;
    return taken;
  }

  /**
   * Why a framework is offered nothing; see `Allocator.explain`.
   *
   * @throws {FairleadError} `unknown_framework`, `unknown_agent`.
   */
  explain(frameworkId: string, agentId?: string): Explanation[] {
    return this.#core.allocator.explain(frameworkId, agentId);
  }

  /**
   * What in the books contradicts itself or the allocator, in sentences; nothing, one hopes.
   *
   * For tests and simulations. Cost: everything there is.
   */
  check(): string[] {
    return checkMaster(this.#core);
  }

  /** What frameworks said to inverse offers, by the key of the machine. */
  inverseAnswers(): Map<string, InverseOfferStatus[]> {
    return inverseAnswers(this.#core);
  }

  /** Every role's standing; see `Allocator.shares`. */
  shares(): RoleShare[] {
    return this.#core.allocator.shares();
  }
}

/** While it leads. */
function take(core: Context, input: MasterInput): void {
  switch (input.type) {
    case "subscribe":
      subscribe(core, input);
      break;
    case "framework_call":
      frameworkCall(core, input);
      break;
    case "framework_disconnected":
      disconnectStream(core, input.connection);
      break;
    case "link_opened":
      openLink(core, input);
      break;
    case "agent_messages": {
      const link = core.links.get(input.link);
      if (link) for (const message of input.messages) agentMessage(core, link, message);
      return;
    }
    case "link_closed":
      closeLink(core, input.link);
      break;
    case "operator_call":
      operatorCall(core, input);
      break;
    case "ask":
      ask(core, input);
      break;
    case "persisted":
      core.persisted(input.token);
      break;
    case "persist_failed":
      endLeadership(core, `The registry cannot be written: ${input.message}`);
      break;
    case "tick":
      tick(core);
      break;
    case "lost_leadership":
      endLeadership(core, undefined);
      break;
    case "recovered":
      return;
    default:
      unreachable(input);
  }
}

/** Before it leads and after: nobody is served. */
function refuse(core: Context, input: MasterInput): void {
  const message =
    core.books.status === "recovering"
      ? "Master has not finished recovery"
      : "Master is not the leader";
  if (input.type === "subscribe") {
    const { connection } = input;
    core.effects.push(
      { type: "send_framework", connection, event: { type: "ERROR", error: { message } } },
      { type: "end_framework", connection },
    );
  } else if (input.type === "link_opened") {
    const { link } = input;
    const reason = core.books.status === "recovering" ? "retry" : "not_leader";
    core.effects.push(
      { type: "send_agent", link, message: { type: "refused", reason, message } },
      { type: "end_link", link, message },
    );
  } else if ("request" in input) {
    core.reply(input.request, 503, message);
  } else if (input.type === "lost_leadership" || input.type === "persist_failed") {
    core.books.status = "ended";
  }
}

function openLink(core: Context, input: MasterInput & { readonly type: "link_opened" }): void {
  const { link, principal, address } = input;
  core.links.set(link, { link, principal, address, agentId: undefined });
}

function closeLink(core: Context, id: number): void {
  const link = core.links.get(id);
  if (link === undefined) return;
  core.links.delete(id);
  const agent = link.agentId === undefined ? undefined : core.books.agents.get(link.agentId);
  const connection = agent?.record.connection;
  if (agent && connection?.status === "connected" && connection.link === id) {
    linkClosed(core, agent);
  }
}

function agentMessage(core: Context, link: LinkRecord, message: AgentMessage): void {
  // A message before this one may have ended the link.
  if (core.links.get(link.link) !== link) return;
  if (link.agentId === undefined) {
    if (message.type === "register") register(core, link, message);
    else if (message.type === "reregister") reregister(core, link, message);
    return;
  }
  const agent = core.books.agents.get(link.agentId);
  if (agent === undefined || agent.record.connection.status !== "connected") return;
  agent.heardMs = core.nowMs;
  try {
    fromAgent(core, agent, message);
  } catch (error) {
    // Resources that cannot be, and the like: nothing was changed by it.
    if (!(error instanceof FairleadError)) throw error;
    core.log("error", `Agent ${agent.id} sent a bad "${message.type}": ${error.message}`);
    endLinkOf(core, agent, error.message);
    linkClosed(core, agent);
  }
}

/** What a registered agent says. */
function fromAgent(core: Context, agent: AgentBook, message: AgentMessage): void {
  switch (message.type) {
    case "update":
      statusUpdate(core, agent, message);
      break;
    case "operation_update":
      operationUpdate(core, agent, message);
      break;
    case "message":
      executorMessage(core, agent, message);
      break;
    case "executor_exited":
      executorExited(core, agent, message);
      break;
    case "resources":
      setAgentResources(core, agent, Resources.fromJson(message.resources));
      break;
    case "answer":
      answerAsk(core, agent, message);
      break;
    case "drained":
      core.mayBeDrained(agent);
      break;
    case "unregister":
      remove(core, agent, "the agent unregistered");
      break;
    case "pong":
    case "register":
    case "reregister":
      return;
    default:
      unreachable(message);
  }
}

function tick(core: Context): void {
  for (let timer = core.timers.take(core.nowMs); timer; timer = core.timers.take(core.nowMs)) {
    ring(core, timer);
    if (core.books.status !== "leading") return;
  }
  if (core.offersDueMs !== undefined && core.offersDueMs <= core.nowMs) expireOffers(core);
  if (core.nowMs >= core.allocationNextMs) allocate(core);
}

function ring(core: Context, { kind, id }: Timer): void {
  switch (kind) {
    case "failover":
      failoverDue(core, id);
      break;
    case "ping":
      pingDue(core, id);
      break;
    case "away":
      awayDue(core, id);
      break;
    case "recovered":
      recoveredDue(core, id);
      break;
    case "removal":
      removalDue(core);
      break;
    case "gc":
      collectGarbage(core);
      break;
    case "ask":
      askDue(core, id);
      break;
    default:
      unreachable(kind);
  }
}
