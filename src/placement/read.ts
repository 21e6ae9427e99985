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

const AGENT_KEYS = [
  "id",
  "cpusMillis",
  "memMillis",
  "diskMillis",
  "gpus",
  "gpuModel",
  "hostname",
  "attributes",
];
const OPTION_KEYS = ["policy", "weights", "workload"];
const WEIGHT_KEYS = ["cpus", "mem", "disk", "gpus"] as const;
const SHAPE_KEYS = ["cpusMillis", "memMillis", "gpuMillis", "count", "gpuModels"];

/** @throws {FairleadError} `invalid_input`, naming the field and what it may be. */
export function readAgent(spec: AgentSpec, where: string): ReadAgent {
  requireKeys(spec, where, AGENT_KEYS);
  if (typeof spec.id !== "string" || spec.id === "") {
    throw invalid(`${where}.id`, spec.id, "a text that is not empty");
  }
  if (spec.attributes !== undefined) requireObject(spec.attributes, `${where}.attributes`);
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
  requireKeys(options, "options", OPTION_KEYS);
  const policy = options.policy ?? "best_fit";
  if (!POLICIES.includes(policy)) {
    throw invalid("policy", policy, `one of ${POLICIES.join(", ")}`);
  }
  if (options.weights !== undefined) requireKeys(options.weights, "weights", WEIGHT_KEYS);
  const weights = { cpus: 1, mem: 1, disk: 0, gpus: 1, ...options.weights };
  for (const name of WEIGHT_KEYS) {
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
  requireList(workload, "workload", "workload shapes");
  if (workload.length > SHAPES_MAX) {
    throw invalid("workload.length", workload.length, `at most ${SHAPES_MAX}`);
  }
  for (const [i, shape] of workload.entries()) {
    requireKeys(shape, `workload[${i}]`, SHAPE_KEYS);
    readAmount(shape.cpusMillis, `workload[${i}].cpusMillis`);
    readAmount(shape.memMillis, `workload[${i}].memMillis`);
    readGpuMillis(shape.gpuMillis, `workload[${i}].gpuMillis`);
    readInteger(shape.count, `workload[${i}].count`, 1, COUNT_MAX);
    readModels(shape.gpuModels, `workload[${i}].gpuModels`);
  }
}

/** GPU models that are allowed, if they are limited at all. */
export function readModels(models: readonly string[] | undefined, where: string): void {
  if (models === undefined) return;
  requireList(models, where, "GPU models");
  for (const [i, model] of models.entries()) readText(model, `${where}[${i}]`);
}

/** An object of named fields: no list, no map, no text. */
export function requireObject(value: unknown, where: string): asserts value is object {
  if (typeof value === "object" && value !== null && !(Symbol.iterator in value)) return;
  throw wrongKind(where, value, "an object of named values");
}

/** An array. */
export function requireList(value: unknown, where: string, of: string): void {
  if (!Array.isArray(value)) throw wrongKind(where, value, `a list (array) of ${of}`);
}

/** An object that has none but the known keys. */
export function requireKeys(value: unknown, where: string, known: readonly string[]): void {
  if (typeof value !== "object" || value === null || Symbol.iterator in value) {
    throw wrongKind(where, value, `an object with the keys ${known.join(", ")}`);
  }
  for (const key in value) {
    if (known.includes(key)) continue;
    throw new FairleadError(
      "invalid_input",
      `Cannot use ${where}.${key}: there is no such key; the keys are ${known.join(", ")}`,
      { details: { field: `${where}.${key}`, allowed: known } },
    );
  }
}

/** The error of a value of another kind; a list or an object is named as such, not written out. */
export function wrongKind(field: string, value: unknown, allowed: string): FairleadError {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) {
    return invalid(field, value, allowed);
  }
  const kind = Array.isArray(value) ? "a list" : "an object";
  return new FairleadError(
    "invalid_input",
    `Cannot use ${field} = ${kind}: it must be ${allowed}`,
    {
      details: { field, value, allowed },
    },
  );
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
  throw wrongKind(where, value, "a text");
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
