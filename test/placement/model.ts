/**
 * Placement in plain objects: for each task look at every agent, keep the best. The oracle of the
 * kernels, and the contender `naive` of the benches. It knows nothing of classes, masks, grids,
 * trees or tables: constraints and fragmentation are computed from their definitions each time.
 */
import type {
  AgentSpec,
  Constraint,
  PlaceOptions,
  Policy,
  TaskSpec,
  WorkloadShape,
} from "../../src/placement/mod.ts";
import { profileWorkload, type WorkloadProfile } from "../../src/placement/workload.ts";

/** An agent and what is free on it. */
export interface ModelAgent {
  spec: AgentSpec;
  cpus: number;
  mem: number;
  disk: number;
  readonly gpus: number[];
  /** Tasks that were placed here and not released. */
  readonly held: Set<ModelHolding>;
}

/** A task on its agent. */
export interface ModelHolding {
  readonly task: TaskSpec;
  readonly agent: ModelAgent;
  readonly devices: readonly number[];
}

/** A choice for one task: the score of an agent, and the device that a share would come from. */
interface Choice {
  readonly score: number;
  readonly device: number;
}

interface Factors {
  readonly cpus: number;
  readonly mem: number;
  readonly disk: number;
  readonly gpus: number;
}

/** What a batch knows. */
interface Batch {
  readonly policy: Policy;
  readonly factors: Factors;
  readonly profile: WorkloadProfile | undefined;
}

export class ModelCluster {
  /** By row; a removed agent leaves a hole that the next one takes, the last hole first. */
  readonly agents: (ModelAgent | undefined)[] = [];
  readonly #holes: number[] = [];
  /** Every model that was ever registered. */
  readonly #models = new Set([""]);

  add(spec: AgentSpec): void {
    const row = this.#holes.pop() ?? this.agents.length;
    this.#models.add(spec.gpuModel ?? "");
    this.agents[row] = {
      spec,
      cpus: spec.cpusMillis,
      mem: spec.memMillis,
      disk: spec.diskMillis ?? 0,
      gpus: new Array<number>(spec.gpus ?? 0).fill(1_000),
      held: new Set(),
    };
  }

  remove(id: string): void {
    const row = this.agents.findIndex((agent) => agent?.spec.id === id);
    this.agents[row] = undefined;
    this.#holes.push(row);
  }

  /** Other totals and attributes; what is held stays held. */
  update(spec: AgentSpec): void {
    const row = this.agents.findIndex((agent) => agent?.spec.id === spec.id);
    const agent = this.agents[row]!;
    this.#models.add(spec.gpuModel ?? "");
    agent.cpus += spec.cpusMillis - agent.spec.cpusMillis;
    agent.mem += spec.memMillis - agent.spec.memMillis;
    agent.disk += (spec.diskMillis ?? 0) - (agent.spec.diskMillis ?? 0);
    while (agent.gpus.length < (spec.gpus ?? 0)) agent.gpus.push(1_000);
    agent.gpus.length = spec.gpus ?? 0;
    agent.spec = spec;
  }

