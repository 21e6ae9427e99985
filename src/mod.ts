/**
 * The dozen names that a first program needs: an allocator that shares agents among frameworks, a
 * cluster to place tasks on, the values that go in, and the ports for time and chance. Everything
 * else stands behind the door of its domain: `fairlead/base`, `fairlead/resources`,
 * `fairlead/allocator`, `fairlead/placement`. This door loads all of them; a program that is
 * counted in kilobytes imports the domain's own.
 *
 * @example
 * ```ts
 * import { Allocator, Resources } from "fairlead";
 *
 * const allocator = new Allocator({ seed: 7 });
 * allocator.addAgent({ id: "n1", resources: "cpus:16;mem:64000;ports:[31000-31999]" });
 * allocator.addFramework({ id: "web", roles: ["prod"] });
 *
 * const [offer] = allocator.run();
 * console.assert(offer?.resources.contains(Resources.parse("cpus:16").allocate("prod")));
 * console.assert(allocator.explain("web", "n1")[0]?.code === "offered");
 * ```
 *
 * @module
 */
export {
  Allocation,
  Allocator,
  type AllocatorOptions,
  type Explanation,
  type Offer,
} from "./allocator/mod.ts";
export { type Clock, FairleadError, SeededRandom, systemClock, VirtualClock } from "./base/mod.ts";
export { type Placement, PlacementCluster } from "./placement/mod.ts";
export { Quantities, Resources } from "./resources/mod.ts";
