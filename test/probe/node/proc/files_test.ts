import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ProcFiles } from "../../../../src/probe/node/proc/files.ts";
import { parseProcessStat } from "../../../../src/probe/proc/process_stat.ts";

const openHere = () => readdirSync("/proc/self/fd").length;

describe("ProcFiles", () => {
  test("reads this process over a descriptor that stays open, and closes it", () => {
    const files = new ProcFiles();
    const before = openHere();
    const stats = [1, 2, 3].map(() => parseProcessStat(files.stat(process.pid) ?? ""));
    expect(stats.map((stat) => stat?.pid)).toEqual([process.pid, process.pid, process.pid]);
    expect(openHere()).toBe(before + 1);
    files.close();
    expect(openHere()).toBe(before);
  });

  test("gives undefined for a process that has gone, and drops its descriptor", async () => {
    const child = spawn("sleep", ["60"], { stdio: "ignore" });
    await once(child, "spawn");
    const files = new ProcFiles();
    const pid = child.pid ?? 0;
    expect(files.stat(pid)).toContain("(sleep)");
    const before = openHere();
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(files.stat(pid)).toBeUndefined();
    expect(openHere()).toBe(before - 1);
    expect([files.descriptors(pid), files.descriptorCount(pid)]).toEqual([undefined, undefined]);
  });

  test("reads tables longer than one piece, and counts descriptors as their folder does", () => {
    const files = new ProcFiles();
    expect(files.whole("kallsyms")?.length).toBeGreaterThan(100_000);
    expect(files.descriptors(process.pid)).toContain(0);
    const counted = files.descriptorCount(process.pid) ?? 0;
    expect(Math.abs(counted - openHere())).toBeLessThanOrEqual(2);
    expect(files.link("self", "ns/net")).toMatch(/^net:\[\d+\]$/);
  });

  test("gives undefined where there is nothing to read", () => {
    const files = new ProcFiles("/nowhere");
    expect(files.pids()).toEqual([]);
    expect([files.small("x"), files.whole("x"), files.link("x")]).toEqual(Array(3).fill(undefined));
  });
});
