/** Example servers as processes of their own, for tests that kill them. */

import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const START_MS = 30_000;

/** A server of `examples/` that runs. */
export interface Program extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
  /** SIGKILL, and wait until it is gone. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Start `examples/NAME/main.ts`, and wait for the line `NAME URL` that it prints.
 *
 * It is started without a shell or npm between, so that a signal reaches it.
 */
export async function startProgram(name: string, flags: readonly string[]): Promise<Program> {
  const path = `${ROOT}examples/${name}/main.ts`;
  const loader = ["--import", "tsx"];
  const child = spawn(process.execPath, [...loader, path, ...flags], {
    cwd: ROOT,
    env: { ...process.env, TSX_TSCONFIG_PATH: `${ROOT}tsconfig.json` },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await exited;
  };
  try {
    const url = await firstUrl(child, name);
    return {
      url,
      pid: child.pid ?? 0,
      kill: () => end("SIGKILL"),
      stop: () => end("SIGTERM"),
      [Symbol.asyncDispose]: () => end("SIGTERM"),
    };
  } catch (error) {
    await end("SIGKILL");
    throw error;
  }
}

function firstUrl(child: ChildProcess, name: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = "";
    const fail = (why: string) => reject(new Error(`${name} ${why}: ${said.slice(-2_000)}`));
    const timer = setTimeout(() => fail("did not start"), START_MS);
    const hear = (chunk: Uint8Array) => {
      said += chunk;
      const [, url] = new RegExp(`^${name}\\s+(https?://\\S+)$`, "m").exec(said) ?? [];
      if (url === undefined) return;
      clearTimeout(timer);
      resolve(url);
    };
    child.stdout?.on("data", hear);
    child.stderr?.on("data", (chunk: Uint8Array) => {
      said += chunk;
    });
    child.once("exit", () => {
      clearTimeout(timer);
      fail("ended");
    });
  });
}
