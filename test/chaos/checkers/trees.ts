/** C1: both sides are equal. */
import type { SnapshotNode } from "fairlead/zookeeper";
import { aclText, cursorWrites, type Histories, type Violation } from "../history.ts";
import { nodeHash, nodesAt, type ReplayedNode } from "../replay.ts";

const TOLD_MAX = 5;

/** What of a node is compared. */
export interface TreePolicy {
  readonly versions: boolean;
  readonly acls: boolean;
}

/** Nodes of one side, read anew, as they are compared; ephemerals do not move. */
export function plainNodes(
  nodes: readonly SnapshotNode[],
  isMoved: (path: string) => boolean,
): Map<string, ReplayedNode> {
  const moved = nodes.filter(
    ({ path, lifetime }) => isMoved(path) && lifetime.type !== "ephemeral",
  );
  return new Map(
    moved.map(({ path, data, version, acl, lifetime }) => [
      path,
      { hash: nodeHash(path, data), version, acl: aclText(acl), kind: lifetime.type },
    ]),
  );
}

/** C1: every node of one tree is in the other, with equal data, kind, and what the policy says. */
export function checkTrees(
  expected: ReadonlyMap<string, ReplayedNode>,
  actual: ReadonlyMap<string, ReplayedNode>,
  policy: TreePolicy,
): Violation[] {
  const found: string[] = [];
  for (const [path, node] of expected) {
    const other = actual.get(path);
    if (other === undefined) found.push(`${path} is missing`);
    else
      found.push(...facetsOf(node, other, policy).map((facet) => `${path} has another ${facet}`));
  }
  for (const path of actual.keys()) if (!expected.has(path)) found.push(`${path} is too much`);
  const more = found.length > TOLD_MAX ? `, and ${found.length - TOLD_MAX} more` : "";
  const message = `${found.slice(0, TOLD_MAX).join(", ")}${more}`;
  return found.length === 0 ? [] : [{ checker: "C1", message }];
}

function facetsOf(one: ReplayedNode, other: ReplayedNode, policy: TreePolicy): string[] {
  return [
    ...(one.hash === other.hash ? [] : ["data"]),
    ...(one.kind === other.kind ? [] : ["kind"]),
    ...(!policy.versions || one.version === other.version ? [] : ["version"]),
    ...(!policy.acls || one.acl === other.acl ? [] : ["ACL"]),
  ];
}

/**
 * C1 at the seal: when the target was opened it had all of the source, versions and ACLs too, by
 * both logs. Where a log has a gap there it says nothing.
 */
export function checkSeal({ a, b, root, cursorPath }: Histories): Violation[] {
  const writes = cursorWrites(b, cursorPath);
  const opened = writes.find(({ cursor }) => cursor.phase === "open");
  if (opened === undefined) return [];
  const fencing = new Set(writes.flatMap(({ cursor }) => cursor.ownSessions));
  const expected = nodesAt(a, opened.cursor.zxid, { root, fencing });
  const actual = nodesAt(b, opened.zxid, { root, fencing: new Set() });
  if (expected === undefined || actual === undefined) return [];
  return checkTrees(expected, actual, { versions: true, acls: true });
}
