/** The repository's own files, for checks that read them. */

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The repository's root, with a slash at the end. */
export const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Files below some folders whose name ends in one of the extensions: path from the root → text. */
export function readTree(folders: readonly string[], extensions: readonly string[]) {
  const tree: Record<string, string> = {};
  for (const folder of folders) {
    for (const path of list(folder)) {
      if (extensions.some((extension) => path.endsWith(extension))) {
        tree[path] = readFileSync(ROOT + path, "utf8");
      }
    }
  }
  return tree;
}

function* list(folder: string): Generator<string> {
  for (const entry of readdirSync(ROOT + folder, { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory() && entry.name !== "node_modules") yield* list(path);
    else if (entry.isFile()) yield path;
  }
}
