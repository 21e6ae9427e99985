/** The processes of a soak: a collector that goes and comes, and the probe that must not. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { createServer, request } from "node:http";
import { createServer as listenTcp, type Server, type Socket } from "node:net";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const TSX = `${ROOT}node_modules/tsx/dist/loader.mjs`;

function start(program: string, words: readonly string[], output: "ignore" | number): ChildProcess {
  const file = `${ROOT}test/soak/${program}.ts`;
  return spawn(process.execPath, ["--import", TSX, file, ...words], {
    cwd: ROOT,
    env: { ...process.env, NODE_OPTIONS: "", TSX_TSCONFIG_PATH: `${ROOT}tsconfig.json` },
    stdio: ["ignore", output, output === "ignore" ? "inherit" : output, "ipc"],
  });
}

/** A real collector, always at the same port. */
export class CollectorProcess {
  #child: ChildProcess | undefined;
  #port = 0;

  get port(): number {
    return this.#port;
  }

  /** Resolves once it listens. */
  async start(): Promise<void> {
    const child = start("collector", [String(this.#port)], "ignore");
    this.#child = child;
    const [{ listens }] = await once(child, "message");
    this.#port = listens;
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }

  freeze(isFrozen: boolean): void {
    this.#child?.kill(isFrozen ? "SIGSTOP" : "SIGCONT");
  }
}

/** Stands before the collector and notes when it took a report. */
export async function openGate(collector: CollectorProcess, onTaken: () => void) {
  const server = createServer((asked, answer) => {
    const { method, url, headers } = asked;
    const forwarded = request({
      port: collector.port,
      host: "127.0.0.1",
      method,
      path: url,
      headers,
    });
    forwarded.on("response", (response) => {
      if (url === "/api/report" && response.statusCode === 200) onTaken();
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(answer);
    });
    forwarded.on("error", () => answer.destroy());
    answer.on("close", () => forwarded.destroy());
    asked.pipe(forwarded);
  });
  return { port: await listening(server.listen(0, "127.0.0.1")), close: () => server.close() };
}

/** A runtime's socket that lists no containers, or says nothing at all. */
export async function openRuntime(path: string) {
  let isHung = false;
  const held = new Set<Socket>();
  const body = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n[]";
  const server = listenTcp((socket) => {
    held.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => held.delete(socket));
    socket.on("data", () => isHung || socket.end(body));
  }).listen(path);
  await once(server, "listening");
  return {
    hang(hangs: boolean): void {
      isHung = hangs;
      if (!hangs) for (const socket of held) socket.destroy();
    },
    close: () => server.close(),
  };
}

/** The probe; whatever it writes finds no space. */
export async function startProbeProcess(collectors: readonly string[], docker: string) {
  const full = openSync("/dev/full", "w");
  const child = start("probe", [collectors.join(","), docker], full);
  closeSync(full);
  await once(child, "message");
  return {
    pid: child.pid ?? 0,
    gone: once(child, "exit"),
    setClock: (offsetMs: number) => void (child.connected && child.send(offsetMs)),
    kill: () => void child.kill("SIGKILL"),
  };
}

function port(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

async function listening(server: Server): Promise<number> {
  await once(server, "listening");
  return port(server);
}
