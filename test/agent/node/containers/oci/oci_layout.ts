/** Images in OCI layout, made by hand. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A layer: a folder that tar(1) packs, and further arguments for it. */
export interface LayerSource {
  readonly folder: string;
  readonly packing?: "gzip" | "none" | "zstd";
  readonly args?: readonly string[];
}

/** Writes one layout. */
export class LayoutWriter {
  readonly folder: string;
  readonly #manifests: unknown[] = [];

  constructor(folder: string) {
    this.folder = folder;
    mkdirSync(join(folder, "blobs/sha256"), { recursive: true });
    writeFileSync(join(folder, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
  }

  image(
    layers: readonly LayerSource[],
    config: unknown,
    more: { tag?: string; platform?: unknown; nested?: boolean } = {},
  ): this {
    const manifest = {
      schemaVersion: 2,
      config: this.#json({ architecture: "amd64", os: "linux", config }, "image.config.v1+json"),
      layers: layers.map((layer) => this.#layer(layer)),
    };
    const annotations =
      more.tag === undefined ? undefined : { "org.opencontainers.image.ref.name": more.tag };
    const described = {
      ...this.#json(manifest, "image.manifest.v1+json"),
      platform: more.platform,
    };
    const outer =
      more.nested === true
        ? this.#json({ schemaVersion: 2, manifests: [described] }, "image.index.v1+json")
        : described;
    this.#manifests.push({ ...outer, annotations });
    writeFileSync(
      join(this.folder, "index.json"),
      JSON.stringify({ schemaVersion: 2, manifests: this.#manifests }),
    );
    return this;
  }

  #json(value: unknown, type: string) {
    const bytes = Buffer.from(JSON.stringify(value));
    return this.#blob(bytes, `application/vnd.oci.${type}`);
  }

  #layer({ folder, packing = "gzip", args = [] }: LayerSource) {
    const flags = { gzip: "-cz", none: "-c", zstd: "-c" }[packing];
    let bytes = execFileSync("tar", [`${flags}f`, "-", "-C", folder, ...args, "."], {
      maxBuffer: 100_000_000,
    });
    if (packing === "zstd") bytes = execFileSync("zstd", ["-c"], { input: bytes, maxBuffer: 1e8 });
    const suffix = packing === "none" ? "" : `+${packing}`;
    return this.#blob(bytes, `application/vnd.oci.image.layer.v1.tar${suffix}`);
  }

  #blob(bytes: Buffer, mediaType: string) {
    const hex = createHash("sha256").update(bytes).digest("hex");
    writeFileSync(join(this.folder, "blobs/sha256", hex), bytes);
    return { mediaType, digest: `sha256:${hex}`, size: bytes.length };
  }
}

/** The digest of a layout's layer, to damage it. */
export function firstLayer(folder: string): string {
  const read = (path: string) => JSON.parse(readFileSync(path, "utf8"));
  const hexOf = (digest: string) => digest.slice("sha256:".length);
  const [manifest] = read(join(folder, "index.json")).manifests;
  const { layers } = read(join(folder, "blobs/sha256", hexOf(manifest.digest)));
  return join(folder, "blobs/sha256", hexOf(layers[0].digest));
}
