/** One server a folder: who has it is written in it, with what shows whether he still lives. */

import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { FairleadError } from "../../../base/mod.ts";

/** Where the owner is written. */
export interface OwnerRecord {
  get(): string | undefined;
  put(owner: string): void;
  remove(): void;
  /** Run with no other process in between. */
  atomically<T>(run: () => T): T;
}

let claims = 0;

/**
 * Take a folder for this server; returns how to let it go.
 *
 * A kill leaves nothing to clean up: the next one sees that the process has ended. It holds on one
 * machine, not across machines or containers that share the folder.
 *
 * @throws {FairleadError} `store_locked`; its details name the pid.
 */
export function claim(folder: string, record: OwnerRecord): () => void {
  claims += 1;
  const owner = [process.pid, startOf(process.pid), hostname(), claims].join(" ");
  record.atomically(() => {
    const found = record.get();
    if (found !== undefined && isAlive(found)) throw locked(folder, found);
    record.put(owner);
  });
  return () =>
    record.atomically(() => {
      if (record.get() === owner) record.remove();
    });
}

function isAlive(owner: string): boolean {
  const [pid = "", started = ""] = owner.split(" ");
  if (started !== "-") return startOf(Number(pid)) === started;
  try {
    return process.kill(Number(pid), 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** When a process started, in ticks since boot; "-" where there is no such process or no /proc. */
function startOf(pid: number): string {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ")[19] ?? "-";
  } catch {
    return "-";
  }
}

function locked(folder: string, owner: string): FairleadError {
  const [pid = "", , host = ""] = owner.split(" ");
  return new FairleadError(
    "store_locked",
    `Cannot open the data of a server in ${folder}: process ${pid} on ${host} has it open`,
    { details: { path: folder, pid: Number(pid), host } },
  );
}
