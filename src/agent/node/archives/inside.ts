/** Paths of archives, which are only ever looked at inside of a root. */
import { lstat, mkdir, readlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { FairleadError } from "../../../base/mod.ts";
import { systemCodeOf } from "../launcher/system_errors.ts";

/** How links on the way to an entry are taken. */
export type LinkPolicy =
  /** As in a chroot: they lead to somewhere inside of the root. */
  | "follow"
  /** There may be none. */
  | "refuse";

const LINKS_MAX = 40;

/** Finds the real folder of a path inside a root, and makes it where it is not there. */
export class InsideRoot {
  readonly root: string;
  readonly #links: LinkPolicy;
  /** Folders that are real, by the path that was asked for. */
  readonly #known = new Map<string, string>();

  constructor(root: string, links: LinkPolicy) {
    this.root = root;
    this.#links = links;
  }

  /** Something was replaced: what is known of folders may be wrong. */
  forget(): void {
    this.#known.clear();
  }

  /**
   * The real path of an entry, its folder made.
   *
   * @param path Of the archive, without `..` or a slash in front.
   * @throws {FairleadError} `archive_refused`.
   */
  async place(path: string): Promise<string> {
    const parts = partsOf(path);
    const name = parts.pop();
    if (name === undefined) return this.root;
    return join(await this.#folder(parts), name);
  }

  /**
   * The real path of what is there, itself no link; nothing is made.
   *
   * @throws the system's error when it is not there; {FairleadError} `archive_refused`.
   */
  find(path: string): Promise<string> {
    return this.#walk(partsOf(path), async (at, name) => {
      const stats = await lstat(join(at, name));
      return stats.isSymbolicLink() ? readlink(join(at, name)) : undefined;
    });
  }

  async #folder(parts: readonly string[]): Promise<string> {
    const asked = parts.join("/");
    const known = this.#known.get(asked);
    if (known !== undefined) return known;
    const real = await this.#walk(parts, (at, name) => this.#enter(join(at, name), asked));
    this.#known.set(asked, real);
    return real;
  }

  /** Go down; `next` gives where a link leads, or undefined when there is none. */
  async #walk(
    parts: readonly string[],
    next: (at: string, name: string) => Promise<string | undefined>,
  ): Promise<string> {
    const waiting = [...parts];
    let at = this.root;
    let links = 0;
    for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
      if (part === "..") {
        at = at === this.root ? at : dirname(at);
        continue;
      }
      const target = await next(at, part);
      if (target === undefined) {
        at = join(at, part);
        continue;
      }
      links += 1;
      if (links > LINKS_MAX) throw refused(parts.join("/"), "its links go in a ring");
      if (target.startsWith("/")) at = this.root;
      waiting.unshift(...target.split("/").filter((each) => each !== "" && each !== "."));
    }
    return at;
  }

  /** Where a link leads; undefined for a folder, which is made when nothing is there. */
  async #enter(path: string, asked: string): Promise<string | undefined> {
    const stats = await lstat(path).catch((error: unknown) => {
      if (systemCodeOf(error) === "ENOENT") return undefined;
      throw error;
    });
    if (stats === undefined) {
      await mkdir(path, 0o755);
      return undefined;
    }
    if (stats.isDirectory()) return undefined;
    if (!stats.isSymbolicLink()) throw refused(asked, "a file is in the way");
    if (this.#links === "refuse") throw refused(asked, "a link is in the way");
    return readlink(path);
  }
}

/** @throws {FairleadError} `archive_refused` for a path that leaves the root. */
export function partsOf(path: string): string[] {
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..") || path.includes("\0"))
    throw refused(path, "its path leaves the folder");
  return parts;
}

/** Would a link of this path lead out of the root? */
export function leavesRoot(path: string, target: string): boolean {
  if (target.startsWith("/")) return true;
  let depth = partsOf(path).length - 1;
  for (const part of target.split("/")) {
    if (part === "..") depth -= 1;
    else if (part !== "" && part !== ".") depth += 1;
    if (depth < 0) return true;
  }
  return false;
}

/** What is thrown for an entry that may not be unpacked. */
export function refused(path: string, state: string): FairleadError {
  return new FairleadError("archive_refused", `Cannot unpack ${path}: ${state}`, {
    details: { path },
  });
}
