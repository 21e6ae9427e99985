import { type Fault, type SimulationOptions, simulate, USUAL_FAULTS, workload } from "fairlead/sim";
import { describe, expect, test } from "vitest";

const cluster: SimulationOptions = {
  seed: 1,
  masters: 3,
  agents: 3,
  schedulers: [workload({ name: "batch", roles: ["batch"], arrivalMs: 5_000 })],
  durationMs: 900_000,
};

function traceOf(options: SimulationOptions): string[] {
  const lines: string[] = [];
  simulate({
    ...options,
    onTrace: ({ atMs, node, message }) => lines.push(`${atMs} ${node} ${message}`),
  });
  return lines;
}

describe("simulate()", () => {
  test("runs tasks to their ends, and everybody agrees on them", () => {
    const result = simulate(cluster);
    expect(result.violations).toEqual([]);
    expect(result.launches).toBeGreaterThan(100);
    expect(result.updates).toBeGreaterThanOrEqual(2 * result.launches);
    expect(result.faults).toEqual([]);
  });

  test("gives the same run for the same seed, and another one for another", () => {
    const options = { ...cluster, faults: USUAL_FAULTS };
    const trace = traceOf(options);
    expect(traceOf(options)).toEqual(trace);
    expect(traceOf({ ...options, seed: 2 })).not.toEqual(trace);
  });

  test("strikes again with the faults that a run tells", () => {
    const rates = { ...cluster, durationMs: 3_600_000, faults: USUAL_FAULTS };
    const { faults } = simulate(rates);
    expect(faults.length).toBeGreaterThan(5);
    expect(traceOf({ ...rates, faults })).toEqual(traceOf(rates));
  });

  test("keeps tasks over the crash of the master that leads", () => {
    const faults: Fault[] = [0, 1, 2].map((index) => {
      const node = `master-${index}`;
      return { type: "crash", atMs: 300_000 + index, node, downMs: 30_000, isSilent: true };
    });
    expect(simulate({ ...cluster, faults }).violations).toEqual([]);
  });

  test("refuses options that mean nothing", () => {
    expect(() => simulate({ ...cluster, seed: -1 })).toThrow(/seed/);
    expect(() => simulate({ ...cluster, masters: 0 })).toThrow(/masters/);
  });
});
