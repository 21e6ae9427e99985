/** Keeps a target equal to a source, one transaction after the other. */

import { Aborts, FairleadError } from "../base/mod.ts";
import {
  type Operation,
  parentOf,
  type SnapshotNode,
  SnapshotTree,
  type Transaction,
} from "../zookeeper/mod.ts";
import type { Phase } from "./journal.ts";
import type { FeedEvent, Side } from "./ports.ts";
import { type CountsPolicy, countOf, operationsOf, reconcileRuns } from "./reconcile.ts";
import { expectedNodes, type Translation, translate } from "./translate.ts";
import { sizeOf, type Writer } from "./writer.ts";

/** Writes that may wait; above it the source's log is read no further. */
const BACKLOG_MAX = 5_000;
const BACKLOG_BYTES_MAX = 64_000_000;
/** Paths whose last change is remembered. */
const RECENT_MAX = 100_000;
/** Phases in which everything may be copied anew. */
const COPYING: readonly Phase[] = ["bootstrap", "sync"];
const RECONCILE_OPERATIONS = 200;
const RECONCILE_BYTES = 500_000;

/** What a replicator tells. */
export interface ReplicatorEvents {
  /** A snapshot of the source was brought over; `touched` nodes had to be changed. */
  reconciled?(facts: { readonly nodes: number; readonly touched: number }): void;
  /** The source's leader changed, or its connection was made anew. */
  resumed?(leader: string): void;
  /** How far a first copy has come. */
  copied?(done: number, total: number): void;
}

/** Options of a {@linkcode Replicator}. */
export interface ReplicatorOptions {
  readonly source: Side;
  readonly target: Side;
  readonly writer: Writer;
  readonly translation: Translation;
  readonly policy: CountsPolicy;
  /** Whether ephemerals of the target stay as they are. @default false */
  readonly sparesEphemerals?: boolean | undefined;
  readonly events?: ReplicatorEvents | undefined;
}

