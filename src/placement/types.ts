/** The nouns of placement: agents, tasks, policies, and what comes back. */
import type { Constraint } from "./constraint.ts";

/**
 * An agent as it is registered.
 *
 * Units: amounts are integers of thousandths (`cpusMillis: 1_500` is one and a half cpus,
 * `memMillis` and `diskMillis` are thousandths of a MB, as Mesos counts), from 0 to 10^15.
 */
export interface AgentSpec {
  readonly id: string;
  readonly cpusMillis: number;
  readonly memMillis: number;
  /** @default 0 */
  readonly diskMillis?: number;
  /** Whole devices, 0 to 16. @default 0 */
  readonly gpus?: number;
  /** The model of all its devices; tasks may ask for models. @default "" */
  readonly gpuModel?: string;
  /** What constraints on `hostname` see. @default the id */
  readonly hostname?: string;
  /** What constraints on other fields see; numbers are compared to three decimals. */
  readonly attributes?: Readonly<Record<string, string | number>>;
}

/** What a task needs, and what may be said of where it runs. */
export interface TaskSpec extends TaskRule {
  /** Comes back in assignments. */
  readonly id?: string;
  /** @default 0 */
  readonly cpusMillis?: number;
  /** @default 0 */
  readonly memMillis?: number;
  /** @default 0 */
  readonly diskMillis?: number;
  /** 1 to 999 is a share of one device; 1,000, 2,000 … 16,000 are whole devices. @default 0 */
  readonly gpuMillis?: number;
}

/** The part of a task that is not an amount: one rule serves many tasks. */
export interface TaskRule {
  /** The app that the task is an instance of; counting constraints count within it. */
  readonly group?: string;
  readonly constraints?: readonly Constraint[];
  /** The task runs only on agents whose `gpuModel` is one of these. */
  readonly gpuModels?: readonly string[];
}

/** Tasks as columns: row i of each column is task i. Saves making an object a task. */
export interface TaskColumns {
  readonly cpusMillis: ArrayLike<number>;
  readonly memMillis: ArrayLike<number>;
  readonly diskMillis?: ArrayLike<number>;
  readonly gpuMillis?: ArrayLike<number>;
  /** The row of `rules` that holds for each task; -1 for none. */
  readonly rule?: ArrayLike<number>;
  readonly rules?: readonly TaskRule[];
}

/**
 * How agents are chosen among those where a task fits. Ties go to the agent registered first.
 *
 * - `first_fit`: the agent registered first.
 * - `best_fit`: the agent with the least left over (packing).
 * - `dot_product`: the agent whose free resources point most the task's way.
 * - `spread`: the agent with the most left over.
 * - `fragmentation_aware`: the agent and device whose fragmentation grows least.
 * - `stranding_aware`: the same, and GPUs that lack the cpus or memory to be used count too.
 */
export type Policy = (typeof POLICIES)[number];

/** All policies by name. */
export const POLICIES = [
  "first_fit",
  "best_fit",
  "dot_product",
  "spread",
  "fragmentation_aware",
  "stranding_aware",
] as const;

/** How much each resource counts in what is left over: each from 0 to 1,000. */
export interface Weights {
  readonly cpus: number;
  readonly mem: number;
  readonly disk: number;
  readonly gpus: number;
}

/** A kind of task that is expected, for the fragmentation policies. */
export interface WorkloadShape {
  readonly cpusMillis: number;
  readonly memMillis: number;
  /** As in {@linkcode TaskSpec}. */
  readonly gpuMillis: number;
  /** How many tasks of each hundred, thousand or whatever: an integer from 1 to 10^9. */
  readonly count: number;
  readonly gpuModels?: readonly string[];
}

/** How a batch is placed. */
export interface PlaceOptions {
  /** @default "best_fit" */
  readonly policy?: Policy;
  /** Each weight that is not given keeps its default. @default { cpus: 1, mem: 1, disk: 0, gpus: 1 } */
  readonly weights?: Partial<Weights>;
  /** The tasks to expect, for the fragmentation policies. @default the batch itself */
  readonly workload?: readonly WorkloadShape[];
}

/** What is free on an agent, in thousandths. */
export interface FreeResources {
  readonly cpusMillis: number;
  readonly memMillis: number;
  readonly diskMillis: number;
  /** Of each device, 0 to 1,000. */
  readonly gpuMillis: readonly number[];
}

/** Where a task went. */
export interface Assignment {
  readonly taskIndex: number;
  readonly taskId: string | undefined;
  readonly agentId: string;
  /** The devices that the task uses, or shares. */
  readonly gpuDevices: readonly number[];
}
