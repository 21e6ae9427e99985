/** The ensemble's log entries: what a committed transaction did. */

import { FairleadError } from "../../base/mod.ts";
import { JuteReader } from "../jute/reader.ts";
import { OPCODES } from "../protocol/opcodes.ts";
import { readAcl } from "../protocol/records.ts";
import type { Change, Lifetime, Transaction } from "../types.ts";

/**
 * Read the data of a PROPOSAL or an INFORM: a header, a record, and what newer servers add.
 *
 * @throws {FairleadError} `invalid_packet`; `tap_refused` for a session's end that does not say
 * which nodes went with it (servers with `closeSessionTxn.enabled=false`).
 */
export function readTransaction(bytes: Uint8Array): Transaction {
  const reader = new JuteReader(bytes);
  const sessionId = reader.long();
  const cxid = reader.int();
  const zxid = reader.long();
  const timeMs = reader.timeMs();
  const type = reader.int();
  const changes = type === OPCODES.multi ? readMulti(reader) : [readChange(type, reader)];
  return { zxid, sessionId, cxid, timeMs, changes };
}

function readMulti(reader: JuteReader): Change[] {
  const parts = reader.list((each) => ({ type: each.int(), data: each.buffer() }));
  // A multi that failed is in the log with all that came before the failure; none of it was done.
  const isFailed = parts.some(({ type }) => type === OPCODES.error);
  if (isFailed) {
    return parts.map(({ type, data }) =>
      type === OPCODES.error && data !== null
        ? readChange(type, new JuteReader(data))
        : { type: "none", opcode: type, code: 0 },
    );
  }
  return parts.map(({ type, data }) => readChange(type, new JuteReader(data ?? new Uint8Array(0))));
}

function readChange(type: number, reader: JuteReader): Change {
  switch (type) {
    case OPCODES.create:
    case OPCODES.create2:
    case OPCODES.createContainer:
    case OPCODES.createTtl:
      return readCreate(type, reader);
    case OPCODES.delete:
    case OPCODES.deleteContainer:
      return { type: "delete", path: reader.text() };
    case OPCODES.setData:
    case OPCODES.reconfig:
      return { type: "set", path: reader.text(), data: reader.buffer(), version: reader.int() };
    case OPCODES.setAcl: {
      const path = reader.text();
      return { type: "set_acl", path, acl: reader.list(readAcl), aversion: reader.int() };
    }
    case OPCODES.createSession:
      return { type: "session_created", timeoutMs: reader.int() };
    case OPCODES.closeSession:
      if (reader.left === 0) throw closeWithoutPaths();
      return { type: "session_closed", paths: reader.list((each) => each.text()) };
    case OPCODES.error:
      return { type: "none", opcode: type, code: reader.left >= 4 ? reader.int() : 0 };
    default:
      return { type: "none", opcode: type, code: 0 };
  }
}

function readCreate(type: number, reader: JuteReader): Change {
  const path = reader.text();
  const data = reader.buffer();
  const acl = reader.list(readAcl);
  let lifetime: Lifetime = { type: type === OPCODES.createContainer ? "container" : "persistent" };
  if (type === OPCODES.create || type === OPCODES.create2) {
    lifetime = { type: reader.bool() ? "ephemeral" : "persistent" };
  }
  const parentCversion = reader.int();
  if (type === OPCODES.createTtl) lifetime = { type: "ttl", ttlMs: Number(reader.long()) };
  return { type: "create", path, data, acl, lifetime, parentCversion };
}

function closeWithoutPaths(): FairleadError {
  return new FairleadError(
    "tap_refused",
    "Cannot follow the ensemble's log: the end of a session does not say which nodes went with it; its servers have zookeeper.closeSessionTxn.enabled=false",
    { details: { reason: "close_session_without_paths" } },
  );
}
