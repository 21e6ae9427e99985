/** Starting one program, to the letter. */
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { identify } from "./identity.ts";
import type { ProcessIdentity, Program } from "./protocol.ts";

/** A program that runs. */
export interface Spawned extends ProcessIdentity {
  /** Resolves with what wait(2) gives; never rejects. */
  readonly exit: Promise<number>;
}

/**
 * Start a program in a session and process group of its own.
 *
 * @param stdio What it gets as stdin, stdout and stderr: descriptors, or nothing at all.
 * @throws the system's error, such as `ENOENT`.
 */
export async function spawnProgram(
  program: Program,
  stdio: readonly (number | "ignore")[],
): Promise<Spawned> {
  const [name, ...args] = program.argv;
  const child = spawn(program.path, args, {
    ...(name === undefined ? {} : { argv0: name }),
    cwd: program.folder,
    env: { ...program.environment },
    detached: true,
    stdio: [...stdio],
  });
  const exit = new Promise<number>((resolve) => {
    child.once("exit", (code, signal) => resolve(waitStatusOf(code, signal)));
  });
  const pid = await new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    if (child.pid !== undefined) resolve(child.pid);
  });
  return { ...identify(pid), exit };
}

/** Pack what Node gives of an exit. */
export function waitStatusOf(code: number | null, signal: NodeJS.Signals | null): number {
  return signal === null ? (code ?? 0) << 8 : (constants.signals[signal] ?? 9);
}
