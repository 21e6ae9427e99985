/**
 * Placement of batches of tasks on agents: cpus, memory, disk and GPUs (whole devices or shares of
 * one), by a policy, within Marathon's constraints, with a reason for every task that fits
 * nowhere. A library without I/O, clock or chance: equal calls give equal placements.
 * The search runs in a WebAssembly kernel; a TypeScript reference gives the same bits.
 *
 * @example
 * ```ts
 * import { PlacementCluster } from "fairlead/placement";
 *
 * const cluster = new PlacementCluster({
 *   agents: [
 *     { id: "a1", cpusMillis: 4_000, memMillis: 8_000_000, attributes: { rack: "r1" } },
 *     { id: "a2", cpusMillis: 8_000, memMillis: 8_000_000, attributes: { rack: "r2" } },
 *   ],
 * });
 * const task = { cpusMillis: 3_000, memMillis: 1_000_000 };
 * const placement = cluster.place([task, task, task, task], { policy: "best_fit" });
 * console.assert(placement.placed === 3);
 * console.assert(placement.agentOf(0) === "a1");
 * console.assert(placement.explain(3).shortfalls[0]?.resource === "cpus");
 * ```
 *
 * @module
 */
export { prepareTasks, TaskBatch, type TaskClasses } from "./batch.ts";
export { type ClusterOptions, PlacementCluster } from "./cluster.ts";
export { type Constraint, formatConstraint, parseConstraint } from "./constraint.ts";
export { provideKernel } from "./kernel/wasm.ts";
export { Placement } from "./placement.ts";
export type { Amounts, Exclusion, Refusal, ResourceName, Shortfall } from "./reason.ts";
export {
  type AgentSpec,
  type Assignment,
  type FreeResources,
  type PlaceOptions,
  POLICIES,
  type Policy,
  type TaskColumns,
  type TaskRule,
  type TaskSpec,
  type Weights,
  type WorkloadShape,
} from "./types.ts";
