import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { CgroupUsage } from "../../../../src/probe/node/cgroups/usage.ts";

class Tree {
  readonly root = mkdtempSync(join(tmpdir(), "fairlead-cgroup-"));
  readonly usage = new CgroupUsage({
    procRoot: join(this.root, "proc"),
    cgroupRoot: join(this.root, "cg"),
  });

  write(path: string, text: string): void {
    mkdirSync(join(this.root, path, ".."), { recursive: true });
    writeFileSync(join(this.root, path), text);
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true });
  }
}

describe("CgroupUsage", () => {
  test("reads version 2: usage without the cache that may be dropped", async () => {
    using tree = new Tree();
    tree.write("proc/7/cgroup", "0::/pod/c\n");
    tree.write("cg/pod/c/cpu.stat", "usage_usec 1000000\nuser_usec 1\n");
    tree.write("cg/pod/c/memory.current", "5000\n");
    tree.write("cg/pod/c/memory.max", "max\n");
    tree.write("cg/pod/c/memory.stat", "anon 1\ninactive_file 2000\n");
    expect(await tree.usage.read("c", 7)).toEqual({
      cpuPercent: undefined,
      memoryBytes: 3_000,
      memoryBytesMax: undefined,
    });
    const startNs = process.hrtime.bigint();
    await new Promise((done) => setTimeout(done, 50));
    tree.write("cg/pod/c/cpu.stat", "usage_usec 1010000\n");
    tree.write("cg/pod/c/memory.max", "9000\n");
    const use = await tree.usage.read("c", 7);
    const most = (100 * 10_000_000) / 50_000_000;
    const least = (100 * 10_000_000) / Number(process.hrtime.bigint() - startNs) / 1.5;
    expect(use?.cpuPercent).toBeGreaterThan(least);
    expect(use?.cpuPercent).toBeLessThanOrEqual(most * 1.1);
    expect(use?.memoryBytesMax).toBe(9_000);
  });

  test("reads version 1, each controller in its own hierarchy", async () => {
    using tree = new Tree();
    tree.write("proc/7/cgroup", "4:memory:/m/c\n2:cpuacct,cpu:/p/c\n0::/\n");
    tree.write("cg/cpuacct/p/c/cpuacct.usage", "5\n");
    tree.write("cg/memory/m/c/memory.usage_in_bytes", "700\n");
    tree.write("cg/memory/m/c/memory.limit_in_bytes", "9223372036854771712\n");
    tree.write("cg/memory/m/c/memory.stat", "cache 1\ntotal_inactive_file 200\n");
    expect(await tree.usage.read("c", 7)).toEqual({
      cpuPercent: undefined,
      memoryBytes: 500,
      memoryBytesMax: undefined,
    });
  });

  test("gives nothing for the root's group, for missing files and for a process that has gone", async () => {
    using tree = new Tree();
    tree.write("proc/7/cgroup", "4:memory:/\n0::/\n");
    tree.write("proc/8/cgroup", "0::/gone\n");
    for (const pid of [7, 8, 9]) expect(await tree.usage.read("c", pid)).toBeUndefined();
  });

  test("begins anew when the counter goes back, and forgets who is not kept", async () => {
    using tree = new Tree();
    tree.write("proc/7/cgroup", "0::/c\n");
    tree.write("cg/c/cpu.stat", "usage_usec 100\n");
    await tree.usage.read("c", 7);
    tree.write("cg/c/cpu.stat", "usage_usec 50\n");
    expect((await tree.usage.read("c", 7))?.cpuPercent).toBeUndefined();
    expect((await tree.usage.read("c", 7))?.cpuPercent).toBe(0);
    tree.usage.keep(new Set());
    expect((await tree.usage.read("c", 7))?.cpuPercent).toBeUndefined();
  });
});
