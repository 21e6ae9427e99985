import { describe, expect, test } from "vitest";
import { VirtualClock } from "../../src/base/mod.ts";
import type { SchedulerEvent, TaskState } from "../../src/model/mod.ts";
import { connect, type FrameworkEvent, type Scheduler } from "../../src/scheduler/mod.ts";
import { offer, taskInfo } from "./support/drive.ts";
import { ScriptedMaster } from "./support/master.ts";

const framework = { name: "test" };

function update(taskId: string, state: TaskState, uuid?: string): SchedulerEvent {
  const status = {
    task_id: { value: taskId },
    agent_id: { value: "a1" },
    state,
    ...(uuid === undefined ? {} : { uuid }),
  };
  return { type: "UPDATE", update: { status } };
}

/** Read until an event of this type comes. */
async function next<Type extends FrameworkEvent["type"]>(
  scheduler: Scheduler,
  type: Type,
): Promise<Extract<FrameworkEvent, { type: Type }>> {
  for await (const event of scheduler.events()) {
    if (isOf(event, type)) return event;
  }
  throw new Error(`the events ended without ${type}`);
}

function isOf<Type extends FrameworkEvent["type"]>(
  event: FrameworkEvent,
  type: Type,
): event is Extract<FrameworkEvent, { type: Type }> {
  return event.type === type;
}

