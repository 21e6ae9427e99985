import { VirtualClock } from "fairlead/base";
import { Drain, eventStream } from "fairlead/http";
import { describe, expect, test } from "vitest";

const request = () => new Request("http://localhost/");
const encode = (text: string) => new TextEncoder().encode(text);

describe("Drain", () => {
  test("waits for requests that are under way and refuses new ones", async () => {
    const clock = new VirtualClock();
    const drain = new Drain();
    const handler = drain.middleware(async () => {
      await clock.sleep(50);
      return new Response("done");
    });
    const first = Promise.resolve(handler(request()));
    expect(drain.underWay).toBe(1);
    const finished = drain.finish({ timeoutMs: 100, clock });
    const late = await handler(request());
    expect([late.status, late.headers.get("connection")]).toEqual([503, "close"]);
    await clock.advance(50);
    expect(await (await first).text()).toBe("done");
    expect([await finished, drain.underWay, clock.sleeping]).toEqual([true, 0, 0]);
  });

  test("tells when some took too long", async () => {
    const clock = new VirtualClock();
    const drain = new Drain();
    const hanging = drain.middleware(() => new Promise<Response>(() => undefined))(request());
    const finished = drain.finish({ timeoutMs: 100, clock });
    await clock.advance(100);
    expect([await finished, drain.underWay]).toEqual([false, 1]);
    expect(hanging).toBeInstanceOf(Promise);
  });

  test("ends streams that got its signal, cleanly", async () => {
    const drain = new Drain();
    const stream = eventStream({ encode, bufferBytesMax: 100, signal: drain.signal });
    const response = await drain.middleware(() => stream.respond({}))(request());
    stream.push("last words");
    expect(await drain.finish({ timeoutMs: 0 })).toBe(true);
    expect([await response.text(), stream.ended]).toEqual(["last words", "aborted"]);
  });

  test("counts a handler that throws as answered", async () => {
    const drain = new Drain();
    const handler = drain.middleware(() => {
      throw new Error("no");
    });
    await expect(handler(request())).rejects.toThrow("no");
    expect([drain.underWay, await drain.finish({ timeoutMs: 0 })]).toEqual([0, true]);
  });
});
