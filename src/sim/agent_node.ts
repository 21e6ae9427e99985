/** One agent: its process, its machine's disk and the containers that outlive it. */
import {
  AgentCore,
  type AgentEffect,
  type AgentInput,
  type AgentTimes,
  type ContainerLaunch,
  type ContainerSignal,
} from "../agent/mod.ts";
import type { Random } from "../base/mod.ts";
import type { AgentInfo, AgentMessage } from "../model/mod.ts";
import { Resources } from "../resources/mod.ts";
import { SimulatedDisk } from "./disk.ts";
import type { Network } from "./network.ts";
import type { NodeClock } from "./node_clock.ts";
import {
  endOf,
  type Processes,
  type ProcessPlan,
  type SimulatedProcess,
  SUCCEEDED,
} from "./processes.ts";
import type { NearSocket, Protocols } from "./protocols.ts";
import type { World } from "./world.ts";

/** What an agent node is made of. */
export interface AgentNodeOptions {
  readonly id: string;
  readonly world: World;
  readonly network: Network;
  readonly clock: NodeClock;
  readonly info: AgentInfo;
  readonly times: AgentTimes | undefined;
  readonly masters: readonly string[];
  readonly processes: Processes;
  /** What a container does. */
  readonly plan: (launch: ContainerLaunch, random: Random) => ProcessPlan;
  /** How long a sync of the disk takes on average; undefined: the machine keeps nothing. */
  readonly syncMs: number | undefined;
}

const BACKOFF_MS = 250;
const BACKOFF_MAX_MS = 15_000;
/** How long a connection may take to open. */
const CONNECT_MS = 5_000;

/** One run of the agent's process. */
class Run {
  readonly core: AgentCore;
  socket: NearSocket<"link"> | undefined;
  isOpen = false;
  failures = 0;
  /** Where to look for the leader next. */
  next: string | undefined;
  armedMs: number | undefined;
  isSyncing = false;
  /** Effects that wait until the disk has what was written before them. */
  waiting: AgentEffect[] = [];

  constructor(core: AgentCore) {
    this.core = core;
  }
}

export class AgentNode {
  readonly id: string;
  readonly #options: AgentNodeOptions;
  readonly #random: Random;
  readonly #disk = new SimulatedDisk();
  /** By container id; those that ended stay until somebody was told. */
  readonly #containers = new Map<string, SimulatedProcess>();
  #run: Run | undefined;

  constructor(options: AgentNodeOptions) {
    this.id = options.id;
    this.#options = options;
    this.#random = options.world.random(options.id);
    options.processes.setCapacity(this.id, Resources.fromJson(options.info.resources ?? []));
  }

  get isUp(): boolean {
    return this.#run !== undefined;
  }

  /** The core of the process that runs. */
  get core(): AgentCore | undefined {
    return this.#run?.core;
  }

