import type { FrameworkSpec, QuotaSpec, Unavailability } from "../../../src/allocator/types.ts";
import { FairleadError, systemClock } from "../../../src/base/mod.ts";
import { Quantities, Resources, validateRole } from "../../../src/resources/mod.ts";
import { type Amounts, addAmount } from "./amounts.ts";
import type { AllocatorApiOptions } from "./api.ts";
import { wholePattern } from "./constraints.ts";
import type { Framework, ModelOptions, Quota } from "./state.ts";

const YEAR_MS = 365 * 24 * 3600 * 1000;
const REFUSE_MS_DEFAULT = 5_000;
const MINIMUMS_DEFAULT = ["cpus:0.01", "mem:32"];

/** The error of an argument that makes no sense. */
export function invalidArgument(what: string): FairleadError {
  return new FairleadError("invalid_argument", `Cannot use ${what}`);
}

/** Fill in the defaults. */
export function readOptions(options: AllocatorApiOptions): ModelOptions {
  const { seed = 1, sorter = "drf", intervalMs = 1000 } = options;
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff) {
    throw invalidArgument(`seed ${seed}: it must be an unsigned 32-bit integer`);
  }
  if (!(intervalMs >= 0 && Number.isFinite(intervalMs))) {
    throw invalidArgument(`intervalMs ${intervalMs}`);
  }
  return {
    seed,
    sorter,
    minimums: (options.minAllocatable ?? MINIMUMS_DEFAULT).map(readMinimum),
    fairnessExcluded: new Set(options.fairnessExcluded),
    filterGpuResources: options.filterGpuResources ?? true,
    region: options.region,
    intervalMs,
    clock: options.clock ?? systemClock,
  };
}

function readMinimum(minimum: Quantities | string): Amounts {
  return new Map(typeof minimum === "string" ? Quantities.parse(minimum) : minimum);
}

/** Resources held for nobody, from text or as they are. */
export function readResources(resources: Resources | string): Resources {
  return (typeof resources === "string" ? Resources.parse(resources) : resources).unallocate();
}

/** A refuse time in bounds: a year at most. */
export function readRefuseMs(refuseMs: number = REFUSE_MS_DEFAULT): number {
  if (refuseMs >= 0) return Math.min(refuseMs, YEAR_MS);
  throw invalidArgument(`refuseMs ${refuseMs}: it must be 0 or more`);
}

/** A quota by kind; a limit that text names with 0 is a limit. */
export function readQuota(spec: QuotaSpec): Quota {
  try {
    const limits: Amounts = new Map();
    if (typeof spec.limits === "string") {
      for (const kind of namesIn(spec.limits)) limits.set(kind, 0);
    }
    for (const [kind, millis] of readMinimum(spec.limits ?? "")) addAmount(limits, kind, millis);
    return { guarantees: readMinimum(spec.guarantees ?? ""), limits };
  } catch (cause) {
    throw new FairleadError("invalid_quota", "Cannot read the quota", { cause });
  }
}

function namesIn(text: string): string[] {
  const names = text.split(";").map((item) => item.slice(0, item.indexOf(":")).trim());
  return names.filter((name) => name !== "");
}

/** Whether a window can be. @throws {FairleadError} `invalid_argument`. */
export function checkWindow(unavailability: Unavailability | undefined): void {
  if (unavailability === undefined) return;
  const { startMs, durationMs = 0 } = unavailability;
  if (Number.isFinite(startMs) && durationMs >= 0) return;
  throw invalidArgument("an unavailability that does not start or ends before it does");
}

/** Check a framework and bring it into the model's shape. */
export function readFramework(spec: FrameworkSpec): Framework {
  const roles = new Set(spec.roles);
  for (const role of roles) validateRole(role);
  const suppressed = new Set(spec.suppressedRoles);
  for (const role of suppressed) {
    if (roles.has(role)) continue;
    throw new FairleadError("unknown_role", `Cannot suppress role "${role}": it is not listed`);
  }
  for (const role of Object.keys({ ...spec.minAllocatable, ...spec.offerConstraints })) {
    if (!roles.has(role)) throw invalidArgument(`a setting of role "${role}": it is not listed`);
  }
  checkPatterns(spec);
  return {
    id: spec.id,
    roles,
    suppressed,
    capabilities: new Set(spec.capabilities),
    active: spec.active ?? true,
    minimums: new Map(
      Object.entries(spec.minAllocatable ?? {}).map(([role, sets]) => [
        role,
        sets.map(readMinimum),
      ]),
    ),
    constraints: new Map(Object.entries(spec.offerConstraints ?? {})),
  };
}

function checkPatterns({ offerConstraints = {} }: FrameworkSpec): void {
  for (const constraint of Object.values(offerConstraints).flatMap(({ groups }) => groups.flat())) {
    if (constraint.type !== "text_matches" && constraint.type !== "text_not_matches") continue;
    try {
      wholePattern(constraint.pattern);
    } catch {
      throw invalidArgument(`pattern ${JSON.stringify(constraint.pattern)}`);
    }
  }
}
