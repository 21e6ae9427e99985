import { NEW_NODE, type SnapshotNode } from "fairlead/zookeeper";
import { expect, test } from "vitest";
import {
  decodeNode,
  decodeSession,
  encodeNode,
  encodeSession,
} from "../../../src/zookeeper/server/records.ts";

const nodes: readonly SnapshotNode[] = [
  NEW_NODE,
  { ...NEW_NODE, path: "/größe", data: null, version: -1, cversion: 2 ** 31 - 1, aversion: 7 },
  { ...NEW_NODE, path: "/c", lifetime: { type: "container" }, data: new Uint8Array(70_000) },
  { ...NEW_NODE, path: "/t", lifetime: { type: "ttl", ttlMs: 0xff_ffff_ffff } },
  {
    ...NEW_NODE,
    path: "/e",
    lifetime: { type: "ephemeral" },
    ephemeralOwner: 0x7fn << 48n,
    acl: [
      { permissions: 1, scheme: "ip", id: "::1" },
      { permissions: 31, scheme: "digest", id: "a:b" },
    ],
    czxid: 1n,
    mzxid: 2n ** 62n,
    pzxid: 3n,
    ctimeMs: 1_795_000_000_000,
    mtimeMs: 1_795_000_000_001,
  },
];

test.each(nodes)("a node that is written down is read as it was: $path", (node) => {
  expect(decodeNode(encodeNode(node))).toEqual(node);
});

test("a session that is written down is read as it was", () => {
  const session = { id: 0x1234_5678_9abcn, password: new Uint8Array(16).fill(9), timeoutMs: 4_000 };
  expect(decodeSession(encodeSession(session))).toEqual(session);
});

test("a record that is cut is not read", () => {
  const bytes = encodeNode(NEW_NODE);
  expect(() => decodeNode(bytes.subarray(0, bytes.length - 1))).toThrow("Cannot read a packet");
});
