/** One process a folder: who holds it is written in it, and a socket shows that he lives. */
import { randomUUID } from "node:crypto";
import { readFileSync, rmSync, statSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { hostname, platform, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { FairleadError } from "../../base/mod.ts";

const KEY = "owner";
const ATTEMPTS_MAX = 10;
/** Shortest limit of a socket's path among platforms, with room for its end. */
const SOCKET_PATH_BYTES_MAX = 100;

/** Where the owner is written: a value that processes can compare and set. */
export interface OwnerBook {
  get(key: string): unknown;
  exchange(key: string, isExpected: (found: unknown) => boolean, value: unknown): boolean;
}

interface Owner {
  readonly token: string;
  readonly pid: number;
  readonly host: string;
  /** The name of a socket that this process listens on, in the folder or absolute. */
  readonly socket: string;
  /** When the process started, as the kernel counts; "" where it does not say. */
  readonly started: string;
  /** Device and number of the folder: a copy of it is nobody's. */
  readonly folder: string;
}

/** A folder that is held. */
export interface FolderLock {
  release(): Promise<void>;
}

/**
 * Take a folder for this process.
 *
 * A kill leaves nothing to clean up: the kernel closes the socket, and the next process sees that
 * nobody listens. It holds across containers that share the folder on one machine, not across
 * machines that share it over a network.
 *
 * @throws {FairleadError} `store_locked`; its details name the pid and the host.
 */
export async function lockFolder(folder: string, book: OwnerBook): Promise<FolderLock> {
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
    const found = readOwner(book.get(KEY));
    if (found !== undefined && (await isHeld(folder, found))) throw locked(folder, found);
    const held = await tryLock(folder, book, found);
    if (held !== undefined) return held;
  }
  throw new FairleadError("store_locked", `Cannot lock ${folder}: others keep taking it`, {
    details: { path: folder },
  });
}

/** Listen first, then write our name over the one that was found; undefined if another did. */
async function tryLock(
  folder: string,
  book: OwnerBook,
  found: Owner | undefined,
): Promise<FolderLock | undefined> {
  const token = randomUUID();
  const { server, socket } = await listen(folder, token.slice(0, 8));
  const { pid } = process;
  const started = startOf(pid);
  const owner: Owner = { token, pid, host: hostname(), socket, started, folder: inodeOf(folder) };
  const isOurs = (value: unknown) => readOwner(value)?.token === token;
  const isFound = (value: unknown) => readOwner(value)?.token === found?.token;
  if (!book.exchange(KEY, isFound, owner)) {
    await close(server);
    return undefined;
  }
  if (found !== undefined && platform() !== "win32") {
    rmSync(resolve(folder, found.socket), { force: true });
  }
  return {
    async release() {
      try {
        book.exchange(KEY, isOurs, undefined);
      } finally {
        await close(server);
      }
    },
  };
}

async function isHeld(folder: string, owner: Owner): Promise<boolean> {
  const answer = await knock(socketPath(folder, owner.socket));
  if (answer === "refused") return false;
  if (answer === "open") return true;
  // The socket was removed, or the folder is a copy: then the process list has to do.
  if (owner.folder !== inodeOf(folder)) return false;
  return owner.started !== "" && startOf(owner.pid) === owner.started;
}

/** Whether somebody listens there; a failure of another kind counts as "yes", to be safe. */
function knock(path: string): Promise<"open" | "refused" | "missing"> {
  return new Promise((answer) => {
    const socket = connect({ path });
    socket.once("connect", () => {
      socket.destroy();
      answer("open");
    });
    socket.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ECONNREFUSED") answer("refused");
      else answer(error.code === "ENOENT" ? "missing" : "open");
    });
  });
}

/** Listen in the folder, or, where its path is too long or holds no sockets, beside it. */
async function listen(
  folder: string,
  name: string,
): Promise<{ readonly server: Server; readonly socket: string }> {
  const inside = `owner-${name}.sock`;
  const outside = join(tmpdir(), `fairlead-${name}.sock`);
  const fits = Buffer.byteLength(join(folder, inside)) <= SOCKET_PATH_BYTES_MAX;
  let cause: unknown;
  for (const socket of fits ? [inside, outside] : [outside]) {
    try {
      return { server: await listenAt(socketPath(folder, socket)), socket };
    } catch (error) {
      cause = error;
    }
  }
  throw new FairleadError("store_failed", `Cannot lock ${folder}: no socket can be made`, {
    cause,
  });
}

function listenAt(path: string): Promise<Server> {
  return new Promise((done, fail) => {
    const server = createServer((socket) => socket.destroy());
    server.once("error", fail);
    server.listen({ path }, () => done(server.unref()));
  });
}

function socketPath(folder: string, socket: string): string {
  return platform() === "win32" ? `\\\\.\\pipe\\${socket}` : resolve(folder, socket);
}

function close(server: Server): Promise<void> {
  return new Promise((done) => server.close(() => done()));
}

/** When a process started, in ticks since boot; "" where /proc does not say. */
function startOf(pid: number): string {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return ""; // No such process, or no such file system.
  }
}

function inodeOf(folder: string): string {
  const { dev, ino } = statSync(folder);
  return `${dev}:${ino}`;
}

function readOwner(value: unknown): Owner | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const read: Partial<Record<keyof Owner, unknown>> = value;
  const { token, pid } = read;
  if (typeof token !== "string" || typeof pid !== "number") return undefined;
  return {
    token,
    pid,
    host: String(read.host),
    socket: String(read.socket),
    started: String(read.started),
    folder: String(read.folder),
  };
}

function locked(folder: string, { pid, host }: Owner): FairleadError {
  return new FairleadError(
    "store_locked",
    `Cannot open the store in ${folder}: process ${pid} on ${host} has it open`,
    { details: { path: folder, pid, host } },
  );
}
