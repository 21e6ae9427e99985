/** What a watch has seen of a tree, and how what is read now differs from it. */

import {
  type Acl,
  type Change,
  childOf,
  type Lifetime,
  OPEN_ACL,
  parentOf,
  type SnapshotNode,
  type Stat,
} from "../zookeeper/mod.ts";
import { PAD } from "./translate.ts";

/** A node as a client reads it; `gone` when it is not there. */
export type Reading =
  | { readonly path: string; readonly gone: true }
  | {
      readonly path: string;
      readonly gone: false;
      readonly data: Uint8Array | null;
      readonly stat: Stat;
    };

interface Known {
  czxid: bigint;
  version: number;
  aversion: number;
  /** Raw. */
  cversion: number;
  children: number;
}

/** The raw counter that sequential names come from; clients are told another number. */
export function counterOf({ cversion, childrenCount }: Stat): number {
  return (cversion + childrenCount) / 2;
}

/**
 * Remembers of each node what tells whether it changed, and no data.
 *
 * Cost: about 150 bytes a node. A change costs what it touches; a node that was made again while it
 * had children costs a look at all paths.
 */
export class WatchMirror {
  readonly #known = new Map<string, Known>();
  readonly #lifetimeOf: (path: string) => Lifetime | undefined;
  readonly #roots: ReadonlySet<string>;

  /** @param lifetimeOf What clients are not told: containers and times to live. */
  constructor(roots: readonly string[], lifetimeOf: (path: string) => Lifetime | undefined) {
    this.#roots = new Set(roots);
    this.#lifetimeOf = lifetimeOf;
  }

  get paths(): IterableIterator<string> {
    return this.#known.keys();
  }

  /** Which of these have an ACL that is not known. */
  wantAcls(readings: readonly Reading[]): string[] {
    return readings.flatMap((each) => {
      if (each.gone) return [];
      const known = this.#known.get(each.path);
      const isNew = known?.czxid !== each.stat.czxid || known.aversion !== each.stat.aversion;
      return isNew ? [each.path] : [];
    });
  }

  /** Take a node as it is; gives it as snapshots have it. */
  load({ path, data, stat }: Extract<Reading, { gone: false }>, acl: readonly Acl[]): SnapshotNode {
    const { czxid, version, aversion } = stat;
    const cversion = counterOf(stat);
    this.#add(path, { czxid, version, aversion, cversion, children: 0 });
    const { mzxid, pzxid, ctimeMs, mtimeMs, ephemeralOwner } = stat;
    const times = { czxid, mzxid, pzxid, ctimeMs, mtimeMs };
    const lifetime = this.#lifetime(path, stat);
    return { path, data, acl, lifetime, ephemeralOwner, ...times, version, cversion, aversion };
  }

  /**
   * What makes of the known tree the one that was read: deletions first, then nodes from the top
   * down, then counters. Versions that were passed over are passed over one by one.
   *
   * @param acls Of those that `wantAcls` named; a node without one is left for the next reading.
   */
  take(readings: readonly Reading[], acls: ReadonlyMap<string, readonly Acl[]>): Change[] {
    const changes: Change[] = [];
    const there = readings.filter((each) => !each.gone);
    const byDepth = (one: Reading, other: Reading) => one.path.length - other.path.length;
    for (const { path } of readings.filter(({ gone }) => gone).sort((a, b) => byDepth(b, a))) {
      this.#drop(path, changes);
    }
    for (const { path, stat } of there) {
      if (this.#known.has(path) && this.#known.get(path)?.czxid !== stat.czxid) {
        this.#drop(path, changes);
      }
    }
    const byAge = (one: (typeof there)[number], other: (typeof there)[number]) =>
      byDepth(one, other) || Number(one.stat.czxid - other.stat.czxid);
    for (const each of there.sort(byAge)) this.#bring(each, acls.get(each.path), changes);
    for (const each of there) this.#count(each, changes);
    return changes;
  }

  #bring(
    { path, data, stat }: Extract<Reading, { gone: false }>,
    acl: readonly Acl[] | undefined,
    changes: Change[],
  ): void {
    const { czxid, version, aversion } = stat;
    let known = this.#known.get(path);
    if (known === undefined) {
      const parent = this.#known.get(parentOf(path));
      if (acl === undefined || (parent === undefined && !this.#roots.has(path))) return;
      if (parent !== undefined) parent.cversion += 1;
      const parentCversion = parent?.cversion ?? 0;
      const lifetime = this.#lifetime(path, stat);
      changes.push({ type: "create", path, data, acl, lifetime, parentCversion });
      known = { czxid, version: 0, aversion, cversion: 0, children: 0 };
      this.#add(path, known);
    } else if (acl !== undefined && known.aversion !== aversion) {
      changes.push({ type: "set_acl", path, acl, aversion });
      known.aversion = aversion;
    }
    for (let at = known.version + 1; at <= version; at += 1) {
      changes.push({ type: "set", path, data, version: at });
    }
    known.version = version;
  }

  /** Children that came and went unseen have moved the counter. */
  #count({ path, stat }: Extract<Reading, { gone: false }>, changes: Change[]): void {
    const known = this.#known.get(path);
    if (known === undefined || stat.ephemeralOwner !== 0n) return;
    const pad = childOf(path, PAD);
    for (let at = known.cversion + 1; at <= counterOf(stat); at += 1) {
      const nothing = { data: null, acl: OPEN_ACL, lifetime: { type: "persistent" } } as const;
      changes.push({ type: "create", path: pad, ...nothing, parentCversion: at });
      changes.push({ type: "delete", path: pad });
    }
    known.cversion = Math.max(known.cversion, counterOf(stat));
  }

  #add(path: string, known: Known): void {
    this.#known.set(path, known);
    const parent = this.#known.get(parentOf(path));
    if (parent !== undefined) parent.children += 1;
  }

  /** With all that is below, the deepest first. */
  #drop(path: string, changes: Change[]): void {
    const known = this.#known.get(path);
    if (known === undefined) return;
    const below = known.children === 0 ? [] : this.#below(path);
    for (const each of [...below, path]) {
      this.#known.delete(each);
      const parent = this.#known.get(parentOf(each));
      if (parent !== undefined) parent.children -= 1;
      changes.push({ type: "delete", path: each });
    }
  }

  #below(path: string): string[] {
    const prefix = path === "/" ? "/" : `${path}/`;
    const below = [...this.#known.keys()].filter(
      (each) => each.startsWith(prefix) && each !== path,
    );
    return below.sort((one, other) => other.length - one.length);
  }

  #lifetime(path: string, { ephemeralOwner }: Stat): Lifetime {
    if (ephemeralOwner !== 0n) return { type: "ephemeral" };
    return this.#lifetimeOf(path) ?? { type: "persistent" };
  }
}
