import { describe, expect, test } from "vitest";
import { SeededRandom, VirtualClock } from "../../../src/base/mod.ts";
import { makeNode, makeReport, makeTopology } from "../../../src/probe/mod.ts";
import { DeltaCycle } from "../../../src/probe/publisher/cycle.ts";
import { Target } from "../../../src/probe/publisher/target.ts";
import { plainCodec } from "../support/plain_codec.ts";
import { SimCollector } from "../support/sim_collector.ts";

const claims = { claim: () => true, release: () => {} };
const same = makeNode("same", "process");

function world() {
  const clock = new VirtualClock();
  const collector = new SimCollector(clock);
  const cycle = new DeltaCycle(plainCodec());
  const target = new Target({ collector, claims, clock, random: new SeededRandom(1) });
  let count = 0;
  const publication = (isShortcut = false) => {
    count += 1;
    const report = makeReport({ Process: makeTopology([same, makeNode(`n${count}`, "process")]) });
    return isShortcut ? cycle.shortcut({ ...report, isShortcut }) : cycle.next(report);
  };
  const step = async () => {
    target.push(publication());
    await clock.advance(3_000);
  };
  /** W for a whole report, d for a delta. */
  const forms = () =>
    collector.received.map(({ text }) => (text.includes('"same"') ? "W" : "d")).join("");
  return { clock, collector, target, publication, step, forms };
}

describe("Target", () => {
  test("sends the short form to who has the whole one", async () => {
    const { target, step, forms, collector } = world();
    for (let at = 0; at < 7; at += 1) await step();
    expect(forms()).toBe("WddWddW");
    expect(target.counts).toMatchObject({ published: 7, deltas: 4, failed: 0, dropped: 0 });
    expect(collector.identified).toBe(1);
    await target[Symbol.asyncDispose]();
    expect(collector.closed).toBe(true);
  });

  test("sends whole reports after a failure, until the next one that all refer to", async () => {
    const { collector, target, step, forms } = world();
    await step();
    collector.mood = "down";
    await step();
    expect(target.isFailing).toBe(true);
    collector.mood = "up";
    for (let at = 0; at < 4; at += 1) await step();
    expect(forms()).toBe("WWWdd".replace("WWW", "WWW"));
    expect(target.isFailing).toBe(false);
    await target[Symbol.asyncDispose]();
  });

  test("tries one that cannot be reached with each publication", async () => {
    const { collector, target, step } = world();
    collector.mood = "down";
    for (let at = 0; at < 5; at += 1) await step();
    expect(collector.identified).toBe(5);
    expect(target.counts).toMatchObject({ failed: 5, dropped: 0 });
    await target[Symbol.asyncDispose]();
  });

  test("leaves one that refuses alone, for longer and longer, up to a minute", async () => {
    const { clock, collector, target, publication } = world();
    collector.mood = "refusing";
    const at: number[] = [];
    let before = 0;
    for (let tick = 0; tick < 3_000; tick += 1) {
      if (tick % 10 === 0) target.push(publication());
      await clock.advance(100);
      if (collector.identified > before) at.push(clock.nowMs());
      before = collector.identified;
    }
    const pauses = at.slice(1).map((ms, index) => ms - (at[index] ?? 0));
    expect(pauses[0]).toBeLessThanOrEqual(1_200);
    expect(Math.max(...pauses)).toBeGreaterThan(40_000);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(61_000);
    expect(target.counts.dropped).toBeGreaterThan(200);
    await target[Symbol.asyncDispose]();
  });

  test("gives up waiting after 12 s, and drops the oldest of what came meanwhile", async () => {
    const { clock, collector, target, step, publication } = world();
    await step();
    collector.mood = "silent";
    target.push(publication());
    await clock.advance(11_999);
    expect(target.counts.failed).toBe(0);
    for (let at = 0; at < 3; at += 1) target.push(publication());
    expect(target.counts.dropped).toBe(1);
    target.push(publication(true));
    expect(target.counts.dropped).toBe(2);
    collector.mood = "up";
    await clock.advance(1);
    expect(target.counts).toMatchObject({ failed: 1, published: 3 });
    expect(collector.received.at(-1)?.text).toContain('"n5"');
    await target[Symbol.asyncDispose]();
  });

  test("sends nothing when another address has that collector", async () => {
    const { clock, collector, publication } = world();
    const taken = { claim: () => false, release: () => {} };
    const random = new SeededRandom(1);
    const target = new Target({ collector, claims: taken, clock, random });
    target.push(publication());
    await clock.advance(1);
    expect(collector.received).toEqual([]);
    expect(target.counts).toMatchObject({ published: 0, failed: 0 });
    await target[Symbol.asyncDispose]();
  });

  test("stops while a collector is silent, and leaves no timer", async () => {
    const { clock, collector, target, publication } = world();
    collector.mood = "silent";
    target.push(publication());
    await clock.advance(10);
    await target[Symbol.asyncDispose]();
    expect(clock.sleeping).toBe(0);
    target.push(publication());
  });
});
