/** Short helper commands, such as du(1): run, read, done. */
import { execFile } from "node:child_process";
import type { RunResult, RunSpec } from "./protocol.ts";
import { waitStatusOf } from "./spawn.ts";

/**
 * Run a command to its end.
 *
 * @throws the system's error when it cannot be started.
 */
export function run(spec: RunSpec): Promise<RunResult> {
  const { path, argv, environment, folder } = spec.program;
  return new Promise((resolve, reject) => {
    let timedOut = false;
    const child = execFile(
      path,
      argv.slice(1),
      {
        cwd: folder,
        env: { ...environment },
        maxBuffer: spec.outputBytesMax,
        encoding: "utf8",
      },
      (error, stdout, stderr) => {
        clearTimeout(timer);
        if (child.pid === undefined) {
          reject(error ?? new Error(`${path} did not start`));
          return;
        }
        const waitStatus = waitStatusOf(child.exitCode, child.signalCode);
        resolve({ waitStatus, stdout, stderr, timedOut });
      },
    );
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill("SIGKILL");
    }, spec.timeoutMs);
    child.stdin?.end();
  });
}
