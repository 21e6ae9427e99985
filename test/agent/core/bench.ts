/** An agent's core on a bench: events in, effects out, time by hand. */
import {
  AgentCore,
  type AgentCoreOptions,
  type AgentEffect,
  type AgentInput,
  type Checkpoint,
} from "../../../src/agent/mod.ts";
import { SeededRandom } from "../../../src/base/mod.ts";
import type {
  AgentMessage,
  ExecutorInfo,
  FrameworkInfo,
  MasterMessage,
  ResourceJson,
  TaskInfo,
  TaskStatus,
} from "../../../src/model/mod.ts";
import { Resources } from "../../../src/resources/mod.ts";

type Effect<Type extends AgentEffect["type"]> = Extract<AgentEffect, { type: Type }>;
type Sent<Type extends AgentMessage["type"]> = Extract<AgentMessage, { type: Type }>;

export function resources(text: string): ResourceJson[] {
  return Resources.parse(text).toJson() as ResourceJson[];
}

export const MASTER = { id: "m1", ip: 0, port: 5050 };

export function framework(id = "f1", capabilities: string[] = []): FrameworkInfo {
  return {
    id: { value: id },
    name: id,
    user: "root",
    capabilities: capabilities.map((type) => ({ type })),
  };
}

export function command(id: string, more: Partial<TaskInfo> = {}): TaskInfo {
  return {
    name: id,
    task_id: { value: id },
    agent_id: { value: "a1" },
    resources: resources("cpus:1;mem:64"),
    command: { shell: true, value: "sleep 10" },
    ...more,
  };
}

/** A task without a command of its own, unless it is given one. */
export function member(id: string, more: Partial<TaskInfo> = {}): TaskInfo {
  const { command: _, ...task } = command(id);
  return { ...task, ...more };
}

export function executor(id: string, more: Partial<ExecutorInfo> = {}): ExecutorInfo {
  return {
    executor_id: { value: id },
    command: { shell: true, value: "./executor" },
    resources: resources("cpus:0.1;mem:32"),
    ...more,
  };
}

export class Bench {
  nowMs = 1_700_000_000_000;
  readonly effects: AgentEffect[] = [];
  /** What the disk would have. */
  readonly disk = new Map<string, unknown>();
  core: AgentCore;
  readonly #options: Partial<AgentCoreOptions>;
  #seed = 1;

  constructor(options: Partial<AgentCoreOptions> = {}) {
    this.#options = options;
    this.core = this.#make();
  }

  #make(): AgentCore {
    return new AgentCore({
      clock: { nowMs: () => this.nowMs },
      random: new SeededRandom(this.#seed++),
      info: { hostname: "host", port: 5051, resources: resources("cpus:8;mem:8192;disk:8192") },
      ...this.#options,
    });
  }

  /** An agent that a master has admitted as "a1". */
  static registered(options: Partial<AgentCoreOptions> = {}): Bench {
    const bench = new Bench(options);
    bench.step({ type: "recovered", checkpoints: [] });
    bench.register();
    bench.effects.length = 0;
    return bench;
  }

  register(more: Partial<Extract<MasterMessage, { type: "registered" }>> = {}): AgentEffect[] {
    this.step({ type: "link_opened" });
    return this.hear({
      type: "registered",
      agent_id: "a1",
      master_info: MASTER,
      heartbeat_ms: 15_000,
      ...more,
    });
  }

  step(input: AgentInput): AgentEffect[] {
    const effects = this.core.step(input);
    for (const effect of effects) {
      this.effects.push(effect);
      // As a disk keeps it: a copy.
      if (effect.type === "checkpoint") this.disk.set(effect.path, structuredClone(effect.value));
      if (effect.type === "forget") this.disk.delete(effect.path);
    }
    return effects;
  }

  hear(...messages: MasterMessage[]): AgentEffect[] {
    return this.step({ type: "messages", messages });
  }

  launch(...tasks: TaskInfo[]): AgentEffect[] {
    return this.launchFor(framework(), ...tasks);
  }

  launchFor(info: FrameworkInfo, ...tasks: TaskInfo[]): AgentEffect[] {
    return this.hear({
      type: "launch",
      framework: info,
      launches: tasks.map((task) => ({ task })),
    });
  }

