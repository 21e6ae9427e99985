/** Drives a core by hand: inputs in, effects out, time by command. */
import { SeededRandom } from "../../../src/base/mod.ts";
import type {
  FrameworkInfo,
  Offer,
  SchedulerEvent,
  TaskInfo,
  TaskState,
  TaskStatus,
} from "../../../src/model/mod.ts";
import {
  type FrameworkCall,
  type FrameworkEvent,
  readFramework,
  SchedulerCore,
  type SchedulerCoreOptions,
  type SchedulerEffect,
  type SchedulerInput,
} from "../../../src/scheduler/mod.ts";

type Of<Type extends SchedulerEffect["type"]> = Extract<SchedulerEffect, { type: Type }>;

export class Drive {
  nowMs = 1_000_000;
  readonly core: SchedulerCore;
  /** Every effect so far, oldest first. */
  readonly effects: SchedulerEffect[] = [];
  #tokens = 0;

  constructor(options: Partial<SchedulerCoreOptions> = {}) {
    this.core = new SchedulerCore({
      masters: ["http://m1:5050/api/v1/scheduler"],
      framework: readFramework({ name: "test" }, undefined),
      clock: { nowMs: () => this.nowMs },
      random: new SeededRandom(7),
      ...options,
    });
  }

  do(input: SchedulerInput): SchedulerEffect[] {
    const effects = this.core.step(input);
    this.effects.push(...effects);
    return effects;
  }

  /** Let time pass, stopping whenever the core is due. */
  advance(ms: number): SchedulerEffect[] {
    const from = this.effects.length;
    const endMs = this.nowMs + ms;
    for (let turn = 0; turn < 10_000; turn += 1) {
      const dueMs = this.core.nextDueMs();
      if (dueMs === undefined || dueMs > endMs) break;
      this.nowMs = Math.max(this.nowMs, dueMs);
      this.do({ type: "tick" });
    }
    this.nowMs = endMs;
    return this.effects.slice(from);
  }

  all<Type extends SchedulerEffect["type"]>(type: Type): Of<Type>[] {
    return this.effects.filter((effect): effect is Of<Type> => effect.type === type);
  }

  last<Type extends SchedulerEffect["type"]>(type: Type): Of<Type> {
    const found = this.all(type).at(-1);
    if (found === undefined) throw new Error(`no effect ${type}`);
    return found;
  }

  /** The types of the events emitted so far. */
  get heard(): string[] {
    return this.events.map(({ type }) => type);
  }

  get events(): FrameworkEvent[] {
    return this.all("emit").map(({ event }) => event);
  }

  /** From the open stream to SUBSCRIBED. */
  subscribe({ isBatching = false, frameworkId = "f1" } = {}): number {
    if (this.effects.length === 0) this.do({ type: "start" });
    const { stream } = this.last("open");
    this.do({ type: "stream_answer", stream, status: 200, streamId: `s${stream}` });
    this.event(stream, {
      type: "SUBSCRIBED",
      subscribed: {
        framework_id: { value: frameworkId },
        heartbeat_interval_seconds: 15,
        ...(isBatching
          ? {
              master_info: {
                id: "m",
                ip: 0,
                port: 5050,
                capabilities: [{ type: "CALL_BATCH" }],
              },
            }
          : {}),
      },
    });
    return stream;
  }

  event(stream: number, event: SchedulerEvent): SchedulerEffect[] {
    return this.do({ type: "stream_event", stream, event });
  }

  /** Make a call and let it leave; the token comes back. */
  call(call: FrameworkCall): number {
    const token = ++this.#tokens;
    this.do({ type: "call", token, call });
    this.do({ type: "flush" });
    return token;
  }

  outcome(token: number) {
    return this.all("settle").find((effect) => effect.token === token)?.outcome;
  }

  /** Answer the posts under way with 202 until none is. */
  drain(): string[] {
    const types: string[] = [];
    const seen = new Set(this.#drained);
    for (;;) {
      const open = this.all("post").filter(({ post }) => !seen.has(post));
      if (open.length === 0) return types;
      for (const { post, calls } of open) {
        seen.add(post);
        this.#drained.add(post);
        types.push(...calls.map(({ type }) => type));
        this.do({ type: "post_answer", post, status: 202 });
      }
    }
  }

  readonly #drained = new Set<number>();

  update(stream: number, taskId: string, state: TaskState, more: Partial<TaskStatus> = {}) {
    const status: TaskStatus = {
      task_id: { value: taskId },
      agent_id: { value: "a1" },
      state,
      ...more,
    };
    return this.event(stream, { type: "UPDATE", update: { status } });
  }
}

export function offer(id: string, more: Partial<Offer> = {}): Offer {
  return {
    id: { value: id },
    framework_id: { value: "f1" },
    agent_id: { value: "a1" },
    hostname: "h1",
    ...more,
  };
}

export function taskInfo(id: string, agentId = "a1"): TaskInfo {
  return { name: id, task_id: { value: id }, agent_id: { value: agentId } };
}

export function acceptCall(offerId: string, ...tasks: TaskInfo[]): FrameworkCall {
  const operations = [{ type: "LAUNCH" as const, launch: { task_infos: tasks } }];
  return { type: "ACCEPT", accept: { offer_ids: [{ value: offerId }], operations } };
}

export function killCall(taskId: string): FrameworkCall {
  return { type: "KILL", kill: { task_id: { value: taskId } } };
}

/** A framework that is not partition-aware. */
export const plainFramework: FrameworkInfo = { name: "old", user: "root", roles: ["*"] };
