/** One framework's scheduler: its process, and what it keeps. */
import type { Random } from "../base/mod.ts";
import { type FrameworkInfo, isTerminal, type TaskState } from "../model/mod.ts";
import {
  type CallOutcome,
  type FrameworkCall,
  type FrameworkEvent,
  SchedulerCore,
  type SchedulerEffect,
  type SchedulerInput,
  type SchedulerTimings,
} from "../scheduler/mod.ts";
import type { Network } from "./network.ts";
import type { NodeClock } from "./node_clock.ts";
import type { NearSocket } from "./protocols.ts";
import type { World } from "./world.ts";

/** What a scheduler under test is given: calls to make, time, chance, and a disk. */
export interface SchedulerContext {
  /** Make a call; `settled` is told what became of it, unless the scheduler crashes before. */
  call(call: FrameworkCall, settled?: (outcome: CallOutcome) => void): void;
  /** On the scheduler's own clock. */
  nowMs(): number;
  /** Later, unless the scheduler has crashed by then. */
  after(ms: number, run: () => void): void;
  readonly random: Random;
  /** What is in here outlives crashes; what a program writes is durable at once. */
  readonly disk: Map<string, unknown>;
  /** Decides tasks, offers and the session; see `SchedulerCore`. */
  readonly core: SchedulerCore;
}

/** A scheduler under test, as one run of its process sees it. */
export interface SchedulerProgram {
  /** An event of the framework; it counts as consumed when this returns. */
  onEvent(event: FrameworkEvent): void;
  /** Launch nothing more: the simulation wants to come to rest. */
  stop?(): void;
}

/** A framework of a simulation. */
export interface SimulatedScheduler {
  readonly framework: FrameworkInfo;
  readonly timings?: SchedulerTimings;
  /** Called at the start of each run of the process. */
  readonly program: (context: SchedulerContext) => SchedulerProgram;
}

/** What a scheduler was told of one task. */
export interface Heard {
  /** Undefined until something was heard. */
  state: TaskState | undefined;
  /** A terminal state was heard; what comes after it changes nothing. */
  isOver: boolean;
}

/** What a scheduler node is made of. */
export interface SchedulerNodeOptions {
  readonly id: string;
  readonly world: World;
  readonly network: Network;
  readonly clock: NodeClock;
  readonly masters: readonly string[];
  readonly scheduler: SimulatedScheduler;
  /** Whether to keep in mind what was heard of each task. */
  readonly isChecked: boolean;
}

const FRAMEWORK_ID = "fairlead.framework_id";

/** One run of the process. */
class Run {
  readonly core: SchedulerCore;
  program: SchedulerProgram | undefined;
  readonly streams = new Map<number, NearSocket<"stream">>();
  readonly posts = new Map<number, NearSocket<"post">>();
  readonly settlers = new Map<number, (outcome: CallOutcome) => void>();
  tokens = 0;
  armedMs: number | undefined;
  isFlushing = false;
  readonly queue: SchedulerInput[] = [];
  isStepping = false;

  constructor(core: SchedulerCore) {
    this.core = core;
  }
}

export class SchedulerNode {
  readonly id: string;
  /** By task id. */
  readonly heard = new Map<string, Heard>();
  /** Why it ended, when it ended by itself. */
  fault: string | undefined;
  updates = 0;
  readonly #options: SchedulerNodeOptions;
  readonly #random: Random;
  readonly #disk = new Map<string, unknown>();
  #run: Run | undefined;
  #isStopping = false;

  constructor(options: SchedulerNodeOptions) {
    this.id = options.id;
    this.#options = options;
    this.#random = options.world.random(options.id);
  }

  get isUp(): boolean {
    return this.#run !== undefined;
  }

  get core(): SchedulerCore | undefined {
    return this.#run?.core;
  }

  /** Undefined until the first SUBSCRIBED. */
  get frameworkId(): string | undefined {
    const id = this.#disk.get(FRAMEWORK_ID);
    return typeof id === "string" ? id : undefined;
  }

