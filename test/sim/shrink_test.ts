import { type Fault, type SimulatedScheduler, shrinkFaults, workload } from "fairlead/sim";
import { describe, expect, test } from "vitest";

const batch = workload({ name: "batch", arrivalMs: 10_000, runMs: 600_000 });

/** Forgets its id in a crash: the framework stays behind with its tasks. */
const forgetful: SimulatedScheduler = {
  ...batch,
  program: (context) => {
    context.disk.clear();
    return batch.program(context);
  },
};

const cut: Fault = { type: "cut", atMs: 100_000, nodes: ["agent-0", "master-0"] };
const crash: Fault = {
  type: "crash",
  atMs: 400_000,
  node: "scheduler-0",
  downMs: 5_000,
  isSilent: false,
};
const options = {
  seed: 1,
  durationMs: 900_000,
  settleMs: 600_000,
  faults: [cut, { ...cut, atMs: 200_000 }, crash, { ...cut, atMs: 500_000 }],
};

describe("shrinkFaults()", () => {
  test("leaves the fault that a scheduler does not survive", () => {
    expect(shrinkFaults({ ...options, schedulers: [forgetful] })).toEqual([crash]);
  });

  test("finds nothing where nothing fails", () => {
    expect(shrinkFaults({ ...options, schedulers: [batch] })).toBeUndefined();
  });
});
