import { describe, expect, test } from "vitest";
import { type Placement, PlacementCluster, type TaskSpec } from "../../src/placement/mod.ts";
import { ModelCluster, type ModelHolding } from "./model.ts";
import { Draw } from "./worlds.ts";

/** The same cluster three times. */
interface Trio {
  readonly wasm: PlacementCluster;
  readonly typed: PlacementCluster;
  readonly model: ModelCluster;
}

interface Placed {
  readonly tasks: readonly TaskSpec[];
  readonly wasm: Placement;
  readonly typed: Placement;
  readonly model: (ModelHolding | undefined)[];
}

/** A run of random calls; every answer is compared, and after each all that is free. */
class Run {
  readonly draw: Draw;
  readonly trio: Trio;
  readonly placed: Placed[] = [];
  batches = 0;
  #nextId = 0;

  constructor(seed: number, agents: number) {
    this.draw = new Draw(seed);
    const specs = this.draw.agents(agents);
    this.#nextId = agents;
    const model = new ModelCluster();
    for (const spec of specs) model.add(spec);
    this.trio = {
      wasm: new PlacementCluster({ agents: specs, kernel: "wasm" }),
      typed: new PlacementCluster({ agents: specs, kernel: "typed" }),
      model,
    };
  }

  step(tasksMax: number): void {
    const kind = this.draw.int(0, 9);
    if (kind < 5 || this.placed.length === 0) this.place(tasksMax);
    else if (kind < 7) this.releaseSome();
    else this.changeAgents(kind);
    this.compareFree();
  }

  place(tasksMax: number): void {
    const { draw, trio } = this;
    const tasks = draw.tasks(draw.int(1, tasksMax), draw.pick([0, 0, 30, 100]));
    const options = draw.options();
    const wasm = trio.wasm.place(tasks, options);
    const typed = trio.typed.place(tasks, options);
    const model = trio.model.place(tasks, options);
    const expected = model.map((h) =>
      h ? { agentId: h.agent.spec.id, gpuDevices: h.devices } : undefined,
    );
    for (const [name, placement] of Object.entries({ wasm, typed })) {
      const got = tasks.map((_, task) => {
        const assignment = placement.assignment(task);
        return assignment && { agentId: assignment.agentId, gpuDevices: assignment.gpuDevices };
      });
      expect({ name, options, got }).toEqual({ name, options, got: expected });
    }
    this.batches++;
    this.placed.push({ tasks, wasm, typed, model });
  }

  releaseSome(): void {
    const placed = this.draw.pick(this.placed);
    const { wasm, typed, model } = this.trio;
    placed.model.forEach((holding, task) => {
      if (holding === undefined || !this.draw.chance(60)) return;
      if (!model.agents.includes(holding.agent) || !holding.agent.held.has(holding)) return;
      model.release(holding);
      wasm.release(placed.wasm, task);
      typed.release(placed.typed, task);
    });
  }

  changeAgents(kind: number): void {
    const { draw, trio } = this;
    const ids = trio.wasm.agentIds;
    if (kind === 7 || ids.length === 0) {
      const spec = draw.agent(`a${this.#nextId++}`);
      for (const cluster of [trio.wasm, trio.typed]) cluster.addAgents([spec]);
      trio.model.add(spec);
      return;
    }
    const id = draw.pick(ids);
    if (kind === 8) {
      for (const cluster of Object.values(trio)) remove(cluster, id);
      return;
    }
    const old = trio.model.agents.find((agent) => agent?.spec.id === id)!.spec;
    const spec = {
      ...old,
      cpusMillis: old.cpusMillis + 500,
      gpus: Math.min(16, (old.gpus ?? 0) + 1),
      attributes: draw.agent(id).attributes!,
    };
    for (const cluster of [trio.wasm, trio.typed]) cluster.updateAgent(spec);
    trio.model.update(spec);
  }

  compareFree(): void {
    const { wasm, typed, model } = this.trio;
    for (const agent of model.agents) {
      if (agent === undefined) continue;
      const { cpus, mem, disk, gpus } = agent;
      const expected = { cpusMillis: cpus, memMillis: mem, diskMillis: disk, gpuMillis: gpus };
      expect(wasm.free(agent.spec.id)).toEqual(expected);
      expect(typed.free(agent.spec.id)).toEqual(expected);
    }
  }
}

function remove(cluster: PlacementCluster | ModelCluster, id: string): void {
  if (cluster instanceof ModelCluster) cluster.remove(id);
  else cluster.removeAgent(id);
}

function runAll(seeds: readonly number[], agents: number, steps: number, tasksMax: number): number {
  let batches = 0;
  for (const seed of seeds) {
    const run = new Run(seed, new Draw(seed).int(1, agents));
    try {
      for (let step = 0; step < steps; step++) run.step(tasksMax);
    } catch (cause) {
      throw new Error(`seed ${seed}, ${agents} agents, batch ${run.batches}`, { cause });
    }
    batches += run.batches;
  }
  return batches;
}

const seeds = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i);

describe("wasm, typed and the model of plain objects", () => {
  test("agree on thousands of batches over small clusters that change", () => {
    expect(runAll(seeds(1, 500), 12, 12, 24)).toBeGreaterThan(2_000);
  });

  test("agree over clusters of many equal agents", () => {
    expect(runAll(seeds(10_000, 12), 150, 6, 150)).toBeGreaterThan(20);
  });
});
