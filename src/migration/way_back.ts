/** Brings what clients write to the opened target back to the source. */

import type { Clock } from "../base/mod.ts";
import { readOnly } from "./fences.ts";
import { journalPaths } from "./journal.ts";
import { makeJournal } from "./journal_nodes.ts";
import type { Side } from "./ports.ts";
import { isPlain, nodesOf, Replicator } from "./replicator.ts";
import type { Scope } from "./scope.ts";
import { Writer, type WriterLimits } from "./writer.ts";

/** What a {@linkcode WayBack} works on. */
export interface WayBackOptions {
  readonly id: string;
  readonly owner: string;
  readonly source: Side;
  readonly target: Side;
  /** That of the way there. */
  readonly scope: Scope;
  readonly writer: Partial<WriterLimits> | undefined;
  /** Whether the source's nodes stay read-only meanwhile. */
  readonly fenceAcls: boolean;
  /** Where the target's log is read on from. */
  readonly zxid: bigint;
  readonly clock: Clock;
  readonly resumed: (leader: string) => void;
  readonly failed: (error: unknown) => void;
}

/** The source as a warm standby of the target: it can take over at any time. */
export class WayBack {
  readonly #options: WayBackOptions;
  readonly #replicator: Replicator;
  readonly #stop = new AbortController();

  private constructor(options: WayBackOptions, replicator: Replicator) {
    this.#options = options;
    this.#replicator = replicator;
  }

  /** Begin, or go on where the source's own cursor stands. */
  static async start(options: WayBackOptions, signal: AbortSignal): Promise<WayBack> {
    const { source, target, id, owner, scope, fenceAcls } = options;
    await makeJournal(source.client, { id, owner }, options.zxid);
    const cursor = journalPaths(id).cursor;
    const writer = await Writer.claim(source.client, cursor, owner, options.writer);
    const replicator = new Replicator({
      source: target,
      target: source,
      writer,
      policy: { versions: false, counters: false },
      // What sessions of the source still hold is theirs, whatever happens on the target.
      sparesEphemerals: true,
      translation: {
        scope: scope.inverse(),
        ephemerals: () => "drop",
        // The source stays fenced.
        acl: fenceAcls ? readOnly : (acl) => acl,
        isOwn: (session) => session === target.client.session.id,
      },
      events: { resumed: options.resumed },
    });
    const way = new WayBack(options, replicator);
    const nodes = (await nodesOf(source, scope, signal)).filter(isPlain);
    const from = { zxid: writer.cursor.zxid, nodes };
    void replicator.run(from, way.#stop.signal).catch(options.failed);
    return way;
  }

  /** Whether what the target has by now takes longer than so to be on the source. */
  async lags(withinMs: number): Promise<boolean> {
    const { clock, target } = this.#options;
    await target.client.multi([]);
    const over = new AbortController();
    const late = clock.sleep(withinMs, { signal: over.signal }).then(() => true);
    const there = this.#replicator.reached(target.client.lastZxid, over.signal).then(() => false);
    // The one that loses is ended, and has nothing to say.
    late.catch(() => undefined);
    there.catch(() => undefined);
    try {
      return await Promise.race([late, there]);
    } finally {
      over.abort();
    }
  }

  /** Resolves when all is on the source that came to the target before it was shut, and ends. */
  async drain(quietMs: number, signal: AbortSignal): Promise<void> {
    const { clock, target } = this.#options;
    for (let before = -1n; before !== this.#replicator.relevantZxid; ) {
      before = this.#replicator.relevantZxid;
      await target.client.multi([]);
      await this.#replicator.reached(target.client.lastZxid, signal);
      await clock.sleep(quietMs, { signal });
    }
    this.stop();
  }

  /** End: nothing is brought back any more. */
  stop(): void {
    this.#stop.abort();
  }
}
