/** A migration from its first copy to its end: phases, cutover, rollback. */

import { BoundedQueue, type Clock, FairleadError, systemClock } from "../base/mod.ts";
import type { Operation, SnapshotNode } from "../zookeeper/mod.ts";
import { type Comparison, compare } from "./compare.ts";
import type { MigrationEvent } from "./events.ts";
import { differs, notQuiet, soakNotOver, tooLate, wrongPhase } from "./failures.ts";
import { aclFence, type FencedNode, isFenced, readOnly, setAcls } from "./fences.ts";
import { type Cursor, journalPaths, type Phase } from "./journal.ts";
import { makeJournal, markMoved } from "./journal_nodes.ts";
import type { MigrationOptions } from "./options.ts";
import type { Fence } from "./ports.ts";
import { quotaOperations } from "./quotas.ts";
import type { CountsPolicy } from "./reconcile.ts";
import {
  clientsOf,
  type Expected,
  expectedEphemerals,
  isHome,
  lookAt,
  toldHome,
} from "./rehome.ts";
import { isPlain, nodesOf, Replicator, snapshotOf } from "./replicator.ts";
import { RollingCheck } from "./rolling.ts";
import { originalAcl, readSavedAcls, type SavedAcls, saveAcls } from "./saved_acls.ts";
import { Scope } from "./scope.ts";
import { steady } from "./steady.ts";
import { expectedNodes, type Translation } from "./translate.ts";
import { WayBack } from "./way_back.ts";
import { Writer } from "./writer.ts";

const EVENTS_MAX = 1_024;
const SEAL_TRIES_MAX = 50;
const REHOME_POLL_MS = 250;
/** How far behind the way back may be when it is given up. */
const WAY_BACK_MS = 5_000;

/** Phases in which the source is the one that clients write to. */
const BEFORE_OPEN: readonly Phase[] = ["bootstrap", "sync", "drain", "fence", "seal", "unfence"];

/**
 * One migration, driven by this process.
 *
 * Everything that has to outlive the process stands on the target, in the cursor that every write
 * sets along: a process that is killed at any moment is followed by another one with the same
 * options, which goes on, or undoes a cutover that was cut off.
 *
 * Nothing is written to the source before the fence.
 */
