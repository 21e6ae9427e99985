import { FairleadError } from "../base/mod.ts";
import { checkPath, parentOf } from "../zookeeper/mod.ts";

/** A subtree of the source and its place on the target. */
export interface Mapping {
  readonly from: string;
  /** @default the same path */
  readonly to?: string | undefined;
}

/** Where the migration keeps its own state, on either side. */
export const CONTROL_ROOT = "/fairlead-migration";

const PATH_BYTES_MAX = 100_000;

/** Which nodes move, and where to; the ensembles' own nodes and ours never do. */
export class Scope {
  readonly #mappings: readonly { readonly from: string; readonly to: string }[];
  readonly #excluded: readonly string[];

  /**
   * @param exclude Paths of the source that stay behind, with all that is below.
   * @throws {FairleadError} `invalid_scope` when mappings overlap, on either side; `invalid_path`.
   */
  constructor(mappings: readonly Mapping[], exclude: readonly string[] = []) {
    this.#mappings = mappings.map(({ from, to }) => ({ from, to: to ?? from }));
    this.#excluded = [...exclude, "/zookeeper", CONTROL_ROOT];
    for (const path of [...exclude, ...this.#mappings.flatMap(({ from, to }) => [from, to])]) {
      checkPath(path, PATH_BYTES_MAX);
    }
    if (mappings.length === 0) throw invalid("it names no subtree");
    for (const side of ["from", "to"] as const) this.#checkOverlap(side);
    for (const { from, to } of this.#mappings) {
      for (const path of [from, to]) {
        const own = ["/zookeeper", CONTROL_ROOT].find((each) => isWithin(path, each));
        if (own !== undefined) throw invalid(`${path} lies in ${own}, which does not move`);
      }
    }
  }

  /** Places on the target, of the mappings' own nodes. */
  get targets(): readonly string[] {
    return this.#mappings.map(({ to }) => to);
  }

  get sources(): readonly string[] {
    return this.#mappings.map(({ from }) => from);
  }

  /** The target's path of one of the source's; undefined when it does not move. */
  map(path: string): string | undefined {
    if (this.#excluded.some((each) => isWithin(path, each))) return undefined;
    const mapping = this.#mappings.find(({ from }) => isWithin(path, from));
    if (mapping === undefined) return undefined;
    const moved = moveTo(path, mapping.from, mapping.to);
    // A target's own nodes are not written to, wherever a chroot leads.
    const isOwn = isWithin(moved, "/zookeeper") || isWithin(moved, CONTROL_ROOT);
    return isOwn ? undefined : moved;
  }

  /** The way back: target for source. */
  inverse(): Scope {
    return new Scope(
      this.#mappings.map(({ from, to }) => ({ from: to, to: from })),
      this.#excluded.flatMap((path) => {
        const own = path === "/zookeeper" || path === CONTROL_ROOT;
        const mapping = this.#mappings.find(({ from }) => isWithin(path, from));
        return own || mapping === undefined ? [] : [moveTo(path, mapping.from, mapping.to)];
      }),
    );
  }

  /** Nodes of the target above the mappings' places, outermost first. */
  parents(): string[] {
    const paths = new Set<string>();
    for (const to of this.targets) {
      for (let at = parentOf(to); to !== "/" && at !== "/"; at = parentOf(at)) paths.add(at);
    }
    return [...paths].sort((left, right) => left.length - right.length);
  }

  #checkOverlap(side: "from" | "to"): void {
    for (const [index, one] of this.#mappings.entries()) {
      for (const other of this.#mappings.slice(index + 1)) {
        const [a, b] = [one[side], other[side]];
        if (isWithin(a, b) || isWithin(b, a)) throw invalid(`"${a}" and "${b}" overlap`);
      }
    }
  }
}

/** Whether a path is another one or below it. */
export function isWithin(path: string, root: string): boolean {
  return root === "/" || path === root || path.startsWith(`${root}/`);
}

function moveTo(path: string, from: string, to: string): string {
  const rest = from === "/" ? (path === "/" ? "" : path) : path.slice(from.length);
  if (rest === "") return to;
  return to === "/" ? rest : to + rest;
}

function invalid(why: string): FairleadError {
  return new FairleadError("invalid_scope", `Cannot migrate by this scope: ${why}`);
}
