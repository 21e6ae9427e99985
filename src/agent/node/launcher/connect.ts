/** Finding the launcher of a folder, or starting one. */
import { spawn } from "node:child_process";
import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
} from "node:fs";
import { createConnection, type Socket } from "node:net";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { FairleadError } from "../../../base/mod.ts";
import { SOCKET_NAME } from "./protocol.ts";
import { ignoreMissing, systemCodeOf } from "./system_errors.ts";

/** Options of {@linkcode Launcher.open}. */
export interface LauncherOptions {
  /** The launcher's own folder, for nobody else's eyes; made when it is not there. */
  readonly folder: string;
  /**
   * With no agent connected and nothing running, the launcher goes after this long.
   *
   * @default 60_000
   */
  readonly idleMs?: number;
  /**
   * The launcher's program.
   *
   * @default `dist/agent/launcher.js` of this package
   */
  readonly program?: string;
}

/** How long a fresh launcher may take until it answers. */
const READY_MS_MAX = 10_000;
/** The kernel takes socket paths of 107 bytes; longer ones go by the open folder. */
const SOCKET_PATH_BYTES_MAX = 107;

/**
 * Connect to the launcher of a folder; start one when there is none.
 *
 * @throws {FairleadError} `launcher_failed`.
 */
export async function connectOrStart(options: LauncherOptions): Promise<Socket> {
  prepare(options.folder);
  let failure: unknown;
  for (let attempt = 0; attempt < 5; attempt++) {
    try {
      return await connect(options.folder);
    } catch (error) {
      failure = error;
      if (!["ENOENT", "ECONNREFUSED"].includes(systemCodeOf(error) ?? "")) break;
    }
    await startLauncher(options);
  }
  throw failed(options.folder, "it does not answer", failure);
}

/** Connect once, and give up when nobody listens. */
export function connect(folder: string): Promise<Socket> {
  const { path, close } = reach(folder);
  return new Promise((resolve, reject) => {
    const socket = createConnection({ path });
    socket.once("connect", () => {
      close();
      socket.off("error", reject);
      resolve(socket);
    });
    socket.once("error", (error) => {
      close();
      reject(error);
    });
  });
}

/** A path of the socket that the kernel takes. */
function reach(folder: string): { readonly path: string; readonly close: () => void } {
  const path = join(folder, SOCKET_NAME);
  if (Buffer.byteLength(path) <= SOCKET_PATH_BYTES_MAX) return { path, close: () => undefined };
  const descriptor = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  return {
    path: `/proc/self/fd/${descriptor}/${SOCKET_NAME}`,
    close: () => closeSync(descriptor),
  };
}

/** The folder's mode is what keeps others out. */
function prepare(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid } = statSync(folder);
  const own = process.getuid?.();
  if (own === undefined || own === uid) return;
  throw failed(folder, `the folder belongs to user ${uid}, this is user ${own}`);
}

async function startLauncher(options: LauncherOptions): Promise<void> {
  const { folder, idleMs = 60_000, program = findProgram() } = options;
  const log = openSync(join(folder, "launcher.log"), "a", 0o600);
  try {
    const child = spawn(process.execPath, [...runFlags(), program, folder, String(idleMs)], {
      detached: true,
      // Nothing of the agent's environment: its secrets end here.
      env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", UV_THREADPOOL_SIZE: "8" },
      stdio: ["ignore", "pipe", log],
    });
    const see = `see ${join(folder, "launcher.log")}`;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        child.kill("SIGKILL");
        reject(failed(folder, `not ready after ${READY_MS_MAX} ms; ${see}`));
      }, READY_MS_MAX);
      child.once("error", (error) => reject(failed(folder, "its program did not start", error)));
      child.once("exit", (code) => reject(failed(folder, `it ended with ${code}; ${see}`)));
      child.stdout?.once("data", () => resolve());
      child.once("close", () => clearTimeout(timer));
      child.stdout?.once("close", () => clearTimeout(timer));
    });
    child.stdout?.destroy();
    child.removeAllListeners();
    child.unref();
  } finally {
    closeSync(log);
  }
}

/** What comes before the program's path on this runtime. */
function runFlags(): string[] {
  return "deno" in process.versions ? ["run", "--allow-all", "--quiet"] : [];
}

/** Sources and bundles lie at different depths of the package: go up to its root. */
function findProgram(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const manifest = ignoreMissing(() => readFileSync(join(folder, "package.json"), "utf8"));
    const program = join(folder, "dist", "agent", "launcher.js");
    if (manifest !== undefined && existsSync(program)) return program;
    const above = dirname(folder);
    if (above === folder) break;
    folder = above;
  }
  throw new FairleadError(
    "launcher_failed",
    "Cannot start the launcher: dist/agent/launcher.js of fairlead is not beside this code",
  );
}

function failed(folder: string, state: string, cause?: unknown): FairleadError {
  return new FairleadError("launcher_failed", `Cannot use the launcher of ${folder}: ${state}`, {
    details: { folder },
    ...(cause === undefined ? {} : { cause }),
  });
}
