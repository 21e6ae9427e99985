import { describe, expect, test } from "vitest";
import { connect, type MasterOption } from "../../src/scheduler/mod.ts";
import { type Answer, ScriptedMaster } from "./support/master.ts";

const framework = { name: "test" };

describe("connect()", () => {
  test("follows the leader: a protocol-relative redirect leads to it", async () => {
    await using leader = await ScriptedMaster.listen();
    const location = `//${leader.address}/api/v1/scheduler`;
    const answer = (): Answer => ({ status: 307, headers: { location } });
    await using follower = await ScriptedMaster.listen({ answer });
    await using scheduler = connect({ master: follower.address, framework });
    await scheduler.subscribed();
    expect(scheduler.session).toMatchObject({ url: `http://${leader.address}/api/v1/scheduler` });
    expect(await scheduler.suppress("a")).toEqual({ taken: true });
    expect(leader.callsOf("SUPPRESS")).toMatchObject([{ suppress: { roles: ["a"] } }]);
  });

  test("tries several masters in turn, and waits while none is ready", async () => {
    let isReady = false;
    const answer = (): Answer | undefined => (isReady ? undefined : { status: 503, body: "wait" });
    await using slow = await ScriptedMaster.listen({ answer });
    const gone = await ScriptedMaster.listen();
    const goneAddress = gone.address;
    await gone[Symbol.asyncDispose]();
    await using scheduler = connect({
      master: [goneAddress, slow.address],
      framework,
      timings: { backoffInitialMs: 1, backoffMaxMs: 20 },
    });
    const reasons: string[] = [];
    for await (const event of scheduler.events()) {
      if (event.type === "DISCONNECTED") reasons.push(event.reason);
      if (reasons.length === 2) isReady = true;
      if (event.type === "SUBSCRIBED") break;
    }
    expect(reasons.slice(0, 2)).toEqual(["unreachable", "unavailable"]);
  });

  test("asks a detector for the leader", async () => {
    await using master = await ScriptedMaster.listen();
    const answers = [() => Promise.reject(new Error("no quorum")), async () => master.address];
    const detector = { leader: () => answers.shift()?.() ?? Promise.resolve(master.address) };
    await using scheduler = connect({ master: detector, framework });
    await scheduler.subscribed();
    expect(answers).toHaveLength(0);
  });

  test("a detector that hears of a new leader ends the pause", async () => {
    await using master = await ScriptedMaster.listen();
    let leading = "127.0.0.1:1";
    const heard: string[] = [];
    let move = () => {};
    const detector = {
      leader: async () => leading,
      changed: (address: string) =>
        new Promise<void>((resolve) => {
          heard.push(address);
          move = resolve;
        }),
    };
    const backoff = { backoffInitialMs: 20, backoffMaxMs: 60_000 };
    await using scheduler = connect({ master: detector, framework, ...backoff });
    while (heard.length < 8) await new Promise((resolve) => setTimeout(resolve, 5));
    leading = master.address;
    move();
    await scheduler.subscribed();
    expect(heard.at(-1)).toBe(master.address);
  });

  test.each([
    [
      { principal: "ops", secret: "sésame" },
      `Basic ${Buffer.from("ops:sésame").toString("base64")}`,
    ],
    [{ token: "abc" }, "Bearer abc"],
    [{ token: async () => "fresh" }, "Bearer fresh"],
  ])("sends credentials %j with every request", async (credentials, authorization) => {
    await using master = await ScriptedMaster.listen();
    await using scheduler = connect({ master: master.address, framework, credentials });
    await scheduler.subscribed();
    await scheduler.revive();
    for (const { headers } of master.received) expect(headers.authorization).toBe(authorization);
    const principal = "principal" in credentials ? credentials.principal : undefined;
    expect(master.callsOf("SUBSCRIBE")[0]?.subscribe.framework_info.principal).toBe(principal);
  });

  test("takes a handler for a master in the same process", async () => {
    const types: string[] = [];
    let cancelled = false;
    const handler = async (request: Request): Promise<Response> => {
      const call = await request.json();
      types.push(call.type);
      if (call.type !== "SUBSCRIBE") return new Response(null, { status: 202 });
      const event = JSON.stringify({
        type: "SUBSCRIBED",
        subscribed: { framework_id: { value: "f" } },
      });
      const body = new ReadableStream({
        start: (stream) => stream.enqueue(new TextEncoder().encode(`${event.length}\n${event}`)),
        cancel: () => {
          cancelled = true;
        },
      });
      return new Response(body, { headers: { "mesos-stream-id": "s" } });
    };
    const scheduler = connect({ master: handler, framework });
    await scheduler.subscribed();
    await scheduler.revive();
    await scheduler.close();
    expect(types).toContain("REVIVE");
    expect(cancelled).toBe(true);
  });

  test("is closed by its signal", async () => {
    await using master = await ScriptedMaster.listen();
    const stop = new AbortController();
    const scheduler = connect({ master: master.address, framework, signal: stop.signal });
    await scheduler.subscribed();
    stop.abort();
    for await (const _ of scheduler.events());
    expect(scheduler.session.status).toBe("closed");
    const late = connect({ master: master.address, framework, signal: stop.signal });
    await expect(late.subscribed()).rejects.toMatchObject({ code: "scheduler_closed" });
  });

  test.each<[string, MasterOption, RegExp]>([
    ["a ZooKeeper address", "zk://z1:2181/mesos", /detector/],
    ["secrets in an address", "http://a:b@m:5050", /credentials/],
    ["no address", "http://", /host/],
    ["an empty list", [], /one or more/],
  ])("refuses %s", (_, master, message) => {
    const make = () => connect({ master, framework });
    expect(make).toThrow(expect.objectContaining({ code: "invalid_option" }));
    expect(make).toThrow(message);
    expect(make).not.toThrow(/a:b/);
  });
});
