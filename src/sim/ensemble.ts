/** An ensemble of ZooKeeper on virtual time: its log, its clients, and what goes wrong with them. */

import { type Clock, FairleadError, type Random } from "../base/mod.ts";
import type { EnsembleClient, Feed } from "../migration/mod.ts";
import {
  type Acl,
  type Change,
  ERRORS,
  NEW_NODE,
  nameOf,
  OPEN_ACL,
  type Operation,
  type OperationResult,
  PERMISSIONS,
  parentOf,
  type ReadResult,
  type SnapshotNode,
  SnapshotTree,
  type Stat,
  serverError,
  type TapEvent,
  type Transaction,
} from "../zookeeper/mod.ts";

/** How a {@linkcode SimulatedEnsemble} behaves. */
export interface EnsembleOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** The zxid before the first transaction. @default 0n */
  readonly zxid?: bigint | undefined;
  /** Ids of sessions begin here. @default 1n */
  readonly firstSession?: bigint | undefined;
  /** Latency of each way of a call; drawn evenly. @default 1 to 5 */
  readonly latencyMs?: { readonly min: number; readonly max: number } | undefined;
  /** How many transactions the log keeps: who is further behind gets a snapshot. @default 500 */
  readonly logMax?: number | undefined;
}

/** Options of {@linkcode SimulatedEnsemble.connect}. */
export interface SimulatedClientOptions {
  /** Whether ACLs do not bind it. @default false */
  readonly isSuper?: boolean | undefined;
  /** How many of its calls lose their answer: some were done, some were not. @default 0 */
  readonly lossRatio?: number | undefined;
}

/** A client of a simulated ensemble, and what can be done to its process. */
export interface SimulatedClient extends EnsembleClient {
  setAcl(path: string, acl: readonly Acl[], options?: { readonly version?: number }): Promise<Stat>;
  /** The process is gone: none of its calls is ever answered, none of its feeds goes on. */
  kill(): void;
  /** The ensemble's log, as long as the process lives. */
  readonly feed: Feed;
}

/** One operation, or setting an ACL, which no multi can have. */
type Act =
  | Operation
  | { readonly type: "set_acl"; readonly path: string; readonly acl: readonly Acl[] };

/** What is needed to see a multi's own effects before it is done. */
interface Draft {
  readonly nodes: Map<string, SnapshotNode | undefined>;
  readonly counters: Map<string, number>;
  readonly changes: Change[];
}

/**
 * A small ensemble: one log, nodes with ACLs, versions and counters; every transaction is atomic.
 *
 * It knows what a migration asks for, no more: no ephemerals of its own, no watches, no quotas.
 */
export class SimulatedEnsemble {
  readonly #options: EnsembleOptions;
  readonly #tree = SnapshotTree.empty();
  readonly #log: Transaction[] = [];
  readonly #listeners = new Set<() => void>();
  #zxid: bigint;
  #session: bigint;

  constructor(options: EnsembleOptions) {
    this.#options = options;
    this.#zxid = options.zxid ?? 0n;
    this.#session = options.firstSession ?? 1n;
  }

  /** The tree as it stands. */
  get tree(): SnapshotTree {
    return this.#tree;
  }

  get zxid(): bigint {
    return this.#zxid;
  }

  /** All that was committed, as far as the log is kept. */
  get log(): readonly Transaction[] {
    return this.#log;
  }

