import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ProcFiles } from "../../../../src/probe/node/proc/files.ts";
import { ProcessTable } from "../../../../src/probe/node/proc/process_table.ts";
import { ProcTree, statOf } from "../../support/proc_tree.ts";

describe("ProcessTable", () => {
  test("knows this process", async () => {
    const table = new ProcessTable(new ProcFiles());
    // Command lines of many processes may take more than one look.
    let tick = 0;
    const commandLine = async () => {
      tick += 1;
      await table.refresh(tick);
      return table.processes.get(process.pid)?.commandLine.join(" ");
    };
    await expect.poll(commandLine).toMatch(/node|vitest/);
    const own = table.processes.get(process.pid);
    expect(own?.stat.ppid).toBe(process.ppid);
    expect(own?.namespace).toMatch(/^\d+$/);
    expect(own?.openFiles).toBeGreaterThan(3);
    expect(own?.limits?.openFilesMax).toBeGreaterThan(0);
  });

  test("reads once a tick, sees who comes and goes, and who takes another's number", async () => {
    using tree = new ProcTree();
    tree.add(10, { name: "old" });
    tree.add(11);
    const table = new ProcessTable(new ProcFiles(tree.root));
    await table.refresh(1);
    tree.remove(10);
    tree.add(12);
    await table.refresh(1);
    expect([...table.processes.keys()]).toEqual([10, 11]);
    tree.add(10, { name: "new", startTicks: 99, commandLine: "/bin/new\0-x\0" });
    await table.refresh(2);
    expect([...table.processes.keys()]).toEqual([10, 11, 12]);
    expect(table.processes.get(10)?.commandLine).toEqual(["/bin/new", "-x"]);
  });

  test("looks at who rests one time in three, and each time again at who woke up", async () => {
    using tree = new ProcTree();
    tree.add(12, { cpuTicks: 1 });
    const table = new ProcessTable(new ProcFiles(tree.root));
    const looks: boolean[] = [];
    let tick = 0;
    const look = async (times: number) => {
      looks.length = 0;
      for (let at = 0; at < times; at += 1) {
        tick += 1;
        await table.refresh(tick);
        looks.push(table.processes.get(12)?.isFresh ?? false);
      }
      return [...looks];
    };
    expect(await look(6)).toEqual([true, true, true, true, true, true]);
    expect(await look(6)).toEqual([false, false, true, false, false, true]);
    tree.write("12/stat", statOf(12, { cpuTicks: 2 }));
    expect(await look(6)).toEqual([false, false, true, true, true, true]);
  });

  test("passes over entries that cannot be read", async () => {
    using tree = new ProcTree();
    tree.add(10);
    tree.add(11);
    for (const name of ["stat", "cmdline", "limits", "ns", "fd"]) {
      rmSync(join(tree.root, `11/${name}`), { recursive: true });
    }
    tree.add(12);
    for (const name of ["cmdline", "limits", "ns", "fd"]) {
      rmSync(join(tree.root, `12/${name}`), { recursive: true });
    }
    tree.write("13/stat", "nonsense");
    const table = new ProcessTable(new ProcFiles(tree.root));
    await table.refresh(1);
    expect([...table.processes.keys()]).toEqual([10, 12]);
    expect(table.processes.get(12)).toMatchObject({ commandLine: [], namespace: "" });
  });

  test("goes on without a command line that never comes", async () => {
    using tree = new ProcTree();
    for (const pid of [10, 11, 12]) tree.add(pid, { name: `n${pid}` });
    const stuck = join(tree.root, "11/cmdline");
    rmSync(stuck);
    execFileSync("mkfifo", [stuck]);
    const table = new ProcessTable(new ProcFiles(tree.root));
    for (const tick of [1, 2, 3]) await table.refresh(tick);
    expect([...table.processes.values()].map(({ commandLine }) => commandLine)).toEqual([
      ["n10"],
      [],
      ["n12"],
    ]);
    execFileSync("sh", ["-c", `: > ${stuck}`]);
  });

  test("takes no more processes than it is allowed", async () => {
    using tree = new ProcTree();
    for (const pid of [10, 11, 12]) tree.add(pid);
    const table = new ProcessTable(new ProcFiles(tree.root), { processesMax: 2 });
    await table.refresh(1);
    expect(table.processes.size).toBe(2);
  });
});
