/**
 * The launcher's own process: `node launcher.js FOLDER IDLE_MS`.
 *
 * It starts the programs of one agent, because starting a program stops the world of whoever does
 * it for longer, the more memory that one has. It outlives its agent, so that the tasks' logs and
 * exit statuses are there for the next one. Who may use its socket is decided by the folder's mode.
 */
import { chmodSync, readFileSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { bootId, identify, isAlive } from "./identity.ts";
import type { ProcessIdentity } from "./protocol.ts";
import { SOCKET_NAME } from "./protocol.ts";
import { LauncherServer } from "./server.ts";
import { ignoreMissing, systemCodeOf } from "./system_errors.ts";

const LOCK_NAME = "launcher.lock";

interface Lock extends ProcessIdentity {
  readonly boot: string;
}

const [, , folder = ".", idleMs = "60000"] = process.argv;

process.umask(0o022);
process.chdir(folder);
chmodSync(".", 0o700);
for (const signal of ["SIGHUP", "SIGINT"] as const) process.on(signal, () => undefined);
process.on("uncaughtException", (error) => console.error("uncaught:", error));

if (lock()) {
  rmSync(SOCKET_NAME, { force: true });
  const server = new LauncherServer("launcher.journal", {
    idleMs: Number(idleMs),
    onIdle: () => {
      server.close();
      ignoreMissing(() => unlinkSync(LOCK_NAME));
      process.exit(0);
    },
  });
  await server.listen();
}
// Whoever started it waits for this line, whichever launcher it is that serves now.
process.stdout.write("ready\n");

/** Only one launcher serves a folder. False: another one does. */
function lock(): boolean {
  const own: Lock = { ...identify(process.pid), boot: bootId() };
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      writeFileSync(LOCK_NAME, JSON.stringify(own), { flag: "wx", mode: 0o600 });
      return true;
    } catch (error) {
      if (systemCodeOf(error) !== "EEXIST") throw error;
    }
    const holder = readLock();
    if (holder !== undefined && holder.boot === own.boot && isAlive(holder)) return false;
    ignoreMissing(() => unlinkSync(LOCK_NAME));
  }
  throw new Error(`cannot lock ${folder}`);
}

function readLock(): Lock | undefined {
  try {
    return ignoreMissing((): Lock => JSON.parse(readFileSync(LOCK_NAME, "utf8")));
  } catch {
    // Cut off while it was written: nobody holds it.
    return undefined;
  }
}
