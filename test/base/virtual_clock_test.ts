import { expect, test, vi } from "vitest";
import { VirtualClock } from "../../src/base/mod.ts";

test("VirtualClock stands still until it is told to advance", async () => {
  const clock = new VirtualClock(1_000);
  expect(clock.nowMs()).toBe(1_000);
  await clock.advance(250);
  expect(clock.nowMs()).toBe(1_250);
  expect(clock.nextDueMs).toBeUndefined();
});

test("VirtualClock.advance() wakes sleepers by due time, then by arrival", async () => {
  const clock = new VirtualClock();
  const woken: string[] = [];
  for (const [name, ms] of [
    ["c", 30],
    ["a", 10],
    ["b1", 20],
    ["b2", 20],
    ["late", 31],
  ] as const) {
    void clock.sleep(ms).then(() => woken.push(`${name}@${clock.nowMs()}`));
  }
  expect(clock.sleeping).toBe(5);
  await clock.advance(30);
  expect(woken).toEqual(["a@10", "b1@20", "b2@20", "c@30"]);
  expect(clock.sleeping).toBe(1);
  expect(clock.nextDueMs).toBe(31);
});

test("VirtualClock.advance() wakes those too that went to sleep while it moved", async () => {
  const clock = new VirtualClock();
  const ticks: number[] = [];
  const loop = async () => {
    for (let tick = 0; tick < 5; tick += 1) {
      await clock.sleep(10);
      for (let hop = 0; hop < 50; hop += 1) await Promise.resolve();
      ticks.push(clock.nowMs());
    }
  };
  void loop();
  await clock.advance(45);
  expect(ticks).toEqual([10, 20, 30, 40]);
  expect(clock.nowMs()).toBe(45);
});

test("VirtualClock.advance() lets a woken sleeper run before the next one of that instant", async () => {
  const clock = new VirtualClock();
  const seen: string[] = [];
  const work = async (name: string) => {
    await clock.sleep(5);
    seen.push(`${name} begins`);
    await Promise.resolve();
    seen.push(`${name} ends`);
  };
  void work("a");
  void work("b");
  await clock.advance(5);
  expect(seen).toEqual(["a begins", "a ends", "b begins", "b ends"]);
});

test("VirtualClock.sleep() aborts with the reason and forgets the sleeper", async () => {
  const clock = new VirtualClock();
  const controller = new AbortController();
  const sleep = clock.sleep(10, { signal: controller.signal });
  controller.abort("stop");
  await expect(sleep).rejects.toBe("stop");
  expect(clock.sleeping).toBe(0);
  await expect(clock.sleep(1, { signal: controller.signal })).rejects.toBe("stop");
});

test("VirtualClock refuses to go backwards", async () => {
  await expect(new VirtualClock().advance(-1)).rejects.toMatchObject({ code: "invalid_option" });
  expect(() => new VirtualClock(Number.NaN)).toThrow("startMs");
});

test("VirtualClock.advance() works where there is no setImmediate, as in browsers", async () => {
  vi.stubGlobal("setImmediate", undefined);
  try {
    const clock = new VirtualClock();
    let woken = false;
    void clock.sleep(10).then(() => {
      woken = true;
    });
    await clock.advance(10);
    expect(woken).toBe(true);
  } finally {
    vi.unstubAllGlobals();
  }
});
