/** The probe itself: looks each second, publishes every third, and whenever something happens. */
import {
  asyncDispose,
  type Clock,
  Disposer,
  FairleadError,
  type Random,
  requireInteger,
} from "../base/mod.ts";
import type { Report } from "../topology/mod.ts";
import { DeltaCycle, type ReportCodec } from "./publisher/cycle.ts";
import type { Publisher } from "./publisher/publisher.ts";
import { markFailing } from "./report/failing.ts";
import type { Reporter, Tagger } from "./reporter.ts";
import { ShortcutQueue } from "./shortcuts.ts";
import { type Look, type ReporterCounts, Spy } from "./spy.ts";

/** Options of {@linkcode Probe}. */
export interface ProbeOptions {
  readonly hostId: string;
  readonly reporters: readonly Reporter[];
  /** Applied in this order to what is published. @default [] */
  readonly taggers?: readonly Tagger[];
  /** Where reports go; the probe disposes it. */
  readonly publisher: Publisher;
  readonly codec: ReportCodec;
  readonly clock: Clock;
  readonly random: Random;
  /** How often reporters look; from 100 to 60,000. @default 1_000 */
  readonly spyIntervalMs?: number;
  /** How often reports are published, in whole looks; up to 600,000. @default 3_000 */
  readonly publishIntervalMs?: number;
  /** One report in so many is whole. @default 3 */
  readonly fullEvery?: number;
  /** Told of what goes wrong, once when it begins. */
  onTrouble?(trouble: ProbeTrouble): void;
}

/** A reporter that fails, or a report that could not be made. */
export interface ProbeTrouble {
  readonly what: string;
  readonly message: string;
}

/** What a probe did since it started. */
export interface ProbeCounts {
  readonly looks: number;
  readonly publications: number;
  readonly shortcuts: number;
  readonly shortcutsDropped: number;
  /** Publications that could not be made: a tagger or merging failed. */
  readonly failures: number;
  readonly reporters: ReadonlyMap<string, ReporterCounts>;
}

const SPY_MS = { min: 100, max: 60_000 };
const NS_PER_MS = 1_000_000;
/** The share of an interval that reporters may take. */
const BUDGET_RATIO = 0.9;

/**
 * Runs from its making to its disposal. Nothing that a reporter, a tagger or a collector does ends
 * it, and a clock that is set changes no interval.
 */
export class Probe implements AsyncDisposable {
  readonly #options: ProbeOptions;
  readonly #spyIntervalMs: number;
  readonly #looksPerPublish: number;
  readonly #spy: Spy;
  readonly #cycle: DeltaCycle;
  readonly #shortcuts: ShortcutQueue;
  readonly #ending = new AbortController();
  readonly #opened = new Disposer();
  #held: Report[] = [];
  #failures: ReadonlyMap<string, string> = new Map();
  #counts = { looks: 0, publications: 0, failures: 0 };

  /** @throws {FairleadError} `invalid_option` naming the option and its range. */
  constructor(options: ProbeOptions) {
    const { spyIntervalMs = 1_000, publishIntervalMs = 3_000 } = options;
    this.#options = options;
    this.#spyIntervalMs = requireInteger("spyIntervalMs", spyIntervalMs, SPY_MS);
    const publishMs = { min: spyIntervalMs, max: 600_000 };
    requireInteger("publishIntervalMs", publishIntervalMs, publishMs);
    this.#looksPerPublish = Math.round(publishIntervalMs / spyIntervalMs);
    const { reporters, codec, clock, fullEvery } = options;
    const budgetMs = Math.floor(spyIntervalMs * BUDGET_RATIO);
    this.#spy = new Spy({ reporters, clock, budgetMs });
    this.#cycle = new DeltaCycle({ codec, ...(fullEvery === undefined ? {} : { fullEvery }) });
    this.#shortcuts = new ShortcutQueue({
      clock,
      intervalMs: Math.ceil(publishIntervalMs / 100),
      publish: (reports) => this.#publishShortcut(reports),
    });
    this.#start();
  }

  /** Counters; they only grow. */
  get counts(): ProbeCounts {
    const { published, dropped } = this.#shortcuts;
    const reporters = this.#spy.counts;
    return { ...this.#counts, shortcuts: published, shortcutsDropped: dropped, reporters };
  }

  /** What is wrong now, by reporter's name. */
  get failures(): ReadonlyMap<string, string> {
    return this.#failures;
  }

  /** Publish a report soon, between the regular ones. */
  shortcut(report: Report): void {
    this.#shortcuts.push(report);
  }

  /** Stop looking and publishing. */
  async [asyncDispose](): Promise<void> {
    this.#ending.abort(new FairleadError("aborted", "Cannot go on: the probe stops"));
    await this.#opened.dispose();
  }

  #start(): void {
    const { signal } = this.#ending;
    const { reporters, publisher } = this.#options;
    this.#opened.use(publisher);
    const work = [this.#run(), this.#shortcuts.run(signal)];
    for (const reporter of reporters) {
      const watching = reporter.watch?.((report) => this.shortcut(report), signal);
      if (watching !== undefined) work.push(watching);
    }
    const ended = work.map((each) => each.catch((error) => this.#onEnd(error)));
    this.#opened.defer(() => Promise.all(ended));
  }

  #onEnd(error: unknown): void {
    if (!this.#ending.signal.aborted) this.#tell("probe", FairleadError.from(error).message);
  }

  async #run(): Promise<void> {
    const { signal } = this.#ending;
    const { clock } = this.#options;
    while (!signal.aborted) {
      // Begun before the look and not worked out behind it: the clock may be set meanwhile.
      const interval = clock.sleep(this.#spyIntervalMs, { signal });
      interval.catch(() => undefined);
      const look = await this.#spy.look();
      this.#take(look);
      if (look.tick % this.#looksPerPublish === 0) this.#publish(look);
      await interval;
    }
  }

  #take({ reports, failures }: Look): void {
    this.#counts.looks += 1;
    this.#held.push(...reports);
    for (const [name, message] of failures) {
      if (!this.#failures.has(name)) this.#tell(name, message);
    }
    this.#failures = failures;
  }

  #publish({ nowMs }: Look): void {
    const held = this.#held;
    this.#held = [];
    try {
      const merged = { ...this.#options.codec.merge(held), windowNs: this.#windowNs() };
      const marked = markFailing(merged, this.#options.hostId, this.#failures, nowMs);
      this.#options.publisher.push(this.#cycle.next(this.#tagged(marked)));
      this.#counts.publications += 1;
    } catch (error) {
      this.#counts.failures += 1;
      this.#tell("publish", FairleadError.from(error).message);
    }
  }

  #publishShortcut(reports: readonly Report[]): void {
    try {
      const merged = { ...this.#options.codec.merge(reports), isShortcut: true, windowNs: 0 };
      this.#options.publisher.push(this.#cycle.shortcut(this.#tagged(merged)));
    } catch (error) {
      this.#counts.failures += 1;
      this.#tell("shortcut", FairleadError.from(error).message);
    }
  }

  #tagged(report: Report): Report {
    const { taggers = [], random } = this.#options;
    const id = String(Math.floor(random.next() * Number.MAX_SAFE_INTEGER));
    return taggers.reduce((tagged, tagger) => tagger.tag(tagged), { ...report, id });
  }

  #windowNs(): number {
    return this.#looksPerPublish * this.#spyIntervalMs * NS_PER_MS;
  }

  #tell(what: string, message: string): void {
    try {
      this.#options.onTrouble?.({ what, message });
    } catch {
      // A log that cannot be written (a full disk) is no reason to stop looking.
    }
  }
}
