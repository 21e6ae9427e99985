/** A scheduler's decisions, without I/O: what comes in is an input, what is wanted is an effect. */
import { FairleadError, unreachable } from "../../base/mod.ts";
import type {
  FrameworkInfo,
  Offer,
  OfferConstraintsJson,
  OfType,
  SchedulerCall,
  SchedulerEvent,
  TaskInfo,
  TaskStatus,
} from "../../model/mod.ts";
import type { FrameworkEvent } from "../events.ts";
import type {
  CallOutcome,
  FrameworkCall,
  SchedulerEffect,
  SchedulerInput,
  SubscribeCall,
} from "./inputs.ts";
import { OperationBook } from "./operations.ts";
import { readNumbers, type SchedulerCoreOptions } from "./options.ts";
import { Outbox } from "./outbox.ts";
import { Reconciler } from "./reconciler.ts";
import { type CoreContext, Session, type SessionState } from "./session.ts";
import { TaskBook } from "./tasks.ts";

/**
 * The state machine of a scheduler: subscribed or on the way to it, calls under way, tasks known.
 *
 * Deterministic: equal options, inputs and times give equal effects. It keeps no promise, timer or
 * socket; the shell does what the effects say, and calls `step({ type: "tick" })` when
 * `nextDueMs()` has come.
 *
 * Cost: an input is O(1), but for a (re)subscription and a round of reconciliation, which go over
 * the known tasks. Memory: about 200 bytes a known task, the offers at hand, and what waits.
 */
export class SchedulerCore {
  readonly tasks: TaskBook;
  readonly operations = new OperationBook();
  readonly #offers = new Map<string, Offer>();
  readonly #context: CoreContext;
  readonly #session: Session;
  readonly #outbox: Outbox;
  readonly #reconciler: Reconciler;
  readonly #isAutomatic: boolean;
  #effects: SchedulerEffect[] = [];
  #framework: FrameworkInfo;
  #frameworkId: string | undefined;
  readonly #suppressed: Set<string>;
  #offerConstraints: OfferConstraintsJson | undefined;
  #wasSubscribed = false;
  /** While it closes: when it stops waiting for calls. */
  #closeByMs: number | undefined;

