/** What a task wants in its sandbox before it starts: Mesos' URIs. */
import {
  chmod,
  constants,
  copyFile,
  lchown,
  mkdtemp,
  realpath,
  rename,
  rm,
  stat,
} from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { asyncDispose, FairleadError } from "../../../base/mod.ts";
import type { CommandInfo } from "../../../model/mod.ts";
import { InsideRoot, partsOf } from "../archives/inside.ts";
import { Obstacle } from "../containers/failures.ts";
import type { User } from "../containers/users.ts";
import type { Launcher } from "../launcher/client.ts";
import { type CachedFile, FetcherCache } from "./cache.ts";
import { download } from "./download.ts";
import { archiveKindOf, extract } from "./extract.ts";

/** One file that is wanted. */
export type FetchUri = NonNullable<CommandInfo["uris"]>[number];

/** Options of {@linkcode Fetcher}. */
export interface FetcherOptions {
  readonly launcher: Launcher;
  /** Its own: emptied at the first use. */
  readonly cacheFolder: string;
  /** @default 2 GiB */
  readonly cacheBytesMax?: number;
  /**
   * Of one file, and of what is in one archive.
   *
   * @default 32 GiB
   */
  readonly bytesMax?: number;
}

/** Where files are wanted. */
export interface FetchTo {
  /** An absolute path; it exists. */
  readonly sandbox: string;
  /** Whose the files become, and who must be able to read local ones; absent: the agent's own. */
  readonly user?: User;
  readonly signal?: AbortSignal;
}

const GIBIBYTE = 2 ** 30;
const ENTRIES_MAX = 1_000_000;

/** Fetches files into sandboxes: local paths, file, http and https. */
export class Fetcher {
  readonly #options: FetcherOptions;
  readonly #cache: FetcherCache;
  readonly #bytesMax: number;

