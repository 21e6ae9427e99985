import { describe, expect, test } from "vitest";
import { A_YEAR_MS, Cluster, held, KERNELS } from "./cluster.ts";

describe.each(KERNELS)("decline filters (%s)", (kernel) => {
  test("OfferFilter: a declined offer stays away for its time, and comes back after", async () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f", "role");
    cluster.agent("a1", "cpus:2;mem:1024");
    cluster.run();
    cluster.declineAll(10_000);
    expect(cluster.run()).toEqual([]);
    await cluster.clock.advance(9_999);
    expect(cluster.run()).toEqual([]);
    await cluster.clock.advance(1);
    expect(cluster.run()).toEqual(["f role a1 cpus:2;mem:1024"]);
  });

  test("SmallOfferFilterTimeout: a filter stands for one interval at least", async () => {
    const cluster = new Cluster(kernel, { intervalMs: 3_000 });
    cluster.framework("f", "role");
    cluster.agent("a1", "cpus:2;mem:1024");
    cluster.run();
    cluster.declineAll(1);
    await cluster.clock.advance(2_999);
    expect(cluster.run()).toEqual([]);
    await cluster.clock.advance(1);
    expect(cluster.run()).toHaveLength(1);
  });

  test("OfferFilter: refuseMs 0 makes no filter; none named makes 5 s; a year is the most", async () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f", "role");
    cluster.agent("a1", "cpus:2");
    cluster.run();
    cluster.declineAll(0);
    expect(cluster.allocator.stats().filters).toBe(0);
    expect(cluster.run()).toHaveLength(1);

    cluster.allocator.decline(cluster.handle());
    await cluster.clock.advance(4_999);
    expect(cluster.run()).toEqual([]);
    await cluster.clock.advance(1);
    expect(cluster.run()).toHaveLength(1);

    cluster.declineAll(Number.MAX_VALUE);
    await cluster.clock.advance(A_YEAR_MS - 1);
    expect(cluster.run()).toEqual([]);
    await cluster.clock.advance(1);
    expect(cluster.run()).toHaveLength(1);
  });

  test("OfferFilter: it hides the agent from that framework in that role only", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f1", ["r1", "r2"], { suppressedRoles: ["r2"] });
    cluster.agent("a1", "cpus:2");
    cluster.run();
    cluster.declineAll(A_YEAR_MS);
    cluster.agent("a2", "cpus:2");
    expect(cluster.run()).toEqual(["f1 r1 a2 cpus:2"]);
    cluster.allocator.revive("f1", ["r2"]);
    expect(cluster.run()).toEqual(["f1 r2 a1 cpus:2"]);
    cluster.declineAll(A_YEAR_MS);
    cluster.framework("f2", "r1");
    expect(cluster.run()).toEqual(["f2 r1 a1 cpus:2"]);
  });

  test("OfferFilter: it covers less than was refused, and not more", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("user", "u");
    cluster.allocator.suppress("user");
    cluster.agent("a1", "cpus:3;mem:300", { used: [held("user", "u", "cpus:1;mem:100")] });
    cluster.framework("f", "role");
    expect(cluster.run()).toEqual(["f role a1 cpus:2;mem:200"]);
    cluster.declineAll(A_YEAR_MS);

    cluster.framework("other", "r2");
    expect(cluster.run()).toEqual(["other r2 a1 cpus:2;mem:200"]);
    cluster.accept({ used: "cpus:1;mem:100", refuseMs: A_YEAR_MS });
    // what is free now is less than either refused
    expect(cluster.run()).toEqual([]);
    cluster.allocator.removeFramework("other");
    expect(cluster.run()).toEqual([]);
    cluster.allocator.release({ agentId: "a1", ...held("user", "u", "cpus:1;mem:100") });
    expect(cluster.run()).toEqual(["f role a1 cpus:3;mem:300"]);
  });

  test("OfferFilter: refused ports do not stand for others of the same number", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f", "role");
    cluster.agent("a1", "cpus:1;ports:[1-10]");
    cluster.run();
    cluster.declineAll(A_YEAR_MS);
    cluster.allocator.updateAgent("a1", { resources: "cpus:1;ports:[4-10]" });
    expect(cluster.run()).toEqual([]);
    cluster.allocator.updateAgent("a1", { resources: "cpus:1;ports:[11-13]" });
    expect(cluster.run()).toEqual(["f role a1 cpus:1;ports:[11-13]"]);
  });

  test("OfferFilter: refused unreserved resources do not stand for reserved ones", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f", "role");
    cluster.agent("a1", "cpus:4");
    cluster.run();
    cluster.declineAll(A_YEAR_MS);
    cluster.allocator.updateAgent("a1", { resources: "cpus(role):4" });
    expect(cluster.run()).toEqual(["f role a1 cpus(role):4"]);
  });

  test("OfferFilter: accepting a part refuses the rest for 5 s", async () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f", "role");
    cluster.agent("a1", "cpus:2;mem:1024");
    cluster.run();
    cluster.accept({ used: "cpus:1;mem:512" });
    expect(cluster.run()).toEqual([]);
    await cluster.clock.advance(5_000);
    expect(cluster.run()).toEqual(["f role a1 cpus:1;mem:512"]);
    cluster.accept({ used: "cpus:1;mem:512" });
    expect(cluster.allocator.stats().filters).toBe(0);
  });

  test("OfferFilter: the ninth filter on an agent ousts the one due first", async () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f", "role");
    cluster.agent("a1", "cpus:1");
    for (let cpus = 1; cpus <= 9; cpus++) {
      cluster.allocator.updateAgent("a1", { resources: `cpus:${cpus}` });
      expect(cluster.run()).toEqual([`f role a1 cpus:${cpus}`]);
      // the first is due last
      cluster.declineAll(100_000 - cpus * 1_000);
    }
    expect(cluster.allocator.stats().filters).toBe(8);
    await cluster.clock.advance(91_999);
    // of the ninth, which was due first when it came, nothing hides the nine cpus
    expect(cluster.run()).toEqual(["f role a1 cpus:9"]);
  });
});