  place(tasks: readonly TaskSpec[], options: PlaceOptions = {}): (ModelHolding | undefined)[] {
    const policy = options.policy ?? "best_fit";
    const isAware = policy === "fragmentation_aware" || policy === "stranding_aware";
    const batch: Batch = {
      policy,
      factors: this.#factors(policy, options),
      profile: isAware
        ? profileWorkload(options.workload ?? shapesOf(tasks), this.#models.size)
        : undefined,
    };
    return tasks.map((task) => this.#placeOne(task, batch));
  }

  release(holding: ModelHolding): void {
    const { agent, task, devices } = holding;
    agent.held.delete(holding);
    agent.cpus += task.cpusMillis ?? 0;
    agent.mem += task.memMillis ?? 0;
    agent.disk += task.diskMillis ?? 0;
    for (const device of devices) agent.gpus[device]! += Math.min(task.gpuMillis ?? 0, 1_000);
  }

  #placeOne(task: TaskSpec, batch: Batch): ModelHolding | undefined {
    const { cpusMillis = 0, memMillis = 0, diskMillis = 0, gpuMillis = 0 } = task;
    let best: ModelAgent | undefined;
    let bestScore = Infinity;
    for (const agent of this.agents) {
      if (agent === undefined) continue;
      if (agent.cpus < cpusMillis || agent.mem < memMillis || agent.disk < diskMillis) continue;
      if (gpuMillis > 0 && !hasGpus(agent, gpuMillis)) continue;
      if (!this.#allows(task, agent)) continue;
      const score = scoreOf(agent, task, batch);
      if (score >= bestScore) continue;
      best = agent;
      bestScore = score;
    }
    if (best === undefined) return undefined;
    const device = deviceOf(best, task, batch);
    best.cpus -= cpusMillis;
    best.mem -= memMillis;
    best.disk -= diskMillis;
    const devices = takeGpus(best, gpuMillis, device);
    const holding = { task, agent: best, devices };
    best.held.add(holding);
    return holding;
  }

  #allows(task: TaskSpec, agent: ModelAgent): boolean {
    if (task.gpuModels !== undefined && !task.gpuModels.includes(agent.spec.gpuModel ?? "")) {
      return false;
    }
    if (task.constraints === undefined) return true;
    return task.constraints.every((constraint) => this.#satisfies(task, constraint, agent));
  }

  #satisfies(task: TaskSpec, constraint: Constraint, agent: ModelAgent): boolean {
    const { field } = constraint;
    const value = attributeOf(agent, field);
    if (constraint.operator === "UNLIKE") {
      return value === undefined || !matches(constraint.value, value);
    }
    if (value === undefined) return false;
    switch (constraint.operator) {
      case "LIKE":
        return matches(constraint.value, value);
      case "IS":
        return value === plain(constraint.value);
      case "CLUSTER": {
        if (constraint.value !== undefined) return value === plain(constraint.value);
        const counts = this.#instances(task.group!, field);
        return counts.size === 0 || counts.has(value);
      }
      case "UNIQUE":
        return !this.#instances(task.group!, field).has(value);
      case "MAX_PER":
        return (this.#instances(task.group!, field).get(value) ?? 0) < constraint.value;
      case "GROUP_BY":
        return this.#isLeast(task, constraint, value);
    }
  }

  /** Is no other value that may be used behind this one? */
  #isLeast(
    task: TaskSpec,
    constraint: Constraint & { operator: "GROUP_BY" },
    value: string,
  ): boolean {
    const counts = this.#instances(task.group!, constraint.field);
    const limit = constraint.value ?? Infinity;
    const candidates = new Map(counts);
    if (counts.size < limit) {
      for (const agent of this.agents) {
        if (agent === undefined || !this.#isKnown(task, agent)) continue;
        const other = attributeOf(agent, constraint.field);
        if (other !== undefined && !candidates.has(other)) candidates.set(other, 0);
      }
    }
    return candidates.has(value) && candidates.get(value) === Math.min(...candidates.values());
  }

  /** Do the constraints that count nothing, and the models, let the agent through? */
  #isKnown(task: TaskSpec, agent: ModelAgent): boolean {
    const still = (task.constraints ?? []).filter(
      (c) =>
        c.operator === "LIKE" ||
        c.operator === "UNLIKE" ||
        c.operator === "IS" ||
        (c.operator === "CLUSTER" && c.value !== undefined),
    );
    return this.#allows({ ...task, constraints: still }, agent);
  }

  #instances(group: string, field: string): Map<string, number> {
    const counts = new Map<string, number>();
    for (const agent of this.agents) {
      for (const { task } of agent?.held ?? []) {
        const value = attributeOf(agent!, field);
        if (task.group === group && value !== undefined)
          counts.set(value, (counts.get(value) ?? 0) + 1);
      }
    }
    return counts;
  }

