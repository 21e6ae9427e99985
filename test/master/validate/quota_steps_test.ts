import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Allocator } from "../../../src/allocator/mod.ts";
import { type Quota, readQuotas } from "../../../src/master/validate/quota.ts";
import { quotaSteps } from "../../../src/master/validate/quota_steps.ts";
import { Quantities } from "../../../src/resources/mod.ts";

const ROLES = ["a", "a/b", "a/b/d", "a/c", "e", "e/f"];

const amount = fc.option(fc.integer({ min: 0, max: 4 }), { nil: undefined });

const batch = fc.array(
  fc.record({ role: fc.constantFrom(...ROLES), guarantee: amount, limit: amount }),
  {
    minLength: 1,
    maxLength: 6,
  },
);

function configsOf(
  drawn: readonly { role: string; guarantee?: number | undefined; limit?: number | undefined }[],
) {
  const byRole = new Map(drawn.map((each) => [each.role, each]));
  return Array.from(byRole.values(), ({ role, guarantee, limit }) => ({
    role,
    guarantees: guarantee === undefined ? {} : { cpus: { value: guarantee } },
    limits: limit === undefined ? {} : { cpus: { value: limit } },
  }));
}

function apply(allocator: Allocator, quotas: Map<string, Quota>, next: readonly Quota[]): void {
  for (const { role, spec } of quotaSteps(quotas, next)) {
    if (spec === undefined) allocator.removeQuota(role);
    else allocator.setQuota(role, spec);
  }
  for (const quota of next) {
    const gone = quota.guarantees.isEmpty && Object.keys(quota.limits).length === 0;
    if (gone) quotas.delete(quota.role);
    else quotas.set(quota.role, quota);
  }
}

describe("quotaSteps()", () => {
  test("brings the allocator from any sound set of quotas to any other, step by step", () => {
    let applied = 0;
    fc.assert(
      fc.property(fc.array(batch, { minLength: 1, maxLength: 6 }), (batches) => {
        const allocator = new Allocator({ seed: 1 });
        // every role is looked at, so the allocator must know it
        allocator.addFramework({ id: "f", roles: ROLES });
        const quotas = new Map<string, Quota>();
        for (const drawn of batches) {
          const read = readQuotas(configsOf(drawn), {
            quotas,
            consumed: () => Quantities.EMPTY,
            capacity: Quantities.of({ cpus: 1_000 }),
          });
          if (!read.ok) continue;
          applied += 1;
          apply(allocator, quotas, read.quotas);
          const shares = new Map(allocator.shares().map((share) => [share.role, share]));
          for (const role of ROLES) {
            const held = shares.get(role);
            const wanted = quotas.get(role);
            expect(held?.guarantees.get("cpus")).toBe(wanted?.guarantees.get("cpus") ?? 0);
            expect(held?.limits).toEqual(wanted?.limits ?? {});
          }
        }
      }),
      { numRuns: 300 },
    );
    expect(applied).toBeGreaterThan(20);
  });

  test("sets a single quota in two steps: its limit, then its guarantee", () => {
    const quota = { role: "a", guarantees: Quantities.of({ cpus: 1 }), limits: { cpus: 2_000 } };
    expect(quotaSteps(new Map(), [quota])).toHaveLength(2);
  });
});
