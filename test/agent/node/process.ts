/** Agents in processes of their own: see child.ts. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const CHILD = fileURLToPath(new URL("./child.ts", import.meta.url));

export interface AgentProcess {
  readonly process: ChildProcess;
  /** Where its API is. */
  readonly url: string;
  /** As `kill -9` does it. */
  kill(): Promise<void>;
  /** End it and all its tasks. */
  end(): Promise<void>;
}

export async function startAgent(master: string, workDir: string): Promise<AgentProcess> {
  const child = spawn(process.execPath, ["--import", "tsx", CHILD, master, workDir], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const { value: url = "" } = await lines.next();
  const signal = async (name: "SIGKILL" | "SIGTERM") => {
    child.kill(name);
    await exited;
  };
  return {
    process: child,
    url,
    kill: () => signal("SIGKILL"),
    end: () => signal("SIGTERM"),
  };
}
