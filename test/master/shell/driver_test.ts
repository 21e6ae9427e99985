import { describe, expect, test } from "vitest";
import { type FairleadError, VirtualClock } from "../../../src/base/mod.ts";
import { MasterCore, type MasterInput } from "../../../src/master/mod.ts";
import { Driver, type FrameworkStream } from "../../../src/master/shell/driver.ts";
import type { SchedulerEvent } from "../../../src/model/mod.ts";

const masterInfo = { id: "m1", ip: 1, port: 5050 };

/** A stream that remembers. */
class Stream implements FrameworkStream {
  readonly events: SchedulerEvent["type"][] = [];
  ended = 0;

  send({ type }: SchedulerEvent): void {
    this.events.push(type);
  }
  heartbeat(): void {
    this.events.push("HEARTBEAT");
  }
  end(): void {
    this.ended += 1;
  }
}

function started({ held = (): boolean => true } = {}) {
  const clock = new VirtualClock();
  const core = new MasterCore({ masterInfo, clock, heartbeatMs: 1_000 });
  const failures: FairleadError[] = [];
  const writes: number[] = [];
  const logs: string[] = [];
  const driver: Driver = new Driver({
    core,
    clock,
    isHeld: held,
    persist: ({ token }) => writes.push(token),
    onLog: ({ level, message }) => level === "error" && logs.push(message),
    onFailed: (error) => failures.push(error),
  });
  driver.step({ type: "recovered", nodes: [] });
  const subscribe = (connection: string, stream = new Stream()) => {
    const framework_info = { user: "u", name: "n" };
    const call = { type: "SUBSCRIBE" as const, subscribe: { framework_info } };
    driver.subscribe(stream, { connection, principal: undefined, call });
    return stream;
  };
  return { clock, core, driver, failures, logs, writes, subscribe };
}

const revive = (request: number): MasterInput => ({
  type: "framework_call",
  request,
  call: { type: "REVIVE", framework_id: { value: "x" } },
});

describe("Driver", () => {
  test("beats as long as somebody listens", async () => {
    const { clock, driver, subscribe } = started();
    const stream = subscribe("c1");
    await clock.advance(2_500);
    expect(stream.events).toEqual(["SUBSCRIBED", "HEARTBEAT", "HEARTBEAT"]);
    driver.disconnected("c1");
    driver.disconnected("c1");
    await clock.advance(5_000);
    expect(stream.events).toHaveLength(3);
    expect(driver.connections).toEqual({ streams: 0, links: 0 });
  });

  test("answers at once what the core answers at once", () => {
    const { driver } = started();
    expect(driver.request(revive)).toEqual({ status: 400, message: "Framework cannot be found" });
  });

  test("sends what one turn has for an agent together, and before the link is closed", async () => {
    const { clock, driver } = started();
    const sent: string[][] = [];
    const link = {
      send: (messages: readonly { readonly type: string }[]) =>
        void sent.push(messages.map(({ type }) => type)),
      close: (message: string) => void sent.push([`closed: ${message}`]),
    };
    const id = driver.open(link, { address: "10.0.0.1" });
    driver.received(id, [
      {
        type: "register",
        link_version: 9,
        version: "1",
        capabilities: [],
        agent_info: { hostname: "a" },
      },
    ]);
    await clock.advance(10);
    expect(sent).toEqual([["refused"], [expect.stringMatching(/^closed: Link version 9/)]]);
  });

  test("a core that throws ends nothing but the term", () => {
    const { core, driver, failures, subscribe } = started();
    const stream = subscribe("c1");
    core.step = () => {
      throw new TypeError("a fault");
    };
    const answer = driver.request(revive);
    expect(failures).toMatchObject([
      {
        code: "core_failed",
        message: expect.stringContaining("a fault"),
        details: { input: "framework_call" },
      },
    ]);
    driver.end("over");
    expect(stream.ended).toBe(1);
    expect(answer).toBeInstanceOf(Promise);
    return expect(answer).resolves.toEqual({ status: 503, message: "over" });
  });

  test("does nothing by itself once the leadership may be lost", () => {
    let isHeld = true;
    const { driver, failures, subscribe } = started({ held: () => isHeld });
    isHeld = false;
    const stream = subscribe("c1");
    expect(stream.events).toEqual([]);
    expect(failures).toMatchObject([{ code: "leadership_lost" }]);
    expect(driver.request(revive)).toMatchObject({ status: 503 });
  });

  test("ends streams, links and waiting requests with the term, once", async () => {
    const { clock, driver, writes, subscribe } = started();
    const stream = subscribe("c1");
    const closed: string[] = [];
    driver.open(
      { send: () => undefined, close: (message) => closed.push(message) },
      { address: "10.0.0.1" },
    );
    const teardown = driver.request((request) => ({
      type: "framework_call",
      request,
      stream: "c1",
      call: { type: "TEARDOWN", framework_id: { value: "m1-0000" } },
    }));
    expect(writes.length).toBeGreaterThan(0);
    driver.end("over");
    driver.end("over again");
    expect(await teardown).toMatchObject({ status: 503 });
    expect(stream.ended).toBe(1);
    expect(closed).toHaveLength(1);
    expect(driver.signal.aborted).toBe(true);
    expect(subscribe("c2").ended).toBe(1);
    await clock.advance(10_000);
    expect(clock.sleeping).toBe(0);
  });

  test("goes on when a stream or a listener fails", () => {
    const { driver, failures, logs, subscribe } = started();
    driver.listen(() => {
      throw new Error("no ear");
    });
    const broken = new Stream();
    broken.send = () => {
      throw new Error("no mouth");
    };
    subscribe("c1", broken);
    expect(logs).toEqual([
      expect.stringContaining('Cannot do "send_framework": no mouth'),
      expect.stringContaining('Cannot do "publish": no ear'),
    ]);
    expect(failures).toEqual([]);
    expect(subscribe("c2").events).toEqual(["SUBSCRIBED"]);
  });

  test("tells whoever listens what changes, until they do no more", () => {
    const { driver, subscribe } = started();
    const changes: string[] = [];
    const leave = driver.listen(({ type }) => changes.push(type));
    subscribe("c1");
    leave();
    subscribe("c2");
    expect(changes).toEqual(["framework_added"]);
  });
});
