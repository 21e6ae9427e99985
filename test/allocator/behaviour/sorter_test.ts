import { describe, expect, test } from "vitest";
import { Cluster, KERNELS, plain, revocable } from "./cluster.ts";
import { Sorter } from "./sorting.ts";

describe.each(KERNELS)("sorter (%s)", (kernel) => {
  test("DRF: a suppressed role keeps its place for later and is passed over", () => {
    const sorter = new Sorter(kernel, "cpus:100;mem:100");
    sorter.add("a", "cpus:1");
    sorter.add("b", "cpus:2");
    sorter.add("c", "cpus:3");
    sorter.allocator.suppress("b");
    expect(sorter.order()).toEqual(["a", "c"]);
    sorter.allocator.revive("b");
    expect(sorter.order()).toEqual(["a", "b", "c"]);
  });

  test("DRF: the share is the largest over kinds of what is held by what there is", () => {
    const sorter = new Sorter(kernel, "cpus:100;mem:1000;disk:0;ports:[1-10]");
    sorter.add("a", "cpus:5;mem:20;ports:[1-9]");
    expect(sorter.role("a").share).toBe(0.05);
    sorter.hold("a", "mem:80");
    expect(sorter.role("a").share).toBe(0.1);
  });

  test("AllocationCountTieBreak: equal shares go to who was chosen less often, then by name", () => {
    const sorter = new Sorter(kernel, "cpus:94");
    for (const role of ["c", "b", "a"]) sorter.add(role);
    const grant = (role: string, amounts: readonly number[]) => {
      for (const other of ["a", "b", "c"]) sorter.allocator.suppress(other);
      sorter.allocator.revive(role);
      amounts.forEach((cpus, i) => {
        sorter.agent(`${role}${i}`, `cpus:${cpus}`);
        expect(sorter.run()).toEqual([`${role} ${role} ${role}${i} cpus:${cpus}`]);
        sorter.acceptAll();
      });
    };
    grant("c", [2]);
    grant("b", [1, 1]);
    grant("a", [1, 1]);
    for (const role of ["a", "b", "c"]) sorter.allocator.revive(role);
    expect(sorter.allocator.shares().map(({ role, share, count }) => [role, share, count])).toEqual(
      [
        ["a", 0.02, 2],
        ["b", 0.02, 2],
        ["c", 0.02, 1],
      ],
    );
    expect(sorter.order()).toEqual(["c", "a", "b"]);

    sorter.allocator.release({
      agentId: "b0",
      frameworkId: "b",
      role: "b",
      resources: "cpus:1",
    });
    sorter.allocator.deactivateAgent("b0");
    expect(sorter.order()).toEqual(["b", "c", "a"]);
    expect(sorter.role("b").count).toBe(4);
  });

  test("AllocationCountTieBreak: neither suppressing nor releasing resets a count", () => {
    const sorter = new Sorter(kernel, "cpus:100");
    sorter.add("a");
    sorter.add("b");
    sorter.agent("x", "cpus:1");
    expect(sorter.run()).toEqual(["a a x cpus:1"]);
    sorter.allocator.rescind(sorter.handle());
    sorter.allocator.suppress("a");
    sorter.allocator.revive("a");
    expect(sorter.run()).toEqual(["b b x cpus:1"]);
  });

  test("SameShareFairness: two frameworks of one share take turns", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f1", "*");
    cluster.framework("f2", "*");
    cluster.agent("a1", "cpus:2;mem:1024");
    const takers = Array.from({ length: 10 }, () => {
      cluster.run();
      cluster.declineAll(0);
      return cluster.offers[0]!.frameworkId;
    });
    expect(takers).toEqual(["f1", "f2", "f1", "f2", "f1", "f2", "f1", "f2", "f1", "f2"]);
  });

  test("WDRF: the share is divided by the role's weight", () => {
    const sorter = new Sorter(kernel, "cpus:100;mem:100");
    sorter.add("a", "cpus:5;mem:5");
    sorter.allocator.setWeight("b", 2);
    sorter.add("b", "cpus:6;mem:6");
    expect(sorter.order()).toEqual(["b", "a"]);
    sorter.add("c", "cpus:4;mem:4");
    expect(sorter.order()).toEqual(["b", "c", "a"]);
    sorter.allocator.setWeight("d", 10);
    sorter.add("d", "cpus:10;mem:20");
    expect(sorter.order()).toEqual(["d", "b", "c", "a"]);
    sorter.remove("b");
    sorter.hold("d", "cpus:10;mem:25");
    // d holds mem 45 of 100 at weight 10: 0.045
    expect(sorter.order()).toEqual(["c", "d", "a"]);
    sorter.allocator.setWeight("e", 0.1);
    sorter.add("e", "cpus:1;mem:1");
    expect(sorter.order()).toEqual(["c", "d", "a", "e"]);
    expect(sorter.role("e").share).toBeCloseTo(0.1, 12);
  });

  test("UpdateWeight: a new weight counts at once, and setting 1 takes it away", () => {
    const sorter = new Sorter(kernel, "cpus:100;mem:100");
    sorter.add("a", "cpus:5;mem:5");
    sorter.add("b", "cpus:6;mem:6");
    expect(sorter.order()).toEqual(["a", "b"]);
    sorter.allocator.setWeight("b", 2);
    expect(sorter.order()).toEqual(["b", "a"]);
    sorter.allocator.setWeight("b", 1);
    expect(sorter.order()).toEqual(["a", "b"]);
  });

  test("SplitResourceShares: amounts of one kind add up over resources", () => {
    const sorter = new Sorter(kernel, "cpus:100;mem:100;disk:100");
    const volume = (id: string) => `disk(b,):5 {"disk":{"persistence":{"id":"${id}"}}}`;
    sorter.add("a", "cpus:9;mem:9;disk:9");
    sorter.add("b", `cpus:9;mem:9;${volume("v1")};${volume("v2")}`);
    expect(sorter.order()).toEqual(["a", "b"]);
    expect(sorter.role("b").share).toBe(0.1);
  });

  test("UpdateTotal, RemoveResources: a total that changes changes the order", () => {
    const sorter = new Sorter(kernel, "cpus:10;mem:100");
    sorter.add("a", "cpus:2;mem:1");
    sorter.add("b", "cpus:1;mem:15");
    expect(sorter.order()).toEqual(["b", "a"]);
    sorter.resize("cpus:100;mem:100");
    expect(sorter.order()).toEqual(["a", "b"]);
    sorter.resize("cpus:10;mem:100");
    expect(sorter.order()).toEqual(["b", "a"]);
  });

  test("MultipleSlavesUpdateTotal: agents add up, inactive ones included", () => {
    const sorter = new Sorter(kernel, "cpus:5;mem:50");
    sorter.agent("other", "cpus:5;mem:50", { active: false });
    sorter.add("a", "cpus:2;mem:2");
    sorter.add("b", "cpus:1;mem:30");
    expect(sorter.order()).toEqual(["a", "b"]);
    sorter.allocator.updateAgent("other", { resources: "cpus:5;mem:450" });
    expect(sorter.order()).toEqual(["b", "a"]);
    expect(plain(sorter.allocator.total())).toBe("cpus:10;mem:500");
  });

  test("RevocableResources: what is revocable counts in shares", () => {
    const sorter = new Sorter(kernel, `cpus:10;mem:100;${revocable("cpus", 10)}`);
    sorter.add("a", "cpus:2;mem:1");
    sorter.add("b", `cpus:1;mem:1;${revocable("cpus", 9)}`);
    expect(sorter.role("b").share).toBe(0.5);
    expect(sorter.order()).toEqual(["a", "b"]);
  });

  test("AllocationForInactiveClient: a suppressed role goes on holding what it holds", () => {
    const sorter = new Sorter(kernel, "cpus:100;mem:100");
    sorter.add("a", "cpus:2");
    sorter.allocator.suppress("a");
    sorter.hold("a", "cpus:2");
    expect(plain(sorter.role("a").allocated)).toBe("cpus:4");
    expect(sorter.order()).toEqual([]);
  });
});

