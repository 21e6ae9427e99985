import { describe, expect, test } from "vitest";
import { A_YEAR_MS, Cluster, KERNELS, plain } from "./cluster.ts";

describe.each(KERNELS)("suppress and revive (%s)", (kernel) => {
  test("SuppressAndReviveOffers: no offers until the framework revives", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f", "role");
    cluster.allocator.suppress("f");
    cluster.agent("a1", "cpus:2");
    expect(cluster.run()).toEqual([]);
    cluster.allocator.revive("f");
    expect(cluster.run()).toEqual(["f role a1 cpus:2"]);
  });

  test("SuppressAndReviveOffers: what is outstanding stays, and suppressing twice is one", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f", "role");
    cluster.agent("a1", "cpus:2");
    cluster.run();
    cluster.allocator.suppress("f");
    cluster.allocator.suppress("f");
    expect(cluster.allocator.stats().offersOutstanding).toBe(1);
    cluster.accept({ used: "cpus:2" });
    cluster.agent("a2", "cpus:2");
    expect(cluster.run()).toEqual([]);
    cluster.allocator.revive("f");
    expect(cluster.run()).toEqual(["f role a2 cpus:2"]);
  });

  test("SuppressAndReviveOffersWithMultiRole: each role by itself", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f", ["r1", "r2"]);
    cluster.agent("a1", "cpus:2");
    expect(cluster.run()).toEqual(["f r1 a1 cpus:2"]);
    cluster.allocator.suppress("f", ["r1"]);
    cluster.declineAll(0);
    expect(cluster.run()).toEqual(["f r2 a1 cpus:2"]);
    cluster.allocator.suppress("f", ["r2"]);
    cluster.declineAll(0);
    expect(cluster.run()).toEqual([]);
    cluster.allocator.revive("f", ["r1"]);
    expect(cluster.run()).toEqual(["f r1 a1 cpus:2"]);
  });

  test("multi-role: every offer is for one role, and says so in its resources", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f", ["r1", "r2"], { capabilities: ["MULTI_ROLE"] });
    cluster.agent("a1", "cpus:2;cpus(r2):1");
    cluster.run();
    expect(cluster.offers.map(({ role }) => role)).toEqual(["r1", "r2"]);
    for (const { role, resources } of cluster.offers) {
      for (const { allocationRole } of resources) expect(allocationRole).toBe(role);
    }
  });

  test("suppressedRoles: roles may start suppressed, and an update may change them", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f", ["r1", "r2"], { suppressedRoles: ["r1"] });
    cluster.agent("a1", "cpus:2");
    expect(cluster.run()).toEqual(["f r2 a1 cpus:2"]);
    cluster.declineAll(0);
    cluster.allocator.updateFramework("f", { suppressedRoles: ["r2"] });
    expect(cluster.run()).toEqual(["f r1 a1 cpus:2"]);
  });

  test("DeactivateAndReactivateFramework: offers are rescinded, tasks stay, suppression too", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f", "role");
    cluster.agent("a1", "cpus:2");
    cluster.agent("a2", "cpus:1");
    cluster.run();
    const [task, offer] = cluster.offers;
    cluster.allocator.accept(task!.handle, { used: task!.resources });
    expect(cluster.allocator.deactivateFramework("f")).toEqual([offer!.handle]);
    expect(cluster.run()).toEqual([]);
    expect(plain(cluster.role("role").allocated)).toBe(plain(task!.resources.unallocate()));
    cluster.allocator.suppress("f");
    cluster.allocator.activateFramework("f");
    expect(cluster.run()).toEqual([]);
    cluster.allocator.revive("f");
    expect(cluster.run()).toHaveLength(1);
  });

  test("active: false: a framework may start deactivated", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f", "role", { active: false });
    cluster.agent("a1", "cpus:2");
    expect(cluster.run()).toEqual([]);
    cluster.allocator.activateFramework("f");
    expect(cluster.run()).toEqual(["f role a1 cpus:2"]);
  });

  test("updateFramework: a role that is left loses its offers, not its tasks", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f", ["r1", "r2"]);
    cluster.agent("a1", "cpus:2");
    cluster.run();
    cluster.accept({ used: "cpus:1", refuseMs: 0 });
    expect(cluster.run()).toEqual(["f r2 a1 cpus:1"]);
    cluster.declineAll(0);
    cluster.allocator.suppress("f", ["r2"]);
    expect(cluster.run()).toEqual(["f r1 a1 cpus:1"]);
    const rescinded = cluster.allocator.updateFramework("f", { roles: ["r2"] });
    expect(rescinded).toEqual([cluster.handle()]);
    expect(plain(cluster.role("r1").allocated)).toBe("cpus:1");
    cluster.allocator.revive("f");
    expect(cluster.run()).toEqual(["f r2 a1 cpus:1"]);
    cluster.allocator.release({
      agentId: "a1",
      frameworkId: "f",
      role: "r1",
      resources: "cpus:1",
    });
    expect(cluster.allocator.shares().map(({ role }) => role)).toEqual(["r2"]);
  });

  test("removeFramework: offers are rescinded, and what it used goes to others", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f1", "role");
    cluster.agent("a1", "cpus:2");
    cluster.run();
    cluster.accept({ used: "cpus:1", refuseMs: A_YEAR_MS });
    cluster.framework("f2", "role");
    expect(cluster.run()).toEqual(["f2 role a1 cpus:1"]);
    cluster.declineAll(0);
    expect(cluster.allocator.removeFramework("f1")).toEqual([]);
    expect(cluster.run()).toEqual(["f2 role a1 cpus:2"]);
    expect(cluster.allocator.removeFramework("f2")).toEqual([cluster.handle()]);
    expect(cluster.allocator.stats()).toMatchObject({ frameworks: 0, offersOutstanding: 0 });
  });
});
