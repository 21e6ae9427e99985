import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { SandboxKeeper } from "../../../src/agent/node/sandbox_keeper.ts";

const DAY_MS = 86_400_000;
let workDir = "";
let nowMs = 1_800_000_000_000;
let freeRatio = async () => 1;
const troubles: string[] = [];

beforeEach(async () => {
  workDir = await mkdtemp(join(tmpdir(), "fairlead-sandboxes-"));
  nowMs = 1_800_000_000_000;
  freeRatio = async () => 1;
  troubles.length = 0;
});
afterEach(() => rm(workDir, { recursive: true, force: true }));

async function sandbox(executor: string, container: string): Promise<string> {
  const runs = join(workDir, `agents/a1/frameworks/f1/executors/${executor}/runs`);
  const folder = join(runs, container);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "stdout"), "text");
  await rm(join(runs, "latest"), { force: true });
  await symlink(folder, join(runs, "latest"));
  return folder;
}

function keeper(): SandboxKeeper {
  return new SandboxKeeper({
    workDir,
    delayMs: 7 * DAY_MS,
    freeRatioMin: 0.1,
    clock: { nowMs: () => nowMs },
    freeRatio: () => freeRatio(),
    trouble: (message) => troubles.push(message),
  });
}

describe("SandboxKeeper", () => {
  test("keeps sandboxes for their time, then removes them and the empty folders above", async () => {
    await using kept = keeper();
    const one = await sandbox("e1", "c1");
    const two = await sandbox("e2", "c2");
    kept.release(one);
    nowMs += DAY_MS;
    kept.release(two);
    nowMs += 6 * DAY_MS - 1;
    await kept.collect();
    expect([existsSync(one), existsSync(two)]).toEqual([true, true]);
    nowMs += 1;
    await kept.collect();
    expect([existsSync(one), existsSync(two)]).toEqual([false, true]);
    expect(existsSync(join(workDir, "agents/a1/frameworks/f1/executors/e1"))).toBe(false);
    nowMs += DAY_MS;
    await kept.collect();
    expect(await readdir(workDir)).toEqual([]);
    expect(troubles).toEqual([]);
  });

  test("leaves `latest` alone when a newer run has it", async () => {
    await using kept = keeper();
    const old = await sandbox("e1", "c1");
    const young = await sandbox("e1", "c2");
    kept.release(old);
    nowMs += 8 * DAY_MS;
    await kept.collect();
    expect(existsSync(old)).toBe(false);
    expect(existsSync(join(young, "../latest/stdout"))).toBe(true);
  });

  test("removes the oldest first when room is short, and no more than it must", async () => {
    await using kept = keeper();
    const folders: string[] = [];
    for (const id of ["c1", "c2", "c3"]) {
      folders.push(await sandbox(id, id));
      kept.release(folders.at(-1) ?? "");
      nowMs += 1_000;
    }
    const [first = "", second = ""] = folders;
    freeRatio = async () => (existsSync(first) ? 0.05 : 0.5);
    await kept.collect();
    expect([existsSync(first), existsSync(second)]).toEqual([false, true]);
    expect(existsSync(folders[2] ?? "")).toBe(true);
  });

  test("finds what earlier runs left, but for what lives; volumes behind links stay", async () => {
    const left = await sandbox("e1", "c1");
    const live = await sandbox("e2", "c2");
    const volume = join(workDir, "volumes/roles/eng/v1");
    await mkdir(volume, { recursive: true });
    await writeFile(join(volume, "data"), "precious");
    await symlink(volume, join(left, "data"));
    const old = new Date(nowMs - 30 * DAY_MS);
    await utimes(left, old, old);
    await utimes(live, old, old);
    await using kept = keeper();
    await kept.start(new Set(["c2"]));
    await kept.collect();
    expect([existsSync(left), existsSync(live)]).toEqual([false, true]);
    expect(existsSync(join(volume, "data"))).toBe(true);
  });
});
