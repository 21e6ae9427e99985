import { OPEN_ACL, type SnapshotNode } from "fairlead/zookeeper";

/** A node of a snapshot, plain but for what is said. */
export function node(path: string, more: Partial<SnapshotNode> = {}): SnapshotNode {
  return {
    path,
    data: new Uint8Array(0),
    acl: OPEN_ACL,
    lifetime: { type: "persistent" },
    ephemeralOwner: 0n,
    czxid: 1n,
    mzxid: 1n,
    pzxid: 1n,
    ctimeMs: 0,
    mtimeMs: 0,
    version: 0,
    cversion: 0,
    aversion: 0,
    ...more,
  };
}
