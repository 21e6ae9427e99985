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
    const scans = tables.read(table.processes);
    const inodes = scans.map(({ id, tables: found }) => [
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
    const tables = new NamespaceTables(files, { rowsMax: 10, readMs: 0 });
    const found = () =>
      tables
        .read(table.processes)
        .flatMap((scan) => scan.tables.flatMap(({ connections }) => connections)).length;
    const seen = [1, 2, 3, 4, 5, 6].map(found);
    expect(seen[0]).toBe(1);
    expect(seen.at(-1)).toBe(3);
  });
});
