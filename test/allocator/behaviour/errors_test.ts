import { describe, expect, test } from "vitest";
import {
  Allocator,
  type AllocatorCall,
  type AllocatorOptions,
  applyCall,
} from "../../../src/allocator/mod.ts";
import { badCalls, busy } from "./bad_calls.ts";
import { type Cluster, codeOf, KERNELS, type Kernel } from "./cluster.ts";

/** The call fails with the code, and nobody can tell that it was made. */
function expectRefused(
  kernel: Kernel,
  code: string,
  call: (handle: number) => AllocatorCall,
): void {
  const [touched, untouched] = [busy(kernel), busy(kernel)];
  const standing = ({ allocator }: Cluster) => ({
    shares: allocator.shares(),
    stats: allocator.stats(),
    total: allocator.total(),
    why: [...allocator.explain("f"), ...allocator.explain("g")],
  });
  const before = standing(touched);
  const bytes = touched.allocator.snapshot();
  expect(codeOf(() => applyCall(touched.allocator, call(touched.handle())))).toBe(code);
  expect(standing(touched)).toEqual(before);
  expect(touched.allocator.snapshot().length).toBe(bytes.length);
  for (const { allocator } of [touched, untouched]) {
    allocator.activateFramework("g");
    allocator.revive("f");
  }
  for (let run = 0; run < 2; run++) {
    expect(touched.run()).toEqual(untouched.run());
    expect(standing(touched)).toEqual(standing(untouched));
    touched.declineAll(0);
    untouched.declineAll(0);
  }
}

describe.each(KERNELS)("bad calls (%s)", (kernel) => {
  test.each(badCalls)("$code: $shown", ({ code, call }) => expectRefused(kernel, code, call));

  test("unknown_offer: an offer ends once, however it ends", () => {
    const { allocator, offers } = busy(kernel);
    const { handle } = offers[0]!;
    allocator.decline(handle);
    for (const end of [
      () => allocator.decline(handle),
      () => allocator.rescind(handle),
      () => allocator.accept(handle),
    ]) {
      expect(codeOf(end)).toBe("unknown_offer");
    }
  });

  test("unknown_agent, unknown_framework: readers", () => {
    const { allocator } = busy(kernel);
    expect(codeOf(() => allocator.explain("x"))).toBe("unknown_framework");
    expect(codeOf(() => allocator.explain("f", "x"))).toBe("unknown_agent");
    expect(codeOf(() => allocator.inverseOfferStatuses("x"))).toBe("unknown_agent");
  });

  test("invalid_argument, unknown_offer: readers of a run", () => {
    const { allocator } = busy(kernel);
    allocator.updateAgent("a1", { resources: "cpus:8" });
    const allocation = allocator.run();
    expect(allocation.size).toBe(1);
    expect(codeOf(() => allocation.offer(1))).toBe("invalid_argument");
    expect(codeOf(() => allocation.handle(-1))).toBe("invalid_argument");
    allocator.rescind(allocation.handle(0));
    for (const read of [
      () => allocation.offers(),
      () => allocation.agentId(0),
      () => allocation.frameworkId(0),
      () => allocation.role(0),
      () => allocation.amount(0, "cpus"),
    ]) {
      expect(codeOf(read)).toBe("unknown_offer");
    }
    expect(allocation.handles).toHaveLength(1);
  });

  const options: [string, object][] = [
    ["seed", { seed: -1 }],
    ["seed", { seed: 2 ** 32 }],
    ["sorter", { sorter: "fifo" }],
    ["minAllocatable.0", { minAllocatable: [3] }],
    ["fairnessExcluded.0", { fairnessExcluded: [""] }],
    ["filterGpuResources", { filterGpuResources: "yes" }],
    ["region", { region: "" }],
    ["intervalMs", { intervalMs: 0.5 }],
    ["kernel", { kernel: "native" }],
    ["clock", { clock: 7 }],
    ["options", { speed: "high" }],
  ];
  test.each(options)("invalid_argument: the option %s", (field, given) => {
    const make = () => new Allocator({ kernel, ...given } as AllocatorOptions);
    expect(codeOf(make)).toBe("invalid_argument");
    expect(make).toThrow(field);
  });

  test("invalid_resource: minimums that cannot be read", () => {
    expect(codeOf(() => new Allocator({ kernel, minAllocatable: ["cpus:x"] }))).toBe(
      "invalid_resource",
    );
  });
});
