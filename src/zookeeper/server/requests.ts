/** What clients ask a server for, read from the wire. */

import { FairleadError } from "../../base/mod.ts";
import type { JuteReader } from "../jute/reader.ts";
import { CREATE_FLAGS, OPCODES } from "../protocol/opcodes.ts";
import { readAcl } from "../protocol/records.ts";
import type { Acl } from "../types.ts";

/** What changes the tree; `version` of -1 is any. */
export type WriteOperation =
  | {
      readonly type: "create";
      /** create, create2, createContainer or createTtl: the answers differ. */
      readonly opcode: number;
      readonly path: string;
      readonly data: Uint8Array | null;
      readonly acl: readonly Acl[];
      readonly flag: number;
      /** -1 where the request has none. */
      readonly ttlMs: number;
    }
  | { readonly type: "delete"; readonly path: string; readonly version: number }
  | { readonly type: "check"; readonly path: string; readonly version: number }
  | {
      readonly type: "set";
      readonly path: string;
      readonly data: Uint8Array | null;
      readonly version: number;
    }
  | {
      readonly type: "set_acl";
      readonly path: string;
      readonly acl: readonly Acl[];
      readonly version: number;
    };

/** What looks at one node, and may leave a classic watch there. */
export interface ReadOperation {
  readonly type: "exists" | "get" | "children" | "children2";
  readonly path: string;
  readonly watch: boolean;
}

/** The lists of set watches; the last two are empty in the shorter record. */
export interface WatchLists {
  readonly relativeZxid: bigint;
  readonly data: readonly string[];
  readonly exists: readonly string[];
  readonly children: readonly string[];
  readonly persistent: readonly string[];
  readonly recursive: readonly string[];
}

/** One request of a client. */
export type ServerRequest =
  | WriteOperation
  | ReadOperation
  | { readonly type: "multi"; readonly operations: readonly WriteOperation[] }
  | { readonly type: "multi_read"; readonly operations: readonly ReadOperation[] }
  | { readonly type: "get_acl" | "sync" | "ephemerals" | "count_below"; readonly path: string }
  | { readonly type: "add_watch"; readonly path: string; readonly isRecursive: boolean }
  | {
      readonly type: "check_watches" | "remove_watches";
      readonly path: string;
      readonly isData: boolean;
      readonly isChildren: boolean;
    }
  | { readonly type: "set_watches"; readonly lists: WatchLists }
  | { readonly type: "auth"; readonly scheme: string; readonly auth: Uint8Array }
  | { readonly type: "ping" | "who_am_i" | "close_session" | "reconfig" };

/**
 * Read what follows a request's header; undefined for an opcode that no client may use.
 *
 * @throws {FairleadError} `invalid_packet` when it cannot be read.
 */
export function readServerRequest(opcode: number, reader: JuteReader): ServerRequest | undefined {
  const read = readOperation(opcode, reader) ?? readWrite(opcode, reader);
  if (read !== undefined) return read;
  if (opcode === OPCODES.setAcl) {
    const path = reader.text();
    return { type: "set_acl", path, acl: reader.list(readAcl), version: reader.int() };
  }
  return readBatch(opcode, reader) ?? readWatching(opcode, reader) ?? readOther(opcode, reader);
}

function readOperation(opcode: number, reader: JuteReader): ReadOperation | undefined {
  const type = READS.get(opcode);
  return type && { type, path: reader.text(), watch: reader.bool() };
}

const READS: ReadonlyMap<number, ReadOperation["type"]> = /* @__PURE__ */ new Map([
  [OPCODES.exists, "exists"],
  [OPCODES.getData, "get"],
  [OPCODES.getChildren, "children"],
  [OPCODES.getChildren2, "children2"],
]);

/** The writes that a multi may have too. */
function readWrite(opcode: number, reader: JuteReader): WriteOperation | undefined {
  switch (opcode) {
    case OPCODES.create:
    case OPCODES.create2:
    case OPCODES.createContainer:
    case OPCODES.createTtl: {
      const path = reader.text();
      const data = reader.buffer();
      const acl = reader.list(readAcl);
      const flag = reader.int();
      const ttlMs = opcode === OPCODES.createTtl ? reader.timeMs() : -1;
      return { type: "create", opcode, path, data, acl, flag, ttlMs };
    }
    case OPCODES.delete:
      return { type: "delete", path: reader.text(), version: reader.int() };
    case OPCODES.check:
      return { type: "check", path: reader.text(), version: reader.int() };
    case OPCODES.setData: {
      const path = reader.text();
      return { type: "set", path, data: reader.buffer(), version: reader.int() };
    }
    default:
      return undefined;
  }
}

