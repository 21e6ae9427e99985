/** Offers and tasks that wait, to launches: where everything goes, and why the rest waits. */
import type { Random } from "../../base/mod.ts";
import type { Offer, Operation, TaskInfo } from "../../model/mod.ts";
import {
  type AgentSpec,
  type Constraint,
  type Placement,
  PlacementCluster,
  type Policy,
  type TaskSpec,
  type Weights,
  type WorkloadShape,
} from "../../placement/mod.ts";
import type { PendingTask } from "../task.ts";
import { invalidTask } from "../task_read.ts";
import type { AgentFacts, RunningInstance } from "./agents.ts";
import { assemble, demandParts, partsOn } from "./assemble.ts";
import { type Condition, conditionsOf } from "./conditions.ts";
import { type Part, sumParts } from "./demand.ts";
import { NO_OFFERS, plainReason, reasonOf, type WaitReason } from "./reason.ts";
import {
  ghostRows,
  OFFERED_FIELD,
  ROW_FIELD,
  type Row,
  rowsOf,
  specOf,
  TRIED_FIELD,
} from "./rows.ts";

/** How tasks are matched. */
export interface MatchOptions {
  /** Which agent is taken among those where a task fits. @default "best_fit" */
  readonly policy?: Policy;
  /** How much each kind counts in what is left over. */
  readonly weights?: Partial<Weights>;
  /** The tasks to expect, for the fragmentation policies. @default the tasks that wait */
  readonly workload?: readonly WorkloadShape[];
  /** Constraints of every task, besides its own. */
  readonly constraints?: readonly Constraint[];
  /** Instances that run already, for constraints that count. */
  readonly running?: readonly RunningInstance[];
  /** Picks ports by chance; without it the lowest free ones are taken. */
  readonly random?: Random;
}

/** What to start on one agent, with which offers. */
export interface Launch {
  readonly agent: AgentFacts;
  readonly role: string;
  readonly offers: readonly Offer[];
  /** LAUNCH of the single tasks, then a LAUNCH_GROUP a group. */
  readonly operations: readonly Operation[];
  /** All tasks of the operations. */
  readonly tasks: readonly TaskInfo[];
  /** What was waiting and is launched here; with the agent's facts it is a `RunningInstance`. */
  readonly started: readonly PendingTask[];
}

/** A task that found no agent. */
export interface Waiting {
  readonly task: PendingTask;
  /** Worked out when it is asked for; equal tasks share it. */
  readonly reason: WaitReason;
}

/** Where everything goes. */
export interface Match {
  readonly launches: readonly Launch[];
  /** Offers that nothing was launched on. */
  readonly declined: readonly Offer[];
  /** In the order in which they were given. */
  readonly waiting: readonly Waiting[];
}

/** From here on the kernel of WebAssembly is worth its memory; both place alike. */
const WASM_ROWS_MIN = 500;
/** Rounds of placing and cutting; each takes out of the way what the kernel could not know. */
const ROUNDS_MAX = 64;

/**
 * Find agents for tasks, in their order.
 *
 * Offers of one agent to one role are used together. Resources reserved to the role go first,
 * the deepest reservation before others; a task that says otherwise (`reserved`) gets otherwise.
 * Ports are picked, volumes found by their id. Nothing is used twice, and nothing that was not
 * offered; a task that is not launched has a reason in numbers.
 *
 * Equal input gives an equal match; chance only picks ports, and only when it is handed in.
 *
 * Cost: `bench scheduler/match`: some microseconds a task, less an offer, more with constraints
 * that count; ports that are scarce while others ask for disk cost up to 64 rounds.
 *
 * @throws {FairleadError} `invalid_task` when two tasks have one id; `invalid_input` and
 * `invalid_pattern` for options and constraints.
 */
export function match(
  offers: readonly Offer[],
  pending: readonly PendingTask[],
  options: MatchOptions = {},
): Match {
  return new Matching(offers, pending, options).run();
}

/** A task with what the kernel is told of it. */
interface Candidate {
  readonly task: PendingTask;
  readonly parts: readonly Part[];
  readonly spec: Writable<TaskSpec>;
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

interface Started {
  readonly operations: Operation[];
  readonly infos: TaskInfo[];
  readonly tasks: TaskInfo[];
  readonly started: PendingTask[];
}

class Matching {
  readonly #pending: readonly PendingTask[];
  readonly #options: MatchOptions;
  readonly #offers: readonly Offer[];
  readonly #rows: readonly Row[];
  readonly #ghosts: readonly Row[];
  readonly #rowById = new Map<string, Row>();
  readonly #conditions = new Map<string, Condition>();
  /** What has to be cut for each of the tasks, and its sum. */
  readonly #parts: readonly (readonly Part[])[];
  readonly #totals: readonly Part[];
  /** The kernel counts ports in the place of disk, for which nobody asks. */
  readonly #arePortsCounted: boolean;
  readonly #specs = new Map<Row, AgentSpec>();
  readonly #started = new Map<Row, Started>();

