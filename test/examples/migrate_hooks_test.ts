/** Hooks are whole or not at all: what a shell has started ends with it. */

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { runHook } from "../../examples/migrate/hooks.ts";
import { codeOf } from "../zookeeper/conformance.ts";

test("an abort ends what the hook has started, too", async () => {
  const folder = await mkdtemp(join(tmpdir(), "fairlead-hook-"));
  try {
    const ending = new AbortController();
    const [begun, late] = [join(folder, "begun"), join(folder, "late")];
    const command = `(echo yes > ${begun}; sleep 2; echo yes > ${late}) & wait`;
    const hook = codeOf(runHook("drain", command, ending.signal));
    for (let turn = 0; turn < 200; turn += 1) {
      if ((await readFile(begun, "utf8").catch(() => "")) !== "") break;
      await sleep(20);
    }
    ending.abort();
    expect(await hook).toBe("hook_failed");
    await sleep(2_500);
    expect(await readFile(late, "utf8").catch(() => "")).toBe("");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("what a hook ends with is said, and its variables are there", async () => {
  const { signal } = new AbortController();
  await runHook("shift", 'test "$SERVERS" = a:1', signal, { SERVERS: "a:1" });
  await expect(runHook("drain", "exit 7", signal)).rejects.toThrow(
    "the hook drain: it ended with 7",
  );
});
