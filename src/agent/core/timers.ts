import type { CheckKind } from "./events.ts";
import type { ExecutorRecord, OperationRecord, TaskRecord, UpdateStream } from "./records.ts";

/** What a timer is for. */
export type Alarm =
  | { readonly type: "update_retry"; readonly stream: UpdateStream }
  | { readonly type: "operation_retry"; readonly operation: OperationRecord }
  /** The grace of a kill is over. */
  | { readonly type: "kill"; readonly task: TaskRecord }
  | { readonly type: "completion"; readonly task: TaskRecord }
  | { readonly type: "check"; readonly task: TaskRecord; readonly check: CheckKind }
  | { readonly type: "executor_registration"; readonly executor: ExecutorRecord }
  | { readonly type: "executor_shutdown"; readonly executor: ExecutorRecord }
  | { readonly type: "stop" };

/** One alarm that was set; hand it to `cancel` when it is not wanted any more. */
export interface Timer {
  readonly dueMs: number;
  /** Decides between alarms of one instant. */
  readonly order: number;
  /** Undefined once it was cancelled. */
  alarm: Alarm | undefined;
}

/** Below this many, cancelled timers are left to lie. */
const SWEEP_MIN = 64;

/** Alarms by due time and then by order of setting: a heap, cancelled ones dropped when met. */
export class Timers {
  #heap: Timer[] = [];
  #order = 0;
  #cancelled = 0;

  /** When the next alarm is due. */
  get nextDueMs(): number | undefined {
    this.#dropCancelled();
    return this.#heap[0]?.dueMs;
  }

  set(dueMs: number, alarm: Alarm): Timer {
    const timer: Timer = { dueMs, order: this.#order, alarm };
    this.#order += 1;
    this.#heap.push(timer);
    this.#up(this.#heap.length - 1);
    return timer;
  }

  /** Twice, after it went off, or with nothing at all: harmless. */
  cancel(timer: Timer | undefined): undefined {
    if (timer?.alarm === undefined) return;
    timer.alarm = undefined;
    this.#cancelled += 1;
    if (this.#cancelled < SWEEP_MIN || this.#cancelled * 2 < this.#heap.length) return;
    this.#heap = this.#heap.filter(({ alarm }) => alarm !== undefined).sort(compare);
    this.#cancelled = 0;
  }

  /** Take the next alarm that is due at `nowMs`. */
  take(nowMs: number): Alarm | undefined {
    this.#dropCancelled();
    const first = this.#heap[0];
    if (first === undefined || first.dueMs > nowMs) return undefined;
    this.#pop();
    const { alarm } = first;
    first.alarm = undefined;
    return alarm;
  }

  clear(): void {
    for (const timer of this.#heap) timer.alarm = undefined;
    this.#heap = [];
    this.#cancelled = 0;
  }

  #dropCancelled(): void {
    while (this.#heap.length > 0 && this.#heap[0]?.alarm === undefined) {
      this.#pop();
      this.#cancelled -= 1;
    }
  }

  #pop(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#down();
  }

  #up(start: number): void {
    let at = start;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#swapUnless(parent, at)) return;
      at = parent;
    }
  }

  #down(): void {
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      if (left >= this.#heap.length) return;
      const right = left + 1;
      const smaller = right < this.#heap.length && this.#before(right, left) ? right : left;
      if (!this.#swapUnless(at, smaller)) return;
      at = smaller;
    }
  }

  /** Put the two in order; whether they had to be swapped. */
  #swapUnless(upper: number, lower: number): boolean {
    if (!this.#before(lower, upper)) return false;
    const kept = this.#heap[upper] as Timer;
    this.#heap[upper] = this.#heap[lower] as Timer;
    this.#heap[lower] = kept;
    return true;
  }

  #before(one: number, other: number): boolean {
    return compare(this.#heap[one] as Timer, this.#heap[other] as Timer) < 0;
  }
}

function compare(one: Timer, other: Timer): number {
  return one.dueMs - other.dueMs || one.order - other.order;
}