describe.each(KERNELS)("removal of filters (%s)", (kernel) => {
  function filtered(): Cluster {
    const cluster = new Cluster(kernel);
    cluster.framework("f", ["r1", "r2"], { suppressedRoles: ["r2"] });
    cluster.agent("a1", "cpus:2;mem:1024");
    cluster.run();
    cluster.declineAll(A_YEAR_MS);
    expect(cluster.run()).toEqual([]);
    expect(cluster.allocator.stats().filters).toBe(1);
    return cluster;
  }

  test("ReviveOffers: REVIVE removes the filters of its roles", () => {
    const cluster = filtered();
    cluster.allocator.revive("f", ["r1"]);
    expect(cluster.allocator.stats().filters).toBe(0);
    expect(cluster.run()).toEqual(["f r1 a1 cpus:2;mem:1024"]);
  });

  test("ReviveOffers: REVIVE of another role leaves them", () => {
    const cluster = filtered();
    cluster.allocator.revive("f", ["r2"]);
    expect(cluster.allocator.stats().filters).toBe(1);
    expect(cluster.run()).toEqual(["f r2 a1 cpus:2;mem:1024"]);
  });

  test("RemoveFilters: deactivating the framework removes them", () => {
    const cluster = filtered();
    cluster.allocator.deactivateFramework("f");
    expect(cluster.allocator.stats().filters).toBe(0);
    cluster.allocator.activateFramework("f");
    expect(cluster.run()).toEqual(["f r1 a1 cpus:2;mem:1024"]);
  });

  test.each([
    ["attributes", { attributes: { rack: "2" } }, 0],
    ["hostname", { hostname: "renamed" }, 0],
    ["domain", { domain: { region: "r", zone: "z" } }, 0],
    ["attributes that are the same", { attributes: {} }, 1],
    ["capabilities", { capabilities: ["MULTI_ROLE" as const] }, 1],
  ])("RemoveFilters: after an agent's update of %s", (_, update, left) => {
    const cluster = filtered();
    cluster.allocator.updateAgent("a1", update);
    expect(cluster.allocator.stats().filters).toBe(left);
    expect(cluster.run()).toHaveLength(1 - left);
  });

  test("RemoveFilters: an agent that comes back has none", () => {
    const cluster = filtered();
    cluster.allocator.removeAgent("a1");
    expect(cluster.allocator.stats().filters).toBe(0);
    cluster.agent("a1", "cpus:2;mem:1024");
    expect(cluster.run()).toHaveLength(1);
  });

  test("RemoveFilters: leaving the role or the cluster removes them", () => {
    const cluster = filtered();
    cluster.allocator.updateFramework("f", { roles: ["r2"], suppressedRoles: [] });
    expect(cluster.allocator.stats().filters).toBe(0);
    cluster.run();
    cluster.declineAll(A_YEAR_MS);
    expect(cluster.allocator.stats().filters).toBe(1);
    cluster.allocator.removeFramework("f");
    expect(cluster.allocator.stats().filters).toBe(0);
  });

  test("RemoveFilters: deactivating an agent keeps them", () => {
    const cluster = filtered();
    cluster.allocator.deactivateAgent("a1");
    cluster.allocator.activateAgent("a1");
    expect(cluster.run()).toEqual([]);
  });
});
