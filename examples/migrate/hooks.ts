/** Commands of the operator's at the turns of a cutover. */
import { spawn } from "node:child_process";
import { FairleadError } from "fairlead/base";
import type { Hooks } from "fairlead/migration";
import type { MigrateConfig } from "./config.ts";

/** The hooks that a configuration has commands for. */
export function hooksOf({ hooks }: MigrateConfig): Hooks {
  const made = Object.entries(hooks).flatMap(([name, command]) =>
    command === undefined ? [] : [[name, (signal: AbortSignal) => runHook(name, command, signal)]],
  );
  return Object.fromEntries(made);
}

/** @throws {FairleadError} `hook_failed`. */
export function runHook(
  name: string,
  command: string,
  signal: AbortSignal,
  variables: Readonly<Record<string, string>> = {},
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn("sh", ["-c", command], {
      stdio: ["ignore", "inherit", "inherit"],
      env: { ...process.env, ...variables },
      // A group of its own: what the shell has started ends with it.
      detached: true,
    });
    const end = () => endGroup(child.pid);
    if (signal.aborted) end();
    signal.addEventListener("abort", end, { once: true });
    const fail = (why: string, cause?: unknown) => {
      const message = `Cannot go on behind the hook ${name}: ${why}`;
      reject(new FairleadError("hook_failed", message, { cause }));
    };
    child.once("error", (error) => fail(error.message, error));
    child.once("exit", (code, killedBy) => {
      signal.removeEventListener("abort", end);
      if (code === 0) resolve();
      else fail(code === null ? `it was ended by ${killedBy}` : `it ended with ${code}`);
    });
  });
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGTERM");
  } catch {
    // It has ended already.
  }
}
