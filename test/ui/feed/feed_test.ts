import { SeededRandom, VirtualClock } from "fairlead/base";
import { ClusterFeed } from "fairlead/ui";
import { describe, expect, test } from "vitest";
import { World } from "../support/world.ts";

/** A master's stream by hand: every opening is noted, and written to from the test. */
class Streams {
  readonly opened: { readonly lastEventId: string; readonly authorization: string }[] = [];
  /** What the next openings are answered with, instead of a stream. */
  readonly refusals: (Response | Error)[] = [];
  #current: ReadableStreamDefaultController<Uint8Array> | undefined;
  ended = 0;

  readonly fetch: typeof fetch = async (_input, init) => {
    const headers = new Headers(init?.headers);
    this.opened.push({
      lastEventId: headers.get("last-event-id") ?? "",
      authorization: headers.get("authorization") ?? "",
    });
    const refusal = this.refusals.shift();
    if (refusal instanceof Error) throw refusal;
    if (refusal !== undefined) return refusal;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#current = controller;
        init?.signal?.addEventListener("abort", () => {
          this.ended += 1;
          controller.error(init.signal?.reason);
        });
      },
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  };

  send(text: string): void {
    this.#current?.enqueue(new TextEncoder().encode(text));
  }

  event(event: string, value: { sequence: number }): void {
    this.send(`event: ${event}\nid: ${value.sequence}\ndata: ${JSON.stringify(value)}\n\n`);
  }

  break(): void {
    this.#current?.error(new TypeError("connection reset"));
  }

  close(): void {
    this.#current?.close();
  }
}

function setUp(options: { silenceMsMax?: number } = {}) {
  const clock = new VirtualClock();
  const streams = new Streams();
  const feed = new ClusterFeed({
    src: "http://master/api/fairlead",
    fetch: streams.fetch,
    clock,
    random: new SeededRandom(1),
    ...options,
  });
  let told = 0;
  const listener = () => {
    told += 1;
  };
  const world = new World({ agents: 5, tasks: 10 });
  return { clock, streams, feed, world, listener, told: () => told };
}

