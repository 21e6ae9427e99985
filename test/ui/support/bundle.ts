/** A source as one script for a page. */
import { readFileSync } from "node:fs";
import { build } from "tsup";

const made = new Map<string, Promise<string>>();

/** Bundle a file for the browser, once a process; `fairlead/…` is taken from the sources. */
export function bundleOf(path: string): Promise<string> {
  const known = made.get(path) ?? bundle(path);
  made.set(path, known);
  return known;
}

async function bundle(path: string): Promise<string> {
  const name = path.replaceAll(/[^a-z0-9]+/g, "_");
  const outDir = `.fairlead/pages/${name}-${process.pid}`;
  await build({
    config: false,
    entry: { page: path },
    outDir,
    format: "iife",
    platform: "browser",
    target: "es2022",
    tsconfig: "tsconfig.json",
    noExternal: [/.*/],
    dts: false,
    silent: true,
    outExtension: () => ({ js: ".js" }),
  });
  return readFileSync(`${outDir}/page.js`, "utf8");
}
