import { NEW_NODE, type SnapshotNode } from "fairlead/zookeeper";

/** A node of a snapshot, plain but for what is said. */
export function node(path: string, more: Partial<SnapshotNode> = {}): SnapshotNode {
  return { ...NEW_NODE, path, czxid: 1n, mzxid: 1n, pzxid: 1n, ...more };
}
