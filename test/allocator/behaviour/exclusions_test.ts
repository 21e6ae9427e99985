import { describe, expect, test } from "vitest";
import { Cluster, KERNELS } from "./cluster.ts";

describe.each(KERNELS)("exclusions (%s)", (kernel) => {
  test("DRFWithFairnessExclusion: an excluded kind does not count in the share", () => {
    const cluster = new Cluster(kernel, { fairnessExcluded: ["gpus"] });
    cluster.framework("f1", "role1", { capabilities: ["GPU_RESOURCES"] });
    cluster.agent("a1", "cpus:2;mem:1024;gpus:1");
    expect(cluster.run()).toEqual(["f1 role1 a1 cpus:2;gpus:1;mem:1024"]);
    cluster.framework("f2", "role2");
    cluster.agent("a2", "cpus:4;mem:2048");
    expect(cluster.run()).toEqual(["f2 role2 a2 cpus:4;mem:2048"]);
    // role1 has all gpus, and its share is 1/3; role2's is 2/3
    expect(cluster.role("role1").share).toBe(1 / 3);
    cluster.agent("a3", "cpus:1;mem:512");
    expect(cluster.run()).toEqual(["f1 role1 a3 cpus:1;mem:512"]);
  });

  test("GPU agents: only for GPU_RESOURCES", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("plain", "r1");
    cluster.agent("a1", "cpus:1;gpus:1");
    expect(cluster.run()).toEqual([]);
    cluster.framework("gpu", "r2", { capabilities: ["GPU_RESOURCES"] });
    expect(cluster.run()).toEqual(["gpu r2 a1 cpus:1;gpus:1"]);
  });

  test("GPU agents: also when the gpus are in use, or reserved", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("gpu", "r2", { capabilities: ["GPU_RESOURCES"] });
    cluster.agent("a1", "cpus:1;gpus:1");
    cluster.run();
    cluster.accept({ used: "gpus:1", refuseMs: 0 });
    cluster.allocator.suppress("gpu");
    cluster.framework("plain", "r1");
    cluster.agent("a2", "cpus:1;gpus(r2):1");
    expect(cluster.run()).toEqual([]);
    cluster.allocator.updateAgent("a2", { resources: "cpus:1" });
    expect(cluster.run()).toEqual(["plain r1 a2 cpus:1"]);
  });

  test("GPU agents: filterGpuResources false offers them to everybody", () => {
    const cluster = new Cluster(kernel, { filterGpuResources: false });
    cluster.framework("plain", "r1");
    cluster.agent("a1", "cpus:1;gpus:1");
    expect(cluster.run()).toEqual(["plain r1 a1 cpus:1;gpus:1"]);
  });

  test("AgentDomainSameRegion: every framework is offered agents of the own region", () => {
    const cluster = new Cluster(kernel, { region: "here" });
    cluster.framework("f", "role");
    cluster.agent("a1", "cpus:1", { domain: { region: "here", zone: "z2" } });
    expect(cluster.run()).toEqual(["f role a1 cpus:1"]);
  });

  test("AgentDomainDifferentRegion: remote agents are for REGION_AWARE only", () => {
    const cluster = new Cluster(kernel, { region: "here" });
    cluster.framework("f1", "role");
    cluster.agent("a1", "cpus:1", { domain: { region: "there", zone: "z" } });
    expect(cluster.run()).toEqual([]);
    cluster.allocator.updateFramework("f1", { capabilities: ["REGION_AWARE"] });
    expect(cluster.run()).toEqual(["f1 role a1 cpus:1"]);
  });

  test("AgentDomainUnset: an agent or an allocator without a region excludes nobody", () => {
    const cluster = new Cluster(kernel, { region: "here" });
    cluster.framework("f", "role");
    cluster.agent("a1", "cpus:1");
    expect(cluster.run()).toEqual(["f role a1 cpus:1"]);
    const anywhere = new Cluster(kernel);
    anywhere.framework("f", "role");
    anywhere.agent("a1", "cpus:1", { domain: { region: "there", zone: "z" } });
    expect(anywhere.run()).toEqual(["f role a1 cpus:1"]);
  });

  test("AgentDomain: an agent that moves is offered from then on, and back", () => {
    const cluster = new Cluster(kernel, { region: "here" });
    cluster.framework("f", "role");
    cluster.agent("a1", "cpus:1", { domain: { region: "there", zone: "z" } });
    expect(cluster.run()).toEqual([]);
    cluster.allocator.updateAgent("a1", { domain: null });
    expect(cluster.run()).toHaveLength(1);
    cluster.declineAll(0);
    cluster.allocator.updateAgent("a1", { domain: { region: "there", zone: "z" } });
    expect(cluster.run()).toEqual([]);
  });

  test("DontOfferOldAgentToMultiRoleFramework: agents without MULTI_ROLE", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("multi", ["r1", "r2"], { capabilities: ["MULTI_ROLE"] });
    cluster.agent("a1", "cpus:1", { capabilities: [] });
    expect(cluster.run()).toEqual([]);
    cluster.framework("single", "r3");
    expect(cluster.run()).toEqual(["single r3 a1 cpus:1"]);
  });

  test("UpdateSlaveCapabilities: an upgraded agent is offered", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("multi", ["r1"], { capabilities: ["MULTI_ROLE"] });
    cluster.agent("a1", "cpus:1", { capabilities: [] });
    expect(cluster.run()).toEqual([]);
    cluster.allocator.updateAgent("a1", { capabilities: ["MULTI_ROLE"] });
    expect(cluster.run()).toEqual(["multi r1 a1 cpus:1"]);
  });

  test("HIERARCHICAL_ROLE: agents without it are not offered to nested roles", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("nested", "a/b");
    cluster.agent("a1", "cpus:1", { capabilities: ["MULTI_ROLE"] });
    expect(cluster.run()).toEqual([]);
    cluster.framework("flat", "a");
    expect(cluster.run()).toEqual(["flat a a1 cpus:1"]);
  });
});
