import { describe, expect, test } from "vitest";
import { Allocator } from "../../src/allocator/mod.ts";

function cluster(kernel: "typed" | "wasm"): Allocator {
  const allocator = new Allocator({ kernel, seed: 1, clock: { nowMs: () => 0 } });
  allocator.addFramework({ id: "f", roles: ["r"] });
  allocator.addFramework({ id: "g", roles: ["s"] });
  allocator.addAgent({ id: "a", resources: "cpus:4;ports:[1-3];cpus(r):1.5" });
  return allocator;
}

describe.each(["typed", "wasm"] as const)("Allocation (%s)", (kernel) => {
  test("reads packed rows one by one, slices included", () => {
    const allocation = cluster(kernel).run();
    expect(allocation.size).toBe(1);
    expect(allocation.cycle).toBe(1);
    expect(allocation.agentId(0)).toBe("a");
    expect(allocation.frameworkId(0)).toBe("f");
    expect(allocation.role(0)).toBe("r");
    expect(allocation.amount(0, "cpus")).toBe(5_500);
    expect(allocation.amount(0, "ports")).toBe(3_000);
    expect(allocation.amount(0, "gpus")).toBe(0);
  });

  test("spells offers out only when asked, in the order of decision", () => {
    const allocator = cluster(kernel);
    allocator.addAgent({ id: "b", resources: "cpus:1" });
    const allocation = allocator.run();
    const one = Array.from({ length: allocation.size }, (_, i) => allocation.offer(i));
    expect(one.map(({ agentId }) => agentId).sort()).toEqual(["a", "a", "b"]);
    expect(allocation.offers()).toEqual(one);
    expect([...allocation].map(({ handle }) => handle)).toEqual([...allocation.handles]);
    expect(allocation.handle(1)).toBe(allocation.handles[1]);
    for (const { role, resources } of allocation) {
      for (const { allocationRole } of resources) expect(allocationRole).toBe(role);
    }
  });

  test("can be read until an offer ends; the others stay", () => {
    const allocator = cluster(kernel);
    allocator.addAgent({ id: "b", resources: "cpus:1" });
    const allocation = allocator.run();
    allocator.decline(allocation.handle(0));
    expect(() => allocation.offer(0)).toThrow(expect.objectContaining({ code: "unknown_offer" }));
    expect(allocation.offer(1).handle).toBe(allocation.handle(1));
    allocator.run();
    expect(allocation.offer(1).handle).toBe(allocation.handle(1));
  });

  test("answers an offer of a former run as one of the last", () => {
    const allocator = cluster(kernel);
    const first = allocator.run();
    allocator.addAgent({ id: "b", resources: "cpus:1" });
    const second = allocator.run();
    allocator.accept(first.handle(0), { used: "cpus:4" });
    allocator.decline([...second.handles]);
    expect(allocator.stats().offersOutstanding).toBe(0);
  });

  test("refuses an index that is none of its offers", () => {
    const allocation = cluster(kernel).run();
    for (const index of [-1, 1, 0.5, Number.NaN]) {
      expect(() => allocation.agentId(index), String(index)).toThrow(
        expect.objectContaining({ code: "invalid_argument" }),
      );
    }
  });

  test("of a paused run is empty and of cycle 0", () => {
    const allocator = cluster(kernel);
    allocator.expectAgents({ count: 9 });
    const allocation = allocator.run();
    expect([allocation.size, allocation.cycle, allocation.inverseOffers]).toEqual([0, 0, []]);
  });
});