  constructor(offers: readonly Offer[], pending: readonly PendingTask[], options: MatchOptions) {
    this.#offers = offers;
    this.#pending = pending;
    this.#options = options;
    this.#rows = rowsOf(offers);
    this.#parts = pending.map(demandParts);
    this.#totals = this.#parts.map(sumParts);
    this.#arePortsCounted = this.#totals.every(({ millis }) => (millis.disk ?? 0) === 0);
    const agentIds = new Set(this.#rows.map(({ facts }) => facts.agentId));
    this.#ghosts = ghostRows(this.#counted(), (agentId) => agentIds.has(agentId));
    for (const row of this.#rows) this.#rowById.set(row.id, row);
  }

  run(): Match {
    if (this.#rows.length === 0) {
      const waiting = this.#pending.map((task) => ({ task, reason: NO_OFFERS }));
      return { launches: [], declined: [], waiting };
    }
    requireUnique(this.#pending);
    const candidates = this.#pending.map((task, index) => this.#candidate(task, index));
    const waiting = candidates.length === 0 ? [] : this.#place(candidates);
    const launches: Launch[] = [];
    const used = new Set<Offer>();
    for (const [row, { operations, infos, tasks, started }] of this.#started) {
      for (const offer of row.offers) used.add(offer);
      const launch: Operation[] =
        infos.length === 0 ? [] : [{ type: "LAUNCH", launch: { task_infos: infos } }];
      launches.push({
        agent: row.facts,
        role: row.role,
        offers: row.offers,
        operations: [...launch, ...operations],
        tasks,
        started,
      });
    }
    const declined = this.#offers.filter((offer) => !used.has(offer));
    return { launches, declined, waiting };
  }

  /** The instances that a constraint of a waiting task counts. */
  #counted(): RunningInstance[] {
    const groups = new Set<string>();
    for (const { group } of this.#pending) if (group !== undefined) groups.add(group);
    return (this.#options.running ?? []).filter(({ group }) => groups.has(group));
  }

  #candidate(task: PendingTask, index: number): Candidate {
    const parts = this.#parts[index] ?? [];
    const total = this.#totals[index] ?? sumParts(parts);
    const constraints = this.#constraintsOf(task, total);
    const { millis } = total;
    const ports = total.ports.wanted.length * 1_000;
    const spec: Writable<TaskSpec> = {
      id: task.id,
      cpusMillis: total.revocable ? 0 : (millis.cpus ?? 0),
      memMillis: millis.mem ?? 0,
      diskMillis: this.#arePortsCounted ? ports : (millis.disk ?? 0),
      gpuMillis: millis.gpus ?? 0,
    };
    if (task.group !== undefined) spec.group = task.group;
    if (constraints.length > 0) spec.constraints = constraints;
    if (task.gpuModels !== undefined) spec.gpuModels = task.gpuModels;
    return { task, parts, spec };
  }

  #constraintsOf(task: PendingTask, total: Part): readonly Constraint[] {
    const conditions = conditionsOf(task, total, { arePortsCounted: this.#arePortsCounted });
    const { constraints: common = [] } = this.#options;
    const isBare = conditions.length === 0 && common.length === 0;
    if (isBare && this.#ghosts.length === 0) return task.constraints;
    const constraints: Constraint[] = [...task.constraints, ...common];
    for (const condition of conditions) {
      if (!this.#conditions.has(condition.field)) {
        this.#conditions.set(condition.field, condition);
      }
      constraints.push({ field: condition.field, operator: "IS", value: "yes" });
    }
    if (this.#ghosts.length > 0) {
      constraints.push({ field: OFFERED_FIELD, operator: "IS", value: "yes" });
    }
    return constraints;
  }

  #place(candidates: readonly Candidate[]): Waiting[] {
    const cluster = this.#cluster();
    const { policy, weights, workload } = this.#options;
    const how = {
      ...(policy === undefined ? {} : { policy }),
      ...(weights === undefined ? {} : { weights }),
      ...(workload === undefined ? {} : { workload }),
    };
    let left = candidates;
    for (let round = 1; ; round += 1) {
      const specs = left.map(({ spec }) => spec);
      const placement = cluster.place(specs, how);
      const failed = this.#cutAll(left, placement, cluster);
      const refused = [...placement.refused()].map((index) => left[index]);
      if (failed.size === 0 || round === ROUNDS_MAX) {
        return this.#waiting({ candidates, left, placement, failed });
      }
      const open = new Set([...refused, ...failed]);
      left = left.filter((candidate) => open.has(candidate));
    }
  }

  #cluster(): PlacementCluster {
    const rows = [...this.#rows, ...this.#ghosts];
    const conditions = [...this.#conditions.values()];
    const agents = rows.map((row) => specOf(row, conditions, this.#arePortsCounted));
    rows.forEach((row, index) => {
      const spec = agents[index];
      if (spec !== undefined) this.#specs.set(row, spec);
    });
    const kernel = rows.length >= WASM_ROWS_MIN ? "wasm" : "typed";
    const cluster = new PlacementCluster({ agents, kernel });
    const counted = this.#counted();
    if (counted.length > 0) {
      const rowOf = new Map(rows.map((row) => [row.facts.agentId, row.id]));
      const pinned = counted.map(({ group, agentId }) => ({
        group,
        constraints: [
          { field: ROW_FIELD, operator: "IS" as const, value: rowOf.get(agentId) ?? agentId },
        ],
      }));
      cluster.place(pinned, { policy: "first_fit" });
    }
    return cluster;
  }

  /** Cut what was placed out of the offers; those for which that fails come back. */
  #cutAll(
    candidates: readonly Candidate[],
    placement: Placement,
    cluster: PlacementCluster,
  ): Set<Candidate> {
    const failed = new Set<Candidate>();
    const failedOn = new Map<Row, Candidate[]>();
    candidates.forEach((candidate, index) => {
      const row = this.#rowById.get(placement.agentOf(index) ?? "");
      if (row === undefined) return;
      if (this.#cut(row, candidate)) return;
      failed.add(candidate);
      failedOn.set(row, [...(failedOn.get(row) ?? []), candidate]);
      cluster.release(placement, index);
    });
    for (const [row, unlucky] of failedOn) this.#learn(row, unlucky, cluster);
    return failed;
  }

  #cut(row: Row, { task, parts }: Candidate): boolean {
    const { random } = this.#options;
    const skip = random === undefined ? 0 : random.u32();
    const cuts = row.pool.cut(partsOn(row, task, parts), skip);
    if (cuts === undefined) return false;
    const made = assemble(task, cuts, row);
    const started = this.#started.get(row) ?? { operations: [], infos: [], tasks: [], started: [] };
    this.#started.set(row, started);
    if (made.type === "LAUNCH") started.infos.push(...made.tasks);
    else started.operations.push(made.operation);
    started.tasks.push(...made.tasks);
    started.started.push(task);
    return true;
  }

  /** The row as it is now; what still looks as if it fitted there is kept away from it. */
  #learn(row: Row, unlucky: readonly Candidate[], cluster: PlacementCluster): void {
    const spec = this.#specs.get(row);
    if (spec === undefined) return;
    const now = specOf(row, this.#conditions.values(), this.#arePortsCounted);
    const attributes = { ...spec.attributes, ...now.attributes };
    for (const { task, spec: asked } of unlucky) {
      const { constraints = [] } = asked;
      const isExplained = constraints.some(
        ({ field }) => this.#conditions.has(field) && attributes[field] === "no",
      );
      if (isExplained) continue;
      const field = `${TRIED_FIELD} ${task.id}`;
      attributes[field] = "yes";
      if (constraints.some((constraint) => constraint.field === field)) continue;
      asked.constraints = [...constraints, { field, operator: "UNLIKE", value: "yes" }];
    }
    // The amounts stay: what was placed is counted by the kernel.
    const changed = { ...spec, attributes };
    this.#specs.set(row, changed);
    cluster.updateAgent(changed);
  }

  #waiting(outcome: {
    readonly candidates: readonly Candidate[];
    readonly left: readonly Candidate[];
    readonly placement: Placement;
    readonly failed: ReadonlySet<Candidate>;
  }): Waiting[] {
    const { candidates, left, placement, failed } = outcome;
    const reasons = new Map<string, WaitReason>();
    const indexOf = new Map(left.map((candidate, index) => [candidate, index]));
    const waiting: Waiting[] = [];
    for (const candidate of candidates) {
      const { task, spec } = candidate;
      const index = indexOf.get(candidate);
      if (index === undefined) continue;
      if (failed.has(candidate)) {
        const text = `its ports or volumes were taken in ${ROUNDS_MAX} rounds of matching`;
        waiting.push({ task, reason: plainReason(this.#rows.length, text) });
      } else if (placement.agentOf(index) === undefined) {
        const key = JSON.stringify({ ...spec, id: undefined });
        const explain = () => this.#reason(placement, index);
        waiting.push(lazily(task, key, reasons, explain));
      }
    }
    return waiting;
  }

  #reason(placement: Placement, index: number): WaitReason {
    return reasonOf({
      refusal: placement.explain(index),
      conditions: this.#conditions,
      arePortsCounted: this.#arePortsCounted,
      ghosts: this.#ghosts.length,
    });
  }
}

function lazily(
  task: PendingTask,
  key: string,
  reasons: Map<string, WaitReason>,
  explain: () => WaitReason,
): Waiting {
  return {
    task,
    get reason() {
      const reason = reasons.get(key) ?? explain();
      reasons.set(key, reason);
      return reason;
    },
  };
}

function requireUnique(pending: readonly PendingTask[]): void {
  const ids = new Set<string>();
  for (const { id } of pending) {
    if (ids.has(id)) throw invalidTask("id", id, "unique among the tasks that wait");
    ids.add(id);
  }
}
