/** A migration from its first copy to its end: phases, cutover, rollback. */

import { type Clock, FairleadError, systemClock } from "../base/mod.ts";
import type { Operation } from "../zookeeper/mod.ts";
import { both, type Comparison, compare } from "./compare.ts";
import { Listeners, type MigrationEvent } from "./events.ts";
import { busy, calledOff, soakNotOver, tooLate, wrongPhase } from "./failures.ts";
import { aclFence } from "./fences.ts";
import { openSource, shutTarget } from "./go_back.ts";
import { type Cursor, isOver, journalPaths, type Phase } from "./journal.ts";
import { fencedAtMs, makeJournal, markMoved } from "./journal_nodes.ts";
import type { MigrationOptions } from "./options.ts";
import type { Fence } from "./ports.ts";
import type { CountsPolicy } from "./reconcile.ts";
import {
  clientsOf,
  dropGhosts,
  type Expected,
  expectedEphemerals,
  ghostPlaces,
  lookAt,
  waitHome,
} from "./rehome.ts";
import { nodesOf, snapshotOf } from "./replicator.ts";
import { readSavedAcls } from "./saved_acls.ts";
import { Scope } from "./scope.ts";
import { type Sealing, seal } from "./seal.ts";
import { steady, unlessAborted } from "./steady.ts";
import { WayBack } from "./way_back.ts";
import { WayThere } from "./way_there.ts";
import { Writer } from "./writer.ts";

/** How far behind the way back may be when it is given up. */
const WAY_BACK_MS = 5_000;

