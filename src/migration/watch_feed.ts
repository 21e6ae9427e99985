/** Follows a side by watches, where its log cannot be read. */

import { type Clock, systemClock } from "../base/mod.ts";
import type { Acl, Change, Lifetime, SnapshotNode, WatchEvent } from "../zookeeper/mod.ts";
import { childOf, parentOf } from "../zookeeper/mod.ts";
import type { EnsembleClient, FeedEvent } from "./ports.ts";
import { isWithin } from "./scope.ts";
import { untilAnswered } from "./steady.ts";
import { type Reading, WatchMirror } from "./watch_mirror.ts";

/** A client that can watch a subtree; `ZooKeeper` of `fairlead/zookeeper/node` is one. */
export interface WatchingClient extends EnsembleClient {
  watch(
    path: string,
    options: { readonly recursive: true; readonly bufferMax: number; readonly signal: AbortSignal },
  ): AsyncIterable<WatchEvent>;
}

/** Options of {@linkcode watchFeed}. */
export interface WatchFeedOptions {
  readonly client: WatchingClient;
  /** Subtrees that are followed. */
  readonly roots: readonly string[];
  /**
   * Containers and times to live, which no client is told: what the operator knows of them.
   *
   * @default every node that is no ephemeral is a plain one
   */
  readonly lifetimeOf?: ((path: string) => Lifetime | undefined) | undefined;
  /** How often everything is read anew: for ACLs, of which no watch tells. @default 60_000 */
  readonly auditMs?: number | undefined;
  /** How often an idle side is asked how far it is. @default 20 */
  readonly tickMs?: number | undefined;
  readonly clock?: Clock | undefined;
}

const READ_MAX = 100;
const READS_AT_ONCE = 4;
const ACLS_AT_ONCE = 512;
/** What becomes one write of the target, at most. */
const CHANGES_MAX = 400;
const CHANGES_BYTES_MAX = 500_000;
/** Events that may wait, and paths that may wait to be read; above it everything is read. */
const WAITING_MAX = 100_000;
const RESERVED = ["/zookeeper", "/fairlead-migration"];

/**
 * What a side does, by persistent recursive watches (from 3.6): a snapshot that is read node by
 * node, then what changed, in batches that are read when events come.
 *
 * It converges, and no more: a node that changes twice before it is read is told once; a
 * transaction of many nodes is told whole only when its events come together; ACLs are found by the
 * audit; after a lost connection everything is read again. A zxid says that what was committed up
 * to it is told; more may be.
 *
 * @throws What the client throws, other than a lost connection; the signal's reason.
 */
export async function* watchFeed(
  options: WatchFeedOptions,
  signal: AbortSignal,
): AsyncGenerator<FeedEvent, undefined> {
  const feed = new WatchFeed(options, signal);
  try {
    yield* feed.events();
  } finally {
    feed.stop();
  }
  return undefined;
}

class WatchFeed {
  readonly #options: WatchFeedOptions;
  readonly #client: WatchingClient;
  readonly #clock: Clock;
  readonly #ending = new AbortController();
  readonly #signal: AbortSignal;
  readonly #mirror: WatchMirror;
  readonly #dirty = new Set<string>();
  #isStale = true;
  #auditedMs = 0;
  #failure: { readonly error: unknown } | undefined;
  #wake: () => void = () => undefined;

  constructor(options: WatchFeedOptions, signal: AbortSignal) {
    this.#options = options;
    this.#client = options.client;
    this.#clock = options.clock ?? systemClock;
    this.#signal = AbortSignal.any([signal, this.#ending.signal]);
    this.#mirror = new WatchMirror(options.roots, options.lifetimeOf ?? (() => undefined));
  }

  stop(): void {
    this.#ending.abort();
  }

  async *events(): AsyncGenerator<FeedEvent, undefined> {
    const { roots, auditMs = 60_000 } = this.#options;
    await Promise.all(roots.map((root) => this.#arm(root)));
    yield await this.#snapshot();
    void this.#tick();
    let told = this.#client.lastZxid;
    for (;;) {
      await this.#pause();
      if (this.#clock.nowMs() - this.#auditedMs >= auditMs) this.#isStale = true;
      const { zxid, changes, seenZxid } = await this.#next();
      if (changes.length === 0 && zxid <= told) continue;
      yield* transactions({ changes, zxid, seenZxid, told }, this.#clock.nowMs());
      if (zxid > told) told = zxid;
    }
  }

  /** Begin to watch; resolves when the watch is armed. */
  #arm(root: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const follow = async () => {
        const options = { recursive: true, bufferMax: WAITING_MAX, signal: this.#signal } as const;
        for await (const event of this.#client.watch(root, options)) {
          this.#heard(event);
          resolve();
        }
      };
      follow().catch((error: unknown) => {
        this.#failure = { error };
        this.#wake();
        reject(error);
      });
    });
  }

  #heard(event: WatchEvent): void {
    if (event.type === "resync" || event.type === "removed") this.#isStale = true;
    else if (!RESERVED.some((each) => isWithin(event.path, each))) {
      this.#dirty.add(event.path);
      // Its counter moved, whether or not the child is still there.
      const { roots } = this.#options;
      if (event.type !== "changed" && !roots.includes(event.path)) {
        this.#dirty.add(parentOf(event.path));
      }
    }
    if (this.#dirty.size > WAITING_MAX) {
      this.#dirty.clear();
      this.#isStale = true;
    }
    this.#wake();
  }

  /** Until something is heard, or a tick has gone by. */
  async #pause(): Promise<void> {
    this.#check();
    if (this.#isStale || this.#dirty.size > 0) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#check();
  }

