/**
 * Files of sandboxes for those who look from outside. A sandbox belongs to its task, which may put
 * links there to whatever it likes: what is read is what was opened, and what was opened must lie
 * in the sandbox.
 */
import { constants, type Stats } from "node:fs";
import { type FileHandle, lstat, open, readdir, readlink, realpath } from "node:fs/promises";
import { join } from "node:path";
import { systemCodeOf } from "../launcher/system_errors.ts";
import { groupNames, userNames } from "./names.ts";

/** Mesos' FileInfo. */
export interface FileInfo {
  readonly path: string;
  readonly nlink: number;
  readonly size: number;
  readonly mtime: { readonly nanoseconds: number };
  readonly mode: number;
  /** Names where the host knows them. */
  readonly uid: string;
  readonly gid: string;
}

/** Why there is nothing to show. */
export type FileRefusal = {
  readonly status: "not_found" | "forbidden" | "not_a_file" | "not_a_folder";
  readonly message: string;
};

/** A folder's files, by name; at most `entriesMax` of them. */
export type Listing =
  | { readonly status: "ok"; readonly files: readonly FileInfo[]; readonly complete: boolean }
  | FileRefusal;

/** A piece of a file. */
export type Piece =
  | { readonly status: "ok"; readonly size: number; readonly data: Uint8Array }
  | FileRefusal;

/** What may be looked at. */
export interface FileScope {
  /** The sandbox; paths are relative to it. */
  readonly root: string;
  /** Folders that its links may lead to: persistent volumes. */
  readonly others?: readonly string[];
}

/** Mesos gives 16 pages at most; readers go on from where they are. */
const PIECE_BYTES_MAX = 2 ** 20;
const ENTRIES_MAX = 10_000;

/** List a folder. Links are listed as what they are, and not followed. */
export async function listFiles(scope: FileScope, path: string): Promise<Listing> {
  const opened = await openInside(scope, path, constants.O_DIRECTORY);
  if (!("handle" in opened)) return opened;
  try {
    // The folder that was opened, whatever its name leads to by now.
    const folder = `/proc/self/fd/${opened.handle.fd}`;
    const names = (await readdir(folder).catch(() => readdir(opened.real))).sort();
    const users = await userNames();
    const groups = await groupNames();
    const files: FileInfo[] = [];
    for (const name of names.slice(0, ENTRIES_MAX)) {
      const stats = await lstat(join(opened.real, name)).catch(() => undefined);
      if (stats !== undefined) files.push(infoOf(join(path, name), stats, users, groups));
    }
    return { status: "ok", files, complete: names.length <= ENTRIES_MAX };
  } finally {
    await opened.handle.close();
  }
}

/**
 * Read a piece of a file.
 *
 * @param range.offset Where to begin; past the end there is nothing to read.
 * @param range.length How much; at most 1 MiB is given at once.
 */
export async function readPiece(
  scope: FileScope,
  path: string,
  range: { readonly offset: number; readonly length?: number },
): Promise<Piece> {
  const opened = await openInside(scope, path, 0);
  if (!("handle" in opened)) return opened;
  try {
    const { size } = opened.stats;
    if (!opened.stats.isFile()) return refusal("not_a_file", path);
    const offset = Math.max(Math.floor(range.offset), 0);
    const wanted = Math.min(range.length ?? PIECE_BYTES_MAX, PIECE_BYTES_MAX, size - offset);
    if (wanted <= 0) return { status: "ok", size, data: new Uint8Array() };
    const buffer = new Uint8Array(wanted);
    const { bytesRead } = await opened.handle.read(buffer, 0, wanted, offset);
    return { status: "ok", size, data: buffer.subarray(0, bytesRead) };
  } finally {
    await opened.handle.close();
  }
}

interface Opened {
  readonly handle: FileHandle;
  readonly stats: Stats;
  /** What was opened, without links. */
  readonly real: string;
}

async function openInside(
  scope: FileScope,
  path: string,
  flags: number,
): Promise<Opened | FileRefusal> {
  if (path.includes("\0") || path.split("/").includes("..")) return refusal("forbidden", path);
  try {
    const roots = await Promise.all(
      [scope.root, ...(scope.others ?? [])].map((each) => realpath(each)),
    );
    const wanted = await realpath(join(scope.root, path));
    if (!roots.some((root) => isWithin(root, wanted))) return refusal("forbidden", path);
    const kind = await lstat(wanted);
    if (flags === 0 && !kind.isFile()) return refusal("not_a_file", path);
    // Neither waits for a writer nor follows a link that was put there meanwhile.
    const mode = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW | flags;
    const handle = await open(wanted, mode);
    const real = await realPathOf(handle, wanted);
    if (roots.some((root) => isWithin(root, real)))
      return { handle, stats: await handle.stat(), real };
    await handle.close();
    return refusal("forbidden", path);
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === "ENOTDIR" && flags !== 0) return refusal("not_a_folder", path);
    if (code === "ENOENT" || code === "ENOTDIR" || code === "ENAMETOOLONG")
      return refusal("not_found", path);
    if (code === "EACCES" || code === "EPERM" || code === "ELOOP")
      return refusal("forbidden", path);
    throw error;
  }
}

/** Where an open file lies: folders on the way may have become links since they were looked at. */
async function realPathOf(handle: FileHandle, wanted: string): Promise<string> {
  try {
    return await readlink(`/proc/self/fd/${handle.fd}`);
  } catch {
    // No /proc: it must still be the one that the name leads to.
    const [now, opened] = [await lstat(wanted), await handle.stat()];
    return now.ino === opened.ino && now.dev === opened.dev ? await realpath(wanted) : "";
  }
}

function isWithin(root: string, path: string): boolean {
  return path === root || path.startsWith(root === "/" ? root : `${root}/`);
}

function infoOf(
  path: string,
  stats: Stats,
  users: ReadonlyMap<number, string>,
  groups: ReadonlyMap<number, string>,
): FileInfo {
  return {
    path,
    nlink: stats.nlink,
    size: stats.size,
    mtime: { nanoseconds: Math.round(stats.mtimeMs * 1e6) },
    mode: stats.mode,
    uid: users.get(stats.uid) ?? String(stats.uid),
    gid: groups.get(stats.gid) ?? String(stats.gid),
  };
}

const WORDS = {
  not_found: "there is nothing at",
  forbidden: "nothing may be shown of",
  not_a_file: "this is no file:",
  not_a_folder: "this is no folder:",
} as const;

function refusal(status: FileRefusal["status"], path: string): FileRefusal {
  return { status, message: `${WORDS[status]} ${path}` };
}
