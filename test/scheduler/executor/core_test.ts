import { describe, expect, test } from "vitest";
import { SeededRandom } from "../../../src/base/mod.ts";
import type { ExecutorEvent, TaskInfo } from "../../../src/model/mod.ts";
import {
  ExecutorCore,
  type ExecutorCoreOptions,
  type ExecutorEffect,
  type ExecutorInput,
} from "../../../src/scheduler/mod.ts";
import { subscribedEvent } from "../support/agent.ts";
import { taskInfo } from "../support/drive.ts";

type Of<Type extends ExecutorEffect["type"]> = Extract<ExecutorEffect, { type: Type }>;

class Drive {
  nowMs = 1_000_000;
  readonly core: ExecutorCore;
  readonly effects: ExecutorEffect[] = [];
  #tokens = 0;

  constructor(options: Partial<ExecutorCoreOptions> = {}) {
    this.core = new ExecutorCore({
      frameworkId: "f1",
      executorId: "e1",
      isCheckpointing: true,
      recoveryTimeoutMs: 60_000,
      backoffMaxMs: 2_000,
      shutdownGraceMs: 5_000,
      heartbeatMs: 0,
      clock: { nowMs: () => this.nowMs },
      random: new SeededRandom(3),
      ...options,
    });
  }

  do(input: ExecutorInput): ExecutorEffect[] {
    const effects = this.core.step(input);
    this.effects.push(...effects);
    return effects;
  }

  advance(ms: number): void {
    const endMs = this.nowMs + ms;
    for (let turn = 0; turn < 1_000; turn += 1) {
      const dueMs = this.core.nextDueMs();
      if (dueMs === undefined || dueMs > endMs) break;
      this.nowMs = Math.max(this.nowMs, dueMs);
      this.do({ type: "tick" });
    }
    this.nowMs = endMs;
  }

  all<Type extends ExecutorEffect["type"]>(type: Type): Of<Type>[] {
    return this.effects.filter((effect): effect is Of<Type> => effect.type === type);
  }

  last<Type extends ExecutorEffect["type"]>(type: Type): Of<Type> {
    const found = this.all(type).at(-1);
    if (found === undefined) throw new Error(`no effect ${type}`);
    return found;
  }

  get notices(): string[] {
    return this.all("notify").map(({ notice }) => notice.type);
  }

  subscribe(): number {
    if (this.core.status === "idle") this.do({ type: "start" });
    const { stream } = this.last("open");
    this.do({ type: "stream_answer", stream, status: 200 });
    this.event(subscribedEvent);
    return stream;
  }

  event(event: ExecutorEvent): void {
    this.do({ type: "stream_event", stream: this.last("open").stream, event });
  }

  launch(task: TaskInfo): void {
    this.event({ type: "LAUNCH", launch: { task } });
  }

  update(taskId: string, state: "TASK_RUNNING" | "TASK_FINISHED"): number {
    const token = ++this.#tokens;
    this.do({ type: "update", token, status: { task_id: { value: taskId }, state } });
    return token;
  }

  /** Answer the post under way. */
  answer(status: number): void {
    this.do({ type: "post_answer", post: this.last("post").post, status });
  }

  /** The uuid of the update that was posted last. */
  get uuid(): string {
    const { call } = this.last("post");
    if (call.type !== "UPDATE") throw new Error(call.type);
    return call.update.status.uuid ?? "";
  }

  settled(token: number): boolean | undefined {
    return this.all("settle").find((effect) => effect.token === token)?.isDone;
  }
}