  connect({ isSuper = false, lossRatio = 0 }: SimulatedClientOptions = {}): SimulatedClient {
    this.#session += 1n;
    return new Client(this, { ...this.#options, isSuper, lossRatio, id: this.#session });
  }

  /** Do all or nothing, now. */
  commit(acts: readonly Act[], session: bigint, isSuper: boolean): OperationResult[] {
    const draft: Draft = { nodes: new Map(), counters: new Map(), changes: [] };
    const results: OperationResult[] = [];
    for (const [index, act] of acts.entries()) {
      results.push(this.#perform(act, draft, { index, isSuper }));
    }
    this.#zxid += 1n;
    const transaction: Transaction = {
      zxid: this.#zxid,
      sessionId: session,
      cxid: 0,
      timeMs: this.#options.clock.nowMs(),
      changes: draft.changes,
    };
    this.#tree.apply(transaction);
    this.#log.push(transaction);
    const { logMax = 500 } = this.#options;
    if (this.#log.length > logMax * 2) this.#log.splice(0, logMax);
    for (const listener of this.#listeners) listener();
    return results;
  }

  /** A read; undefined when there is no such node. */
  node(path: string): Readonly<SnapshotNode> | undefined {
    return this.#tree.get(path);
  }

  children(path: string): string[] {
    const nodes = this.#tree.nodes();
    return nodes
      .filter((each) => each.path !== "/" && parentOf(each.path) === path)
      .map((each) => nameOf(each.path));
  }

  /** Calls back after each transaction, until what it returns is called. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #perform(act: Act, draft: Draft, at: { index: number; isSuper: boolean }): OperationResult {
    switch (act.type) {
      case "create":
        return this.#create(act, draft, at);
      case "set": {
        const node = this.#expect(act.path, act.version, draft, at);
        this.#permit(node, PERMISSIONS.write, at);
        const next = { ...node, data: act.data, version: node.version + 1 };
        draft.nodes.set(act.path, next);
        const { path, data } = act;
        draft.changes.push({ type: "set", path, data, version: next.version });
        return { type: "set", stat: statOf(next) };
      }
      case "delete": {
        const node = this.#expect(act.path, act.version, draft, at);
        this.#permit(this.#find(parentOf(act.path), draft), PERMISSIONS.delete, at);
        if (this.#hasChildren(act.path, draft)) throw refused(ERRORS.notEmpty, act.path, at.index);
        draft.nodes.set(node.path, undefined);
        draft.changes.push({ type: "delete", path: act.path });
        return { type: "delete" };
      }
      case "check":
        this.#expect(act.path, act.version, draft, at);
        return { type: "check" };
      case "set_acl": {
        const node = this.#expect(act.path, undefined, draft, at);
        this.#permit(node, PERMISSIONS.admin, at);
        const aversion = node.aversion + 1;
        draft.nodes.set(act.path, { ...node, acl: act.acl, aversion });
        draft.changes.push({ type: "set_acl", path: act.path, acl: act.acl, aversion });
        return { type: "check" };
      }
    }
  }

  #create(
    act: Extract<Operation, { readonly type: "create" }>,
    draft: Draft,
    at: { index: number; isSuper: boolean },
  ): OperationResult {
    const parentPath = parentOf(act.sequential ? `${act.path}0` : act.path);
    const parent = this.#find(parentPath, draft);
    if (parent === undefined) throw refused(ERRORS.noNode, act.path, at.index);
    this.#permit(parent, PERMISSIONS.create, at);
    const counter = draft.counters.get(parentPath) ?? parent.cversion;
    const path = act.sequential ? act.path + String(counter).padStart(10, "0") : act.path;
    if (this.#find(path, draft) !== undefined) throw refused(ERRORS.nodeExists, path, at.index);
    const { data = new Uint8Array(0), acl = OPEN_ACL } = act;
    const lifetime = act.lifetime ?? { type: "persistent" };
    draft.counters.set(parentPath, counter + 1);
    draft.nodes.set(path, { ...NEW_NODE, path, data, acl, lifetime });
    draft.changes.push({ type: "create", path, data, acl, lifetime, parentCversion: counter + 1 });
    return { type: "create", path };
  }

  #find(path: string, draft: Draft): SnapshotNode | undefined {
    return draft.nodes.has(path) ? draft.nodes.get(path) : this.#tree.get(path);
  }

  #expect(
    path: string,
    version: number | undefined,
    draft: Draft,
    { index }: { index: number },
  ): SnapshotNode {
    const node = this.#find(path, draft);
    if (node === undefined) throw refused(ERRORS.noNode, path, index);
    if (version === undefined || version === node.version) return node;
    throw refused(ERRORS.badVersion, path, index);
  }

  #permit(
    node: SnapshotNode | undefined,
    permission: number,
    { index, isSuper }: { index: number; isSuper: boolean },
  ): void {
    const isAllowed = node?.acl.some(
      (each) => each.scheme === "world" && (each.permissions & permission) !== 0,
    );
    if (!isSuper && isAllowed !== true) throw refused(ERRORS.noAuth, node?.path ?? "", index);
  }

  #hasChildren(path: string, draft: Draft): boolean {
    const kept = this.children(path).filter((name) => {
      const child = path === "/" ? `/${name}` : `${path}/${name}`;
      return this.#find(child, draft) !== undefined;
    });
    const made = [...draft.nodes].some(
      ([each, node]) => node !== undefined && each !== path && parentOf(each) === path,
    );
    return kept.length > 0 || made;
  }
}

interface ClientParts extends EnsembleOptions {
  readonly isSuper: boolean;
  readonly lossRatio: number;
  readonly id: bigint;
}

class Client implements SimulatedClient {
  readonly session: { readonly id: bigint };
  readonly #ensemble: SimulatedEnsemble;
  readonly #parts: ClientParts;
  #lastZxid = 0n;
  #isKilled = false;
  /** Calls are done in the order in which they are made. */
  #order: Promise<unknown> = Promise.resolve();

  constructor(ensemble: SimulatedEnsemble, parts: ClientParts) {
    this.#ensemble = ensemble;
    this.#parts = parts;
    this.session = { id: parts.id };
  }

  get lastZxid(): bigint {
    return this.#lastZxid;
  }

  kill(): void {
    this.#isKilled = true;
  }

  get(path: string) {
    return this.#call(() => {
      const node = this.#ensemble.node(path);
      if (node === undefined) throw refused(ERRORS.noNode, path, undefined);
      return { data: node.data, stat: statOf(node) };
    });
  }

  exists(path: string) {
    return this.#call(() => {
      const node = this.#ensemble.node(path);
      return node === undefined ? undefined : statOf(node);
    });
  }

  children(path: string) {
    return this.#call(() => {
      const node = this.#ensemble.node(path);
      if (node === undefined) throw refused(ERRORS.noNode, path, undefined);
      return { names: this.#ensemble.children(path), stat: statOf(node) };
    });
  }

