/** One run: a cluster is put together, goes through its faults, and comes to rest. */
import type { OperatorCall } from "../master/mod.ts";
import { AgentNode } from "./agent_node.ts";
import { drawFaults, type Fault } from "./faults.ts";
import { type Cast, checkAtRest, checkNow } from "./invariants.ts";
import { MasterNode } from "./master_node.ts";
import { Network } from "./network.ts";
import { NodeClock } from "./node_clock.ts";
import { type ReadOptions, readOptions, type SimulationOptions } from "./options.ts";
import { Processes, usualProcess } from "./processes.ts";
import { SchedulerNode } from "./scheduler_node.ts";
import { SimulatedStore, STORE_NODE } from "./store.ts";
import { type Violation, World } from "./world.ts";

/** What came of a simulation. */
export interface SimulationResult {
  readonly seed: number;
  /** Promises that were broken; none, one hopes. */
  readonly violations: readonly Violation[];
  /** What went wrong, in order of time: hand it in as `faults` to have the same again. */
  readonly faults: readonly Fault[];
  readonly simulatedMs: number;
  /** How many things happened. */
  readonly events: number;
  /** Containers that began. */
  readonly launches: number;
  /** Status updates that schedulers heard. */
  readonly updates: number;
}

const SESSION_MS = 10_000;
const OPERATOR_RETRY_MS = 1_000;
/** How long nothing happens any more before the end: whatever was under way has come. */
export const REST_MS = 120_000;

/**
 * Run a whole cluster on virtual time: the same options give the same run, on every machine.
 *
 * Masters, agents and schedulers are those that run in earnest; the network, the store, disks and
 * processes are simulated. Faults strike for `durationMs`; then all is healed and has `settleMs`
 * to come to rest, and everybody must agree on what happened.
 *
 * @throws {FairleadError} `invalid_option`.
 */
export function simulate(options: SimulationOptions): SimulationResult {
  return new Simulation(readOptions(options)).run();
}

type Node = MasterNode | AgentNode | SchedulerNode;

/** Everybody and everything of one run. */
export class Simulation {
  readonly world: World;
  readonly network: Network;
  readonly #options: ReadOptions;
  readonly #programs: readonly string[];
  readonly #store: SimulatedStore;
  readonly #cast: Cast;
  readonly #nodes = new Map<string, Node>();
  readonly #faults: readonly Fault[];
  /** Undoes what is wrong now. */
  readonly #wrong = new Set<() => void>();
  #isStopped = false;

