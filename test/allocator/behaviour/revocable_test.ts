import { describe, expect, test } from "vitest";
import { Resources } from "../../../src/resources/mod.ts";
import { A_YEAR_MS, Cluster, KERNELS, plain, revocable } from "./cluster.ts";

const REVOCABLE = { capabilities: ["REVOCABLE_RESOURCES" as const] };

describe.each(KERNELS)("oversubscription (%s)", (kernel) => {
  test("UpdateSlaveOversubscribedResources: what the estimator adds is offered, and no more", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f", "role", REVOCABLE);
    cluster.agent("a1", "cpus:100;mem:100");
    cluster.run();
    cluster.acceptAll();
    const oversubscribe = (cpus: number) => {
      const resources = `cpus:100;mem:100;${revocable("cpus", cpus)}`;
      return cluster.allocator.updateAgent("a1", { resources });
    };
    oversubscribe(10);
    expect(cluster.run()).toEqual(['f role a1 cpus:10 {"revocable":{}}']);
    cluster.acceptAll();
    oversubscribe(12);
    expect(cluster.run()).toEqual(['f role a1 cpus:2 {"revocable":{}}']);
    cluster.acceptAll();
    oversubscribe(5);
    expect(cluster.run()).toEqual([]);
  });

  test("OversubscribedNotAllocated: only REVOCABLE_RESOURCES frameworks see them", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f", "role");
    cluster.agent("a1", `cpus:1;${revocable("cpus", 10)}`);
    expect(cluster.run()).toEqual(["f role a1 cpus:1"]);
    expect(cluster.run()).toEqual([]);
    cluster.framework("r", "role", REVOCABLE);
    expect(cluster.run()).toEqual(['r role a1 cpus:10 {"revocable":{}}']);
  });

  test("RecoverOversubscribedResources: they come back as any others do", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f", "role", REVOCABLE);
    cluster.agent("a1", `cpus:1;${revocable("cpus", 10)}`);
    cluster.run();
    cluster.acceptAll();
    cluster.allocator.release({
      agentId: "a1",
      frameworkId: "f",
      role: "role",
      resources: `cpus:1;${revocable("cpus", 6)}`,
    });
    expect(cluster.run()).toEqual(['f role a1 cpus:1;cpus:6 {"revocable":{}}']);
    cluster.declineAll(A_YEAR_MS);
    expect(cluster.run()).toEqual([]);
  });

  test("they never count against a quota, and a limit does not bind them", () => {
    const cluster = new Cluster(kernel);
    cluster.quota("q", "cpus:2");
    cluster.framework("f", "q", REVOCABLE);
    cluster.agent("a1", `cpus:1;${revocable("cpus", 10)}`);
    expect(cluster.run()).toEqual(['f q a1 cpus:1;cpus:10 {"revocable":{}}']);
    expect(plain(cluster.role("q").consumed)).toBe("cpus:1");
    expect(plain(cluster.role("q").allocated)).toBe("cpus:11");
  });

  test("an update that takes them away rescinds the agent's offers", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f", "role", REVOCABLE);
    cluster.agent("a1", `cpus:1;${revocable("cpus", 10)}`);
    cluster.run();
    expect(cluster.allocator.updateAgent("a1", { resources: "cpus:1" })).toEqual([
      cluster.handle(),
    ]);
    expect(cluster.run()).toEqual(["f role a1 cpus:1"]);
    expect(cluster.allocator.total().equals(Resources.parse("cpus:1").quantities())).toBe(true);
  });
});
