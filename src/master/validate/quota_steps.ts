/** How to set several quotas one after the other, so that each step holds by itself. */
import type { QuotaSpec } from "../../allocator/mod.ts";
import { Quantities } from "../../resources/mod.ts";
import { isDefaultQuota, type Quota } from "./quota.ts";

/** One call of the allocator: `setQuota`, or `removeQuota` where there is no spec. */
export interface QuotaStep {
  readonly role: string;
  readonly spec: QuotaSpec | undefined;
}

type Limits = Quota["limits"];

const NO_LIMITS: Limits = {};

/**
 * The calls that bring the allocator from one set of quotas to another.
 *
 * Guarantees go down from the leaves and limits up from the root, then limits down from the leaves
 * and guarantees up from the root: so no step breaks what holds between parents and children.
 */
export function quotaSteps(
  before: ReadonlyMap<string, Quota>,
  after: readonly Quota[],
): QuotaStep[] {
  const roots = [...after].sort((a, b) => depthOf(a) - depthOf(b));
  const leaves = [...roots].reverse();
  const now = new Map(before);
  const steps: QuotaStep[] = [];
  const set = (quota: Quota) => {
    if (!sameQuota(now.get(quota.role), quota)) steps.push(stepOf(quota));
    now.set(quota.role, quota);
  };
  const held = ({ role }: Quota) =>
    now.get(role) ?? { role, guarantees: Quantities.EMPTY, limits: NO_LIMITS };
  for (const quota of leaves) {
    set({ ...held(quota), guarantees: lower(held(quota).guarantees, quota.guarantees) });
  }
  for (const quota of roots) {
    set({ ...held(quota), limits: higher(held(quota).limits, quota.limits) });
  }
  for (const quota of leaves) set({ ...held(quota), limits: quota.limits });
  for (const quota of roots) set(quota);
  for (const { role } of leaves.filter(isDefaultQuota)) {
    const known = before.has(role) || steps.some((step) => step.role === role);
    if (known) steps.push({ role, spec: undefined });
  }
  return steps;
}

function depthOf({ role }: Quota): number {
  return role.split("/").length;
}

function stepOf({ role, guarantees, limits }: Quota): QuotaStep {
  // As text, since quantities do not hold zeros and a limit of 0 is one.
  const text = Object.entries(limits).map(([kind, millis]) => `${kind}:${millis / 1000}`);
  return { role, spec: { guarantees, limits: text.join(";") } };
}

function sameQuota(a: Quota | undefined, b: Quota): boolean {
  if (a === undefined) return isDefaultQuota(b);
  if (!a.guarantees.equals(b.guarantees)) return false;
  const [left, right] = [Object.entries(a.limits), Object.keys(b.limits)];
  return left.length === right.length && left.every(([kind, millis]) => b.limits[kind] === millis);
}

function lower(a: Quantities, b: Quantities): Quantities {
  return Quantities.ofMillis(
    Array.from(a, ([kind, millis]) => [kind, Math.min(millis, b.get(kind))]),
  );
}

/** Kinds that one side does not limit are not limited. */
function higher(a: Limits, b: Limits): Limits {
  const both = Object.entries(a).filter(([kind]) => b[kind] !== undefined);
  return Object.fromEntries(both.map(([kind, millis]) => [kind, Math.max(millis, b[kind] ?? 0)]));
}
