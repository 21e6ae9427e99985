/** Layers of an image, unpacked one onto the other into one folder. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir } from "node:fs/promises";
import { posix } from "node:path";
import { decompress } from "../../archives/decompress.ts";
import { partsOf } from "../../archives/inside.ts";
import { tarEntries } from "../../archives/tar.ts";
import { Unpacker } from "../../archives/unpack.ts";
import type { Launcher } from "../../launcher/client.ts";
import { Obstacle } from "../failures.ts";
import type { Layer } from "./layout.ts";

const WHITEOUT = ".wh.";
const OPAQUE = ".wh..wh..opq";

/** Options of {@linkcode unpackLayers}. */
export interface UnpackLayersOptions {
  readonly launcher: Launcher;
  readonly bytesMax: number;
  readonly entriesMax: number;
}

/**
 * Unpack layers, the lowest first. Links are followed as in a chroot: nothing is written outside.
 *
 * @throws {Obstacle} when a layer is not what its digest says.
 * @throws {FairleadError} `archive_refused`.
 */
export async function unpackLayers(
  layers: readonly Layer[],
  folder: string,
  options: UnpackLayersOptions,
): Promise<void> {
  const unpacker = new Unpacker(folder, { links: "follow", owner: "archive", ...options });
  for (const layer of layers) {
    // First: nothing of a damaged layer shall be unpacked.
    await verify(layer);
    await unpackLayer(layer, unpacker, options.launcher);
  }
  await unpacker.finish();
}

async function unpackLayer(layer: Layer, unpacker: Unpacker, launcher: Launcher): Promise<void> {
  /** What this layer brought: its whiteouts are about those below. */
  const own = new Set<string>();
  for await (const entry of tarEntries(await decompress(layer.path, layer.packing, launcher))) {
    const parts = partsOf(entry.path);
    const name = parts.at(-1) ?? "";
    const parent = parts.slice(0, -1).join("/");
    if (name === OPAQUE) await clear(parent, unpacker, own);
    else if (name.startsWith(WHITEOUT)) {
      const hidden = posix.join(parent, name.slice(WHITEOUT.length));
      if (!own.has(hidden)) await unpacker.remove(hidden);
    } else {
      await unpacker.add(entry);
      for (let n = parts.length; n > 0; n--) own.add(parts.slice(0, n).join("/"));
    }
  }
}

/** Hide what lower layers have in a folder. */
async function clear(folder: string, unpacker: Unpacker, own: ReadonlySet<string>): Promise<void> {
  const real = await unpacker.place(posix.join(folder, "."));
  for (const name of await readdir(real).catch(() => [])) {
    const path = posix.join(folder, name);
    if (!own.has(path)) await unpacker.remove(path);
  }
}

async function verify({ path, digest }: Layer): Promise<void> {
  const [algorithm = "", hex] = digest.split(":");
  const hash = createHash(algorithm);
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk);
  } catch (error) {
    throw new Obstacle(`the layer ${digest} cannot be read: ${error}`, { cause: error });
  }
  if (hash.digest("hex") !== hex) throw new Obstacle(`the layer ${digest} is damaged`);
}