/** Somebody who waits for a transaction to be on the target. */
interface Waiter {
  readonly zxid: bigint;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Reads the log of a source and writes it to a target.
 *
 * It knows what the target is to have at any moment (`expected`, by the target's paths), which
 * verification compares with what is there.
 */
export class Replicator {
  readonly #options: ReplicatorOptions;
  #expected = new SnapshotTree();
  #applied = 0n;
  #read = 0n;
  #relevant = 0n;
  #transactions = 0;
  #waiters: Waiter[] = [];
  readonly #aborts = new Aborts();
  /** Why it follows no more. */
  #end: { readonly error: unknown } | undefined;
  readonly #recent = new Map<string, bigint>();

  constructor(options: ReplicatorOptions) {
    this.#options = options;
  }

  get expected(): SnapshotTree {
    return this.#expected;
  }

  /** The last transaction that is on the target, with all before it. */
  get appliedZxid(): bigint {
    return this.#applied;
  }

  /** The last transaction that changed something that moves. */
  get relevantZxid(): bigint {
    return this.#relevant;
  }

  /** How many were read. */
  get transactionsCount(): number {
    return this.#transactions;
  }

  /** Whether a node was changed behind this transaction of the source. */
  changedSince(path: string, zxid: bigint): boolean {
    return (this.#recent.get(path) ?? 0n) > zxid;
  }

  /**
   * Copy what there is, then follow.
   *
   * @param from Where to go on: a transaction, and what the target has at it; absent: a new copy.
   * @throws What the feed, the writer and the clients throw.
   */
  async run(
    from: { readonly zxid: bigint; readonly nodes: readonly SnapshotNode[] } | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const ending = new AbortController();
    this.#end = undefined;
    // A write may fail when nothing comes any more: nobody would push, and be told.
    let failure: { readonly error: unknown } | undefined;
    void this.#options.writer.failed.then((error) => {
      failure = { error };
      ending.abort(error);
    });
    const either = AbortSignal.any([signal, ending.signal]);
    try {
      if (from !== undefined) this.load(from);
      for await (const event of this.#options.source.feed(from?.zxid ?? 0n, either)) {
        await this.#take(event, either);
      }
      if (failure !== undefined) throw failure.error;
    } catch (error) {
      if (signal.aborted) return;
      this.#end = failure ?? { error };
      throw this.#end.error;
    } finally {
      this.#end ??= { error: stopped() };
      for (const { reject } of this.#waiters.splice(0)) reject(this.#end.error);
    }
  }

  /** Take what the target has at a transaction for granted. */
  load({ zxid, nodes }: { readonly zxid: bigint; readonly nodes: readonly SnapshotNode[] }): void {
    this.#expected = treeOf(nodes);
    this.#applied = zxid;
    this.#read = zxid;
  }

  /** Resolves when a transaction of the source, and all before it, is on the target. */
  reached(zxid: bigint, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#applied >= zxid) return resolve();
      if (this.#end !== undefined) return reject(this.#end.error);
      const abort = (reason: unknown) => reject(reason);
      const settled = (act: () => void) => {
        this.#aborts.remove(signal, abort);
        act();
      };
      const waiter = {
        zxid,
        resolve: () => settled(resolve),
        reject: (error: unknown) => settled(() => reject(error)),
      };
      // In order, so that those who are reached stand in front; mostly it is the last one.
      let at = this.#waiters.length;
      while (at > 0 && (this.#waiters[at - 1]?.zxid ?? 0n) > zxid) at -= 1;
      this.#waiters.splice(at, 0, waiter);
      this.#aborts.add(signal, abort);
    });
  }

  async #take(event: FeedEvent, signal: AbortSignal): Promise<void> {
    const { events, writer } = this.#options;
    if (event.type === "resumed") {
      events?.resumed?.(event.leader);
      // The zxid with which a new leader begins is no transaction, but all before it is there.
      if (event.zxid > this.#read) this.#advance(event.zxid);
      return;
    }
    if (event.type === "snapshot") {
      await this.#copy(event.zxid, event.nodes, signal);
      return;
    }
    this.#transaction(event.transaction, event.seenZxid);
    const isFull = writer.backlog > BACKLOG_MAX || writer.backlogBytes > BACKLOG_BYTES_MAX;
    if (isFull) await writer.flush();
  }

  #transaction(transaction: Transaction, seenZxid?: bigint): void {
    const { writer, translation } = this.#options;
    const { zxid } = transaction;
    const { operations, acls, changes, expendable } = translate(
      transaction,
      this.#expected,
      translation,
    );
    this.#expected.apply({ ...transaction, changes });
    this.#transactions += 1;
    this.#read = zxid;
    if (changes.length > 0) this.#relevant = zxid;
    for (const change of changes) {
      if (!("path" in change)) continue;
      this.#remember(change.path, seenZxid ?? zxid);
      // What was read node by node may have the child and not yet the parent's counter.
      if (seenZxid !== undefined) this.#remember(parentOf(change.path), seenZxid);
    }
    const done = () => this.#reach(zxid);
    writer.push({ operations, acls, patch: { zxid }, expendable, done });
  }

  #advance(zxid: bigint): void {
    this.#read = zxid;
    this.#options.writer.push({
      operations: [],
      acls: [],
      patch: { zxid },
      done: () => this.#reach(zxid),
    });
  }

  /** Bring a snapshot over: into nothing, or where something is already. */
  async #copy(zxid: bigint, nodes: readonly SnapshotNode[], signal: AbortSignal): Promise<void> {
    const { writer, target, translation, policy, sparesEphemerals, events } = this.#options;
    // In a cutover the journal has to go on saying so: whoever follows opens the source again.
    if (!COPYING.includes(writer.cursor.phase)) throw logLost(writer.cursor.phase);
    await writer.write({ operations: [], acls: [], patch: { phase: "bootstrap" } });
    const wanted = expectedNodes(nodes, translation);
    const there = await nodesOf(target, translation.scope.inverse(), signal);
    const found = sparesEphemerals ? there.filter(isPlain) : there;
    const missing = await this.#missingParents();
    const { runs, acls, touched } = reconcileRuns(wanted, found, policy);
    let done = 0;
    const all = [{ operations: missing, times: 1 }, ...runs];
    const total = countOf(all);
    for (const batch of batchesOf(operationsOf(all))) {
      signal.throwIfAborted();
      writer.push({
        operations: batch,
        acls: [],
        patch: {},
        done: () => {
          done += batch.length;
          events?.copied?.(done, total);
        },
      });
      if (writer.backlog > 64) await writer.flush();
    }
    for (const acl of acls) writer.push({ operations: [], acls: [acl], patch: {} });
    this.#expected = treeOf(wanted);
    this.#read = zxid;
    await writer.write({ operations: [], acls: [], patch: { phase: "sync", zxid } });
    events?.reconciled?.({ nodes: wanted.length, touched });
    this.#reach(zxid);
  }

  async #missingParents(): Promise<Operation[]> {
    const { target, translation } = this.#options;
    const missing: Operation[] = [];
    for (const path of translation.scope.parents()) {
      if ((await target.client.exists(path)) === undefined) missing.push({ type: "create", path });
    }
    return missing;
  }

  #reach(zxid: bigint): void {
    if (zxid <= this.#applied) return;
    this.#applied = zxid;
    const first = this.#waiters.findIndex((each) => each.zxid > zxid);
    const reached = this.#waiters.splice(0, first < 0 ? this.#waiters.length : first);
    for (const { resolve } of reached) resolve();
  }

  #remember(path: string, zxid: bigint): void {
    this.#recent.delete(path);
    this.#recent.set(path, zxid);
    if (this.#recent.size <= RECENT_MAX) return;
    const [oldest] = this.#recent.keys();
    if (oldest !== undefined) this.#recent.delete(oldest);
  }
}

/** Whether a node does not go with a session. */
export function isPlain({ lifetime }: SnapshotNode): boolean {
  return lifetime.type !== "ephemeral";
}

/** The nodes of a side that a scope takes, at one moment. */
export async function nodesOf(
  side: Side,
  scope: Translation["scope"],
  signal: AbortSignal,
): Promise<SnapshotNode[]> {
  const { nodes } = await snapshotOf(side, signal);
  return nodes.filter(({ path }) => scope.map(path) !== undefined);
}

/** All of a side, at one moment. */
export async function snapshotOf(
  side: Side,
  signal: AbortSignal,
): Promise<Extract<FeedEvent, { readonly type: "snapshot" }>> {
  for await (const event of side.feed(0n, signal)) if (event.type === "snapshot") return event;
  throw stopped();
}

function treeOf(nodes: readonly SnapshotNode[]): SnapshotTree {
  const tree = new SnapshotTree();
  for (const node of nodes) tree.load(node);
  return tree;
}

function* batchesOf(operations: Iterable<Operation>): Generator<Operation[]> {
  let batch: Operation[] = [];
  let bytes = 0;
  for (const operation of operations) {
    const size = sizeOf([operation]);
    if (
      batch.length >= RECONCILE_OPERATIONS ||
      (batch.length > 0 && bytes + size > RECONCILE_BYTES)
    ) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(operation);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}

function logLost(phase: Phase): FairleadError {
  return new FairleadError(
    "migration_stopped",
    `Cannot go on in phase "${phase}": the source no longer has the log that followed; start again, which opens the source`,
    { details: { phase } },
  );
}

function stopped(): FairleadError {
  return new FairleadError("migration_stopped", "Cannot go on with the migration: it was stopped");
}