/** Let everything that is ready happen. */
const settle = async () => {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

describe("ClusterFeed", () => {
  test("opens with its first listener and closes with its last", async () => {
    const { feed, streams, listener } = setUp();
    expect(feed.status.status).toBe("idle");
    const first = feed.subscribe(listener);
    const second = feed.subscribe(listener);
    await settle();
    expect(streams.opened.length).toBe(1);
    first();
    await settle();
    expect(streams.ended).toBe(0);
    second();
    second();
    await settle();
    expect(streams.ended).toBe(1);
    expect(feed.status.status).toBe("idle");
  });

  test("stays open when one listener leaves and another comes in the same turn", async () => {
    const { feed, streams, listener } = setUp();
    const leave = feed.subscribe(listener);
    await settle();
    leave();
    feed.subscribe(listener);
    await settle();
    expect(streams.opened.length).toBe(1);
    expect(streams.ended).toBe(0);
    await feed[Symbol.asyncDispose]();
  });

  test("applies what comes and tells its listeners", async () => {
    const { feed, streams, world, listener, told } = setUp();
    feed.subscribe(listener);
    await settle();
    streams.event("snapshot", world.snapshot());
    await settle();
    expect(feed.status.status).toBe("live");
    expect(feed.store.agents.size).toBe(5);
    const before = told();
    streams.event("delta", world.step());
    streams.send(": beat\n\n");
    await settle();
    expect(told()).toBe(before + 1);
    expect(feed.store.sequence).toBe(2);
    expect(feed.nowMs()).toBe(world.nowMs);
    await feed[Symbol.asyncDispose]();
  });

  test("tells its listeners of a second in which nothing happened, with the load as it was", async () => {
    const { feed, streams, world, clock, listener, told } = setUp();
    feed.subscribe(listener);
    await settle();
    streams.event("snapshot", world.snapshot());
    await settle();
    const before = told();
    await clock.advance(3_000);
    await settle();
    expect(told()).toBe(before + 3);
    expect(feed.store.samples.map(({ atMs }) => atMs - world.nowMs)).toEqual([
      0, 1_000, 2_000, 3_000,
    ]);
    expect(new Set(feed.store.samples.map(({ cpus }) => cpus)).size).toBe(1);
    await feed[Symbol.asyncDispose]();
  });

  test("takes a broken stream up again after the last event it had", async () => {
    const { feed, streams, world, clock, listener } = setUp();
    feed.subscribe(listener);
    await settle();
    streams.event("snapshot", world.snapshot());
    streams.event("delta", world.step());
    await settle();
    streams.break();
    await settle();
    expect(feed.status).toMatchObject({ status: "away", error: { code: "master_unreachable" } });
    expect(feed.store.agents.size).toBe(5);
    await clock.advance(500);
    await settle();
    expect(streams.opened.map(({ lastEventId }) => lastEventId)).toEqual(["", "2"]);
    await feed[Symbol.asyncDispose]();
  });

  test("waits longer from attempt to attempt, and at most ten seconds", async () => {
    const { feed, streams, clock, listener } = setUp();
    for (let attempt = 0; attempt < 8; attempt += 1)
      streams.refusals.push(new TypeError("refused"));
    feed.subscribe(listener);
    const pauses: number[] = [];
    for (let attempt = 0; attempt < 8; attempt += 1) {
      await settle();
      const { status } = feed;
      if (status.status !== "away") throw new Error(status.status);
      pauses.push(status.retryAtMs - clock.nowMs());
      await clock.advance(status.retryAtMs - clock.nowMs());
    }
    expect(pauses[0]).toBeGreaterThanOrEqual(250);
    expect(pauses[0]).toBeLessThanOrEqual(500);
    for (const pause of pauses.slice(5)) {
      expect(pause).toBeGreaterThanOrEqual(5_000);
      expect(pause).toBeLessThanOrEqual(10_000);
    }
    await feed[Symbol.asyncDispose]();
  });

  test("tries at once when it is told to", async () => {
    const { feed, streams, listener } = setUp();
    streams.refusals.push(new Response("recovering", { status: 503 }));
    feed.subscribe(listener);
    await settle();
    expect(feed.status).toMatchObject({ status: "away", error: { code: "master_unreachable" } });
    feed.retry();
    await settle();
    expect(streams.opened.length).toBe(2);
    await feed[Symbol.asyncDispose]();
  });

  test("waits for somebody to say who asks", async () => {
    const { feed, streams, clock, world, listener } = setUp();
    streams.refusals.push(new Response("", { status: 401 }));
    feed.subscribe(listener);
    await settle();
    expect(feed.status).toMatchObject({ status: "unauthorized" });
    await clock.advance(3_600_000);
    await settle();
    expect(streams.opened.length).toBe(1);
    feed.authorize("Bearer key");
    await settle();
    expect(streams.opened[1]?.authorization).toBe("Bearer key");
    streams.event("snapshot", world.snapshot());
    await settle();
    expect(feed.status.status).toBe("live");
    await feed[Symbol.asyncDispose]();
  });

  test("asks again at once when somebody says so while it asks", async () => {
    const { feed, streams, listener } = setUp();
    streams.refusals.push(new Response("", { status: 401 }));
    feed.subscribe(listener);
    feed.authorize("Bearer key");
    await settle();
    expect(streams.opened.map(({ authorization }) => authorization)).toEqual(["", "Bearer key"]);
    await feed[Symbol.asyncDispose]();
  });

  test("counts a stream that says nothing as broken, but not one that beats", async () => {
    const { feed, streams, clock, world, listener } = setUp({ silenceMsMax: 30_000 });
    feed.subscribe(listener);
    await settle();
    streams.event("snapshot", world.snapshot());
    await settle();
    for (let beat = 0; beat < 5; beat += 1) {
      await clock.advance(20_000);
      streams.send(": beat\n\n");
      await settle();
    }
    expect(feed.status.status).toBe("live");
    await clock.advance(30_000);
    await settle();
    expect(feed.status).toMatchObject({ status: "away" });
    const { status } = feed;
    expect(status.status === "away" && status.error.message).toContain("silent for 30 s");
    await feed[Symbol.asyncDispose]();
  });

  test("asks for a new snapshot when a change is missing", async () => {
    const { feed, streams, world, clock, listener } = setUp();
    feed.subscribe(listener);
    await settle();
    streams.event("snapshot", world.snapshot());
    world.step();
    streams.event("delta", world.step());
    await settle();
    expect(feed.status.status).toBe("away");
    await clock.advance(1_000);
    await settle();
    expect(streams.opened[1]?.lastEventId).toBe("");
    await feed[Symbol.asyncDispose]();
  });

  test.each([
    ["an answer that is no stream", Response.json({})],
    ["a master that ends the stream", undefined],
  ])("goes on after %s", async (_what, refusal) => {
    const { feed, streams, clock, world, listener } = setUp();
    if (refusal !== undefined) streams.refusals.push(refusal);
    feed.subscribe(listener);
    await settle();
    if (refusal === undefined) streams.close();
    await settle();
    expect(feed.status.status).toBe("away");
    await clock.advance(1_000);
    await settle();
    streams.event("snapshot", world.snapshot());
    await settle();
    expect(feed.status.status).toBe("live");
    await feed[Symbol.asyncDispose]();
  });

  test("disposed, it tells nothing more and opens nothing more", async () => {
    const { feed, streams, listener, told } = setUp();
    feed.subscribe(listener);
    await settle();
    await feed[Symbol.asyncDispose]();
    const before = told();
    feed.subscribe(listener);
    await settle();
    expect(told()).toBe(before);
    expect(streams.opened.length).toBe(1);
  });
});
