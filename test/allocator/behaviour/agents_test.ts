import { describe, expect, test } from "vitest";
import { A_YEAR_MS, Cluster, held, KERNELS, plain } from "./cluster.ts";

describe.each(KERNELS)("agents (%s)", (kernel) => {
  test("Whitelist: only agents on it are offered, and an empty one offers none", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f", "role");
    cluster.allocator.setWhitelist(["a1", "later"]);
    cluster.agent("a1", "cpus:1");
    cluster.agent("a2", "cpus:2");
    expect(cluster.run()).toEqual(["f role a1 cpus:1"]);
    cluster.agent("later", "cpus:3");
    expect(cluster.run()).toEqual(["f role later cpus:3"]);
    cluster.declineAll(0);
    cluster.allocator.setWhitelist([]);
    expect(cluster.run()).toEqual([]);
    cluster.allocator.setWhitelist(undefined);
    expect(cluster.run()).toHaveLength(2);
  });

  test("(de)activation: a deactivated agent is accounted for and not offered", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f", "role");
    cluster.agent("a1", "cpus:1", { active: false });
    expect(cluster.run()).toEqual([]);
    expect(plain(cluster.allocator.total())).toBe("cpus:1");
    cluster.allocator.activateAgent("a1");
    expect(cluster.run()).toEqual(["f role a1 cpus:1"]);
    cluster.allocator.deactivateAgent("a1");
    // nothing is rescinded
    expect(cluster.allocator.stats().offersOutstanding).toBe(1);
    cluster.declineAll(0);
    expect(cluster.run()).toEqual([]);
  });

  test("(de)activation and whitelist are two gates", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f", "role");
    cluster.agent("a1", "cpus:1");
    cluster.allocator.deactivateAgent("a1");
    cluster.allocator.setWhitelist(["a1"]);
    expect(cluster.run()).toEqual([]);
    cluster.allocator.activateAgent("a1");
    cluster.allocator.setWhitelist([]);
    expect(cluster.run()).toEqual([]);
    cluster.allocator.setWhitelist(["a1"]);
    expect(cluster.run()).toHaveLength(1);
  });

  test("UpdateSlaveTotalResources: an agent grows and shrinks, also below what is used", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f", "role");
    cluster.agent("a1", "cpus:100;mem:100");
    cluster.run();
    cluster.acceptAll();
    cluster.allocator.updateAgent("a1", { resources: "cpus:150;mem:150" });
    expect(cluster.run()).toEqual(["f role a1 cpus:50;mem:50"]);
    cluster.acceptAll();
    cluster.allocator.updateAgent("a1", { resources: "cpus:120;mem:160" });
    expect(plain(cluster.allocator.total())).toBe("cpus:120;mem:160");
    expect(cluster.run()).toEqual([]);
    cluster.allocator.release({ agentId: "a1", ...held("f", "role", "cpus:50;mem:50") });
    // 120 of 100 used: 20 are free; 160 of 100: 60
    expect(cluster.run()).toEqual(["f role a1 cpus:20;mem:60"]);
  });

  test("UpdateSlaveTotalResources: the agent's offers are rescinded first", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f", "role");
    cluster.agent("a1", "cpus:1");
    cluster.agent("a2", "cpus:1");
    cluster.run();
    const { handle } = cluster.offers.find(({ agentId }) => agentId === "a1")!;
    expect(cluster.allocator.updateAgent("a1", { resources: "cpus:2" })).toEqual([handle]);
    expect(cluster.run()).toEqual(["f role a1 cpus:2"]);
    expect(cluster.allocator.updateAgent("a1", { attributes: { rack: "1" } })).toEqual([]);
  });

  test("RemoveSlaveRecoverResources: what was used on a removed agent leaves the shares", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f1", "r1");
    cluster.agent("a1", "cpus:4;mem:1024");
    cluster.run();
    cluster.acceptAll();
    cluster.framework("f2", "r2");
    cluster.agent("a2", "cpus:1;mem:256");
    expect(cluster.run()).toEqual(["f2 r2 a2 cpus:1;mem:256"]);
    expect(cluster.allocator.removeAgent("a1")).toEqual([]);
    expect(plain(cluster.role("r1").allocated)).toBe("");
    cluster.agent("a3", "cpus:1;mem:256");
    expect(cluster.run()).toEqual(["f1 r1 a3 cpus:1;mem:256"]);
    expect(cluster.allocator.removeAgent("a3")).toEqual([cluster.handle()]);
    expect(plain(cluster.allocator.total())).toBe("cpus:1;mem:256");
  });

  test("AddAgentWithUnknownFramework: what it uses counts, and is there when it registers", () => {
    const cluster = new Cluster(kernel);
    cluster.agent("a1", "cpus:4", { used: [held("back", "role", "cpus:3")] });
    expect(plain(cluster.role("role").allocated)).toBe("cpus:3");
    cluster.framework("other", "role");
    expect(cluster.run()).toEqual(["other role a1 cpus:1"]);
    cluster.framework("back", "role");
    expect(cluster.role("role").frameworks).toMatchObject([
      { id: "back", share: 0.75 },
      { id: "other", share: 0.25 },
    ]);
    cluster.allocator.release({ agentId: "a1", ...held("back", "role", "cpus:3") });
    expect(cluster.run()).toEqual(["back role a1 cpus:3"]);
  });

  test("NoDoubleAccounting: used resources count once, before or after registration", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f1", "r1");
    cluster.agent("a1", "cpus:1", { used: [held("f1", "r1", "cpus:1")] });
    cluster.agent("a2", "cpus:1", { used: [held("f2", "r2", "cpus:1")] });
    cluster.framework("f2", "r2");
    expect(cluster.allocator.shares().map(({ role, share }) => [role, share])).toEqual([
      ["r1", 0.5],
      ["r2", 0.5],
    ]);
  });

  test("AddResourceProvider: an agent grows by a provider's resources, used ones included", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f", "role");
    cluster.agent("a1", "cpus:1;mem:100;disk:10");
    cluster.run();
    cluster.acceptAll();
    const disk = 'disk:10 {"provider_id":{"value":"csi"}}';
    cluster.allocator.addResourceProvider("a1", `cpus:1;${disk}`, [held("f", "role", disk)]);
    expect(plain(cluster.allocator.total())).toBe("cpus:2;disk:20;mem:100");
    expect(cluster.run()).toEqual(["f role a1 cpus:1"]);
    cluster.declineAll(0);
    cluster.allocator.release({ agentId: "a1", ...held("f", "role", disk) });
    expect(cluster.run()).toEqual([`f role a1 cpus:1;${disk}`]);
  });

  test("AddResourceProviderOverallocated: use without resources takes from what is free", () => {
    const cluster = new Cluster(kernel);
    cluster.agent("a1", "cpus:2;mem:200;disk:20");
    cluster.framework("f", "role", { active: false });
    const half = "cpus:1;mem:100;disk:10";
    cluster.allocator.addResourceProvider("a1", "", [held("f", "role", half)]);
    cluster.allocator.activateFramework("f");
    expect(cluster.run()).toEqual(["f role a1 cpus:1;disk:10;mem:100"]);
  });

  test("removeResourceProvider: an agent shrinks by what is free of it", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f", "role");
    cluster.agent("a1", "cpus:1;disk:10");
    cluster.allocator.addResourceProvider("a1", "disk:5");
    cluster.allocator.removeResourceProvider("a1", "disk:5");
    expect(cluster.run()).toEqual(["f role a1 cpus:1;disk:10"]);
  });

  test("RecoverResources: released and declined resources are offered again", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f", "role");
    cluster.agent("a1", "cpus:2;mem:1024;ports:[1-10]");
    cluster.run();
    cluster.accept({ used: "cpus:1;ports:[3-5]", refuseMs: 0 });
    expect(cluster.run()).toEqual(["f role a1 cpus:1;mem:1024;ports:[1-2, 6-10]"]);
    cluster.declineAll(0);
    cluster.allocator.release({ agentId: "a1", ...held("f", "role", "cpus:1;ports:[4-4]") });
    expect(cluster.run()).toEqual(["f role a1 cpus:2;mem:1024;ports:[1-2, 4-4, 6-10]"]);
  });

  test("CoarseGrained: an agent goes to one framework whole", () => {
    const cluster = new Cluster(kernel);
    cluster.agent("a1", "cpus:2;mem:1024");
    cluster.agent("a2", "cpus:2;mem:1024");
    cluster.framework("f1", "*");
    cluster.framework("f2", "*");
    cluster.run();
    expect(cluster.offers.map(({ frameworkId }) => frameworkId)).toEqual(["f1", "f2"]);
    expect(new Set(cluster.offers.map(({ agentId }) => agentId)).size).toBe(2);
  });

  test("AllocatorBacklog: any number of events makes one run", () => {
    const cluster = new Cluster(kernel);
    for (let i = 0; i < 100; i++) cluster.agent(`a${i}`, "cpus:1");
    cluster.framework("f", "role");
    for (let i = 0; i < 100; i++) cluster.allocator.revive("f");
    expect(cluster.run()).toHaveLength(100);
    expect(cluster.allocator.stats().cycle).toBe(1);
  });

  test("a run after a run costs nothing: no offers, nothing to look at, nothing changed", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f", "role");
    cluster.framework("other", "role");
    for (let i = 0; i < 20; i++) cluster.agent(`a${i}`, "cpus:1");
    cluster.run();
    cluster.declineAll(A_YEAR_MS);
    for (let i = 0; i < 3; i++) cluster.run();
    const before = { ...cluster.allocator.stats(), shares: cluster.allocator.shares() };
    expect(cluster.run()).toEqual([]);
    const after = { ...cluster.allocator.stats(), shares: cluster.allocator.shares() };
    expect(after).toEqual({ ...before, cycle: before.cycle + 1 });
  });
});
