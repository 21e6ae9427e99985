/** Reading agents and options at the door: what is wrong is named, with the allowed range. */
import { FairleadError } from "../base/mod.ts";
import { comparable, invalid } from "./constraint.ts";
import { DEVICES_MAX, WHOLE } from "./kernel/layout.ts";
import type { AgentSpec, PlaceOptions, Policy, Weights, WorkloadShape } from "./types.ts";
import { POLICIES } from "./types.ts";

/** The most of one resource that an agent may have or a task may ask for, in thousandths. */
export const AMOUNT_MAX = 1e15;
const COUNT_MAX = 1e9;
const SHAPES_MAX = 100_000;

/** An agent with every default filled in. */
export interface ReadAgent {
  readonly id: string;
  readonly cpusMillis: number;
  readonly memMillis: number;
  readonly diskMillis: number;
  readonly gpus: number;
  readonly gpuModel: string;
  readonly attributes: ReadonlyMap<string, string>;
}

/** Options with every default filled in. */
export interface ReadOptions {
  readonly policy: Policy;
  readonly weights: Weights;
  readonly workload: readonly WorkloadShape[] | undefined;
}

/** @throws {FairleadError} `invalid_input`, naming the field and what it may be. */
export function readAgent(spec: AgentSpec, where: string): ReadAgent {
  if (typeof spec.id !== "string" || spec.id === "") {
    throw invalid(`${where}.id`, spec.id, "a text that is not empty");
  }
  const attributes = new Map<string, string>();
  for (const [name, value] of Object.entries(spec.attributes ?? {})) {
    attributes.set(name, comparable(value, `${where}.attributes.${name}`));
  }
  attributes.set("hostname", readText(spec.hostname ?? spec.id, `${where}.hostname`));
  return {
    id: spec.id,
    cpusMillis: readAmount(spec.cpusMillis, `${where}.cpusMillis`),
    memMillis: readAmount(spec.memMillis, `${where}.memMillis`),
    diskMillis: readAmount(spec.diskMillis ?? 0, `${where}.diskMillis`),
    gpus: readInteger(spec.gpus ?? 0, `${where}.gpus`, 0, DEVICES_MAX),
    gpuModel: readText(spec.gpuModel ?? "", `${where}.gpuModel`),
    attributes,
  };
}

/** @throws {FairleadError} `invalid_input`, naming the field and what it may be. */
export function readOptions(options: PlaceOptions): ReadOptions {
  const policy = options.policy ?? "best_fit";
  if (!POLICIES.includes(policy)) {
    throw invalid("policy", policy, `one of ${POLICIES.join(", ")}`);
  }
  const weights = { cpus: 1, mem: 1, disk: 0, gpus: 1, ...options.weights };
  for (const name of ["cpus", "mem", "disk", "gpus"] as const) {
    const value = weights[name];
    if (typeof value !== "number" || !(value >= 0 && value <= 1_000)) {
      throw invalid(`weights.${name}`, value, "a number from 0 to 1000");
    }
  }
  const { workload } = options;
  if (workload !== undefined) readWorkload(workload);
  return { policy, weights, workload };
}

function readWorkload(workload: readonly WorkloadShape[]): void {
  if (workload.length > SHAPES_MAX) {
    throw invalid("workload.length", workload.length, `at most ${SHAPES_MAX}`);
  }
  workload.forEach((shape, i) => {
    readAmount(shape.cpusMillis, `workload[${i}].cpusMillis`);
    readAmount(shape.memMillis, `workload[${i}].memMillis`);
    readGpuMillis(shape.gpuMillis, `workload[${i}].gpuMillis`);
    readInteger(shape.count, `workload[${i}].count`, 1, COUNT_MAX);
  });
}

/** An amount of thousandths. */
export function readAmount(value: number, where: string): number {
  return readInteger(value, where, 0, AMOUNT_MAX);
}

/** A share of one device or whole devices, in thousandths. */
export function readGpuMillis(value: number, where: string): number {
  if (isGpuMillis(value)) return value;
  throw invalid(
    where,
    value,
    `0 to ${WHOLE} (a share of one device) or a multiple of ${WHOLE} up to ${DEVICES_MAX * WHOLE}`,
  );
}

/** Is it a share of one device, or whole devices? */
export function isGpuMillis(value: number): boolean {
  if (!Number.isInteger(value) || value < 0) return false;
  return value <= WHOLE || (value % WHOLE === 0 && value <= DEVICES_MAX * WHOLE);
}

function readInteger(value: number, where: string, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw invalid(where, value, `an integer from ${min} to ${max}`);
}

function readText(value: string, where: string): string {
  if (typeof value === "string") return value;
  throw invalid(where, value, "a text");
}

/** The error of an id that nobody has. */
export function unknownAgent(id: string): FairleadError {
  return new FairleadError(
    "unknown_agent",
    `Cannot find agent "${id}": the cluster has none of that id`,
    {
      details: { id },
    },
  );
}
