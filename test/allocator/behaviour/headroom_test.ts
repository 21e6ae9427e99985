import { describe, expect, test } from "vitest";
import { A_YEAR_MS, Cluster, KERNELS, mount, revocable } from "./cluster.ts";

describe.each(KERNELS)("headroom (%s)", (kernel) => {
  test("QuotaAbsentFrameworkWholeAgent: a guarantee is kept free for a role without frameworks", () => {
    const cluster = new Cluster(kernel);
    cluster.quota("q", "cpus:2;mem:1024");
    cluster.framework("f", "other");
    cluster.agent("a1", "cpus:2;mem:1024");
    expect(cluster.run()).toEqual([]);
    cluster.agent("a2", "cpus:2;mem:1024");
    cluster.run();
    expect(cluster.offers.map(({ resources }) => String(resources.unallocate()))).toEqual([
      "cpus:2; mem:1024",
    ]);
    expect(cluster.run()).toEqual([]);
  });

  test("QuotaAbsentFramework: one agent is chopped, and the guarantee stays on it", () => {
    const cluster = new Cluster(kernel);
    cluster.quota("q", "cpus:1;mem:256");
    cluster.framework("f", "other");
    cluster.agent("a1", "cpus:4;mem:1024");
    expect(cluster.run()).toEqual(["f other a1 cpus:3;mem:768"]);
    cluster.framework("late", "q");
    expect(cluster.run()).toEqual(["late q a1 cpus:1;mem:256"]);
  });

  test("QuotaSetAsideReservedResources: others' reservations are no headroom", () => {
    const cluster = new Cluster(kernel);
    cluster.agent("a1", "cpus:4;mem:512");
    cluster.agent("a2", "cpus(other,):4;mem(other,):512");
    cluster.quota("q", "cpus:4;mem:512");
    cluster.framework("f1", "q");
    expect(cluster.run()).toEqual(["f1 q a1 cpus:4;mem:512"]);
    cluster.declineAll(A_YEAR_MS);
    expect(cluster.run()).toEqual([]);
    cluster.framework("f2", "other");
    expect(cluster.run()).toEqual(["f2 other a2 cpus(other,):4;mem(other,):512"]);
    cluster.declineAll(A_YEAR_MS);
    expect(cluster.run()).toEqual([]);
  });

  test("QuotaHeadroomWhenReservationsExceedQuota: one role's excess does not lower another's need", () => {
    const cluster = new Cluster(kernel);
    cluster.quota("q1", "cpus:1;mem:1024");
    cluster.quota("q2", "cpus:1;mem:1024");
    cluster.agent("a1", "cpus(q1):2;mem(q1):2048");
    cluster.agent("a2", "cpus:1;mem:1024");
    cluster.framework("f", "other");
    expect(cluster.run()).toEqual([]);
    cluster.agent("a3", "cpus:1;mem:1024");
    expect(cluster.run()).toHaveLength(1);
    expect(cluster.run()).toEqual([]);
  });

  test("NonQuotaRoleReservationWithQuotaRole: a role has its reservation in spite of headroom", () => {
    const cluster = new Cluster(kernel);
    cluster.quota("q", "cpus:1;mem:512");
    cluster.framework("f1", "q");
    cluster.agent("a1", "cpus:1;mem:512;cpus(other):1;mem(other):512");
    expect(cluster.run()).toEqual(["f1 q a1 cpus:1;mem:512"]);
    cluster.declineAll(A_YEAR_MS);
    cluster.framework("f2", "other");
    expect(cluster.run()).toEqual(["f2 other a1 cpus(other):1;mem(other):512"]);
  });

  test("QuotaHeadroomWithNestedRoleAllocation: what a subtree has is no headroom", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f1", "a/b");
    cluster.agent("a1", "cpus:1;mem:100");
    expect(cluster.run()).toEqual(["f1 a/b a1 cpus:1;mem:100"]);
    cluster.framework("f2", "a");
    cluster.agent("a2", "cpus:1;mem:100");
    expect(cluster.run()).toEqual(["f2 a a2 cpus:1;mem:100"]);
    cluster.quota("q", "cpus:1;mem:100");
    cluster.agent("a3", "cpus:1;mem:100");
    expect(cluster.run()).toEqual([]);
    cluster.agent("a4", "cpus:1;mem:100");
    expect(cluster.run()).toHaveLength(1);
    expect(cluster.run()).toEqual([]);
  });

  test("QuotaWithAncestorReservations: a reservation that a descendant has is allocated", () => {
    const cluster = new Cluster(kernel);
    cluster.quota("q", "cpus:1;mem:1024");
    cluster.agent("a1", "cpus(a):1;mem(a):1024");
    cluster.framework("f1", "a/b");
    expect(cluster.run()).toEqual(["f1 a/b a1 cpus(a):1;mem(a):1024"]);
    cluster.framework("f2", "other");
    expect(cluster.run()).toEqual([]);
    cluster.agent("a2", "cpus:1;mem:1024");
    cluster.agent("a3", "cpus:1;mem:1024");
    cluster.run();
    expect(cluster.offers.map(({ frameworkId }) => frameworkId)).toEqual(["f2"]);
  });

  test("QuotaRoleAllocateNonQuotaResource: kinds without quota go along as headroom lets them", () => {
    const cluster = new Cluster(kernel);
    cluster.quota("q1", "cpus:2");
    cluster.framework("f", "q1");
    cluster.agent("a1", "cpus:1;mem:1024;ports:[31000-32000]");
    expect(cluster.run()).toEqual(["f q1 a1 cpus:1;mem:1024;ports:[31000-32000]"]);
    cluster.quota("q2", "mem:1024");
    cluster.agent("a2", "cpus:1;mem:1024;ports:[31000-32000]");
    expect(cluster.run()).toEqual(["f q1 a2 cpus:1;ports:[31000-32000]"]);
  });

  test("revocable resources are no headroom, and no guarantee keeps them back", () => {
    const cluster = new Cluster(kernel);
    cluster.quota("q", "cpus:2");
    cluster.framework("f", "other", { capabilities: ["REVOCABLE_RESOURCES"] });
    cluster.agent("a1", `cpus:2;${revocable("cpus", 3)}`);
    expect(cluster.run()).toEqual(['f other a1 cpus:3 {"revocable":{}}']);
  });

  test("agents that are not eligible are no headroom (they are in Mesos)", () => {
    const cluster = new Cluster(kernel);
    cluster.quota("q", "cpus:2;mem:512");
    cluster.framework("f", "other");
    cluster.agent("a1", "cpus:2;mem:512");
    cluster.agent("a2", "cpus:2;mem:512", { active: false });
    expect(cluster.run()).toEqual([]);
    cluster.allocator.activateAgent("a2");
    expect(cluster.run()).toHaveLength(1);
  });

  test("a MOUNT disk is headroom, and stays whole where the surplus is smaller", () => {
    const cluster = new Cluster(kernel, { minAllocatable: [] });
    cluster.allocator.setQuota("q", { guarantees: "disk:60" });
    cluster.framework("f", "other");
    cluster.agent("a1", mount("m", 100));
    expect(cluster.run()).toEqual([]);
    cluster.agent("a2", mount("m", 100));
    // 200 are free and 60 are needed: one of the two can go
    expect(cluster.run()).toHaveLength(1);
    expect(cluster.offers[0]?.resources.quantities().get("disk")).toBe(100_000);
    expect(cluster.run()).toEqual([]);
  });

  test("bursting: surplus above all guarantees goes to whoever comes first", () => {
    const cluster = new Cluster(kernel);
    cluster.allocator.setQuota("q1", { guarantees: "cpus:1" });
    cluster.allocator.setQuota("q2", { guarantees: "cpus:2" });
    cluster.framework("f1", "q1");
    cluster.framework("f2", "q2");
    cluster.agent("a1", "cpus:6");
    // 6 free, 3 needed: f1 takes its 1 and the surplus of 3
    expect(cluster.run()).toEqual(["f1 q1 a1 cpus:4", "f2 q2 a1 cpus:2"]);
  });
});
