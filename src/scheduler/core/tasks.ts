/** The tasks that a framework has, as far as its scheduler heard. */
import { isTerminal, type TaskState, type TaskStatus } from "../../model/mod.ts";
import type { KnownTaskSpec } from "./options.ts";
import { Recent } from "./recent.ts";

/** A task that is not over, or whose end is not acknowledged yet. */
export interface KnownTask {
  readonly taskId: string;
  readonly agentId: string | undefined;
  /** Undefined until something was heard of it. */
  readonly state: TaskState | undefined;
}

interface TaskRecord {
  readonly taskId: string;
  agentId: string | undefined;
  state: TaskState | undefined;
  /** The uuid of the last update that was acknowledged. */
  ackedUuid: string | undefined;
  /** The uuid of an update that waits for the framework, or that it works on. */
  heldUuid: string | undefined;
  /** Whether the framework itself asked for this task's state. */
  isAskedFor: boolean;
}

/** What to do with an update. */
export type Verdict =
  /** New, or asked for: the framework hears it. */
  | "deliver"
  /** The framework has had it and it was acknowledged: acknowledge again. */
  | "acknowledge"
  /** The framework has it already, or it says what is known. */
  | "drop";

/** Ended tasks whose last uuid is kept, so that a late copy is told from news. */
const ENDED_MAX = 100_000;

export class TaskBook {
  readonly #known = new Map<string, TaskRecord>();
  /** The last acknowledged uuid of tasks that ended. */
  readonly #ended = new Recent<string>(ENDED_MAX);
  readonly #tasksMax: number;
  /** Tasks that are not kept because there are too many. */
  #untracked = 0;

  constructor(tasksMax: number, tasks: readonly KnownTaskSpec[] = []) {
    this.#tasksMax = tasksMax;
    for (const { taskId, agentId } of tasks) this.#add(taskId, agentId);
  }

  get size(): number {
    return this.#known.size;
  }

  get untracked(): number {
    return this.#untracked;
  }

  /** Every task that is not known to be over. */
  *live(): Generator<KnownTask, void> {
    for (const record of this.#known.values()) if (isLive(record)) yield record;
  }

  get(taskId: string): KnownTask | undefined {
    return this.#known.get(taskId);
  }

  /** A launch is on its way. */
  launched(taskId: string, agentId: string): void {
    this.#known.delete(taskId);
    this.#add(taskId, agentId);
  }

  /** It never reached a master. */
  forget(taskId: string): void {
    this.#known.delete(taskId);
  }

  /** The framework asked for these; for none named, for all. */
  askedFor(taskIds: readonly string[]): void {
    if (taskIds.length === 0) {
      for (const record of this.#known.values()) record.isAskedFor = true;
      return;
    }
    for (const taskId of taskIds) {
      const record = this.#known.get(taskId);
      if (record !== undefined) record.isAskedFor = true;
    }
  }

  /** Take note of an update, and say what to do with it. */
  heard(status: TaskStatus): Verdict {
    const taskId = status.task_id.value;
    const { uuid } = status;
    const record = this.#known.get(taskId);
    if (record === undefined) return this.#heardOfUnknown(status);
    if (uuid !== undefined && uuid === record.ackedUuid) return "acknowledge";
    if (uuid !== undefined && uuid === record.heldUuid) return "drop";
    const isNews =
      uuid !== undefined ||
      status.reason !== "REASON_RECONCILIATION" ||
      record.state !== status.state ||
      record.isAskedFor;
    record.isAskedFor = false;
    // A copy of an older update does not wake a task that is over.
    if (!isOver(record.state)) record.state = status.state;
    record.agentId = status.agent_id?.value ?? record.agentId;
    if (uuid !== undefined) record.heldUuid = uuid;
    else if (isTerminal(status.state)) this.#known.delete(taskId);
    return isNews ? "deliver" : "drop";
  }

  /** The framework is done with an update; it will be acknowledged if `isAcknowledged`. */
  consumed({ task_id, uuid, state }: TaskStatus, isAcknowledged: boolean): void {
    const record = this.#known.get(task_id.value);
    if (record === undefined || uuid === undefined) return;
    if (record.heldUuid === uuid) record.heldUuid = undefined;
    if (!isAcknowledged) return;
    record.ackedUuid = uuid;
    if (!isTerminal(state)) return;
    this.#known.delete(task_id.value);
    this.#ended.set(task_id.value, uuid);
  }

  #heardOfUnknown(status: TaskStatus): Verdict {
    const taskId = status.task_id.value;
    const { uuid } = status;
    if (uuid !== undefined && this.#ended.get(taskId) === uuid) return "acknowledge";
    const isEnd = isTerminal(status.state);
    if (isEnd && uuid === undefined) return "deliver";
    const record = this.#add(taskId, status.agent_id?.value);
    if (record !== undefined) {
      record.state = status.state;
      record.heldUuid = uuid;
    }
    return "deliver";
  }

  #add(taskId: string, agentId: string | undefined): TaskRecord | undefined {
    if (this.#known.size >= this.#tasksMax) {
      this.#untracked += 1;
      return undefined;
    }
    const record: TaskRecord = {
      taskId,
      agentId,
      state: undefined,
      ackedUuid: undefined,
      heldUuid: undefined,
      isAskedFor: false,
    };
    this.#known.set(taskId, record);
    return record;
  }
}

function isOver(state: TaskState | undefined): boolean {
  return state !== undefined && isTerminal(state);
}

function isLive(record: TaskRecord): boolean {
  return !isOver(record.state);
}
