import type { Clock, Random } from "../../base/mod.ts";
import type { AgentInfo, AgentMessage, DrainConfig, ResourceJson } from "../../model/mod.ts";
import type { AgentEffect } from "./events.ts";
import { AGENT_TIMES, type AgentCoreOptions, type AgentTimes } from "./options.ts";
import type {
  CompletedTask,
  Connection,
  ExecutorRecord,
  FrameworkRecord,
  OperationRecord,
  TaskRecord,
} from "./records.ts";
import { type Timer, Timers } from "./timers.ts";

const NO_CAPABILITIES: readonly string[] = [];

/**
 * Everything that an agent's core knows, and the effects of the step that is under way. The
 * functions beside it, one file a concept, change it.
 */
export class AgentState {
  readonly clock: Pick<Clock, "nowMs">;
  readonly random: Random;
  readonly times: AgentTimes;
  readonly version: string;
  readonly capabilities: readonly string[];
  readonly reconfiguration: "equal" | "additive";
  readonly completedTasksMax: number;
  readonly checkpoints: boolean;
  readonly timers = new Timers();
  readonly frameworks = new Map<string, FrameworkRecord>();
  /** Whose container it is: a task's own, or a custom executor's. */
  readonly containers = new Map<string, TaskRecord | ExecutorRecord>();
  readonly operations = new Map<string, OperationRecord>();
  /** Ended tasks, oldest first. */
  readonly completed: CompletedTask[] = [];
  /** With the id once there is one; its resources are all there are, reservations included. */
  info: AgentInfo;
  /** What the machine has, without what was reserved at run time. */
  base: readonly ResourceJson[];
  connection: Connection = { status: "recovering", linked: false };
  /** When the master was last heard. */
  heardMs = 0;
  drain: DrainConfig | undefined;
  /** Whether `drained` was sent. */
  drained = false;
  /** Containers that `recover_container` asked for and that have not been told of. */
  recovering = 0;
  stopping: { readonly unregister: boolean } | undefined;
  stopped = false;
  stopTimer: Timer | undefined;
  groups = 0;
  /** What happened how often, by Mesos' names; undefined as long as nothing did. */
  counts: Map<string, number> | undefined;
  effects: AgentEffect[] = [];

  constructor(options: AgentCoreOptions) {
    this.clock = options.clock;
    this.random = options.random;
    this.times = options.times ?? AGENT_TIMES;
    this.version = options.version ?? "fairlead";
    this.capabilities = options.capabilities ?? NO_CAPABILITIES;
    this.reconfiguration = options.reconfiguration ?? "additive";
    this.checkpoints = options.checkpoints ?? true;
    this.completedTasksMax = options.completedTasksMax ?? 100;
    this.info = options.info;
    this.base = options.info.resources ?? [];
  }

  get agentId(): string | undefined {
    return this.info.id?.value;
  }

  get registered(): boolean {
    return this.connection.status === "registered";
  }

  nowMs(): number {
    return this.clock.nowMs();
  }

  count(name: string): void {
    this.counts ??= new Map();
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  }

  send(message: AgentMessage): void {
    this.effects.push({ type: "send", message });
  }

  checkpoint(path: string, value: unknown): void {
    this.effects.push({ type: "checkpoint", path, value });
  }

  forget(path: string): void {
    if (this.checkpoints) this.effects.push({ type: "forget", path });
  }

  log(
    level: "debug" | "info" | "warning" | "error",
    message: string,
    details?: Readonly<Record<string, unknown>>,
  ): void {
    this.effects.push({
      type: "log",
      level,
      message,
      ...(details === undefined ? {} : { details }),
    });
  }
}
