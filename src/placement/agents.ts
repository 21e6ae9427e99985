/** The agents of a cluster: their rows in the kernel's columns, their ids and attributes. */
import { FairleadError } from "../base/mod.ts";
import type { PlacementKernel } from "./kernel/contract.ts";
import { sumDevices } from "./kernel/fit.ts";
import { type AgentColumns, DEVICES_MAX, WHOLE } from "./kernel/layout.ts";
import { type ReadAgent, unknownAgent } from "./read.ts";
import type { FreeResources } from "./types.ts";

/** The value of one attribute on each row; -1 where the agent has none. */
export interface AttributeColumn {
  readonly values: readonly string[];
  readonly of: Int32Array;
  /** The rows of value v are `rows[start[v]]` to `rows[start[v + 1] - 1]`. */
  readonly start: Int32Array;
  readonly rows: Int32Array;
}

/** In `cpus` of a row that no agent has: no task asks for so little. */
const VACANT = -1;

/** The most that any agent has of each kind, at least 1: what amounts are measured by. */
export interface Largest {
  readonly cpus: number;
  readonly mem: number;
  readonly disk: number;
  readonly gpus: number;
}

/** Rows of agents. A row that was given back is taken again by a later agent. */
export class AgentTable {
  readonly kernel: PlacementKernel;
  /** Rows in use or vacant: the agents that kernels look at. */
  size = 0;
  /** Grows with every change of agents or of what is free on them. */
  version = 0;
  readonly #rowOf = new Map<string, number>();
  readonly #vacant: number[] = [];
  #capacity = 0;
  #specs: (ReadAgent | undefined)[] = [];
  /** The version at which the agent of the row was removed last. */
  readonly #removedAt: number[] = [];
  readonly #models = new Map<string, number>([["", 0]]);
  readonly #attributes = new Map<string, AttributeColumn>();
  #largest: Largest | undefined;

  constructor(kernel: PlacementKernel) {
    this.kernel = kernel;
  }

  /** How many agents there are. */
  get count(): number {
    return this.#rowOf.size;
  }

  /** The columns; read them anew after every batch. */
  get columns(): AgentColumns {
    return this.kernel.agents();
  }

