/** Files that many tasks fetch, kept once: bounded by size, the longest unused goes first. */
import { createHash } from "node:crypto";
import { mkdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";

/** A kept file; it stays until it is released. */
export interface CachedFile {
  readonly path: string;
  release(): void;
}

interface Entry {
  readonly path: string;
  readonly ready: Promise<number>;
  bytes: number;
  users: number;
}

/** Options of {@linkcode FetcherCache}. */
export interface FetcherCacheOptions {
  /** Emptied at the beginning: what is in it may be half a file. */
  readonly folder: string;
  readonly bytesMax: number;
}

/** A cache in a folder. */
export class FetcherCache {
  readonly #options: FetcherCacheOptions;
  /** In the order of use, the longest unused first. */
  readonly #entries = new Map<string, Entry>();
  #emptied: Promise<void> | undefined;
  #count = 0;

  constructor(options: FetcherCacheOptions) {
    this.#options = options;
  }

  /** Bytes of all files that are ready. */
  get bytes(): number {
    return [...this.#entries.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /**
   * The file of a key, made by `make` when it is not there; whoever asks meanwhile waits for the
   * same. A failure is told to all of them and not kept.
   */
  async get(key: string, make: (path: string) => Promise<void>): Promise<CachedFile> {
    this.#emptied ??= this.#empty();
    await this.#emptied;
    const entry = this.#entries.get(key) ?? this.#begin(key, make);
    // Used last.
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    entry.users += 1;
    const release = () => {
      entry.users -= 1;
      void this.#evict();
    };
    try {
      await entry.ready;
    } catch (error) {
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
      throw error;
    }
    return { path: entry.path, release };
  }

  #begin(key: string, make: (path: string) => Promise<void>): Entry {
    const hash = createHash("sha256").update(key).digest("hex").slice(0, 32);
    const path = join(this.#options.folder, `${hash}-${this.#count++}`);
    const entry: Entry = { path, ready: this.#fill(path, make), bytes: 0, users: 0 };
    entry.ready.then(
      (bytes) => {
        entry.bytes = bytes;
        void this.#evict();
      },
      () => undefined,
    );
    return entry;
  }

  async #fill(path: string, make: (path: string) => Promise<void>): Promise<number> {
    try {
      await make(path);
      return (await stat(path)).size;
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
  }

  async #empty(): Promise<void> {
    await rm(this.#options.folder, { recursive: true, force: true });
    await mkdir(this.#options.folder, { recursive: true, mode: 0o700 });
  }

  /** Make room; files in use stay, so that it may hold too much for a while. */
  async #evict(): Promise<void> {
    let bytes = this.bytes;
    for (const [key, entry] of this.#entries) {
      if (bytes <= this.#options.bytesMax) return;
      if (entry.users > 0 || entry.bytes === 0) continue;
      this.#entries.delete(key);
      bytes -= entry.bytes;
      await rm(entry.path, { force: true });
    }
  }
}
