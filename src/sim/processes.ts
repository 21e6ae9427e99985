/** What tasks do once they run, and what of them is true whatever anybody was told. */
import {
  type CheckResult,
  type ContainerLaunch,
  exitedWith,
  killedBy,
  type Termination,
} from "../agent/mod.ts";
import { ANY_ROLE, Resources } from "../resources/mod.ts";
import type { World } from "./world.ts";

/** How one container goes, decided when it starts. */
export interface ProcessPlan {
  /** How long the start takes. @default 20 */
  readonly startMs?: number;
  /** Set: it does not start. */
  readonly failure?: string;
  /** How long it runs by itself; absent: until it is killed. */
  readonly runMs?: number;
  /** How it ends by itself. @default exited with 0 */
  readonly termination?: Termination;
  /** How long it takes to end after SIGTERM; absent: it ignores it. */
  readonly termMs?: number;
  /** What a check finds, so long after the start. @default always well */
  readonly check?: (runningMs: number) => CheckResult;
}

/** A container that was launched. */
export interface SimulatedProcess {
  readonly container: string;
  readonly node: string;
  readonly frameworkId: string;
  /** Undefined for an executor's. */
  readonly taskId: string | undefined;
  readonly plan: ProcessPlan;
  readonly resources: Resources;
  state: "starting" | "running" | "ended";
  startedMs: number;
  termination: Termination | undefined;
}

/** All that is true of one task. */
export interface TaskTruth {
  readonly frameworkId: string;
  readonly taskId: string;
  /** The process that runs or starts now. */
  alive: SimulatedProcess | undefined;
  /** How often it has begun to run. */
  runs: number;
  lastEndMs: number | undefined;
}

/** Every process of a simulation: it notices what no correct cluster does. */
export class Processes {
  readonly #world: World;
  readonly #isChecked: boolean;
  readonly #capacity = new Map<string, Resources>();
  readonly #used = new Map<string, Resources>();
  readonly #tasks = new Map<string, TaskTruth>();
  /** Processes that have begun to run. */
  launches = 0;
  ends = 0;
  /** From now on none ends by itself. */
  isFrozen = false;
  /** Whether a framework was removed: its tasks are being killed. */
  isOver: (frameworkId: string) => boolean = () => false;
  readonly #alive = new Set<SimulatedProcess>();

  /** @param isChecked Whether resources are added up and tasks are remembered. */
  constructor(world: World, isChecked: boolean) {
    this.#world = world;
    this.#isChecked = isChecked;
  }

  get tasks(): ReadonlyMap<string, TaskTruth> {
    return this.#tasks;
  }

  get running(): number {
    return this.launches - this.ends;
  }

  setCapacity(node: string, resources: Resources): void {
    this.#capacity.set(node, bare(resources));
  }

  /** A container begins. */
  begin(node: string, launch: ContainerLaunch, plan: ProcessPlan): SimulatedProcess {
    const job: SimulatedProcess = {
      container: launch.container,
      node,
      frameworkId: launch.framework.id?.value ?? "",
      taskId: launch.task?.task_id.value,
      plan,
      resources: this.#isChecked ? bare(Resources.fromJson(launch.resources)) : Resources.EMPTY,
      state: "starting",
      startedMs: 0,
      termination: undefined,
    };
    this.launches += 1;
    if (this.#isChecked) {
      this.#alive.add(job);
      this.#take(job);
      this.#beginTask(job);
    }
    return job;
  }

  end(job: SimulatedProcess, termination: Termination | undefined): void {
    if (job.state === "ended") return;
    job.state = "ended";
    job.termination = termination;
    this.ends += 1;
    if (!this.#isChecked) return;
    this.#alive.delete(job);
    const { node, resources } = job;
    this.#used.set(node, (this.#used.get(node) ?? Resources.EMPTY).subtract(resources));
    const truth = this.#truthOf(job);
    if (truth?.alive !== job) return;
    truth.alive = undefined;
    truth.lastEndMs = this.#world.elapsedMs;
  }

  #take({ node, resources, taskId }: SimulatedProcess): void {
    const used = (this.#used.get(node) ?? Resources.EMPTY).add(resources);
    this.#used.set(node, used);
    const capacity = this.#capacity.get(node) ?? Resources.EMPTY;
    if (capacity.contains(used) || capacity.contains(this.#wantedOn(node))) return;
    const message = `${node} has ${capacity}, and with task ${taskId} ${used} is in use`;
    this.#world.fail("no_resource_twice", message);
  }

  /** As Mesos', a master takes back at once what a framework held that is over. */
  #wantedOn(node: string): Resources {
    let sum = Resources.EMPTY;
    for (const job of this.#alive) {
      if (job.node !== node || this.isOver(job.frameworkId)) continue;
      sum = sum.add(job.resources);
    }
    return sum;
  }

  #beginTask(job: SimulatedProcess): void {
    const { frameworkId, taskId, node } = job;
    if (taskId === undefined) return;
    const key = `${frameworkId}/${taskId}`;
    const truth = this.#truthOf(job) ?? {
      frameworkId,
      taskId,
      alive: undefined,
      runs: 0,
      lastEndMs: undefined,
    };
    this.#tasks.set(key, truth);
    if (truth.alive !== undefined) {
      const message = `task ${key} begins on ${node} while it runs on ${truth.alive.node}`;
      this.#world.fail("task_runs_once", message);
    } else if (truth.runs > 0) {
      this.#world.fail("task_runs_once", `task ${key} begins again on ${node}`);
    }
    truth.alive = job;
    truth.runs += 1;
  }

  #truthOf({ frameworkId, taskId }: SimulatedProcess): TaskTruth | undefined {
    return taskId === undefined ? undefined : this.#tasks.get(`${frameworkId}/${taskId}`);
  }
}

/** What they are made of, whoever they are reserved or allocated to. */
function bare(resources: Resources): Resources {
  return Resources.fromJson(
    [...resources.quantities()].map(([name, millis]) => ({
      name,
      type: "SCALAR",
      scalar: { value: millis / 1_000 },
      role: ANY_ROLE,
    })),
  );
}

const SLEEP = /(?:^|\W)sleep (\d+(?:\.\d+)?)/;
const EXIT = /(?:^|\W)exit (\d+)/;
const IGNORES_TERM = /^\s*trap '' TERM;/;

/**
 * What a task is taken to do when nobody says otherwise, by the words of its command: `true` and
 * `false` end at once, `sleep N` runs for N seconds, `exit N` says how it ends, a first
 * `trap '' TERM;` ignores SIGTERM. All else runs until it is killed, and 50 ms after SIGTERM.
 */
export function usualProcess({ task }: ContainerLaunch): ProcessPlan {
  const command = task?.command?.value ?? "";
  const plan = IGNORES_TERM.test(command) ? NORMAL : { ...NORMAL, termMs: TERM_MS };
  const seconds = SLEEP.exec(command)?.[1];
  const code = command === "false" ? 1 : Number(EXIT.exec(command)?.[1] ?? 0);
  const isOver = command === "true" || command === "false" || EXIT.test(command);
  if (seconds === undefined && !isOver) return plan;
  const runMs = seconds === undefined ? 1 : Number(seconds) * 1_000;
  return { ...plan, runMs, termination: { waitStatus: exitedWith(code) } };
}

const NORMAL: ProcessPlan = { startMs: 20 };
const TERM_MS = 50;

/** The end of a process that a signal has killed. */
export function endOf(signal: "SIGTERM" | "SIGKILL"): Termination {
  return { waitStatus: killedBy(signal) };
}

/** The end of a process that is done. */
export const SUCCEEDED: Termination = { waitStatus: 0 };
