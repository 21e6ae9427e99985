import { VirtualClock } from "fairlead/base";
import { limitRate, RateLimiter, setPeer, setPrincipal } from "fairlead/http";
import { describe, expect, test } from "vitest";

function limiter(clock: VirtualClock, more = {}) {
  return new RateLimiter({ ratePerSecond: 2, burstMax: 3, clock, ...more });
}

function takeAll(limit: RateLimiter, key: string): number {
  let taken = 0;
  while (limit.take(key).allowed) taken += 1;
  return taken;
}

describe("RateLimiter", () => {
  test("gives a burst, then the rate, to each key for itself", async () => {
    const clock = new VirtualClock();
    const limit = limiter(clock);
    expect(takeAll(limit, "a")).toBe(3);
    expect(limit.take("a")).toEqual({ allowed: false, retryAfterMs: 500 });
    expect(takeAll(limit, "b")).toBe(3);
    await clock.advance(499);
    expect(limit.take("a")).toEqual({ allowed: false, retryAfterMs: 1 });
    await clock.advance(1);
    expect(takeAll(limit, "a")).toBe(1);
    await clock.advance(60_000);
    expect(takeAll(limit, "a")).toBe(3);
  });

  test("gains nothing by changing keys when all are taken", async () => {
    const clock = new VirtualClock();
    const limit = limiter(clock, { keysMax: 2 });
    expect([takeAll(limit, "a"), takeAll(limit, "b")]).toEqual([3, 3]);
    expect([takeAll(limit, "c"), takeAll(limit, "d"), takeAll(limit, "a")]).toEqual([3, 0, 0]);
    await clock.advance(1_500);
    expect(takeAll(limit, "e")).toBe(3);
    expect(takeAll(limit, "b")).toBe(3);
  });

  test.each([[{ ratePerSecond: 0 }], [{ burstMax: 0.5 }], [{ keysMax: 0 }]])(
    "refuses %j",
    (wrong) => {
      expect(() => limiter(new VirtualClock(), wrong)).toThrow(
        expect.objectContaining({ code: "invalid_option" }),
      );
    },
  );
});

describe("limitRate()", () => {
  const request = (about: (request: Request) => void = () => undefined) => {
    const made = new Request("http://localhost/");
    about(made);
    return made;
  };

  test("answers 429 with Retry-After, by principal, else by peer, else not at all", async () => {
    const limit = new RateLimiter({ ratePerSecond: 0.1, burstMax: 1, clock: new VirtualClock() });
    const handler = limitRate({ limiter: limit })(() => new Response("ok"));
    const ops = () => request((made) => setPrincipal(made, "ops"));
    const peer = () => request((made) => setPeer(made, "10.0.0.1"));
    expect((await handler(ops())).status).toBe(200);
    const refused = await handler(ops());
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "10"]);
    const peers = [await handler(peer()), await handler(peer())];
    expect(peers.map(({ status }) => status)).toEqual([200, 429]);
    const nobody = [await handler(request()), await handler(request())];
    expect(nobody.map(({ status }) => status)).toEqual([200, 200]);
  });
});
