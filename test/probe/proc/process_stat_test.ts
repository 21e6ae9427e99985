import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseProcessStat } from "../../../src/probe/proc/process_stat.ts";

const LINE =
  "42 (a) b (c) S 7 42 42 0 -1 4194304 100 0 0 0 30 12 0 0 20 0 5 0 9000 123456 77 18446744073709551615 1";

describe("parseProcessStat()", () => {
  test("reads the fields behind a name with blanks and parentheses", () => {
    expect(parseProcessStat(LINE)).toEqual({
      pid: 42,
      name: "a) b (c",
      state: "S",
      ppid: 7,
      cpuTicks: 42,
      threads: 5,
      startTicks: 9000,
      rssPages: 77,
    });
  });

  test("reads this very process", () => {
    const stat = parseProcessStat(readFileSync("/proc/self/stat", "utf8"));
    expect(stat).toMatchObject({ pid: process.pid, ppid: process.ppid, state: "R" });
    expect(stat?.rssPages).toBeGreaterThan(1_000);
  });

  test("gives undefined for what is no such line, whatever it is", () => {
    expect(parseProcessStat("")).toBeUndefined();
    fc.assert(
      fc.property(fc.string(), fc.nat(LINE.length), (noise, cut) => {
        const read = parseProcessStat(LINE.slice(0, cut) + noise);
        if (read !== undefined) {
          const { pid, ppid, cpuTicks, threads, startTicks } = read;
          expect([pid, ppid, cpuTicks, threads, startTicks].every(Number.isSafeInteger)).toBe(true);
        }
      }),
    );
  });
});
