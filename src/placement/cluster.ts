/** A cluster of agents on which batches of tasks are placed. */
import { FairleadError } from "../base/mod.ts";
import { AgentTable } from "./agents.ts";
import { prepareTasks, TaskBatch } from "./batch.ts";
import { invalid } from "./constraint.ts";
import type { GroupCounts } from "./counting.ts";
import { sumDevices } from "./kernel/fit.ts";
import { DEVICES_MAX, WHOLE } from "./kernel/layout.ts";
import { createKernel } from "./kernel/wasm.ts";
import { devicesOf, Placement } from "./placement.ts";
import { readAgent, readOptions, requireKeys, requireList } from "./read.ts";
import { explainTask } from "./refusal.ts";
import { runBatch } from "./run.ts";
import type { AgentSpec, FreeResources, PlaceOptions, TaskColumns, TaskSpec } from "./types.ts";

/** How a cluster is made. */
export interface ClusterOptions {
  readonly agents?: readonly AgentSpec[];
  /** `typed` does without WebAssembly; both give the same placements. @default "wasm" */
  readonly kernel?: "wasm" | "typed";
}

/** What is remembered of a placement while its tasks may be released. */
interface Ledger {
  readonly batch: TaskBatch;
  /** The table's version when the batch had been placed. */
  readonly version: number;
  readonly isReleased: Uint8Array;
}

/**
 * Agents with what is free on them, on which batches of tasks are placed.
 *
 * There is no chance and no clock in it: equal calls give equal placements, with either kernel.
 * A call that throws has changed nothing.
 *
 * Units: thousandths of cpus, of MB and of GPU devices.
 * Cost: {@linkcode PlacementCluster.place}; memory is about 130 bytes an agent, and while a batch
 * runs 12 bytes a task besides.
 */
export class PlacementCluster {
  readonly #table: AgentTable;
  readonly #groups = new Map<string, Map<number, number>>();
  readonly #ledgers = new WeakMap<Placement, Ledger>();

  /**
   * @throws {FairleadError} `invalid_input` for an agent's field out of range; `duplicate_agent`.
   */
  constructor(options: ClusterOptions = {}) {
    requireKeys(options, "options", ["agents", "kernel"]);
    const kernel = options.kernel ?? "wasm";
    if (kernel !== "wasm" && kernel !== "typed") throw invalid("kernel", kernel, "wasm or typed");
    this.#table = new AgentTable(createKernel(kernel));
    if (options.agents !== undefined) this.addAgents(options.agents);
  }

  /** Which kernel runs: `typed` also where `wasm` was asked for and the platform refuses it. */
  get kernel(): "wasm" | "typed" {
    return this.#table.kernel.name;
  }

  /** How many agents there are. */
  get size(): number {
    return this.#table.count;
  }

  /** The ids of all agents, in the order in which ties are broken. */
  get agentIds(): string[] {
    return this.#table.specs.flatMap((spec) => (spec === undefined ? [] : [spec.id]));
  }

  /**
   * Add agents, all of them or none.
   *
   * @throws {FairleadError} `invalid_input` naming the field; `duplicate_agent` for an id that is
   * there already.
   */
  addAgents(agents: readonly AgentSpec[]): void {
    requireList(agents, "agents", "agents");
    const read = Array.from(agents, (agent, i) => readAgent(agent, `agents[${i}]`));
    const ids = new Set<string>();
    for (const { id } of read) {
      if (ids.has(id) || this.#table.has(id)) {
        throw new FairleadError(
          "duplicate_agent",
          `Cannot add agent "${id}": there is one already`,
          {
            details: { id },
          },
        );
      }
      ids.add(id);
    }
    if (read.length > 0) this.#table.add(read);
  }

  /**
   * Give an agent other totals, attributes, host name or GPU model. What its tasks hold is kept.
   *
   * @throws {FairleadError} `unknown_agent`; `agent_in_use` when its tasks hold more than the new
   * totals; `invalid_input` naming the field.
   */
  updateAgent(agent: AgentSpec): void {
    this.#table.update(readAgent(agent, "agent"));
  }

