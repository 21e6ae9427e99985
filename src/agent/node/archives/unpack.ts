/** What unpacking does with the entries of any archive. */
import { createWriteStream } from "node:fs";
import { chmod, lchown, link, lstat, mkdir, rm, symlink, utimes } from "node:fs/promises";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Owner } from "../launcher/protocol.ts";
import { InsideRoot, type LinkPolicy, leavesRoot, refused } from "./inside.ts";

/** One entry. */
export type ArchiveEntry = {
  readonly path: string;
  readonly mode: number;
  readonly owner: Owner | undefined;
  readonly mtimeMs: number | undefined;
} & (
  | { readonly type: "file"; readonly bytes: AsyncIterable<Uint8Array> }
  | { readonly type: "folder" }
  | { readonly type: "symlink"; readonly target: string }
  /** To an entry before it. */
  | { readonly type: "hardlink"; readonly target: string }
);

/** Options of {@linkcode Unpacker}. */
export interface UnpackOptions {
  readonly links: LinkPolicy;
  /** Whose everything becomes; "archive": whom it names (only root may). Absent: this process'. */
  readonly owner?: Owner | "archive";
  /** Of all files together. */
  readonly bytesMax: number;
  readonly entriesMax: number;
  readonly signal?: AbortSignal;
}

const PERMISSIONS = 0o7777;
/** Set-user-id and the like of somebody else's archive do not count. */
const PERMISSIONS_FOREIGN = 0o777;

/** Puts entries into a folder, and nothing outside of it. */
export class Unpacker {
  readonly #inside: InsideRoot;
  readonly #options: UnpackOptions;
  /** Folders get their modes last: nothing can be put into a read-only one. */
  readonly #folders = new Map<string, number>();
  #bytes = 0;
  #entries = 0;

  constructor(root: string, options: UnpackOptions) {
    this.#inside = new InsideRoot(root, options.links);
    this.#options = options;
  }

  /** @throws {FairleadError} `archive_refused`. */
  async add(entry: ArchiveEntry): Promise<void> {
    this.#options.signal?.throwIfAborted();
    this.#entries += 1;
    if (this.#entries > this.#options.entriesMax) {
      throw refused(entry.path, `it is more than ${this.#options.entriesMax} entries`);
    }
    const path = await this.#inside.place(entry.path);
    await this.#clear(path, entry);
    if (entry.type === "folder") await mkdir(path, { recursive: true });
    else if (entry.type === "file") await this.#write(path, entry);
    else if (entry.type === "symlink") await this.#link(path, entry.path, entry.target);
    else await this.#hardlink(path, entry);
    await this.#finish(path, entry);
  }

  /** All entries are there. */
  async finish(): Promise<void> {
    for (const [path, mode] of [...this.#folders].reverse()) {
      const there = await lstat(path).catch(() => undefined);
      if (there?.isDirectory()) await chmod(path, mode);
    }
  }

  /** Remove an entry of a layer below: a whiteout. */
  async remove(path: string): Promise<void> {
    await rm(await this.#inside.place(path), { recursive: true, force: true });
    this.#inside.forget();
  }

  /** The real path of an entry. */
  place(path: string): Promise<string> {
    return this.#inside.place(path);
  }

  /** An entry takes the place of what was there; a folder goes on with a folder. */
  async #clear(path: string, entry: ArchiveEntry): Promise<void> {
    const there = await lstat(path).catch(() => undefined);
    if (there === undefined || (entry.type === "folder" && there.isDirectory())) return;
    if (path === this.#inside.root) throw refused(entry.path, "it would replace the folder itself");
    await rm(path, { recursive: true, force: true });
    this.#inside.forget();
  }

  async #write(path: string, entry: Extract<ArchiveEntry, { type: "file" }>): Promise<void> {
    const limit = new Transform({
      transform: (chunk: Uint8Array, _encoding, done) => {
        this.#bytes += chunk.length;
        if (this.#bytes <= this.#options.bytesMax) done(null, chunk);
        else done(refused(entry.path, `it is more than ${this.#options.bytesMax} bytes`));
      },
    });
    await pipeline(
      Readable.from(entry.bytes),
      limit,
      createWriteStream(path, { flags: "wx", mode: 0o600 }),
      {
        ...(this.#options.signal === undefined ? {} : { signal: this.#options.signal }),
      },
    );
  }

  async #link(path: string, asked: string, target: string): Promise<void> {
    if (this.#options.links === "refuse" && leavesRoot(asked, target)) {
      throw refused(asked, `it is a link that leaves the folder, to ${target}`);
    }
    await symlink(target, path);
  }

  async #hardlink(path: string, entry: Extract<ArchiveEntry, { type: "hardlink" }>): Promise<void> {
    const target = await this.#inside.place(entry.target);
    const there = await lstat(target).catch(() => undefined);
    if (there === undefined) throw refused(entry.path, `there is no ${entry.target} to link to`);
    if (!there.isFile() && !there.isSymbolicLink()) {
      throw refused(entry.path, `${entry.target} cannot be linked to`);
    }
    await link(target, path);
  }

  async #finish(path: string, entry: ArchiveEntry): Promise<void> {
    // A hard link is another name of what has its owner and mode already.
    if (entry.type === "hardlink") return;
    const { owner } = this.#options;
    const whose = owner === "archive" ? entry.owner : owner;
    if (whose !== undefined) await lchown(path, whose.uid, whose.gid);
    if (entry.type === "symlink") return;
    const mode = entry.mode & (owner === "archive" ? PERMISSIONS : PERMISSIONS_FOREIGN);
    if (entry.type === "folder") {
      this.#folders.set(path, mode);
      return;
    }
    await chmod(path, mode);
    if (entry.mtimeMs !== undefined) {
      await utimes(path, entry.mtimeMs / 1_000, entry.mtimeMs / 1_000);
    }
  }
}
