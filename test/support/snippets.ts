/** The code in Markdown and in doc comments. */

import type { Tree } from "./architecture.ts";

/** One block of code and where it stands. */
export interface Snippet {
  readonly path: string;
  readonly line: number;
  readonly code: string;
  /** Marked `ts no-run`: its types are checked, but nothing runs. */
  readonly isRun: boolean;
}

const FENCE = /^([ \t]*)```(\S+)[ \t]*([^\n]*)\n([\s\S]*?)^\1```[ \t]*$/gm;

/**
 * Every TypeScript block of a tree's Markdown files and doc comments.
 *
 * @throws when a block is called `typescript` or `js`, or carries a mark other than `no-run`: it
 * would look tested and not be.
 */
export function snippetsOf(tree: Tree): Snippet[] {
  return Object.entries(tree).flatMap(([path, text]) =>
    path.endsWith(".md") ? blocks(path, text) : blocks(path, commentsOf(text)),
  );
}

function blocks(path: string, text: string): Snippet[] {
  const found: Snippet[] = [];
  for (const [, indent = "", language = "", mark = "", body = ""] of matches(text)) {
    const at = text.indexOf(`${indent}\`\`\`${language}${mark === "" ? "" : ` ${mark}`}\n${body}`);
    const line = text.slice(0, at).split("\n").length;
    if (/^(typescript|js|javascript|mjs)$/.test(language)) {
      throw new Error(`Cannot test ${path}:${line}: call the block "ts", not "${language}"`);
    }
    if (language !== "ts") continue;
    if (mark !== "" && mark !== "no-run") {
      throw new Error(`Cannot test ${path}:${line}: no mark "${mark}", only "no-run"`);
    }
    const code = body.replaceAll(new RegExp(`^${indent}`, "gm"), "");
    found.push({ path, line, code, isRun: mark === "" });
  }
  return found;
}

function matches(text: string): IterableIterator<RegExpMatchArray> {
  return text.matchAll(FENCE);
}

/** Doc comments without their stars, on the lines where they stand; everything else blank. */
function commentsOf(source: string): string {
  let isInside = false;
  return source
    .split("\n")
    .map((line) => {
      if (/^\s*\/\*\*/.test(line)) isInside = true;
      const text = isInside ? line.replace(/^\s*\/?\*+\/?\s?/, "") : "";
      if (line.includes("*/")) isInside = false;
      return text;
    })
    .join("\n");
}
