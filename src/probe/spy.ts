/** Runs all reporters once, each within the same time, whatever any of them does. */
import { type Clock, FairleadError, requireInteger } from "../base/mod.ts";
import type { Report } from "../topology/mod.ts";
import type { Reporter, SpyContext } from "./reporter.ts";

/** Options of {@linkcode Spy}. */
export interface SpyOptions {
  readonly reporters: readonly Reporter[];
  readonly clock: Clock;
  /** How long a reporter may take; from 1 to 60,000. @default 900 */
  readonly budgetMs?: number;
}

/** What one look gave. */
export interface Look {
  readonly tick: number;
  readonly nowMs: number;
  readonly reports: readonly Report[];
  /** What is wrong with the reporters that gave nothing, by name. */
  readonly failures: ReadonlyMap<string, string>;
}

/** How a reporter did since the probe's start. */
export interface ReporterCounts {
  readonly looks: number;
  readonly failed: number;
  readonly timedOut: number;
}

interface Lane {
  readonly reporter: Reporter;
  /** The tick at which a call began that has not come back. */
  busySince: number | undefined;
  /** What came after its look was over: the next one has it. */
  late: Report | undefined;
  looks: number;
  failed: number;
  timedOut: number;
}

const BUDGET_MS = { min: 1, max: 60_000 };

/**
 * The reporters side by side. One that misses its deadline is not called again before it comes
 * back, so that it holds one call at most; the others never wait for it, and what it brings then
 * is part of the next look.
 */
export class Spy {
  readonly #clock: Clock;
  readonly #budgetMs: number;
  readonly #lanes: readonly Lane[];
  #tick = 0;

  constructor({ reporters, clock, budgetMs = 900 }: SpyOptions) {
    this.#clock = clock;
    this.#budgetMs = requireInteger("budgetMs", budgetMs, BUDGET_MS);
    this.#lanes = reporters.map((reporter) => ({
      reporter,
      busySince: undefined,
      late: undefined,
      looks: 0,
      failed: 0,
      timedOut: 0,
    }));
  }

  /** By reporter's name. */
  get counts(): ReadonlyMap<string, ReporterCounts> {
    return new Map(this.#lanes.map((lane) => [lane.reporter.name, { ...lane }]));
  }

  /** Look once; it takes no longer than the budget. */
  async look(): Promise<Look> {
    this.#tick += 1;
    const tick = this.#tick;
    const nowMs = this.#clock.nowMs();
    const failures = new Map<string, string>();
    const deadline = new Deadline(this.#clock, this.#budgetMs);
    const context = { tick, nowMs, signal: deadline.signal };
    const found = await Promise.all(
      this.#lanes.map((lane) => this.#run(lane, context, deadline, failures)),
    );
    deadline.cancel();
    return { tick, nowMs, reports: found.flat(), failures: new Map([...failures].sort(byName)) };
  }

  async #run(
    lane: Lane,
    context: SpyContext,
    deadline: Deadline,
    failures: Map<string, string>,
  ): Promise<readonly Report[]> {
    const { name } = lane.reporter;
    if (lane.busySince !== undefined) {
      failures.set(name, `hangs for ${context.tick - lane.busySince} looks`);
      return [];
    }
    const late = lane.late === undefined ? [] : [lane.late];
    lane.late = undefined;
    lane.looks += 1;
    try {
      const report = await Promise.race([start(lane, context), deadline.over]);
      if (report !== undefined) return [...late, report];
      lane.timedOut += 1;
      failures.set(name, `timed out after ${this.#budgetMs} ms`);
    } catch (error) {
      lane.failed += 1;
      failures.set(name, FairleadError.from(error).message);
    }
    return late;
  }
}

function byName([one]: readonly [string, string], [other]: readonly [string, string]): number {
  return one < other ? -1 : 1;
}

/** Call a reporter, and note that it is out until it comes back. */
async function start(lane: Lane, context: SpyContext): Promise<Report> {
  lane.busySince = context.tick;
  try {
    const report = await lane.reporter.report(context);
    if (context.signal.aborted) lane.late = report;
    return report;
  } finally {
    lane.busySince = undefined;
  }
}

/** A time after which nobody waits any more. */
class Deadline {
  readonly #aborter = new AbortController();
  readonly #timer = new AbortController();
  /** Gives undefined when the time is over; never when it was cancelled. */
  readonly over: Promise<undefined>;

  constructor(clock: Clock, ms: number) {
    this.over = new Promise((resolve) => {
      clock.sleep(ms, { signal: this.#timer.signal }).then(
        () => {
          this.#aborter.abort(new FairleadError("timeout", `Cannot wait: ${ms} ms are over`));
          resolve(undefined);
        },
        () => undefined,
      );
    });
  }

  get signal(): AbortSignal {
    return this.#aborter.signal;
  }

  cancel(): void {
    this.#timer.abort();
  }
}
