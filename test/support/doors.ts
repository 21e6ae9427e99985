/** The built package as its users load it: which files a door pulls in, and whose code is in them. */

import { readFileSync } from "node:fs";
import { posix } from "node:path";
import { gzipSync } from "node:zlib";
import { importsOf, parse } from "./syntax.ts";

/** What a build is read from; a test makes one up. */
export interface Build {
  /** Text of a built file, by its path from the repository's root (`dist/base.js`). */
  read(path: string): string;
  /** Sources whose code ended in each built file, as esbuild tells. */
  readonly inputs: Readonly<Record<string, readonly string[]>>;
}

/** All that one door loads. */
export interface Closure {
  readonly files: readonly string[];
  /** Sources of `src`, without those of which nothing was left. */
  readonly sources: readonly string[];
  /** Packages imported by name, and those whose code is bundled. */
  readonly packages: readonly string[];
  readonly gzipBytes: number;
}

/** The build that lies in dist. */
export function readBuild(root: string): Build {
  const meta: {
    outputs: Record<string, { inputs: Record<string, { bytesInOutput: number }> }>;
  } = JSON.parse(readFileSync(`${root}dist/metafile-esm.json`, "utf8"));
  const inputs: Record<string, string[]> = {};
  for (const [path, output] of Object.entries(meta.outputs)) {
    inputs[path] = Object.entries(output.inputs)
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .map(([source]) => source);
  }
  return { inputs, read: (path) => readFileSync(root + path, "utf8") };
}

/** Follow the imports of a built file. Dynamic ones count: they load when they run. */
export function closureOf(build: Build, entry: string): Closure {
  const files = new Set([entry]);
  const packages = new Set<string>();
  for (const file of files) {
    for (const { specifier } of importsOf(parse(file, build.read(file)))) {
      if (specifier.startsWith(".")) files.add(posix.join(posix.dirname(file), specifier));
      else packages.add(packageOf(specifier));
    }
  }
  const sources = new Set<string>();
  for (const source of [...files].flatMap((file) => build.inputs[file] ?? [])) {
    const [, bundled] = source.split("node_modules/");
    if (bundled === undefined) sources.add(source);
    else packages.add(packageOf(bundled));
  }
  const code = [...files].map((file) => build.read(file)).join("\n");
  return {
    files: [...files].sort(),
    sources: [...sources].sort(),
    packages: [...packages].sort(),
    gzipBytes: gzipSync(code, { level: 9 }).length,
  };
}

/** `zod/mini` → `zod`, `@scope/name/part` → `@scope/name`; `node:fs` stays. */
function packageOf(specifier: string): string {
  const parts = specifier.split("/");
  return parts.slice(0, specifier.startsWith("@") ? 2 : 1).join("/");
}
