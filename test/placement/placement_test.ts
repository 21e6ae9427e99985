import { describe, expect, test } from "vitest";
import { PlacementCluster } from "../../src/placement/mod.ts";

const agents = [
  { id: "a", cpusMillis: 2_000, memMillis: 1_000, gpus: 2 },
  { id: "b", cpusMillis: 2_000, memMillis: 1_000 },
];

function place() {
  const cluster = new PlacementCluster({ agents });
  return cluster.place(
    [
      { id: "t0", cpusMillis: 1_000, gpuMillis: 2_000 },
      { id: "t1", cpusMillis: 9_000 },
      { cpusMillis: 2_000 },
    ],
    { policy: "first_fit" },
  );
}

describe("Placement", () => {
  test("holds packed rows and counts them", () => {
    const placement = place();
    expect([...placement.agents]).toEqual([0, -1, 1]);
    expect([...placement.devices]).toEqual([0b11, 0, 0]);
    expect([placement.size, placement.placed, placement.unplaced]).toEqual([3, 2, 1]);
  });

  test("assignments() makes an object for each placed task", () => {
    expect([...place().assignments()]).toEqual([
      { taskIndex: 0, taskId: "t0", agentId: "a", gpuDevices: [0, 1] },
      { taskIndex: 2, taskId: undefined, agentId: "b", gpuDevices: [] },
    ]);
    expect(place().assignment(1)).toBeUndefined();
    expect(place().agentOf(1)).toBeUndefined();
  });

  test("refused() gives the indexes of the others", () => {
    expect([...place().refused()]).toEqual([1]);
  });

  test("refuses an index that it does not have, and to explain a task that was placed", () => {
    for (const task of [-1, 3, 0.5, Number.NaN]) {
      expect(() => place().assignment(task)).toThrow(/task = .*it must be an index from 0 to 2/);
      expect(() => place().explain(task)).toThrow(
        expect.objectContaining({ code: "invalid_input" }),
      );
    }
    expect(() => place().explain(0)).toThrow(/one that has no agent/);
  });
});
