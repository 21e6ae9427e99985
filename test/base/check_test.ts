import { expect, test } from "vitest";
import { requireInteger, requireNumber } from "../../src/base/mod.ts";

test.each([Number.NaN, Number.POSITIVE_INFINITY, 0.5, -1, 11])(
  "requireInteger() refuses %s outside of its range",
  (value) => {
    expect(() => requireInteger("retries", value, { min: 0, max: 10 })).toThrow(
      expect.objectContaining({
        code: "invalid_option",
        message: `Cannot use retries = ${value}: it must be an integer from 0 to 10`,
      }),
    );
  },
);

test("requireNumber() accepts fractions and both ends of its range", () => {
  for (const value of [0, 0.5, 1]) {
    expect(requireNumber("ratio", value, { min: 0, max: 1 })).toBe(value);
  }
  expect(() => requireNumber("ratio", 1.01, { min: 0, max: 1 })).toThrow("a number from 0 to 1");
});
