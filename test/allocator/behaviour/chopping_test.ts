import { describe, expect, test } from "vitest";
import { Cluster, KERNELS, mount } from "./cluster.ts";

const MOUNTED = '{"disk":{"source":{"type":"MOUNT","mount":{"root":"/m"}}}}';

describe.each(KERNELS)("chopping (%s)", (kernel) => {
  test("QuotaAllocationGranularity: an agent is split at the limit", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f1", "q");
    cluster.quota("q", "cpus:0.5;mem:200");
    cluster.agent("a1", "cpus:1;mem:512");
    expect(cluster.run()).toEqual(["f1 q a1 cpus:0.5;mem:200"]);
    cluster.framework("f2", "other");
    expect(cluster.run()).toEqual(["f2 other a1 cpus:0.5;mem:312"]);
  });

  test("UnchoppableResource: a MOUNT disk goes whole or not at all", () => {
    const cluster = new Cluster(kernel);
    cluster.quota("q", "cpus:2;mem:2048;disk:150");
    cluster.framework("f", "q");
    cluster.agent("a1", `cpus:0.5;mem:512;${mount("m", 100)}`);
    expect(cluster.run()).toEqual([`f q a1 cpus:0.5;disk:100 ${MOUNTED};mem:512`]);
    cluster.agent("a2", `cpus:0.5;mem:512;${mount("m", 100)}`);
    // 50 of disk are left, and this one cannot be cut
    expect(cluster.run()).toEqual(["f q a2 cpus:0.5;mem:512"]);
    cluster.agent("a3", "cpus:2;mem:2048;disk:150");
    expect(cluster.run()).toEqual(["f q a3 cpus:1;disk:50;mem:1024"]);
  });

  test("QuotaAllocationMultipleDisk: plain disk and MOUNT disk meet one guarantee together", () => {
    const cluster = new Cluster(kernel);
    cluster.quota("q", "cpus:1;mem:512;disk:100");
    cluster.framework("f", "q");
    cluster.agent("a1", `cpus:1;mem:512;disk:50;${mount("m", 50)}`);
    expect(cluster.run()).toEqual([`f q a1 cpus:1;disk:50;disk:50 ${MOUNTED};mem:512`]);
  });

  test("countable kinds: a quota of ports is met port by port", () => {
    const cluster = new Cluster(kernel);
    cluster.allocator.setQuota("q", { limits: "ports:3" });
    cluster.framework("f", "q");
    cluster.agent("a1", "cpus:4;mem:4096;ports:[31000-31009]");
    expect(cluster.run()).toEqual(["f q a1 cpus:4;mem:4096;ports:[31000-31002]"]);
    expect(cluster.role("q").consumed.get("ports")).toBe(3_000);
  });

  test("countable kinds: a guarantee of ports keeps ports free", () => {
    const cluster = new Cluster(kernel);
    cluster.allocator.setQuota("q", { guarantees: "ports:4" });
    cluster.framework("f", "other");
    cluster.agent("a1", "cpus:4;ports:[31000-31009]");
    expect(cluster.run()).toEqual(["f other a1 cpus:4;ports:[31000-31005]"]);
    cluster.framework("late", "q", { minAllocatable: { q: ["ports:4"] } });
    expect(cluster.run()).toEqual(["late q a1 ports:[31006-31009]"]);
  });

  test("countable kinds: a quota of half a port is rounded down, never up", () => {
    const cluster = new Cluster(kernel);
    cluster.allocator.setQuota("q", { limits: "ports:2.5" });
    cluster.framework("f", "q");
    cluster.agent("a1", "cpus:4;ports:[31000-31009]");
    expect(cluster.run()).toEqual(["f q a1 cpus:4;ports:[31000-31001]"]);
  });

  test("countable kinds: ports are divided as the scalars are, so nobody goes without", () => {
    const cluster = new Cluster(kernel);
    cluster.quota("q1", "cpus:1;mem:1024");
    cluster.quota("q2", "cpus:1;mem:1024");
    cluster.framework("f1", "q1");
    cluster.framework("f2", "q2");
    cluster.framework("f3", "rest");
    cluster.agent("a1", "cpus:4;mem:4096;ports:[31000-31099]");
    // 1/4 of 100; 1/3 of 75; all of 50
    expect(cluster.run()).toEqual([
      "f1 q1 a1 cpus:1;mem:1024;ports:[31000-31024]",
      "f2 q2 a1 cpus:1;mem:1024;ports:[31025-31049]",
      "f3 rest a1 cpus:2;mem:2048;ports:[31050-31099]",
    ]);
  });

  test("countable kinds: a part of the scalars brings at least one port", () => {
    const cluster = new Cluster(kernel);
    cluster.quota("q", "cpus:0.1;mem:32");
    cluster.framework("f", "q");
    cluster.agent("a1", "cpus:10;mem:3200;ports:[31000-31002]");
    // a hundredth of three ports, rounded up
    expect(cluster.run()).toEqual(["f q a1 cpus:0.1;mem:32;ports:[31000-31000]"]);
  });

  test("countable kinds: sets count and are cut as ranges are", () => {
    const cluster = new Cluster(kernel);
    cluster.allocator.setQuota("q", { limits: "zones:2" });
    cluster.framework("f", "q");
    cluster.agent("a1", "cpus:4;zones:{x,y,z}");
    expect(cluster.run()).toEqual(["f q a1 cpus:4;zones:{x, y}"]);
  });
});
