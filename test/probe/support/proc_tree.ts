/** A folder that looks like `/proc`, for what the real one does not do on demand. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A process to put into the tree. */
export interface FakeProcess {
  readonly name?: string;
  readonly ppid?: number;
  readonly startTicks?: number;
  readonly cpuTicks?: number;
  readonly commandLine?: string;
  readonly namespace?: string;
  /** Inodes of the sockets that it holds, from descriptor 3 on. */
  readonly sockets?: readonly number[];
  readonly cgroup?: string;
}

/** The text of `/proc/PID/stat`. */
export function statOf(pid: number, process: FakeProcess = {}): string {
  const { name = "thing", ppid = 1, startTicks = 5, cpuTicks = 0 } = process;
  const zeros = "0 ".repeat(9);
  return `${pid} (${name}) S ${ppid} ${zeros}${cpuTicks} 0 0 0 20 0 1 0 ${startTicks} 4096 10 0\n`;
}

/** Makes the tree; it is removed when it is disposed. */
export class ProcTree {
  readonly root = mkdtempSync(join(tmpdir(), "fairlead-proc-"));

  write(path: string, text: string): void {
    mkdirSync(join(this.root, path, ".."), { recursive: true });
    writeFileSync(join(this.root, path), text);
  }

  add(pid: number, process: FakeProcess = {}): void {
    const { name = "thing", namespace = "42" } = process;
    this.write(`${pid}/stat`, statOf(pid, process));
    this.write(`${pid}/cmdline`, process.commandLine ?? `${name}\0`);
    this.write(`${pid}/limits`, "Max open files  64  64  files\n");
    this.write(`${pid}/cgroup`, process.cgroup ?? "0::/\n");
    mkdirSync(join(this.root, `${pid}/fd`), { recursive: true });
    mkdirSync(join(this.root, `${pid}/ns`), { recursive: true });
    symlinkSync(`net:[${namespace}]`, join(this.root, `${pid}/ns/net`));
    for (const [index, inode] of (process.sockets ?? []).entries()) {
      symlinkSync(`socket:[${inode}]`, join(this.root, `${pid}/fd/${index + 3}`));
    }
  }

  remove(pid: number): void {
    rmSync(join(this.root, String(pid)), { recursive: true });
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
