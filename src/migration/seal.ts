/** The seal: nothing comes from the source any more, and both sides are equal. */

import type { Clock } from "../base/mod.ts";
import { type Comparison, compare } from "./compare.ts";
import { differs, notQuiet } from "./failures.ts";
import type { Fence, Side } from "./ports.ts";
import { quotaOperations } from "./quotas.ts";
import type { CountsPolicy } from "./reconcile.ts";
import { snapshotOf } from "./replicator.ts";
import type { Scope } from "./scope.ts";
import type { WayThere } from "./way_there.ts";
import type { Writer } from "./writer.ts";

const SEAL_TRIES_MAX = 50;

/** What is sealed, and how. */
export interface Sealing {
  readonly source: Side;
  readonly target: Side;
  readonly scope: Scope;
  readonly counts: CountsPolicy;
  readonly writer: Writer;
  readonly wayThere: WayThere;
  readonly fences: readonly Fence[];
  readonly clock: Clock;
  /** How long nothing may have changed. @default 100 */
  readonly quietMs?: number | undefined;
  readonly compared: (comparison: Comparison) => void;
}

/**
 * Wait until nothing comes any more, and compare. Returns where the way back begins: a zxid of the
 * target.
 *
 * @throws {FairleadError} `source_not_quiet`, `trees_differ`; what fences and sides throw.
 */
export async function seal(sealing: Sealing, signal: AbortSignal): Promise<bigint> {
  const { source, target, scope, counts, writer, wayThere, compared } = sealing;
  await untilQuiet(sealing, signal);
  await writer.flush();
  const [from, to] = await Promise.all([snapshotOf(source, signal), snapshotOf(target, signal)]);
  const inverse = scope.inverse();
  const actual = to.nodes.filter(({ path }) => inverse.map(path) !== undefined);
  const comparison = compare(wayThere.expectedOf(from.nodes), actual, { policy: counts });
  compared(comparison);
  if (comparison.differencesCount > 0) throw differs(comparison);
  const quotas = quotaOperations(from.nodes, to.nodes, scope);
  if (quotas.length > 0) await writer.write({ operations: quotas, acls: [], patch: {} });
  return to.zxid;
}

async function untilQuiet(
  { wayThere, fences, clock, quietMs = 100 }: Sealing,
  signal: AbortSignal,
): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    const before = wayThere.replicator.relevantZxid;
    await wayThere.barrier(signal);
    // Nodes that were made, and ACLs that were set, while the fence was closed: they are known now.
    for (const fence of fences) await fence.close(signal);
    await clock.sleep(quietMs, { signal });
    await wayThere.barrier(signal);
    if (wayThere.replicator.relevantZxid === before) return;
    if (tries >= SEAL_TRIES_MAX) throw notQuiet();
  }
}
