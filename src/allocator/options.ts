/** The allocator's options: one schema is type, defaults and check. */

import * as z from "zod/mini";
import english from "zod/v4/locales/en.js";
import { type Clock, FairleadError, systemClock } from "../base/mod.ts";
import { Quantities } from "../resources/mod.ts";
import { DEFAULT_MINIMUMS } from "./minimums.ts";

const isAmounts = (value: unknown): value is Quantities | string => {
  return typeof value === "string" || value instanceof Quantities;
};
const Amounts = z.custom<Quantities | string>(isAmounts, "it must be quantities or their text");
const isClock = (value: unknown): value is Pick<Clock, "nowMs"> => {
  return (
    typeof value === "object" &&
    value !== null &&
    "nowMs" in value &&
    typeof value.nowMs === "function"
  );
};

/** How an allocator works; everything has a default. */
const optionsSchema = () =>
  z.strictObject({
    /** Decides the order in which agents are looked at. @default 1 */
    seed: z._default(z.int().check(z.minimum(0), z.maximum(0xffff_ffff)), 1),
    /** `drf`: lowest dominant share first; `random`: drawn by weight. @default "drf" */
    sorter: z._default(z.enum(["drf", "random"]), "drf"),
    /** An offer must contain one of these whole; an empty list takes anything. */
    minAllocatable: z._default(z.readonly(z.array(Amounts)), DEFAULT_MINIMUMS),
    /** Kinds that do not count in dominant shares (scarce ones, such as gpus). @default [] */
    fairnessExcluded: z._default(z.readonly(z.array(z.string().check(z.minLength(1)))), []),
    /** Offer agents with gpus only to frameworks with GPU_RESOURCES. @default true */
    filterGpuResources: z._default(z.boolean(), true),
    /** The allocator's own region: agents elsewhere need REGION_AWARE. */
    region: z.optional(z.string().check(z.minLength(1))),
    /** A filter stands at least this long. @default 1000 */
    intervalMs: z._default(z.int().check(z.minimum(0), z.maximum(3_600_000)), 1_000),
    /** `wasm` falls back to `typed` where WebAssembly is not to be had. @default "wasm" */
    kernel: z._default(z.enum(["wasm", "typed"]), "wasm"),
    /** Dates filters and the recovery pause. @default the system's */
    clock: z._default(
      z.custom<Pick<Clock, "nowMs">>(isClock, "it must be a Clock"),
      () => systemClock,
    ),
  });

let schema: ReturnType<typeof optionsSchema> | undefined;

/** What a caller may give. */
export type AllocatorOptions = z.input<ReturnType<typeof optionsSchema>>;
/** Options with every default filled in. */
export type ReadOptions = z.output<ReturnType<typeof optionsSchema>>;

/** @throws {FairleadError} `invalid_argument`; the message names the field and what is allowed. */
export function readOptions(options: AllocatorOptions): ReadOptions {
  schema ??= optionsSchema();
  const read = schema.safeParse(options, { error: english().localeError });
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const field = issue?.path.join(".") || "options";
  throw new FairleadError(
    "invalid_argument",
    `Cannot make an allocator: ${field}: ${issue?.message ?? "not understood"}`,
    { cause: read.error, details: { field } },
  );
}

/** 365 days: the longest that a decline filter may stand. */
const REFUSE_MS_MAX = 365 * 24 * 3_600_000;

/** What a call that names no time refuses for. */
const REFUSE_MS_DEFAULT = 5_000;

/**
 * A refuse time within bounds; longer ones are cut to a year.
 *
 * @throws {FairleadError} `invalid_argument` when it is negative or not a number.
 */
export function readRefuseMs(refuseMs: number = REFUSE_MS_DEFAULT): number {
  if (refuseMs >= 0) return Math.min(refuseMs, REFUSE_MS_MAX);
  throw new FairleadError(
    "invalid_argument",
    `Cannot refuse for ${refuseMs} ms: refuseMs must be a number from 0 to ${REFUSE_MS_MAX}`,
    { details: { field: "refuseMs", min: 0, max: REFUSE_MS_MAX } },
  );
}
