/**
 * What an agent asks of its launcher. Requests carry a `seq` that their answer repeats; `ended`
 * comes by itself. A connection that asks for a `session` is that session's from then on.
 */

/** Raised when either side would not understand the other. */
export const PROTOCOL_VERSION = 1;

/** The socket's name in the folder of a launcher. */
export const SOCKET_NAME = "launcher.sock";

/** What is executed, to the letter. */
export interface Program {
  /** An absolute path. */
  readonly path: string;
  /** The whole argv, its first the program's name for itself. */
  readonly argv: readonly string[];
  /** All of it. */
  readonly environment: Readonly<Record<string, string>>;
  /** The working folder. */
  readonly folder: string;
}

/** A user by number. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Where an output stream goes. */
export interface LogSpec {
  readonly path: string;
  /** Of one file. */
  readonly bytesMax: number;
  /** The current one included. */
  readonly filesMax: number;
}

/** A terminal's size in characters. */
export interface TerminalSize {
  readonly rows: number;
  readonly columns: number;
}

/** A process that is kept: it outlives the agent, its output is logged, its end is remembered. */
export interface StartSpec {
  readonly id: string;
  readonly program: Program;
  readonly stdout: LogSpec;
  readonly stderr: LogSpec;
  /** Whom the logs belong to, and who may open /dev/stdout; absent: the launcher's own user. */
  readonly owner?: Owner;
  /** Given a terminal; then stdout has all output. */
  readonly terminal?: TerminalSize;
}

/** A process that ends with the connection that asked for it. */
export interface SessionSpec {
  readonly id: string;
  readonly program: Program;
  /** Who may open its streams by name, as /dev/stdout; absent: the launcher's own user. */
  readonly owner?: Owner;
  readonly terminal?: TerminalSize;
}

/** A short helper command. */
export interface RunSpec {
  readonly program: Program;
  readonly timeoutMs: number;
  /** Of stdout and stderr, each. */
  readonly outputBytesMax: number;
}

/** A process on this machine since its boot: numbers are used again, start times are not. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks after boot; 0 where the system does not tell. */
  readonly startTicks: number;
}

/** What a launcher knows of an id. */
export type ProcessState =
  | ({ readonly status: "running" } & ProcessIdentity)
  /** `waitStatus` is absent when the launcher that was its parent died before it. */
  | { readonly status: "ended"; readonly waitStatus?: number }
  | { readonly status: "unknown" };

/** How a helper command ended. */
export interface RunResult {
  readonly waitStatus: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
}

/** The body of a request. */
export type LauncherCall =
  | { readonly op: "hello"; readonly version: number }
  | ({ readonly op: "start" } & StartSpec)
  | { readonly op: "state"; readonly id: string }
  | { readonly op: "list" }
  /** To a kept process or a session; `group`: to its whole process group. */
  | {
      readonly op: "signal";
      readonly id: string;
      readonly signal: number;
      readonly group: boolean;
    }
  | { readonly op: "resize"; readonly id: string; readonly size: TerminalSize }
  /** Close the logs of an ended process and remember it no more. */
  | { readonly op: "forget"; readonly id: string }
  | ({ readonly op: "run" } & RunSpec)
  | ({ readonly op: "session" } & SessionSpec);

/** What each request is answered with. */
export interface LauncherAnswers {
  readonly hello: { readonly version: number; readonly pid: number };
  readonly start: ProcessIdentity;
  readonly state: ProcessState;
  readonly list: readonly string[];
  /** Whether there was somebody to get it. */
  readonly signal: boolean;
  readonly resize: boolean;
  readonly forget: boolean;
  readonly run: RunResult;
  readonly session: ProcessIdentity;
}

export type LauncherRequest = { readonly seq: number } & LauncherCall;

/** Why a request failed. */
export interface LauncherFailure {
  /** `ENOENT` and the like, or `invalid`. */
  readonly code: string;
  readonly message: string;
}

/** What a launcher says. */
export type LauncherMessage =
  | { readonly seq: number; readonly ok: unknown }
  | { readonly seq: number; readonly error: LauncherFailure }
  | { readonly ended: string; readonly waitStatus?: number };
