/** The agent's end of the launcher. */
import type { Socket } from "node:net";
import { asyncDispose, FairleadError } from "../../../base/mod.ts";
import { connect, connectOrStart, type LauncherOptions } from "./connect.ts";
import { FrameReader, jsonFrame } from "./frames.ts";
import {
  type LauncherAnswers,
  type LauncherCall,
  type LauncherMessage,
  PROTOCOL_VERSION,
  type ProcessIdentity,
  type ProcessState,
  type RunResult,
  type RunSpec,
  type SessionSpec,
  type StartSpec,
  type TerminalSize,
} from "./protocol.ts";
import { type LauncherSession, openSession, refused } from "./session_client.ts";

/** How a kept process ended; `waitStatus` is absent when nobody could learn it. */
export interface ProcessEnd {
  readonly waitStatus?: number;
}

/** A kept process. */
export interface KeptProcess extends ProcessIdentity {
  /** Never rejects. */
  readonly ended: Promise<ProcessEnd>;
}

interface Waiting {
  readonly op: string;
  readonly resolve: (ok: unknown) => void;
  readonly reject: (error: FairleadError) => void;
}

interface Watched {
  readonly promise: Promise<ProcessEnd>;
  readonly resolve: (end: ProcessEnd) => void;
}

/** What may be asked twice when the launcher dies over it. */
const HARMLESS: ReadonlySet<LauncherCall["op"]> = new Set(["hello", "state", "list", "forget"]);
const RECONNECT_MS = 1_000;
/** How often it may be gone just when it is greeted. */
const ATTEMPTS_MAX = 5;

/**
 * A connection to the launcher of a folder.
 *
 * When the launcher dies, another one is started, which takes over what still runs; starts, signals
 * and commands under way fail with `launcher_lost`. Disposing lets go: what was started goes on.
 */
export class Launcher implements AsyncDisposable {
  readonly #options: LauncherOptions;
  readonly #waiting = new Map<number, Waiting>();
  readonly #watched = new Map<string, Watched>();
  #socket: Promise<Socket> | undefined;
  #live: Socket | undefined;
  #greeted = false;
  #sequence = 0;
  #disposed = false;

  private constructor(options: LauncherOptions) {
    this.#options = options;
  }

  /**
   * Connect to the launcher of a folder, or start it.
   *
   * @throws {FairleadError} `launcher_failed`.
   */
  static async open(options: LauncherOptions): Promise<Launcher> {
    const launcher = new Launcher(options);
    await launcher.#connected();
    return launcher;
  }

