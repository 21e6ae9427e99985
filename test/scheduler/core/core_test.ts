import { describe, expect, test } from "vitest";
import { readFramework, SchedulerCore } from "../../../src/scheduler/mod.ts";
import { acceptCall, Drive, killCall, offer, plainFramework, taskInfo } from "../support/drive.ts";

const MASTERS = ["http://m1:5050/api/v1/scheduler", "http://m2:5050/api/v1/scheduler"];

describe("SchedulerCore subscribing", () => {
  test("sends SUBSCRIBE with its info, and hears of the subscription", () => {
    const drive = new Drive({ suppressedRoles: ["dev"] });
    drive.do({ type: "start" });
    const { call, url } = drive.last("open");
    expect(url).toBe(MASTERS[0]);
    expect(call).toMatchObject({
      type: "SUBSCRIBE",
      subscribe: { framework_info: { name: "test", user: "root" }, suppressed_roles: ["dev"] },
    });
    expect("framework_id" in call).toBe(false);
    drive.subscribe();
    expect(drive.heard).toEqual(["CONNECTED", "SUBSCRIBED", "RECONCILED"]);
    expect(drive.core.frameworkId).toBe("f1");
  });

  test("names its id when it has one, in the call and in the info", () => {
    const drive = new Drive({ frameworkId: "f9" });
    drive.do({ type: "start" });
    expect(drive.last("open").call).toMatchObject({
      framework_id: { value: "f9" },
      subscribe: { framework_info: { id: { value: "f9" } } },
    });
  });

  test("follows a redirect at once, but not for ever", () => {
    const drive = new Drive();
    drive.do({ type: "start" });
    for (let hop = 0; hop < 6; hop += 1) {
      const { stream } = drive.last("open");
      const location = `http://m${hop + 2}:5050/api/v1/scheduler`;
      drive.do({ type: "stream_answer", stream, status: 307, location });
    }
    expect(drive.all("open").map(({ url }) => url)).toHaveLength(6);
    expect(drive.last("open").url).toBe("http://m6:5050/api/v1/scheduler");
    expect(drive.events).toMatchObject([{ type: "DISCONNECTED", reason: "not_leading" }]);
    expect(drive.core.session.status).toBe("waiting");
  });

  test("tries all masters in turn before it pauses", () => {
    const drive = new Drive({ masters: MASTERS });
    drive.do({ type: "start" });
    drive.do({ type: "stream_answer", stream: 1, status: 503 });
    expect(drive.last("open").url).toBe(MASTERS[1]);
    drive.do({ type: "stream_ended", stream: 2, message: "ECONNREFUSED" });
    expect(drive.core.session.status).toBe("waiting");
    drive.advance(200);
    expect(drive.last("open").url).toBe(MASTERS[0]);
  });

  test("pauses ever longer, up to 15 seconds, never twice the same", () => {
    const drive = new Drive();
    drive.do({ type: "start" });
    const pauses: number[] = [];
    for (let attempt = 0; attempt < 14; attempt += 1) {
      drive.do({ type: "stream_ended", stream: drive.last("open").stream });
      const { session } = drive.core;
      if (session.status !== "waiting") throw new Error(session.status);
      pauses.push(session.untilMs - drive.nowMs);
      drive.advance(15_000);
    }
    expect(Math.max(...pauses)).toBeLessThanOrEqual(15_000);
    expect(Math.max(...pauses.slice(0, 3))).toBeLessThan(500);
    expect(Math.min(...pauses.slice(8))).toBeGreaterThanOrEqual(3_000);
    expect(new Set(pauses).size).toBeGreaterThan(10);
    expect(drive.heard).toEqual(["DISCONNECTED"]);
  });

  test("gives up after attemptsMax", () => {
    const drive = new Drive({ attemptsMax: 2 });
    drive.do({ type: "start" });
    drive.do({ type: "stream_ended", stream: 1, message: "ECONNREFUSED" });
    drive.advance(1_000);
    drive.do({ type: "stream_ended", stream: 2, message: "ECONNREFUSED" });
    expect(drive.last("end").error).toMatchObject({ code: "subscribe_exhausted" });
    expect(drive.core.nextDueMs()).toBeUndefined();
  });

  test.each([
    [401, "unauthenticated"],
    [400, "subscribe_refused"],
    [403, "subscribe_refused"],
    [415, "subscribe_refused"],
  ])("ends when the master answers %i", (status, code) => {
    const drive = new Drive();
    drive.do({ type: "start" });
    drive.do({ type: "stream_answer", stream: 1, status, message: "no" });
    expect(drive.last("end").error).toMatchObject({ code, details: { status, message: "no" } });
  });

  test("does not wait for SUBSCRIBED for ever", () => {
    const drive = new Drive();
    drive.do({ type: "start" });
    drive.do({ type: "stream_answer", stream: 1, status: 200, streamId: "s" });
    drive.advance(15_000);
    expect(drive.events.at(-1)).toMatchObject({ reason: "heartbeats_missed" });
    expect(drive.all("close_stream")).toEqual([{ type: "close_stream", stream: 1 }]);
  });

  test("asks for the leader before each attempt where there is a detector", () => {
    const drive = new Drive({ masters: [] });
    expect(drive.do({ type: "start" })).toEqual([{ type: "locate" }]);
    drive.do({ type: "locate_failed", message: "no quorum" });
    drive.advance(200);
    expect(drive.all("locate")).toHaveLength(2);
    drive.do({ type: "located", url: "http://m3:1/api/v1/scheduler" });
    expect(drive.last("open").url).toBe("http://m3:1/api/v1/scheduler");
  });

  test("goes to a new leader before its pause is over, and only then", () => {
    const drive = new Drive();
    const stream = drive.subscribe();
    drive.do({ type: "leader_changed" });
    expect(drive.core.session.status).toBe("subscribed");
    drive.do({ type: "stream_ended", stream });
    for (let round = 0; round < 8; round += 1) {
      drive.advance(15_000);
      drive.do({ type: "stream_ended", stream: drive.last("open").stream, message: "refused" });
    }
    const opened = drive.all("open").length;
    drive.do({ type: "leader_changed" });
    drive.advance(100);
    expect(drive.all("open")).toHaveLength(opened + 1);
  });

  test("takes no notice of a stream that it left", () => {
    const drive = new Drive();
    const stream = drive.subscribe();
    drive.do({ type: "stream_ended", stream });
    const before = drive.events.length;
    drive.event(stream, { type: "OFFERS", offers: { offers: [offer("o1")] } });
    drive.do({ type: "stream_ended", stream });
    expect(drive.events).toHaveLength(before);
  });
});

