import type { Clock } from "../../base/mod.ts";
import { FairleadError } from "../../base/mod.ts";
import type { AgentCore } from "../core/core.ts";
import type { AgentEffect, AgentInput } from "../core/events.ts";
import type { CheckpointLog } from "./checkpoint_log.ts";

/** Effects that reach out of the process (or at least out of the core). */
export type OutwardEffect = Exclude<
  AgentEffect,
  { readonly type: "checkpoint" | "forget" | "log" }
>;

/** Options of a {@linkcode Runtime}. */
export interface RuntimeOptions {
  readonly core: AgentCore;
  readonly checkpoints: CheckpointLog;
  readonly clock: Pick<Clock, "nowMs">;
  /** Do it; never throws, and may `dispatch` what follows at once. */
  readonly perform: (effect: OutwardEffect) => void;
  /** Everything of one turn was performed. */
  readonly turnEnded: () => void;
  readonly log: (effect: Extract<AgentEffect, { type: "log" }>) => void;
  /** Checkpoints cannot be kept any more: the agent must not go on. */
  readonly onFatal: (error: FairleadError) => void;
}

const FLUSH_ATTEMPTS_MAX = 5;
const FLUSH_RETRY_MS = 200;
const TIMER_MS_MAX = 2 ** 31 - 1;

/**
 * The loop around a core: events in one at a time, effects out in order, held back until the
 * checkpoints before them are durable.
 */
export class Runtime {
  readonly #options: RuntimeOptions;
  readonly #inputs: AgentInput[] = [];
  /** What waits for the disk, and for which change of the checkpoints. */
  #held: { readonly after: number; readonly effect: OutwardEffect }[] = [];
  #changes = 0;
  #durable = 0;
  #stepping = false;
  #flushing: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #timerMs: number | undefined;
  #stopped = false;

  constructor(options: RuntimeOptions) {
    this.#options = options;
  }

  /**
   * Tell the core what happened; after `stop` nothing happens any more.
   *
   * @throws What the core throws at `recovered`; at anything else that is fatal.
   */
  dispatch(input: AgentInput): void {
    if (this.#stopped) return;
    this.#inputs.push(input);
    if (!this.#stepping) this.#run();
  }

  #run(): void {
    this.#stepping = true;
    let last: AgentInput | undefined;
    try {
      for (let next = this.#inputs.shift(); next; next = this.#inputs.shift()) {
        last = next;
        for (const effect of this.#options.core.step(next)) this.#take(effect);
      }
    } catch (error) {
      // A core that fails in the middle of a step must not go on; its checkpoints are sound.
      this.#stopped = true;
      if (last?.type === "recovered") throw error;
      this.#options.onFatal(FairleadError.from(error));
      return;
    } finally {
      this.#stepping = false;
    }
    this.#options.turnEnded();
    if (this.#changes > this.#durable) this.#flush();
    this.#setTimer();
  }

  #take(effect: AgentEffect): void {
    const { checkpoints, perform, log } = this.#options;
    if (effect.type === "checkpoint") {
      this.#changes += 1;
      checkpoints.put(effect.path, effect.value);
    } else if (effect.type === "forget") {
      this.#changes += 1;
      checkpoints.delete(effect.path);
    } else if (effect.type === "log") log(effect);
    else if (this.#changes === this.#durable || isFree(effect)) perform(effect);
    else this.#held.push({ after: this.#changes, effect });
  }

  #flush(): void {
    this.#flushing ??= this.#flushAll().finally(() => {
      this.#flushing = undefined;
    });
  }

  async #flushAll(): Promise<void> {
    while (this.#changes > this.#durable && !this.#stopped) {
      const upTo = this.#changes;
      if (!(await this.#flushOnce())) return;
      this.#durable = upTo;
      this.#release();
    }
  }

  async #flushOnce(): Promise<boolean> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#options.checkpoints.flush();
        return true;
      } catch (error) {
        if (attempt < FLUSH_ATTEMPTS_MAX) {
          await new Promise((resolve) => setTimeout(resolve, FLUSH_RETRY_MS * attempt));
          continue;
        }
        this.#stopped = true;
        this.#options.onFatal(FairleadError.from(error));
        return false;
      }
    }
  }

  #release(): void {
    if (this.#stopped) return;
    const held = this.#held;
    let count = 0;
    while (count < held.length && (held[count]?.after ?? 0) <= this.#durable) count += 1;
    if (count === 0) return;
    this.#held = held.slice(count);
    // What they bring about waits until all of them are done: the order holds.
    this.#stepping = true;
    for (const { effect } of held.slice(0, count)) this.#options.perform(effect);
    this.#stepping = false;
    this.#run();
  }

  #setTimer(): void {
    const dueMs = this.#options.core.nextDueMs();
    if (dueMs === this.#timerMs && this.#timer !== undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#timerMs = dueMs;
    if (dueMs === undefined || this.#stopped) return;
    const ms = Math.min(Math.max(dueMs - this.#options.clock.nowMs(), 0), TIMER_MS_MAX);
    // A whole millisecond, upwards: a timer that rings early would ring again and again.
    this.#timer = setTimeout(() => this.#ring(), Math.ceil(ms));
  }

  #ring(): void {
    this.#timer = undefined;
    this.#timerMs = undefined;
    this.dispatch({ type: "tick" });
  }

  /** Hear and do nothing any more; what was noted becomes durable. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#flushing;
  }
}

/** What says nothing about tasks need not wait for the disk. */
function isFree(effect: OutwardEffect): boolean {
  if (effect.type !== "send") return effect.type === "run_check";
  return effect.message.type === "pong" || effect.message.type === "answer";
}
