/** The calls of a framework by name. */
import type {
  ExecutorInfo,
  FrameworkInfo,
  InverseOffer,
  KillPolicy,
  Offer,
  OfferConstraintsJson,
  Operation,
  OperationStatus,
  ResourceJson,
  TaskInfo,
  TaskStatus,
} from "../model/mod.ts";
import { toBase64 } from "./base64.ts";
import { acknowledgementOf, acknowledgementOfOperation } from "./core/core.ts";
import type { CallOutcome, FrameworkCall } from "./core/inputs.ts";
import type { Match } from "./match/match.ts";

/** An offer, or the id of one. */
export type OfferRef = Offer | string;

/** How long the master hides an agent from this framework after it was refused. */
export interface RefuseOptions {
  /** Seconds; the master's default is 5. */
  readonly refuseSeconds?: number;
}

/** What a framework is now; what is left out stays as it is, but for suppressed roles. */
export interface FrameworkUpdate {
  readonly framework: FrameworkInfo;
  readonly suppressedRoles?: readonly string[];
  readonly offerConstraints?: OfferConstraintsJson;
}

/**
 * The calls of the scheduler API by name.
 *
 * A call resolves to what became of it and never rejects: who does not care need not look.
 */
export abstract class FrameworkCalls {
  /** Make any call of the API. */
  abstract call(call: FrameworkCall): Promise<CallOutcome>;
  /** The framework's id; undefined before the first SUBSCRIBED of a new framework. */
  abstract get frameworkId(): string | undefined;
  /** The agent that the task runs on, if it is known. */
  protected abstract agentOf(taskId: string): string | undefined;
  /** An update is acknowledged by the framework itself. */
  protected abstract acknowledged(status: TaskStatus): void;

  /**
   * Use offers of one agent: operations are applied in order, what they leave is declined.
   *
   * It is sent once. An outcome that was not taken comes with a local UPDATE (TASK_DROPPED) for each
   * task; with an `uncertain` one the SDK asks the master after the tasks, whose answer is an UPDATE.
   */
  accept(
    offers: OfferRef | readonly OfferRef[],
    operations: readonly Operation[],
    options: RefuseOptions = {},
  ): Promise<CallOutcome> {
    const offer_ids = idsOf(offers);
    return this.call({
      type: "ACCEPT",
      accept: { offer_ids, operations: [...operations], ...filtersOf(options) },
    });
  }

  /** Start tasks with offers of one agent. */
  launch(
    offers: OfferRef | readonly OfferRef[],
    tasks: readonly TaskInfo[],
    options: RefuseOptions = {},
  ): Promise<CallOutcome> {
    const operation: Operation = { type: "LAUNCH", launch: { task_infos: [...tasks] } };
    return this.accept(offers, [operation], options);
  }

  /** Start tasks under one executor, all of them or none. */
  launchGroup(
    offers: OfferRef | readonly OfferRef[],
    group: { readonly executor: ExecutorInfo; readonly tasks: readonly TaskInfo[] },
    options: RefuseOptions = {},
  ): Promise<CallOutcome> {
    const { executor, tasks } = group;
    const launch_group = { executor, task_group: { tasks: [...tasks] } };
    return this.accept(offers, [{ type: "LAUNCH_GROUP", launch_group }], options);
  }

  /**
   * Do what a match says: accept for each launch, decline what is left over.
   *
   * The outcomes are those of the launches, in their order.
   */
  async apply(
    { launches, declined }: Pick<Match, "launches" | "declined">,
    options: RefuseOptions = {},
  ): Promise<CallOutcome[]> {
    const outcomes = launches.map((each) => this.accept(each.offers, each.operations, options));
    if (declined.length > 0) void this.decline(declined, options);
    return await Promise.all(outcomes);
  }

  /** Refuse offers. */
  decline(
    offers: OfferRef | readonly OfferRef[],
    options: RefuseOptions = {},
  ): Promise<CallOutcome> {
    const offer_ids = idsOf(offers);
    return this.call({ type: "DECLINE", decline: { offer_ids, ...filtersOf(options) } });
  }

  /** Ask for offers again in these roles (all, when none is named); filters are lifted. */
  revive(...roles: string[]): Promise<CallOutcome> {
    return this.call({ type: "REVIVE", ...(roles.length === 0 ? {} : { revive: { roles } }) });
  }

  /** Ask for no more offers in these roles (all, when none is named), until a revive. */
  suppress(...roles: string[]): Promise<CallOutcome> {
    return this.call({ type: "SUPPRESS", ...(roles.length === 0 ? {} : { suppress: { roles } }) });
  }

  /** Kill a task. It is said again until a master took it; an UPDATE tells the end. */
  kill(
    taskId: string,
    options: { readonly agentId?: string; readonly killPolicy?: KillPolicy } = {},
  ): Promise<CallOutcome> {
    const agentId = options.agentId ?? this.agentOf(taskId);
    return this.call({
      type: "KILL",
      kill: {
        task_id: { value: taskId },
        ...(agentId === undefined ? {} : { agent_id: { value: agentId } }),
        ...(options.killPolicy === undefined ? {} : { kill_policy: options.killPolicy }),
      },
    });
  }

