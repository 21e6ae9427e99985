import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { ProcFiles } from "../../../../src/probe/node/proc/files.ts";
import { ProcessTable } from "../../../../src/probe/node/proc/process_table.ts";
import { processReporter } from "../../../../src/probe/node/reporters/processes.ts";

const { signal } = new AbortController();

describe("processReporter()", () => {
  test("reports a child, what it does, and that it has gone", async () => {
    const child = spawn("sh", ["-c", "while :; do :; done"]);
    await once(child, "spawn");
    const files = new ProcFiles();
    const reporter = processReporter({ hostId: "h", files, table: new ProcessTable(files) });
    const look = async (tick: number) => {
      const { topologies } = await reporter.report({ tick, nowMs: tick, signal });
      return topologies.Process?.nodes.get(`h;${child.pid}`);
    };
    const first = await look(1);
    expect(first?.latest.get("cmdline")?.value).toBe("sh -c while :; do :; done");
    expect(first?.latest.get("ppid")?.value).toBe(String(process.pid));
    let tick = 1;
    const cpu = async () => (await look(++tick))?.metrics.get("process_cpu_usage_percent")?.min;
    await expect.poll(cpu, { interval: 200, timeout: 20_000 }).toBeGreaterThan(5);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(await look(++tick)).toBeUndefined();
    files.close();
  });
});
