/** The turn of the ACLs on the way back: the target is shut, the source is opened. */

import type { SnapshotNode } from "../zookeeper/mod.ts";
import { type FencedNode, isFenced, readOnly, setAcls } from "./fences.ts";
import type { Side } from "./ports.ts";
import { isPlain, nodesOf } from "./replicator.ts";
import { originalAcl, type SavedAcls, saveAcls } from "./saved_acls.ts";
import type { Scope } from "./scope.ts";
import type { Writer } from "./writer.ts";

/** Both sides of a migration that goes back. */
export interface Sides {
  readonly id: string;
  readonly source: Side;
  readonly target: Side;
  /** Writes to the target. */
  readonly writer: Writer;
  /** That of the way there. */
  readonly scope: Scope;
}

/** Shut every node of the target; what it had is kept first, for whoever goes on with it. */
export async function shutTarget(
  { id, target, writer, scope }: Sides,
  signal: AbortSignal,
): Promise<SavedAcls> {
  const { client } = target;
  const nodes = async () => (await nodesOf(target, scope.inverse(), signal)).filter(isPlain);
  const saved = await saveAcls({ client, writer, id }, await nodes());
  for (;;) {
    // Nodes that were made, and ACLs that were set, while it was shut come with the next turn.
    const open = (await nodes()).filter(({ acl }) => !isFenced(acl, acl));
    if (open.length === 0) return saved;
    await setAcls(client, open.map(closed), signal, () => writer.check());
  }
}

/** Give the source's nodes back what the target's had; what was opened already is let be. */
export async function openSource(
  { source, target, scope, writer }: Sides,
  saved: SavedAcls,
  signal: AbortSignal,
): Promise<void> {
  const inverse = scope.inverse();
  const there = await nodesOf(target, inverse, signal);
  const originals = new Map(
    there.map((node) => [inverse.map(node.path), originalAcl(node, saved)]),
  );
  const shut = (await nodesOf(source, scope, signal)).flatMap(({ path, acl }) => {
    const original = originals.get(path);
    return original !== undefined && isFenced(acl, original) ? [{ path, acl: original }] : [];
  });
  await setAcls(source.client, shut, signal, () => writer.check());
}

const closed = ({ path, acl }: SnapshotNode): FencedNode => ({ path, acl: readOnly(acl) });
