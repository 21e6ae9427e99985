/** The JSON documents of OCI images, as far as they are needed. */
import * as z from "zod/mini";
import { Obstacle } from "../failures.ts";

const strings = () => z.array(z.string());
/** Optional, and `null` is the same as absent: Go writes both. */
const maybe = <T extends z.ZodMiniType>(type: T) =>
  z.optional(
    z.pipe(
      z.nullable(type),
      z.transform((value) => value ?? undefined),
    ),
  );

function build() {
  const Descriptor = z.object({
    mediaType: z.optional(z.string()),
    digest: z.string().check(z.regex(/^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/)),
    size: z.number(),
    annotations: maybe(z.record(z.string(), z.string())),
    platform: maybe(z.object({ architecture: z.string(), os: z.string() })),
  });
  return {
    Index: z.object({ manifests: z.array(Descriptor) }),
    Manifest: z.object({ config: Descriptor, layers: z.array(Descriptor) }),
    Config: z.object({
      config: maybe(
        z.object({
          User: maybe(z.string()),
          Env: maybe(strings()),
          Entrypoint: maybe(strings()),
          Cmd: maybe(strings()),
          WorkingDir: maybe(z.string()),
        }),
      ),
    }),
  };
}

let built: ReturnType<typeof build> | undefined;

type Documents = ReturnType<typeof build>;
export type Descriptor = z.output<Documents["Manifest"]>["config"];
export type ImageIndex = z.output<Documents["Index"]>;
export type ImageManifest = z.output<Documents["Manifest"]>;

/** How an image wants to be run. */
export interface ImageConfig {
  readonly user?: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly folder?: string;
}

/** What is run of a folder that is no image: nothing by itself. */
export const PLAIN_CONFIG: ImageConfig = { environment: {}, entrypoint: [], command: [] };

/** An index lists manifests, a manifest lists layers; either may stand where the other does. */
export function readIndexOrManifest(text: string, where: string): ImageIndex | ImageManifest {
  built ??= build();
  const json = parse(text, where);
  const index = built.Index.safeParse(json);
  if (index.success) return index.data;
  const manifest = built.Manifest.safeParse(json);
  if (manifest.success) return manifest.data;
  throw new Obstacle(`${where} is no index and no manifest of an image`);
}

/** Read how an image wants to be run. */
export function readConfig(text: string, where: string): ImageConfig {
  built ??= build();
  const read = built.Config.safeParse(parse(text, where));
  if (!read.success) throw new Obstacle(`${where} is no configuration of an image`);
  const { User, Env, Entrypoint, Cmd, WorkingDir } = read.data.config ?? {};
  return {
    environment: environmentOf(Env ?? []),
    entrypoint: Entrypoint ?? [],
    command: Cmd ?? [],
    ...(User ? { user: User } : {}),
    ...(WorkingDir ? { folder: WorkingDir } : {}),
  };
}

/** Lines of NAME=VALUE. */
export function environmentOf(lines: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    lines.map((line) => {
      const [name = "", ...rest] = line.split("=");
      return [name, rest.join("=")];
    }),
  );
}

function parse(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Obstacle(`${where} is no JSON`);
  }
}