  getAcl(path: string) {
    return this.#call(() => {
      const node = this.#ensemble.node(path);
      if (node === undefined) throw refused(ERRORS.noNode, path, undefined);
      return { acl: node.acl, stat: statOf(node) };
    });
  }

  async setAcl(
    path: string,
    acl: readonly Acl[],
    { version }: { readonly version?: number } = {},
  ): Promise<Stat> {
    await this.#call(() => {
      const known = this.#ensemble.node(path)?.aversion;
      if (version !== undefined && known !== undefined && known !== version) {
        throw refused(ERRORS.badVersion, path, undefined);
      }
      return this.#commit([{ type: "set_acl", path, acl }]);
    });
    return statOf(this.#ensemble.node(path) ?? NEW_NODE);
  }

  getMany(paths: readonly string[]): Promise<readonly ReadResult[]> {
    return this.#call(() =>
      paths.map((path) => {
        const node = this.#ensemble.node(path);
        if (node === undefined) return { path, error: refused(ERRORS.noNode, path, undefined) };
        return { path, data: node.data, stat: statOf(node) };
      }),
    );
  }

  multi(operations: readonly Operation[]): Promise<readonly OperationResult[]> {
    return this.#call(() => this.#commit(operations));
  }

  sync(): Promise<void> {
    return this.#call(() => undefined);
  }

  readonly feed: Feed = (fromZxid, signal) => this.#feed(fromZxid, signal);

  async *#feed(fromZxid: bigint, signal: AbortSignal): AsyncGenerator<TapEvent, undefined> {
    let zxid = fromZxid;
    await this.#latency();
    const [oldest] = this.#ensemble.log;
    if (zxid === 0n || (oldest !== undefined && oldest.zxid > zxid + 1n)) {
      zxid = this.#ensemble.zxid;
      const nodes = this.#ensemble.tree.nodes().map((node) => ({ ...node }));
      yield { type: "snapshot" as const, zxid, nodes, sessions: new Map<bigint, number>() };
    }
    yield { type: "resumed" as const, leader: "simulated", zxid };
    for (;;) {
      const next = this.#ensemble.log.find((each) => each.zxid > zxid);
      if (next === undefined) {
        await this.#news(signal);
        continue;
      }
      await this.#latency();
      signal.throwIfAborted();
      zxid = next.zxid;
      yield { type: "transaction" as const, transaction: next };
    }
  }

  /** Resolves with the next transaction; never for a process that is gone. */
  #news(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const abort = () => {
        stop();
        reject(signal.reason);
      };
      const stop = this.#ensemble.listen(() => {
        stop();
        signal.removeEventListener("abort", abort);
        resolve();
      });
      signal.addEventListener("abort", abort, { once: true });
    });
  }

  #commit(acts: readonly Act[]): OperationResult[] {
    return this.#ensemble.commit(acts, this.#parts.id, this.#parts.isSuper);
  }

  #call<T>(perform: () => T): Promise<T> {
    const done = this.#order.then(() => this.#perform(perform));
    this.#order = done.catch(() => undefined);
    return done;
  }

  async #perform<T>(perform: () => T): Promise<T> {
    const { random, lossRatio } = this.#parts;
    await this.#latency();
    const isLost = lossRatio > 0 && random.next() < lossRatio;
    if (isLost && random.next() < 0.5) throw lost();
    const value = perform();
    const zxid = this.#ensemble.zxid;
    await this.#latency();
    if (isLost) throw lost();
    if (zxid > this.#lastZxid) this.#lastZxid = zxid;
    return value;
  }

  async #latency(): Promise<void> {
    const { clock, random, latencyMs: { min, max } = { min: 1, max: 5 } } = this.#parts;
    await clock.sleep(min + (max - min) * random.next());
    if (this.#isKilled) await new Promise<never>(() => {});
  }
}

function statOf(node: SnapshotNode): Stat {
  const { czxid, mzxid, pzxid, ctimeMs, mtimeMs, version, cversion, aversion } = node;
  const { ephemeralOwner, data } = node;
  const counts = { version, cversion, aversion, dataBytes: data?.length ?? 0, childrenCount: 0 };
  return { czxid, mzxid, pzxid, ctimeMs, mtimeMs, ephemeralOwner, ...counts };
}

function refused(number: number, path: string, index: number | undefined): FairleadError {
  return serverError(number, `use ${path}`, { path, index });
}

function lost(): FairleadError {
  return new FairleadError("connection_loss", "Cannot tell whether this was done: it was lost");
}
