/** Why a task fits nowhere, in numbers. */
import { WHOLE } from "./kernel/layout.ts";
import { hasRow, type Mask } from "./mask.ts";

/** The kinds of amounts. */
export type ResourceName = "cpus" | "mem" | "disk" | "gpus";

/** An amount of each kind, in thousandths. */
export type Amounts = Readonly<Record<ResourceName, number>>;

/** The amounts of one kind that agents lack, among those that the task's rule lets through. */
export interface Shortfall {
  readonly resource: ResourceName;
  /** How many agents lack it. */
  readonly agents: number;
  /** The least that one of them lacks, in thousandths. */
  readonly leastMillis: number;
}

/** What a constraint (or the demand for GPU models) takes out, whatever other constraints do. */
export interface Exclusion {
  /** `rack:LIKE:r1`, or `gpuModel in T4|V100`. */
  readonly constraint: string;
  readonly agents: number;
}

/** Why a task has no agent. */
export interface Refusal {
  readonly taskIndex: number;
  readonly taskId: string | undefined;
  /** Whether the numbers are those of the moment of refusal, or of the moment of asking. */
  readonly asOf: "refusal" | "now";
  /** All agents of the cluster. */
  readonly agents: number;
  /** Those that the constraints and models let through. */
  readonly eligible: number;
  /** Those of the eligible on which it fits: 0, unless the cluster has changed since. */
  readonly fitting: number;
  readonly exclusions: readonly Exclusion[];
  readonly shortfalls: readonly Shortfall[];
  /** The eligible agent that lacks least, measured in parts of the demand. */
  readonly closest:
    | { readonly agentId: string; readonly missingMillis: Partial<Amounts> }
    | undefined;
  /** For each kind that is short: with how much of it, at most, the task would fit; the rest as asked. */
  readonly wouldFitMillis: Partial<Amounts>;
  /** On how many agents it would fit if there were no constraints and no demand for models. */
  readonly withoutConstraints: number;
  /** All of this as a sentence. */
  readonly text: string;
}

/** The agents of one moment, and one demand. */
export interface RefusalInput {
  readonly taskIndex: number;
  readonly taskId: string | undefined;
  readonly asOf: "refusal" | "now";
  readonly demand: Amounts;
  /** The ids of the rows, `undefined` for a vacant row. */
  readonly ids: readonly (string | undefined)[];
  /** What a row has for this demand: of gpus, the freest device or the number of free ones. */
  readonly free: (row: number) => Amounts;
  readonly masks: readonly { readonly constraint: string; readonly mask: Mask }[];
}

const NAMES: readonly ResourceName[] = ["cpus", "mem", "disk", "gpus"];

/** Work out why the demand fits nowhere. Cost: O(rows × masks). */
export function explainRefusal(input: RefusalInput): Refusal {
  const { ids, demand, masks } = input;
  const excluded = masks.map(() => 0);
  const tally = new Tally(demand);
  let agents = 0;
  let withoutConstraints = 0;
  for (let row = 0; row < ids.length; row++) {
    const id = ids[row];
    if (id === undefined) continue;
    agents++;
    const free = input.free(row);
    let isEligible = true;
    masks.forEach(({ mask }, i) => {
      if (hasRow(mask, row)) return;
      excluded[i]!++;
      isEligible = false;
    });
    if (NAMES.every((name) => free[name] >= demand[name])) withoutConstraints++;
    if (isEligible) tally.add(id, free);
  }
  const exclusions = masks
    .map(({ constraint }, i) => ({ constraint, agents: excluded[i]! }))
    .filter((each) => each.agents > 0);
  const { taskIndex, taskId, asOf } = input;
  const facts = {
    taskIndex,
    taskId,
    asOf,
    agents,
    eligible: tally.eligible,
    fitting: tally.fitting,
    exclusions,
    shortfalls: tally.shortfalls(),
    closest: tally.closest,
    wouldFitMillis: tally.wouldFit(),
    withoutConstraints,
  };
  return { ...facts, text: sentence(facts, demand) };
}

/** Sums over the eligible agents. */
class Tally {
  eligible = 0;
  fitting = 0;
  closest: { agentId: string; missingMillis: Partial<Amounts> } | undefined;
  #closestPart = Infinity;
  readonly #demand: Amounts;
  readonly #agents = { cpus: 0, mem: 0, disk: 0, gpus: 0 };
  readonly #least = { cpus: Infinity, mem: Infinity, disk: Infinity, gpus: Infinity };
  /** The most of one kind among agents that lack no other kind. */
  readonly #most = { cpus: 0, mem: 0, disk: 0, gpus: 0 };

  constructor(demand: Amounts) {
    this.#demand = demand;
  }

  add(agentId: string, free: Amounts): void {
    this.eligible++;
    const short = NAMES.filter((name) => free[name] < this.#demand[name]);
    if (short.length === 0) {
      this.fitting++;
      return;
    }
    const missingMillis: Partial<Record<ResourceName, number>> = {};
    let part = 0;
    for (const name of short) {
      const missing = this.#demand[name] - free[name];
      missingMillis[name] = missing;
      part += missing / this.#demand[name];
      this.#agents[name]++;
      this.#least[name] = Math.min(this.#least[name], missing);
    }
    const [only] = short;
    if (short.length === 1) this.#most[only!] = Math.max(this.#most[only!], free[only!]);
    if (part >= this.#closestPart) return;
    this.#closestPart = part;
    this.closest = { agentId, missingMillis };
  }

  shortfalls(): Shortfall[] {
    return NAMES.filter((name) => this.#agents[name] > 0).map((resource) => ({
      resource,
      agents: this.#agents[resource],
      leastMillis: this.#least[resource],
    }));
  }

  wouldFit(): Partial<Amounts> {
    const names = NAMES.filter((name) => this.#most[name] > 0);
    return Object.fromEntries(names.map((name) => [name, this.#most[name]]));
  }
}

function sentence(facts: Omit<Refusal, "text">, demand: Amounts): string {
  if (facts.agents === 0) return "the cluster has no agents";
  const parts: string[] = [];
  if (facts.fitting > 0) parts.push(`fits now on ${agentsText(facts.fitting)}`);
  for (const { resource, agents, leastMillis } of facts.shortfalls) {
    parts.push(
      resource === "gpus"
        ? `${gpuText(demand.gpus)} on ${agentsText(agents)}`
        : `${amount(leastMillis)} ${resource} or more short on ${agentsText(agents)}`,
    );
  }
  for (const { constraint, agents } of facts.exclusions) {
    parts.push(`constraint ${constraint} excludes ${agentsText(agents)}`);
  }
  if (facts.closest !== undefined) {
    const missing = Object.entries(facts.closest.missingMillis);
    const list = missing.map(([name, millis]) => `${amount(millis)} ${name}`).join(" and ");
    parts.push(`closest: agent ${facts.closest.agentId} lacks ${list}`);
  }
  const would = Object.entries(facts.wouldFitMillis);
  for (const [name, millis] of would) parts.push(`would fit with ${amount(millis)} ${name}`);
  if (facts.fitting === 0 && facts.withoutConstraints > 0) {
    parts.push(`would fit on ${agentsText(facts.withoutConstraints)} without constraints`);
  }
  return parts.join("; ");
}

function gpuText(millis: number): string {
  if (millis < WHOLE) return `no device with ${amount(millis)} gpus free`;
  return millis === WHOLE ? "no free gpu" : `fewer than ${amount(millis)} free gpus`;
}

function agentsText(count: number): string {
  return count === 1 ? "1 agent" : `${count} agents`;
}

function amount(millis: number): string {
  return String(millis / 1_000);
}
