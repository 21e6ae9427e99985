import { describe, expect, test } from "vitest";
import {
  parseCpuTimes,
  parseLoad1,
  parseMemory,
  parseUptimeSeconds,
} from "../../../src/probe/proc/host_texts.ts";

describe("parseCpuTimes()", () => {
  test("counts idle and waiting for disks as idle, and guests only once", () => {
    const text = "cpu  10 1 5 100 20 2 3 4 9 9\ncpu0 1 2 3\ncpu1 1 2 3\nintr 5\n";
    expect(parseCpuTimes(text)).toEqual({ busyTicks: 25, totalTicks: 145, cores: 2 });
  });

  test("gives undefined where there is no line of sums", () => {
    expect(parseCpuTimes("intr 5")).toBeUndefined();
  });
});

describe("parseMemory()", () => {
  test("calls used what is not available", () => {
    const text = "MemTotal:  1000 kB\nMemFree: 100 kB\nMemAvailable: 600 kB\n";
    expect(parseMemory(text)).toEqual({ usedBytes: 400 * 1_024, totalBytes: 1_000 * 1_024 });
  });

  test("works it out on kernels that do not say what is available", () => {
    const text = "MemTotal: 1000 kB\nMemFree: 100 kB\nBuffers: 50 kB\nCached: 250 kB\n";
    expect(parseMemory(text)?.usedBytes).toBe(600 * 1_024);
    expect(parseMemory("nothing")).toBeUndefined();
  });
});

describe("parseLoad1() and parseUptimeSeconds()", () => {
  test("read the first number, or nothing", () => {
    expect(parseLoad1("0.52 0.40 0.31 1/200 4711\n")).toBe(0.52);
    expect(parseUptimeSeconds("1234.56 999.00\n")).toBe(1_234.56);
    expect(parseLoad1("")).toBeUndefined();
    expect(parseUptimeSeconds("soon")).toBeUndefined();
  });
});
