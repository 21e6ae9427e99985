import { describe, expect, test } from "vitest";
import { ProcFiles } from "../../../../src/probe/node/proc/files.ts";
import { NamespaceTables } from "../../../../src/probe/node/proc/namespace_tables.ts";
import { ProcessTable } from "../../../../src/probe/node/proc/process_table.ts";
import { ProcTree } from "../../support/proc_tree.ts";

const row = (inode: number) =>
  `   0: 0100007F:1F90 0100007F:C001 01 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1\n`;

describe("NamespaceTables", () => {
  test("reads each namespace once, through any process of it that is still there", async () => {
    using tree = new ProcTree();
    tree.add(10, { namespace: "1" });
    tree.add(11, { namespace: "1" });
    tree.add(12, { namespace: "2" });
    tree.write("11/net/tcp", `head\n${row(5)}`);
    tree.write("12/net/tcp6", `head\n${row(6)}`);
    const files = new ProcFiles(tree.root);
    const table = new ProcessTable(files);
    await table.refresh(1);
    const tables = new NamespaceTables(files, { rowsMax: 10, readMs: 1_000 });
    expect(tables.read(table.processes)).toBe(true);
    const inodes = tables.scans.map(({ id, tables: found }) => [
      id,
      found.flatMap(({ connections }) => connections.map(({ inode }) => inode)),
    ]);
    expect(inodes).toEqual([
      ["1", [5]],
      ["2", [6]],
    ]);
  });

  test("reads as many as the time allows, and comes to all of them in turn", async () => {
    using tree = new ProcTree();
    for (const pid of [10, 11, 12]) {
      tree.add(pid, { namespace: String(pid) });
      tree.write(`${pid}/net/tcp`, `head\n${row(pid)}`);
    }
    const files = new ProcFiles(tree.root);
    const table = new ProcessTable(files);
    await table.refresh(1);
    let [nowMs, spentMs] = [0, 0];
    const tables = new NamespaceTables(files, {
      rowsMax: 10,
      readMs: 100,
      nowMs: () => nowMs,
      usedMs: () => {
        spentMs += 200;
        return spentMs;
      },
    });
    const found: number[] = [];
    const reads: boolean[] = [];
    for (; nowMs <= 20_000; nowMs += 1_000) {
      reads.push(tables.read(table.processes));
      found.push(tables.scans.flatMap((scan) => scan.tables.flatMap((t) => t.connections)).length);
    }
    expect(reads.slice(0, 6)).toEqual([true, false, true, false, true, false]);
    expect(found[0]).toBe(1);
    expect(found.at(-1)).toBe(3);
    files.close();
  });

  test("gives the very same list while nothing changes", async () => {
    using tree = new ProcTree();
    tree.add(10, { namespace: "1" });
    tree.write("10/net/tcp", `head\n${row(5)}`);
    const files = new ProcFiles(tree.root);
    const table = new ProcessTable(files);
    await table.refresh(1);
    const tables = new NamespaceTables(files, { rowsMax: 10, readMs: 1_000, usedMs: () => 0 });
    tables.read(table.processes);
    const { scans } = tables;
    expect(tables.read(table.processes)).toBe(true);
    expect(tables.scans).toBe(scans);
    tree.write("10/net/tcp", `head\n${row(6)}`);
    tables.read(table.processes);
    expect(tables.scans[0]?.tables[0]?.connections[0]?.inode).toBe(6);
    files.close();
  });
});
