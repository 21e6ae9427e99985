import { describe, expect, test } from "vitest";
import { type ProcessFacts, ProcessReport } from "../../../src/probe/reporters/processes.ts";

function facts(pid: number, more: Partial<ProcessFacts["stat"]> = {}): ProcessFacts {
  const stat = {
    pid,
    name: "sleep",
    state: "S",
    ppid: 1,
    cpuTicks: 100,
    threads: 1,
    startTicks: 9,
    rssPages: 10,
    ...more,
  };
  const limits = { openFilesMax: 1_024, residentBytesMax: Number.POSITIVE_INFINITY };
  return { stat, commandLine: ["/bin/sleep", "60"], openFiles: 3, limits, isFresh: true };
}

const scan = (uptimeSeconds: number, ...processes: ProcessFacts[]) => ({
  processes,
  uptimeSeconds,
  cores: 2,
});

describe("ProcessReport", () => {
  test("says what a process is, and what it uses of what it may", () => {
    const node = new ProcessReport({ hostId: "h" }).take(0, scan(1, facts(7))).nodes.get("h;7");
    expect(
      Object.fromEntries([...(node?.latest ?? [])].map(([k, { value }]) => [k, value])),
    ).toEqual({
      pid: "7",
      name: "/bin/sleep",
      cmdline: "/bin/sleep 60",
      ppid: "1",
      threads: "1",
    });
    expect(node?.metrics.get("process_memory_usage_bytes")).toMatchObject({
      min: 40_960,
      max: 18_446_744_073_709_552_000,
    });
    expect(node?.metrics.get("open_files_count")).toMatchObject({ min: 3, max: 1_024 });
    expect(node?.metrics.has("process_cpu_usage_percent")).toBe(false);
  });

  test("measures the processor by difference, of that process and no other of its number", () => {
    const report = new ProcessReport({ hostId: "h" });
    report.take(0, scan(10, facts(7), facts(8)));
    const nodes = report.take(
      1_000,
      scan(12, facts(7, { cpuTicks: 200 }), facts(8, { startTicks: 10, cpuTicks: 500 })),
    ).nodes;
    expect(nodes.get("h;7")?.metrics.get("process_cpu_usage_percent")).toMatchObject({
      min: 50,
      max: 200,
    });
    expect(nodes.get("h;8")?.metrics.has("process_cpu_usage_percent")).toBe(false);
  });

  test("measures nothing of a process that was not looked at, and all of it the next time", () => {
    const report = new ProcessReport({ hostId: "h" });
    const first = report.take(0, scan(10, facts(7))).nodes.get("h;7");
    const rest = report.take(1_000, scan(11, { ...facts(7), isFresh: false })).nodes.get("h;7");
    expect(rest).toEqual({ ...first, metrics: new Map() });
    const last = report.take(2_000, scan(12, facts(7, { cpuTicks: 200 }))).nodes.get("h;7");
    expect(last?.metrics.get("process_cpu_usage_percent")).toMatchObject({ min: 50 });
  });

  test("does not care about the clock: a jump back changes no percentage", () => {
    const report = new ProcessReport({ hostId: "h" });
    report.take(7_200_000, scan(10, facts(7)));
    const node = report.take(0, scan(11, facts(7, { cpuTicks: 150 }))).nodes.get("h;7");
    expect(node?.metrics.get("process_cpu_usage_percent")?.min).toBe(50);
  });

  test("leaves out zombies, and keeps the words of a process that did not change", () => {
    const report = new ProcessReport({ hostId: "h" });
    const first = report.take(0, scan(1, facts(7), facts(8, { state: "Z" }))).nodes;
    expect([...first.keys()]).toEqual(["h;7"]);
    const second = report.take(1, scan(2, facts(7))).nodes;
    expect(second.get("h;7")?.latest).toBe(first.get("h;7")?.latest);
  });

  test("omits arguments when told to, and names threads of the kernel", () => {
    const report = new ProcessReport({ hostId: "h", omitArguments: true });
    const kernel = { ...facts(2, { name: "kworker/0:1" }), commandLine: [] };
    const nodes = report.take(0, scan(1, facts(7), kernel)).nodes;
    expect(nodes.get("h;7")?.latest.get("cmdline")?.value).toBe("/bin/sleep");
    expect(nodes.get("h;2")?.latest.get("name")?.value).toBe("kworker/0:1");
  });
});