  /**
   * Remove an agent together with the tasks on it: they can no longer be released.
   *
   * @throws {FairleadError} `unknown_agent`
   */
  removeAgent(id: string): void {
    const row = this.#table.remove(id);
    for (const counts of this.#groups.values()) counts.delete(row);
  }

  /** What is free on the agent. @throws {FairleadError} `unknown_agent` */
  free(id: string): FreeResources {
    return this.#table.free(this.#table.row(id));
  }

  /** How many instances of the group were placed and not released. */
  instances(group: string): number {
    let sum = 0;
    for (const count of this.#groups.get(group)?.values() ?? []) sum += count;
    return sum;
  }

  /**
   * Place tasks in their order; those that fit nowhere are left out.
   *
   * Shapes: n tasks in, n rows out.
   * Cost: `bench placement/batch`. Building the search is O(agents), each task then O(log agents)
   * to O(agents) by policy and constraints; for the fragmentation policies each placed task costs
   * O(classes) besides.
   *
   * @param tasks Tasks as objects, as columns, or prepared by `prepareTasks`.
   * @throws {FairleadError} `invalid_input` and `invalid_pattern`, as `prepareTasks`;
   * `memory_exhausted`.
   */
  place(
    tasks: readonly TaskSpec[] | TaskColumns | TaskBatch,
    options: PlaceOptions = {},
  ): Placement {
    const read = readOptions(options);
    const batch = tasks instanceof TaskBatch ? tasks : prepareTasks(tasks);
    const columns = runBatch(this.#table, batch, read, (group) => this.#countsOf(group));
    const placement = new Placement(columns.taskAgent.slice(), columns.taskDevices.slice(), {
      batch,
      specs: this.#table.specs,
      explain: (made, task) => this.#explain(made, task),
    });
    if (batch.groupOf !== undefined) this.#countGroups(batch, placement.agents);
    const version = ++this.#table.version;
    const isReleased = new Uint8Array(batch.size);
    this.#ledgers.set(placement, { batch, version, isReleased });
    return placement;
  }

  /**
   * Give back what a placed task holds.
   *
   * @throws {FairleadError} `not_held` when the task was not placed, was released already, or went
   * with its agent; `invalid_input` when the placement is not of this cluster.
   */
  release(placement: Placement, task: number): void {
    const ledger = this.#ledgerOf(placement);
    const row = placement.agents[task];
    if (row === undefined) throw invalid("task", task, `an index from 0 to ${placement.size - 1}`);
    const why = this.#whyNotHeld(ledger, row, task);
    if (why !== undefined) {
      throw new FairleadError("not_held", `Cannot release task ${task}: ${why}`, {
        details: { task },
      });
    }
    this.#giveBack(ledger, placement, task, row);
    this.#table.version++;
  }

  /** Give back all that the placement's tasks still hold. */
  releaseAll(placement: Placement): void {
    const ledger = this.#ledgerOf(placement);
    for (let task = 0; task < placement.size; task++) {
      const row = placement.agents[task]!;
      if (this.#whyNotHeld(ledger, row, task) === undefined) {
        this.#giveBack(ledger, placement, task, row);
      }
    }
    this.#table.version++;
  }

  #ledgerOf(placement: Placement): Ledger {
    const ledger = this.#ledgers.get(placement);
    if (ledger === undefined) throw invalid("placement", "it", "made by this cluster");
    return ledger;
  }

  #whyNotHeld(ledger: Ledger, row: number, task: number): string | undefined {
    if (row < 0) return "it was not placed";
    if (ledger.isReleased[task] === 1) return "it was released already";
    if (this.#table.isGone(row, ledger.version)) return "its agent was removed";
    return undefined;
  }

  #giveBack({ batch, isReleased }: Ledger, placement: Placement, task: number, row: number): void {
    const { columns } = this.#table;
    const { classes } = batch;
    const cls = batch.classOf[task]!;
    columns.cpus[row]! += classes.cpusMillis[cls]!;
    columns.mem[row]! += classes.memMillis[cls]!;
    columns.disk[row]! += classes.diskMillis[cls]!;
    const share = Math.min(classes.gpuMillis[cls]!, WHOLE);
    for (const device of devicesOf(placement.devices[task]!)) {
      columns.gpuFree[row * DEVICES_MAX + device]! += share;
    }
    sumDevices(columns, row);
    isReleased[task] = 1;
    const group = batch.groups[batch.groupOf?.[task] ?? -1];
    if (group !== undefined) this.#count(group, row, -1);
  }

  #countsOf(group: string): GroupCounts {
    return this.#groups.get(group) ?? new Map<number, number>();
  }

  #countGroups(batch: TaskBatch, agents: Int32Array): void {
    for (let task = 0; task < batch.size; task++) {
      const group = batch.groups[batch.groupOf![task]!];
      if (group !== undefined && agents[task]! >= 0) this.#count(group, agents[task]!, 1);
    }
  }

  #count(group: string, row: number, change: number): void {
    const counts = this.#groups.get(group) ?? new Map<number, number>();
    this.#groups.set(group, counts);
    const count = (counts.get(row) ?? 0) + change;
    if (count === 0) counts.delete(row);
    else counts.set(row, count);
    if (counts.size === 0) this.#groups.delete(group);
  }

  #explain(placement: Placement, task: number) {
    const { batch, version } = this.#ledgerOf(placement);
    const isUnchanged = this.#table.version === version;
    return explainTask({
      table: this.#table,
      batch,
      placement,
      task,
      asOf: isUnchanged ? "refusal" : "now",
      countsOf: (group) => this.#countsOf(group),
    });
  }
}
