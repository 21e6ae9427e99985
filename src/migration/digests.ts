/** One hash a subtree: two trees are equal where these are, and differ below where they are not. */

import { parentOf, type SnapshotNode } from "../zookeeper/mod.ts";
import { hashAll, stateBytes } from "./hashes.ts";
import type { DiffKernel } from "./kernel/contract.ts";
import { createKernel } from "./kernel/wasm.ts";

/** What a subtree's hash covers besides paths, data, ACLs and kinds. */
export interface DigestOptions {
  /** Whether versions count. @default true */
  readonly versions?: boolean | undefined;
  readonly kernel?: DiffKernel | undefined;
}

/** A subtree. */
export interface SubtreeDigest {
  readonly path: string;
  /** Its nodes, the topmost one included. */
  readonly nodes: number;
  /** 16 hex digits; equal for equal subtrees. */
  readonly digest: string;
}

/** What a comparison of digests found. */
export interface DigestDifferences {
  /** The topmost nodes that differ themselves, or that one side has alone. Sorted. */
  readonly paths: readonly string[];
  /** Digests that were looked at. */
  readonly compared: number;
}

interface Entry {
  readonly nodes: number;
  /** Of the node alone. */
  readonly own: bigint;
  readonly whole: bigint;
  readonly children: readonly string[];
}

let shared: DiffKernel | undefined;

/**
 * The digests of all subtrees of a list of nodes.
 *
 * Two sides that each made their own need to exchange only digests: from the top, a few a level,
 * down to what differs. Counters of sequential names are left out: they need not be equal.
 *
 * Cost: O(n log n) for n nodes; every byte of data is hashed once (xxh64). No proof against a
 * forger: `compare` confirms by bytes.
 */
export class DigestTree {
  readonly #entries: ReadonlyMap<string, Entry>;
  readonly #roots: readonly string[];

  private constructor(entries: ReadonlyMap<string, Entry>, roots: readonly string[]) {
    this.#entries = entries;
    this.#roots = roots;
  }

  static of(
    nodes: readonly SnapshotNode[],
    { versions = true, kernel }: DigestOptions = {},
  ): DigestTree {
    shared ??= createKernel("wasm");
    const hash = kernel ?? shared;
    const own = hashAll(
      nodes.map((node) => ownBytes(node, versions)),
      hash,
    );
    const owns = new Map(nodes.map(({ path }, index) => [path, own[index] ?? 0n]));
    const children = childrenOf(nodes, owns);
    const entries = new Map<string, Entry>();
    for (const level of levelsOf(nodes)) {
      const parts = level.map((path) => wholeBytes(owns.get(path) ?? 0n, children, path, entries));
      const wholes = hashAll(parts, hash);
      for (const [index, path] of level.entries()) {
        const below = children.get(path) ?? [];
        const counts = below.map((each) => entries.get(each)?.nodes ?? 0);
        entries.set(path, {
          nodes: counts.reduce((sum, count) => sum + count, 1),
          own: owns.get(path) ?? 0n,
          whole: wholes[index] ?? 0n,
          children: below,
        });
      }
    }
    const roots = nodes.map(({ path }) => path).filter((path) => !hasParent(path, owns));
    return new DigestTree(entries, roots.sort());
  }

  /** Subtrees that lie in no other one. */
  get roots(): readonly SubtreeDigest[] {
    return this.#roots.flatMap((path) => this.at(path) ?? []);
  }

  /** One subtree; undefined when there is none. */
  at(path: string): SubtreeDigest | undefined {
    const entry = this.#entries.get(path);
    if (entry === undefined) return undefined;
    return { path, nodes: entry.nodes, digest: entry.whole.toString(16).padStart(16, "0") };
  }

  /** The subtrees right below a node, by path. */
  below(path: string): readonly SubtreeDigest[] {
    const entry = this.#entries.get(path);
    return (entry?.children ?? []).flatMap((each) => this.at(each) ?? []);
  }

  /** Where another tree differs: goes down only where digests are not equal. */
  differences(other: DigestTree): DigestDifferences {
    const paths: string[] = [];
    let compared = 0;
    const waiting = [...new Set([...this.#roots, ...other.#roots])].sort().reverse();
    for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
      compared += 1;
      const [one, two] = [this.#entries.get(path), other.#entries.get(path)];
      if (one?.whole === two?.whole) continue;
      if (one === undefined || two === undefined) paths.push(path);
      else {
        if (one.own !== two.own) paths.push(path);
        const below = new Set([...one.children, ...two.children]);
        // One by one: a node may have more children than a call takes arguments.
        for (const child of [...below].sort().reverse()) waiting.push(child);
      }
    }
    return { paths, compared };
  }
}

function hasParent(path: string, owns: ReadonlyMap<string, bigint>): boolean {
  return path !== "/" && owns.has(parentOf(path));
}

function childrenOf(
  nodes: readonly SnapshotNode[],
  owns: ReadonlyMap<string, bigint>,
): Map<string, string[]> {
  const children = new Map<string, string[]>();
  for (const { path } of nodes) {
    if (!hasParent(path, owns)) continue;
    const parent = parentOf(path);
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [path]);
    else siblings.push(path);
  }
  for (const siblings of children.values()) siblings.sort();
  return children;
}

/** Paths by depth, the deepest first. */
function levelsOf(nodes: readonly SnapshotNode[]): string[][] {
  const levels: string[][] = [];
  for (const { path } of nodes) {
    const depth = path === "/" ? 0 : path.split("/").length - 1;
    levels[depth] ??= [];
    levels[depth].push(path);
  }
  return levels.filter((level) => level !== undefined).reverse();
}

/** What stands for a node without its place: so that a subtree of another path is the same. */
function ownBytes(node: SnapshotNode, versions: boolean): Uint8Array {
  // The root is there before anything is brought over, and has counts of its own.
  const version = versions && node.path !== "/" ? node.version : 0;
  const state = stateBytes(node);
  const bytes = new Uint8Array(state.length + 4);
  new DataView(bytes.buffer).setInt32(0, version);
  bytes.set(state, 4);
  return bytes;
}

function wholeBytes(
  own: bigint,
  children: ReadonlyMap<string, readonly string[]>,
  path: string,
  entries: ReadonlyMap<string, Entry>,
): Uint8Array {
  const encoder = new TextEncoder();
  const below = (children.get(path) ?? []).map((each) => ({
    name: encoder.encode(each.slice(path === "/" ? 1 : path.length + 1)),
    whole: entries.get(each)?.whole ?? 0n,
  }));
  const size = below.reduce((sum, { name }) => sum + name.length + 12, 8);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, own);
  let at = 8;
  for (const { name, whole } of below) {
    view.setUint32(at, name.length);
    bytes.set(name, at + 4);
    view.setBigUint64(at + 4 + name.length, whole);
    at += name.length + 12;
  }
  return bytes;
}
