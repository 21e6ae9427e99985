import { describe, expect, test } from "vitest";
import { readWeights } from "../../../src/master/validate/weights.ts";

describe("readWeights()", () => {
  test("trims roles and keeps the order", () => {
    const infos = [
      { role: " web ", weight: 2 },
      { role: "db/eu", weight: 0.5 },
    ];
    expect(readWeights(infos)).toEqual({
      ok: true,
      weights: [
        ["web", 2],
        ["db/eu", 0.5],
      ],
    });
    expect(readWeights(undefined)).toEqual({ ok: true, weights: [] });
  });

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])("refuses weight %d", (weight) => {
    expect(
      readWeights([
        { role: "web", weight: 1 },
        { role: "db", weight },
      ]),
    ).toEqual({
      ok: false,
      message:
        "Failed to validate update weights request JSON for role 'db': Invalid weight " +
        `'${weight}': Weights must be positive`,
    });
  });

  test("refuses a bad role", () => {
    expect(readWeights([{ role: "a b", weight: 1 }])).toMatchObject({
      ok: false,
      message: expect.stringMatching(/^Failed to validate update weights request JSON: Invalid ro/),
    });
    expect(readWeights([{ weight: 1 }])).toMatchObject({ ok: false });
  });
});
