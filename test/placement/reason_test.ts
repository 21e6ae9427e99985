import { describe, expect, test } from "vitest";
import {
  type AgentSpec,
  PlacementCluster,
  parseConstraint,
  type Refusal,
  type TaskSpec,
} from "../../src/placement/mod.ts";

const agents: AgentSpec[] = [
  { id: "a", cpusMillis: 1_000, memMillis: 4_000, attributes: { rack: "r1" } },
  { id: "b", cpusMillis: 1_700, memMillis: 1_000, attributes: { rack: "r1" } },
  {
    id: "c",
    cpusMillis: 8_000,
    memMillis: 9_000,
    attributes: { rack: "r2" },
    gpus: 2,
    gpuModel: "T4",
  },
];

function explain(task: TaskSpec, before: TaskSpec[] = []): Refusal {
  const cluster = new PlacementCluster({ agents });
  const placement = cluster.place([...before, task], { policy: "first_fit" });
  return placement.explain(before.length);
}

describe("explain()", () => {
  test("counts the agents that lack each resource, and by how little", () => {
    const refusal = explain({ cpusMillis: 9_000, memMillis: 2_000 });
    expect(refusal).toMatchObject({ agents: 3, eligible: 3, fitting: 0, asOf: "refusal" });
    expect(refusal.shortfalls).toEqual([
      { resource: "cpus", agents: 3, leastMillis: 1_000 },
      { resource: "mem", agents: 1, leastMillis: 1_000 },
    ]);
    expect(refusal.closest).toEqual({ agentId: "c", missingMillis: { cpus: 1_000 } });
    expect(refusal.wouldFitMillis).toEqual({ cpus: 8_000 });
    expect(refusal.text).toBe(
      "1 cpus or more short on 3 agents; 1 mem or more short on 1 agent; " +
        "closest: agent c lacks 1 cpus; would fit with 8 cpus",
    );
  });

  test("counts what each constraint excludes, and what would fit without them", () => {
    const refusal = explain({ cpusMillis: 2_000, constraints: [parseConstraint("rack:LIKE:r1")] });
    expect(refusal.exclusions).toEqual([{ constraint: "rack:LIKE:r1", agents: 1 }]);
    expect(refusal).toMatchObject({ eligible: 2, withoutConstraints: 1 });
    expect(refusal.text).toBe(
      "0.3 cpus or more short on 2 agents; constraint rack:LIKE:r1 excludes 1 agent; " +
        "closest: agent b lacks 0.3 cpus; would fit with 1.7 cpus; " +
        "would fit on 1 agent without constraints",
    );
  });

  test("speaks of devices and models", () => {
    const models = explain({ gpuMillis: 500, gpuModels: ["V100", "A100"] });
    expect(models.exclusions).toEqual([{ constraint: "gpuModel in V100|A100", agents: 3 }]);
    const whole = explain({ gpuMillis: 2_000 }, [{ gpuMillis: 100 }]);
    expect(whole.text).toContain("fewer than 2 free gpus on 3 agents");
    expect(whole.closest).toEqual({ agentId: "c", missingMillis: { gpus: 1_000 } });
    expect(whole.wouldFitMillis).toEqual({ gpus: 1_000 });
    const share = explain({ gpuMillis: 950 }, [{ gpuMillis: 100 }, { gpuMillis: 1_000 }]);
    expect(share.text).toContain("no device with 0.95 gpus free on 3 agents");
  });

  test("tells of the moment of refusal, whatever was placed after it", () => {
    const cluster = new PlacementCluster({ agents: agents.slice(0, 1) });
    const unique = { group: "g", constraints: [parseConstraint("hostname:UNIQUE")] };
    const placement = cluster.place([
      { cpusMillis: 1_200, ...unique },
      { cpusMillis: 900, memMillis: 3_000, ...unique },
      { cpusMillis: 50, ...unique },
    ]);
    expect(placement.placed).toBe(1);
    const first = placement.explain(0);
    expect(first.shortfalls).toEqual([{ resource: "cpus", agents: 1, leastMillis: 200 }]);
    expect(first.exclusions).toEqual([]);
    const last = placement.explain(2);
    expect(last.exclusions).toEqual([{ constraint: "hostname:UNIQUE", agents: 1 }]);
    expect(last.withoutConstraints).toBe(1);
  });

  test("counts GPU shares as of the refusal", () => {
    const cluster = new PlacementCluster({ agents });
    const placement = cluster.place([{ gpuMillis: 2_000, cpusMillis: 9_000 }, { gpuMillis: 700 }]);
    expect(placement.explain(0).shortfalls).toEqual([
      { resource: "cpus", agents: 3, leastMillis: 1_000 },
      { resource: "gpus", agents: 2, leastMillis: 2_000 },
    ]);
  });

  test("tells of now when the cluster has changed since, and says so", () => {
    const cluster = new PlacementCluster({ agents: agents.slice(0, 1) });
    const placement = cluster.place([{ id: "big", cpusMillis: 3_000 }]);
    cluster.addAgents([{ id: "d", cpusMillis: 3_000, memMillis: 0 }]);
    const refusal = placement.explain(0);
    expect(refusal).toMatchObject({
      taskId: "big",
      taskIndex: 0,
      asOf: "now",
      fitting: 1,
      agents: 2,
    });
    expect(refusal.text).toContain("fits now on 1 agent");
  });
});