  /** What a thousandth of each kind counts, by the largest agent. */
  #factors(policy: Policy, options: PlaceOptions): Factors {
    const weights = { cpus: 1, mem: 1, disk: 0, gpus: 1, ...options.weights };
    const sum = weights.cpus + weights.mem + weights.disk + weights.gpus;
    const specs = this.agents.flatMap((agent) => (agent === undefined ? [] : [agent.spec]));
    const most = (of: (spec: AgentSpec) => number) => Math.max(1, ...specs.map(of));
    const factor = (weight: number, largest: number) => {
      if (policy === "first_fit" || sum === 0) return 0;
      const sign = policy === "spread" || policy === "dot_product" ? -1 : 1;
      const plain = (sign * (weight / sum)) / largest;
      return policy === "dot_product" ? plain / largest : plain;
    };
    return {
      cpus: factor(
        weights.cpus,
        most((spec) => spec.cpusMillis),
      ),
      mem: factor(
        weights.mem,
        most((spec) => spec.memMillis),
      ),
      disk: factor(
        weights.disk,
        most((spec) => spec.diskMillis ?? 0),
      ),
      gpus: factor(
        weights.gpus,
        most((spec) => (spec.gpus ?? 0) * 1_000),
      ),
    };
  }
}

function hasGpus(agent: ModelAgent, gpuMillis: number): boolean {
  if (gpuMillis < 1_000) return agent.gpus.some((free) => free >= gpuMillis);
  return agent.gpus.filter((free) => free === 1_000).length >= gpuMillis / 1_000;
}

function takeGpus(agent: ModelAgent, gpuMillis: number, device: number): number[] {
  if (gpuMillis === 0) return [];
  if (gpuMillis < 1_000) {
    agent.gpus[device]! -= gpuMillis;
    return [device];
  }
  const whole = agent.gpus
    .flatMap((free, i) => (free === 1_000 ? [i] : []))
    .slice(0, gpuMillis / 1_000);
  for (const each of whole) agent.gpus[each] = 0;
  return whole;
}

function scoreOf(agent: ModelAgent, task: TaskSpec, batch: Batch): number {
  if (batch.profile !== undefined) return gradient(agent, task, batch, batch.profile).score;
  const { cpusMillis = 0, memMillis = 0, diskMillis = 0, gpuMillis = 0 } = task;
  const { factors, policy } = batch;
  const aligned = policy === "dot_product";
  let gpus = 0;
  for (const free of agent.gpus) gpus += free;
  return (
    agent.cpus * (aligned ? factors.cpus * cpusMillis : factors.cpus) +
    agent.mem * (aligned ? factors.mem * memMillis : factors.mem) +
    agent.disk * (aligned ? factors.disk * diskMillis : factors.disk) +
    gpus * (aligned ? factors.gpus * gpuMillis : factors.gpus)
  );
}

/** The device that a share comes from; -1 for other demands. */
function deviceOf(agent: ModelAgent, task: TaskSpec, batch: Batch): number {
  const { gpuMillis = 0 } = task;
  if (gpuMillis === 0 || gpuMillis >= 1_000) return -1;
  if (batch.profile !== undefined) return gradient(agent, task, batch, batch.profile).device;
  return deviceBy(batch.policy, agent.gpus, gpuMillis);
}

function deviceBy(policy: Policy, gpus: readonly number[], share: number): number {
  const fitting = gpus.flatMap((free, device) => (free >= share ? [{ free, device }] : []));
  if (policy === "spread") fitting.sort((a, b) => b.free - a.free);
  else if (policy !== "first_fit") fitting.sort((a, b) => a.free - b.free);
  return fitting[0]!.device;
}