describe("SchedulerCore subscribed", () => {
  test("subscribes again after five heartbeats without a word", () => {
    const drive = new Drive();
    const stream = drive.subscribe();
    drive.advance(70_000);
    drive.event(stream, { type: "HEARTBEAT" });
    drive.advance(74_999);
    expect(drive.core.session.status).toBe("subscribed");
    drive.advance(1);
    expect(drive.events.at(-1)).toMatchObject({
      type: "DISCONNECTED",
      reason: "heartbeats_missed",
    });
    drive.advance(200);
    expect(drive.last("open").call).toMatchObject({ framework_id: { value: "f1" } });
    drive.subscribe();
    expect(drive.events.findLast(({ type }) => type === "SUBSCRIBED")).toMatchObject({
      isAgain: true,
    });
  });

  test("does not miss heartbeats while nobody reads", () => {
    const drive = new Drive();
    const stream = drive.subscribe();
    drive.do({ type: "stream_paused", stream, isPaused: true });
    drive.advance(500_000);
    expect(drive.core.session.status).toBe("subscribed");
    drive.do({ type: "stream_paused", stream, isPaused: false });
    drive.advance(75_000);
    expect(drive.events.at(-1)).toMatchObject({ reason: "heartbeats_missed" });
  });

  test("is overtaken by a late SUBSCRIBE of its own once, and subscribes again", () => {
    const drive = new Drive();
    drive.do({ type: "start" });
    drive.advance(15_000); // No answer came: it is given up, and may come to the master yet.
    expect(drive.events.at(-1)).toMatchObject({ reason: "heartbeats_missed" });
    drive.advance(100);
    const stream = drive.subscribe();
    const failedOver = { type: "ERROR", error: { message: "Framework failed over" } } as const;
    drive.event(stream, failedOver);
    expect(drive.events.at(-1)).toMatchObject({ type: "DISCONNECTED", reason: "stream_ended" });
    expect(drive.core.session.status).toBe("waiting");
    drive.advance(100);
    drive.event(drive.subscribe(), failedOver);
    expect(drive.last("end").error).toMatchObject({ code: "framework_failed_over" });
  });

  test.each([
    ["Framework failed over", "framework_failed_over"],
    ["Framework has been removed", "framework_removed"],
    ["Not authorized to use role 'x'", "framework_error"],
  ])("ends after ERROR %j", (message, code) => {
    const drive = new Drive();
    const stream = drive.subscribe();
    const token = drive.call(killCall("t1"));
    drive.event(stream, { type: "ERROR", error: { message } });
    expect(drive.heard.at(-1)).toBe("ERROR");
    expect(drive.last("end").error).toMatchObject({ code, details: { message } });
    expect(drive.outcome(token)).toMatchObject({ taken: false, reason: "closed" });
    expect(drive.core.nextDueMs()).toBeUndefined();
  });

  test("keeps the offers at hand: answered, rescinded and lost ones go", () => {
    const drive = new Drive();
    const stream = drive.subscribe();
    const offers = ["o1", "o2", "o3", "o4"].map((id) => offer(id));
    drive.event(stream, { type: "OFFERS", offers: { offers } });
    drive.call({ type: "DECLINE", decline: { offer_ids: [{ value: "o1" }] } });
    drive.call(acceptCall("o2", taskInfo("t1")));
    drive.event(stream, { type: "RESCIND", rescind: { offer_id: { value: "o3" } } });
    expect([...drive.core.offers.keys()]).toEqual(["o4"]);
    drive.do({ type: "stream_ended", stream });
    expect(drive.core.offers.size).toBe(0);
  });

  test("remembers suppressed roles over a reconnect", () => {
    const drive = new Drive({
      framework: readFramework({ name: "x", roles: ["a", "b"] }, undefined),
    });
    const stream = drive.subscribe();
    drive.call({ type: "SUPPRESS" });
    drive.call({ type: "REVIVE", revive: { roles: ["a"] } });
    drive.do({ type: "stream_ended", stream });
    drive.advance(200);
    expect(drive.last("open").call.subscribe.suppressed_roles).toEqual(["b"]);
  });

  test("passes over what is no event", () => {
    const drive = new Drive();
    const stream = drive.subscribe();
    drive.do({ type: "stream_unreadable", stream, message: "what?" });
    expect(drive.events.at(-1)).toEqual({ type: "UNREADABLE", message: "what?" });
    expect(drive.core.session.status).toBe("subscribed");
  });
});

