/** Commands inside a container of an engine. */
import type {
  ContainerCommand,
  ContainerSignal,
  ExecOptions,
  ExecSession,
  Termination,
  WindowSize,
} from "../../../containerizer.ts";
import { exitedWith } from "../../../wait_status.ts";
import { heldBack } from "../../launcher/web_streams.ts";
import { Obstacle } from "../failures.ts";
import { argvOf } from "../oci/commands.ts";
import { signalQuietly } from "../processes.ts";
import { type ExecAnswer, readAnswer } from "./answers.ts";
import type { DockerEngine } from "./engine.ts";
import { Demultiplexer } from "./multiplex.ts";

/** Options of {@linkcode execInside}. */
export interface ExecInsideOptions {
  readonly dockerId: string;
  readonly command: ContainerCommand;
  readonly environment: Readonly<Record<string, string>>;
  /** "uid:gid" or a name that the image knows; absent: the container's own. */
  readonly user?: string;
  readonly options: ExecOptions;
}

/** What runtimes say when a program is not there, as shells do. */
const NOT_FOUND: ReadonlySet<number> = new Set([126, 127]);
const ENDING_MS_MAX = 5_000;
const LOOK_MS = 20;

/** Start a command; its streams are open. */
export async function execInside(
  engine: DockerEngine,
  { dockerId, command, environment, user, options }: ExecInsideOptions,
): Promise<ExecSession & { kill(): void }> {
  const { tty } = options;
  const argv = argvOf(command);
  const created = await engine.json({
    method: "POST",
    path: `/containers/${dockerId}/exec`,
    body: {
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
      Tty: tty !== undefined,
      Cmd: argv,
      Env: Object.entries(environment).map(([name, value]) => `${name}=${value}`),
      ...(user === undefined ? {} : { User: user }),
      ...(tty === undefined ? {} : { ConsoleSize: [tty.rows, tty.columns] }),
    },
  });
  const { Id: id } = readAnswer((a) => a.Created, created);
  const { socket, head } = await engine.upgrade({
    method: "POST",
    path: `/exec/${id}/start`,
    body: { Detach: false, Tty: tty !== undefined },
    timeoutMs: 0,
  });
  const look = async () =>
    readAnswer((a) => a.Exec, await engine.json({ method: "GET", path: `/exec/${id}/json` }));
  const [stdout, stderr] = [heldBack(socket), heldBack(socket)];
  const demultiplexer = new Demultiplexer();
  const take = (bytes: Buffer) => {
    if (tty !== undefined) stdout.push(bytes);
    else {
      for (const piece of demultiplexer.push(bytes)) {
        (piece.stream === "stdout" ? stdout : stderr).push(piece.bytes);
      }
    }
  };
  const over = new Promise<void>((resolve) => {
    socket.once("end", resolve);
    socket.once("close", () => resolve());
  });
  socket.on("error", () => socket.destroy());
  socket.on("data", take);
  if (head.length > 0) take(head);
  let pid = 0;
  const ended = over.then(async (): Promise<Termination> => {
    stdout.end();
    stderr.end();
    socket.destroy();
    const deadlineMs = Date.now() + ENDING_MS_MAX;
    for (;;) {
      const state = await look().catch(() => undefined);
      if (state === undefined) break;
      const { ExitCode: code } = state;
      if (state.Running !== true && typeof code === "number")
        return { waitStatus: exitedWith(code) };
      if (Date.now() > deadlineMs) break;
      await new Promise((done) => setTimeout(done, LOOK_MS));
    }
    return { message: "the engine does not say how it ended" };
  });
  const send = (signal: ContainerSignal) => {
    if (pid > 0) signalQuietly(pid, signal);
  };
  pid = await started(look, over, argv[0] ?? "");
  const resize = async ({ rows, columns }: WindowSize) => {
    if (tty === undefined) return;
    await engine.json({
      method: "POST",
      path: `/exec/${id}/resize`,
      query: { h: rows, w: columns },
    });
  };
  if (tty !== undefined) await resize(tty).catch(() => undefined);
  return {
    stdin: new WritableStream<Uint8Array>({
      write: (bytes) =>
        new Promise((resolve) => {
          if (socket.destroyed || socket.write(bytes)) resolve();
          else {
            socket.once("drain", resolve);
            socket.once("close", () => resolve());
          }
        }),
      close: () => {
        socket.end();
      },
    }),
    stdout: stdout.stream,
    stderr: stderr.stream,
    ended,
    resize,
    signal: async (signal) => send(signal),
    kill: () => {
      send("SIGKILL");
      // Its descendants may keep the connection open.
      setTimeout(() => socket.destroy(), LOOK_MS * 10).unref();
    },
  };
}

/** The command's number on the host, once it runs. */
async function started(
  look: () => Promise<ExecAnswer>,
  over: Promise<void>,
  name: string,
): Promise<number> {
  let ended = false;
  void over.then(() => {
    ended = true;
  });
  const deadlineMs = Date.now() + ENDING_MS_MAX;
  for (;;) {
    const last = ended;
    const state = await look();
    if (typeof state.Pid === "number" && state.Pid > 0) return state.Pid;
    if (last) {
      const code = state.ExitCode ?? 0;
      if (NOT_FOUND.has(code)) throw new Obstacle(`${name} is not there or cannot be executed`);
      return 0;
    }
    if (Date.now() > deadlineMs) return 0;
    await new Promise((done) => setTimeout(done, LOOK_MS));
  }
}
