import { describe, expect, test } from "vitest";
import { Quantities } from "../../../src/resources/mod.ts";
import { Cluster, KERNELS } from "./cluster.ts";

describe.each(KERNELS)("minimums (%s)", (kernel) => {
  test.each([
    ["cpus:0.01", true],
    ["cpus:0.009", false],
    ["mem:32", true],
    ["mem:31.9", false],
    ["cpus:0.009;mem:31", false],
    ["cpus:0.01;mem:31", true],
    ["disk:1000;ports:[1-10]", false],
  ])("Allocatable: of %s an offer is made: %s", (resources, offered) => {
    const cluster = new Cluster(kernel);
    cluster.framework("f", "role");
    cluster.agent("a1", resources);
    expect(cluster.run()).toHaveLength(offered ? 1 : 0);
  });

  test("Allocatable: any one set is enough, and it must be there whole", () => {
    const cluster = new Cluster(kernel, {
      minAllocatable: ["cpus:1;mem:512", Quantities.of({ ports: 10 })],
    });
    cluster.framework("f", "role");
    cluster.agent("a1", "cpus:1;mem:511;ports:[1-9]");
    cluster.agent("a2", "cpus:1;mem:512");
    cluster.agent("a3", "ports:[1-10]");
    expect(cluster.run().sort()).toEqual(["f role a2 cpus:1;mem:512", "f role a3 ports:[1-10]"]);
  });

  test("Allocatable: slices count towards a minimum", () => {
    const cluster = new Cluster(kernel, { minAllocatable: ["cpus:2"] });
    cluster.framework("f", "role");
    cluster.agent("a1", "cpus:1;cpus(role):1");
    expect(cluster.run()).toEqual(["f role a1 cpus:1;cpus(role):1"]);
  });

  test("FrameworkMinAllocatable: a framework's own minimum for a role, above and below", () => {
    const cluster = new Cluster(kernel, { minAllocatable: ["cpus:1"] });
    cluster.framework("small", "r1", { minAllocatable: { r1: ["cpus:0.1;mem:10"] } });
    cluster.agent("a1", "cpus:0.1;mem:10");
    expect(cluster.run()).toEqual(["small r1 a1 cpus:0.1;mem:10"]);
    cluster.allocator.suppress("small");
    cluster.framework("big", "r2", { minAllocatable: { r2: ["cpus:2"] } });
    cluster.agent("a2", "cpus:1");
    expect(cluster.run()).toEqual([]);
    cluster.agent("a3", "cpus:2");
    expect(cluster.run()).toEqual(["big r2 a3 cpus:2"]);
  });

  test("FrameworkMinAllocatable: another role of the framework keeps the default", () => {
    const cluster = new Cluster(kernel, { minAllocatable: ["cpus:1"] });
    cluster.framework("f", ["r1", "r2"], { minAllocatable: { r2: ["cpus:0.5"] } });
    cluster.agent("a1", "cpus:0.5");
    expect(cluster.run()).toEqual(["f r2 a1 cpus:0.5"]);
  });

  test("FrameworkMinAllocatable: an update changes it", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f", "role", { minAllocatable: { role: ["cpus:4"] } });
    cluster.agent("a1", "cpus:2");
    expect(cluster.run()).toEqual([]);
    cluster.allocator.updateFramework("f", { minAllocatable: { role: ["cpus:2"] } });
    expect(cluster.run()).toEqual(["f role a1 cpus:2"]);
  });

  test.each([
    ["an empty list", []],
    ["an empty set among others", ["cpus:100", ""]],
  ])("FrameworkEmptyMinAllocatable: %s takes anything", (_, sets) => {
    const cluster = new Cluster(kernel, { minAllocatable: ["cpus:1;mem:100"] });
    cluster.framework("f", "role", { minAllocatable: { role: sets } });
    cluster.agent("a1", "disk:0.001");
    cluster.agent("a2", "");
    expect(cluster.run()).toEqual(["f role a1 disk:0.001"]);
  });
});