describe("Scheduler", () => {
  test("subscribes over a real socket, launches, hears, acknowledges, tears down", async () => {
    await using master = await ScriptedMaster.listen();
    await using scheduler = connect({ master: master.address, framework });
    expect(await scheduler.subscribed()).toBe("m-0000");
    master.send({ type: "OFFERS", offers: { offers: [offer("o1"), offer("o2")] } });
    const acknowledged = () => master.callsOf("ACKNOWLEDGE").length;
    const states: string[] = [];
    for await (const event of scheduler.events()) {
      if (event.type === "OFFERS") {
        const [first, second] = event.offers;
        if (first === undefined || second === undefined) throw new Error("two offers");
        const launch = { type: "LAUNCH" as const, launch: { task_infos: [taskInfo("t1")] } };
        expect(await scheduler.accept(first, [launch], { refuseSeconds: 1 })).toEqual({
          taken: true,
        });
        await scheduler.decline(second);
        master.send(update("t1", "TASK_RUNNING", "cjE="), update("t1", "TASK_FINISHED", "ZjE="));
      }
      if (event.type !== "UPDATE") continue;
      states.push(event.status.state);
      if (states.length < 2) continue;
      void master.until(() => acknowledged() === 2).then(() => scheduler.teardown());
    }
    expect(states).toEqual(["TASK_RUNNING", "TASK_FINISHED"]);
    expect(master.callsOf("ACKNOWLEDGE").map(({ acknowledge }) => acknowledge.uuid)).toEqual([
      "cjE=",
      "ZjE=",
    ]);
    expect(master.callsOf("ACCEPT")).toMatchObject([
      { framework_id: { value: "m-0000" }, accept: { filters: { refuse_seconds: 1 } } },
    ]);
    expect(master.calls.at(-1)?.type).toBe("TEARDOWN");
    const { headers } = master.received.at(-1) ?? {};
    expect(headers).toMatchObject({
      accept: "application/json",
      "content-type": "application/json",
      "mesos-stream-id": "stream-1",
    });
  });

  test("with CALL_BATCH, what a turn brings is one request", async () => {
    await using master = await ScriptedMaster.listen({ isBatching: true });
    await using scheduler = connect({ master: master.address, framework });
    await scheduler.subscribed();
    await master.until(() => master.callsOf("RECONCILE").length > 0);
    const uuids = Array.from({ length: 100 }, (_, i) => btoa(`u${i}`));
    master.send(...uuids.map((uuid, i) => update(`t${i}`, "TASK_RUNNING", uuid)));
    let seen = 0;
    const reading = (async () => {
      for await (const event of scheduler.events()) if (event.type === "UPDATE") seen += 1;
    })();
    await master.until(() => master.callsOf("ACKNOWLEDGE").length === 100);
    const requests = master.received.filter(({ calls }) => calls[0]?.type === "ACKNOWLEDGE");
    expect(requests.length).toBeLessThanOrEqual(3);
    expect(requests.find(({ calls }) => calls.length > 1)?.headers).toMatchObject({
      "content-type": "application/recordio",
      "message-content-type": "application/json",
    });
    const outcomes = await Promise.all([scheduler.revive(), scheduler.kill("t1")]);
    expect(outcomes).toEqual([{ taken: true }, { taken: true }]);
    expect(master.received.at(-1)?.calls).toMatchObject([
      { type: "REVIVE" },
      { type: "KILL", kill: { agent_id: { value: "a1" } } },
    ]);
    await scheduler.close();
    await reading;
    expect(seen).toBe(100);
  });

  test("an update whose body threw is not acknowledged, and comes first in the next loop", async () => {
    await using master = await ScriptedMaster.listen();
    await using scheduler = connect({ master: master.address, framework });
    await scheduler.subscribed();
    master.send(update("t1", "TASK_RUNNING", "cjE="), update("t2", "TASK_RUNNING", "cjI="));
    const failing = async () => {
      for await (const event of scheduler.events()) {
        if (event.type === "UPDATE") throw new Error("the body failed");
      }
    };
    await expect(failing()).rejects.toThrow("the body failed");
    expect(await scheduler.revive()).toEqual({ taken: true });
    expect(master.callsOf("ACKNOWLEDGE")).toEqual([]);
    const seen: string[] = [];
    for await (const event of scheduler.events()) {
      if (event.type !== "UPDATE") continue;
      seen.push(event.status.task_id.value);
      if (seen.length === 2) break;
    }
    expect(seen).toEqual(["t1", "t2"]);
    await master.until(() => master.callsOf("ACKNOWLEDGE").length === 1);
  });

  test("offers whose body broke come again, as far as they are not answered; other events do not", async () => {
    await using master = await ScriptedMaster.listen();
    await using scheduler = connect({ master: master.address, framework });
    await next(scheduler, "SUBSCRIBED");
    master.send({ type: "OFFERS", offers: { offers: [offer("o1"), offer("o2")] } });
    const { offers } = await next(scheduler, "OFFERS");
    void scheduler.decline(offers[0] ?? "");
    const again = await next(scheduler, "OFFERS");
    expect(again.offers.map(({ id }) => id.value)).toEqual(["o2"]);
    void scheduler.decline(again.offers);
    master.send({ type: "OFFERS", offers: { offers: [offer("o3")] } });
    const types: string[] = [];
    for await (const event of scheduler.events()) {
      types.push(event.type === "OFFERS" ? (event.offers[0]?.id.value ?? "") : event.type);
      if (event.type === "OFFERS") break;
    }
    expect(types).toEqual(["o3"]);
  });

  test("acknowledge: explicit leaves acknowledging to the framework", async () => {
    await using master = await ScriptedMaster.listen();
    await using scheduler = connect({ master: master.address, framework, acknowledge: "explicit" });
    await scheduler.subscribed();
    master.send(update("t1", "TASK_RUNNING", "cjE="));
    const { status } = await next(scheduler, "UPDATE");
    expect(await scheduler.acknowledge(status)).toEqual({ taken: true });
    expect(master.callsOf("ACKNOWLEDGE")).toHaveLength(1);
    const { uuid: _, ...silent } = status;
    expect(await scheduler.acknowledge(silent)).toEqual({ taken: true });
    expect(master.callsOf("ACKNOWLEDGE")).toHaveLength(1);
  });

  test("a limit of Infinity arrives as one", async () => {
    await using master = await ScriptedMaster.listen();
    await using scheduler = connect({ master: master.address, framework });
    await scheduler.subscribed();
    const limits = { cpus: { value: Infinity }, mem: { value: 64 } };
    await scheduler.launch("o1", [{ ...taskInfo("t1"), limits }]);
    const [accept] = master.callsOf("ACCEPT");
    expect(accept?.accept.operations?.[0]?.launch?.task_infos?.[0]?.limits).toEqual(limits);
  });

  test("a stream in pieces and with heartbeats is read all the same", async () => {
    await using master = await ScriptedMaster.listen();
    await using scheduler = connect({ master: master.address, framework });
    await scheduler.subscribed();
    const text = JSON.stringify({
      type: "MESSAGE",
      message: { agent_id: { value: "a" }, executor_id: { value: "é" }, data: "aGk=" },
    });
    const record = `${Buffer.byteLength(text)}\n${text}`;
    master.write('{"type":"HEARTBEAT"}', '{"type":"NOT_YET_INVENTED","x":1}');
    for (const piece of [record.slice(0, 1), record.slice(1, 40), record.slice(40)]) {
      master.writeRaw(piece);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await next(scheduler, "MESSAGE")).toEqual({
      type: "MESSAGE",
      agentId: "a",
      executorId: "é",
      data: "aGk=",
    });
  });

  test("passes over an unreadable event and goes on", async () => {
    await using master = await ScriptedMaster.listen();
    await using scheduler = connect({ master: master.address, framework });
    await scheduler.subscribed();
    master.write('{"type":"OFFERS","offers":{"offers":[{"id":7}]}}', "{");
    master.send(update("t1", "TASK_RUNNING"));
    expect((await next(scheduler, "UNREADABLE")).message).toContain("offers.offers.0.id");
    expect(await next(scheduler, "UPDATE")).toMatchObject({ status: { state: "TASK_RUNNING" } });
  });

  test("subscribes again with its id when the connection breaks or the stream is garbage", async () => {
    await using master = await ScriptedMaster.listen();
    await using scheduler = connect({ master: master.address, framework });
    await scheduler.subscribed();
    master.cut();
    expect(await next(scheduler, "DISCONNECTED")).toMatchObject({ reason: "stream_ended" });
    expect(await next(scheduler, "SUBSCRIBED")).toMatchObject({ isAgain: true });
    master.writeRaw("no length\n");
    expect(await next(scheduler, "DISCONNECTED")).toMatchObject({
      message: expect.stringContaining("record"),
    });
    await next(scheduler, "SUBSCRIBED");
    master.endStream();
    expect(await next(scheduler, "DISCONNECTED")).toMatchObject({ reason: "stream_ended" });
    await next(scheduler, "SUBSCRIBED");
    expect(master.callsOf("SUBSCRIBE").map((call) => call.framework_id?.value)).toEqual([
      undefined,
      "m-0000",
      "m-0000",
      "m-0000",
    ]);
    expect(await scheduler.revive()).toEqual({ taken: true });
  });

  test("a loop that is slow stops the reading; nothing is lost, and memory is bounded", async () => {
    await using master = await ScriptedMaster.listen();
    await using scheduler = connect({ master: master.address, framework, eventsMax: 50 });
    await scheduler.subscribed();
    const count = 5_000;
    for (let i = 0; i < count; i += 1) master.send(update(`t${i}`, "TASK_RUNNING"));
    let most = 0;
    let seen = 0;
    for await (const event of scheduler.events()) {
      most = Math.max(most, scheduler.eventsWaiting);
      if (event.type === "UPDATE" && event.status.task_id.value === `t${seen}`) seen += 1;
      if (seen === count) break;
    }
    expect(most).toBeLessThanOrEqual(55);
    expect(seen).toBe(count);
  });

  test("one loop at a time; an aborted one throws the signal's reason", async () => {
    await using master = await ScriptedMaster.listen();
    await using scheduler = connect({ master: master.address, framework });
    const stop = new AbortController();
    const reading = (async () => {
      for await (const _ of scheduler.events({ signal: stop.signal }));
    })();
    await expect(scheduler.events().next()).rejects.toMatchObject({ code: "events_taken" });
    stop.abort(new Error("enough"));
    await expect(reading).rejects.toThrow("enough");
    expect(await next(scheduler, "SUBSCRIBED")).toMatchObject({ frameworkId: "m-0000" });
  });

  test("the loop throws a coded error when the framework failed over", async () => {
    await using master = await ScriptedMaster.listen();
    await using scheduler = connect({ master: master.address, framework });
    await scheduler.subscribed();
    master.send({ type: "ERROR", error: { message: "Framework failed over" } });
    const heard: string[] = [];
    const reading = (async () => {
      for await (const event of scheduler.events()) heard.push(event.type);
    })();
    await expect(reading).rejects.toMatchObject({ code: "framework_failed_over" });
    expect(heard.at(-1)).toBe("ERROR");
    await expect(scheduler.subscribed()).rejects.toMatchObject({ code: "framework_failed_over" });
    expect(await scheduler.revive()).toMatchObject({ taken: false, reason: "closed" });
  });

  test("closing sends what waits, ends the loop, and twice is harmless", async () => {
    await using master = await ScriptedMaster.listen();
    const scheduler = connect({ master: master.address, framework });
    await scheduler.subscribed();
    const killed = scheduler.kill("t1", { agentId: "a1" });
    await Promise.all([scheduler.close(), scheduler.close()]);
    expect(await killed).toEqual({ taken: true });
    for await (const event of scheduler.events()) expect(event.type).not.toBe("ERROR");
    await expect(scheduler.subscribed()).rejects.toMatchObject({ code: "scheduler_closed" });
  });

  test("a closed scheduler keeps nothing running: no timer, no request", async () => {
    await using master = await ScriptedMaster.listen();
    const clock = new VirtualClock(1_000);
    const scheduler = connect({ master: master.address, framework, clock });
    await scheduler.subscribed();
    await scheduler.close();
    expect(clock.sleeping).toBe(0);
  });

  test("subscribed() ends with its signal", async () => {
    await using scheduler = connect({
      master: () => new Response(null, { status: 503 }),
      framework,
    });
    const signal = AbortSignal.abort(new Error("no time"));
    await expect(scheduler.subscribed({ signal })).rejects.toThrow("no time");
  });

  test("on a virtual clock, silence of five heartbeats ends a stream", async () => {
    await using master = await ScriptedMaster.listen({ heartbeatSeconds: 2 });
    const clock = new VirtualClock(1_000);
    await using scheduler = connect({ master: master.address, framework, clock });
    await next(scheduler, "SUBSCRIBED");
    await clock.advance(9_999);
    expect(scheduler.session.status).toBe("subscribed");
    await clock.advance(1);
    expect(await next(scheduler, "DISCONNECTED")).toMatchObject({ reason: "heartbeats_missed" });
    await clock.advance(1_000);
    expect(await next(scheduler, "SUBSCRIBED")).toMatchObject({ isAgain: true });
  });
});
