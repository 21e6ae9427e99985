/** One agent a work folder. */
import { link, readFile, rename, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { asyncDispose, FairleadError } from "../../base/mod.ts";
import { identify, isAlive } from "./launcher/identity.ts";

const NAME = "agent.lock";
const ATTEMPTS_MAX = 5;

/**
 * Take a folder for this process, until disposed. The lock of a process that is no more is taken
 * over.
 *
 * @throws {FairleadError} `work_dir_in_use` when another agent has it, in this process or another.
 */
export async function lockFolder(folder: string): Promise<AsyncDisposable> {
  const path = join(folder, NAME);
  const mine = join(folder, `${NAME}.${process.pid}.${++sequence}`);
  await writeFile(mine, JSON.stringify({ ...identify(process.pid), sequence }), { mode: 0o600 });
  try {
    await take(folder, path, mine);
  } finally {
    await unlink(mine);
  }
  let held = true;
  return {
    [asyncDispose]: async () => {
      if (!held) return;
      held = false;
      await unlink(path);
    },
  };
}

let sequence = 0;

async function take(folder: string, path: string, mine: string): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    try {
      // A link is there whole or not at all.
      await link(mine, path);
      return;
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    }
    const holder = await holderOf(path);
    if (holder !== undefined && isAlive(holder)) {
      throw new FairleadError(
        "work_dir_in_use",
        `Cannot use ${folder}: the agent of process ${holder.pid} does`,
        { details: { folder, pid: holder.pid } },
      );
    }
    // Of several that find it stale, one moves it away; the others find nothing to move.
    await rename(path, `${mine}.stale`).then(
      () => unlink(`${mine}.stale`),
      () => undefined,
    );
  }
  throw new FairleadError("work_dir_in_use", `Cannot use ${folder}: others want it as well`, {
    details: { folder },
  });
}

async function holderOf(path: string): Promise<{ pid: number; startTicks: number } | undefined> {
  try {
    const { pid, startTicks } = JSON.parse(await readFile(path, "utf8"));
    return Number.isInteger(pid) ? { pid, startTicks: Number(startTicks) } : undefined;
  } catch {
    // Gone meanwhile, or cut short by a full disk: nobody's.
    return undefined;
  }
}
