import { describe, expect, test } from "vitest";
import { A_YEAR_MS, Cluster, held, KERNELS, plain } from "./cluster.ts";

describe.each(KERNELS)("quota (%s)", (kernel) => {
  test("QuotaProvidesGuarantee: an unmet guarantee comes before a lower share", () => {
    const cluster = new Cluster(kernel);
    cluster.quota("q", "cpus:2;mem:1024");
    cluster.framework("f1", "q");
    cluster.framework("f2", "other");
    for (const id of ["a1", "a2"]) {
      cluster.agent(id, "cpus:1;mem:512");
      expect(cluster.run()).toEqual([`f1 q ${id} cpus:1;mem:512`]);
    }
    const handle = cluster.handle();
    cluster.agent("a3", "cpus:1;mem:512");
    expect(cluster.run()).toEqual(["f2 other a3 cpus:1;mem:512"]);
    // f1 loses an agent: its guarantee is unmet again
    cluster.allocator.rescind(handle);
    expect(cluster.run()).toEqual(["f1 q a2 cpus:1;mem:512"]);
  });

  test("QuotaProvidesLimit: a role at its limit gets nothing more", () => {
    const cluster = new Cluster(kernel);
    cluster.quota("q", "cpus:2;mem:1024");
    cluster.framework("f", "q");
    cluster.agent("a1", "cpus:1;mem:512");
    cluster.agent("a2", "cpus:1;mem:512");
    expect(cluster.run()).toHaveLength(2);
    cluster.agent("a3", "cpus:1;mem:512");
    expect(cluster.run()).toEqual([]);
    expect(plain(cluster.role("q").consumed)).toBe("cpus:2;mem:1024");
  });

  test("QuotaProvidesLimit: without a guarantee the limit binds, nothing is held back", () => {
    const cluster = new Cluster(kernel);
    cluster.allocator.setQuota("q", { limits: "cpus:3;mem:1024" });
    cluster.framework("f1", "q");
    cluster.framework("f2", "r");
    cluster.allocator.suppress("f2");
    cluster.agent("a1", "cpus:4;mem:4096");
    expect(cluster.run()).toEqual(["f1 q a1 cpus:3;mem:1024"]);
    cluster.allocator.revive("f2");
    expect(cluster.run()).toEqual(["f2 r a1 cpus:1;mem:3072"]);
  });

  test("QuotaProvidesLimit: a limit of 0 is a limit; a kind without a limit has none", () => {
    const cluster = new Cluster(kernel);
    cluster.allocator.setQuota("q", { limits: "cpus:0" });
    cluster.framework("f", "q");
    cluster.agent("a1", "cpus:4;mem:4096");
    expect(cluster.run()).toEqual(["f q a1 mem:4096"]);
  });

  test("RemoveQuota: what the limit held back goes out in the next run", () => {
    const cluster = new Cluster(kernel);
    cluster.quota("q", "cpus:1;mem:512");
    cluster.framework("f", "q");
    cluster.agent("a1", "cpus:2;mem:1024");
    expect(cluster.run()).toEqual(["f q a1 cpus:1;mem:512"]);
    expect(cluster.run()).toEqual([]);
    cluster.allocator.removeQuota("q");
    expect(cluster.run()).toEqual(["f q a1 cpus:1;mem:512"]);
  });

  test("UPDATE_QUOTA: a lower limit takes nothing away, and binds from then on", () => {
    const cluster = new Cluster(kernel);
    cluster.quota("q", "cpus:2;mem:1024");
    cluster.framework("f", "q");
    cluster.agent("a1", "cpus:2;mem:1024");
    expect(cluster.run()).toHaveLength(1);
    cluster.acceptAll();
    cluster.quota("q", "cpus:1;mem:512");
    cluster.agent("a2", "cpus:2;mem:1024");
    expect(cluster.run()).toEqual([]);
    const task = held("f", "q", "cpus:1.5;mem:768");
    cluster.allocator.release({ agentId: "a1", ...task });
    // 0.5 cpus and 256 mem are still used: as much is left
    cluster.run();
    const sum = cluster.offers.reduce((cpus, { resources }) => {
      return cpus + resources.quantities().get("cpus");
    }, 0);
    expect(sum).toBe(500);
  });

  test("MultipleFrameworksInRoleWithQuota: frameworks share their role's quota fairly", () => {
    const cluster = new Cluster(kernel);
    cluster.quota("q", "cpus:3;mem:1536");
    cluster.framework("f1", "q");
    cluster.framework("f2", "q");
    cluster.agent("a1", "cpus:1;mem:512");
    expect(cluster.run()).toEqual(["f1 q a1 cpus:1;mem:512"]);
    cluster.agent("a2", "cpus:2;mem:1024");
    expect(cluster.run()).toEqual(["f2 q a2 cpus:2;mem:1024"]);
    cluster.agent("a3", "cpus:1;mem:512");
    expect(cluster.run()).toEqual([]);
  });

  test("QuotaAgainstStarvation: a quota ends the circling of offers among the lower shares", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f1", "q");
    cluster.framework("f2", "other");
    cluster.agent("a1", "cpus:1;mem:512", { used: [held("f1", "q", "cpus:1;mem:512")] });
    cluster.agent("a2", "cpus:1;mem:512");
    for (let i = 0; i < 2; i++) {
      expect(cluster.run()).toEqual(["f2 other a2 cpus:1;mem:512"]);
      cluster.declineAll(0);
    }
    cluster.quota("q", "cpus:2;mem:1024");
    expect(cluster.run()).toEqual(["f1 q a2 cpus:1;mem:512"]);
  });

  test("MultiQuotaAbsentFrameworks: a quota nobody asks for does not stop another's", () => {
    const cluster = new Cluster(kernel);
    cluster.agent("a1", "cpus:2;mem:2048");
    cluster.quota("q1", "cpus:1;mem:1024");
    cluster.quota("q2", "cpus:2;mem:2048");
    cluster.framework("f", "q2");
    expect(cluster.run()).toEqual(["f q2 a1 cpus:2;mem:2048"]);
  });

  test("MultiQuotaWithFrameworks: a met quota of a lower share does not starve an unmet one", () => {
    const cluster = new Cluster(kernel);
    cluster.quota("q1", "cpus:1;mem:200");
    cluster.quota("q2", "cpus:2;mem:2000");
    cluster.framework("f1", "q1");
    cluster.framework("f2", "q2");
    const all = "cpus:1;mem:1024";
    cluster.agent("a1", all, { used: [held("f1", "q1", all)] });
    cluster.agent("a2", all, { used: [held("f2", "q2", all)] });
    cluster.agent("a3", "cpus:2;mem:2048");
    expect(cluster.run()).toEqual(["f2 q2 a3 cpus:1;mem:976"]);
  });

  test("DisproportionateQuotaVsAllocation: each kind goes up to its own limit", () => {
    const cluster = new Cluster(kernel);
    cluster.quota("q", "cpus:4;mem:1024");
    cluster.framework("f", "q");
    cluster.agent("a1", "cpus:2;mem:1024");
    expect(cluster.run()).toEqual(["f q a1 cpus:2;mem:1024"]);
    cluster.agent("a2", "cpus:2;mem:1024");
    expect(cluster.run()).toEqual(["f q a2 cpus:2"]);
  });

  test("ReservationUnallocated: a reservation counts against quota although nobody has it", () => {
    const cluster = new Cluster(kernel);
    cluster.quota("q", "cpus:2;mem:1024");
    cluster.framework("f", "q");
    cluster.agent("a1", "cpus(q):2;mem(q):1024");
    expect(cluster.run()).toEqual(["f q a1 cpus(q):2;mem(q):1024"]);
    cluster.declineAll(A_YEAR_MS);
    cluster.agent("a2", "cpus:2;mem:1024");
    expect(cluster.run()).toEqual([]);
  });

  test("ReservationAllocated: a reservation counts once, allocated or not", () => {
    const cluster = new Cluster(kernel);
    cluster.quota("q", "cpus:4;mem:2048");
    cluster.framework("f", "q");
    cluster.agent("a1", "cpus(q):2;mem(q):1024");
    expect(cluster.run()).toHaveLength(1);
    cluster.agent("a2", "cpus:2;mem:1024");
    expect(cluster.run()).toEqual(["f q a2 cpus:2;mem:1024"]);
    cluster.agent("a3", "cpus:2;mem:1024");
    expect(cluster.run()).toEqual([]);
    expect(plain(cluster.role("q").consumed)).toBe("cpus:4;mem:2048");
  });

  test("ReservationWithinQuota: reserved resources in use meet a guarantee", () => {
    const cluster = new Cluster(kernel);
    cluster.quota("q", "cpus:2;mem:256");
    cluster.framework("f1", "q");
    cluster.framework("f2", "other");
    cluster.agent("a1", "cpus:8;mem(q):256", {
      used: [held("f1", "q", "cpus:2;mem(q):256")],
    });
    expect(cluster.run()).toEqual(["f2 other a1 cpus:6"]);
    cluster.agent("a2", "cpus:4");
    expect(cluster.run()).toEqual(["f2 other a2 cpus:4"]);
  });

  test("QuotaAccounting(Un)reserveAllocatedResources: (un)reserving what is held changes nothing", () => {
    const cluster = new Cluster(kernel);
    cluster.quota("q", "cpus:2;mem:1024");
    cluster.framework("f", "q");
    cluster.agent("a1", "cpus:1;mem:512");
    cluster.run();
    const free = held("f", "q", "cpus:1;mem:512").resources;
    const reserved = held("f", "q", "cpus(q,):1;mem(q,):512").resources;
    cluster.accept({ used: reserved, converted: [{ from: free, to: reserved }] });
    expect(plain(cluster.role("q").consumed)).toBe("cpus:1;mem:512");
    cluster.agent("a2", "cpus:2;mem:1024");
    expect(cluster.run()).toEqual(["f q a2 cpus:1;mem:512"]);
    cluster.acceptAll();
    cluster.allocator.release({ agentId: "a1", frameworkId: "f", role: "q", resources: reserved });
    expect(plain(cluster.role("q").consumed)).toBe("cpus:2;mem:1024");
    expect(cluster.run()).toEqual(["f q a1 cpus(q,):1;mem(q,):512"]);
    cluster.accept({ used: free, converted: [{ from: reserved, to: free }] });
    expect(plain(cluster.role("q").consumed)).toBe("cpus:2;mem:1024");
    expect(cluster.run()).toEqual([]);
  });
});

