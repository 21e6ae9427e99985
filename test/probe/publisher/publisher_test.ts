import { describe, expect, test } from "vitest";
import { SeededRandom, VirtualClock } from "../../../src/base/mod.ts";
import { makeReport } from "../../../src/probe/mod.ts";
import { DeltaCycle } from "../../../src/probe/publisher/cycle.ts";
import { Publisher } from "../../../src/probe/publisher/publisher.ts";
import { plainCodec } from "../support/plain_codec.ts";
import { SimCollector } from "../support/sim_collector.ts";

function world(addresses = ["name"]) {
  const clock = new VirtualClock();
  const dns = new Map<string, SimCollector[] | Error>();
  let asked = 0;
  const resolve = async (address: string) => {
    asked += 1;
    const found = dns.get(address) ?? new Error("no such name");
    if (found instanceof Error) throw found;
    return found;
  };
  const random = new SeededRandom(2);
  const publisher = new Publisher({ addresses, resolve, clock, random });
  const cycle = new DeltaCycle(plainCodec());
  const step = async () => {
    publisher.push(cycle.next(makeReport({})));
    await clock.advance(3_000);
  };
  return { clock, dns, publisher, step, asked: () => asked };
}

describe("Publisher", () => {
  test("sends each report to every collector behind every name", async () => {
    const { clock, dns, publisher, step } = world(["one", "two"]);
    const all = ["a", "b", "c"].map((address) => new SimCollector(clock, address));
    dns.set("one", all.slice(0, 2));
    dns.set("two", all.slice(2));
    for (let at = 0; at < 4; at += 1) await step();
    expect(all.map(({ received }) => received.length)).toEqual([4, 4, 4]);
    expect(publisher.totals).toMatchObject({ published: 12, failed: 0 });
    expect([...publisher.counts.keys()]).toEqual(["a", "b", "c"]);
    await publisher[Symbol.asyncDispose]();
    expect(all.every(({ closed }) => closed)).toBe(true);
  });

  test("sends a collector that has two addresses each report once, over the one that works", async () => {
    const { clock, dns, publisher, step } = world();
    const [one, two] = [new SimCollector(clock, "a", "x"), new SimCollector(clock, "b", "x")];
    dns.set("name", [one, two]);
    for (let at = 0; at < 3; at += 1) await step();
    expect([one.received.length, two.received.length]).toEqual([3, 0]);
    one.mood = "down";
    for (let at = 0; at < 3; at += 1) await step();
    expect(two.received.length).toBeGreaterThanOrEqual(2);
    await publisher[Symbol.asyncDispose]();
  });

  test("resolves names anew every 10 s, drops who is gone, and keeps their counts", async () => {
    const { clock, dns, publisher, step, asked } = world();
    const [old, young] = [new SimCollector(clock, "a"), new SimCollector(clock, "b")];
    dns.set("name", [old]);
    for (let at = 0; at < 4; at += 1) await step();
    expect(asked()).toBe(1);
    dns.set("name", [young]);
    for (let at = 0; at < 3; at += 1) await step();
    expect([...publisher.counts.keys()]).toEqual(["b"]);
    expect(old.closed).toBe(true);
    expect(young.received.length).toBeGreaterThan(0);
    expect(publisher.totals.published).toBe(old.received.length + young.received.length);
    await publisher[Symbol.asyncDispose]();
  });

  test("asks again at once when a name does not resolve, or its collector does not answer", async () => {
    const { clock, dns, publisher, step, asked } = world();
    await step();
    await step();
    expect([asked(), publisher.resolveErrors.get("name")]).toEqual([2, "no such name"]);
    const [wrong, right] = [new SimCollector(clock, "a"), new SimCollector(clock, "b")];
    wrong.mood = "down";
    dns.set("name", [wrong]);
    await step();
    await step();
    dns.set("name", [right]);
    await step();
    await step();
    expect(right.received.length).toBeGreaterThanOrEqual(2);
    expect(publisher.resolveErrors.size).toBe(0);
    await publisher[Symbol.asyncDispose]();
  });

  test("keeps collectors while the resolver is broken", async () => {
    const { clock, dns, publisher, step } = world();
    const collector = new SimCollector(clock, "a");
    dns.set("name", [collector]);
    await step();
    dns.set("name", new Error("server failure"));
    for (let at = 0; at < 9; at += 1) await step();
    expect(collector.received).toHaveLength(10);
    await publisher[Symbol.asyncDispose]();
  });
});
