/**
 * What a bench suite is: cases, sizes, contenders. The parts that measure and print are beside it.
 *
 * Three ways to measure, chosen by `measure` of a case:
 * - `runs` (the default): whole calls, one sample a turn, the contenders in rotating order.
 * - `cycles`: functions of less than a few microseconds, timed by benchmark.js in calibrated loops.
 * - `process`: a new process a sample, which measures itself (cold start, memory).
 *
 * Before any timing every contender answers once, and all answers must be equal.
 */

/** One size of a case, in plain words: `{ agents: 1_000, frameworks: 50 }`. */
export type Params = Readonly<Record<string, number | string | boolean>>;

/** What a contender computed, small enough to compare: a digest, a count, a sum. */
export type Answer = string | number;

/** One implementation, made for one size. */
export interface Contender {
  /** Brings back the state before a run; not timed. With it, a sample is one run. */
  setup?(): void | Promise<void>;
  /** The timed part. A promise is awaited and then timed by the wall clock alone. */
  run(): unknown;
  /** The answer of the last run. */
  answer(): Answer;
  /** Fields to add to the result line: `{ memoryBytes: 1_024 }`. */
  facts?(): Readonly<Record<string, number | string>>;
  dispose?(): void;
}

/**
 * One implementation measured in a process of its own.
 *
 * The code is an ES module run from the repository's root (`fairlead/…` resolves to the build).
 * Its last line of output is JSON: `{ "value": 12.5, "answer": "…" }` and any further facts.
 */
export interface ProcessContender {
  readonly code: string;
  /** Flags for Node, before the code. @default ["--expose-gc"] */
  readonly flags?: readonly string[];
  /** How long it may take. @default 300_000 */
  readonly timeoutMs?: number;
}

/** Makes the contender of one size, or `undefined` when it sits this size out. */
export type Maker<C> = (params: Params) => C | undefined;

interface CaseCommon {
  readonly name: string;
  /** One line for a reader of the table. */
  readonly about?: string;
  readonly sweep: readonly Params[];
  /** Sizes for `--quick`. @default the first size of `sweep` */
  readonly quick?: readonly Params[];
  /** The parameter that grows, for the exponent. @default the first number in `sweep[0]` */
  readonly growth?: string;
  /** Throws when an answer is wrong in itself, whatever the other contenders say. */
  check?(answer: Answer, params: Params): void;
  /** How many things one run handles; gives `rate`, per second. */
  items?(params: Params): number;
}

/** Units of time that a case may print. */
export type TimeUnit = "s" | "ms" | "us" | "ns";

/** A case of whole calls. */
export interface RunsCase extends CaseCommon {
  readonly measure?: "runs";
  /** @default "ms" */
  readonly unit?: TimeUnit;
  /** Time to spend a contender and size. @default 1_500 */
  readonly budgetMs?: number;
  readonly contenders: Readonly<Record<string, Maker<Contender>>>;
}

/** A case of very short calls; its contenders have no `setup`. */
export interface CyclesCase extends CaseCommon {
  readonly measure: "cycles";
  /** @default "ns" */
  readonly unit?: TimeUnit;
  readonly contenders: Readonly<Record<string, Maker<Contender>>>;
}

/** A case whose every sample is a new process. */
export interface ProcessCase extends CaseCommon {
  readonly measure: "process";
  /** The unit of the values that the code prints, such as `ms` or `bytes`. */
  readonly unit: string;
  /** @default 9 */
  readonly samples?: number;
  readonly contenders: Readonly<Record<string, Maker<ProcessContender>>>;
}

/** One measurement: a question, its sizes and those who answer it. */
export type Case = RunsCase | CyclesCase | ProcessCase;

/** A file of bench/: what `npm run bench -- <name>` runs. */
export interface Suite {
  readonly name: string;
  readonly cases: readonly Case[];
}

/** One line of `--json`. Ratios are of medians; above 1 means that this contender is faster. */
export interface Result {
  readonly suite: string;
  readonly case: string;
  readonly params: Params;
  readonly contender: string;
  readonly p10: number;
  readonly p50: number;
  readonly p99: number;
  readonly unit: string;
  readonly ratios: Readonly<Record<string, number>>;
  /** The same of 10th percentiles: steadier on a busy machine. */
  readonly ratiosP10?: Readonly<Record<string, number>>;
  readonly mean?: number;
  readonly samples?: number;
  /** Above 1 when one sample is the mean of several runs. */
  readonly runsPerSample?: number;
  /** Items per second at the median. */
  readonly rate?: number;
  readonly [fact: string]: unknown;
}

/** What a measurement gives for one contender. */
export interface Samples {
  /** In milliseconds for times, in the case's own unit for processes; one a sample. */
  readonly values: readonly number[];
  readonly runsPerSample: number;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** How long to measure. */
export interface Effort {
  readonly quick: boolean;
}
