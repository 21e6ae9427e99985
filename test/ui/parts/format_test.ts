import { expect, test } from "vitest";
import {
  ago,
  amount,
  amounts,
  bytes,
  lapse,
  naturalKey,
  pair,
  percent,
  share,
  shortId,
  span,
} from "../../../src/ui/parts/format.ts";

test.each([
  [0, "0 %"],
  [0.001, "<1 %"],
  [0.123, "12 %"],
  [0.998, ">99 %"],
  [1, "100 %"],
  [Number.NaN, "–"],
])("percent(%d) is %s", (ratio, text) => {
  expect(percent(ratio)).toBe(text);
});

test("amounts have the unit of their kind", () => {
  expect(amount("cpus", 0.125)).toBe("0.125");
  expect(amount("cpus", 31.25)).toBe("31.3");
  expect(amount("cpus", 207_872)).toBe("207,872");
  expect(amount("mem", 512)).toBe("512 MB");
  expect(amount("mem", 1_536)).toBe("1.5 GB");
  expect(amount("disk", 3 * 1_024 * 1_024)).toBe("3 TB");
  expect(bytes(52_428_800)).toBe("50 MB");
  expect(pair("mem", 1_024, 4_096)).toBe("1 of 4 GB");
  expect(pair("mem", 512, 4_096)).toBe("512 MB of 4 GB");
  expect(amounts({ cpus: 2, mem: 1_024, disk: 0, gpus: 1 })).toBe("2 CPUs, 1 GB memory, 1 GPUs");
  expect(amounts({})).toBe("nothing");
});

test("shares of a few percent differ in their digits", () => {
  expect([share(0.0191), share(0.102)]).toEqual(["1.91 %", "10.2 %"]);
});

test("times are told in their largest unit", () => {
  expect([span(45_000), span(600_000), span(18_000_000), span(864_000_000)]).toEqual([
    "45 s",
    "10 min",
    "5 h",
    "10 d",
  ]);
  expect([lapse(320), lapse(1_400), lapse(125_000)]).toEqual(["320 ms", "1.4 s", "2 min 5 s"]);
  expect([ago(10_000, 9_000), ago(100_000, 60_000), ago(0, 60_000)]).toEqual([
    "now",
    "40 s ago",
    "in 60 s",
  ]);
});

test("shortId() leaves what the master counted", () => {
  expect(shortId("7c8f2f0e-53a1-4b0c-9d0b-0c4f5c1f2a11-S12")).toBe("S12");
  expect(shortId("web.42")).toBe("web.42");
});

test("naturalKey() orders names as people count", () => {
  const names = ["node-10", "Node-9", "node-1a"];
  expect(names.toSorted((a, b) => (naturalKey(a) < naturalKey(b) ? -1 : 1))).toEqual([
    "node-1a",
    "Node-9",
    "node-10",
  ]);
});
