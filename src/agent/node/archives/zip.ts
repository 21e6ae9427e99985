/** Entries of zip archives. */
import type { Readable } from "node:stream";
import { type Entry, fromFd, type ZipFile } from "yauzl";
import { refused } from "./inside.ts";
import type { ArchiveEntry } from "./unpack.ts";

const KIND_MASK = 0o170000;
const KIND_LINK = 0o120000;
const TARGET_BYTES_MAX = 4_096;

/**
 * Read the entries of an open zip file; it stays the caller's to close.
 *
 * @throws {FairleadError} `archive_refused` when it is no zip.
 */
export async function* zipEntries(descriptor: number): AsyncGenerator<ArchiveEntry> {
  const zip = await new Promise<ZipFile>((resolve, reject) => {
    fromFd(descriptor, { lazyEntries: true, autoClose: false }, (error, opened) => {
      if (error === null) resolve(opened);
      else reject(refused("an archive", error.message));
    });
  });
  for (let entry = await next(zip); entry !== undefined; entry = await next(zip)) {
    yield await translate(zip, entry);
  }
}

function next(zip: ZipFile): Promise<Entry | undefined> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      zip.removeAllListeners();
      // An error after the last answer has nobody to go to.
      zip.on("error", () => undefined);
      act();
    };
    zip.once("entry", (entry: Entry) => settle(() => resolve(entry)));
    zip.once("end", () => settle(() => resolve(undefined)));
    zip.once("error", (error: Error) => settle(() => reject(refused("an archive", error.message))));
    zip.readEntry();
  });
}

async function translate(zip: ZipFile, entry: Entry): Promise<ArchiveEntry> {
  // The upper half is what Unix zips put there: a mode as stat(2) has it; 0 where they do not.
  const mode = entry.externalFileAttributes >>> 16;
  const common = {
    path: entry.fileName,
    owner: undefined,
    mtimeMs: entry.getLastModDate().getTime(),
  };
  if (entry.fileName.endsWith("/"))
    return { ...common, type: "folder", mode: mode & 0o777 || 0o755 };
  if (entry.isEncrypted()) throw refused(entry.fileName, "it is encrypted");
  const stream = await open(zip, entry);
  if ((mode & KIND_MASK) !== KIND_LINK) {
    return { ...common, type: "file", mode: mode & 0o777 || 0o644, bytes: stream };
  }
  if (entry.uncompressedSize > TARGET_BYTES_MAX)
    throw refused(entry.fileName, "its link is too long");
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return { ...common, type: "symlink", mode, target: Buffer.concat(chunks).toString() };
}

function open(zip: ZipFile, entry: Entry): Promise<Readable> {
  return new Promise((resolve, reject) => {
    zip.openReadStream(entry, (error, stream) => {
      if (error === null) resolve(stream);
      else reject(refused(entry.fileName, error.message));
    });
  });
}
