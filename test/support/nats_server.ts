/** A real NATS server, of Debian's package. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const PROGRAM = "/usr/sbin/nats-server";

/** Whether there is one to start. */
export function hasNats(): boolean {
  return existsSync(PROGRAM);
}

/** Install the package if it is missing; only root on a Debian can, and others do without. */
export async function installNats(): Promise<void> {
  if (hasNats() || process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) return;
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const wait = ["-o", "DPkg::Lock::Timeout=300"];
  try {
    await run("apt-get", [...wait, "update", "-qq"], { env });
    await run("apt-get", [...wait, "install", "-y", "-qq", "nats-server"], { env });
  } catch (error) {
    process.stderr.write(`Cannot install nats-server: ${String(error).slice(0, 500)}\n`);
  }
}

/** A server that runs until it is disposed; it may be stopped and started again. */
export class NatsServer implements AsyncDisposable {
  readonly url: string;
  readonly #folder: string;
  readonly #words: readonly string[];
  #child: ChildProcess | undefined;

  private constructor(port: number, folder: string, more: readonly string[]) {
    this.url = `nats://127.0.0.1:${port}`;
    this.#folder = folder;
    this.#words = ["-a", "127.0.0.1", "-p", String(port), "-P", join(folder, "pid"), ...more];
  }

  /** Start one at a free port. */
  static async start(more: readonly string[] = []): Promise<NatsServer> {
    const folder = await mkdtemp(join(tmpdir(), "fairlead-nats-"));
    const server = new NatsServer(await freePort(), folder, more);
    await server.start();
    return server;
  }

  /** Start it, and wait until it is ready. */
  async start(): Promise<void> {
    const child = spawn(PROGRAM, this.#words, { stdio: ["ignore", "ignore", "pipe"] });
    this.#child = child;
    let log = "";
    await new Promise<void>((resolve, reject) => {
      child.stderr?.on("data", (text) => {
        log += text;
        if (log.includes("Server is ready")) resolve();
      });
      child.on("exit", () => reject(new Error(`nats-server ended: ${log}`)));
    });
  }

  /** Stop it. */
  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}
