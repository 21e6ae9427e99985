/** Nodes and sessions as a server writes them down: Jute, with the owner as ZooKeeper keeps it. */

import { JuteReader } from "../jute/reader.ts";
import { JuteWriter } from "../jute/writer.ts";
import { readAcl, writeAcl } from "../protocol/records.ts";
import { lifetimeOfOwner, ownerOfLifetime } from "../tap/lifetime.ts";
import type { SnapshotNode } from "../types.ts";
import type { SessionRecord } from "./sessions.ts";

/** Most nodes fit. */
const NODE_BYTES = 512;

/** The bytes of a node. */
export function encodeNode(node: SnapshotNode): Uint8Array {
  const writer = new JuteWriter(NODE_BYTES);
  writer.text(node.path);
  writer.buffer(node.data);
  writer.list(node.acl, writeAcl);
  writer.long(ownerOfLifetime(node.lifetime, node.ephemeralOwner));
  writer.long(node.czxid);
  writer.long(node.mzxid);
  writer.long(node.pzxid);
  writer.long(BigInt(node.ctimeMs));
  writer.long(BigInt(node.mtimeMs));
  writer.int(node.version);
  writer.int(node.cversion);
  writer.int(node.aversion);
  return writer.take();
}

/** @throws {FairleadError} `invalid_packet` for what `encodeNode` did not write. */
export function decodeNode(bytes: Uint8Array): SnapshotNode {
  const reader = new JuteReader(bytes);
  const path = reader.text();
  const data = reader.buffer();
  const acl = reader.list(readAcl);
  const owner = reader.long();
  const lifetime = lifetimeOfOwner(owner);
  return {
    path,
    data,
    acl,
    lifetime,
    ephemeralOwner: lifetime.type === "ephemeral" ? owner : 0n,
    czxid: reader.long(),
    mzxid: reader.long(),
    pzxid: reader.long(),
    ctimeMs: reader.timeMs(),
    mtimeMs: reader.timeMs(),
    version: reader.int(),
    cversion: reader.int(),
    aversion: reader.int(),
  };
}

/** The bytes of a session. */
export function encodeSession({ id, password, timeoutMs }: SessionRecord): Uint8Array {
  const writer = new JuteWriter(64);
  writer.long(id);
  writer.buffer(password);
  writer.int(timeoutMs);
  return writer.take();
}

/** @throws {FairleadError} `invalid_packet` for what `encodeSession` did not write. */
export function decodeSession(bytes: Uint8Array): SessionRecord {
  const reader = new JuteReader(bytes);
  return {
    id: reader.long(),
    password: reader.buffer() ?? new Uint8Array(0),
    timeoutMs: reader.int(),
  };
}