  /** Containers that have not ended. */
  alive(): SimulatedProcess[] {
    return [...this.#containers.values()].filter(({ state }) => state !== "ended");
  }

  start(): void {
    if (this.#run !== undefined) return;
    const { clock, info, times, network } = this.#options;
    const core = new AgentCore({
      clock,
      random: this.#random,
      info,
      ...(times !== undefined && { times }),
    });
    const run = new Run(core);
    this.#run = run;
    network.up(this.id, {});
    this.#step(run, { type: "recovered", checkpoints: this.#disk.read() });
    this.#connect(run);
  }

  /** The process ends; its containers go on. */
  crash(isSilent: boolean): void {
    this.#run = undefined;
    this.#disk.crash(this.#random);
    this.#options.network.down(this.id, isSilent);
  }

  /** The machine stops: containers and all. */
  powerOff(): void {
    this.crash(true);
    for (const job of this.#containers.values()) {
      this.#options.processes.end(job, undefined);
    }
    this.#containers.clear();
  }

  // The link.

  #connect(run: Run): void {
    if (this.#run !== run || run.socket !== undefined) return;
    const { network, masters, world } = this.#options;
    const master = run.next ?? masters[this.#random.int(masters.length)] ?? "";
    run.next = undefined;
    const socket = network.connect(this.id, master, "link", {
      receive: (message) => this.#hear(run, message),
      closed: () => this.#closed(run),
    });
    run.socket = socket;
    world.after(CONNECT_MS, () => {
      if (this.#run !== run || run.socket !== socket || run.isOpen) return;
      socket.close();
      this.#closed(run);
    });
  }

  #hear(run: Run, message: Protocols["link"]["down"]): void {
    if (this.#run !== run) return;
    if (message.type === "elsewhere") run.next = message.leader;
    else if (message.type === "open") {
      run.isOpen = true;
      this.#step(run, { type: "link_opened" });
    } else this.#step(run, { type: "messages", messages: message.messages });
  }

  #closed(run: Run, retryAfterMs?: number): void {
    if (this.#run !== run) return;
    run.socket = undefined;
    const wasOpen = run.isOpen;
    run.isOpen = false;
    run.failures += 1;
    if (wasOpen) this.#step(run, { type: "link_closed" });
    const fullMs = Math.min(BACKOFF_MAX_MS, BACKOFF_MS * 2 ** Math.min(run.failures, 10));
    const pauseMs = retryAfterMs ?? Math.ceil(fullMs * (0.5 + 0.5 * this.#random.next()));
    this.#options.world.after(pauseMs, () => this.#connect(run));
  }

  // The core.

  #step(run: Run, input: AgentInput): void {
    if (this.#run !== run) return;
    this.#perform(run, run.core.step(input));
    this.#arm(run);
  }

  #arm(run: Run): void {
    const dueMs = run.core.nextDueMs();
    if (dueMs === undefined || (run.armedMs !== undefined && run.armedMs <= dueMs)) return;
    const { world, clock } = this.#options;
    run.armedMs = dueMs;
    world.after(clock.untilMs(dueMs), () => {
      if (this.#run !== run || run.armedMs !== dueMs) return;
      run.armedMs = undefined;
      const nowDueMs = run.core.nextDueMs();
      if (nowDueMs !== undefined && nowDueMs <= clock.nowMs()) this.#step(run, { type: "tick" });
      else this.#arm(run);
    });
  }

  #perform(run: Run, effects: readonly AgentEffect[]): void {
    if (run.isSyncing) {
      for (const effect of effects) {
        if (!this.#write(effect)) run.waiting.push(effect);
      }
      return;
    }
    if (this.#options.syncMs === undefined) {
      this.#doAll(run, effects);
      return;
    }
    const outward = effects.filter((effect) => !this.#write(effect));
    if (this.#disk.isSynced) {
      this.#doAll(run, outward);
      return;
    }
    run.waiting.push(...outward);
    this.#sync(run);
  }

  /** Whether it was something to be written. */
  #write(effect: AgentEffect): boolean {
    if (effect.type === "checkpoint") this.#disk.put(effect.path, effect.value);
    else if (effect.type === "forget") this.#disk.forget(effect.path);
    else return false;
    return true;
  }

  #sync(run: Run): void {
    run.isSyncing = true;
    const ready = run.waiting;
    run.waiting = [];
    const writes = this.#disk;
    const syncMs = this.#options.syncMs ?? 0;
    this.#options.world.after(this.#random.int(2 * syncMs + 1), () => {
      if (this.#run !== run) return;
      // Later writes go along: they are durable early, which is no harm.
      writes.sync();
      run.isSyncing = false;
      const more = run.waiting;
      run.waiting = [];
      this.#doAll(run, [...ready, ...more]);
    });
  }

  #doAll(run: Run, effects: readonly AgentEffect[]): void {
    let messages: AgentMessage[] = [];
    const flush = () => {
      if (messages.length > 0 && run.isOpen) run.socket?.send(messages);
      messages = [];
    };
    for (const effect of effects) {
      if (effect.type === "send") messages.push(effect.message);
      else if (effect.type === "close_link") {
        flush();
        const { socket } = run;
        if (socket === undefined) continue;
        run.isOpen = false; // The core knows.
        socket.close();
        this.#closed(run, effect.retryAfterMs);
      } else this.#do(run, effect);
    }
    flush();
  }

  #do(run: Run, effect: AgentEffect): void {
    switch (effect.type) {
      case "launch_container":
        this.#launch(effect.launch);
        return;
      case "recover_container":
        this.#recover(run, effect.container);
        return;
      case "signal_container":
        this.#signal(effect.container, effect.signal);
        return;
      case "destroy_container":
        this.#signal(effect.container, "SIGKILL");
        return;
      case "run_check": {
        const job = this.#containers.get(effect.container);
        const { check, container } = effect;
        const runningMs = this.#options.world.nowMs - (job?.startedMs ?? 0);
        const result = job?.plan.check?.(runningMs) ?? { type: "COMMAND", exitCode: 0 };
        this.#options.world.after(1, () => {
          this.#step(run, { type: "check_result", container, check, result });
        });
        return;
      }
      case "ask": {
        const { id } = effect;
        const error = { code: "not_found", message: "There are no files in a simulation" };
        this.#options.world.after(1, () => this.#step(run, { type: "answered", id, error }));
        return;
      }
      case "registered":
        run.failures = 0;
        this.#options.world.trace(this.id, () => `registered as ${effect.agentId}`);
        return;
      case "log":
        this.#options.world.trace(this.id, () => `${effect.level}: ${effect.message}`);
        return;
      default:
        // Volumes, sandboxes and limits cost nothing here.
        return;
    }
  }

