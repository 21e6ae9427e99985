import { expect, test } from "vitest";
import {
  fillOf,
  metadataText,
  metricText,
  sortKey,
} from "../../../../src/ui/topology/data/formats.ts";

test.each([
  [{ value: 12.54, format: "percent" }, "12.5 %"],
  [{ value: 0.05, format: "percent" }, "0.05 %"],
  [{ value: 3 * 1_024 ** 2, format: "filesize" }, "3 MB"],
  [{ value: 1_204.6, format: "integer" }, "1,205"],
  [{ value: 0.4567 }, "0.46"],
  [{ value: 1_234.5 }, "1,235"],
  [{ value: 5, valueEmpty: true }, "–"],
  [{ value: Number.NaN }, "–"],
])("metricText() of %o is %s", (metric, text) => {
  expect(metricText(metric)).toBe(text);
});

test.each([
  [{ value: "10001", dataType: "number" }, "10001"],
  [{ value: "0.123456", dataType: "number" }, "0.12"],
  [{ value: "many", dataType: "number" }, "many"],
  [{ value: "3600", dataType: "duration" }, "60 min"],
  [{ value: "26h3m4s", dataType: "duration" }, "26 h"],
  [{ value: "never", dataType: "duration" }, "never"],
  [{ value: "someday", dataType: "datetime" }, "someday"],
  [{ value: "5e4d3c2b1a9876", truncate: 12 }, "5e4d3c2b1a98"],
  [{ value: "10.0.0.1", dataType: "ip" }, "10.0.0.1"],
])("metadataText() of %o is %s", (line, text) => {
  expect(metadataText(line)).toBe(text);
});

test("metadataText() shows a date in the reader's zone", () => {
  const text = metadataText({ value: "2026-03-01T14:05:09Z", dataType: "datetime" });
  expect(text).toMatch(/^2026-0[23]-\d\d \d\d:\d5:09$/);
});

test("sortKey() sorts numbers as numbers and addresses by their parts", () => {
  const sorted = (values: string[], type: string) =>
    values.sort((a, b) => (sortKey(a, type) < sortKey(b, type) ? -1 : 1));
  expect(sorted(["10", "9", "x"], "number")).toEqual(["x", "9", "10"]);
  expect(sorted(["10.0.0.10", "10.0.0.9"], "ip")).toEqual(["10.0.0.9", "10.0.0.10"]);
  expect(sorted(["b", "A"], "")).toEqual(["A", "b"]);
});

test("fillOf() goes by the capacity, or else by the largest value around", () => {
  expect(fillOf(50, 100)).toBe(0.5);
  expect(fillOf(0.5, 0.5, 2)).toBe(0.25);
  expect(fillOf(5, 2 ** 64, 10)).toBe(0.5);
  expect(fillOf(5, 5, 10)).toBe(0.5);
  expect(fillOf(0, 0)).toBe(0);
});
