/** The launcher: what it keeps, what it answers, and when it goes. */
import { createServer, type Server, type Socket } from "node:net";
import { FRAME, FrameReader, jsonFrame } from "./frames.ts";
import { Journal, type JournaledStart } from "./journal.ts";
import { adopt, type Kept, send, start } from "./kept.ts";
import { Pipes } from "./pipes.ts";
import {
  type LauncherAnswers,
  type LauncherCall,
  type LauncherMessage,
  type LauncherRequest,
  PROTOCOL_VERSION,
  type ProcessState,
  SOCKET_NAME,
  type StartSpec,
} from "./protocol.ts";
import { run } from "./run.ts";
import { openSession, type Session } from "./session.ts";
import { systemCodeOf } from "./system_errors.ts";

/** Options of {@linkcode LauncherServer}. */
export interface LauncherServerOptions {
  /** With nobody connected and nothing running, it goes after this long. */
  readonly idleMs: number;
  /** Called when it has nothing left to do. */
  readonly onIdle: () => void;
}

/** Serves one agent (and the one after it) from its working folder. */
export class LauncherServer {
  readonly #journal: Journal;
  readonly #pipes = new Pipes(".");
  readonly #kept = new Map<string, Kept>();
  readonly #starting = new Set<string>();
  readonly #sessions = new Map<string, Session>();
  readonly #connections = new Set<Socket>();
  readonly #options: LauncherServerOptions;
  readonly #server: Server;
  #idleTimer: NodeJS.Timeout | undefined;

  constructor(journalPath: string, options: LauncherServerOptions) {
    this.#options = options;
    this.#journal = new Journal(journalPath);
    this.#server = createServer((socket) => this.#connected(socket));
    for (const { start: journaled, end } of this.#journal.entries.values()) {
      if (end === undefined) this.#takeOver(journaled);
    }
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(SOCKET_NAME, resolve);
    });
    this.#considerIdle();
  }

  close(): void {
    this.#server.close();
    this.#pipes.dispose();
    this.#journal.dispose();
  }

  #takeOver(journaled: JournaledStart): void {
    const kept = adopt(journaled);
    if (kept === undefined) this.#journal.ended(journaled.id, undefined);
    else this.#keep(journaled.id, kept);
  }

  #keep(id: string, kept: Kept): void {
    this.#kept.set(id, kept);
    void kept.ended.then((waitStatus) => {
      this.#journal.ended(id, waitStatus);
      this.#tellAll({ ended: id, ...(waitStatus === undefined ? {} : { waitStatus }) });
      this.#considerIdle();
    });
  }

  #connected(socket: Socket): void {
    const reader = new FrameReader();
    let session: Session | undefined;
    this.#connections.add(socket);
    this.#considerIdle();
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      this.#connections.delete(socket);
      session?.kill();
      this.#considerIdle();
    });
    socket.on("data", (chunk: Buffer) => {
      for (const { kind, payload } of this.#framesOf(reader, chunk, socket)) {
        if (kind === FRAME.input && session !== undefined) {
          if (session.input(payload)) continue;
          socket.pause();
          session.onInputDrain(() => socket.resume());
        } else if (kind === FRAME.json) {
          const request: LauncherRequest = JSON.parse(payload.toString());
          void this.#answer(request, socket).then((opened) => {
            session ??= opened;
          });
        }
      }
    });
  }

  #framesOf(reader: FrameReader, chunk: Buffer, socket: Socket) {
    try {
      return reader.push(chunk);
    } catch (error) {
      console.error(`connection closed: ${error}`);
      socket.destroy();
      return [];
    }
  }

  /** Answer one request; gives the session when it opened one. */
  async #answer(request: LauncherRequest, socket: Socket): Promise<Session | undefined> {
    const { seq } = request;
    try {
      if (request.op === "session") {
        const session = await this.#openSession(request, socket);
        const { pid, startTicks } = session;
        tell(socket, { seq, ok: { pid, startTicks } });
        return session;
      }
      tell(socket, { seq, ok: await this.#do(request) });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      tell(socket, { seq, error: { code: systemCodeOf(error) ?? "invalid", message } });
    }
    return undefined;
  }

  async #do(
    call: Exclude<LauncherCall, { op: "session" }>,
  ): Promise<LauncherAnswers[keyof LauncherAnswers]> {
    switch (call.op) {
      case "hello":
        return { version: PROTOCOL_VERSION, pid: process.pid };
      case "start":
        return this.#start(call);
      case "state":
        return this.#state(call.id);
      case "list":
        return [...this.#journal.entries.keys()];
      case "signal": {
        const target = this.#kept.get(call.id) ?? this.#sessions.get(call.id);
        return target !== undefined && send(target, call.signal, call.group);
      }
      case "resize": {
        const target = this.#kept.get(call.id) ?? this.#sessions.get(call.id);
        return target?.resize(call.size) ?? false;
      }
      case "forget":
        return this.#forget(call.id);
      case "run":
        return run(call);
    }
  }

  async #start(spec: StartSpec): Promise<LauncherAnswers["start"]> {
    const { id, owner } = spec;
    if (this.#journal.entries.has(id) || this.#starting.has(id)) {
      throw new Error(`"${id}" is here already`);
    }
    this.#starting.add(id);
    const kept = await start(spec, this.#pipes).finally(() => this.#starting.delete(id));
    const { pid, startTicks, streams } = kept;
    this.#journal.started({
      id,
      pid,
      startTicks,
      streams,
      ...(owner === undefined ? {} : { owner }),
    });
    this.#keep(id, kept);
    return { pid, startTicks };
  }

  #state(id: string): ProcessState {
    const entry = this.#journal.entries.get(id);
    if (entry === undefined) return { status: "unknown" };
    if (entry.end !== undefined) return { status: "ended", ...entry.end };
    const { pid, startTicks } = entry.start;
    return { status: "running", pid, startTicks };
  }

  #forget(id: string): boolean {
    const entry = this.#journal.entries.get(id);
    if (entry === undefined) return false;
    if (entry.end === undefined) throw new Error(`"${id}" has not ended`);
    this.#kept.get(id)?.release();
    this.#kept.delete(id);
    this.#journal.forget(id);
    return true;
  }

  async #openSession(
    spec: Extract<LauncherCall, { op: "session" }>,
    socket: Socket,
  ): Promise<Session> {
    const session = await openSession(spec, this.#pipes, socket);
    this.#sessions.set(spec.id, session);
    socket.once("close", () => this.#sessions.delete(spec.id));
    // The connection may have ended while the command started.
    if (socket.destroyed) session.kill();
    return session;
  }

  #tellAll(message: LauncherMessage): void {
    for (const socket of this.#connections) tell(socket, message);
  }

  /** Go when nobody is here, nothing runs, and that stays so for a while. */
  #considerIdle(): void {
    clearTimeout(this.#idleTimer);
    if (this.#connections.size > 0 || this.#running()) return;
    this.#idleTimer = setTimeout(() => {
      if (this.#connections.size === 0 && !this.#running()) this.#options.onIdle();
    }, this.#options.idleMs);
  }

  #running(): boolean {
    if (this.#starting.size > 0) return true;
    for (const id of this.#kept.keys()) {
      if (this.#journal.entries.get(id)?.end === undefined) return true;
    }
    return false;
  }
}

function tell(socket: Socket, message: LauncherMessage): void {
  if (!socket.destroyed) socket.write(jsonFrame(message));
}
