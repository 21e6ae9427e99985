import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  parseCommandLine,
  parseLimits,
  parsePageBytes,
} from "../../../src/probe/proc/process_texts.ts";

describe("parseCommandLine()", () => {
  test("takes words apart at NULs and drops those that end it", () => {
    expect(parseCommandLine("sh\0-c\0\0echo hi\0\0")).toEqual(["sh", "-c", "", "echo hi"]);
    expect(parseCommandLine("nginx: master process")).toEqual(["nginx: master process"]);
    expect(parseCommandLine("")).toEqual([]);
  });

  test("cuts what is longer than 4,096 characters", () => {
    expect(parseCommandLine("x".repeat(10_000))).toEqual(["x".repeat(4_096)]);
  });
});

describe("parseLimits()", () => {
  test("reads soft limits, and infinity where there is none", () => {
    const text = [
      "Limit                     Soft Limit           Hard Limit           Units     ",
      "Max resident set          unlimited            unlimited            bytes     ",
      "Max open files            1024                 20000                files     ",
    ].join("\n");
    expect(parseLimits(text)).toEqual({
      openFilesMax: 1_024,
      residentBytesMax: Number.POSITIVE_INFINITY,
    });
    expect(parseLimits("").openFilesMax).toBe(Number.POSITIVE_INFINITY);
  });

  test("reads the limits of this very process", () => {
    const { openFilesMax } = parseLimits(readFileSync("/proc/self/limits", "utf8"));
    expect(openFilesMax).toBeGreaterThan(0);
  });
});

describe("parsePageBytes()", () => {
  test("reads the first page size, and takes 4,096 where there is none", () => {
    expect(parsePageBytes("Size: 4 kB\nKernelPageSize:       16 kB\n")).toBe(16_384);
    expect(parsePageBytes("")).toBe(4_096);
  });
});