  async #tick(): Promise<void> {
    const { tickMs = 20 } = this.#options;
    try {
      for (;;) {
        await this.#clock.sleep(tickMs, { signal: this.#signal });
        this.#wake();
      }
    } catch (error) {
      this.#failure ??= { error };
      this.#wake();
    }
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  async #snapshot(): Promise<FeedEvent> {
    this.#isStale = false;
    const zxid = await this.#mark();
    const readings = await this.#readAll();
    const acls = await this.#acls(this.#mirror.wantAcls(readings));
    const nodes: SnapshotNode[] = [];
    for (const each of readings) {
      const acl = acls.get(each.path);
      if (!each.gone && acl !== undefined) nodes.push(this.#mirror.load(each, acl));
    }
    const seenZxid = this.#client.lastZxid;
    return { type: "snapshot", zxid, nodes, sessions: new Map(), seenZxid };
  }

  async #next(): Promise<{ zxid: bigint; changes: Change[]; seenZxid: bigint }> {
    const zxid = await this.#mark();
    const isStale = this.#isStale;
    this.#isStale = false;
    const paths = [...this.#dirty];
    this.#dirty.clear();
    let readings: readonly Reading[];
    if (isStale) {
      const found = await this.#readAll();
      const there = new Set(found.map(({ path }) => path));
      const gone = [...this.#mirror.paths].filter((path) => !there.has(path));
      readings = [...found, ...gone.map((path) => ({ path, gone: true }) as const)];
    } else readings = await this.#read(paths);
    const acls = await this.#acls(this.#mirror.wantAcls(readings));
    const changes = this.#mirror.take(readings, acls);
    return { zxid, changes, seenZxid: this.#client.lastZxid };
  }

  /** A transaction up to which every event has been heard by the time it is given. */
  async #mark(): Promise<bigint> {
    const zxid = this.#client.lastZxid;
    // Events stand before answers: with the next answer, all that belongs to the last one is here.
    await untilAnswered(() => this.#client.exists("/"));
    this.#signal.throwIfAborted();
    return zxid;
  }

  /** Every node below the roots, from the top down. */
  async #readAll(): Promise<Reading[]> {
    this.#auditedMs = this.#clock.nowMs();
    const found: Reading[] = [];
    let level: string[] = [...this.#options.roots];
    while (level.length > 0) {
      const readings = (await this.#read(level)).filter(({ gone }) => !gone);
      found.push(...readings);
      const parents = readings.flatMap((each) =>
        each.gone || each.stat.childrenCount === 0 ? [] : [each.path],
      );
      const names = await inParts(parents, ACLS_AT_ONCE, (path) => this.#childrenOf(path));
      level = names.flat().filter((path) => !RESERVED.some((each) => isWithin(path, each)));
    }
    return found;
  }

  async #childrenOf(path: string): Promise<string[]> {
    const children = await untilAnswered(() => this.#client.children(path)).catch(orNone);
    return children?.names.map((name) => childOf(path, name)) ?? [];
  }

  async #read(paths: readonly string[]): Promise<Reading[]> {
    const parts: (readonly string[])[] = [];
    for (let at = 0; at < paths.length; at += READ_MAX) parts.push(paths.slice(at, at + READ_MAX));
    const results = await inParts(parts, READS_AT_ONCE, (part) => {
      this.#signal.throwIfAborted();
      return untilAnswered(() => this.#client.getMany(part));
    });
    return results.flat().map((each): Reading => {
      if (each.error === undefined) return { ...each, gone: false };
      if (each.error.code !== "no_node") throw each.error;
      return { path: each.path, gone: true };
    });
  }

  async #acls(paths: readonly string[]): Promise<Map<string, readonly Acl[]>> {
    const acls = new Map<string, readonly Acl[]>();
    await inParts(paths, ACLS_AT_ONCE, async (path) => {
      const read = await untilAnswered(() => this.#client.getAcl(path)).catch(orNone);
      if (read !== undefined) acls.set(path, read.acl);
    });
    return acls;
  }
}

/** What is gone meanwhile is told by its own event. */
function orNone(error: unknown): undefined {
  if (error instanceof Error && "code" in error && error.code === "no_node") return undefined;
  throw error;
}

async function inParts<T, R>(
  items: readonly T[],
  atOnce: number,
  act: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < items.length; at += atOnce) {
    results.push(...(await Promise.all(items.slice(at, at + atOnce).map(act))));
  }
  return results;
}

/** A batch as transactions that fit into a write: the last one says how far it is. */
function* transactions(
  {
    changes,
    zxid,
    seenZxid,
    told,
  }: {
    readonly changes: readonly Change[];
    readonly zxid: bigint;
    readonly seenZxid: bigint;
    readonly told: bigint;
  },
  timeMs: number,
): Generator<FeedEvent> {
  const reached = zxid > told ? zxid : told;
  const facts = { sessionId: 0n, cxid: 0, timeMs };
  let part: Change[] = [];
  let bytes = 0;
  for (const change of changes) {
    const size = 200 + ("data" in change ? (change.data?.length ?? 0) : 0);
    if (part.length >= CHANGES_MAX || (part.length > 0 && bytes + size > CHANGES_BYTES_MAX)) {
      const transaction = { ...facts, zxid: told, changes: part };
      yield { type: "transaction", transaction, seenZxid };
      part = [];
      bytes = 0;
    }
    part.push(change);
    bytes += size;
  }
  const transaction = { ...facts, zxid: reached, changes: part };
  yield { type: "transaction", transaction, seenZxid };
}