export class Migration {
  readonly #options: MigrationOptions;
  readonly #scope: Scope;
  readonly #counts: CountsPolicy;
  readonly #clock: Clock;
  readonly #writer: Writer;
  readonly #ending = new AbortController();
  readonly #readers = new Set<BoundedQueue<MigrationEvent>>();
  readonly #fences: readonly Fence[];
  #forward: {
    readonly replicator: Replicator;
    readonly stop: AbortController;
    ended: Promise<void>;
  };
  #wayBack: WayBack | undefined;
  #failure: unknown;
  #fencedAtMs = 0;

  private constructor(options: MigrationOptions, scope: Scope, writer: Writer) {
    this.#options = options;
    this.#scope = scope;
    this.#counts = { versions: true, counters: true, ...options.counts };
    this.#clock = options.clock ?? systemClock;
    this.#writer = writer;
    this.#forward = this.#makeForward();
    const { fences = [], fenceAcls = true } = options;
    this.#fences = fenceAcls ? [this.#aclFence(), ...fences] : fences;
    if (this.#fences.length === 0) {
      const message = "Cannot cut over without a fence: leave fenceAcls, or hand in fences";
      throw new FairleadError("invalid_option", message, { details: { field: "fences" } });
    }
  }

  /**
   * Begin a migration, or go on with one: whoever drove it before is shut out.
   *
   * @throws {FairleadError} `invalid_scope`, `invalid_path`, `invalid_option`, `invalid_journal`;
   * what the clients throw.
   */
  static async open(given: MigrationOptions): Promise<Migration> {
    const options = { ...given, source: steady(given.source), target: steady(given.target) };
    if (!/^[a-z0-9][a-z0-9-]{0,63}$/.test(options.id)) {
      const message = `Cannot use id "${options.id}": it must be letters, digits and dashes, up to 64`;
      throw new FairleadError("invalid_option", message, { details: { field: "id" } });
    }
    const scope = new Scope(options.mappings, options.exclude);
    const paths = journalPaths(options.id);
    await makeJournal(options.target.client, options);
    const { client } = options.target;
    const writer = await Writer.claim(client, paths.cursor, options.owner, options.writer);
    return new Migration(options, scope, writer);
  }

  get phase(): Phase {
    return this.#writer.cursor.phase;
  }

  get cursor(): Cursor {
    return this.#writer.cursor;
  }

  /** Writes whose outcome was unknown for a while. */
  get resolved(): number {
    return this.#writer.resolved;
  }

  /** What happens from now on; a reader that lags loses the oldest. */
  async *events(signal?: AbortSignal): AsyncGenerator<MigrationEvent, undefined> {
    const queue = new BoundedQueue<MigrationEvent>({
      capacityMax: EVENTS_MAX,
      whenFull: "drop_oldest",
    });
    if (this.#ending.signal.aborted) queue.close();
    this.#readers.add(queue);
    try {
      yield* queue.values({ signal });
    } finally {
      this.#readers.delete(queue);
    }
    return undefined;
  }

  /**
   * Go on where the journal stands: copy and follow, or give up a cutover that was cut off, or
   * bring changes back. Resolves once it follows.
   */
  async start(): Promise<void> {
    const { phase } = this.cursor;
    if (phase === "finalized" || phase === "aborted") return;
    if (!BEFORE_OPEN.includes(phase)) {
      await this.#startReverse();
      const { target, id } = this.#options;
      if ((await readSavedAcls(target.client, id)) !== undefined) {
        await this.rollback("the process that went back is gone");
      } else if (phase !== "soak") await this.#sendClients(this.#ending.signal);
      return;
    }
    // What the target has at the cursor is what it is to have: nobody else writes to it.
    const { zxid } = this.cursor;
    const { signal } = this.#ending;
    const { target } = this.#options;
    const from =
      phase === "bootstrap"
        ? undefined
        : { zxid, nodes: await nodesOf(target, this.#scope.inverse(), signal) };
    if (phase !== "bootstrap" && phase !== "sync") {
      if (from !== undefined) this.#forward.replicator.load(from);
      await this.rollback("the process that did the cutover is gone");
    }
    await this.#startForward(from);
  }

  /** Resolves when a transaction of the source, and all before it, is on the target. */
  reached(zxid: bigint): Promise<void> {
    return this.#forward.replicator.reached(zxid, this.#ending.signal);
  }

  /** Resolves when all that the source has committed by now is on the target. */
  async barrier(): Promise<bigint> {
    const { source } = this.#options;
    await source.client.multi([]);
    const zxid = source.client.lastZxid;
    await this.reached(zxid);
    return zxid;
  }

  /**
   * Compare what the target has with what the source has, read from both anew.
   *
   * What changes meanwhile is left out, and counted as nothing: nodes whose last change is not
   * older than the source's snapshot.
   *
   * @throws {FairleadError} `wrong_phase` once the target was opened: then the source is the copy.
   */
  async verify(): Promise<Comparison> {
    this.#check();
    if (!BEFORE_OPEN.includes(this.phase)) throw wrongPhase("verify", this.phase, "sync");
    const { source, target } = this.#options;
    const { signal } = this.#ending;
    // Both at once, and so at two moments: what changed behind the older one is left out.
    const { zxid } = this.cursor;
    const [from, to] = await Promise.all([snapshotOf(source, signal), snapshotOf(target, signal)]);
    await this.reached(from.seenZxid ?? from.zxid);
    const [older = 0n] = [zxid, from.zxid].sort((one, other) => (one < other ? -1 : 1));
    const inverse = this.#scope.inverse();
    const actual = to.nodes.filter((each) => inverse.map(each.path) !== undefined);
    const { replicator } = this.#forward;
    const comparison = compare(this.#expectedOf(from.nodes), actual, {
      policy: this.#counts,
      ignore: (each) => replicator.changedSince(each, older),
    });
    this.#tell({ type: "verified", comparison });
    return comparison;
  }

  /**
   * Move the clients over: drain, fence, seal, open. Resolves when the target is open and changes
   * are brought back to the source. When something fails or takes too long before that, all of it
   * is undone, and the migration follows as before.
   *
   * @throws {FairleadError} `cutover_aborted`, with the reason; the source is open again.
   */
  async cutover(): Promise<void> {
    this.#check();
    if (this.phase !== "sync") throw wrongPhase("cut over", this.phase, "sync");
    const { cutoverDeadlineMs = 300_000 } = this.#options;
    const deadline = new AbortController();
    const signal = AbortSignal.any([deadline.signal, this.#ending.signal]);
    const over = new AbortController();
    void this.#clock
      .sleep(cutoverDeadlineMs, { signal: over.signal })
      .then(() => deadline.abort(tooLate(cutoverDeadlineMs)))
      .catch(() => undefined);
    try {
      await this.#cutover(signal, this.#clock.nowMs() + cutoverDeadlineMs);
    } catch (cause) {
      if (!BEFORE_OPEN.includes(this.phase)) throw cause;
      const { message } = FairleadError.from(cause);
      if (this.#failure === undefined) await this.rollback(message);
      throw new FairleadError("cutover_aborted", `Cannot cut over: ${message}`, { cause });
    } finally {
      over.abort();
    }
  }

  /**
   * Go back: before the target was opened nothing is lost and the source is opened again; after
   * it, what clients wrote to the target is brought to the source first.
   */
  async rollback(reason = "asked for"): Promise<void> {
    this.#check();
    if (BEFORE_OPEN.includes(this.phase)) await this.#unfence(reason);
    else if (this.phase === "finalized") throw wrongPhase("roll back", this.phase, "soak");
    else await this.#goBack(reason);
  }

  /**
   * Clients are on the target for good: nothing is brought back any more.
   *
   * @param force Whether criteria that are not met are passed over.
   * @throws {FairleadError} `soak_not_over`, with what is not met: the time of `soakMs`, clients that
   * are still on the source, a way back that lags; `wrong_phase`.
   */
  async finalize({ force = false }: { readonly force?: boolean } = {}): Promise<void> {
    this.#check();
    if (this.phase !== "soak") throw wrongPhase("finalize", this.phase, "soak");
    const unmet = await this.soak();
    if (unmet.length > 0 && !force) throw soakNotOver(unmet);
    const reason = unmet.length === 0 ? "asked for" : `forced: ${unmet.join("; ")}`;
    await this.#enter("finalized", reason);
    this.#wayBack?.stop();
    await this.#leaveWord();
  }

  /** On the source, as far as it is still there: it is over without, too. */
  async #leaveWord(): Promise<void> {
    const { source, id } = this.#options;
    const over = new AbortController();
    const late = this.#clock.sleep(WAY_BACK_MS, { signal: over.signal });
    const left = markMoved(source.client, id, this.#clock.nowMs());
    await Promise.race([late, left]).catch(() => undefined);
    over.abort();
    late.catch(() => undefined);
    left.catch(() => undefined);
  }

  /** What speaks against `finalize` now; empty: nothing. */
  async soak(): Promise<readonly string[]> {
    const { source } = this.#options;
    const leftMs = this.cursor.deadlineMs - this.#clock.nowMs();
    const sessions = await clientsOf(source, [source.client.session.id]);
    const isBehind = (await this.#wayBack?.lags(WAY_BACK_MS)) ?? true;
    return [
      ...(leftMs > 0 ? [`the soak goes on for ${Math.ceil(leftMs / 1_000)} s`] : []),
      ...(this.#movesAll() && (sessions ?? 0) > 0
        ? [`${sessions} clients are still on the source`]
        : []),
      ...(isBehind ? [`the way back is more than ${WAY_BACK_MS} ms behind`] : []),
    ];
  }

  /** Leave everything as it stands: another process may go on. */
  async stop(): Promise<void> {
    this.#ending.abort();
    this.#forward.stop.abort();
    this.#wayBack?.stop();
    await this.#forward.ended.catch(() => undefined);
    for (const reader of this.#readers) if (!reader.closed) reader.close();
  }

  async #startForward(from: Parameters<Replicator["run"]>[0]): Promise<void> {
    const { replicator, stop } = this.#forward;
    this.#forward.ended = replicator.run(from, stop.signal).catch((error) => this.#fail(error));
    await replicator.reached(from === undefined ? 1n : from.zxid, this.#ending.signal);
    const { heartbeatMs = 250, rollingMs = 0 } = this.#options;
    void this.#repeat(heartbeatMs, (signal) => this.#heartbeat(signal));
    void this.#repeat(rollingMs, this.#rollingCheck());
  }

  async #cutover(signal: AbortSignal, deadlineMs: number): Promise<void> {
    const { source, hooks = {} } = this.#options;
    const ownSessions = [...this.cursor.ownSessions, source.client.session.id];
    await this.#enter("drain", "asked for", { deadlineMs, ownSessions });
    await hooks.drain?.(signal);
    // What the fence itself does on the source is ours, and written down before it is done.
    await this.#enter("fence", "drained");
    this.#fencedAtMs = this.#clock.nowMs();
    for (const fence of this.#fences) await fence.close(signal);
    await this.#enter("seal", "fenced");
    const reverseZxid = await this.#seal(signal);
    signal.throwIfAborted();
    await this.#open(reverseZxid);
  }

  /** Wait until nothing comes any more, and compare. Returns where the way back begins. */
  async #seal(signal: AbortSignal): Promise<bigint> {
    const { quietMs = 100 } = this.#options;
    for (let tries = 1; ; tries += 1) {
      const before = this.#forward.replicator.relevantZxid;
      await this.barrier();
      // Nodes that were made, and ACLs that were set, while the fence was closed: they are known now.
      for (const fence of this.#fences) await fence.close(signal);
      await this.#clock.sleep(quietMs, { signal });
      await this.barrier();
      if (this.#forward.replicator.relevantZxid === before) break;
      if (tries >= SEAL_TRIES_MAX) throw notQuiet();
    }
    await this.#writer.flush();
    const { source, target } = this.#options;
    const [from, to] = await Promise.all([snapshotOf(source, signal), snapshotOf(target, signal)]);
    const inverse = this.#scope.inverse();
    const actual = to.nodes.filter(({ path }) => inverse.map(path) !== undefined);
    const comparison = compare(this.#expectedOf(from.nodes), actual, { policy: this.#counts });
    this.#tell({ type: "verified", comparison });
    if (comparison.differencesCount > 0) throw differs(comparison);
    const quotas = quotaOperations(from.nodes, to.nodes, this.#scope);
    if (quotas.length > 0) await this.#writer.write({ operations: quotas, acls: [], patch: {} });
    return to.zxid;
  }

  async #open(reverseZxid: bigint): Promise<void> {
    this.#forward.stop.abort();
    await this.#forward.ended;
    await this.#enter("open", "sealed", { reverseZxid });
    await this.#startReverse();
    // The deadline is over with the source: half-way back nobody could write anywhere.
    await this.#sendClients(this.#ending.signal);
  }

  async #sendClients(signal: AbortSignal): Promise<void> {
    const ephemerals = await this.#dropGhosts(signal);
    await this.#options.hooks?.openTarget?.(signal);
    this.#tell({ type: "opened", fencedMs: this.#clock.nowMs() - this.#fencedAtMs });
    await this.#enter("rehome", "the target is open");
    const outcome = await this.#rehome(ephemerals);
    const { soakMs = 0 } = this.#options;
    await this.#enter("soak", outcome, { deadlineMs: this.#clock.nowMs() + soakMs });
  }

  /** Wait for clients, and tell how far they are. */
  async #rehome(expected: Expected): Promise<string> {
    const { source, target, rehomeMs = 0 } = this.#options;
    const { signal } = this.#ending;
    const own = [...this.cursor.ownSessions, source.client.session.id, target.client.session.id];
    const untilMs = this.#clock.nowMs() + rehomeMs;
    for (;;) {
      const state = await lookAt(source, target, expected, own);
      this.#tell({ type: "rehomed", ...state });
      const isOver = isHome(state, this.#movesAll()) || this.#clock.nowMs() >= untilMs;
      if (isOver) return toldHome(state);
      await this.#clock.sleep(REHOME_POLL_MS, { signal });
    }
  }

  /** Whether nothing stays behind for which a client might stay, too. */
  #movesAll(): boolean {
    return this.#options.mappings.some(({ from }) => from === "/");
  }

  /**
   * Make room for the ephemerals that clients bring: the plain nodes in their places go. Returns
   * which ones are to come.
   */
  async #dropGhosts(signal: AbortSignal): Promise<Expected> {
    const { source, ephemerals = () => "drop" } = this.#options;
    const { nodes } = await snapshotOf(source, signal);
    const paths = nodes.flatMap(({ path, lifetime }) => {
      const isGhost = lifetime.type === "ephemeral" && ephemerals(path) === "ghost";
      const place = isGhost ? this.#scope.map(path) : undefined;
      return place === undefined ? [] : [place];
    });
    for (const path of paths) {
      const operations = [{ type: "delete", path }] as const;
      this.#writer.push({ operations, acls: [], patch: {}, expendable: new Set([path]) });
    }
    await this.#writer.flush();
    return expectedEphemerals(nodes, this.#scope, this.cursor.ownSessions);
  }

  async #unfence(reason: string): Promise<void> {
    const { hooks = {} } = this.#options;
    const { signal } = this.#ending;
    const wasFenced = ["fence", "seal", "unfence"].includes(this.phase);
    if (this.phase === "bootstrap" || this.phase === "sync") {
      await this.#enter("aborted", reason);
      this.#forward.stop.abort();
      return;
    }
    await this.#enter("unfence", reason);
    if (wasFenced) {
      for (const fence of this.#fences.toReversed()) await fence.open(signal);
    }
    await hooks.undrain?.(signal);
    await this.#enter("sync", `rolled back: ${reason}`, { deadlineMs: 0 });
  }

  /** Behind the opened target: shut it, bring the last changes back, open the source. */
  async #goBack(reason: string): Promise<void> {
    const { hooks = {}, fences = [], fenceAcls = true } = this.#options;
    const { signal } = this.#ending;
    const wayBack = this.#wayBack;
    if (wayBack === undefined) throw wrongPhase("roll back", this.phase, "soak");
    const saved = await this.#shutTarget(signal);
    await wayBack.drain(this.#options.quietMs ?? 100, signal);
    for (const fence of fences.toReversed()) await fence.open(signal);
    if (fenceAcls) await this.#openSource(saved, signal);
    await hooks.openSource?.(signal);
    await hooks.undrain?.(signal);
    await this.#enter("aborted", reason);
  }

  /** Shut every node of the target; what it had is kept first, for whoever goes on with it. */
  async #shutTarget(signal: AbortSignal): Promise<SavedAcls> {
    const { target, id } = this.#options;
    const { client } = target;
    const nodes = async () =>
      (await nodesOf(target, this.#scope.inverse(), signal)).filter(isPlain);
    const saved = await saveAcls({ client, writer: this.#writer, id }, await nodes());
    for (;;) {
      // Nodes that were made, and ACLs that were set, while it was shut come with the next turn.
      const open = (await nodes()).filter(({ acl }) => !isFenced(acl, acl));
      if (open.length === 0) return saved;
      await setAcls(client, open.map(closed), signal);
    }
  }

  /** Give the source's nodes back what the target's had; what was opened already is let be. */
  async #openSource(saved: SavedAcls, signal: AbortSignal): Promise<void> {
    const { source, target } = this.#options;
    const inverse = this.#scope.inverse();
    const there = await nodesOf(target, inverse, signal);
    const originals = new Map(
      there.map((node) => [inverse.map(node.path), originalAcl(node, saved)]),
    );
    const shut = (await nodesOf(source, this.#scope, signal)).flatMap(({ path, acl }) => {
      const original = originals.get(path);
      return original !== undefined && isFenced(acl, original) ? [{ path, acl: original }] : [];
    });
    await setAcls(source.client, shut, signal);
  }

  /** Bring changes of the target back, so that the source can take over at any time. */
  async #startReverse(): Promise<void> {
    const { source, target, id, owner, writer, fenceAcls = true } = this.#options;
    const options = {
      ...{ source, target, id, owner, writer, fenceAcls },
      scope: this.#scope,
      zxid: this.cursor.reverseZxid,
      clock: this.#clock,
      resumed: (leader: string) => this.#tell({ type: "resumed", side: "target", leader }),
      failed: (error: unknown) => this.#fail(error),
    };
    this.#wayBack = await WayBack.start(options, this.#ending.signal);
  }

  #fail(error: unknown): void {
    this.#failure = error;
    this.#tellEnd(error);
  }

  /** Do it now and then; what is wrong for good ends the migration elsewhere. */
  async #repeat(everyMs: number, act: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { signal } = this.#forward.stop;
    while (everyMs > 0 && !signal.aborted && this.#failure === undefined) {
      await act(signal).catch(() => undefined);
      await this.#clock.sleep(everyMs, { signal }).catch(() => undefined);
    }
  }

  async #heartbeat(signal: AbortSignal): Promise<void> {
    const { client } = this.#options.source;
    const { replicator } = this.#forward;
    await client.multi([]);
    const zxid = client.lastZxid;
    const committedMs = this.#clock.nowMs();
    await replicator.reached(zxid, signal);
    const lagMs = this.#clock.nowMs() - committedMs;
    this.#tell({ type: "lag", lagMs, zxid, transactions: replicator.transactionsCount });
  }

  #rollingCheck(): (signal: AbortSignal) => Promise<void> {
    const { rollingNodes, source, target, data } = this.#options;
    const check = new RollingCheck({
      source: source.client,
      target: target.client,
      replicator: this.#forward.replicator,
      scope: this.#scope,
      policy: this.#counts,
      data,
      nodesMax: rollingNodes,
    });
    return async (signal) => {
      // The fence changes ACLs, and has a comparison of its own.
      if (this.phase !== "sync") return;
      const rolled = await check.step(signal);
      if (this.phase === "sync") this.#tell({ type: "rolled", ...rolled });
    };
  }

  #makeForward() {
    const { source, target } = this.#options;
    const replicator = new Replicator({
      source,
      target,
      writer: this.#writer,
      policy: this.#counts,
      translation: {
        ...this.#translation(),
        isOwn: (session) => this.#isOwn(session),
        // By watches nobody is told who set an ACL.
        isFence: (acl, known) => this.phase !== "sync" && isFenced(acl, known),
      },
      events: {
        copied: (done, total) => this.#tell({ type: "copied", done, total }),
        reconciled: (facts) => this.#tell({ type: "reconciled", ...facts }),
        resumed: (leader) => this.#tell({ type: "resumed", side: "source", leader }),
      },
    });
    return { replicator, stop: new AbortController(), ended: Promise.resolve() };
  }

  #translation(): Omit<Translation, "isOwn"> {
    const { ephemerals = () => "drop", data } = this.#options;
    return { scope: this.#scope, ephemerals, acl: (acl) => acl, data };
  }

  #isOwn(session: bigint): boolean {
    return this.cursor.ownSessions.includes(session);
  }

  /** What the target is to have of a snapshot of the source, which may be fenced. */
  #expectedOf(nodes: readonly SnapshotNode[]): SnapshotNode[] {
    return expectedNodes(nodes, this.#translation()).map((node) => {
      const known = this.#forward.replicator.expected.get(node.path)?.acl;
      return known !== undefined && isFenced(node.acl, known) ? { ...node, acl: known } : node;
    });
  }

  /** The fence by ACLs: what it fences is what is on the target, by the source's paths. */
  #aclFence(): Fence {
    const inverse = this.#scope.inverse();
    return aclFence(this.#options.source.client, () =>
      this.#forward.replicator.expected.nodes().flatMap(({ path, acl }): FencedNode[] => {
        const own = inverse.map(path);
        return own === undefined ? [] : [{ path: own, acl }];
      }),
    );
  }

  async #enter(phase: Phase, reason: string, patch: Partial<Cursor> = {}): Promise<void> {
    const atMs = this.#clock.nowMs();
    const entry = JSON.stringify({ phase, reason, atMs });
    const { ledger } = journalPaths(this.#options.id);
    const operation: Operation = {
      type: "create",
      path: `${ledger}/`,
      data: new TextEncoder().encode(entry),
      sequential: true,
    };
    await this.#writer.write({ operations: [operation], acls: [], patch: { ...patch, phase } });
    this.#tell({ type: "phase", phase, reason, atMs });
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  #tell(event: MigrationEvent): void {
    for (const reader of this.#readers) if (!reader.closed) reader.push(event);
  }

  #tellEnd(error: unknown): void {
    for (const reader of this.#readers) if (!reader.closed) reader.fail(error);
  }
}

const closed = ({ path, acl }: SnapshotNode): FencedNode => ({ path, acl: readOnly(acl) });
