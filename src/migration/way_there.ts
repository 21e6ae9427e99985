/** Brings what clients write to the source to the target: until the target is opened. */

import { type Clock, FairleadError } from "../base/mod.ts";
import type { SnapshotNode } from "../zookeeper/mod.ts";
import type { MigrationEvent } from "./events.ts";
import { type FencedNode, isFenced } from "./fences.ts";
import type { MigrationOptions } from "./options.ts";
import type { CountsPolicy } from "./reconcile.ts";
import { Replicator } from "./replicator.ts";
import { RollingCheck } from "./rolling.ts";
import type { Scope } from "./scope.ts";
import { expectedNodes, type Translation } from "./translate.ts";
import type { Writer } from "./writer.ts";

/** Whoever deletes more often than this is no server that tidies up. */
const RECOPIES_MAX = 100;

/** What a {@linkcode WayThere} works on. */
export interface WayThereOptions {
  readonly options: MigrationOptions;
  readonly scope: Scope;
  readonly counts: CountsPolicy;
  readonly writer: Writer;
  readonly clock: Clock;
  readonly tell: (event: MigrationEvent) => void;
  /** What is wrong for good. */
  readonly failed: (error: unknown) => void;
}

/** The target as a copy of the source that follows; measured and compared while it does. */
export class WayThere {
  readonly replicator: Replicator;
  readonly #options: WayThereOptions;
  readonly #stop = new AbortController();
  #ended: Promise<void> = Promise.resolve();
  #recopies = 0;

  constructor(options: WayThereOptions) {
    this.#options = options;
    const { source, target } = options.options;
    const { writer, counts, tell } = options;
    this.replicator = new Replicator({
      source,
      target,
      writer,
      policy: counts,
      translation: {
        ...this.#translation(),
        isOwn: (session) => writer.cursor.ownSessions.includes(session),
        // By watches nobody is told who set an ACL.
        isFence: (acl, known) => writer.cursor.phase !== "sync" && isFenced(acl, known),
      },
      events: {
        copied: (done, total) => tell({ type: "copied", done, total }),
        reconciled: (facts) => tell({ type: "reconciled", ...facts }),
        resumed: (leader) => tell({ type: "resumed", side: "source", leader }),
      },
    });
  }

  /** Resolves once it follows. */
  async start(from: Parameters<Replicator["run"]>[0], signal: AbortSignal): Promise<void> {
    const { failed, options } = this.#options;
    this.#ended = this.#follow(from).catch((error) => {
      this.#stop.abort(error);
      failed(error);
    });
    await this.replicator.reached(from === undefined ? 1n : from.zxid, signal);
    const { heartbeatMs = 250, rollingMs = 0 } = options;
    void this.#repeat(heartbeatMs, (ending) => this.#heartbeat(ending));
    void this.#repeat(rollingMs, this.#rollingCheck());
  }

  /** Follow; where the target lacks a node that it had, begin again by comparing all. */
  async #follow(from: Parameters<Replicator["run"]>[0]): Promise<void> {
    const { writer, tell } = this.#options;
    const { signal } = this.#stop;
    try {
      await this.replicator.run(from, signal);
      return;
    } catch (error) {
      const path = vanished(error);
      const mayCopy = writer.cursor.phase === "sync" && this.#recopies < RECOPIES_MAX;
      if (path === undefined || !mayCopy) throw error;
      this.#recopies += 1;
      writer.restart();
      tell({ type: "recopied", path });
    }
    await this.#follow(undefined);
  }

  /** Resolves when all that the source has committed by now is on the target. */
  async barrier(signal: AbortSignal): Promise<bigint> {
    const { client } = this.#options.options.source;
    await client.multi([]);
    const zxid = client.lastZxid;
    await this.replicator.reached(zxid, signal);
    return zxid;
  }

  /** What the target is to have of a snapshot of the source, which may be fenced. */
  expectedOf(nodes: readonly SnapshotNode[]): SnapshotNode[] {
    return expectedNodes(nodes, this.#translation()).map((node) => {
      const known = this.replicator.expected.get(node.path)?.acl;
      return known !== undefined && isFenced(node.acl, known) ? { ...node, acl: known } : node;
    });
  }

  /** What a fence shuts: all that is on the target, by the source's paths. */
  fencedNodes(): FencedNode[] {
    const inverse = this.#options.scope.inverse();
    return this.replicator.expected.nodes().flatMap(({ path, acl }): FencedNode[] => {
      const own = inverse.map(path);
      return own === undefined ? [] : [{ path: own, acl }];
    });
  }

  /** End: nothing is brought over any more. */
  stop(): Promise<void> {
    this.#stop.abort();
    return this.#ended;
  }

  /** Do it now and then; what is wrong for good ends the migration elsewhere. */
  async #repeat(everyMs: number, act: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { signal } = this.#stop;
    while (everyMs > 0 && !signal.aborted) {
      await act(signal).catch(() => undefined);
      await this.#options.clock.sleep(everyMs, { signal }).catch(() => undefined);
    }
  }

  async #heartbeat(signal: AbortSignal): Promise<void> {
    const { clock, tell, options } = this.#options;
    const { client } = options.source;
    await client.multi([]);
    const zxid = client.lastZxid;
    const committedMs = clock.nowMs();
    await this.replicator.reached(zxid, signal);
    const lagMs = clock.nowMs() - committedMs;
    tell({ type: "lag", lagMs, zxid, transactions: this.replicator.transactionsCount });
  }

  #rollingCheck(): (signal: AbortSignal) => Promise<void> {
    const { scope, counts, writer, tell } = this.#options;
    const { rollingNodes, source, target, data } = this.#options.options;
    const check = new RollingCheck({
      source: source.client,
      target: target.client,
      replicator: this.replicator,
      scope,
      policy: counts,
      data,
      nodesMax: rollingNodes,
    });
    return async (signal) => {
      // The fence changes ACLs, and has a comparison of its own.
      if (writer.cursor.phase !== "sync") return;
      const rolled = await check.step(signal);
      if (writer.cursor.phase === "sync") tell({ type: "rolled", ...rolled });
    };
  }

  #translation(): Omit<Translation, "isOwn"> {
    const { ephemerals = () => "drop", data } = this.#options.options;
    return { scope: this.#options.scope, ephemerals, acl: (acl) => acl, data };
  }
}

/**
 * The path of a node that is gone from the target although nobody deleted it on the source; undefined
 * for any other error. Servers delete empty containers and what its time is over for by themselves.
 */
function vanished(error: unknown): string | undefined {
  if (!(error instanceof FairleadError) || error.code !== "target_diverged") return undefined;
  const isMissing = error.cause instanceof FairleadError && error.cause.code === "no_node";
  const { path } = error.details;
  return isMissing && typeof path === "string" ? path : undefined;
}
