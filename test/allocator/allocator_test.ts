import { describe, expect, test } from "vitest";
import { Allocator } from "../../src/allocator/mod.ts";
import { VirtualClock } from "../../src/base/mod.ts";
import { Quantities, Resources } from "../../src/resources/mod.ts";

// What it decides stands in behaviour/, one file a concept; this is the class around it.
describe.each(["typed", "wasm"] as const)("Allocator (%s)", (kernel) => {
  test("takes resources as text or typed, and forgets whose allocation they were", () => {
    const allocator = new Allocator({ kernel });
    const resources = Resources.parse("cpus:2").allocate("somebody");
    allocator.addAgent({ id: "a", resources });
    allocator.addFramework({ id: "f", roles: ["r"] });
    const { handle, ...offer } = allocator.run().offer(0);
    expect(offer).toEqual({
      agentId: "a",
      frameworkId: "f",
      role: "r",
      resources: Resources.parse("cpus:2").allocate("r"),
    });
    allocator.accept(handle, { used: offer.resources });
    expect(allocator.stats().offersOutstanding).toBe(0);
  });

  test("takes one handle or many", () => {
    const allocator = new Allocator({ kernel });
    allocator.addFramework({ id: "f", roles: ["r"] });
    for (const id of ["a", "b", "c"]) allocator.addAgent({ id, resources: "cpus:1" });
    const { handles } = allocator.run();
    allocator.rescind(handles[0]!);
    allocator.decline(new Set([handles[1]!, handles[2]!]));
    expect(allocator.stats()).toMatchObject({ offersOutstanding: 0, filters: 2 });
    allocator.decline([]);
    allocator.rescind([]);
  });

  test("takes quotas and minimums as quantities as well as text", () => {
    const allocator = new Allocator({ kernel, minAllocatable: [Quantities.of({ cpus: 1 })] });
    allocator.setQuota("r", { limits: Quantities.of({ cpus: 1.5 }) });
    allocator.addFramework({ id: "f", roles: ["r"] });
    allocator.addAgent({ id: "a", resources: "cpus:2" });
    expect(allocator.run().amount(0, "cpus")).toBe(1_500);
  });

  test("counts what there is in stats() and total()", () => {
    const allocator = new Allocator({ kernel });
    expect(allocator.stats()).toEqual({
      agents: 0,
      frameworks: 0,
      offersOutstanding: 0,
      filters: 0,
      cycle: 0,
      candidates: 0,
      activeClients: 0,
      memoryBytes: allocator.stats().memoryBytes,
      kernel,
    });
    allocator.addAgent({ id: "a", resources: "cpus:2;cpus(r):1;ports:[1-2];zones:{x}" });
    allocator.addFramework({ id: "f", roles: ["r", "s"] });
    expect(allocator.stats().candidates).toBe(1);
    allocator.run();
    expect(allocator.stats()).toMatchObject({
      agents: 1,
      frameworks: 1,
      offersOutstanding: 1,
      cycle: 1,
      activeClients: 2,
    });
    expect([...allocator.total()]).toEqual([
      ["cpus", 3_000],
      ["ports", 2_000],
      ["zones", 1_000],
    ]);
  });

  test("tells every role's and framework's standing in shares(), sorted by name", () => {
    const allocator = new Allocator({ kernel });
    allocator.setWeight("b", 2);
    allocator.setQuota("b", { guarantees: "cpus:2", limits: "cpus:3;mem:0" });
    allocator.addFramework({ id: "g", roles: ["b", "a"] });
    allocator.addFramework({ id: "f", roles: ["b"] });
    const resources = Resources.parse("cpus:1");
    allocator.addAgent({
      id: "x",
      resources: "cpus:4;mem:64",
      used: [{ frameworkId: "f", role: "b", resources }],
    });
    const none = { share: 0, count: 0, allocated: Quantities.EMPTY };
    const one = Quantities.of({ cpus: 1 });
    expect(allocator.shares()).toEqual([
      {
        role: "a",
        weight: 1,
        consumed: Quantities.EMPTY,
        guarantees: Quantities.EMPTY,
        limits: {},
        ...none,
        frameworks: [{ id: "g", ...none }],
      },
      {
        role: "b",
        weight: 2,
        share: 0.125,
        count: 0,
        allocated: one,
        consumed: one,
        guarantees: Quantities.of({ cpus: 2 }),
        limits: { cpus: 3_000, mem: 0 },
        frameworks: [
          { id: "f", share: 0.25, count: 0, allocated: one },
          { id: "g", ...none },
        ],
      },
    ]);
  });

  test("reads its clock, and nothing else, for the time", async () => {
    const clock = new VirtualClock(1_000);
    const allocator = new Allocator({ kernel, clock });
    expect(allocator.nowMs()).toBe(1_000);
    await clock.advance(500);
    expect(allocator.nowMs()).toBe(1_500);
  });

  test("names agents, frameworks and roles anew after they were removed", () => {
    const allocator = new Allocator({ kernel });
    for (let round = 0; round < 3; round++) {
      allocator.addAgent({ id: "a", resources: "cpus(r):1;mem:64" });
      allocator.addFramework({ id: "f", roles: ["r/s"] });
      const offer = allocator.run().offer(0);
      expect(String(offer.resources.unallocate())).toBe("cpus(r):1; mem:64");
      allocator.accept(offer.handle, { used: offer.resources });
      allocator.removeFramework("f");
      allocator.removeAgent("a");
      expect(allocator.shares()).toEqual([]);
      expect(allocator.total().isEmpty).toBe(true);
    }
  });

  test("grows: a thousand of everything, and each agent is offered", () => {
    const allocator = new Allocator({ kernel });
    for (let i = 0; i < 1_000; i++) {
      allocator.addAgent({ id: `a${i}`, resources: `cpus:1;cpus(r${i}):1` });
      allocator.addFramework({ id: `f${i}`, roles: [`r${i}`, `r${i}/s`] });
    }
    const allocation = allocator.run();
    const agents = new Set(
      Array.from({ length: allocation.size }, (_, i) => allocation.agentId(i)),
    );
    expect(agents.size).toBe(1_000);
    allocator.decline(allocation.handles);
    expect(allocator.stats()).toMatchObject({ offersOutstanding: 0, filters: allocation.size });
  });
});

test("used() tells what tasks hold on an agent, and an offer's resources name no role", () => {
  const allocator = new Allocator({ clock: new VirtualClock() });
  allocator.addFramework({ id: "f", roles: ["r"] });
  const whole = Resources.parse("cpus:4;mem:4000");
  allocator.addAgent({ id: "n1", resources: whole });
  const allocation = allocator.run();
  expect(allocation.resources(0)).toBe(whole);
  allocator.accept(allocation.handle(0), { used: "cpus:1" });
  expect(
    allocator.used("n1").map((held) => ({ ...held, resources: String(held.resources) })),
  ).toEqual([{ frameworkId: "f", role: "r", resources: "cpus:1" }]);
});
