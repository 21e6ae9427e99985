/** The result of a batch: packed rows, and objects for those who ask. */
import type { TaskBatch } from "./batch.ts";
import { invalid } from "./constraint.ts";
import type { ReadAgent } from "./read.ts";
import type { Refusal } from "./reason.ts";
import type { Assignment } from "./types.ts";

/** What a placement needs to know of the cluster that made it. */
export interface PlacementSource {
  readonly batch: TaskBatch;
  /** The rows' agents when the batch was placed. */
  readonly specs: readonly (ReadAgent | undefined)[];
  readonly explain: (placement: Placement, task: number) => Refusal;
}

/**
 * Where the tasks of a batch went.
 *
 * `agents` and `devices` are packed; `assignments()` makes objects one by one. Reasons are worked
 * out when they are asked for.
 */
export class Placement {
  /** The row of each task's agent, -1 for a task that fits nowhere. Not to be changed. */
  readonly agents: Int32Array;
  /** A bit for each GPU device that the task uses. Not to be changed. */
  readonly devices: Uint32Array;
  /** How many tasks have an agent. */
  readonly placed: number;
  readonly #source: PlacementSource;

  /** @ignore Made by `PlacementCluster.place`. */
  constructor(agents: Int32Array, devices: Uint32Array, source: PlacementSource) {
    this.agents = agents;
    this.devices = devices;
    this.#source = source;
    let placed = 0;
    for (let task = 0; task < agents.length; task++) if (agents[task]! >= 0) placed++;
    this.placed = placed;
  }

  /** How many tasks the batch has. */
  get size(): number {
    return this.agents.length;
  }

  /** How many tasks fit nowhere. */
  get unplaced(): number {
    return this.size - this.placed;
  }

  /** The id of the agent that the task is on; `undefined` when it fits nowhere. */
  agentOf(task: number): string | undefined {
    const row = this.agents[this.#check(task)]!;
    return row < 0 ? undefined : this.#source.specs[row]!.id;
  }

  /** Where the task went; `undefined` when it fits nowhere. */
  assignment(task: number): Assignment | undefined {
    const agentId = this.agentOf(task);
    if (agentId === undefined) return undefined;
    const taskId = this.#source.batch.idOf(task);
    return { taskIndex: task, taskId, agentId, gpuDevices: devicesOf(this.devices[task]!) };
  }

  /** All placed tasks in their order, an object each. */
  *assignments(): Generator<Assignment, void> {
    for (let task = 0; task < this.size; task++) {
      const assignment = this.assignment(task);
      if (assignment !== undefined) yield assignment;
    }
  }

  /** The indexes of the tasks that fit nowhere. */
  *refused(): Generator<number, void> {
    for (let task = 0; task < this.size; task++) if (this.agents[task]! < 0) yield task;
  }

  /**
   * Say in numbers why the task has no agent.
   *
   * As long as nothing happened to the cluster since, the answer is that of the moment of refusal
   * (`asOf: "refusal"`): what was placed after it is put back in thought. Else it tells of now.
   *
   * Cost: O(agents × constraints + tasks).
   *
   * @throws {FairleadError} `invalid_input` when the task was placed or is not of the batch.
   */
  explain(task: number): Refusal {
    if (this.agents[this.#check(task)]! >= 0) {
      throw invalid("task", task, "one that has no agent");
    }
    return this.#source.explain(this, task);
  }

  #check(task: number): number {
    if (Number.isInteger(task) && task >= 0 && task < this.size) return task;
    throw invalid("task", task, `an index from 0 to ${this.size - 1}`);
  }
}

/** The numbers of the bits that are set. */
export function devicesOf(bits: number): number[] {
  const devices: number[] = [];
  for (let device = 0; device < 32; device++) if ((bits >>> device) & 1) devices.push(device);
  return devices;
}