  start(): void {
    if (this.#run !== undefined || this.fault !== undefined) return;
    const { scheduler, clock, masters, network, world } = this.#options;
    const { frameworkId } = this;
    const core = new SchedulerCore({
      ...scheduler.timings,
      masters: masters.map((master) => `http://${master}`),
      framework: scheduler.framework,
      ...(frameworkId !== undefined && { frameworkId }),
      // As a program that keeps its tasks would hand them in.
      tasks: [...this.heard].flatMap(([taskId, { isOver }]) => (isOver ? [] : [{ taskId }])),
      clock,
      random: this.#random,
    });
    const run = new Run(core);
    this.#run = run;
    network.up(this.id, {});
    run.program = scheduler.program({
      call: (call, settled) => this.#call(run, call, settled),
      nowMs: () => clock.nowMs(),
      after: (ms, then) =>
        world.after(ms, () => {
          if (this.#run === run) then();
        }),
      random: this.#random,
      disk: this.#disk,
      core,
    });
    if (this.#isStopping) run.program.stop?.();
    this.#step(run, { type: "start" });
  }

  crash(isSilent: boolean): void {
    this.#run = undefined;
    this.#options.network.down(this.id, isSilent);
  }

  stop(): void {
    this.#isStopping = true;
    this.#run?.program?.stop?.();
  }

  #call(run: Run, call: FrameworkCall, settled?: (outcome: CallOutcome) => void): void {
    if (this.#run !== run) return;
    this.#noteLaunches(call);
    const token = ++run.tokens;
    if (settled !== undefined) run.settlers.set(token, settled);
    this.#step(run, { type: "call", token, call });
  }

  #noteLaunches(call: FrameworkCall): void {
    if (!this.#options.isChecked || call.type !== "ACCEPT") return;
    for (const { launch, launch_group } of call.accept.operations ?? []) {
      const tasks = [...(launch?.task_infos ?? []), ...(launch_group?.task_group.tasks ?? [])];
      for (const { task_id } of tasks) {
        this.heard.set(task_id.value, { state: undefined, isOver: false });
      }
    }
  }

  #step(run: Run, input: SchedulerInput): void {
    if (this.#run !== run) return;
    run.queue.push(input);
    if (run.isStepping) return;
    run.isStepping = true;
    for (let next = run.queue.shift(); next !== undefined; next = run.queue.shift()) {
      for (const effect of run.core.step(next)) this.#perform(run, effect);
    }
    run.isStepping = false;
    if (this.#run !== run) return;
    this.#arm(run);
    if (run.core.callsWaiting > 0 && input.type !== "flush") this.#flushSoon(run);
  }

  /** What else this instant brings goes along. */
  #flushSoon(run: Run): void {
    if (run.isFlushing) return;
    run.isFlushing = true;
    this.#options.world.after(0, () => {
      run.isFlushing = false;
      this.#step(run, { type: "flush" });
    });
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

  #perform(run: Run, effect: SchedulerEffect): void {
    switch (effect.type) {
      case "open":
        this.#open(run, effect);
        return;
      case "close_stream": {
        const socket = run.streams.get(effect.stream);
        run.streams.delete(effect.stream);
        socket?.close();
        return;
      }
      case "post":
        this.#post(run, effect);
        return;
      case "abort_post": {
        const socket = run.posts.get(effect.post);
        run.posts.delete(effect.post);
        socket?.close();
        return;
      }
      case "emit":
        this.#emit(run, effect.event);
        return;
      case "settle": {
        const settled = run.settlers.get(effect.token);
        run.settlers.delete(effect.token);
        settled?.(effect.outcome);
        return;
      }
      case "end":
        this.fault = effect.error?.message ?? "it was ended";
        this.#options.world.trace(this.id, () => `ended: ${this.fault}`);
        this.crash(false);
        return;
      case "locate":
        this.#step(run, { type: "locate_failed", message: "there is nobody to ask" });
        return;
    }
  }

  #open(run: Run, { stream, url, call }: Extract<SchedulerEffect, { type: "open" }>): void {
    const { network, scheduler } = this.#options;
    const socket = network.connect(this.id, hostOf(url), "stream", {
      receive: (message) => {
        if (message.type === "event") {
          this.#step(run, { type: "stream_event", stream, event: message.event });
          return;
        }
        const { type: _, leader, ...head } = message;
        const location = leader === undefined ? undefined : `http://${leader}`;
        this.#step(run, { type: "stream_answer", stream, ...head, location });
      },
      closed: () => {
        if (run.streams.delete(stream)) this.#step(run, { type: "stream_ended", stream });
      },
    });
    run.streams.set(stream, socket);
    socket.send({ principal: scheduler.framework.principal, call });
  }

  #post(run: Run, effect: Extract<SchedulerEffect, { type: "post" }>): void {
    const { post, url, streamId, calls, isBatch } = effect;
    const { network, scheduler } = this.#options;
    const socket = network.connect(this.id, hostOf(url), "post", {
      receive: ({ status, message, results }) => {
        run.posts.delete(post);
        this.#step(run, { type: "post_answer", post, status, message, results });
      },
      closed: () => {
        if (!run.posts.delete(post)) return;
        this.#step(run, { type: "post_failed", post, message: "the connection broke" });
      },
    });
    run.posts.set(post, socket);
    socket.send({ streamId, principal: scheduler.framework.principal, calls, isBatch });
  }

  #emit(run: Run, event: FrameworkEvent): void {
    if (event.type === "SUBSCRIBED") this.#disk.set(FRAMEWORK_ID, event.frameworkId);
    else if (event.type === "UPDATE") {
      this.updates += 1;
      if (this.#options.isChecked) this.#note(event.status.task_id.value, event.status.state);
    }
    if (this.#options.world.isTraced) this.#traceEvent(event);
    run.program?.onEvent(event);
    this.#step(run, { type: "consumed", event });
  }

  #note(taskId: string, state: TaskState): void {
    const known = this.heard.get(taskId);
    if (known === undefined) this.heard.set(taskId, { state, isOver: isTerminal(state) });
    else if (!known.isOver) {
      known.state = state;
      known.isOver = isTerminal(state);
    }
  }

  #traceEvent(event: FrameworkEvent): void {
    const { world } = this.#options;
    if (event.type === "OFFERS") return;
    if (event.type !== "UPDATE") {
      world.trace(this.id, () => `hears ${event.type}`);
      return;
    }
    const { task_id, state, reason, message } = event.status;
    world.trace(this.id, () =>
      `hears ${task_id.value} ${state} ${reason ?? ""} ${message ?? ""}`.trimEnd(),
    );
  }
}

function hostOf(url: string): string {
  return url.replace("http://", "");
}
