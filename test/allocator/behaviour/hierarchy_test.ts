import { describe, expect, test } from "vitest";
import { Cluster, KERNELS, plain } from "./cluster.ts";
import { Sorter } from "./sorting.ts";

describe.each(KERNELS)("hierarchical roles (%s)", (kernel) => {
  test.each([
    ["DRF", ["a", "b", "c", "d", "e", "f"]],
    ["ShallowHierarchy", ["a/a", "b/b", "c/c", "d/d", "e/e", "f/f"]],
    ["DeepHierarchy", ["a/a/a/a/a", "b/b/b/b", "c/c/c", "d/d", "e/e/e/e/e/e", "f/f"]],
  ])("%s: one client below each top role stands as a flat role would", (_, names) => {
    const [a, b, c, d, e, f] = names as [string, string, string, string, string, string];
    const sorter = new Sorter(kernel, "cpus:100;mem:100");
    expect(sorter.order()).toEqual([]);
    sorter.add(a, "cpus:5;mem:5");
    sorter.add(b, "cpus:6;mem:6");
    expect(sorter.order()).toEqual([a, b]);
    sorter.add(c, "cpus:1;mem:1");
    sorter.add(d, "cpus:3;mem:1");
    expect(sorter.order()).toEqual([c, d, a, b]);

    sorter.remove(a);
    sorter.release(b, "cpus:4;mem:4");
    expect(sorter.order()).toEqual([c, b, d]);

    sorter.add(e, "cpus:1;mem:5");
    sorter.resize("cpus:50;mem:100");
    // shares: c 1/50, b 2/50, e 5/100, d 3/50
    expect(sorter.order()).toEqual([c, b, e, d]);

    sorter.resize("cpus:50;mem:200");
    sorter.add(f, "cpus:5;mem:1");
    sorter.hold(c, "mem:15");
    // shares: e 5/200, b 2/50, d 3/50, c 16/200, f 5/50
    expect(sorter.order()).toEqual([e, b, d, c, f]);

    sorter.allocator.suppress(d);
    expect(sorter.order()).toEqual([e, b, c, f]);
    sorter.allocator.revive(d);
    expect(sorter.order()).toEqual([e, b, d, c, f]);
  });

  test("HierarchicalAllocation: sharing is decided level by level", () => {
    const sorter = new Sorter(kernel, "cpus:100;mem:100");
    for (const role of ["a", "b/c", "b/d"]) sorter.add(role);
    expect(sorter.order()).toEqual(["a", "b/c", "b/d"]);
    sorter.hold("a", "cpus:6;mem:6");
    expect(sorter.order()).toEqual(["b/c", "b/d", "a"]);
    sorter.hold("b/c", "cpus:4;mem:4");
    sorter.hold("b/d", "cpus:3;mem:3");
    expect(sorter.order()).toEqual(["a", "b/d", "b/c"]);
    sorter.hold("a", "cpus:2;mem:2");
    expect(sorter.order()).toEqual(["b/d", "b/c", "a"]);
    sorter.add("b/e/f");
    expect(sorter.order()).toEqual(["b/e/f", "b/d", "b/c", "a"]);
    sorter.hold("b/e/f", "cpus:3.5;mem:3.5");
    // b 10.5, a 8; in b: d 3, e 3.5, c 4
    expect(sorter.order()).toEqual(["a", "b/d", "b/e/f", "b/c"]);
    expect(plain(sorter.role("b").allocated)).toBe("cpus:10.5;mem:10.5");
    sorter.remove("b/e/f");
    expect(sorter.order()).toEqual(["b/d", "b/c", "a"]);
    expect(sorter.allocator.shares().map(({ role }) => role)).toEqual(["a", "b", "b/c", "b/d"]);
  });

  test("HierarchicalIterationOrder: a role's subtree is walked before its next sibling", () => {
    const sorter = new Sorter(kernel, "cpus:100;mem:100");
    for (const role of ["a/b", "c", "d", "d/e"]) sorter.add(role);
    expect(sorter.order()).toEqual(["a/b", "c", "d", "d/e"]);
    sorter.hold("c", "cpus:8;mem:8");
    expect(sorter.order()).toEqual(["a/b", "d", "d/e", "c"]);
    sorter.hold("d", "cpus:3;mem:3");
    sorter.hold("d/e", "cpus:2;mem:2");
    expect(sorter.order()).toEqual(["a/b", "d/e", "d", "c"]);
    sorter.hold("a/b", "cpus:6;mem:6");
    expect(sorter.order()).toEqual(["d/e", "d", "a/b", "c"]);
  });

  test("AddChildToLeaf: a leaf that gets a child competes with it through a virtual leaf", () => {
    const sorter = new Sorter(kernel, "cpus:100;mem:100");
    sorter.add("a", "cpus:10;mem:10");
    sorter.add("b", "cpus:6;mem:6");
    expect(sorter.order()).toEqual(["b", "a"]);
    sorter.add("a/c", "cpus:5;mem:5");
    expect(sorter.order()).toEqual(["b", "a/c", "a"]);
    sorter.remove("a");
    expect(sorter.order()).toEqual(["a/c", "b"]);
    sorter.add("a", "cpus:10;mem:10");
    expect(sorter.order()).toEqual(["b", "a/c", "a"]);
    sorter.allocator.setWeight("a/c", 0.2);
    expect(sorter.order()).toEqual(["b", "a", "a/c"]);
    sorter.allocator.setWeight("a", 3);
    // a 15 / 3 = 5; within it the virtual leaf has weight 1
    expect(sorter.order()).toEqual(["a", "a/c", "b"]);
    sorter.allocator.setWeight("a/c", 1);
    expect(sorter.order()).toEqual(["a/c", "a", "b"]);
  });

  test("AddChildToLeaf: the virtual leaf starts with the leaf's count", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("parent", "a");
    cluster.agent("x", "cpus:1;mem:1024");
    for (let i = 0; i < 2; i++) {
      expect(cluster.run()).toEqual(["parent a x cpus:1;mem:1024"]);
      cluster.declineAll(0);
    }
    cluster.framework("child", "a/b");
    // equal shares, counts 2 and 0, then 2 and 1, then equal: "." comes before "b"
    const takers = Array.from({ length: 4 }, () => {
      cluster.run();
      cluster.declineAll(0);
      return cluster.offers[0]!.frameworkId;
    });
    expect(takers).toEqual(["child", "child", "parent", "child"]);
    expect(cluster.role("a").count).toBe(6);
    cluster.allocator.removeFramework("child");
    expect(cluster.role("a").count).toBe(3);
  });

  test("AddChildToInternal: a parent becomes a client beside its children", () => {
    const sorter = new Sorter(kernel, "cpus:100;mem:100");
    sorter.add("x/a", "cpus:10;mem:10");
    sorter.add("x/b", "cpus:6;mem:6");
    expect(sorter.order()).toEqual(["x/b", "x/a"]);
    sorter.add("x", "cpus:7;mem:7");
    expect(sorter.order()).toEqual(["x/b", "x", "x/a"]);
    sorter.add("z", "cpus:20;mem:20");
    expect(sorter.order()).toEqual(["z", "x/b", "x", "x/a"]);
    sorter.remove("x");
    expect(sorter.order()).toEqual(["x/b", "x/a", "z"]);
  });

  test("AddChildToInactiveLeaf: the virtual leaf of a suppressed role is passed over", () => {
    const sorter = new Sorter(kernel, "cpus:100;mem:100");
    sorter.add("a", "cpus:10;mem:10");
    sorter.allocator.suppress("a");
    sorter.add("b", "cpus:6;mem:6");
    expect(sorter.order()).toEqual(["b"]);
    sorter.add("a/c", "cpus:5;mem:5");
    expect(sorter.order()).toEqual(["b", "a/c"]);
  });

  test("RemoveLeafCollapseParent: without its child the role is a leaf again", () => {
    const sorter = new Sorter(kernel, "cpus:100;mem:100");
    sorter.add("a", "cpus:10;mem:10");
    sorter.add("b", "cpus:6;mem:6");
    sorter.add("a/c", "cpus:5;mem:5");
    expect(sorter.order()).toEqual(["b", "a/c", "a"]);
    sorter.remove("a/c");
    expect(sorter.order()).toEqual(["b", "a"]);
    expect(plain(sorter.role("a").allocated)).toBe("cpus:10;mem:10");
    sorter.release("a", "cpus:5;mem:5");
    expect(sorter.order()).toEqual(["a", "b"]);
  });

  test("RemoveLeafCollapseParentInactive: a suppressed leaf stays suppressed", () => {
    const sorter = new Sorter(kernel, "cpus:100;mem:100");
    sorter.add("a", "cpus:10;mem:10");
    sorter.allocator.suppress("a");
    sorter.add("b", "cpus:6;mem:6");
    sorter.add("a/c", "cpus:5;mem:5");
    expect(sorter.order()).toEqual(["b", "a/c"]);
    sorter.remove("a/c");
    expect(sorter.order()).toEqual(["b"]);
  });

  test("ChangeWeightOnSubtree: a weight holds for the whole subtree", () => {
    const sorter = new Sorter(kernel, "cpus:100;mem:100");
    sorter.allocator.setWeight("b", 3);
    sorter.allocator.setWeight("a", 2);
    sorter.add("a/x");
    sorter.add("b/y");
    expect(sorter.order()).toEqual(["a/x", "b/y"]);
    sorter.hold("a/x", "cpus:10;mem:10");
    sorter.hold("b/y", "cpus:10;mem:10");
    expect(sorter.order()).toEqual(["b/y", "a/x"]);
    sorter.add("b/z", "cpus:5;mem:5");
    // a 0.1 / 2; b 0.15 / 3, which doubles make 0.049999999999999996
    expect(sorter.order()).toEqual(["b/z", "b/y", "a/x"]);
    sorter.add("b", "cpus:4;mem:4");
    expect(sorter.order()).toEqual(["a/x", "b", "b/z", "b/y"]);
    sorter.add("a/zz", "cpus:2;mem:2");
    // a 12 / 2, b 19 / 3
    expect(sorter.order()).toEqual(["a/zz", "a/x", "b", "b/z", "b/y"]);
  });

  test("RolesTracking: a role exists while something needs it", () => {
    const cluster = new Cluster(kernel);
    const roles = () => cluster.allocator.shares().map(({ role }) => role);
    cluster.framework("f", "a/b");
    expect(roles()).toEqual(["a", "a/b"]);
    cluster.agent("x", "cpus(c/d):1");
    expect(roles()).toEqual(["a", "a/b", "c", "c/d"]);
    cluster.allocator.setQuota("q", { limits: "cpus:1" });
    cluster.allocator.setWeight("w/v", 2);
    expect(roles()).toEqual(["a", "a/b", "c", "c/d", "q", "w", "w/v"]);
    cluster.allocator.setWeight("w/v", 1);
    cluster.allocator.removeQuota("q");
    cluster.allocator.removeAgent("x");
    cluster.allocator.removeFramework("f");
    expect(roles()).toEqual([]);
  });

  test("RolesTracking: consumed of a role is its subtree's reservations and allocations", () => {
    const cluster = new Cluster(kernel);
    cluster.agent("x", "cpus:4;mem:64;cpus(a/b):2");
    expect(plain(cluster.role("a").consumed)).toBe("cpus:2");
    expect(plain(cluster.role("a").allocated)).toBe("");
    cluster.framework("f", "a/c");
    expect(cluster.run()).toEqual(["f a/c x cpus:4;mem:64"]);
    expect(plain(cluster.role("a").consumed)).toBe("cpus:6;mem:64");
    expect(plain(cluster.role("a/b").consumed)).toBe("cpus:2");
    cluster.declineAll(0);
    expect(plain(cluster.role("a").consumed)).toBe("cpus:2");
  });
});
