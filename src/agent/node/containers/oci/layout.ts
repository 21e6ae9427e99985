/** Images in OCI layout: a folder with index.json and blobs. */
import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Packing } from "../../archives/decompress.ts";
import { Obstacle } from "../failures.ts";
import {
  type Descriptor,
  type ImageConfig,
  type ImageIndex,
  type ImageManifest,
  readConfig,
  readIndexOrManifest,
} from "./documents.ts";

/** An image that lies in a layout. */
export interface LaidOutImage {
  readonly config: ImageConfig;
  readonly layers: readonly Layer[];
  /** Says what its layers are: equal digests, equal files. */
  readonly digest: string;
}

/** A packed layer. */
export interface Layer {
  readonly path: string;
  readonly digest: string;
  readonly packing: Packing;
}

const DOCUMENT_BYTES_MAX = 4 * 2 ** 20;
const INDEXES_DEEP_MAX = 4;
const REFERENCE = "org.opencontainers.image.ref.name";
/** Node's names of machines, and those of images. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386" };

/** Whether a folder is a layout. */
export async function isLayout(folder: string): Promise<boolean> {
  return (await stat(join(folder, "index.json")).catch(() => undefined))?.isFile() ?? false;
}

/**
 * Read an image.
 *
 * @param reference Its tag, where the layout has several.
 * @throws {Obstacle} when there is none for this machine, or a document is not what it should be.
 */
export async function readLayout(folder: string, reference?: string): Promise<LaidOutImage> {
  let document = readIndexOrManifest(await readDocument(join(folder, "index.json")), "index.json");
  for (let depth = 0; "manifests" in document; depth++) {
    if (depth === INDEXES_DEEP_MAX) throw new Obstacle("its indexes go too deep");
    const chosen = choose(document, depth === 0 ? reference : undefined, folder);
    document = readIndexOrManifest(await readBlob(folder, chosen), chosen.digest);
  }
  const config = readConfig(await readBlob(folder, document.config), document.config.digest);
  const layers = document.layers.map((layer) => ({
    path: blobPath(folder, layer.digest),
    digest: layer.digest,
    packing: packingOf(layer.mediaType ?? ""),
  }));
  return { config, layers, digest: digestOf(document) };
}

function choose(index: ImageIndex, reference: string | undefined, folder: string): Descriptor {
  const tagged = index.manifests.filter((each) => {
    const name = each.annotations?.[REFERENCE];
    return reference === undefined || name === reference || name?.endsWith(`:${reference}`);
  });
  if (tagged.length === 0) throw new Obstacle(`${folder} has no image "${reference}"`);
  const architecture = ARCHITECTURES[process.arch] ?? process.arch;
  const fits = tagged.find(
    ({ platform }) =>
      platform === undefined || (platform.os === "linux" && platform.architecture === architecture),
  );
  if (fits === undefined) throw new Obstacle(`${folder} has no image for linux/${architecture}`);
  return fits;
}

function packingOf(mediaType: string): Packing {
  if (mediaType.endsWith("zstd")) return "zstd";
  return mediaType.endsWith("gzip") ? "gzip" : "none";
}

/** Two manifests of the same layers are the same files. */
function digestOf(manifest: ImageManifest): string {
  const hash = createHash("sha256");
  for (const { digest } of manifest.layers) hash.update(`${digest}\n`);
  return hash.digest("hex");
}

async function readBlob(folder: string, { digest }: Descriptor): Promise<string> {
  const text = await readDocument(blobPath(folder, digest));
  const [algorithm = "", hex] = digest.split(":");
  if (createHash(algorithm).update(text).digest("hex") === hex) return text;
  throw new Obstacle(`the blob ${digest} is damaged`);
}

async function readDocument(path: string): Promise<string> {
  const size = (await stat(path).catch(() => undefined))?.size;
  if (size === undefined) throw new Obstacle(`there is no ${path}`);
  if (size > DOCUMENT_BYTES_MAX) throw new Obstacle(`${path} is too large`);
  return readFile(path, "utf8");
}

function blobPath(folder: string, digest: string): string {
  const [algorithm = "", hex = ""] = digest.split(":");
  return join(folder, "blobs", algorithm, hex);
}
