/**
 * Divides a cluster among frameworks: hierarchical Dominant Resource Fairness with weights, quotas,
 * reservations, filters and constraints, with the semantics of Mesos and at a fraction of its
 * cost. A library with no I/O: tell it what happens, ask it what to offer, ask it why not.
 *
 * @example
 * ```ts
 * import { Allocator } from "fairlead/allocator";
 *
 * const allocator = new Allocator({ seed: 7 });
 * allocator.addAgent({ id: "a1", resources: "cpus:24;mem:4096;ports:[31000-32000]" });
 * allocator.addFramework({ id: "web", roles: ["prod"] });
 * const [offer] = allocator.run();
 * console.assert(offer?.frameworkId === "web");
 * allocator.accept(offer!.handle, { used: "cpus:2;mem:512" });
 * ```
 *
 * @module
 */
export { Allocation } from "./allocation.ts";
export { Allocator } from "./allocator.ts";
export { type AllocatorCall, applyCall } from "./calls.ts";
export type { Explanation, ExplanationCode } from "./explain.ts";
export { Journal, type JournalEntry, type JournalOptions } from "./journal.ts";
export { provideKernel } from "./kernel/wasm.ts";
export type { AllocatorOptions } from "./options.ts";
export type { ExpectedAgents } from "./recovery.ts";
export type { AllocatorStats } from "./shares.ts";
export type {
  Acceptance,
  AgentCapability,
  AgentSpec,
  AgentUpdate,
  Allocated,
  AttributeConstraint,
  ConstraintSelector,
  Conversion,
  FaultDomain,
  FrameworkCapability,
  FrameworkShare,
  FrameworkSpec,
  FrameworkUpdate,
  InverseOffer,
  InverseOfferStatus,
  Offer,
  OfferConstraints,
  OfferHandle,
  QuotaSpec,
  RoleShare,
  Unavailability,
} from "./types.ts";
