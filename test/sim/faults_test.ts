import { simulate, USUAL_FAULTS, workload } from "fairlead/sim";
import { describe, expect, test } from "vitest";

const cluster = {
  seed: 5,
  masters: 3,
  agents: 3,
  schedulers: [workload({ name: "batch", arrivalMs: 600_000 })],
  settleMs: 600_000,
  checkEveryMs: 0,
};

describe("faults by chance", () => {
  test("come as often as their rates say, in order of time", () => {
    const faults = [1, 2, 3, 4].flatMap((seed) => {
      const drawn = simulate({ ...cluster, seed, faults: USUAL_FAULTS }).faults;
      expect(drawn.map(({ atMs }) => atMs)).toEqual(
        drawn.map(({ atMs }) => atMs).sort((one, other) => one - other),
      );
      return drawn;
    });
    const expected = 4 * Object.values(USUAL_FAULTS).reduce((sum, rate) => sum + rate, 0);
    expect(faults.length).toBeGreaterThan(expected / 2);
    expect(faults.length).toBeLessThan(expected * 2);
    expect(new Set(faults.map(({ type }) => type)).size).toBeGreaterThanOrEqual(6);
  });

  test("of one kind are of that kind", () => {
    const { faults } = simulate({ ...cluster, faults: { cut: 60 }, durationMs: 600_000 });
    expect(new Set(faults.map(({ type }) => type))).toEqual(new Set(["cut"]));
  });
});
