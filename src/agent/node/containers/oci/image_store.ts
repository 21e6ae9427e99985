/** Where images are found, and what they are unpacked to. */
import { mkdir, rename, rm, stat } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import type { ContainerInfo } from "../../../../model/mod.ts";
import type { Launcher } from "../../launcher/client.ts";
import { Obstacle } from "../failures.ts";
import { type ImageConfig, PLAIN_CONFIG } from "./documents.ts";
import { unpackLayers } from "./layers.ts";
import { isLayout, type LaidOutImage, readLayout } from "./layout.ts";

/** An image that can be run. */
export interface ReadyImage {
  /** A folder of the host, not to be written to. */
  readonly rootfs: string;
  readonly config: ImageConfig;
}

/** Options of {@linkcode ImageStore}. */
export interface ImageStoreOptions {
  readonly launcher: Launcher;
  /** Where images in OCI layout are unpacked, each once. */
  readonly cacheFolder: string;
  /** Where names are looked up: `<folder>/<name>` is a rootfs or an OCI layout. */
  readonly folder?: string;
  /**
   * Whether an absolute path will do as an image's name.
   *
   * @default true
   */
  readonly allowPaths?: boolean;
}

type Image = NonNullable<NonNullable<ContainerInfo["mesos"]>["image"]>;

const GIBIBYTE = 2 ** 30;
const BYTES_MAX = 64 * GIBIBYTE;
const ENTRIES_MAX = 4_000_000;

/** Finds images by path or name. Nothing is pulled from registries. */
export class ImageStore {
  readonly #options: ImageStoreOptions;
  /** Images that are unpacked, or are being unpacked, by digest. */
  readonly #unpacked = new Map<string, Promise<string>>();

  constructor(options: ImageStoreOptions) {
    this.#options = options;
  }

  /** @throws {Obstacle} when there is no such image, or it is damaged. */
  async get(image: Image): Promise<ReadyImage> {
    const name = image.docker?.name ?? image.appc?.name ?? "";
    const { folder, reference } = await this.#locate(name);
    if (!(await isLayout(folder))) return { rootfs: folder, config: PLAIN_CONFIG };
    const laidOut = await readLayout(folder, reference);
    return { rootfs: await this.#rootfsOf(laidOut), config: laidOut.config };
  }

  async #locate(name: string) {
    for (const { folder, reference } of this.#candidates(name)) {
      if ((await stat(folder).catch(() => undefined))?.isDirectory()) return { folder, reference };
    }
    if (isAbsolute(name)) throw new Obstacle(`there is no image at ${name}`);
    const where = this.#options.folder;
    throw new Obstacle(
      where === undefined
        ? `there is no image "${name}": this agent has no image store and pulls from no registry`
        : `there is no image "${name}" in ${where}, and this agent pulls from no registry`,
    );
  }

  /** The name as it is; then the name without its tag, and the tag. */
  #candidates(name: string) {
    if (name.split("/").includes("..")) throw new Obstacle(`"${name}" is no name of an image`);
    const { folder, allowPaths = true } = this.#options;
    if (isAbsolute(name) && !allowPaths) {
      throw new Obstacle(`"${name}" is a path, and this agent takes names of its image store only`);
    }
    if (!isAbsolute(name) && (folder === undefined || name === "")) return [];
    const whole = isAbsolute(name) ? name : join(folder ?? "", name);
    const [, untagged, reference] = /^(.*):([^:/]+)$/.exec(whole) ?? [];
    const exact = { folder: whole, reference: undefined };
    return untagged === undefined ? [exact] : [exact, { folder: untagged, reference }];
  }

  #rootfsOf(image: LaidOutImage): Promise<string> {
    const known = this.#unpacked.get(image.digest);
    if (known !== undefined) return known;
    const rootfs = this.#unpack(image);
    this.#unpacked.set(image.digest, rootfs);
    // A failure is told to those who wait now; the next one may try again.
    rootfs.catch(() => this.#unpacked.delete(image.digest));
    return rootfs;
  }

  async #unpack({ digest, layers }: LaidOutImage): Promise<string> {
    const { cacheFolder, launcher } = this.#options;
    const final = join(cacheFolder, digest);
    if (await stat(final).catch(() => undefined)) return final;
    const part = `${final}.part`;
    // What a crash left.
    await rm(part, { recursive: true, force: true });
    await mkdir(part, { recursive: true, mode: 0o755 });
    try {
      await unpackLayers(layers, part, { launcher, bytesMax: BYTES_MAX, entriesMax: ENTRIES_MAX });
      await rename(part, final);
      return final;
    } catch (error) {
      await rm(part, { recursive: true, force: true });
      throw error;
    }
  }
}
