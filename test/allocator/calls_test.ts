import { describe, expect, test } from "vitest";
import { Allocation, Allocator, type AllocatorCall, applyCall } from "../../src/allocator/mod.ts";
import { Resources } from "../../src/resources/mod.ts";

const time = { nowMs: () => 0 };
const cpus = (n: number) => Resources.parse(`cpus:${n}`);

function apply(allocator: Allocator, ...calls: AllocatorCall[]) {
  return calls.map((call) => applyCall(allocator, call));
}

function ran(allocator: Allocator): string[] {
  const run = applyCall(allocator, { call: "run" });
  if (!(run instanceof Allocation)) throw new Error("a run gives an allocation");
  return run.offers().map(({ frameworkId, agentId, resources }) => {
    return `${frameworkId} ${agentId} ${resources.unallocate()}`;
  });
}

function cluster(): Allocator {
  const allocator = new Allocator({ kernel: "typed", clock: time });
  apply(
    allocator,
    { call: "addAgent", spec: { id: "a", resources: "cpus:4" } },
    { call: "addFramework", spec: { id: "f", roles: ["r"] } },
  );
  return allocator;
}

describe("applyCall()", () => {
  test("run returns the allocation", () => {
    expect(ran(cluster())).toEqual(["f a cpus:4"]);
  });

  test.each<AllocatorCall>([
    { call: "updateAgent", id: "a", update: { resources: "cpus:3" } },
    { call: "removeAgent", id: "a" },
    { call: "updateFramework", id: "f", update: { roles: ["s"] } },
    { call: "removeFramework", id: "f" },
    { call: "deactivateFramework", id: "f" },
  ])("$call returns the handles of rescinded offers", (call) => {
    const allocator = cluster();
    const handle = allocator.run().handle(0);
    expect(applyCall(allocator, call)).toEqual([handle]);
    expect(allocator.stats().offersOutstanding).toBe(0);
  });

  test("accept, release, decline and rescind end what they name", () => {
    const allocator = cluster();
    const first = allocator.run().handle(0);
    const acceptance = { used: "cpus:1", refuseMs: 0 };
    expect(apply(allocator, { call: "accept", handle: first, acceptance })).toEqual([undefined]);
    const second = allocator.run().handle(0);
    apply(allocator, { call: "rescind", handles: [second] });
    expect(ran(allocator)).toEqual(["f a cpus:3"]);
    apply(allocator, { call: "removeFramework", id: "f" });
    apply(allocator, { call: "addFramework", spec: { id: "f", roles: ["r"] } });
    const third = allocator.run().handle(0);
    apply(allocator, { call: "decline", handles: [third], refuseMs: 1_000 });
    expect(allocator.stats().filters).toBe(1);
    apply(allocator, { call: "revive", id: "f" });
    apply(allocator, { call: "accept", handle: allocator.run().handle(0), acceptance });
    const freed = { agentId: "a", frameworkId: "f", role: "r", resources: "cpus:1" };
    apply(allocator, { call: "release", ...freed });
    expect(ran(allocator)).toEqual(["f a cpus:4"]);
  });

  test.each<[AllocatorCall, AllocatorCall]>([
    [
      { call: "suppress", id: "f" },
      { call: "revive", id: "f", roles: ["r"] },
    ],
    [
      { call: "deactivateFramework", id: "f" },
      { call: "activateFramework", id: "f" },
    ],
    [
      { call: "deactivateAgent", id: "a" },
      { call: "activateAgent", id: "a" },
    ],
    [{ call: "setWhitelist", ids: [] }, { call: "setWhitelist" }],
    [
      { call: "setQuota", role: "r", quota: { limits: "cpus:0" } },
      { call: "removeQuota", role: "r" },
    ],
    [
      { call: "expectAgents", expected: { count: 2 } },
      { call: "expectAgents", expected: { count: 0 } },
    ],
  ])("$0.call stops offers, $1.call lets them go on", (stop, go) => {
    const allocator = cluster();
    apply(allocator, stop);
    expect(ran(allocator)).toEqual([]);
    apply(allocator, go);
    expect(ran(allocator)).toEqual(["f a cpus:4"]);
  });

  test("resource providers, conversions and weights reach the allocator", () => {
    const allocator = cluster();
    const provider = { agentId: "a", resources: "cpus:2" };
    apply(
      allocator,
      { call: "addResourceProvider", ...provider, resources: "cpus:3" },
      { call: "removeResourceProvider", ...provider },
      { call: "updateAvailable", agentId: "a", from: cpus(1), to: Resources.parse("cpus(r,):1") },
      { call: "setWeight", role: "r", weight: 2 },
    );
    expect(allocator.shares()).toMatchObject([{ role: "r", weight: 2 }]);
    expect(ran(allocator)).toEqual(["f a cpus:4; cpus(r,):1"]);
  });

  test("unavailability and its answers reach the allocator", () => {
    const allocator = cluster();
    const used = [{ frameworkId: "f", role: "r", resources: cpus(1) }];
    apply(
      allocator,
      { call: "addAgent", spec: { id: "b", resources: "cpus:1", used } },
      { call: "setUnavailability", agentId: "b", unavailability: { startMs: 5 } },
    );
    expect(allocator.run().inverseOffers).toHaveLength(1);
    apply(allocator, {
      call: "answerInverseOffer",
      agentId: "b",
      frameworkId: "f",
      status: "ACCEPT",
    });
    expect([...allocator.inverseOfferStatuses("b")]).toEqual([["f", "ACCEPT"]]);
    apply(allocator, { call: "setUnavailability", agentId: "b" });
    expect([...allocator.inverseOfferStatuses("b")]).toEqual([]);
  });

  test("throws what the method throws", () => {
    expect(() => applyCall(cluster(), { call: "removeAgent", id: "x" })).toThrow(
      expect.objectContaining({ code: "unknown_agent" }),
    );
  });
});
