import { FairleadError } from "../base/mod.ts";

/** Characters that ZooKeeper takes in no path: controls, surrogates, private use, specials. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const FORBIDDEN = /[\u0000-\u001f\u007f-\u009f\ud800-\uf8ff\ufff0-\uffff]/;

const encoder = /* @__PURE__ */ new TextEncoder();

/** Length of a text in UTF-8. */
export function utf8Bytes(text: string): number {
  for (let at = 0; at < text.length; at += 1) {
    if (text.charCodeAt(at) > 127) return encoder.encode(text).length;
  }
  return text.length;
}

/**
 * Check a path: it begins with a slash, has no empty part, no `.` and `..`, no characters that
 * ZooKeeper refuses, and ends without a slash (unless it is the root).
 *
 * @throws {FairleadError} `invalid_path`; the message names the rule that is broken.
 */
export function checkPath(path: string, bytesMax: number): void {
  const fault = pathFault(path) ?? lengthFault(path, bytesMax);
  if (fault === undefined) return;
  const shown = String(path).length > 80 ? `${String(path).slice(0, 80)}…` : String(path);
  throw new FairleadError("invalid_path", `Cannot use path "${shown}": ${fault}`, {
    details: { path },
  });
}

/** What is wrong with a path by ZooKeeper's rules; undefined for a good one. */
export function pathFault(path: string): string | undefined {
  if (typeof path !== "string") return "it must be a text";
  if (!path.startsWith("/")) return "it must begin with a slash";
  if (path === "/") return undefined;
  if (path.endsWith("/")) return "it must not end with a slash";
  if (path.includes("//")) return "it must have no empty part";
  if (/\/\.\.?(\/|$)/.test(path)) return "no part may be . or ..";
  if (FORBIDDEN.test(path)) return "it has a character that is not allowed";
  return undefined;
}

function lengthFault(path: string, bytesMax: number): string | undefined {
  if (path.length * 3 <= bytesMax) return undefined;
  const bytes = utf8Bytes(path);
  return bytes > bytesMax ? `it has ${bytes} bytes, the most is ${bytesMax}` : undefined;
}

/** The node above; the root is above itself. */
export function parentOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash <= 0 ? "/" : path.slice(0, slash);
}

/** The last part of a path. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** A child's path. */
export function childOf(path: string, name: string): string {
  return path === "/" ? `/${name}` : `${path}/${name}`;
}