describe("SchedulerCore calls", () => {
  test("carry the framework's id and the stream's", () => {
    const drive = new Drive();
    drive.subscribe();
    drive.drain();
    drive.call(killCall("t1"));
    expect(drive.last("post")).toMatchObject({
      url: MASTERS[0],
      streamId: "s1",
      isBatch: false,
      calls: [{ type: "KILL", framework_id: { value: "f1" } }],
    });
  });

  test("leave one after the other, each when the one before was answered", () => {
    const drive = new Drive();
    drive.subscribe();
    drive.drain();
    const before = drive.all("post").length;
    const first = drive.call({ type: "SUPPRESS" });
    const second = drive.call({ type: "REVIVE" });
    expect(drive.all("post")).toHaveLength(before + 1);
    drive.do({ type: "post_answer", post: drive.last("post").post, status: 202 });
    expect(drive.outcome(first)).toEqual({ taken: true });
    expect(drive.outcome(second)).toBeUndefined();
    expect(drive.last("post").calls[0]?.type).toBe("REVIVE");
  });

  test("declines that follow each other leave as one", () => {
    const drive = new Drive();
    drive.subscribe();
    drive.drain();
    drive.call({ type: "SUPPRESS" });
    const decline = (id: string, refuse_seconds?: number) =>
      drive.call({
        type: "DECLINE",
        decline: {
          offer_ids: [{ value: id }],
          ...(refuse_seconds === undefined ? {} : { filters: { refuse_seconds } }),
        },
      });
    const tokens = [decline("o1"), decline("o2"), decline("o3", 60)];
    drive.do({ type: "post_answer", post: drive.last("post").post, status: 202 });
    expect(drive.last("post").calls).toMatchObject([
      { decline: { offer_ids: [{ value: "o1" }, { value: "o2" }] } },
    ]);
    expect(drive.drain()).toContain("DECLINE");
    expect(tokens.map((token) => drive.outcome(token))).toEqual(Array(3).fill({ taken: true }));
  });

  test("with CALL_BATCH, what one turn brings is one request, in order", () => {
    const drive = new Drive();
    drive.subscribe({ isBatching: true });
    drive.drain();
    const call = (input: Parameters<Drive["call"]>[0], token: number) =>
      drive.do({ type: "call", token, call: input });
    call({ type: "REVIVE" }, 101);
    call(acceptCall("o1", taskInfo("t1")), 102);
    call(killCall("t1"), 103);
    drive.do({ type: "flush" });
    const { post, calls, isBatch } = drive.last("post");
    expect(isBatch).toBe(true);
    expect(calls.map(({ type }) => type)).toEqual(["REVIVE", "ACCEPT", "KILL"]);
    const results = [{ status: 202 }, { status: 400, message: "bad" }, { status: 202 }];
    drive.do({ type: "post_answer", post, status: 200, results });
    expect(drive.outcome(101)).toEqual({ taken: true });
    expect(drive.outcome(102)).toMatchObject({ taken: false, reason: "refused", status: 400 });
    expect(drive.outcome(103)).toEqual({ taken: true });
    expect(drive.events.at(-1)).toMatchObject({ type: "UPDATE", isLocal: true });
  });

  test("that last wait for a subscription, others are refused without one", () => {
    const drive = new Drive();
    drive.do({ type: "start" });
    const kill = drive.call(killCall("t1"));
    const decline = drive.call({ type: "DECLINE", decline: { offer_ids: [{ value: "o1" }] } });
    expect(drive.outcome(decline)).toMatchObject({ reason: "not_subscribed", uncertain: false });
    drive.subscribe();
    expect(drive.drain()).toContain("KILL");
    expect(drive.outcome(kill)).toEqual({ taken: true });
  });

  test("that last are sent again on the next subscription", () => {
    const drive = new Drive();
    const stream = drive.subscribe();
    drive.drain();
    const token = drive.call(killCall("t1"));
    drive.do({ type: "stream_ended", stream });
    expect(drive.all("abort_post")).toHaveLength(1);
    expect(drive.outcome(token)).toBeUndefined();
    drive.advance(200);
    drive.subscribe();
    expect(drive.drain()).toContain("KILL");
    expect(drive.outcome(token)).toEqual({ taken: true });
  });

  test("are tried again on the same stream when no answer came", () => {
    const drive = new Drive();
    drive.subscribe();
    drive.drain();
    const token = drive.call(killCall("t1"));
    for (let attempt = 0; attempt < 5; attempt += 1) {
      drive.do({ type: "post_failed", post: drive.last("post").post, message: "reset" });
      drive.advance(5_000);
    }
    const kills = drive.all("post").filter(({ calls }) => calls[0]?.type === "KILL");
    expect(kills).toHaveLength(5);
    expect(drive.outcome(token)).toMatchObject({ reason: "unavailable", uncertain: true });
  });

  test("time out", () => {
    const drive = new Drive({ callTimeoutMs: 1_000 });
    drive.subscribe();
    drive.drain();
    const token = drive.call({
      type: "MESSAGE",
      message: { agent_id: { value: "a" }, executor_id: { value: "e" }, data: "" },
    });
    drive.advance(1_000);
    expect(drive.last("abort_post").post).toBe(drive.last("post").post);
    expect(drive.outcome(token)).toMatchObject({ reason: "disconnected", uncertain: true });
  });

  test("wait when the master is busy", () => {
    const drive = new Drive();
    drive.subscribe();
    drive.drain();
    const token = drive.call(acceptCall("o1", taskInfo("t1")));
    const { post } = drive.last("post");
    drive.do({ type: "post_answer", post, status: 429, message: "slow down" });
    expect(drive.last("post").post).toBe(post);
    drive.advance(200);
    expect(drive.last("post").calls[0]?.type).toBe("ACCEPT");
    drive.drain();
    expect(drive.outcome(token)).toEqual({ taken: true });
  });

  test.each([
    [503, "recovering", "unavailable"],
    [307, "", "not_leading"],
    [403, "Framework is not subscribed", "not_subscribed"],
  ])("answered %i show that the subscription is gone", (status, message, reason) => {
    const drive = new Drive();
    drive.subscribe();
    drive.drain();
    const kill = drive.call(killCall("t1"));
    drive.do({ type: "post_answer", post: drive.last("post").post, status, message });
    expect(drive.events.at(-1)).toMatchObject({ type: "DISCONNECTED", reason });
    expect(drive.outcome(kill)).toBeUndefined();
    drive.advance(200);
    drive.subscribe();
    drive.drain();
    expect(drive.outcome(kill)).toEqual({ taken: true });
  });

  test("are refused when too many wait, and after the end", () => {
    const drive = new Drive({ callsMax: 1 });
    drive.do({ type: "start" });
    drive.call(killCall("t1"));
    expect(drive.outcome(drive.call(killCall("t2")))).toMatchObject({ reason: "full" });
    drive.do({ type: "close" });
    expect(drive.outcome(drive.call(killCall("t3")))).toMatchObject({ reason: "closed" });
  });

  test("TEARDOWN ends the scheduler when it is taken", () => {
    const drive = new Drive();
    drive.subscribe();
    drive.drain();
    const token = drive.call({ type: "TEARDOWN" });
    drive.drain();
    expect(drive.outcome(token)).toEqual({ taken: true });
    expect(drive.last("end").error).toBeUndefined();
  });

  test("TEARDOWN is taken when the stream ends before its answer", () => {
    const drive = new Drive();
    const stream = drive.subscribe();
    drive.drain();
    const token = drive.call({ type: "TEARDOWN" });
    drive.do({ type: "stream_ended", stream });
    expect(drive.all("abort_post")).toHaveLength(0);
    drive.drain();
    expect(drive.outcome(token)).toEqual({ taken: true });
    expect(drive.all("end")).toEqual([{ type: "end" }]);
  });

  test("TEARDOWN is taken when the master says afterwards that the framework is gone", () => {
    const drive = new Drive();
    const stream = drive.subscribe();
    drive.drain();
    const token = drive.call({ type: "TEARDOWN" });
    drive.do({ type: "post_failed", post: drive.last("post").post, message: "reset" });
    drive.do({ type: "stream_ended", stream });
    drive.advance(200);
    const { stream: next } = drive.last("open");
    drive.do({ type: "stream_answer", stream: next, status: 200 });
    drive.event(next, { type: "ERROR", error: { message: "Framework has been removed" } });
    expect(drive.outcome(token)).toEqual({ taken: true });
    expect(drive.all("end")).toEqual([{ type: "end" }]);
    expect(drive.heard).not.toContain("ERROR");
  });

  test("closing waits for calls under way, but not for long", () => {
    const drive = new Drive();
    drive.subscribe();
    drive.drain();
    const token = drive.call(killCall("t1"));
    drive.do({ type: "close" });
    expect(drive.all("end")).toHaveLength(0);
    drive.advance(2_000);
    expect(drive.outcome(token)).toMatchObject({ reason: "closed", uncertain: true });
    expect(drive.all("end")).toHaveLength(1);

    const other = new Drive();
    other.subscribe();
    other.drain();
    const taken = other.call(killCall("t1"));
    other.do({ type: "close" });
    other.drain();
    expect(other.outcome(taken)).toEqual({ taken: true });
    expect(other.all("end")).toHaveLength(1);
    // Whoever has ended has nothing to wake up for.
    expect([drive.core.nextDueMs(), other.core.nextDueMs()]).toEqual([undefined, undefined]);
  });
});