  /** Everything launched so far runs now. */
  run(): AgentEffect[] {
    const effects: AgentEffect[] = [];
    for (const { launch } of this.all("launch_container")) {
      if (this.#started.has(launch.container)) continue;
      this.#started.add(launch.container);
      effects.push(
        ...this.step({
          type: "container_launched",
          container: launch.container,
          pid: 100 + this.#started.size,
          ipAddresses: ["10.0.0.1"],
          checkpoint: { id: launch.container },
        }),
      );
    }
    return effects;
  }
  readonly #started = new Set<string>();

  /** A task that runs, its TASK_RUNNING acknowledged; returns its container. */
  running(task: TaskInfo, info: FrameworkInfo = framework()): string {
    this.launchFor(info, task);
    this.run();
    this.acknowledge();
    return this.container(task.task_id.value);
  }

  container(taskId: string): string {
    const found = this.all("launch_container").findLast(
      ({ launch }) => launch.task?.task_id.value === taskId,
    );
    return found?.launch.container ?? "";
  }

  end(container: string, waitStatus = 0): AgentEffect[] {
    return this.step({ type: "container_ended", container, termination: { waitStatus } });
  }

  /** The master acknowledges whatever is out, until nothing is. */
  acknowledge(): AgentEffect[] {
    const effects: AgentEffect[] = [];
    for (let round = 0; round < 100; round += 1) {
      const out = [...this.core.state.frameworks.values()].flatMap(({ streams }) =>
        [...streams.values()].filter(({ pending }) => pending.length > 0),
      );
      if (out.length === 0) return effects;
      for (const { frameworkId, taskId, pending } of out) {
        effects.push(
          ...this.hear({
            type: "ack",
            framework_id: frameworkId,
            task_id: taskId,
            uuid: pending[0]?.uuid ?? "",
          }),
        );
      }
    }
    throw new Error("updates without end");
  }

  /** Let time pass, with a tick whenever one is due. */
  pass(ms: number): AgentEffect[] {
    const effects: AgentEffect[] = [];
    const untilMs = this.nowMs + ms;
    for (;;) {
      const dueMs = this.core.nextDueMs();
      if (dueMs === undefined || dueMs > untilMs) break;
      this.nowMs = Math.max(this.nowMs, dueMs);
      effects.push(...this.step({ type: "tick" }));
    }
    this.nowMs = untilMs;
    return effects;
  }

  /** The master keeps talking while time passes. */
  passHeard(ms: number): AgentEffect[] {
    const effects: AgentEffect[] = [];
    for (let left = ms; left > 0; left -= 10_000) {
      effects.push(...this.pass(Math.min(left, 10_000)));
      this.hear({ type: "ping", sequence: 1 });
    }
    return effects;
  }

  /** A new core on the same disk; the containers it asks for. */
  restart(): Effect<"recover_container">[] {
    this.core = this.#make();
    const checkpoints: Checkpoint[] = Array.from(this.disk, ([path, value]) => ({ path, value }));
    return of(this.step({ type: "recovered", checkpoints }), "recover_container");
  }

  all<Type extends AgentEffect["type"]>(type: Type): Effect<Type>[] {
    return of(this.effects, type);
  }

  state(taskId: string, frameworkId = "f1") {
    return this.core.state.frameworks.get(frameworkId)?.tasks.get(taskId);
  }
}

export function of<Type extends AgentEffect["type"]>(
  effects: readonly AgentEffect[],
  type: Type,
): Effect<Type>[] {
  return effects.filter((effect): effect is Effect<Type> => effect.type === type);
}

export function sent<Type extends AgentMessage["type"]>(
  effects: readonly AgentEffect[],
  type: Type,
): Sent<Type>[] {
  return of(effects, "send")
    .map(({ message }) => message)
    .filter((message): message is Sent<Type> => message.type === type);
}

/** The statuses that were sent. */
export function statuses(effects: readonly AgentEffect[]): TaskStatus[] {
  return sent(effects, "update").map(({ status }) => status);
}

export function states(effects: readonly AgentEffect[]): string[] {
  return statuses(effects).map(({ state }) => state);
}
