import { expect, test } from "vitest";
import { systemClock } from "../../src/base/mod.ts";

test("systemClock.sleep() wakes no earlier than asked", async () => {
  const startMs = systemClock.nowMs();
  await systemClock.sleep(20);
  expect(systemClock.nowMs() - startMs).toBeGreaterThanOrEqual(19);
});

test("systemClock.sleep() of nothing still gives up the turn", async () => {
  let turned = false;
  queueMicrotask(() => {
    turned = true;
  });
  await systemClock.sleep(-5);
  expect(turned).toBe(true);
});

test("systemClock.sleep() rejects with the signal's reason, at once or later", async () => {
  const reason = new Error("stop");
  await expect(systemClock.sleep(1, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  const controller = new AbortController();
  const sleep = systemClock.sleep(60_000, { signal: controller.signal });
  controller.abort(reason);
  await expect(sleep).rejects.toBe(reason);
});

test("systemClock.sleep() is not cut short by the platform's longest timer", async () => {
  const controller = new AbortController();
  const sleep = systemClock.sleep(2 ** 40, { signal: controller.signal });
  const first = await Promise.race([sleep.then(() => "woke"), systemClock.sleep(20)]);
  expect(first).toBeUndefined();
  controller.abort("done");
  await expect(sleep).rejects.toBe("done");
});
