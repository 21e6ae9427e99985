import { describe, expect, test } from "vitest";
import { Timing } from "../../../src/master/metrics/timing.ts";

describe("Timing", () => {
  test("has no figures before the first timing", () => {
    expect(new Timing().summary()).toEqual({ count: 0, sumMs: 0, figures: [], quantiles: [] });
    expect(new Timing().lastMs).toBe(0);
  });

  test("interpolates between neighbours", () => {
    const timing = new Timing();
    for (const ms of [4, 1, 3, 2]) timing.record(ms);
    expect(timing.lastMs).toBe(2);
    const { count, sumMs, figures } = timing.summary();
    expect([count, sumMs]).toEqual([4, 10]);
    expect(Object.fromEntries(figures)).toMatchObject({ min: 1, max: 4, p50: 2.5 });
    expect(Object.fromEntries(figures).p90).toBeCloseTo(3.7, 10);
  });

  test("keeps the latest thousand, and counts all", () => {
    const timing = new Timing();
    for (let ms = 0; ms < 2_500; ms += 1) timing.record(ms);
    const { count, sumMs, figures } = timing.summary();
    expect([count, sumMs]).toEqual([2_500, (2_499 * 2_500) / 2]);
    expect(Object.fromEntries(figures)).toMatchObject({ min: 1_500, max: 2_499, p50: 1_999.5 });
  });
});
