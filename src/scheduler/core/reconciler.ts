/** Asking the master after tasks: after each subscription, and now and then while all is well. */
import type { FrameworkCall } from "./inputs.ts";
import type { OperationBook } from "./operations.ts";
import type { CoreContext } from "./session.ts";
import type { KnownTask, TaskBook } from "./tasks.ts";

/** Tasks named in one RECONCILE. */
const TASKS_PER_CALL = 1_000;
/** Missing tasks that RECONCILED names. */
const MISSING_MAX = 10_000;

/** What the reconciler asks of its core. */
export interface ReconcilerHost {
  readonly tasks: TaskBook;
  readonly operations: OperationBook;
  call(call: FrameworkCall): void;
}

/** What asking has come to. */
interface Round {
  /** Tasks that no answer came for yet. */
  readonly unanswered: Set<string>;
  /** How many were asked after. */
  tasks: number;
  attempts: number;
  dueMs: number;
}

/**
 * Asks after every known task by name, and then after all tasks (which finds those that are not
 * known); those that nobody answers for it asks after again, ever more seldom: a master that has
 * just been elected does not answer for agents that it waits for.
 */
export class Reconciler {
  readonly #context: CoreContext;
  readonly #host: ReconcilerHost;
  #round: Round | undefined;
  #nextRoundMs = Infinity;

  constructor(context: CoreContext, host: ReconcilerHost) {
    this.#context = context;
    this.#host = host;
  }

  /** When {@linkcode Reconciler.tick} has something to do. */
  get dueMs(): number {
    return this.#round?.dueMs ?? this.#nextRoundMs;
  }

  /** Tasks that are asked after and were not answered for. */
  get unanswered(): number {
    return this.#round?.unanswered.size ?? 0;
  }

  /** Begin a round with every task that is known. */
  begin(): void {
    const live = [...this.#host.tasks.live()];
    this.#ask(live);
    this.#host.call({ type: "RECONCILE", reconcile: { tasks: [] } });
    const operations = this.#host.operations.pending();
    if (operations.length > 0) {
      this.#host.call({ type: "RECONCILE_OPERATIONS", reconcile_operations: { operations } });
    }
    const unanswered = new Set(live.map(({ taskId }) => taskId));
    this.#round = { unanswered, tasks: live.length, attempts: 1, dueMs: this.#pauseUntil(1) };
    this.#finishIfAnswered();
  }

  /** It is not sure what became of these: ask soon. */
  doubt(taskIds: readonly string[]): void {
    const nowMs = this.#context.clock.nowMs();
    const dueMs = nowMs + this.#context.numbers.reconcileInitialMs;
    this.#round ??= { unanswered: new Set(), tasks: 0, attempts: 0, dueMs };
    for (const taskId of taskIds) this.#round.unanswered.add(taskId);
    this.#round.tasks += taskIds.length;
  }

  /** Something was heard of a task. */
  heard(taskId: string): void {
    if (this.#round?.unanswered.delete(taskId)) this.#finishIfAnswered();
  }

  /** There is no subscription: the next one begins anew. */
  stop(): void {
    this.#round = undefined;
    this.#nextRoundMs = Infinity;
  }

  tick(): void {
    const nowMs = this.#context.clock.nowMs();
    if (nowMs < this.dueMs) return;
    const round = this.#round;
    if (round === undefined) {
      this.begin();
      return;
    }
    if (round.attempts >= this.#context.numbers.reconcileAttemptsMax) {
      this.#finish(round);
      return;
    }
    round.attempts += 1;
    round.dueMs = this.#pauseUntil(round.attempts);
    const asked: KnownTask[] = [];
    for (const taskId of round.unanswered) {
      const task = this.#host.tasks.get(taskId);
      if (task === undefined) round.unanswered.delete(taskId);
      else asked.push(task);
    }
    this.#ask(asked);
    this.#finishIfAnswered();
  }

  #ask(tasks: readonly KnownTask[]): void {
    for (let from = 0; from < tasks.length; from += TASKS_PER_CALL) {
      const asked = tasks.slice(from, from + TASKS_PER_CALL);
      this.#host.call({
        type: "RECONCILE",
        reconcile: {
          tasks: asked.map(({ taskId, agentId }) => ({
            task_id: { value: taskId },
            ...(agentId === undefined ? {} : { agent_id: { value: agentId } }),
          })),
        },
      });
    }
  }

  #finishIfAnswered(): void {
    const round = this.#round;
    if (round !== undefined && round.unanswered.size === 0) this.#finish(round);
  }

  #finish({ unanswered, tasks }: Round): void {
    const missing = [...unanswered].slice(0, MISSING_MAX);
    this.#round = undefined;
    const { reconcileEveryMs } = this.#context.numbers;
    const jitter = 1 - 0.2 * this.#context.random.next();
    this.#nextRoundMs =
      reconcileEveryMs === 0
        ? Infinity
        : this.#context.clock.nowMs() + Math.round(reconcileEveryMs * jitter);
    this.#context.effect({ type: "emit", event: { type: "RECONCILED", tasks, missing } });
  }

  #pauseUntil(attempt: number): number {
    const { reconcileInitialMs, reconcileMaxMs } = this.#context.numbers;
    const fullMs = Math.min(reconcileMaxMs, reconcileInitialMs * 2 ** Math.min(attempt - 1, 30));
    return this.#context.clock.nowMs() + fullMs;
  }
}