describe.each(KERNELS)("nested quota (%s)", (kernel) => {
  test("QuotaWithNestedRoleReservation: a child's reservation counts for its parent", () => {
    const cluster = new Cluster(kernel);
    cluster.quota("a", "cpus:2;mem:200");
    cluster.agent("a1", "cpus(a/b):1;mem(a/b):100");
    cluster.agent("a2", "cpus:10;mem:1000");
    cluster.framework("f", "a");
    expect(cluster.run()).toEqual(["f a a2 cpus:1;mem:100"]);
  });

  test("QuotaWithNestedRoleAllocation: a parent's limit binds its children (not so in Mesos)", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f1", "a/b");
    cluster.agent("a1", "cpus:1;mem:1024");
    expect(cluster.run()).toEqual(["f1 a/b a1 cpus:1;mem:1024"]);
    cluster.quota("a", "cpus:1;mem:1024");
    cluster.framework("f2", "a");
    cluster.agent("a2", "cpus:1;mem:1024");
    expect(cluster.run()).toEqual([]);
  });

  test("NestedRoleQuota: a child's guarantee is kept out of its sibling's reach", () => {
    const cluster = new Cluster(kernel);
    cluster.allocator.setQuota("eng", { guarantees: "cpus:4" });
    cluster.allocator.setQuota("eng/web", { guarantees: "cpus:3" });
    cluster.framework("db", "eng/db");
    cluster.agent("a1", "cpus:4");
    // eng is sure of 4, and 3 of them are for eng/web
    expect(cluster.run()).toEqual(["db eng/db a1 cpus:1"]);
    cluster.framework("web", "eng/web");
    expect(cluster.run()).toEqual(["web eng/web a1 cpus:3"]);
  });

  test("NestedRoleQuotaAllocateToParent: the parent itself has what its children do not", () => {
    const cluster = new Cluster(kernel);
    cluster.allocator.setQuota("eng", { guarantees: "cpus:4" });
    cluster.allocator.setQuota("eng/web", { guarantees: "cpus:3" });
    cluster.framework("boss", "eng");
    cluster.framework("other", "other");
    cluster.agent("a1", "cpus:5");
    // 1 is the parent's part, and 1 is surplus, which goes with it
    expect(cluster.run()).toEqual(["boss eng a1 cpus:2"]);
    expect(cluster.run()).toEqual([]);
  });

  test("NestedQuotaAccounting: a child's quota is part of its parent's, not added to it", () => {
    const cluster = new Cluster(kernel);
    cluster.allocator.setQuota("eng", { guarantees: "cpus:2" });
    cluster.allocator.setQuota("eng/web", { guarantees: "cpus:2" });
    cluster.framework("other", "other");
    cluster.agent("a1", "cpus:3");
    expect(cluster.run()).toEqual(["other other a1 cpus:1"]);
  });

  test("NestedRoleQuota: the tightest limit of role and ancestors binds", () => {
    const cluster = new Cluster(kernel);
    cluster.allocator.setQuota("eng", { limits: "cpus:3" });
    cluster.allocator.setQuota("eng/web", { limits: "cpus:2" });
    cluster.framework("web", "eng/web/blue");
    cluster.framework("db", "eng/db");
    cluster.agent("a1", "cpus:4");
    expect(cluster.run()).toEqual(["db eng/db a1 cpus:3"]);
    cluster.allocator.suppress("db");
    cluster.declineAll(0);
    expect(cluster.run()).toEqual(["web eng/web/blue a1 cpus:2"]);
    cluster.allocator.revive("db");
    expect(cluster.run()).toEqual(["db eng/db a1 cpus:1"]);
    expect(cluster.run()).toEqual([]);
  });
});