  /** The launcher's process. */
  async pid(): Promise<number> {
    return (await this.#ask({ op: "hello", version: PROTOCOL_VERSION })).pid;
  }

  /**
   * Start a process that is kept until `forget`.
   *
   * @throws {FairleadError} `launcher_refused` with the system's code in its details.
   */
  async start(spec: StartSpec): Promise<KeptProcess> {
    // Its end may come with the answer.
    const { promise: ended } = this.#watch(spec.id);
    try {
      const identity = await this.#ask({ op: "start", ...spec });
      return { ...identity, ended };
    } catch (error) {
      this.#watched.delete(spec.id);
      throw error;
    }
  }

  /** What is known of an id; watches it when it runs. */
  async find(id: string): Promise<ProcessState & { readonly ended?: Promise<ProcessEnd> }> {
    const { promise: ended, resolve } = this.#watch(id);
    const state = await this.#ask({ op: "state", id });
    if (state.status === "running") return { ...state, ended };
    this.#watched.delete(id);
    resolve(endOf(state));
    return state;
  }

  /** Everything that was started and not forgotten. */
  list(): Promise<readonly string[]> {
    return this.#ask({ op: "list" });
  }

  /** Send a signal, by its number; false: nobody was there to get it. */
  signal(id: string, signal: number, options: { readonly group: boolean }): Promise<boolean> {
    return this.#ask({ op: "signal", id, signal, group: options.group });
  }

  /** Change the size of a terminal; false: it has none. */
  resize(id: string, size: TerminalSize): Promise<boolean> {
    return this.#ask({ op: "resize", id, size });
  }

  /** Close the logs of an ended process; false: it was not known. */
  async forget(id: string): Promise<boolean> {
    const known = await this.#ask({ op: "forget", id });
    this.#watched.delete(id);
    return known;
  }

  /** Run a short command to its end. */
  run(spec: RunSpec): Promise<RunResult> {
    return this.#ask({ op: "run", ...spec });
  }

  /**
   * Start a command whose streams come here and that ends with this process.
   *
   * @throws {FairleadError} `launcher_refused` with the system's code in its details.
   */
  async session(spec: SessionSpec): Promise<LauncherSession> {
    await this.#connected();
    return openSession(await connect(this.#options.folder), spec);
  }

  async [asyncDispose](): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    const socket = await this.#socket?.catch(() => undefined);
    socket?.destroy();
  }

  #watch(id: string): Watched {
    const known = this.#watched.get(id);
    if (known !== undefined) return known;
    let settle: (end: ProcessEnd) => void = () => undefined;
    const promise = new Promise<ProcessEnd>((resolve) => {
      settle = resolve;
    });
    const watched = { promise, resolve: settle };
    this.#watched.set(id, watched);
    return watched;
  }

  async #ask<Call extends Exclude<LauncherCall, { op: "session" }>>(
    call: Call,
  ): Promise<LauncherAnswers[Call["op"]]> {
    const socket = await this.#connected();
    try {
      return await this.#send(socket, call);
    } catch (error) {
      const lost = error instanceof FairleadError && error.code === "launcher_lost";
      if (!lost || !HARMLESS.has(call.op) || this.#disposed) throw error;
      return this.#send(await this.#connected(), call);
    }
  }

  #send<Call extends LauncherCall>(
    socket: Socket,
    call: Call,
  ): Promise<LauncherAnswers[Call["op"]]> {
    return new Promise((resolve, reject) => {
      const seq = ++this.#sequence;
      // The launcher's answer to an operation has that operation's type.
      this.#waiting.set(seq, {
        op: call.op,
        resolve: (ok) => resolve(ok as LauncherAnswers[Call["op"]]),
        reject,
      });
      if (socket.destroyed) {
        this.#waiting.delete(seq);
        reject(gone(call.op));
      } else socket.write(jsonFrame({ seq, ...call }));
    });
  }

  #connected(): Promise<Socket> {
    if (this.#disposed) {
      throw new FairleadError("launcher_lost", "Cannot ask the launcher: it was let go");
    }
    this.#socket ??= this.#connect(ATTEMPTS_MAX).catch((error: unknown) => {
      this.#socket = undefined;
      throw error;
    });
    return this.#socket;
  }

  async #connect(attemptsMax: number): Promise<Socket> {
    const socket = await connectOrStart(this.#options);
    try {
      await this.#greet(socket);
      return socket;
    } catch (error) {
      // It was about to go, having had nothing to do.
      const left = error instanceof FairleadError && error.code === "launcher_lost";
      if (!left || this.#disposed || attemptsMax <= 1) throw error;
      return this.#connect(attemptsMax - 1);
    }
  }

  async #greet(socket: Socket): Promise<void> {
    this.#live = socket;
    const reader = new FrameReader();
    socket.on("data", (chunk: Buffer) => {
      for (const { payload } of reader.push(chunk)) this.#hear(JSON.parse(payload.toString()));
    });
    socket.on("error", () => socket.destroy());
    socket.once("close", () => this.#lost(socket));
    const hello = await this.#send(socket, { op: "hello", version: PROTOCOL_VERSION });
    if (hello.version !== PROTOCOL_VERSION) {
      socket.destroy();
      throw new FairleadError(
        "launcher_failed",
        `Cannot use the launcher of ${this.#options.folder}: it speaks version ${hello.version}, ` +
          `this agent ${PROTOCOL_VERSION}; it goes by itself when its tasks have ended`,
      );
    }
    await Promise.all([...this.#watched].map(([id, watched]) => this.#review(socket, id, watched)));
    this.#greeted = true;
  }

  /** What became of a process while nobody was connected. */
  async #review(socket: Socket, id: string, watched: Watched): Promise<void> {
    const state = await this.#send(socket, { op: "state", id });
    if (state.status !== "running") watched.resolve(endOf(state));
  }

  #hear(message: LauncherMessage): void {
    if ("ended" in message) {
      const { waitStatus } = message;
      this.#watched.get(message.ended)?.resolve(waitStatus === undefined ? {} : { waitStatus });
      return;
    }
    const waiting = this.#waiting.get(message.seq);
    this.#waiting.delete(message.seq);
    if (waiting === undefined) return;
    if ("ok" in message) waiting.resolve(message.ok);
    else waiting.reject(refused(waiting.op, message.error));
  }

  #lost(socket: Socket): void {
    if (this.#live !== socket) return;
    socket.destroy();
    this.#live = undefined;
    const greeted = this.#greeted;
    this.#greeted = false;
    for (const [seq, { op, reject }] of this.#waiting) {
      this.#waiting.delete(seq);
      reject(gone(op));
    }
    // Else whoever greets it tries again.
    if (!greeted) return;
    this.#socket = undefined;
    if (!this.#disposed && this.#watched.size > 0) this.#returnSoon();
  }

  /** Until there is a launcher again: ends are waited for. */
  #returnSoon(): void {
    if (this.#disposed) return;
    this.#connected().catch(() => {
      setTimeout(() => this.#returnSoon(), RECONNECT_MS).unref();
    });
  }
}

function gone(op: string): FairleadError {
  return new FairleadError("launcher_lost", `Cannot ${op}: the launcher is gone`);
}

function endOf(state: ProcessState): ProcessEnd {
  return state.status === "ended" && state.waitStatus !== undefined
    ? { waitStatus: state.waitStatus }
    : {};
}
