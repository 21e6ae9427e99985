/** Which files are archives, and how they are taken apart. */
import { open } from "node:fs/promises";
import { basename } from "node:path";
import type { Readable } from "node:stream";
import { decompress, type Packing } from "../archives/decompress.ts";
import { tarEntries } from "../archives/tar.ts";
import { type ArchiveEntry, Unpacker, type UnpackOptions } from "../archives/unpack.ts";
import { zipEntries } from "../archives/zip.ts";
import type { Launcher } from "../launcher/client.ts";

/** A kind of archive, by the end of its name. */
export type ArchiveKind =
  | { readonly type: "tar"; readonly packing: Packing }
  | { readonly type: "zip" }
  /** One file, packed. */
  | { readonly type: "packed"; readonly packing: Packing; readonly suffix: string };

const KINDS: readonly (readonly [RegExp, ArchiveKind])[] = [
  [/\.tar$/i, { type: "tar", packing: "none" }],
  [/\.(tar\.gz|tgz)$/i, { type: "tar", packing: "gzip" }],
  [/\.(tar\.bz2|tbz2)$/i, { type: "tar", packing: "bzip2" }],
  [/\.(tar\.xz|txz)$/i, { type: "tar", packing: "xz" }],
  [/\.zip$/i, { type: "zip" }],
  [/\.gz$/i, { type: "packed", packing: "gzip", suffix: ".gz" }],
];

/** What a file of this name is; undefined: no archive. */
export function archiveKindOf(name: string): ArchiveKind | undefined {
  return KINDS.find(([pattern]) => pattern.test(name))?.[1];
}

/**
 * Take an archive apart.
 *
 * @throws {FairleadError} `archive_refused` when it is damaged, or an entry of it leaves the folder.
 * @throws {Obstacle} when the host has no program that reads it.
 */
export async function extract(
  path: string,
  name: string,
  kind: ArchiveKind,
  to: { readonly folder: string; readonly launcher: Launcher } & UnpackOptions,
): Promise<void> {
  const unpacker = new Unpacker(to.folder, to);
  for await (const entry of await entriesOf(path, name, kind, to.launcher))
    await unpacker.add(entry);
  await unpacker.finish();
}

async function entriesOf(
  path: string,
  name: string,
  kind: ArchiveKind,
  launcher: Launcher,
): Promise<AsyncIterable<ArchiveEntry>> {
  if (kind.type === "zip") {
    const file = await open(path);
    return closing(zipEntries(file.fd), () => file.close());
  }
  const stream = await decompress(path, kind.packing, launcher);
  if (kind.type === "tar") return tarEntries(stream);
  return single(basename(name).slice(0, -kind.suffix.length), stream);
}

async function* closing<T>(items: AsyncIterable<T>, close: () => Promise<void>): AsyncGenerator<T> {
  try {
    yield* items;
  } finally {
    await close();
  }
}

async function* single(path: string, bytes: Readable): AsyncGenerator<ArchiveEntry> {
  yield { type: "file", path, mode: 0o644, owner: undefined, mtimeMs: undefined, bytes };
}
