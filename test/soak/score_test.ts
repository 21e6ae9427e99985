import { describe, expect, test } from "vitest";
import { scoreOf } from "./score.ts";

const every = (fromMs: number, toMs: number) =>
  Array.from({ length: Math.ceil((toMs - fromMs) / 3_000) }, (_, at) => fromMs + at * 3_000);
const score = (up: readonly (readonly [number, number])[], takenMs: readonly number[]) =>
  scoreOf({ intervalMs: 3_000, up: up.map(([fromMs, toMs]) => ({ fromMs, toMs })), takenMs });

describe("scoreOf()", () => {
  test("counts nothing against reports that come a little early or late", () => {
    expect(score([[0, 12_000]], [2_900, 6_300, 8_700, 11_900])).toEqual({
      intervals: 4,
      missed: 0,
      ratio: 1,
    });
  });

  test("counts each interval without a report, and those at either end", () => {
    expect(
      score(
        [[0, 30_000]],
        every(1_000, 30_000).filter((ms) => ms < 9_000 || ms > 15_000),
      ),
    ).toMatchObject({
      missed: 2,
    });
    expect(score([[0, 30_000]], every(7_000, 20_000))).toMatchObject({ missed: 1 + 3 });
    expect(score([[0, 30_000]], [])).toEqual({ intervals: 10, missed: 10, ratio: 0 });
  });

  test("counts no time in which nobody was there", () => {
    const taken = [...every(0, 9_000), ...every(60_500, 69_000)];
    expect(
      score(
        [
          [0, 9_000],
          [60_000, 69_000],
        ],
        taken,
      ),
    ).toEqual({ intervals: 6, missed: 0, ratio: 1 });
    expect(score([], [1])).toEqual({ intervals: 0, missed: 0, ratio: 1 });
  });
});