  /** @throws {FairleadError} `invalid_option` naming the field. */
  constructor(options: SchedulerCoreOptions) {
    const numbers = readNumbers(options);
    const effect = (effect: SchedulerEffect) => this.#effects.push(effect);
    this.#context = { numbers, clock: options.clock, random: options.random, effect };
    this.tasks = new TaskBook(numbers.tasksMax, options.tasks);
    this.#isAutomatic = (options.acknowledge ?? "auto") === "auto";
    this.#framework = options.framework;
    this.#frameworkId = options.frameworkId ?? options.framework.id?.value;
    this.#suppressed = new Set(options.suppressedRoles);
    this.#offerConstraints = options.offerConstraints;
    this.#session = new Session(this.#context, options.masters, () => this.#subscribeCall());
    this.#outbox = new Outbox(this.#context, {
      frameworkId: () => this.#frameworkId,
      settled: (call, outcome) => this.#settled(call, outcome),
      lost: (reason, message) => this.#session.lost(reason, message),
    });
    this.#reconciler = new Reconciler(this.#context, {
      tasks: this.tasks,
      operations: this.operations,
      call: (call) => this.#outbox.add(call, undefined, true),
    });
  }

  get session(): SessionState {
    return this.#session.state;
  }

  /** The framework's id; undefined before the first SUBSCRIBED of a new framework. */
  get frameworkId(): string | undefined {
    return this.#frameworkId;
  }

  /** Offers that were neither answered nor rescinded. */
  get offers(): ReadonlyMap<string, Offer> {
    return this.#offers;
  }

  /** Calls that wait to be sent. */
  get callsWaiting(): number {
    return this.#outbox.size;
  }

  /** When the next `tick` is due, on the clock of the options; undefined for never. */
  nextDueMs(): number | undefined {
    if (this.#session.state.status === "closed") return undefined;
    const dueMs = Math.min(
      this.#session.dueMs,
      this.#outbox.dueMs,
      this.#session.subscribed === undefined ? Infinity : this.#reconciler.dueMs,
      this.#closeByMs ?? Infinity,
    );
    return dueMs === Infinity ? undefined : dueMs;
  }

  /** Take an input; what is to be done comes back, in order. */
  step(input: SchedulerInput): SchedulerEffect[] {
    this.#effects = [];
    if (this.#session.state.status === "closed") {
      if (input.type === "call") this.#settleClosed(input.token);
      return this.#effects;
    }
    const wasSubscribed = this.#session.subscribed !== undefined;
    this.#take(input);
    if (wasSubscribed && this.#session.subscribed === undefined) this.#onLost();
    if (this.#closeByMs !== undefined) this.#closeIfDone(this.#closeByMs);
    return this.#effects;
  }

  #take(input: SchedulerInput): void {
    switch (input.type) {
      case "start":
        this.#session.start();
        return;
      case "located":
        this.#session.located(input.url);
        return;
      case "locate_failed":
        this.#session.locateFailed(input.message);
        return;
      case "leader_changed":
        this.#session.leaderChanged();
        return;
      case "stream_answer":
        this.#session.answered(input);
        return;
      case "stream_event":
        if (this.#session.isCurrent(input.stream)) this.#onEvent(input.event);
        return;
      case "stream_unreadable":
        if (!this.#session.isCurrent(input.stream)) return;
        this.#session.touched();
        this.#emit({ type: "UNREADABLE", message: input.message });
        return;
      case "stream_ended":
        if (this.#session.isCurrent(input.stream)) this.#onStreamEnded(input.message);
        return;
      case "stream_paused":
        if (this.#session.isCurrent(input.stream)) this.#session.paused(input.isPaused);
        return;
      case "call":
        this.#onCall(input.call, input.token);
        return;
      case "consumed":
        this.#onConsumed(input.event);
        return;
      case "flush":
        this.#outbox.flush(this.#session.subscribed);
        return;
      case "post_answer":
        this.#onPost(input.post, () => {
          this.#outbox.answered(input.post, input.status, input.message, input.results);
        });
        return;
      case "post_failed":
        this.#onPost(input.post, () => this.#outbox.failed(input.post, input.message));
        return;
      case "tick":
        this.#onTick();
        return;
      case "close":
        this.#beginClose();
        return;
      default:
        unreachable(input);
    }
  }

  #onEvent(event: SchedulerEvent): void {
    this.#session.touched();
    switch (event.type) {
      case "SUBSCRIBED":
        this.#onSubscribed(event);
        return;
      case "OFFERS": {
        const offers = event.offers.offers ?? [];
        for (const offer of offers) this.#offers.set(offer.id.value, offer);
        this.#emit({ type: "OFFERS", offers });
        return;
      }
      case "INVERSE_OFFERS": {
        const inverseOffers = event.inverse_offers.inverse_offers ?? [];
        this.#emit({ type: "INVERSE_OFFERS", inverseOffers });
        return;
      }
      case "RESCIND": {
        const offerId = event.rescind.offer_id.value;
        this.#offers.delete(offerId);
        this.#emit({ type: "RESCIND", offerId });
        return;
      }
      case "RESCIND_INVERSE_OFFER": {
        const inverseOfferId = event.rescind_inverse_offer.inverse_offer_id.value;
        this.#emit({ type: "RESCIND_INVERSE_OFFER", inverseOfferId });
        return;
      }
      case "UPDATE":
        this.#onUpdate(event.update.status);
        return;
      case "UPDATE_OPERATION_STATUS": {
        const { status } = event.update_operation_status;
        this.operations.heard(status);
        this.#emit({ type: "UPDATE_OPERATION_STATUS", status });
        return;
      }
      case "MESSAGE": {
        const { agent_id, executor_id, data } = event.message;
        const [agentId, executorId] = [agent_id.value, executor_id.value];
        this.#emit({ type: "MESSAGE", agentId, executorId, data });
        return;
      }
      case "FAILURE": {
        const { agent_id, executor_id, status } = event.failure;
        const [agentId, executorId] = [agent_id?.value, executor_id?.value];
        this.#emit({ type: "FAILURE", agentId, executorId, status });
        return;
      }
      case "ERROR":
        this.#onError(event.error.message);
        return;
      case "HEARTBEAT":
        return;
      default:
        unreachable(event);
    }
  }

  #onSubscribed(event: OfType<SchedulerEvent, "SUBSCRIBED">): void {
    if (!this.#session.confirmed(event)) return;
    const { subscribed } = this.#session;
    if (subscribed === undefined) return;
    const frameworkId = event.subscribed.framework_id.value;
    this.#frameworkId = frameworkId;
    this.#emit({
      type: "SUBSCRIBED",
      frameworkId,
      master: subscribed.url,
      masterInfo: event.subscribed.master_info,
      heartbeatMs: subscribed.heartbeatMs,
      isAgain: this.#wasSubscribed,
    });
    this.#wasSubscribed = true;
    this.#reconciler.begin();
    this.#outbox.flush(subscribed);
  }

  #onUpdate(status: TaskStatus): void {
    const verdict = this.tasks.heard(status);
    if (verdict === "deliver") this.#emit({ type: "UPDATE", status });
    else if (verdict === "acknowledge") this.#acknowledge(status);
    this.#reconciler.heard(status.task_id.value);
  }

  #onError(message: string): void {
    const error = errorOf(message);
    if (error.code === "framework_removed" && this.#outbox.tornDown()) return;
    if (error.code === "framework_failed_over" && this.#session.overtaken(message)) return;
    this.#emit({ type: "ERROR", message });
    this.#end(error);
  }

  #onStreamEnded(message: string | undefined): void {
    const { status } = this.#session.state;
    const reason = status === "subscribed" ? "stream_ended" : "unreachable";
    this.#session.lost(reason, message ?? "the master ended the stream");
  }

  #onCall(call: FrameworkCall, token: number): void {
    if (this.#closeByMs !== undefined) {
      this.#settleClosed(token);
      return;
    }
    const isSubscribed = this.#session.subscribed !== undefined;
    this.#noteCall(call);
    this.#outbox.add(call, token, isSubscribed);
  }

  /** What a call changes here, whether or not it arrives. */
  #noteCall(call: FrameworkCall): void {
    switch (call.type) {
      case "ACCEPT":
        this.#noteAccept(call);
        return;
      case "DECLINE":
        for (const { value } of call.decline.offer_ids ?? []) this.#offers.delete(value);
        return;
      case "SUPPRESS":
        for (const role of this.#rolesOf(call.suppress?.roles)) this.#suppressed.add(role);
        return;
      case "REVIVE":
        for (const role of this.#rolesOf(call.revive?.roles)) this.#suppressed.delete(role);
        return;
      case "RECONCILE":
        this.tasks.askedFor((call.reconcile.tasks ?? []).map(({ task_id }) => task_id.value));
        return;
      case "UPDATE_FRAMEWORK": {
        const { framework_info, suppressed_roles, offer_constraints } = call.update_framework;
        this.#framework = framework_info;
        this.#suppressed.clear();
        for (const role of suppressed_roles ?? []) this.#suppressed.add(role);
        this.#offerConstraints = offer_constraints;
        return;
      }
      case "ACKNOWLEDGE":
      case "ACKNOWLEDGE_OPERATION_STATUS":
      case "TEARDOWN":
      case "ACCEPT_INVERSE_OFFERS":
      case "DECLINE_INVERSE_OFFERS":
      case "KILL":
      case "SHUTDOWN":
      case "RECONCILE_OPERATIONS":
      case "MESSAGE":
      case "REQUEST":
        return;
      default:
        unreachable(call);
    }
  }

  #noteAccept({ accept }: OfType<FrameworkCall, "ACCEPT">): void {
    let agentId: Offer["agent_id"] | undefined;
    for (const { value } of accept.offer_ids ?? []) {
      agentId ??= this.#offers.get(value)?.agent_id;
      this.#offers.delete(value);
    }
    for (const task of tasksOf(accept))
      this.tasks.launched(task.task_id.value, task.agent_id.value);
    for (const { id } of accept.operations ?? []) {
      if (id !== undefined) this.operations.added(id, agentId);
    }
  }

  #rolesOf(roles: readonly string[] | undefined): readonly string[] {
    if (roles !== undefined && roles.length > 0) return roles;
    return this.#framework.roles ?? [this.#framework.role ?? "*"];
  }

  #settled(call: FrameworkCall, outcome: CallOutcome): void {
    if (call.type === "TEARDOWN" && outcome.taken) {
      this.#end();
      return;
    }
    if (call.type !== "ACCEPT" || outcome.taken) return;
    const tasks = tasksOf(call.accept);
    if (outcome.uncertain) {
      this.#reconciler.doubt(tasks.map(({ task_id }) => task_id.value));
      return;
    }
    for (const { id } of call.accept.operations ?? []) {
      if (id !== undefined) this.operations.forget(id);
    }
    for (const task of tasks) this.#dropTask(task, outcome.reason, outcome.message);
  }

  /** The framework hears of a task that no master has seen, as of any other that was dropped. */
  #dropTask(task: TaskInfo, reason: string, message: string): void {
    this.tasks.forget(task.task_id.value);
    const isPartitionAware = this.#framework.capabilities?.some(
      ({ type }) => type === "PARTITION_AWARE",
    );
    const isConnection = reason === "not_subscribed" || reason === "disconnected";
    this.#emit({
      type: "UPDATE",
      isLocal: true,
      status: {
        task_id: task.task_id,
        agent_id: task.agent_id,
        state: isPartitionAware ? "TASK_DROPPED" : "TASK_LOST",
        source: "SOURCE_MASTER",
        reason: isConnection ? "REASON_MASTER_DISCONNECTED" : "REASON_INVALID_OFFERS",
        message: `The launch was not taken (${reason}): ${message}`,
        timestamp: this.#context.clock.nowMs() / 1_000,
      },
    });
  }

  #onConsumed(event: FrameworkEvent): void {
    if (event.type === "UPDATE") {
      const isAcknowledged = this.#isAutomatic && event.status.uuid !== undefined;
      if (isAcknowledged) this.#acknowledge(event.status);
      else this.tasks.consumed(event.status, false);
    } else if (event.type === "UPDATE_OPERATION_STATUS" && this.#isAutomatic) {
      const call = acknowledgementOfOperation(event.status);
      if (call !== undefined) this.#outbox.add(call, undefined, this.#isSubscribed());
    }
  }

  #acknowledge(status: TaskStatus): void {
    this.tasks.consumed(status, true);
    const call = acknowledgementOf(status);
    if (call !== undefined) this.#outbox.add(call, undefined, this.#isSubscribed());
  }

  #onPost(post: number, take: () => void): void {
    if (!this.#outbox.isOpen(post)) return;
    take();
    if (this.#session.state.status !== "closed") this.#outbox.flush(this.#session.subscribed);
  }

  #onTick(): void {
    this.#session.tick();
    const { subscribed } = this.#session;
    if (subscribed !== undefined) this.#reconciler.tick();
    this.#outbox.tick(subscribed);
  }

  #onLost(): void {
    const { status } = this.#session.state;
    this.#offers.clear();
    this.#reconciler.stop();
    if (status !== "closed") this.#outbox.lost("the subscription was lost");
  }

  #beginClose(): void {
    this.#closeByMs ??= this.#context.clock.nowMs() + this.#context.numbers.closeMs;
    this.#outbox.flush(this.#session.subscribed);
  }

  #closeIfDone(closeByMs: number): void {
    if (this.#session.state.status === "closed") return;
    const isDone = this.#session.subscribed === undefined || this.#outbox.isEmpty;
    if (isDone || this.#context.clock.nowMs() >= closeByMs) this.#end();
  }

  #end(error?: FairleadError): void {
    if (this.#session.state.status === "closed") return;
    this.#session.close();
    this.#reconciler.stop();
    this.#offers.clear();
    this.#outbox.close(error?.message ?? "the scheduler is closed");
    this.#context.effect(error === undefined ? { type: "end" } : { type: "end", error });
  }

  #settleClosed(token: number): void {
    const outcome: CallOutcome = {
      taken: false,
      reason: "closed",
      message: "the scheduler is closed",
      uncertain: false,
    };
    this.#context.effect({ type: "settle", token, outcome });
  }

  #isSubscribed(): boolean {
    return this.#session.subscribed !== undefined;
  }

  #emit(event: FrameworkEvent): void {
    this.#context.effect({ type: "emit", event });
  }

  #subscribeCall(): SubscribeCall {
    const id = this.#frameworkId === undefined ? undefined : { value: this.#frameworkId };
    const named = id === undefined ? {} : { framework_id: id };
    const { id: _, ...info } = this.#framework;
    const framework_info = id === undefined ? info : { ...info, id };
    return {
      type: "SUBSCRIBE",
      ...named,
      subscribe: {
        framework_info,
        ...(this.#suppressed.size === 0 ? {} : { suppressed_roles: [...this.#suppressed] }),
        ...(this.#offerConstraints === undefined
          ? {}
          : { offer_constraints: this.#offerConstraints }),
      },
    };
  }
}

/** The tasks that an ACCEPT launches, groups included. */
export function tasksOf(accept: OfType<SchedulerCall, "ACCEPT">["accept"]): TaskInfo[] {
  return (accept.operations ?? []).flatMap(({ launch, launch_group }) => [
    ...(launch?.task_infos ?? []),
    ...(launch_group?.task_group.tasks ?? []),
  ]);
}

/** Undefined for a status that wants no acknowledgement. */
export function acknowledgementOf(status: TaskStatus): FrameworkCall | undefined {
  const { task_id, agent_id, uuid } = status;
  if (uuid === undefined || agent_id === undefined) return undefined;
  return { type: "ACKNOWLEDGE", acknowledge: { agent_id, task_id, uuid } };
}

/** Undefined for a status that wants no acknowledgement. */
export function acknowledgementOfOperation(
  status: OfType<FrameworkEvent, "UPDATE_OPERATION_STATUS">["status"],
): FrameworkCall | undefined {
  const { operation_id, uuid, agent_id, resource_provider_id } = status;
  if (uuid === undefined || operation_id === undefined) return undefined;
  return {
    type: "ACKNOWLEDGE_OPERATION_STATUS",
    acknowledge_operation_status: {
      operation_id,
      uuid: uuid.value,
      ...(agent_id === undefined ? {} : { agent_id }),
      ...(resource_provider_id === undefined ? {} : { resource_provider_id }),
    },
  };
}

function errorOf(message: string): FairleadError {
  const details = { message };
  if (/failed over/i.test(message)) {
    const text = "Cannot go on: another scheduler has subscribed with this framework's id";
    return new FairleadError("framework_failed_over", text, { details });
  }
  if (/has been removed|completed framework|torn down/i.test(message)) {
    const text = `Cannot go on: the framework was removed: ${message}`;
    return new FairleadError("framework_removed", text, { details });
  }
  return new FairleadError("framework_error", `Cannot go on: the master says: ${message}`, {
    details,
  });
}
