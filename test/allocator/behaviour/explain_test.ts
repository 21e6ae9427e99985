import { describe, expect, test } from "vitest";
import type { Quantities } from "../../../src/resources/mod.ts";
import { A_YEAR_MS, Cluster, held, KERNELS, mount, plain, revocable } from "./cluster.ts";

/** Details with quantities as text. */
function facts(details: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const isQuantities = (value: unknown): value is Quantities =>
    typeof value === "object" && value !== null && "get" in value;
  return Object.fromEntries(
    Object.entries(details).map(([name, value]) => {
      return [name, isQuantities(value) ? plain(value) : value];
    }),
  );
}

describe.each(KERNELS)("explain (%s)", (kernel) => {
  test("offered: it holds an offer there, slices included", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f", "r");
    cluster.agent("a1", "cpus:1;mem:64;cpus(r):2");
    cluster.run();
    const { code, details, message } = cluster.why("f", "a1");
    expect(code).toBe("offered");
    expect(facts(details)).toEqual({ offered: "cpus:3;mem:64" });
    expect(message).toContain("cpus:3");
  });

  test("eligible: nothing stands in the way of the next run", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f", "r");
    cluster.agent("a1", "cpus:1");
    expect(cluster.why("f", "a1").code).toBe("eligible");
    expect(cluster.run()).toHaveLength(1);
  });

  test("framework_inactive, role_suppressed, agent_ineligible: who does not take part", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("off", "r", { active: false });
    cluster.framework("quiet", "r", { suppressedRoles: ["r"] });
    cluster.framework("f", "r");
    cluster.agent("a1", "cpus:1", { active: false });
    expect(cluster.why("off", "a1").code).toBe("framework_inactive");
    expect(cluster.why("quiet", "a1").code).toBe("role_suppressed");
    expect(cluster.why("f", "a1")).toMatchObject({
      code: "agent_ineligible",
      message: "the agent is deactivated",
    });
    cluster.allocator.activateAgent("a1");
    cluster.allocator.setWhitelist([]);
    expect(cluster.why("f", "a1")).toMatchObject({
      code: "agent_ineligible",
      message: "the agent is not on the whitelist",
    });
  });

  test("gpu_capability, region_capability, agent_…_role, constraint: who is excluded", () => {
    const cluster = new Cluster(kernel, { region: "here" });
    cluster.framework("f", "r");
    cluster.framework("multi", "r", { capabilities: ["MULTI_ROLE"] });
    cluster.framework("nested", "r/s");
    cluster.framework("picky", "r", {
      offerConstraints: {
        r: { groups: [[{ selector: { attribute: "ssd" }, type: "exists" }]] },
      },
    });
    cluster.agent("gpu", "cpus:1;gpus:1");
    cluster.agent("far", "cpus:1", { domain: { region: "there", zone: "z" } });
    cluster.agent("old", "cpus:1", { capabilities: [] });
    expect(cluster.why("f", "gpu").code).toBe("gpu_capability");
    expect(cluster.why("f", "far").code).toBe("region_capability");
    expect(cluster.why("f", "far").message).toContain('"there"');
    expect(cluster.why("multi", "old").code).toBe("agent_multi_role");
    expect(cluster.why("nested", "old").code).toBe("agent_hierarchical_role");
    expect(cluster.why("picky", "old").code).toBe("constraint");
  });

  test("share_order: another one came first, with both shares", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("first", "r1");
    cluster.framework("second", "r2");
    cluster.agent("a1", "cpus:3");
    cluster.agent("a2", "cpus:1", { used: [held("second", "r2", "cpus:1")] });
    cluster.run();
    const { code, details } = cluster.why("second", "a1");
    expect(code).toBe("share_order");
    expect(facts(details)).toEqual({
      takerId: "first",
      takerRole: "r1",
      run: 1,
      takerSibling: 'role "r1"',
      takerShare: 0.75,
      sibling: 'role "r2"',
      share: 0.25,
    });
  });

  test("share_order: the shares are those by weight of the siblings where paths part", () => {
    const cluster = new Cluster(kernel);
    cluster.allocator.setWeight("eng", 10);
    cluster.framework("big", "eng/web");
    cluster.framework("small", "ops");
    cluster.agent("a1", "cpus:3");
    cluster.agent("a2", "cpus:1", { used: [held("small", "ops", "cpus:1")] });
    cluster.run();
    const { code, details, message } = cluster.why("small", "a1");
    expect(code).toBe("share_order");
    expect(details).toMatchObject({
      takerSibling: 'role "eng"',
      takerShare: 0.075,
      sibling: 'role "ops"',
      share: 0.25,
    });
    expect(message).toContain('the share of role "eng" is 0.0750');
  });

  test("share_order: frameworks of one role are compared with each other", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("a", "r");
    cluster.framework("b", "r");
    cluster.agent("a1", "cpus:1");
    cluster.run();
    expect(cluster.why("b", "a1").details).toMatchObject({
      takerSibling: 'framework "a"',
      takerShare: 1,
      sibling: 'framework "b"',
      share: 0,
    });
  });

  test("recovering: allocation waits for agents", () => {
    const cluster = new Cluster(kernel);
    cluster.allocator.expectAgents({ count: 5 });
    cluster.framework("f", "r");
    cluster.agent("a1", "cpus:1");
    expect(cluster.run()).toEqual([]);
    expect(cluster.why("f", "a1").code).toBe("recovering");
  });

  test("nothing_free: everything is in use", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f", "r");
    cluster.agent("a1", "cpus:1", { used: [held("other", "r", "cpus:1")] });
    const { code, details } = cluster.why("f", "a1");
    expect(code).toBe("nothing_free");
    expect(facts(details)).toEqual({ used: "cpus:1" });
  });

  test("slice_capability: what is free is nothing that the framework can handle", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f", "r");
    cluster.agent("a1", revocable("cpus", 4));
    expect(cluster.why("f", "a1").code).toBe("slice_capability");
    cluster.agent("a2", "cpus(r,)(r/s,):1");
    cluster.framework("s", "r/s");
    expect(cluster.why("s", "a2").code).toBe("slice_capability");
    // reserved to somebody else: there is nothing for this role
    expect(cluster.why("f", "a2").code).toBe("nothing_free");
  });

  test("quota_limit: what the limit leaves of what is free", () => {
    const cluster = new Cluster(kernel);
    cluster.allocator.setQuota("r", { limits: "cpus:1;mem:16" });
    cluster.framework("f", "r");
    cluster.agent("a1", "cpus:1", { used: [held("f", "r", "cpus:1")] });
    cluster.agent("a2", "cpus:4;mem:64");
    const { code, details } = cluster.why("f", "a2");
    expect(code).toBe("quota_limit");
    expect(details.left).toBe("cpus:0; mem:16");
    expect(cluster.run()).toEqual([]);
  });

  test("headroom: what guarantees of other roles leave", () => {
    const cluster = new Cluster(kernel);
    cluster.allocator.setQuota("q", { guarantees: "cpus:4;mem:48" });
    cluster.framework("f", "r");
    cluster.agent("a1", "cpus:4;mem:64");
    const { code, details } = cluster.why("f", "a1");
    expect(code).toBe("headroom");
    expect(facts(details)).toEqual({ free: "cpus:4;mem:64", left: "mem:16" });
    expect(cluster.run()).toEqual([]);
  });

  test("headroom: a sibling's guarantee counts, an own one does not", () => {
    const cluster = new Cluster(kernel);
    cluster.allocator.setQuota("eng", { guarantees: "cpus:4" });
    cluster.allocator.setQuota("eng/web", { guarantees: "cpus:3" });
    cluster.framework("db", "eng/db");
    cluster.agent("a1", "cpus:4");
    expect(cluster.why("db", "a1").code).toBe("eligible");
    expect(cluster.run()).toEqual(["db eng/db a1 cpus:1"]);
    cluster.acceptAll();
    cluster.framework("web", "eng/web", { suppressedRoles: ["eng/web"] });
    expect(cluster.why("db", "a1")).toMatchObject({ code: "headroom" });
    cluster.allocator.revive("web");
    expect(cluster.why("web", "a1").code).toBe("eligible");
  });

  test("minimum: what is free holds none of the sets", () => {
    const cluster = new Cluster(kernel, { minAllocatable: ["cpus:1", "mem:64"] });
    cluster.framework("f", "r");
    cluster.agent("a1", "cpus:0.5;mem:32");
    const { code, details } = cluster.why("f", "a1");
    expect(code).toBe("minimum");
    expect(plain(details.free as Quantities)).toBe("cpus:0.5;mem:32");
    expect((details.minimums as Quantities[]).map(plain)).toEqual(["cpus:1", "mem:64"]);
  });

  test("filter: what it refused and for how long it is refused still", async () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f", "r");
    cluster.agent("a1", "cpus:1;mem:64;ports:[1-5]");
    cluster.run();
    cluster.declineAll(10_000);
    await cluster.clock.advance(4_000);
    const { code, details } = cluster.why("f", "a1");
    expect(code).toBe("filter");
    expect(facts(details)).toEqual({ refused: "cpus:1;mem:64;ports:5", remainingMs: 6_000 });
    expect(cluster.run()).toEqual([]);
  });

  test("filter: refused slices are told, and slices that were not refused are no filter's", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f", "r");
    cluster.agent("a1", "cpus(r):2");
    cluster.run();
    cluster.declineAll(A_YEAR_MS);
    const { code, details } = cluster.why("f", "a1");
    expect(code).toBe("filter");
    expect(facts(details)).toEqual({ refused: "cpus:2", remainingMs: A_YEAR_MS });
    cluster.allocator.updateAgent("a1", { resources: "cpus(r):3" });
    expect(cluster.why("f", "a1").code).toBe("eligible");
    expect(cluster.run()).toEqual(["f r a1 cpus(r):3"]);
  });

  test("a MOUNT disk that is bounded is no reason to be eligible", () => {
    const cluster = new Cluster(kernel, { minAllocatable: [] });
    cluster.allocator.setQuota("r", { limits: "disk:50" });
    cluster.framework("f", "r");
    cluster.agent("a1", mount("m", 100));
    expect(cluster.run()).toEqual([]);
    expect(cluster.why("f", "a1").code).toBe("quota_limit");
  });

  test("one reason for each role and agent, and it changes nothing", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f", ["r1", "r2"]);
    cluster.agent("a1", "cpus:1");
    cluster.agent("a2", "cpus:1", { active: false });
    cluster.allocator.shares();
    const before = cluster.allocator.snapshot();
    const reasons = cluster.allocator.explain("f");
    expect(reasons.map(({ agentId, role, code }) => `${agentId} ${role} ${code}`)).toEqual([
      "a1 r1 eligible",
      "a1 r2 eligible",
      "a2 r1 agent_ineligible",
      "a2 r2 agent_ineligible",
    ]);
    expect(cluster.allocator.snapshot()).toEqual(before);
  });
});