function readBatch(opcode: number, reader: JuteReader): ServerRequest | undefined {
  if (opcode === OPCODES.multi) return { type: "multi", operations: listed(reader, readListed) };
  if (opcode !== OPCODES.multiRead) return undefined;
  return { type: "multi_read", operations: listed(reader, readBatched) };
}

/** In a multi the flag says what a create is, and not the opcode. */
function readListed(opcode: number, reader: JuteReader): WriteOperation | undefined {
  const operation = readWrite(opcode, reader);
  if (operation?.type !== "create") return operation;
  return { ...operation, opcode: opcodeOfFlag(operation.flag) };
}

function opcodeOfFlag(flag: number): number {
  const { container, ttl, ttlSequential } = CREATE_FLAGS;
  if (flag === container) return OPCODES.createContainer;
  return flag === ttl || flag === ttlSequential ? OPCODES.createTtl : OPCODES.create;
}

/** A multiRead takes data and names, and nothing else. */
function readBatched(opcode: number, reader: JuteReader): ReadOperation | undefined {
  const isTaken = opcode === OPCODES.getData || opcode === OPCODES.getChildren;
  return isTaken ? readOperation(opcode, reader) : undefined;
}

function listed<T>(
  reader: JuteReader,
  read: (opcode: number, reader: JuteReader) => T | undefined,
): readonly T[] {
  const operations: T[] = [];
  for (;;) {
    const opcode = reader.int();
    const isDone = reader.bool();
    reader.int();
    if (isDone) return operations;
    const operation = read(opcode, reader);
    if (operation === undefined) throw unreadable(`kind ${opcode} of operation`, opcode);
    operations.push(operation);
  }
}

function readWatching(opcode: number, reader: JuteReader): ServerRequest | undefined {
  switch (opcode) {
    case OPCODES.addWatch: {
      const path = reader.text();
      const mode = reader.int();
      if (mode !== 0 && mode !== 1) throw unreadable(`mode ${mode} of a watch`, mode);
      return { type: "add_watch", path, isRecursive: mode === 1 };
    }
    case OPCODES.checkWatches:
    case OPCODES.removeWatches: {
      const path = reader.text();
      const kind = reader.int();
      if (kind < 1 || kind > 3) throw unreadable(`kind ${kind} of watches`, kind);
      const type = opcode === OPCODES.checkWatches ? "check_watches" : "remove_watches";
      return { type, path, isData: kind !== 1, isChildren: kind !== 2 };
    }
    case OPCODES.setWatches:
    case OPCODES.setWatches2:
      return { type: "set_watches", lists: readLists(reader, opcode === OPCODES.setWatches2) };
    default:
      return undefined;
  }
}

function readLists(reader: JuteReader, isLong: boolean): WatchLists {
  const paths = () => reader.list((each) => each.text());
  return {
    relativeZxid: reader.long(),
    data: paths(),
    exists: paths(),
    children: paths(),
    persistent: isLong ? paths() : [],
    recursive: isLong ? paths() : [],
  };
}

function readOther(opcode: number, reader: JuteReader): ServerRequest | undefined {
  switch (opcode) {
    case OPCODES.getAcl:
      return { type: "get_acl", path: reader.text() };
    case OPCODES.sync:
      return { type: "sync", path: reader.text() };
    case OPCODES.getEphemerals:
      return { type: "ephemerals", path: reader.text() };
    case OPCODES.getAllChildrenNumber:
      return { type: "count_below", path: reader.text() };
    case OPCODES.auth: {
      reader.int();
      return { type: "auth", scheme: reader.text(), auth: reader.buffer() ?? new Uint8Array(0) };
    }
    case OPCODES.ping:
      return { type: "ping" };
    case OPCODES.whoAmI:
      return { type: "who_am_i" };
    case OPCODES.reconfig:
      return { type: "reconfig" };
    case OPCODES.closeSession:
      return { type: "close_session" };
    default:
      return undefined;
  }
}

function unreadable(what: string, found: number): FairleadError {
  return new FairleadError("invalid_packet", `Cannot read a request: it has ${what}`, {
    details: { found },
  });
}
