/** The records that requests and answers are made of. */

import type { JuteReader } from "../jute/reader.ts";
import type { JuteWriter } from "../jute/writer.ts";
import { type Acl, type Lifetime, PERMISSIONS, type Stat } from "../types.ts";
import { CREATE_FLAGS } from "./opcodes.ts";

/** Everybody may do everything: what a node gets when nothing is said. */
export const OPEN_ACL: readonly Acl[] = [
  { permissions: PERMISSIONS.all, scheme: "world", id: "anyone" },
];

/** Bytes of a stat on the wire. */
export const STAT_BYTES = 68;

export function readStat(reader: JuteReader): Stat {
  const czxid = reader.long();
  const mzxid = reader.long();
  const ctimeMs = reader.timeMs();
  const mtimeMs = reader.timeMs();
  const version = reader.int();
  const cversion = reader.int();
  const aversion = reader.int();
  const ephemeralOwner = reader.long();
  const dataBytes = reader.int();
  const childrenCount = reader.int();
  const pzxid = reader.long();
  return {
    czxid,
    mzxid,
    pzxid,
    ctimeMs,
    mtimeMs,
    version,
    cversion,
    aversion,
    ephemeralOwner,
    dataBytes,
    childrenCount,
  };
}

export function writeStat(writer: JuteWriter, stat: Stat): void {
  writer.long(stat.czxid);
  writer.long(stat.mzxid);
  writer.long(BigInt(stat.ctimeMs));
  writer.long(BigInt(stat.mtimeMs));
  writer.int(stat.version);
  writer.int(stat.cversion);
  writer.int(stat.aversion);
  writer.long(stat.ephemeralOwner);
  writer.int(stat.dataBytes);
  writer.int(stat.childrenCount);
  writer.long(stat.pzxid);
}

export function readAcl(reader: JuteReader): Acl {
  return { permissions: reader.int(), scheme: reader.text(), id: reader.text() };
}

export function writeAcl(writer: JuteWriter, { permissions, scheme, id }: Acl): void {
  writer.int(permissions);
  writer.text(scheme);
  writer.text(id);
}

/** The flag that a create request says the lifetime with. */
export function createFlag(lifetime: Lifetime | undefined, sequential: boolean): number {
  switch (lifetime?.type) {
    case "ephemeral":
      return sequential ? CREATE_FLAGS.ephemeralSequential : CREATE_FLAGS.ephemeral;
    case "container":
      return CREATE_FLAGS.container;
    case "ttl":
      return sequential ? CREATE_FLAGS.ttlSequential : CREATE_FLAGS.ttl;
    default:
      return sequential ? CREATE_FLAGS.persistentSequential : CREATE_FLAGS.persistent;
  }
}

/** The first packet of a connection. */
export interface ConnectRequest {
  readonly lastZxid: bigint;
  readonly timeoutMs: number;
  /** 0n asks for a new session. */
  readonly sessionId: bigint;
  readonly password: Uint8Array;
  readonly readOnly: boolean;
}

export function writeConnectRequest(writer: JuteWriter, request: ConnectRequest): void {
  writer.int(0);
  writer.long(request.lastZxid);
  writer.int(request.timeoutMs);
  writer.long(request.sessionId);
  writer.buffer(request.password);
  writer.bool(request.readOnly);
}

/** Servers before 3.4 and many clients leave the last byte out. */
export function readConnectRequest(reader: JuteReader): ConnectRequest {
  reader.int();
  return {
    lastZxid: reader.long(),
    timeoutMs: reader.int(),
    sessionId: reader.long(),
    password: reader.buffer() ?? new Uint8Array(16),
    readOnly: reader.left > 0 && reader.bool(),
  };
}

/** The server's answer; `timeoutMs` of 0 says that the session has expired. */
export interface ConnectResponse {
  readonly timeoutMs: number;
  readonly sessionId: bigint;
  readonly password: Uint8Array;
  readonly readOnly: boolean;
}

export function readConnectResponse(reader: JuteReader): ConnectResponse {
  reader.int();
  return {
    timeoutMs: reader.int(),
    sessionId: reader.long(),
    password: reader.buffer() ?? new Uint8Array(16),
    readOnly: reader.left > 0 && reader.bool(),
  };
}

export function writeConnectResponse(writer: JuteWriter, response: ConnectResponse): void {
  writer.int(0);
  writer.int(response.timeoutMs);
  writer.long(response.sessionId);
  writer.buffer(response.password);
  writer.bool(response.readOnly);
}
