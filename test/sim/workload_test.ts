import { simulate, workload } from "fairlead/sim";
import { describe, expect, test } from "vitest";

describe("workload()", () => {
  test("names its framework and its roles", () => {
    const { framework } = workload({ name: "batch", roles: ["a", "b"], isPartitionAware: false });
    expect(framework).toMatchObject({ name: "batch", roles: ["a", "b"] });
    expect(framework.capabilities).not.toContainEqual({ type: "PARTITION_AWARE" });
  });

  test("launches so many tasks and no more, however often its scheduler crashes", () => {
    const { launches, violations } = simulate({
      seed: 3,
      schedulers: [workload({ name: "batch", arrivalMs: 1_000, tasksMax: 40 })],
      faults: [60_000, 120_000, 180_000].map((atMs) => {
        return { type: "crash", atMs, node: "scheduler-0", downMs: 5_000, isSilent: false };
      }),
      durationMs: 900_000,
    });
    expect(violations).toEqual([]);
    expect(launches).toBeLessThanOrEqual(40);
    expect(launches).toBeGreaterThan(30);
  });
});