describe("SchedulerCore launches that fail", () => {
  test("a refused ACCEPT drops its tasks, here", () => {
    const drive = new Drive();
    drive.subscribe();
    drive.drain();
    drive.call(acceptCall("o1", taskInfo("t1"), taskInfo("t2")));
    expect([...drive.core.tasks.live()]).toHaveLength(2);
    drive.do({ type: "post_answer", post: drive.last("post").post, status: 400, message: "bad" });
    const updates = drive.events.filter((event) => event.type === "UPDATE");
    expect(updates).toMatchObject([
      { isLocal: true, status: { task_id: { value: "t1" }, state: "TASK_DROPPED" } },
      { isLocal: true, status: { task_id: { value: "t2" }, state: "TASK_DROPPED" } },
    ]);
    expect([...drive.core.tasks.live()]).toHaveLength(0);
  });

  test("without PARTITION_AWARE they are TASK_LOST", () => {
    const drive = new Drive({ framework: plainFramework });
    drive.do({ type: "start" });
    drive.call(acceptCall("o1", taskInfo("t1")));
    expect(drive.events.at(-1)).toMatchObject({
      status: { state: "TASK_LOST", reason: "REASON_MASTER_DISCONNECTED" },
    });
  });

  test("an ACCEPT whose answer is lost is uncertain, and is asked after", () => {
    const drive = new Drive();
    drive.subscribe();
    drive.drain();
    const token = drive.call(acceptCall("o1", taskInfo("t1")));
    drive.do({ type: "post_failed", post: drive.last("post").post, message: "reset" });
    expect(drive.outcome(token)).toMatchObject({ reason: "disconnected", uncertain: true });
    expect(drive.events.some((event) => event.type === "UPDATE")).toBe(false);
    drive.advance(5_000);
    drive.do({ type: "flush" });
    expect(drive.last("post").calls).toMatchObject([
      { type: "RECONCILE", reconcile: { tasks: [{ task_id: { value: "t1" } }] } },
    ]);
  });

  test("an ACCEPT under way when the stream breaks is asked after on the next one", () => {
    const drive = new Drive();
    const stream = drive.subscribe();
    drive.drain();
    const token = drive.call(acceptCall("o1", taskInfo("t1")));
    drive.do({ type: "stream_ended", stream });
    expect(drive.outcome(token)).toMatchObject({ reason: "disconnected", uncertain: true });
    drive.advance(200);
    drive.subscribe();
    const [explicit] = drive.all("post").slice(-1);
    expect(explicit?.calls).toMatchObject([
      { type: "RECONCILE", reconcile: { tasks: [{ task_id: { value: "t1" } }] } },
    ]);
  });
});

