import { describe, expect, test } from "vitest";
import { Cluster, held, KERNELS } from "./cluster.ts";

describe.each(KERNELS)("recovery pause (%s)", (kernel) => {
  test("nothing is allocated or counted before 80 % of the known agents are back", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f", "role");
    cluster.allocator.expectAgents({ count: 5 });
    for (const id of ["a1", "a2", "a3"]) cluster.agent(id, "cpus:1");
    expect(cluster.run()).toEqual([]);
    expect(cluster.allocator.run().cycle).toBe(0);
    expect(cluster.allocator.stats().cycle).toBe(0);
    cluster.agent("a4", "cpus:1");
    expect(cluster.run()).toHaveLength(4);
    expect(cluster.allocator.stats().cycle).toBe(1);
  });

  test("after 10 minutes it is over, whoever is back", async () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f", "role");
    cluster.allocator.expectAgents({ count: 5 });
    cluster.agent("a1", "cpus:1");
    await cluster.clock.advance(599_999);
    expect(cluster.run()).toEqual([]);
    await cluster.clock.advance(1);
    expect(cluster.run()).toEqual(["f role a1 cpus:1"]);
  });

  test("factor and timeout can be chosen; expecting nobody is no pause", async () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f", "role");
    cluster.agent("a1", "cpus:1");
    cluster.allocator.expectAgents({ count: 0 });
    expect(cluster.run()).toHaveLength(1);
    cluster.declineAll(0);
    cluster.allocator.expectAgents({ count: 2, factor: 0.5, timeoutMs: 100 });
    expect(cluster.run()).toEqual([]);
    cluster.agent("a2", "cpus:1");
    expect(cluster.run()).toHaveLength(2);
    cluster.declineAll(0);
    cluster.allocator.expectAgents({ count: 2, factor: 1, timeoutMs: 100 });
    await cluster.clock.advance(100);
    expect(cluster.run()).toHaveLength(2);
  });

  test("calls count during the pause, so that guarantees hold when it is over", () => {
    const cluster = new Cluster(kernel);
    cluster.allocator.expectAgents({ count: 2, factor: 1 });
    cluster.quota("q", "cpus:2");
    cluster.framework("f", "other");
    cluster.agent("a1", "cpus:1", { used: [held("back", "q", "cpus:1")] });
    expect(cluster.run()).toEqual([]);
    cluster.agent("a2", "cpus:3");
    // q holds 1 of 2 on a1, although its framework is not back: 1 more is kept
    expect(cluster.run()).toEqual(["f other a2 cpus:2"]);
  });

  test("inverse offers wait, too", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f", "role");
    cluster.allocator.expectAgents({ count: 2, factor: 1 });
    cluster.agent("a1", "cpus:1", {
      used: [held("f", "role", "cpus:1")],
      unavailability: { startMs: 1 },
    });
    expect(cluster.allocator.run().inverseOffers).toEqual([]);
    cluster.agent("a2", "cpus:1");
    expect(cluster.allocator.run().inverseOffers).toHaveLength(1);
  });
});
