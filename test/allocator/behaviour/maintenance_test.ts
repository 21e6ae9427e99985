import { describe, expect, test } from "vitest";
import { A_YEAR_MS, Cluster, held, KERNELS } from "./cluster.ts";

const WINDOW = { startMs: 60_000, durationMs: 3_600_000 };

/** A run's inverse offers as "framework agent". */
function inverse({ allocator }: Cluster): string[] {
  const { inverseOffers } = allocator.run();
  return inverseOffers.map(({ frameworkId, agentId }) => `${frameworkId} ${agentId}`);
}

describe.each(KERNELS)("maintenance (%s)", (kernel) => {
  test("MaintenanceInverseOffers: who holds something is asked for it, who declined is not", () => {
    const cluster = new Cluster(kernel);
    cluster.agent("a1", "cpus:2;mem:1024");
    cluster.framework("f", "*");
    cluster.run();
    cluster.agent("a2", "cpus:2;mem:1024");
    cluster.run();
    cluster.declineAll(A_YEAR_MS);
    cluster.allocator.setUnavailability("a1", WINDOW);
    cluster.allocator.setUnavailability("a2", WINDOW);
    expect(cluster.allocator.run().inverseOffers).toEqual([
      { agentId: "a1", frameworkId: "f", unavailability: WINDOW },
    ]);
    expect(inverse(cluster)).toEqual([]);
  });

  test("MaintenanceInverseOffers: one at most is outstanding for a framework and agent", () => {
    const cluster = new Cluster(kernel);
    const all = [held("f1", "r", "cpus:1"), held("f2", "r", "cpus:1")];
    cluster.framework("f1", "r");
    cluster.framework("f2", "r");
    cluster.agent("a1", "cpus:2", { used: all, unavailability: WINDOW });
    expect(inverse(cluster)).toEqual(["f1 a1", "f2 a1"]);
    expect(inverse(cluster)).toEqual([]);
    expect([...cluster.allocator.inverseOfferStatuses("a1")]).toEqual([
      ["f1", "UNKNOWN"],
      ["f2", "UNKNOWN"],
    ]);
  });

  test("MaintenanceInverseOffers: answers are kept, and their filter runs out", async () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f", "r");
    cluster.agent("a1", "cpus:2", { used: [held("f", "r", "cpus:1")], unavailability: WINDOW });
    inverse(cluster);
    cluster.allocator.answerInverseOffer("a1", "f", "DECLINE", { refuseMs: 10_000 });
    expect(cluster.allocator.inverseOfferStatuses("a1").get("f")).toBe("DECLINE");
    await cluster.clock.advance(9_999);
    expect(inverse(cluster)).toEqual([]);
    await cluster.clock.advance(1);
    expect(inverse(cluster)).toEqual(["f a1"]);
    cluster.allocator.answerInverseOffer("a1", "f", "ACCEPT", { refuseMs: A_YEAR_MS });
    expect(cluster.allocator.inverseOfferStatuses("a1").get("f")).toBe("ACCEPT");
  });

  test("updateUnavailability: a new window asks again, none asks no more", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f", "r");
    cluster.agent("a1", "cpus:2", { used: [held("f", "r", "cpus:1")], unavailability: WINDOW });
    inverse(cluster);
    cluster.allocator.answerInverseOffer("a1", "f", "ACCEPT", { refuseMs: A_YEAR_MS });
    cluster.allocator.setUnavailability("a1", { startMs: 120_000 });
    expect([...cluster.allocator.inverseOfferStatuses("a1")]).toEqual([]);
    expect(cluster.allocator.run().inverseOffers).toEqual([
      { agentId: "a1", frameworkId: "f", unavailability: { startMs: 120_000 } },
    ]);
    cluster.allocator.setUnavailability("a1", undefined);
    expect(inverse(cluster)).toEqual([]);
    expect([...cluster.allocator.inverseOfferStatuses("a1")]).toEqual([]);
  });

  test("AddAgentWithUnknownFrameworkAndMaintenance: a framework not registered is not asked", () => {
    const cluster = new Cluster(kernel);
    cluster.agent("a1", "cpus:2;mem:1024", {
      used: [held("unknown", "role", "cpus:2;mem:1024")],
      unavailability: WINDOW,
    });
    cluster.framework("f", "role");
    cluster.agent("a2", "cpus:2;mem:1024");
    expect(cluster.run()).toEqual(["f role a2 cpus:2;mem:1024"]);
    cluster.allocator.setUnavailability("a2", WINDOW);
    expect(inverse(cluster)).toEqual(["f a2"]);
    cluster.framework("unknown", "role");
    expect(inverse(cluster)).toEqual(["unknown a1"]);
  });

  test("an agent under maintenance is still offered", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f", "r");
    cluster.agent("a1", "cpus:2", { unavailability: WINDOW });
    expect(cluster.run()).toEqual(["f r a1 cpus:2"]);
  });
});
