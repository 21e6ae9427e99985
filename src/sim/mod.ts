/**
 * Whole clusters on virtual time, with a seed: the masters, agents and schedulers that run in
 * earnest, over a network, a store, disks and processes that are simulated and go wrong as real
 * ones do. The same options give the same run on every machine; what must never happen is looked
 * for while it runs and once it has come to rest.
 *
 * @example
 * ```ts
 * import { simulate, USUAL_FAULTS, workload } from "fairlead/sim";
 *
 * const result = simulate({
 *   seed: 17,
 *   masters: 3,
 *   agents: 4,
 *   schedulers: [workload({ name: "batch", roles: ["batch"] })],
 *   faults: USUAL_FAULTS,
 *   durationMs: 600_000,
 * });
 * console.assert(result.violations.length === 0 && result.launches > 0);
 * ```
 *
 * @module
 */
export {
  type ClusterOptions,
  createCluster,
  type SimulatedCluster,
  type TaskFact,
} from "./cluster.ts";
export {
  type EnsembleOptions,
  type SimulatedClient,
  type SimulatedClientOptions,
  SimulatedEnsemble,
} from "./ensemble.ts";
export { type Fault, type FaultRates, USUAL_FAULTS } from "./faults.ts";
export type { SimulatedMasterOptions } from "./master_node.ts";
export {
  type MigrationSimulationOptions,
  type MigrationSimulationResult,
  simulateMigration,
} from "./migration.ts";
export type { Delay } from "./network.ts";
export type { ClockSkew } from "./node_clock.ts";
export type { Observer, SimulationOptions, SimulationView } from "./options.ts";
export { type ProcessPlan, usualProcess } from "./processes.ts";
export type { SchedulerContext, SchedulerProgram, SimulatedScheduler } from "./scheduler_node.ts";
export { shrinkFaults } from "./shrink.ts";
export { type SimulationResult, simulate } from "./simulation.ts";
export { type WorkloadOptions, workload } from "./workload.ts";
export type { TraceEntry, Violation } from "./world.ts";
