import { describe, expect, test } from "vitest";
import { Cluster, KERNELS, type Kernel } from "./cluster.ts";
import { Sorter } from "./sorting.ts";

const SEEDS = Array.from({ length: 40 }, (_, i) => i * 7919 + 1);
const RUNS_A_SEED = 50;
const SAMPLES = SEEDS.length * RUNS_A_SEED;

/** How often (of 1) each role stood at each place, over all seeds. */
function places(kernel: Kernel, weights: Record<string, number>): Map<string, number[]> {
  const roles = Object.keys(weights).filter((role) => role !== "c");
  const counts = new Map(roles.map((role) => [role, roles.map(() => 0)]));
  for (const seed of SEEDS) {
    const sorter = new Sorter(kernel, "cpus:100", { seed, sorter: "random" });
    for (const role of roles) sorter.add(role);
    for (const [role, weight] of Object.entries(weights)) sorter.allocator.setWeight(role, weight);
    for (let run = 0; run < RUNS_A_SEED; run++) {
      sorter.order().forEach((role, place) => {
        counts.get(role)![place]! += 1;
      });
    }
  }
  return new Map(Array.from(counts, ([role, row]) => [role, row.map((n) => n / SAMPLES)]));
}

/** Four and a half standard deviations of a binomial distribution. */
function expectNear(actual: readonly number[], expected: readonly number[]): void {
  expected.forEach((p, place) => {
    const bound = 4.5 * Math.sqrt((p * (1 - p)) / SAMPLES);
    expect(Math.abs(actual[place]! - p), `place ${place}: ${actual[place]}`).toBeLessThan(bound);
  });
}

describe.each(KERNELS)("random sorter (%s)", (kernel) => {
  test("ProbabilityDistribution: each place is drawn by weight from those that are left", () => {
    const found = places(kernel, { r1: 1, r2: 2, r3: 3, r4: 4, r5: 5 });
    expectNear(found.get("r1")!, [0.0667, 0.0845, 0.1171, 0.1956, 0.5361]);
    expectNear(found.get("r2")!, [0.1333, 0.158, 0.1991, 0.2802, 0.2294]);
    expectNear(found.get("r3")!, [0.2, 0.2178, 0.2383, 0.2236, 0.1203]);
    expectNear(found.get("r4")!, [0.2667, 0.2601, 0.2326, 0.1704, 0.0702]);
    expectNear(found.get("r5")!, [0.3333, 0.2796, 0.2129, 0.1302, 0.044]);
  });

  test("HierarchicalProbabilityDistribution: drawn level by level, subtrees kept together", () => {
    const found = places(kernel, { a: 1, "a/b": 2, c: 2, "c/d": 1, "c/e": 2 });
    // a : c = 1 : 2; in a, the virtual leaf : b = 1 : 2; in c, d : e = 1 : 2
    expectNear(found.get("a")!, [0.1111, 0.2222, 0.2222, 0.4444]);
    expectNear(found.get("a/b")!, [0.2222, 0.1111, 0.4444, 0.2222]);
    expectNear(found.get("c/d")!, [0.2222, 0.4444, 0.1111, 0.2222]);
    expectNear(found.get("c/e")!, [0.4444, 0.2222, 0.2222, 0.1111]);
  });

  test("ProbabilityDistribution: frameworks of one role have equal chances", () => {
    const took = [0, 0, 0, 0];
    for (const seed of SEEDS) {
      const cluster = new Cluster(kernel, { seed, sorter: "random" });
      for (let i = 0; i < 4; i++) cluster.framework(`f${i}`, "role");
      cluster.agent("a1", "cpus:1;mem:1024");
      for (let run = 0; run < RUNS_A_SEED; run++) {
        cluster.run();
        took[Number(cluster.offers[0]!.frameworkId.slice(1))]! += 1;
        cluster.declineAll(0);
      }
    }
    expectNear(
      took.map((n) => n / SAMPLES),
      [0.25, 0.25, 0.25, 0.25],
    );
  });

  test("a high share starves nobody: who holds everything is drawn as often as others", () => {
    const took = { full: 0, idle: 0 };
    for (const seed of SEEDS) {
      const cluster = new Cluster(kernel, { seed, sorter: "random" });
      cluster.framework("full", "full");
      cluster.framework("idle", "idle");
      cluster.allocator.suppress("idle");
      cluster.agent("a1", "cpus:100;mem:1024");
      cluster.run();
      cluster.acceptAll();
      cluster.allocator.revive("idle");
      cluster.agent("a2", "cpus:1;mem:1024");
      for (let run = 0; run < RUNS_A_SEED; run++) {
        cluster.run();
        took[cluster.offers[0]!.role as "full" | "idle"] += 1;
        cluster.declineAll(0);
      }
    }
    expectNear([took.full / SAMPLES, took.idle / SAMPLES], [0.5, 0.5]);
  });

  test("RemoveLeafCollapseParent: the random sorter, too, walks active leaves only", () => {
    const sorter = new Sorter(kernel, "cpus:100", { sorter: "random" });
    for (const role of ["a", "b", "a/c"]) sorter.add(role);
    expect(sorter.order().sort()).toEqual(["a", "a/c", "b"]);
    sorter.remove("a/c");
    expect(sorter.order().sort()).toEqual(["a", "b"]);
    sorter.allocator.suppress("a");
    expect(sorter.order()).toEqual(["b"]);
  });
});