describe("SchedulerCore updates", () => {
  test("are acknowledged when they were consumed, not before", () => {
    const drive = new Drive();
    const stream = drive.subscribe();
    drive.drain();
    drive.update(stream, "t1", "TASK_RUNNING", { uuid: "dTE=" });
    drive.do({ type: "flush" });
    expect(drive.all("post").some(({ calls }) => calls[0]?.type === "ACKNOWLEDGE")).toBe(false);
    const event = drive.events.at(-1);
    if (event === undefined) throw new Error("no event");
    drive.do({ type: "consumed", event });
    drive.do({ type: "flush" });
    expect(drive.last("post").calls).toMatchObject([
      { acknowledge: { task_id: { value: "t1" }, agent_id: { value: "a1" }, uuid: "dTE=" } },
    ]);
  });

  test("sent twice are heard once and acknowledged twice", () => {
    const drive = new Drive();
    const stream = drive.subscribe();
    drive.drain();
    drive.update(stream, "t1", "TASK_FINISHED", { uuid: "dTE=" });
    drive.update(stream, "t1", "TASK_FINISHED", { uuid: "dTE=" });
    const updates = () => drive.events.filter((event) => event.type === "UPDATE");
    expect(updates()).toHaveLength(1);
    drive.do({ type: "consumed", event: updates()[0] ?? { type: "ERROR", message: "" } });
    drive.update(stream, "t1", "TASK_FINISHED", { uuid: "dTE=" });
    expect(updates()).toHaveLength(1);
    drive.do({ type: "flush" });
    expect(drive.drain().filter((type) => type === "ACKNOWLEDGE")).toHaveLength(2);
    expect([...drive.core.tasks.live()]).toEqual([]);
  });

  test("of unknown tasks are heard, acknowledged and kept in mind", () => {
    const drive = new Drive();
    const stream = drive.subscribe();
    drive.update(stream, "stray", "TASK_RUNNING", { uuid: "dTE=" });
    const event = drive.events.at(-1);
    expect(event).toMatchObject({ type: "UPDATE" });
    if (event !== undefined) drive.do({ type: "consumed", event });
    drive.do({ type: "flush" });
    expect(drive.drain()).toContain("ACKNOWLEDGE");
    expect([...drive.core.tasks.live()]).toMatchObject([{ taskId: "stray", agentId: "a1" }]);
  });

  test("are not acknowledged by themselves with acknowledge: explicit", () => {
    const drive = new Drive({ acknowledge: "explicit" });
    const stream = drive.subscribe();
    drive.drain();
    drive.update(stream, "t1", "TASK_RUNNING", { uuid: "dTE=" });
    const event = drive.events.at(-1);
    if (event !== undefined) drive.do({ type: "consumed", event });
    drive.do({ type: "flush" });
    expect(drive.drain()).toEqual([]);
    drive.update(stream, "t1", "TASK_RUNNING", { uuid: "dTE=" });
    expect(drive.events.filter(({ type }) => type === "UPDATE")).toHaveLength(2);
  });

  test("acknowledgements leave side by side, where the master takes one a request", () => {
    const drive = new Drive({ acknowledgementsInFlightMax: 3 });
    const stream = drive.subscribe();
    drive.drain();
    for (let task = 0; task < 5; task += 1) {
      drive.update(stream, `t${task}`, "TASK_RUNNING", { uuid: `dT${task}=` });
    }
    for (const event of drive.events.filter(({ type }) => type === "UPDATE")) {
      drive.do({ type: "consumed", event });
    }
    const before = drive.all("post").length;
    drive.do({ type: "flush" });
    expect(drive.all("post")).toHaveLength(before + 3);
    expect(drive.drain()).toEqual(Array(5).fill("ACKNOWLEDGE"));
  });

  test("of operations are acknowledged too", () => {
    const drive = new Drive();
    const stream = drive.subscribe();
    drive.drain();
    drive.event(stream, {
      type: "UPDATE_OPERATION_STATUS",
      update_operation_status: {
        status: {
          operation_id: { value: "op" },
          state: "OPERATION_FINISHED",
          uuid: { value: "b3A=" },
          agent_id: { value: "a1" },
        },
      },
    });
    const event = drive.events.at(-1);
    if (event !== undefined) drive.do({ type: "consumed", event });
    drive.do({ type: "flush" });
    expect(drive.last("post").calls).toMatchObject([
      { acknowledge_operation_status: { uuid: "b3A=", operation_id: { value: "op" } } },
    ]);
  });
});

