import { describe, expect, test } from "vitest";
import { Allocator } from "../../../src/allocator/mod.ts";
import { Cluster, held, KERNELS, type Kernel } from "./cluster.ts";

const IDS = Array.from({ length: 8 }, (_, i) => `a${i}`);

/** A day in a small cluster: what is offered, run by run. */
async function day(kernel: Kernel, seed: number, sorter: "drf" | "random"): Promise<string[]> {
  const cluster = new Cluster(kernel, { seed, sorter });
  const said: string[] = [];
  const run = () => said.push(...cluster.run(), "-");
  for (const id of IDS) cluster.agent(id, "cpus:4;mem:1024;ports:[1-100];cpus(eng):1");
  cluster.quota("eng", "cpus:20;mem:2048");
  cluster.allocator.setWeight("ops", 2);
  for (const role of ["eng/web", "eng/db", "ops", "*"]) cluster.framework(role, role);
  run();
  cluster.declineAll(2_000);
  run();
  cluster.offers.forEach(({ handle, resources }, i) => {
    if (i % 2 === 0) cluster.allocator.decline(handle, { refuseMs: 1_000 });
    else cluster.allocator.accept(handle, { used: resources.unallocate().named("cpus") });
  });
  cluster.allocator.removeAgent("a3");
  cluster.agent("a8", "cpus:16;mem:4096", { used: [held("ops", "ops", "cpus:1")] });
  run();
  await cluster.clock.advance(3_000);
  run();
  return said;
}

describe.each(KERNELS)("determinism (%s)", (kernel) => {
  test.each(["drf", "random"] as const)(
    "%s: the same seed and events give the same offers",
    async (sorter) => {
      const first = await day(kernel, 7, sorter);
      expect(first.length).toBeGreaterThan(20);
      expect(await day(kernel, 7, sorter)).toEqual(first);
      expect(await day(kernel === "wasm" ? "typed" : "wasm", 7, sorter)).toEqual(first);
    },
  );

  test.each(["drf", "random"] as const)("%s: another seed gives another order", async (sorter) => {
    expect(await day(kernel, 8, sorter)).not.toEqual(await day(kernel, 7, sorter));
  });

  test.each([
    [1, ["a7 a1 a4 a0 a6 a3 a5 a2", "a7 a1 a0 a3 a6 a5 a2 a4"]],
    [2, ["a5 a7 a0 a3 a4 a1 a6 a2", "a4 a2 a7 a5 a1 a3 a0 a6"]],
  ])("seed %i: agents are visited in the order of section 8, another each run", (seed, orders) => {
    const cluster = new Cluster(kernel, { seed });
    for (const id of IDS) cluster.agent(id, "cpus:1");
    cluster.framework("f", "role");
    for (const order of orders) {
      cluster.run();
      expect(cluster.offers.map(({ agentId }) => agentId).join(" ")).toBe(order);
      cluster.declineAll(0);
    }
  });

  test("the random sorter draws the numbers of section 8", () => {
    const cluster = new Cluster(kernel, { seed: 1, sorter: "random" });
    cluster.agent("a0", "cpus:1");
    for (const id of ["f0", "f1", "f2"]) cluster.framework(id, "role");
    // 0.4635… draws the role, 0.6950… the third of three frameworks
    expect(cluster.run()).toEqual(["f2 role a0 cpus:1"]);
  });

  test("names decide between equals, not the order of arrival", () => {
    const takers = (ids: string[]) => {
      const cluster = new Cluster(kernel);
      for (const id of ids) cluster.framework(id, `role-${id}`);
      for (const id of IDS) cluster.agent(id, "cpus:1");
      return cluster.run();
    };
    expect(takers(["c", "a", "b"])).toEqual(takers(["b", "c", "a"]));
    expect(takers(["b", "a"])[0]).toMatch(/^a /);
  });

  test("names compare by UTF-16 code units, whatever the locale", () => {
    const cluster = new Cluster(kernel);
    for (const id of ["é", "z", "Z", "a", "😀", "\ufb01"]) cluster.framework(id, id);
    for (let i = 0; i < 6; i++) cluster.agent(`a${i}`, "cpus:1");
    cluster.run();
    expect(cluster.offers.map(({ role }) => role)).toEqual(["Z", "a", "z", "é", "😀", "\ufb01"]);
  });

  test("the seed can be read, and handles are never used twice", () => {
    const allocator = new Allocator({ seed: 42, kernel });
    expect(allocator.seed).toBe(42);
    allocator.addAgent({ id: "a1", resources: "cpus:1" });
    allocator.addFramework({ id: "f", roles: ["r"] });
    const handles = Array.from({ length: 50 }, () => {
      const handle = allocator.run().handle(0);
      allocator.rescind(handle);
      return handle;
    });
    expect(new Set(handles).size).toBe(50);
  });
});
