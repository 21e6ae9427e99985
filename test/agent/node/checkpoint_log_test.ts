import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CheckpointLog } from "../../../src/agent/node/checkpoint_log.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "fairlead-checkpoints-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function contents(log: CheckpointLog): Record<string, unknown> {
  return Object.fromEntries(Array.from(log.entries(), ({ path, value }) => [path, value]));
}

async function logFile(): Promise<string> {
  const [name] = (await readdir(folder)).filter((each) => each.endsWith(".log"));
  return join(folder, name ?? "");
}

describe("CheckpointLog", () => {
  test("keeps what was flushed, the last value of each path, and nothing forgotten", async () => {
    {
      await using log = await CheckpointLog.open(folder);
      log.put("tasks/f/a", { n: 1 });
      log.put("tasks/f/b", { n: 2 });
      await log.flush();
      log.put("tasks/f/a", { n: 3, list: [1, "two", null] });
      log.delete("tasks/f/b");
      await log.flush();
      expect(contents(log)).toEqual({ "tasks/f/a": { n: 3, list: [1, "two", null] } });
    }
    await using again = await CheckpointLog.open(folder);
    expect(again.damaged).toBeUndefined();
    expect(contents(again)).toEqual({ "tasks/f/a": { n: 3, list: [1, "two", null] } });
    expect(await readdir(folder)).toHaveLength(1);
  });

  test("drops a frame that a crash cut off, as a whole", async () => {
    const log = await CheckpointLog.open(folder);
    log.put("a", 1);
    await log.flush();
    const before = await readFile(await logFile());
    log.put("a", 2);
    log.put("b", 2);
    await log.flush();
    const after = await readFile(await logFile());
    await log[Symbol.asyncDispose]();
    for (const cut of [before.length + 3, before.length + 9, after.length - 1]) {
      const file = await logFile();
      await writeFile(file, after.subarray(0, cut));
      await using again = await CheckpointLog.open(folder);
      expect(again.damaged).toBeUndefined();
      expect(contents(again)).toEqual({ a: 1 });
    }
  });

  test("sets a damaged file aside, names it, and goes on with what could be read", async () => {
    const log = await CheckpointLog.open(folder);
    log.put("a", 1);
    await log.flush();
    const good = (await readFile(await logFile())).length;
    log.put("b", "hello");
    await log.flush();
    await log[Symbol.asyncDispose]();
    const file = await logFile();
    const bytes = await readFile(file);
    bytes[good + 12] = (bytes[good + 12] ?? 0) ^ 0xff;
    await writeFile(file, bytes);
    await using again = await CheckpointLog.open(folder);
    expect(contents(again)).toEqual({ a: 1 });
    expect(again.damaged).toMatchObject({ file, keptAs: `${file}.damaged` });
    expect(await readFile(`${file}.damaged`)).toEqual(bytes);
  });

  test("what is no log at all is set aside", async () => {
    await writeFile(join(folder, "checkpoints-00000007.log"), "x".repeat(100));
    await using log = await CheckpointLog.open(folder);
    expect(log.size).toBe(0);
    expect(log.damaged?.reason).toMatch(/byte 0/);
  });

  test("is written anew when it has grown, and loses nothing on the way", async () => {
    await using log = await CheckpointLog.open(folder);
    const first = await logFile();
    const filler = "x".repeat(10_000);
    for (let round = 0; round < 60; round += 1) {
      for (let each = 0; each < 10; each += 1) log.put(`task/${each}`, { round, filler });
      await log.flush();
    }
    const last = await logFile();
    expect(last).not.toBe(first);
    expect((await readFile(last)).length).toBeLessThan(6_000_000);
    await appendFile(last, "torn");
    await using again = await CheckpointLog.open(folder);
    expect(again.size).toBe(10);
    expect(contents(again)["task/9"]).toEqual({ round: 59, filler });
  });

  test("many flushes at once share the disk's work", async () => {
    await using log = await CheckpointLog.open(folder);
    const flushes = Array.from({ length: 500 }, (_, index) => {
      log.put(`p/${index}`, index);
      return log.flush();
    });
    await Promise.all(flushes);
    await using again = await CheckpointLog.open(folder);
    expect(again.size).toBe(500);
  });

  test("a folder that cannot be is refused by name", async () => {
    await writeFile(join(folder, "file"), "");
    await expect(CheckpointLog.open(join(folder, "file", "sub"))).rejects.toMatchObject({
      code: "checkpoint_failed",
    });
  });
});
