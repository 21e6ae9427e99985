import {
  formatInstant,
  instantOf,
  instantOfMs,
  msOfInstant,
  parseInstant,
  ZERO_INSTANT,
} from "fairlead/topology";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readBinaryInstant, writeBinaryInstant } from "../../../src/topology/report/instant.ts";
import { instant } from "../support/arbitrary.ts";

describe("parseInstant()", () => {
  test("reads what Go writes, to the nanosecond", () => {
    expect(parseInstant("2026-11-23T01:34:56.599256815Z")).toBe(1_795_397_696_599_256_815n);
    expect(parseInstant("1970-01-01T00:00:00Z")).toBe(0n);
    expect(parseInstant("0001-01-01T00:00:00Z")).toBe(ZERO_INSTANT);
  });

  test("reads zones, and cuts what is finer than a nanosecond", () => {
    expect(parseInstant("1970-01-01T02:00:00+02:00")).toBe(0n);
    expect(parseInstant("1969-12-31T22:30:00.1234567899-01:30")).toBe(123_456_789n);
  });

  test.each([
    "",
    "yesterday",
    "2026-13-01T00:00:00Z",
    "2023-02-29T00:00:00Z",
    "2026-01-01",
    "0000-01-01T00:00:00Z",
    "2026-01-01T24:00:00Z",
    "2026-01-01T00:60:00Z",
    "9999-12-31T23:59:59-00:01",
  ])("gives nothing for %j", (text) => expect(parseInstant(text)).toBeUndefined());

  test("agrees with Date on every day of leap years and others", () => {
    fc.assert(
      fc.property(
        fc.date({
          min: new Date(-62135596800000),
          max: new Date(253402300799999),
          noInvalidDate: true,
        }),
        (date) => {
          expect(parseInstant(date.toISOString())).toBe(instantOfMs(date.getTime()));
        },
      ),
    );
  });
});

describe("formatInstant()", () => {
  test("writes no trailing zeros", () => {
    expect(formatInstant(instantOf(0, 120_000_000))).toBe("1970-01-01T00:00:00.12Z");
    expect(formatInstant(ZERO_INSTANT)).toBe("0001-01-01T00:00:00Z");
  });

  test("is read back by parseInstant()", () => {
    fc.assert(
      fc.property(instant, (at) => {
        expect(parseInstant(formatInstant(at))).toBe(at);
      }),
    );
  });

  test("refuses years that RFC 3339 has not", () => {
    expect(() => formatInstant(253_402_300_800_000_000_000n)).toThrow(
      expect.objectContaining({ code: "invalid_argument" }),
    );
  });
});

describe("the binary form", () => {
  test("comes back, and is 15 bytes", () => {
    fc.assert(
      fc.property(instant, (at) => {
        const bytes = new Uint8Array(17);
        writeBinaryInstant(new DataView(bytes.buffer), 2, at);
        expect(readBinaryInstant(bytes, 2)).toBe(at);
      }),
    );
  });

  test("of another version or with too many nanoseconds is none", () => {
    const bytes = new Uint8Array(15);
    expect(readBinaryInstant(bytes, 0)).toBeUndefined();
    bytes[0] = 1;
    expect(readBinaryInstant(bytes, 0)).toBe(ZERO_INSTANT);
    bytes[9] = 0xff;
    expect(readBinaryInstant(bytes, 0)).toBeUndefined();
  });
});

test("instantOfMs() and msOfInstant() are each other's inverse", () => {
  expect(msOfInstant(instantOfMs(1_795_397_696_599))).toBe(1_795_397_696_599);
  expect(instantOfMs(0.5)).toBe(500_000n);
});