  /** The names of GPU models; an agent's `model` is a row here. */
  get models(): readonly string[] {
    return [...this.#models.keys()];
  }

  /** The rows' agents now. The array is never changed: later agents are in later arrays. */
  get specs(): readonly (ReadAgent | undefined)[] {
    return this.#specs;
  }

  /** The largest agent of each kind; found on first use after a change of agents. */
  get largest(): Largest {
    this.#largest ??= largestOf(this.#specs);
    return this.#largest;
  }

  has(id: string): boolean {
    return this.#rowOf.has(id);
  }

  /** @throws {FairleadError} `unknown_agent` */
  row(id: string): number {
    const row = this.#rowOf.get(id);
    if (row === undefined) throw unknownAgent(id);
    return row;
  }

  /** Was the agent that had this row at `version` removed since? */
  isGone(row: number, version: number): boolean {
    return (this.#removedAt[row] ?? 0) > version;
  }

  /** Add agents whose ids are new. */
  add(agents: readonly ReadAgent[]): void {
    const needed = this.count + agents.length;
    if (needed > this.#capacity) {
      this.#capacity = Math.max(needed, this.#capacity * 2, 16);
      this.kernel.reserve(this.#capacity);
    }
    this.#specs = this.#specs.slice();
    for (const agent of agents) {
      const row = this.#vacant.pop() ?? this.size++;
      this.#specs[row] = agent;
      this.#rowOf.set(agent.id, row);
      this.#write(row, agent);
    }
    this.#changed();
  }

  remove(id: string): number {
    const row = this.row(id);
    const columns = this.columns;
    this.#specs = this.#specs.slice();
    this.#specs[row] = undefined;
    this.#rowOf.delete(id);
    this.#vacant.push(row);
    for (const name of ["mem", "disk", "gpuCount", "model"] as const) columns[name][row] = 0;
    columns.cpus[row] = VACANT;
    sumDevices(columns, row);
    this.#changed();
    this.#removedAt[row] = this.version;
    return row;
  }

  /**
   * Give an agent other totals, attributes or model; what its tasks hold stays held.
   *
   * @throws {FairleadError} `agent_in_use` when its tasks hold more than the new totals.
   */
  update(agent: ReadAgent): void {
    const row = this.row(agent.id);
    const before = this.#specs[row]!;
    const columns = this.columns;
    const free = {
      cpus: columns.cpus[row]! + agent.cpusMillis - before.cpusMillis,
      mem: columns.mem[row]! + agent.memMillis - before.memMillis,
      disk: columns.disk[row]! + agent.diskMillis - before.diskMillis,
    };
    for (const [name, left] of Object.entries(free)) {
      if (left < 0) throw inUse(agent.id, name, -left);
    }
    for (let device = agent.gpus; device < before.gpus; device++) {
      const left = columns.gpuFree[row * DEVICES_MAX + device]!;
      if (left < WHOLE) throw inUse(agent.id, `gpu ${device}`, WHOLE - left);
    }
    for (let device = before.gpus; device < agent.gpus; device++) {
      columns.gpuFree[row * DEVICES_MAX + device] = WHOLE;
    }
    columns.cpus[row] = free.cpus;
    columns.mem[row] = free.mem;
    columns.disk[row] = free.disk;
    columns.gpuCount[row] = agent.gpus;
    columns.model[row] = this.#model(agent.gpuModel);
    sumDevices(columns, row);
    this.#specs = this.#specs.slice();
    this.#specs[row] = agent;
    this.#changed();
  }

  free(row: number): FreeResources {
    const columns = this.columns;
    const first = row * DEVICES_MAX;
    return {
      cpusMillis: columns.cpus[row]!,
      memMillis: columns.mem[row]!,
      diskMillis: columns.disk[row]!,
      gpuMillis: [...columns.gpuFree.subarray(first, first + columns.gpuCount[row]!)],
    };
  }

  /** The attribute's values, one number a value; made on first use after a change of agents. */
  attribute(field: string): AttributeColumn {
    const made = this.#attributes.get(field);
    if (made !== undefined) return made;
    const rows = new Map<string, number>();
    const of = new Int32Array(this.size).fill(-1);
    for (let row = 0; row < this.size; row++) {
      const value = this.#specs[row]?.attributes.get(field);
      if (value === undefined) continue;
      const known = rows.get(value) ?? rows.size;
      rows.set(value, known);
      of[row] = known;
    }
    const column = { values: [...rows.keys()], of, ...rowsByValue(of, rows.size) };
    this.#attributes.set(field, column);
    return column;
  }

  #write(row: number, agent: ReadAgent): void {
    const columns = this.columns;
    columns.cpus[row] = agent.cpusMillis;
    columns.mem[row] = agent.memMillis;
    columns.disk[row] = agent.diskMillis;
    columns.gpuCount[row] = agent.gpus;
    columns.model[row] = this.#model(agent.gpuModel);
    const first = row * DEVICES_MAX;
    columns.gpuFree.fill(WHOLE, first, first + agent.gpus);
    sumDevices(columns, row);
  }

  #model(name: string): number {
    const model = this.#models.get(name) ?? this.#models.size;
    this.#models.set(name, model);
    return model;
  }

  #changed(): void {
    this.version++;
    this.#attributes.clear();
    this.#largest = undefined;
  }
}

function largestOf(specs: readonly (ReadAgent | undefined)[]): Largest {
  const largest = { cpus: 1, mem: 1, disk: 1, gpus: 1 };
  for (const spec of specs) {
    if (spec === undefined) continue;
    largest.cpus = Math.max(largest.cpus, spec.cpusMillis);
    largest.mem = Math.max(largest.mem, spec.memMillis);
    largest.disk = Math.max(largest.disk, spec.diskMillis);
    largest.gpus = Math.max(largest.gpus, spec.gpus * WHOLE);
  }
  return largest;
}

function rowsByValue(of: Int32Array, values: number): { start: Int32Array; rows: Int32Array } {
  const start = new Int32Array(values + 1);
  for (const value of of) if (value >= 0) start[value + 1]!++;
  for (let value = 0; value < values; value++) start[value + 1]! += start[value]!;
  const rows = new Int32Array(start[values]!);
  const next = start.slice();
  of.forEach((value, row) => {
    if (value >= 0) rows[next[value]!++] = row;
  });
  return { start, rows };
}

function inUse(id: string, resource: string, missingMillis: number): FairleadError {
  return new FairleadError(
    "agent_in_use",
    `Cannot shrink agent "${id}": its tasks hold ${missingMillis / 1_000} of ${resource} more`,
    { details: { id, resource, missingMillis } },
  );
}