  // The containers: what is told to the agent is told to whichever process of it runs then.

  #tell(input: AgentInput): void {
    if (this.#run !== undefined) this.#step(this.#run, input);
  }

  #launch(launch: ContainerLaunch): void {
    const { processes, plan: planOf, world } = this.#options;
    const plan = planOf(launch, this.#random);
    const job = processes.begin(this.id, launch, plan);
    this.#containers.set(launch.container, job);
    world.after(plan.startMs ?? 20, () => {
      if (job.state !== "starting") return;
      const { container } = job;
      if (plan.failure !== undefined) {
        processes.end(job, undefined);
        this.#containers.delete(container);
        this.#tell({ type: "container_failed", container, message: plan.failure });
        return;
      }
      job.state = "running";
      job.startedMs = world.nowMs;
      if (plan.runMs !== undefined) {
        world.after(plan.runMs, () => {
          if (!processes.isFrozen) this.#end(job, plan.termination ?? SUCCEEDED);
        });
      }
      this.#tell({ type: "container_launched", container, checkpoint: {} });
    });
  }

  #end(job: SimulatedProcess, termination: SimulatedProcess["termination"]): void {
    if (job.state === "ended") return;
    const wasRunning = job.state === "running";
    const { container } = job;
    this.#options.processes.end(job, termination);
    if (this.#run === undefined) return; // Found at recovery.
    this.#containers.delete(container);
    if (wasRunning)
      this.#tell({ type: "container_ended", container, termination: termination ?? {} });
    else this.#tell({ type: "container_failed", container, message: "it was killed at its start" });
  }

  #signal(container: string, signal: ContainerSignal): void {
    const job = this.#containers.get(container);
    if (job === undefined || job.state === "ended") return;
    const { termMs } = job.plan;
    const { world } = this.#options;
    if (signal === "SIGKILL") world.after(1, () => this.#end(job, endOf("SIGKILL")));
    else if (signal === "SIGTERM" && termMs !== undefined && job.state === "running") {
      world.after(termMs, () => this.#end(job, endOf("SIGTERM")));
    }
  }

  #recover(run: Run, container: string): void {
    const job = this.#containers.get(container);
    this.#options.world.after(1, () => {
      if (this.#run !== run) return;
      const isRunning = job?.state === "running";
      // A start that was under way when the agent ended came to nothing.
      if (job?.state === "starting") this.#options.processes.end(job, undefined);
      if (!isRunning) this.#containers.delete(container);
      const termination = job?.termination;
      this.#step(run, {
        type: "container_recovered",
        container,
        running: isRunning,
        ...(termination !== undefined && { termination }),
      });
    });
  }
}