/** The thousandths of GPU on an agent that the expected tasks cannot use, times their weights. */
function fragmentation(agent: ModelAgent, profile: WorkloadProfile): number {
  let sum = 0;
  for (const shape of profile.shapes) {
    const total = agent.gpus.reduce((a, b) => a + b, 0);
    const isAllowed = shape.gpuModels?.includes(agent.spec.gpuModel ?? "") ?? true;
    const fits =
      isAllowed &&
      shape.gpuMillis > 0 &&
      agent.cpus >= shape.cpus &&
      agent.mem >= shape.mem &&
      hasGpus(agent, shape.gpuMillis);
    const least = Math.min(shape.gpuMillis, 1_000);
    const usable = fits ? agent.gpus.reduce((a, b) => a + (b >= least ? b : 0), 0) : 0;
    sum += shape.weight * (total - usable);
  }
  return sum;
}

/** The thousandths of GPU for which cpus or memory would be missing. */
function stranded(agent: ModelAgent, profile: WorkloadProfile): number {
  const total = agent.gpus.reduce((a, b) => a + b, 0);
  const byCpus = profile.gpusPerCpus === 0 ? Infinity : agent.cpus * profile.gpusPerCpus;
  const byMem = profile.gpusPerMem === 0 ? Infinity : agent.mem * profile.gpusPerMem;
  return Math.max(0, total - Math.min(byCpus, byMem));
}

function gradient(
  agent: ModelAgent,
  task: TaskSpec,
  batch: Batch,
  profile: WorkloadProfile,
): Choice {
  const { cpusMillis = 0, memMillis = 0, diskMillis = 0, gpuMillis = 0 } = task;
  const before = fragmentation(agent, profile);
  const strandedBefore = stranded(agent, profile);
  const isShare = gpuMillis > 0 && gpuMillis < 1_000;
  const devices = isShare ? agent.gpus.flatMap((free, i) => (free >= gpuMillis ? [i] : [])) : [-1];
  let device = -1;
  let grown = Infinity;
  let after = agent;
  for (const each of devices) {
    const tried = {
      ...agent,
      gpus: agent.gpus.slice(),
      cpus: agent.cpus - cpusMillis,
      mem: agent.mem - memMillis,
    };
    takeGpus(tried, gpuMillis, each);
    const growth = fragmentation(tried, profile) - before;
    if (growth >= grown) continue;
    grown = growth;
    device = each;
    after = tried;
  }
  const strand =
    batch.policy === "stranding_aware"
      ? profile.totalWeight * (stranded(after, profile) - strandedBefore)
      : 0;
  const { factors } = batch;
  const left =
    after.cpus * factors.cpus +
    after.mem * factors.mem +
    (agent.disk - diskMillis) * factors.disk +
    after.gpus.reduce((a, b) => a + b, 0) * factors.gpus;
  return { score: Math.floor((grown + strand) * profile.quantumInverse) * 2 + left, device };
}

/** Tasks of equal shape and models, counted, in the order in which they first come. */
function shapesOf(tasks: readonly TaskSpec[]): WorkloadShape[] {
  const shapes = new Map<string, WorkloadShape & { count: number }>();
  for (const {
    cpusMillis = 0,
    memMillis = 0,
    gpuMillis = 0,
    gpuModels,
    diskMillis,
    ...rule
  } of tasks) {
    const key = JSON.stringify([
      cpusMillis,
      memMillis,
      gpuMillis,
      diskMillis,
      gpuModels,
      rule.constraints,
      rule.group,
    ]);
    const shape = shapes.get(key);
    if (shape) shapes.set(key, { ...shape, count: shape.count + 1 });
    else {
      shapes.set(key, {
        cpusMillis,
        memMillis,
        gpuMillis,
        count: 1,
        ...(gpuModels ? { gpuModels } : {}),
      });
    }
  }
  return [...shapes.values()];
}

function attributeOf(agent: ModelAgent, field: string): string | undefined {
  if (field === "hostname") return agent.spec.hostname ?? agent.spec.id;
  const value = agent.spec.attributes?.[field];
  return value === undefined ? undefined : plain(value);
}

function plain(value: string | number): string {
  return typeof value === "number" ? String(Math.round(value * 1_000) / 1_000) : value;
}

function matches(pattern: string, value: string): boolean {
  return new RegExp(`^(?:${pattern})$`).test(value);
}
