/** From the source's log to what is done on the target. */

import {
  type Acl,
  type Change,
  childOf,
  type Operation,
  parentOf,
  type SnapshotNode,
  type SnapshotTree,
  type Transaction,
} from "../zookeeper/mod.ts";
import type { Scope } from "./scope.ts";

/** What becomes of ephemerals: left behind, or kept as plain nodes until their owners come. */
export type EphemeralPolicy = "drop" | "ghost";

/** A child that comes and goes so that its parent's counter goes on. */
export const PAD = "fairlead-pad";

/** What one transaction of the source is on the target. */
export interface Translated {
  readonly operations: readonly Operation[];
  /** `setAcl` cannot be part of a multi. */
  readonly acls: readonly { readonly path: string; readonly acl: readonly Acl[] }[];
  /** What the target's nodes become: for the expectation of it. */
  readonly changes: readonly Change[];
  /** Deleted nodes that the target's servers may have deleted by themselves. */
  readonly expendable: ReadonlySet<string>;
}

/** How to translate. */
export interface Translation {
  readonly scope: Scope;
  readonly ephemerals: (path: string) => EphemeralPolicy;
  /** What stands for an ACL on the target. */
  readonly acl: (acl: readonly Acl[]) => readonly Acl[];
  /** Rewrites data that has paths in it. */
  readonly data?: ((path: string, data: Uint8Array | null) => Uint8Array | null) | undefined;
  /** Whether an ACL that comes is the fence's doing, and not to be brought over. @default never */
  readonly isFence?: ((acl: readonly Acl[], known: readonly Acl[]) => boolean) | undefined;
  /** Whether a session is one of ours, which changes nothing that counts. */
  readonly isOwn: (sessionId: bigint) => boolean;
}

/**
 * Translate one transaction; whole transactions stay whole.
 *
 * @param expected What the target has, by what was done before.
 */
export function translate(
  transaction: Transaction,
  expected: SnapshotTree,
  how: Translation,
): Translated {
  const step: Step = {
    operations: [],
    acls: [],
    changes: [],
    expendable: new Set(),
    expected,
    how,
  };
  if (!how.isOwn(transaction.sessionId)) {
    for (const change of transaction.changes) translateChange(change, step);
  }
  return step;
}

interface Step {
  readonly operations: Operation[];
  readonly acls: { path: string; acl: readonly Acl[] }[];
  readonly changes: Change[];
  readonly expendable: Set<string>;
  readonly expected: SnapshotTree;
  readonly how: Translation;
}

function translateChange(change: Change, step: Step): void {
  switch (change.type) {
    case "create":
      translateCreate(change, step);
      return;
    case "delete":
      translateDelete(change.path, step);
      return;
    case "session_closed":
      for (const path of change.paths) translateDelete(path, step);
      return;
    case "set": {
      const path = step.how.scope.map(change.path);
      if (path === undefined || !isThere(path, step)) return;
      const data = rewritten(path, change.data, step);
      step.operations.push({ type: "set", path, data });
      step.changes.push({ type: "set", path, data, version: change.version });
      return;
    }
    case "set_acl": {
      const path = step.how.scope.map(change.path);
      if (path === undefined || !isThere(path, step)) return;
      const acl = step.how.acl(change.acl);
      const known = step.expected.get(path)?.acl;
      if (known !== undefined && step.how.isFence?.(acl, known)) return;
      step.acls.push({ path, acl });
      step.changes.push({ type: "set_acl", path, acl, aversion: change.aversion });
      return;
    }
    case "session_created":
    case "none":
      return;
  }
}

function translateCreate(change: Extract<Change, { readonly type: "create" }>, step: Step): void {
  const { scope, ephemerals } = step.how;
  const path = scope.map(change.path);
  const parent = scope.map(parentOf(change.path));
  if (path === undefined) {
    // It stays behind, but its parent's counter went on all the same.
    if (parent !== undefined) pad(parent, change.parentCversion, step);
    return;
  }
  if (change.lifetime.type === "ephemeral" && ephemerals(change.path) === "drop") {
    if (parent !== undefined) pad(parent, change.parentCversion, step);
    return;
  }
  const isGhost = change.lifetime.type === "ephemeral";
  const lifetime = isGhost ? ({ type: "persistent" } as const) : change.lifetime;
  const data = rewritten(path, change.data, step);
  const acl = step.how.acl(change.acl);
  step.operations.push({ type: "create", path, data, acl, lifetime });
  step.changes.push({ ...change, path, data, acl, lifetime });
}

function translateDelete(source: string, step: Step): void {
  const path = step.how.scope.map(source);
  if (path === undefined || !isThere(path, step)) return;
  const kind = step.expected.get(path)?.lifetime.type;
  if (kind === "container" || kind === "ttl") step.expendable.add(path);
  step.operations.push({ type: "delete", path });
  step.changes.push({ type: "delete", path });
}

/** Whether the target has it: what was dropped has not, and what this transaction made has. */
function isThere(path: string, { expected, changes }: Step): boolean {
  for (const change of changes.toReversed()) {
    if (!("path" in change) || change.path !== path) continue;
    if (change.type === "create") return true;
    if (change.type === "delete") return false;
  }
  return expected.get(path) !== undefined;
}

function pad(parent: string, parentCversion: number, step: Step): void {
  if (!isThere(parent, step)) return;
  const path = childOf(parent, PAD);
  step.operations.push({ type: "create", path }, { type: "delete", path });
  step.changes.push(
    { type: "create", path, data: null, acl: [], lifetime: { type: "persistent" }, parentCversion },
    { type: "delete", path },
  );
}

function rewritten(path: string, data: Uint8Array | null, { how }: Step): Uint8Array | null {
  return how.data === undefined ? data : how.data(path, data);
}

/** What the target is to have of a snapshot of the source. */
export function expectedNodes(
  nodes: readonly SnapshotNode[],
  how: Omit<Translation, "isOwn">,
): SnapshotNode[] {
  return nodes.flatMap((node) => {
    const path = how.scope.map(node.path);
    if (path === undefined) return [];
    const isEphemeral = node.lifetime.type === "ephemeral";
    if (isEphemeral && how.ephemerals(node.path) === "drop") return [];
    return [
      {
        ...node,
        path,
        data: how.data === undefined ? node.data : how.data(path, node.data),
        acl: how.acl(node.acl),
        ephemeralOwner: 0n,
        lifetime: isEphemeral ? { type: "persistent" } : node.lifetime,
      },
    ];
  });
}
