/** A simulated cluster for programs that know nothing of simulations: a `fetch` and a `Clock`. */
import { type Clock, type Random, VirtualClock } from "../base/mod.ts";
import type { Fault } from "./faults.ts";
import { readOptions, type SimulationOptions } from "./options.ts";
import { ProgramFetch } from "./program_fetch.ts";
import { REST_MS, Simulation, type SimulationResult } from "./simulation.ts";
import { START_MS } from "./world.ts";

/** Options of {@linkcode createCluster}. */
export type ClusterOptions = Omit<SimulationOptions, "schedulers" | "observer"> & {
  /** Frameworks beside the program's. @default none */
  readonly schedulers?: SimulationOptions["schedulers"];
};

/** What is true of a task, whatever anybody was told. */
export interface TaskFact {
  readonly frameworkId: string;
  readonly taskId: string;
  readonly isRunning: boolean;
  /** How often it has begun to run; more than once is wrong. */
  readonly runs: number;
}

/** The program's node in faults. */
const PROGRAM = "program";

/**
 * A simulated cluster that schedulers use as they use a real one: hand `masters`, `fetch`, `clock`
 * and `random` to `connect`, then let time pass by `run`.
 *
 * Between any two things that happen, the program runs until it waits for the cluster again: the
 * same options and the same program give the same run, as long as it waits for nothing else (a
 * file, a socket, the real time).
 */
export class SimulatedCluster {
  /** Addresses for `connect`. */
  readonly masters: readonly string[];
  readonly clock: Clock;
  /** As the platform's, for the scheduler API of the masters; the program is node "program". */
  readonly fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
  readonly #options: ReturnType<typeof readOptions>;
  readonly #simulation: Simulation;
  readonly #clock = new VirtualClock(START_MS);
  #isTold = false;

  /** Use {@linkcode createCluster}. */
  constructor(options: ClusterOptions) {
    this.#options = readOptions({ schedulers: [], ...options });
    this.#simulation = new Simulation(this.#options, [PROGRAM]);
    this.masters = Array.from({ length: this.#options.masters }, (_, index) => `master-${index}`);
    this.clock = this.#clock;
    const { network } = this.#simulation;
    network.up(PROGRAM, {});
    const program = new ProgramFetch({
      network,
      node: PROGRAM,
      onTold: () => {
        this.#isTold = true;
      },
    });
    this.fetch = (input, init) => program.fetch(input, init);
    this.#simulation.begin();
  }

  /** Chance that the seed decides. */
  random(name: string): Random {
    return this.#simulation.world.random(`${PROGRAM}/${name}`);
  }

  /** Every task that has begun to run. */
  get tasks(): TaskFact[] {
    const truths = this.#simulation.processes.tasks.values();
    return Array.from(truths, ({ frameworkId, taskId, alive, runs }) => {
      return { frameworkId, taskId, isRunning: alive?.state === "running", runs };
    });
  }

  /** Let something go wrong now; its `atMs` does not matter. */
  strike(fault: Fault): void {
    this.#simulation.strike(fault);
  }

  /** Let so much time pass, for the cluster and for the program. */
  async run(ms: number): Promise<void> {
    const { world } = this.#simulation;
    const endMs = world.nowMs + ms;
    await this.#clock.advance(0);
    for (;;) {
      const wakesMs = this.#clock.nextDueMs ?? Number.POSITIVE_INFINITY;
      const eventMs = world.events.nextMs ?? Number.POSITIVE_INFINITY;
      if (Math.min(wakesMs, eventMs) > endMs) break;
      if (wakesMs <= eventMs) {
        world.advanceTo(wakesMs);
        await this.#clock.advance(Math.max(0, wakesMs - this.#clock.nowMs()));
        continue;
      }
      world.runNext();
      if (!this.#isTold) continue;
      this.#isTold = false;
      await this.#clock.advance(world.nowMs - this.#clock.nowMs());
    }
    world.advanceTo(endMs);
    await this.#clock.advance(endMs - this.#clock.nowMs());
  }

  /**
   * Heal all that is wrong, give the cluster its time to come to rest, and look whether everybody
   * agrees. The program should launch nothing more.
   */
  async settle(): Promise<SimulationResult> {
    const { settleMs } = this.#options;
    this.#simulation.heal();
    await this.run(settleMs);
    this.#simulation.freeze();
    await this.run(Math.min(REST_MS, settleMs));
    return this.#simulation.end();
  }
}

/**
 * Make a simulated cluster; its masters and agents start within its first second.
 *
 * @throws {FairleadError} `invalid_option`.
 */
export function createCluster(options: ClusterOptions): SimulatedCluster {
  return new SimulatedCluster(options);
}