describe.each(KERNELS)("dominant resource fairness (%s)", (kernel) => {
  test("UnreservedDRF: agents go one by one to the lowest share", () => {
    const cluster = new Cluster(kernel);
    cluster.agent("a1", "cpus:2;mem:1024");
    cluster.framework("f1", "role1");
    expect(cluster.run()).toEqual(["f1 role1 a1 cpus:2;mem:1024"]);
    cluster.framework("f2", "role2");
    expect(cluster.run()).toEqual([]);
    cluster.agent("a2", "cpus:1;mem:512");
    expect(cluster.run()).toEqual(["f2 role2 a2 cpus:1;mem:512"]);
    cluster.agent("a3", "cpus:3;mem:2048");
    expect(cluster.run()).toEqual(["f2 role2 a3 cpus:3;mem:2048"]);
    cluster.framework("f3", "role1");
    cluster.agent("a4", "cpus:4;mem:4096");
    // role1 0.2, role2 0.4; within role1 f3 has nothing yet
    expect(cluster.run()).toEqual(["f3 role1 a4 cpus:4;mem:4096"]);
    cluster.framework("f4", "role1");
    cluster.agent("a5", "cpus:1;mem:512");
    // role2 0.36 before role1 0.63, although f4 has nothing
    expect(cluster.run()).toEqual(["f2 role2 a5 cpus:1;mem:512"]);
  });

  test("ReservedDRF: reservations that are allocated count in the share", () => {
    const cluster = new Cluster(kernel);
    cluster.agent("a1", "cpus:1;mem:512;cpus(role1):100;mem(role1):1024");
    cluster.framework("f1", "role1");
    expect(cluster.run()).toEqual(["f1 role1 a1 cpus:1;cpus(role1):100;mem:512;mem(role1):1024"]);
    cluster.framework("f2", "role2");
    cluster.agent("a2", "cpus:2;mem:512");
    expect(cluster.run()).toEqual(["f2 role2 a2 cpus:2;mem:512"]);
    cluster.agent("a3", "cpus:2;mem:512");
    expect(cluster.run()).toEqual(["f2 role2 a3 cpus:2;mem:512"]);
    cluster.framework("f3", "role1");
    cluster.agent("a4", "cpus(role1):2;mem(role1):1024");
    expect(cluster.run()).toEqual(["f3 role1 a4 cpus(role1):2;mem(role1):1024"]);
  });

  test("NestedRoleDRF: siblings compete, and a parent's share holds its children's", () => {
    const cluster = new Cluster(kernel);
    cluster.agent("a1", "cpus:2;mem:1024");
    cluster.framework("f1", "a/b");
    expect(cluster.run()).toEqual(["f1 a/b a1 cpus:2;mem:1024"]);
    cluster.framework("f2", "a/c");
    cluster.framework("f3", "d/e");
    cluster.agent("a2", "cpus:1;mem:512");
    expect(cluster.run()).toEqual(["f3 d/e a2 cpus:1;mem:512"]);
    cluster.agent("a3", "cpus:1;mem:512");
    // a 0.5, d 0.25
    expect(cluster.run()).toEqual(["f3 d/e a3 cpus:1;mem:512"]);
    cluster.agent("a4", "cpus:4;mem:2048");
    // a 0.25, d 0.25: both were chosen, d twice; in a, a/c has nothing
    expect(cluster.run()).toEqual(["f2 a/c a4 cpus:4;mem:2048"]);
    cluster.agent("a5", "cpus:1;mem:512");
    // a 6/9, d 2/9, although a/b has as much as d
    expect(cluster.run()).toEqual(["f3 d/e a5 cpus:1;mem:512"]);
  });

  test("UpdateWeight: agents are divided in proportion to weights", () => {
    const cluster = new Cluster(kernel);
    for (let i = 0; i < 6; i++) cluster.agent(`a${i}`, "cpus:2;mem:1024");
    cluster.allocator.setWeight("role1", 1);
    cluster.allocator.setWeight("role2", 2);
    cluster.framework("f1", "role1");
    cluster.framework("f2", "role2");
    const takers = () => {
      cluster.run();
      const took = cluster.offers.map(({ frameworkId }) => frameworkId).sort();
      cluster.declineAll(0);
      return took.join(" ");
    };
    expect(takers()).toBe("f1 f1 f2 f2 f2 f2");
    cluster.allocator.setWeight("role1", 2);
    expect(takers()).toBe("f1 f1 f1 f2 f2 f2");
    cluster.allocator.setWeight("role3", 3);
    cluster.framework("f3", "role3");
    cluster.allocator.setWeight("role1", 1);
    // 1 : 2 : 3 of six agents
    expect(takers()).toBe("f1 f2 f2 f3 f3 f3");
  });

  test("DRFWithQuota: what a quota gave counts in the share", () => {
    const cluster = new Cluster(kernel);
    cluster.allocator.setQuota("q", { guarantees: "cpus:0.25;mem:128" });
    cluster.framework("f1", "q");
    cluster.framework("f2", "other");
    cluster.agent("a1", "cpus:1;mem:512");
    // the guarantee comes first, and the burst above it is the whole of the agent
    expect(cluster.run()).toEqual(["f1 q a1 cpus:1;mem:512"]);
    cluster.agent("a2", "cpus:1;mem:512");
    expect(cluster.run()).toEqual(["f2 other a2 cpus:1;mem:512"]);
    cluster.agent("a3", "cpus:3;mem:1536");
    cluster.acceptAll();
    // equal shares and counts: by name
    expect(cluster.run()).toEqual(["f2 other a3 cpus:3;mem:1536"]);
  });
});