describe("SchedulerCore reconciling", () => {
  const reconciles = (drive: Drive) =>
    drive
      .all("post")
      .flatMap(({ calls }) => calls)
      .filter((call) => call.type === "RECONCILE")
      .map((call) => (call.reconcile.tasks ?? []).map(({ task_id }) => task_id.value));

  test("asks after known tasks by name, then after all", () => {
    const drive = new Drive({ tasks: [{ taskId: "t1", agentId: "a1" }, { taskId: "t2" }] });
    drive.subscribe();
    drive.drain();
    expect(reconciles(drive)).toEqual([["t1", "t2"], []]);
  });

  test("asks again, ever more seldom, until each task was answered for", () => {
    const drive = new Drive({ tasks: [{ taskId: "t1" }, { taskId: "t2" }] });
    const stream = drive.subscribe();
    drive.drain();
    drive.update(stream, "t1", "TASK_RUNNING", { reason: "REASON_RECONCILIATION" });
    expect(drive.heard).not.toContain("RECONCILED");
    const quiet = (ms: number) => {
      drive.event(stream, { type: "HEARTBEAT" });
      drive.advance(ms);
      drive.drain();
    };
    quiet(5_000);
    quiet(10_000);
    expect(reconciles(drive).slice(2)).toEqual([["t2"], ["t2"]]);
    drive.update(stream, "t2", "TASK_LOST", { reason: "REASON_RECONCILIATION" });
    expect(drive.events.at(-2)).toEqual({ type: "UPDATE", status: expect.anything() });
    expect(drive.events.at(-1)).toEqual({ type: "RECONCILED", tasks: 2, missing: [] });
  });

  test("stops asking some time, and says which tasks are missing", () => {
    const drive = new Drive({ tasks: [{ taskId: "t1" }], reconcileAttemptsMax: 3 });
    const stream = drive.subscribe();
    for (let turn = 0; turn < 5; turn += 1) {
      drive.drain();
      drive.event(stream, { type: "HEARTBEAT" });
      drive.advance(30_000);
    }
    expect(drive.events.at(-1)).toEqual({ type: "RECONCILED", tasks: 1, missing: ["t1"] });
  });

  test("what it asked for by itself and knew is not told, what the framework asked for is", () => {
    const drive = new Drive();
    const stream = drive.subscribe();
    drive.drain();
    drive.update(stream, "t1", "TASK_RUNNING", { uuid: "dTE=" });
    const before = drive.events.length;
    const answer = () =>
      drive.update(stream, "t1", "TASK_RUNNING", { reason: "REASON_RECONCILIATION" });
    answer();
    expect(drive.events).toHaveLength(before);
    drive.call({ type: "RECONCILE", reconcile: { tasks: [] } });
    answer();
    expect(drive.events).toHaveLength(before + 1);
  });

  test("begins anew now and then while all is well", () => {
    const drive = new Drive({ tasks: [{ taskId: "t1" }], reconcileEveryMs: 50_000 });
    const stream = drive.subscribe();
    drive.drain();
    drive.update(stream, "t1", "TASK_RUNNING", { reason: "REASON_RECONCILIATION" });
    drive.advance(50_000);
    drive.drain();
    expect(reconciles(drive)).toEqual([["t1"], [], ["t1"], []]);
  });

  test("many tasks are asked after in several calls", () => {
    const tasks = Array.from({ length: 2_500 }, (_, i) => ({ taskId: `t${i}` }));
    const drive = new Drive({ tasks });
    drive.subscribe();
    drive.drain();
    expect(reconciles(drive).map(({ length }) => length)).toEqual([1_000, 1_000, 500, 0]);
  });

  test("keeps no more tasks in mind than tasksMax", () => {
    const drive = new Drive({ tasksMax: 2 });
    const stream = drive.subscribe();
    for (const id of ["t1", "t2", "t3"]) drive.update(stream, id, "TASK_RUNNING", { uuid: id });
    expect([...drive.core.tasks.live()]).toHaveLength(2);
    expect(drive.core.tasks.untracked).toBe(1);
    expect(drive.events.filter(({ type }) => type === "UPDATE")).toHaveLength(3);
  });

  test("asks after operations that are not over", () => {
    const drive = new Drive();
    const stream = drive.subscribe();
    drive.event(stream, { type: "OFFERS", offers: { offers: [offer("o1")] } });
    drive.call({
      type: "ACCEPT",
      accept: {
        offer_ids: [{ value: "o1" }],
        operations: [{ type: "RESERVE", id: { value: "op1" }, reserve: {} }],
      },
    });
    drive.drain();
    drive.do({ type: "stream_ended", stream });
    drive.advance(200);
    drive.subscribe();
    drive.drain();
    expect(drive.all("post").flatMap(({ calls }) => calls)).toContainEqual({
      type: "RECONCILE_OPERATIONS",
      framework_id: { value: "f1" },
      reconcile_operations: {
        operations: [{ operation_id: { value: "op1" }, agent_id: { value: "a1" } }],
      },
    });
  });
});

test("SchedulerCore refuses options out of range by name", () => {
  const make = () => new Drive({ backoffMaxMs: -1 });
  expect(make).toThrow(expect.objectContaining({ code: "invalid_option" }));
  expect(make).toThrow(/backoffMaxMs/);
  expect(SchedulerCore.name).toBe("SchedulerCore");
});

test("SchedulerCore gives equal effects for equal inputs", () => {
  const run = () => {
    const drive = new Drive({ tasks: [{ taskId: "t1" }] });
    const stream = drive.subscribe();
    drive.update(stream, "t2", "TASK_RUNNING", { uuid: "dTE=" });
    drive.do({ type: "stream_ended", stream });
    drive.advance(60_000);
    return drive.effects;
  };
  expect(run()).toEqual(run());
});
