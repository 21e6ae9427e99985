import { describe, expect, test } from "vitest";
import { FairleadError, VirtualClock } from "../../../src/base/mod.ts";
import { Resources } from "../../../src/resources/mod.ts";
import type { AllocatorApiOptions } from "./api.ts";
import { ModelAllocator } from "./model_allocator.ts";

function model(options: AllocatorApiOptions = {}) {
  const clock = new VirtualClock();
  return { clock, allocator: new ModelAllocator({ clock, ...options }) };
}

/** Offers of a run as "framework role: resources". */
function runText(allocator: ModelAllocator): string[] {
  return allocator
    .run()
    .offers()
    .map((offer) => {
      const { frameworkId, role, agentId } = offer;
      return `${agentId} ${frameworkId} ${role}: ${offer.resources.unallocate()}`;
    });
}

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return FairleadError.from(error).code;
  }
  return "none";
}

describe("ModelAllocator", () => {
  test("offers a whole agent to the framework with the lower share", () => {
    const { allocator } = model();
    allocator.addFramework({ id: "f1", roles: ["a"] });
    allocator.addFramework({ id: "f2", roles: ["b"] });
    allocator.addAgent({ id: "s1", resources: "cpus:2;mem:100;ports:[1-4]" });
    expect(runText(allocator)).toEqual(["s1 f1 a: cpus:2; mem:100; ports:[1-4]"]);
    allocator.addAgent({ id: "s2", resources: "cpus:1;mem:50" });
    expect(runText(allocator)).toEqual(["s2 f2 b: cpus:1; mem:50"]);
  });

  test("keeps headroom for a guarantee, and ports follow the scalars", () => {
    const { allocator } = model();
    allocator.setQuota("q", { guarantees: "cpus:3" });
    allocator.addFramework({ id: "f1", roles: ["a"] });
    allocator.addAgent({ id: "s1", resources: "cpus:4;ports:[1-8]" });
    expect(runText(allocator)).toEqual(["s1 f1 a: cpus:1; ports:[1-2]"]);
    allocator.addFramework({ id: "f2", roles: ["q"] });
    expect(runText(allocator)).toEqual(["s1 f2 q: cpus:3; ports:[3-8]"]);
  });

  test("never passes a limit, 0 among them", () => {
    const { allocator } = model();
    allocator.setQuota("q", { limits: "cpus:1.5;mem:0" });
    allocator.addFramework({ id: "f", roles: ["q/x"] });
    allocator.addAgent({ id: "s1", resources: "cpus:1;mem:100" });
    allocator.addAgent({ id: "s2", resources: "cpus:1;mem:100" });
    allocator.run();
    const [q] = allocator.shares();
    expect(`${q?.role} ${q?.consumed}`).toBe("q cpus:1.5");
  });

  test("hides what a filter covers until it is due", async () => {
    const { clock, allocator } = model();
    allocator.addFramework({ id: "f", roles: ["a"] });
    allocator.addAgent({ id: "s", resources: "cpus:2;ports:[1-4]" });
    const [offer] = allocator.run().offers();
    allocator.decline(offer!.handle, { refuseMs: 10 });
    expect(runText(allocator)).toEqual([]);
    await clock.advance(999);
    expect(runText(allocator)).toEqual([]);
    await clock.advance(1);
    expect(runText(allocator)).toHaveLength(1);
  });

  test("offers a shared volume to one client a run, though others hold it", () => {
    const { allocator } = model({ minAllocatable: [] });
    const volume = 'disk(a):10 {"shared":{},"disk":{"persistence":{"id":"v"}}}';
    const capabilities = ["SHARED_RESOURCES"] as const;
    allocator.addFramework({ id: "f1", roles: ["a"], capabilities });
    allocator.addFramework({ id: "f2", roles: ["a"], capabilities });
    allocator.addAgent({ id: "s", resources: volume });
    const [first] = allocator.run().offers();
    expect(first?.frameworkId).toBe("f1");
    allocator.accept(first!.handle, { used: first!.resources });
    const [second] = allocator.run().offers();
    expect(second?.frameworkId).toBe("f2");
    expect(allocator.shares()[0]).toMatchObject({ role: "a", share: 1, count: 2 });
    expect(`${allocator.shares()[0]?.consumed}`).toBe("disk:10");
  });

  test("converts an offer in place and gives the rest back", () => {
    const { allocator } = model();
    allocator.addFramework({ id: "f", roles: ["a"] });
    allocator.addAgent({ id: "s", resources: "cpus:4" });
    const [offer] = allocator.run().offers();
    allocator.accept(offer!.handle, {
      used: Resources.parse("cpus:1"),
      converted: [{ from: Resources.parse("cpus:2"), to: Resources.parse("cpus(a,):2") }],
      refuseMs: 0,
    });
    expect(runText(allocator)).toEqual(["s f a: cpus:1; cpus(a,):2"]);
    expect(`${allocator.shares()[0]?.consumed}`).toBe("cpus:4");
  });

  test("gives a virtual leaf the count of the role that gets its first child", () => {
    const { allocator } = model();
    allocator.addFramework({ id: "f", roles: ["a"] });
    allocator.addAgent({ id: "s", resources: "cpus:4" });
    allocator.run();
    allocator.addFramework({ id: "g", roles: ["a/b"] });
    allocator.addAgent({ id: "t", resources: "cpus:4" });
    expect(runText(allocator)).toEqual(["t g a/b: cpus:4"]);
    allocator.removeFramework("g");
    expect(allocator.shares()).toMatchObject([{ role: "a", count: 1, share: 0.5 }]);
  });

  test("waits for the agents that are expected", async () => {
    const { clock, allocator } = model();
    allocator.expectAgents({ count: 2, timeoutMs: 100 });
    allocator.addFramework({ id: "f", roles: ["a"] });
    allocator.addAgent({ id: "s", resources: "cpus:4" });
    expect(allocator.run()).toMatchObject({ cycle: 0, size: 0 });
    await clock.advance(100);
    expect(allocator.run()).toMatchObject({ cycle: 1, size: 1 });
  });

  test("asks a holder once for an agent that will be away", async () => {
    const { clock, allocator } = model();
    allocator.addFramework({ id: "f", roles: ["a"] });
    allocator.addAgent({ id: "s", resources: "cpus:4", unavailability: { startMs: 50 } });
    expect(allocator.run().inverseOffers).toHaveLength(1);
    expect(allocator.run().inverseOffers).toHaveLength(0);
    allocator.answerInverseOffer("s", "f", "DECLINE", { refuseMs: 2_000 });
    expect(allocator.run().inverseOffers).toHaveLength(0);
    await clock.advance(2_000);
    expect(allocator.run().inverseOffers).toHaveLength(1);
  });

  test("refuses bad calls with a code", () => {
    const { allocator } = model();
    allocator.addAgent({ id: "s", resources: "cpus:4" });
    allocator.addFramework({ id: "f", roles: ["a"] });
    allocator.setQuota("q", { guarantees: "cpus:2", limits: "cpus:3" });
    const cases: [string, () => unknown][] = [
      ["unknown_agent", () => allocator.removeAgent("x")],
      ["duplicate_agent", () => allocator.addAgent({ id: "s", resources: "" })],
      ["unknown_framework", () => allocator.suppress("x")],
      ["duplicate_framework", () => allocator.addFramework({ id: "f", roles: [] })],
      ["unknown_role", () => allocator.suppress("f", ["b"])],
      ["unknown_offer", () => allocator.decline(99)],
      ["invalid_role", () => allocator.addFramework({ id: "g", roles: ["a/.."] })],
      ["invalid_weight", () => allocator.setWeight("a", 0)],
      ["invalid_quota", () => allocator.setQuota("q", { guarantees: "cpus:4", limits: "cpus:3" })],
      ["invalid_quota", () => allocator.setQuota("q", { guarantees: "cpus:-4" })],
      ["invalid_quota", () => allocator.setQuota("q/r", { guarantees: "cpus:3" })],
      ["invalid_quota", () => allocator.setQuota("q/r", { limits: "cpus:4" })],
      ["invalid_resource", () => allocator.addAgent({ id: "t", resources: "cpus:[1-2]" })],
      ["invalid_argument", () => allocator.expectAgents({ count: -1 })],
      [
        "resources_not_available",
        () => allocator.removeResourceProvider("s", Resources.parse("cpus:5")),
      ],
      [
        "resources_not_held",
        () =>
          allocator.release({
            agentId: "s",
            frameworkId: "f",
            role: "a",
            resources: Resources.parse("cpus:1"),
          }),
      ],
      [
        "invalid_conversion",
        () => allocator.updateAvailable("s", Resources.parse("cpus:1"), Resources.parse("mem:1")),
      ],
    ];
    for (const [code, act] of cases) expect(codeOf(act)).toBe(code);
  });
});