  constructor(options: FetcherOptions) {
    this.#options = options;
    this.#bytesMax = options.bytesMax ?? 32 * GIBIBYTE;
    this.#cache = new FetcherCache({
      folder: options.cacheFolder,
      bytesMax: options.cacheBytesMax ?? 2 * GIBIBYTE,
    });
  }

  /**
   * Fetch all of them, one after the other.
   *
   * @throws {FairleadError} `fetch_failed`, naming the URI (without its password); the signal's
   * reason when it is aborted.
   */
  async fetch(uris: readonly FetchUri[], to: FetchTo): Promise<void> {
    for (const uri of uris) {
      try {
        to.signal?.throwIfAborted();
        await this.#fetchOne(uri, to);
      } catch (error) {
        if (to.signal?.aborted) throw to.signal.reason;
        throw fetchFailed(uri.value, error);
      }
    }
  }

  async #fetchOne(uri: FetchUri, to: FetchTo): Promise<void> {
    const source = sourceOf(uri.value);
    const name = uri.output_file ?? source.name;
    // Before anything is fetched for nothing.
    if (partsOf(name).length === 0) throw new Obstacle("it has no file name");
    await using got = await this.#get(uri, source, to);
    const kind = uri.executable || uri.extract === false ? undefined : archiveKindOf(name);
    if (kind !== undefined) {
      const { sandbox, user, signal } = to;
      await extract(got.path, name, kind, {
        folder: await realpath(sandbox),
        launcher: this.#options.launcher,
        links: "refuse",
        bytesMax: this.#bytesMax,
        entriesMax: ENTRIES_MAX,
        ...(user === undefined ? {} : { owner: { uid: user.uid, gid: user.gid } }),
        ...(signal === undefined ? {} : { signal }),
      });
    }
    // The archive itself stays, too, as Mesos leaves it.
    await this.#put(got, name, uri.executable === true, to);
  }

  /** The bytes, in a file that is gone when this is disposed. */
  async #get(uri: FetchUri, source: Source, to: FetchTo): Promise<Got> {
    if (source.type === "http" && uri.cache === true) {
      const cached = await this.#cached(uri.value, source.url, to.signal);
      return { path: cached.path, shared: true, [asyncDispose]: async () => cached.release() };
    }
    const folder = await mkdtemp(join(to.sandbox, ".fetch-"));
    const path = join(folder, "file");
    const dispose = () => rm(folder, { recursive: true, force: true });
    try {
      const signal = to.signal ?? new AbortController().signal;
      if (source.type === "http") {
        await download(source.url, path, { bytesMax: this.#bytesMax, signal });
      } else {
        await this.#copyLocal(source.path, folder, path, to.user);
      }
    } catch (error) {
      await dispose();
      throw error;
    }
    return { path, shared: false, [asyncDispose]: dispose };
  }

  async #cached(key: string, url: URL, signal: AbortSignal | undefined): Promise<CachedFile> {
    // Others may wait for the same file: no task's own signal ends it.
    const { signal: never } = new AbortController();
    const options = { bytesMax: this.#bytesMax, signal: never };
    const file = this.#cache.get(key, (path) => download(url, path, options));
    try {
      return await orAborted(file, signal);
    } catch (error) {
      file.then(
        (unwanted) => unwanted.release(),
        () => undefined,
      );
      throw error;
    }
  }

  /** Read as the user of the task: the agent may read more than its tasks. */
  async #copyLocal(
    from: string,
    folder: string,
    to: string,
    user: User | undefined,
  ): Promise<void> {
    if (user === undefined) {
      const stats = await stat(from).catch(() => undefined);
      if (stats === undefined) throw new Obstacle("there is no such file");
      if (!stats.isFile()) throw new Obstacle("it is no file");
      await copyFile(from, to, constants.COPYFILE_FICLONE);
      return;
    }
    await lchown(folder, user.uid, user.gid);
    const groups = user.groups.length > 0 ? `--groups=${user.groups.join(",")}` : "--clear-groups";
    const ids = [`--reuid=${user.uid}`, `--regid=${user.gid}`, groups];
    const { waitStatus, stderr } = await this.#options.launcher.run({
      program: {
        path: "/bin/sh",
        argv: ["sh", "-c", 'exec setpriv "$@"', "sh", ...ids, "cp", "--", from, to],
        environment: { PATH: "/usr/local/bin:/usr/bin:/bin" },
        folder: "/",
      },
      timeoutMs: 600_000,
      outputBytesMax: 10_000,
    });
    if (waitStatus !== 0) throw new Obstacle(`"${user.name}" cannot copy it: ${stderr.trim()}`);
  }

  async #put(got: Got, name: string, executable: boolean, to: FetchTo): Promise<void> {
    const target = await new InsideRoot(await realpath(to.sandbox), "refuse").place(name);
    await rm(target, { recursive: true, force: true });
    if (got.shared) await copyFile(got.path, target, constants.COPYFILE_FICLONE);
    else await rename(got.path, target);
    if (to.user !== undefined) await lchown(target, to.user.uid, to.user.gid);
    await chmod(target, executable ? 0o755 : 0o644);
  }
}

interface Got extends AsyncDisposable {
  readonly path: string;
  /** It belongs to the cache. */
  readonly shared: boolean;
}

type Source =
  | { readonly type: "http"; readonly url: URL; readonly name: string }
  | { readonly type: "file"; readonly path: string; readonly name: string };

function sourceOf(value: string): Source {
  if (value.startsWith("/")) return { type: "file", path: value, name: basename(value) };
  if (!URL.canParse(value)) throw new Obstacle("it is neither an absolute path nor a URL");
  const url = new URL(value);
  if (url.protocol === "file:") {
    const path = fileURLToPath(url);
    return { type: "file", path, name: basename(path) };
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new Obstacle(`"${url.protocol}" is not supported: use http, https or file`);
  }
  return { type: "http", url, name: decodeURIComponent(basename(url.pathname)) };
}

/** Wait, but no longer than until the signal is aborted. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

function fetchFailed(value: string, thrown: unknown): FairleadError {
  const uri = value.replace(/\/\/[^/@]*@/, "//…@");
  const { message } = FairleadError.from(thrown);
  const state = thrown instanceof FairleadError ? message.replace(/^Cannot [^:]*: /, "") : message;
  return new FairleadError("fetch_failed", `Cannot fetch ${uri}: ${state}`, {
    cause: thrown,
    details: { uri },
  });
}