  /** Ask an executor to kill its tasks and end. */
  shutdownExecutor(executorId: string, agentId: string): Promise<CallOutcome> {
    const shutdown = { executor_id: { value: executorId }, agent_id: { value: agentId } };
    return this.call({ type: "SHUTDOWN", shutdown });
  }

  /** Ask after tasks; without any, after all that the master knows. Answers are UPDATEs. */
  reconcile(
    tasks: readonly { readonly taskId: string; readonly agentId?: string | undefined }[] = [],
  ): Promise<CallOutcome> {
    return this.call({
      type: "RECONCILE",
      reconcile: {
        tasks: tasks.map(({ taskId, agentId }) => ({
          task_id: { value: taskId },
          ...(agentId === undefined ? {} : { agent_id: { value: agentId } }),
        })),
      },
    });
  }

  /** Ask after operations; without any, after all that the master knows. */
  reconcileOperations(
    operations: readonly {
      readonly operationId: string;
      readonly agentId?: string | undefined;
    }[] = [],
  ): Promise<CallOutcome> {
    return this.call({
      type: "RECONCILE_OPERATIONS",
      reconcile_operations: {
        operations: operations.map(({ operationId, agentId }) => ({
          operation_id: { value: operationId },
          ...(agentId === undefined ? {} : { agent_id: { value: agentId } }),
        })),
      },
    });
  }

  /** Acknowledge an update, with `acknowledge: "explicit"`; without a uuid nothing is sent. */
  acknowledge(status: TaskStatus): Promise<CallOutcome> {
    const call = acknowledgementOf(status);
    if (call === undefined) return Promise.resolve({ taken: true });
    this.acknowledged(status);
    return this.call(call);
  }

  /** Acknowledge an operation's update, with `acknowledge: "explicit"`. */
  acknowledgeOperation(status: OperationStatus): Promise<CallOutcome> {
    const call = acknowledgementOfOperation(status);
    return call === undefined ? Promise.resolve({ taken: true }) : this.call(call);
  }

  /** Send bytes to an executor; at most once. */
  message(
    { agentId, executorId }: { readonly agentId: string; readonly executorId: string },
    data: Uint8Array,
  ): Promise<CallOutcome> {
    const agent_id = { value: agentId };
    const executor_id = { value: executorId };
    const message = { agent_id, executor_id, data: toBase64(data) };
    return this.call({ type: "MESSAGE", message });
  }

  /** Ask for resources; the built-in allocator of Mesos takes no notice. */
  request(
    requests: readonly {
      readonly agentId?: string;
      readonly resources: readonly ResourceJson[];
    }[],
  ): Promise<CallOutcome> {
    return this.call({
      type: "REQUEST",
      request: {
        requests: requests.map(({ agentId, resources }) => ({
          ...(agentId === undefined ? {} : { agent_id: { value: agentId } }),
          resources: [...resources],
        })),
      },
    });
  }

  /** Change what the framework says of itself; `user`, `checkpoint` and `principal` must stay. */
  updateFramework(update: FrameworkUpdate): Promise<CallOutcome> {
    const { framework, suppressedRoles, offerConstraints } = update;
    const id = this.frameworkId;
    return this.call({
      type: "UPDATE_FRAMEWORK",
      update_framework: {
        framework_info: id === undefined ? framework : { ...framework, id: { value: id } },
        suppressed_roles: [...(suppressedRoles ?? [])],
        ...(offerConstraints === undefined ? {} : { offer_constraints: offerConstraints }),
      },
    });
  }

  /** Agree to give agents up for maintenance. */
  acceptInverseOffers(
    inverseOffers: readonly (InverseOffer | string)[],
    options: RefuseOptions = {},
  ): Promise<CallOutcome> {
    const inverse_offer_ids = idsOf(inverseOffers);
    return this.call({
      type: "ACCEPT_INVERSE_OFFERS",
      accept_inverse_offers: { inverse_offer_ids, ...filtersOf(options) },
    });
  }

  /** Say that agents cannot be given up in time. */
  declineInverseOffers(
    inverseOffers: readonly (InverseOffer | string)[],
    options: RefuseOptions = {},
  ): Promise<CallOutcome> {
    const inverse_offer_ids = idsOf(inverseOffers);
    return this.call({
      type: "DECLINE_INVERSE_OFFERS",
      decline_inverse_offers: { inverse_offer_ids, ...filtersOf(options) },
    });
  }

  /** End the framework: the master kills all its tasks and forgets it. The events end. */
  teardown(): Promise<CallOutcome> {
    return this.call({ type: "TEARDOWN" });
  }
}

function idsOf(
  offers: OfferRef | InverseOffer | readonly (OfferRef | InverseOffer)[],
): { value: string }[] {
  const list = isList(offers) ? offers : [offers];
  return list.map((offer) => (typeof offer === "string" ? { value: offer } : offer.id));
}

function isList<T extends string | object>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value);
}

function filtersOf({ refuseSeconds }: RefuseOptions) {
  return refuseSeconds === undefined ? {} : { filters: { refuse_seconds: refuseSeconds } };
}