describe("ExecutorCore", () => {
  test("subscribes, is handed a task, and tells of it until it is acknowledged", () => {
    const drive = new Drive();
    drive.subscribe();
    expect(drive.all("open")[0]?.call).toEqual({
      type: "SUBSCRIBE",
      framework_id: { value: "f1" },
      executor_id: { value: "e1" },
      subscribe: { unacknowledged_tasks: [], unacknowledged_updates: [] },
    });
    drive.launch(taskInfo("t1"));
    expect(drive.notices).toEqual(["subscribed", "launch"]);
    const token = drive.update("t1", "TASK_RUNNING");
    expect(drive.last("post").call).toMatchObject({
      type: "UPDATE",
      update: {
        status: {
          task_id: { value: "t1" },
          state: "TASK_RUNNING",
          source: "SOURCE_EXECUTOR",
          executor_id: { value: "e1" },
          timestamp: 1_000,
          uuid: expect.stringMatching(/^[A-Za-z0-9+/]{22}==$/),
        },
      },
    });
    drive.answer(202);
    expect(drive.settled(token)).toBeUndefined();
    drive.event({
      type: "ACKNOWLEDGED",
      acknowledged: { task_id: { value: "t1" }, uuid: drive.uuid },
    });
    expect(drive.settled(token)).toBe(true);
    expect(drive.core.unacknowledged).toBe(0);
  });

  test("after a restart of the agent tells what is not acknowledged, and hears no launch twice", () => {
    const drive = new Drive();
    const stream = drive.subscribe();
    drive.launch(taskInfo("t1"));
    drive.launch(taskInfo("t2"));
    const running = drive.update("t1", "TASK_RUNNING");
    drive.answer(202);
    drive.event({
      type: "ACKNOWLEDGED",
      acknowledged: { task_id: { value: "t1" }, uuid: drive.uuid },
    });
    drive.update("t1", "TASK_FINISHED");
    drive.do({ type: "stream_ended", stream });
    expect(drive.notices.at(-1)).toBe("disconnected");
    expect(drive.all("abort_post")).toHaveLength(1);
    drive.update("t2", "TASK_RUNNING");
    drive.advance(2_000);
    const { subscribe } = drive.last("open").call;
    expect(subscribe?.unacknowledged_tasks?.map(({ task_id }) => task_id.value)).toEqual(["t2"]);
    expect(subscribe?.unacknowledged_updates?.map(({ status }) => status.state)).toEqual([
      "TASK_FINISHED",
      "TASK_RUNNING",
    ]);
    const posts = drive.all("post").length;
    drive.subscribe();
    expect(drive.all("post")).toHaveLength(posts);
    drive.launch(taskInfo("t2"));
    drive.event({
      type: "LAUNCH_GROUP",
      launch_group: { task_group: { tasks: [taskInfo("t1"), taskInfo("t3")] } },
    });
    expect(drive.last("notify").notice).toEqual({ type: "launch_group", tasks: [taskInfo("t3")] });
    expect(drive.settled(running)).toBe(true);
  });

  test("an update made while SUBSCRIBE is under way is posted afterwards", () => {
    const drive = new Drive();
    drive.do({ type: "start" });
    drive.update("t1", "TASK_RUNNING");
    expect(drive.all("post")).toHaveLength(0);
    drive.subscribe();
    expect(drive.last("post").call.type).toBe("UPDATE");
  });

  test("tells again what got no answer, and then takes the stream for lost", () => {
    const drive = new Drive();
    drive.subscribe();
    drive.update("t1", "TASK_RUNNING");
    for (let attempt = 0; attempt < 5; attempt += 1) {
      drive.do({ type: "post_failed", post: drive.last("post").post });
      if (attempt < 4) drive.advance(5_000);
    }
    expect(drive.all("post")).toHaveLength(5);
    expect(drive.notices.at(-1)).toBe("disconnected");
  });

  test("drops an update that the agent refuses, and says so", () => {
    const drive = new Drive();
    drive.subscribe();
    const token = drive.update("t1", "TASK_RUNNING");
    drive.answer(400);
    expect(drive.settled(token)).toBe(false);
    expect(drive.last("notify").notice).toMatchObject({
      type: "error",
      message: expect.stringContaining("TASK_RUNNING of task t1"),
    });
    expect(drive.core.unacknowledged).toBe(0);
  });

  test("a message that does not leave is told of, and never sent twice", () => {
    const drive = new Drive();
    drive.do({ type: "message", token: 1, data: "aGk=" });
    expect(drive.settled(1)).toBe(false);
    const stream = drive.subscribe();
    drive.do({ type: "message", token: 2, data: "aGk=" });
    drive.answer(202);
    expect(drive.settled(2)).toBe(true);
    drive.do({ type: "message", token: 3, data: "aGk=" });
    drive.do({ type: "stream_ended", stream });
    expect(drive.settled(3)).toBe(false);
  });

  test("waits for the agent as long as the recovery timeout, then shuts down", () => {
    const drive = new Drive();
    const stream = drive.subscribe();
    drive.do({ type: "stream_ended", stream });
    drive.advance(59_000);
    drive.do({ type: "stream_ended", stream: drive.last("open").stream });
    expect(drive.notices).not.toContain("shutdown");
    drive.advance(1_000);
    expect(drive.last("notify").notice).toMatchObject({ type: "shutdown", graceMs: 5_000 });
    drive.do({ type: "finish" });
    expect(drive.last("end").error).toBeUndefined();
    expect(drive.core.nextDueMs()).toBeUndefined();
  });

  test("without checkpointing shuts down when the agent is gone", () => {
    const drive = new Drive({ isCheckpointing: false });
    const stream = drive.subscribe();
    drive.do({ type: "stream_ended", stream });
    expect(drive.notices.slice(-2)).toEqual(["disconnected", "shutdown"]);
  });

  test("on SHUTDOWN tells the ends of its tasks before it ends", () => {
    const drive = new Drive();
    drive.subscribe();
    drive.launch(taskInfo("t1"));
    drive.event({ type: "SHUTDOWN" });
    drive.event({ type: "SHUTDOWN" });
    expect(drive.notices.filter((type) => type === "shutdown")).toHaveLength(1);
    const token = drive.update("t1", "TASK_FINISHED");
    drive.do({ type: "finish" });
    expect(drive.all("end")).toHaveLength(0);
    drive.answer(202);
    drive.event({
      type: "ACKNOWLEDGED",
      acknowledged: { task_id: { value: "t1" }, uuid: drive.uuid },
    });
    expect(drive.settled(token)).toBe(true);
    expect(drive.all("end")).toHaveLength(1);
    expect(
      drive.do({
        type: "update",
        token: 9,
        status: { task_id: { value: "t1" }, state: "TASK_LOST" },
      }),
    ).toEqual([{ type: "settle", token: 9, isDone: false }]);
  });

  test("ends after the grace period, acknowledged or not", () => {
    const drive = new Drive();
    drive.subscribe();
    const token = drive.update("t1", "TASK_FINISHED");
    drive.event({ type: "SHUTDOWN" });
    drive.advance(5_000);
    expect(drive.settled(token)).toBe(false);
    expect(drive.all("end")).toHaveLength(1);
  });

  test("ends when the agent refuses the subscription, tries again when it is not ready", () => {
    const busy = new Drive();
    busy.do({ type: "start" });
    busy.do({ type: "stream_answer", stream: 1, status: 503, message: "recovering" });
    busy.advance(2_000);
    expect(busy.all("open").length).toBeGreaterThan(1);
    const refused = new Drive();
    refused.do({ type: "start" });
    refused.do({ type: "stream_answer", stream: 1, status: 400, message: "unknown executor" });
    expect(refused.last("end").error).toMatchObject({ code: "executor_refused" });
  });

  test("passes kills, messages and errors on", () => {
    const drive = new Drive();
    drive.subscribe();
    const kill_policy = { grace_period: { nanoseconds: 5 } };
    drive.event({ type: "KILL", kill: { task_id: { value: "t1" }, kill_policy } });
    drive.event({ type: "MESSAGE", message: { data: "aGk=" } });
    drive.event({ type: "ERROR", error: { message: "no" } });
    drive.event({ type: "HEARTBEAT" });
    expect(drive.all("notify").slice(1)).toEqual([
      { type: "notify", notice: { type: "kill", taskId: "t1", killPolicy: kill_policy } },
      { type: "notify", notice: { type: "message", data: "aGk=" } },
      { type: "notify", notice: { type: "error", message: "no" } },
    ]);
  });

  test("sends heartbeats, and minds no answer", () => {
    const drive = new Drive({ heartbeatMs: 1_000 });
    drive.subscribe();
    drive.advance(1_000);
    expect(drive.last("post").call.type).toBe("HEARTBEAT");
    drive.answer(400);
    expect(drive.core.status).toBe("subscribed");
    drive.advance(1_000);
    expect(drive.all("post")).toHaveLength(2);
  });

  test("gives up on a SUBSCRIBED that does not come", () => {
    const drive = new Drive();
    drive.do({ type: "start" });
    drive.do({ type: "stream_answer", stream: 1, status: 200 });
    drive.advance(15_000);
    expect(drive.all("close_stream")).toHaveLength(1);
    drive.advance(2_000);
    expect(drive.all("open")).toHaveLength(2);
  });
});
