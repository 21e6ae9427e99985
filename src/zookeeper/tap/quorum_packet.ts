/** What servers of an ensemble say to each other on the quorum port: records without a frame. */

import type { JuteReader } from "../jute/reader.ts";
import type { JuteWriter } from "../jute/writer.ts";

/** Kinds of {@linkcode QuorumPacket}: the constants of ZooKeeper's `Leader`. */
export const QUORUM = {
  proposal: 2,
  ack: 3,
  commit: 4,
  ping: 5,
  inform: 8,
  newLeader: 10,
  upToDate: 12,
  diff: 13,
  trunc: 14,
  snap: 15,
  observerInfo: 16,
  informAndActivate: 19,
} as const;

/** One packet. */
export interface QuorumPacket {
  readonly type: number;
  readonly zxid: bigint;
  readonly data: Uint8Array | null;
}

export function readQuorumPacket(reader: JuteReader): QuorumPacket {
  const type = reader.int();
  const zxid = reader.long();
  const data = reader.buffer();
  reader.list((each) => [each.text(), each.text()]);
  return { type, zxid, data };
}

export function writeQuorumPacket(writer: JuteWriter, packet: QuorumPacket): void {
  writer.int(packet.type);
  writer.long(packet.zxid);
  writer.buffer(packet.data);
  // No list of ids, which is not the same as an empty one.
  writer.int(-1);
}