  /** @param programs Nodes of schedulers that are no part of this, but of its network. */
  constructor(options: ReadOptions, programs: readonly string[] = []) {
    this.#options = options;
    this.#programs = programs;
    this.world = new World(options.seed, options.onTrace);
    this.network = new Network(this.world, options.delay);
    this.#store = new SimulatedStore(this.world, this.network, {
      sessionMs: SESSION_MS,
      writeMs: 3,
    });
    this.#cast = this.#makeCast();
    const { masters, agents, schedulers } = this.#cast;
    for (const node of [...masters, ...agents, ...schedulers]) this.#nodes.set(node.id, node);
    this.#faults = this.#drawFaults();
    this.#cast.processes.isOver = (frameworkId) => {
      const leader = masters.find(({ leading }) => leading !== undefined)?.leading;
      return leader !== undefined && !leader.state.frameworks.has(frameworkId);
    };
  }

  run(): SimulationResult {
    const { durationMs, settleMs } = this.#options;
    const { world } = this;
    this.begin();
    this.#observe();
    world.runUntil(world.nowMs + durationMs, () => this.#isStopped);
    this.heal();
    world.runUntil(world.nowMs + settleMs);
    this.freeze();
    world.runUntil(world.nowMs + Math.min(REST_MS, settleMs));
    return this.end();
  }

  get processes(): Processes {
    return this.#cast.processes;
  }

  /** Everybody starts, what goes wrong is set. */
  begin(): void {
    const { masters, agents, schedulers } = this.#cast;
    for (const node of [...masters, ...agents, ...schedulers]) this.#startSoon(node);
    for (const fault of this.#faults) this.world.after(fault.atMs, () => this.strike(fault));
    this.#setUp();
    if (this.#options.isChecked) this.#checkAgainAndAgain();
  }

  /** Nothing is wrong any more, and no new task comes. */
  heal(): void {
    this.world.trace("world", () => "all is healed");
    for (const undo of [...this.#wrong]) undo();
    for (const scheduler of this.#cast.schedulers) scheduler.stop();
  }

  /** No task ends by itself any more. */
  freeze(): void {
    this.processes.isFrozen = true;
  }

  /** All must be at rest. */
  end(): SimulationResult {
    const { world } = this;
    const { schedulers, processes } = this.#cast;
    if (this.#options.isChecked) checkAtRest(this.#cast);
    return {
      seed: this.#options.seed,
      violations: world.violations,
      faults: this.#faults,
      simulatedMs: world.elapsedMs,
      events: world.eventCount,
      launches: processes.launches,
      updates: schedulers.reduce((sum, { updates }) => sum + updates, 0),
    };
  }

  #makeCast(): Cast {
    const options = this.#options;
    const world = this.world;
    const network = this.network;
    const processes = new Processes(world, options.isChecked);
    const masterIds = Array.from({ length: options.masters }, (_, index) => `master-${index}`);
    const clockOf = (id: string) =>
      new NodeClock(world, options.skew?.(id, world.random(`${id}/clock`)));
    const common = { world, network };
    const masters = masterIds.map((id, index) => {
      const core = options.master ?? {};
      const onLeading = () => {
        if (options.isChecked) checkNow(this.#cast);
      };
      const clock = clockOf(id);
      return new MasterNode({
        ...common,
        id,
        index,
        clock,
        core,
        onLeading,
        sessionMs: SESSION_MS,
      });
    });
    const agents = options.agents.map((info, index) => {
      const id = `agent-${index}`;
      return new AgentNode({
        ...common,
        id,
        info,
        clock: clockOf(id),
        times: options.agentTimes,
        masters: masterIds,
        processes,
        plan: options.process ?? usualProcess,
        syncMs: options.diskSyncMs,
      });
    });
    const schedulers = options.schedulers.map((scheduler, index) => {
      const id = `scheduler-${index}`;
      const { isChecked } = options;
      const clock = clockOf(id);
      return new SchedulerNode({
        ...common,
        id,
        clock,
        scheduler,
        isChecked,
        masters: masterIds,
      });
    });
    return { world, masters, agents, schedulers, processes };
  }

  #drawFaults(): readonly Fault[] {
    const { faults, durationMs } = this.#options;
    if (isPlan(faults)) return faults;
    const idsOf = (nodes: readonly Node[]) => nodes.map(({ id }) => id);
    const { masters, agents, schedulers } = this.#cast;
    const targets = {
      masters: idsOf(masters),
      agents: idsOf(agents),
      schedulers: [...idsOf(schedulers), ...this.#programs],
      store: STORE_NODE,
    };
    return drawFaults(this.world.random("faults"), faults, targets, durationMs);
  }

  /** Not all at the same instant. */
  #startSoon(node: Node): void {
    this.world.after(this.world.random(`${node.id}/start`).int(1_000), () => node.start());
  }

  #observe(): void {
    const { observer } = this.#options;
    if (observer === undefined) return;
    this.world.after(observer.everyMs, () => {
      const { masters, processes } = this.#cast;
      const answer = observer.look({
        elapsedMs: this.world.elapsedMs,
        master: masters.find(({ leading }) => leading !== undefined)?.leading,
        launches: processes.launches,
        running: processes.running,
      });
      if (answer === "stop") this.#isStopped = true;
      else this.#observe();
    });
  }

  #checkAgainAndAgain(): void {
    const { checkEveryMs } = this.#options;
    if (checkEveryMs === 0) return;
    this.world.after(checkEveryMs, () => {
      checkNow(this.#cast);
      this.#checkAgainAndAgain();
    });
  }

  #setUp(): void {
    const { quotas, weights } = this.#options;
    if (quotas !== undefined) {
      this.#operate({ type: "UPDATE_QUOTA", update_quota: { force: true, quota_configs: quotas } });
    }
    if (weights !== undefined) {
      this.#operate({ type: "UPDATE_WEIGHTS", update_weights: { weight_infos: weights } });
    }
  }

  /** An operator asks until it is done. */
  #operate(call: OperatorCall): void {
    const again = () => this.world.after(OPERATOR_RETRY_MS, () => this.#operate(call));
    const leader = this.#cast.masters.find(({ leading }) => leading !== undefined);
    if (leader === undefined) {
      again();
      return;
    }
    leader.operate(call, (status, message) => {
      this.world.trace("world", () => `${call.type} is answered ${status} ${message ?? ""}`);
      if (status !== 200) again();
    });
  }

  // What goes wrong.

  strike(fault: Fault): void {
    this.world.trace("world", () => JSON.stringify(fault));
    const network = this.network;
    switch (fault.type) {
      case "crash": {
        const node = this.#nodes.get(fault.node);
        if (!node?.isUp) return;
        node.crash(fault.isSilent);
        this.#until(fault.downMs, () => node.start());
        return;
      }
      case "power_off": {
        const node = this.#nodes.get(fault.node);
        if (!(node instanceof AgentNode)) return;
        node.powerOff();
        this.#until(fault.downMs, () => node.start());
        return;
      }
      case "cut":
        network.cut(...fault.nodes);
        return;
      case "partition": {
        const { from, to, isBothWays, forMs } = fault;
        this.#block(
          isBothWays
            ? [
                [from, to],
                [to, from],
              ]
            : [[from, to]],
          forMs,
        );
        return;
      }
      case "isolate": {
        const all = [...this.#nodes.keys(), ...this.#programs, STORE_NODE];
        const others = all.filter((id) => id !== fault.node);
        const ways = others.flatMap((id) => [[id, fault.node] as const, [fault.node, id] as const]);
        this.#block(ways, fault.forMs);
        return;
      }
      case "slow":
        network.slow(fault.node, fault.factor);
        this.#until(fault.forMs, () => network.slow(fault.node, 1));
        return;
      case "store_failure":
        this.#store.failWrites(true);
        this.#until(fault.forMs, () => this.#store.failWrites(false));
        return;
    }
  }

  #block(ways: readonly (readonly [string, string])[], forMs: number): void {
    for (const [from, to] of ways) this.network.block(from, to);
    this.#until(forMs, () => {
      for (const [from, to] of ways) this.network.heal(from, to);
    });
  }

  /** Undo it after so long, or when all is healed. */
  #until(ms: number, undo: () => void): void {
    const once = () => {
      if (this.#wrong.delete(once)) undo();
    };
    this.#wrong.add(once);
    this.world.after(ms, once);
  }
}

function isPlan(faults: ReadOptions["faults"]): faults is readonly Fault[] {
  return Array.isArray(faults);
}
