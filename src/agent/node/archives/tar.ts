/** Entries of tar archives. */
import type { Readable } from "node:stream";
import { Parser, type ReadEntry } from "tar";
import { refused } from "./inside.ts";
import type { ArchiveEntry } from "./unpack.ts";

/**
 * Read a plain tar stream, entry by entry. The bytes of one are to be read before the next is asked
 * for; what is left of them is skipped. Devices and the like are left out.
 *
 * @throws {FairleadError} `archive_refused` when it is no tar.
 */
export async function* tarEntries(stream: Readable): AsyncGenerator<ArchiveEntry> {
  const inbox = new Inbox<ReadEntry>();
  const parser = new Parser({ strict: true, onReadEntry: (entry) => inbox.push(entry) });
  parser.on("end", () => inbox.end());
  parser.on("error", (error: Error) => inbox.fail(refused("an archive", error.message)));
  stream.on("error", (error) => inbox.fail(error));
  stream.on("end", () => parser.end());
  stream.on("data", (chunk: Buffer) => {
    if (parser.write(chunk)) return;
    stream.pause();
    parser.once("drain", () => stream.resume());
  });
  try {
    for await (const entry of inbox) {
      const read = translate(entry);
      if (read !== undefined) yield read;
      entry.resume();
    }
  } finally {
    stream.destroy();
  }
}

function translate(entry: ReadEntry): ArchiveEntry | undefined {
  const { uid, gid, mtime } = entry;
  const common = {
    path: entry.path,
    mode: entry.mode ?? 0o644,
    owner: uid === undefined || gid === undefined ? undefined : { uid, gid },
    mtimeMs: mtime?.getTime(),
  };
  switch (entry.type) {
    case "File":
    case "OldFile":
    case "ContiguousFile":
      return { ...common, type: "file", bytes: entry };
    case "Directory":
    case "GNUDumpDir":
      return { ...common, type: "folder", mode: entry.mode ?? 0o755 };
    case "SymbolicLink":
      return { ...common, type: "symlink", target: entry.linkpath ?? "" };
    case "Link":
      return { ...common, type: "hardlink", target: entry.linkpath ?? "" };
    default:
      return undefined;
  }
}

/** What a callback pushes, as an iterable. The parser pushes one entry until it is read. */
class Inbox<T> {
  readonly #items: T[] = [];
  #wake: () => void = () => undefined;
  #ended = false;
  #failure: { readonly error: unknown } | undefined;

  push(item: T): void {
    this.#items.push(item);
    this.#wake();
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    for (;;) {
      const item = this.#items.shift();
      if (item !== undefined) yield item;
      else if (this.#failure !== undefined) throw this.#failure.error;
      else if (this.#ended) return;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }
}