/** An act that is under way. */
interface Turn {
  readonly act: string;
  readonly ending: AbortController;
  /** Resolves when it is over, one way or the other. */
  readonly ended: Promise<unknown>;
}

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
  readonly #listeners = new Listeners();
  readonly #fences: readonly Fence[];
  readonly #wayThere: WayThere;
  #wayBack: WayBack | undefined;
  /** The cutover, or the way back, that is under way. */
  #turn: Turn | undefined;
  #failure: unknown;
  #fencedAtMs = 0;

  private constructor(options: MigrationOptions, scope: Scope, writer: Writer) {
    this.#options = options;
    this.#scope = scope;
    this.#counts = { versions: true, counters: true, ...options.counts };
    this.#clock = options.clock ?? systemClock;
    this.#writer = writer;
    this.#wayThere = new WayThere({
      ...{ options, scope, writer, counts: this.#counts, clock: this.#clock },
      tell: (event) => this.#listeners.tell(event),
      failed: (error) => this.#fail(error),
    });
    const { fences = [], fenceAcls = true } = options;
    const nodes = () => this.#wayThere.fencedNodes();
    const acls = aclFence(options.source.client, nodes, () => writer.check());
    this.#fences = fenceAcls ? [acls, ...fences] : fences;
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
  events(signal?: AbortSignal): AsyncGenerator<MigrationEvent, undefined> {
    return this.#listeners.events(signal);
  }

  /**
   * Go on where the journal stands: copy and follow, or give up a cutover that was cut off, or
   * bring changes back. Resolves once it follows.
   */
  async start(): Promise<void> {
    const { phase } = this.cursor;
    if (isOver(phase)) return;
    if (!BEFORE_OPEN.includes(phase)) {
      await this.#startReverse();
      const { target, id } = this.#options;
      if ((await readSavedAcls(target.client, id)) !== undefined) {
        await this.rollback("the process that went back is gone");
      } else if (phase !== "soak") {
        this.#fencedAtMs = (await fencedAtMs(target.client, id)) ?? this.#clock.nowMs();
        await this.#take("cut over", (ending) => this.#sendClients(ending));
      }
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
      if (from !== undefined) this.#wayThere.replicator.load(from);
      await this.rollback("the process that did the cutover is gone");
    }
    await this.#wayThere.start(from, this.#ending.signal);
  }

  /** Resolves when a transaction of the source, and all before it, is on the target. */
  reached(zxid: bigint): Promise<void> {
    return this.#wayThere.replicator.reached(zxid, this.#ending.signal);
  }

  /** Resolves when all that the source has committed by now is on the target. */
  barrier(): Promise<bigint> {
    return this.#wayThere.barrier(this.#ending.signal);
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
    let comparison = await this.#compareNow();
    // By watches a node that comes and goes between two looks is seen by one reader and not by the
    // other: what differs counts when it differs again.
    for (let again = 0; again < 3 && this.#mayBeFleeting(comparison); again += 1) {
      comparison = both(comparison, await this.#compareNow());
    }
    this.#listeners.tell({ type: "verified", comparison });
    return comparison;
  }

  #mayBeFleeting({ differencesCount }: Comparison): boolean {
    return differencesCount > 0 && this.#options.source.strategy === "watch";
  }

  async #compareNow(): Promise<Comparison> {
    const { source, target } = this.#options;
    const { signal } = this.#ending;
    // Both at once, and so at two moments: what changed behind the older one is left out.
    const { zxid } = this.cursor;
    const [from, to] = await Promise.all([snapshotOf(source, signal), snapshotOf(target, signal)]);
    await this.reached(from.seenZxid ?? from.zxid);
    const [older = 0n] = [zxid, from.zxid].sort((one, other) => (one < other ? -1 : 1));
    const inverse = this.#scope.inverse();
    const actual = to.nodes.filter((each) => inverse.map(each.path) !== undefined);
    const { replicator } = this.#wayThere;
    return compare(this.#wayThere.expectedOf(from.nodes), actual, {
      policy: this.#counts,
      ignore: (each) => replicator.changedSince(each, older),
    });
  }

  /**
   * Move the clients over: drain, fence, seal, open. Resolves when the target is open and changes
   * are brought back to the source. When something fails or takes too long before that, all of it
   * is undone, and the migration follows as before.
   *
   * In the phases "open" and "rehome", where a hook may have failed, it sends the clients once more.
   *
   * @throws {FairleadError} `cutover_aborted`, with the reason; the source is open again. Behind the
   * opening what hooks and clients throw. `wrong_phase`; `migration_busy`.
   */
  async cutover(): Promise<void> {
    this.#check();
    const isOpen = this.phase === "open" || this.phase === "rehome";
    if (this.phase !== "sync" && !isOpen) throw wrongPhase("cut over", this.phase, "sync");
    await this.#take("cut over", async (signal) => {
      if (isOpen) await this.#sendClients(signal);
      else await this.#cutoverOrUndo(signal);
    });
  }

  /**
   * Go back: before the target was opened nothing is lost and the source is opened again; after
   * it, what clients wrote to the target is brought to the source first. A cutover that is under
   * way is ended: one that has not opened the target is undone, and the migration follows.
   *
   * @throws {FairleadError} `wrong_phase` when it is over; `migration_busy`.
   */
  async rollback(reason = "asked for"): Promise<void> {
    this.#check();
    const turn = this.#turn;
    if (turn?.act === "cut over") {
      turn.ending.abort(calledOff(reason));
      await turn.ended;
      this.#check();
      // It has undone itself.
      if (this.phase === "sync") return;
    }
    await this.#take("roll back", async () => {
      if (BEFORE_OPEN.includes(this.phase)) await this.#unfence(reason);
      else if (isOver(this.phase)) throw wrongPhase("roll back", this.phase, "soak");
      else await this.#goBack(reason);
    });
  }

  /** Do what changes the phase: one act at a time. */
  async #take(act: string, perform: (signal: AbortSignal) => Promise<void>): Promise<void> {
    if (this.#turn !== undefined) throw busy(act, this.#turn.act);
    const ending = new AbortController();
    const done = perform(AbortSignal.any([ending.signal, this.#ending.signal]));
    this.#turn = { act, ending, ended: done.catch(() => undefined) };
    try {
      await done;
    } finally {
      this.#turn = undefined;
    }
  }

  /**
   * Clients are on the target for good: nothing is brought back any more.
   *
   * @param force Whether criteria that are not met are passed over.
   * @throws {FairleadError} `soak_not_over`, with what is not met: the time of `soakMs`, clients that
   * are still on the source, a way back that lags; `wrong_phase`; `migration_busy`.
   */
  async finalize({ force = false }: { readonly force?: boolean } = {}): Promise<void> {
    this.#check();
    await this.#take("finalize", () => this.#finalize(force));
  }

  async #finalize(force: boolean): Promise<void> {
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
    this.#wayBack?.stop();
    await this.#wayThere.stop();
    this.#listeners.close();
  }

  /** @param called Aborts when a rollback is asked for. */
  async #cutoverOrUndo(called: AbortSignal): Promise<void> {
    const { cutoverDeadlineMs = 300_000 } = this.#options;
    const deadline = new AbortController();
    const signal = AbortSignal.any([deadline.signal, called]);
    const over = new AbortController();
    void this.#clock
      .sleep(cutoverDeadlineMs, { signal: over.signal })
      .then(() => deadline.abort(tooLate(cutoverDeadlineMs)))
      .catch(() => undefined);
    try {
      const deadlineMs = this.#clock.nowMs() + cutoverDeadlineMs;
      await this.#open(await this.#shut(signal, deadlineMs), called);
    } catch (cause) {
      const isOpen = !BEFORE_OPEN.includes(this.phase);
      if (this.#ending.signal.aborted || (isOpen && !called.aborted)) throw cause;
      const { message } = FairleadError.from(cause);
      if (!isOpen && this.#failure === undefined) await this.#unfence(message);
      throw new FairleadError("cutover_aborted", `Cannot cut over: ${message}`, { cause });
    } finally {
      over.abort();
    }
  }

  /** Drain, fence and seal. Returns where the way back begins. */
  async #shut(signal: AbortSignal, deadlineMs: number): Promise<bigint> {
    const { source, hooks = {} } = this.#options;
    const ownSessions = [...this.cursor.ownSessions, source.client.session.id];
    await this.#enter("drain", "asked for", { deadlineMs, ownSessions });
    if (hooks.drain !== undefined) await unlessAborted(hooks.drain(signal), signal);
    // What the fence itself does on the source is ours, and written down before it is done.
    await this.#enter("fence", "drained");
    this.#fencedAtMs = this.#clock.nowMs();
    for (const fence of this.#fences) await fence.close(signal);
    await this.#enter("seal", "fenced");
    const reverseZxid = await seal(this.#sealing(), signal);
    signal.throwIfAborted();
    return reverseZxid;
  }

  #sealing(): Sealing {
    const { source, target, quietMs } = this.#options;
    return {
      ...{ source, target, quietMs, scope: this.#scope, counts: this.#counts },
      ...{ writer: this.#writer, clock: this.#clock, wayThere: this.#wayThere },
      fences: this.#fences,
      compared: (comparison) => this.#listeners.tell({ type: "verified", comparison }),
    };
  }

  async #open(reverseZxid: bigint, signal: AbortSignal): Promise<void> {
    await this.#wayThere.stop();
    await this.#enter("open", "sealed", { reverseZxid });
    await this.#startReverse();
    // The deadline is over with the source: half-way back nobody could write anywhere.
    await this.#sendClients(signal);
  }

  /** Make room for what clients bring, send them over, and wait for them. */
  async #sendClients(signal: AbortSignal): Promise<void> {
    const { source, target, ephemerals = () => "drop", hooks = {} } = this.#options;
    const { nodes } = await snapshotOf(source, signal);
    const places = ghostPlaces(nodes, this.#scope, ephemerals);
    await dropGhosts(target, this.#writer, { places, scope: this.#scope }, signal);
    const expected = expectedEphemerals(nodes, this.#scope, this.cursor.ownSessions);
    const { openTarget } = hooks;
    if (openTarget !== undefined) await unlessAborted(openTarget(signal), signal);
    this.#listeners.tell({ type: "opened", fencedMs: this.#clock.nowMs() - this.#fencedAtMs });
    await this.#enter("rehome", "the target is open");
    const outcome = await this.#rehome(expected, signal);
    const { soakMs = 0 } = this.#options;
    await this.#enter("soak", outcome, { deadlineMs: this.#clock.nowMs() + soakMs });
  }

  /** Wait for clients, and tell how far they are. */
  #rehome(expected: Expected, signal: AbortSignal): Promise<string> {
    const { source, target, rehomeMs = 0 } = this.#options;
    const own = [...this.cursor.ownSessions, source.client.session.id, target.client.session.id];
    const look = async () => {
      const state = await lookAt(source, target, expected, own);
      this.#listeners.tell({ type: "rehomed", ...state });
      return state;
    };
    return waitHome(
      look,
      { clock: this.#clock, withinMs: rehomeMs, movesAll: this.#movesAll() },
      signal,
    );
  }

  /** Whether nothing stays behind for which a client might stay, too. */
  #movesAll(): boolean {
    return this.#options.mappings.some(({ from }) => from === "/");
  }

  async #unfence(reason: string): Promise<void> {
    const { hooks = {} } = this.#options;
    const { signal } = this.#ending;
    const wasFenced = ["fence", "seal", "unfence"].includes(this.phase);
    if (this.phase === "bootstrap" || this.phase === "sync") {
      await this.#enter("aborted", reason);
      await this.#wayThere.stop();
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
    const { source, target, id, hooks = {}, fences = [], fenceAcls = true } = this.#options;
    const { signal } = this.#ending;
    const wayBack = this.#wayBack;
    if (wayBack === undefined) throw wrongPhase("roll back", this.phase, "soak");
    const sides = { source, target, id, writer: this.#writer, scope: this.#scope };
    const saved = await shutTarget(sides, signal);
    await wayBack.drain(this.#options.quietMs ?? 100, signal);
    for (const fence of fences.toReversed()) await fence.open(signal);
    if (fenceAcls) await openSource(sides, saved, signal);
    await hooks.openSource?.(signal);
    await hooks.undrain?.(signal);
    await this.#enter("aborted", reason);
  }

  /** Bring changes of the target back, so that the source can take over at any time. */
  async #startReverse(): Promise<void> {
    const { source, target, id, owner, writer, fenceAcls = true } = this.#options;
    const options = {
      ...{ source, target, id, owner, writer, fenceAcls },
      scope: this.#scope,
      zxid: this.cursor.reverseZxid,
      clock: this.#clock,
      resumed: (leader: string) =>
        this.#listeners.tell({ type: "resumed", side: "target", leader }),
      failed: (error: unknown) => this.#fail(error),
    };
    this.#wayBack = await WayBack.start(options, this.#ending.signal);
  }

  #fail(error: unknown): void {
    this.#failure = error;
    this.#listeners.fail(error);
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
    this.#listeners.tell({ type: "phase", phase, reason, atMs });
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }
}
