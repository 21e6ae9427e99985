/** Child processes with an embedded store: see child.ts. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const CHILD = fileURLToPath(new URL("./child.ts", import.meta.url));

/** A child and its lines. */
export interface Child {
  readonly process: ChildProcess;
  readonly lines: AsyncIterator<string>;
  /** Everything it said until it ended. */
  rest(): Promise<string[]>;
  kill(): Promise<void>;
}

/** @param shell What to do before, such as `ulimit -f 4000`. */
export function startChild(path: string, act: string, shell = "true"): Child {
  const run = `${shell}; exec "${process.execPath}" --import tsx "${CHILD}" "${path}" ${act}`;
  const child = spawn("bash", ["-c", run], { stdio: ["ignore", "pipe", "ignore"] });
  const exited = once(child, "exit");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    process: child,
    lines,
    async rest() {
      const said: string[] = [];
      for (let next = await lines.next(); !next.done; next = await lines.next()) {
        said.push(next.value);
      }
      await exited;
      return said;
    },
    async kill() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}
