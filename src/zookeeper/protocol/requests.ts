/** Every request of a client, as what is written and how its answer is read. */

import { FairleadError } from "../../base/mod.ts";
import type { Chroot } from "../chroot.ts";
import type { JuteReader } from "../jute/reader.ts";
import type { JuteWriter } from "../jute/writer.ts";
import type { Acl, Operation, OperationResult, Stat } from "../types.ts";
import { ERRORS, serverError } from "./codes.ts";
import { OPCODES } from "./opcodes.ts";
import { createFlag, OPEN_ACL, readAcl, readStat, STAT_BYTES, writeAcl } from "./records.ts";

/** One request: `T` is what its answer is read as. */
export interface Request<T> {
  readonly opcode: number;
  /** For the sentence of an error: `set /a`. */
  readonly act: string;
  /** The path asked for, as the caller knows it. */
  readonly path?: string | undefined;
  /** Writes what follows the header. */
  write(writer: JuteWriter): void;
  read(reader: JuteReader): T;
  /** It may go along with others of its kind in one `multiRead`. */
  readonly isPlainRead?: boolean;
  /** Reads the answer to a request that failed; absent: the error number is the answer. */
  readonly failed?: ((number: number, reader: JuteReader) => FairleadError) | undefined;
}

/** What a create did. */
export interface Created {
  /** With its number, if it is sequential. */
  readonly path: string;
  readonly stat: Stat;
}

/** A node as it is read. */
export interface ZNode {
  /** The reader's own copy; `null` is not the same as empty. */
  readonly data: Uint8Array | null;
  readonly stat: Stat;
}

/** Names below a node, in the server's order. */
export interface Children {
  readonly names: readonly string[];
  readonly stat: Stat;
}

/** An ACL with the node's stat. */
export interface AclResult {
  readonly acl: readonly Acl[];
  readonly stat: Stat;
}

/** One answer of a multiRead: the node, or why it could not be read. */
export type ReadResult =
  | ({ readonly path: string; readonly error?: undefined } & ZNode)
  | { readonly path: string; readonly error: FairleadError };

/** Whom the server takes this client for. */
export interface Identity {
  readonly scheme: string;
  readonly user: string;
}

type CreateOperation = Extract<Operation, { readonly type: "create" }>;

function pathOf(writer: JuteWriter, chroot: Chroot, path: string): void {
  writer.text(chroot.full(path));
}

function nodeIn(reader: JuteReader): ZNode {
  return { data: reader.buffer(), stat: readStat(reader) };
}

const nothing = (): undefined => undefined;

function createOpcode({ lifetime }: CreateOperation): number {
  if (lifetime?.type === "container") return OPCODES.createContainer;
  if (lifetime?.type === "ttl") return OPCODES.createTtl;
  return OPCODES.create2;
}

function writeCreate(writer: JuteWriter, chroot: Chroot, operation: CreateOperation): void {
  const { path, data, acl, lifetime, sequential = false } = operation;
  // A sequential name may be its number alone: then the path ends with the parent's slash.
  if (sequential && path.endsWith("/")) writer.text(chroot.prefix + path);
  else pathOf(writer, chroot, path);
  writer.buffer(data === undefined ? new Uint8Array(0) : data);
  writer.list(acl ?? OPEN_ACL, writeAcl);
  writer.int(createFlag(lifetime, sequential));
  if (lifetime?.type === "ttl") writer.long(BigInt(lifetime.ttlMs));
}

/** Make a node, of any lifetime. */
export function create(chroot: Chroot, operation: CreateOperation): Request<Created> {
  return {
    opcode: createOpcode(operation),
    act: `create ${operation.path}`,
    path: operation.path,
    write: (writer) => writeCreate(writer, chroot, operation),
    read: (reader) => ({ path: chroot.strip(reader.text()), stat: readStat(reader) }),
  };
}

export function remove(chroot: Chroot, path: string, version = -1): Request<undefined> {
  return {
    opcode: OPCODES.delete,
    act: `delete ${path}`,
    path,
    write(writer) {
      pathOf(writer, chroot, path);
      writer.int(version);
    },
    read: nothing,
  };
}

export function exists(chroot: Chroot, path: string, watch = false): Request<Stat> {
  return {
    opcode: OPCODES.exists,
    act: `look for ${path}`,
    path,
    write(writer) {
      pathOf(writer, chroot, path);
      writer.bool(watch);
    },
    read: readStat,
  };
}

export function getData(chroot: Chroot, path: string, watch = false): Request<ZNode> {
  return {
    opcode: OPCODES.getData,
    act: `get ${path}`,
    path,
    write(writer) {
      pathOf(writer, chroot, path);
      writer.bool(watch);
    },
    read: nodeIn,
    ...(watch ? {} : { isPlainRead: true }),
  };
}

export function setData(
  chroot: Chroot,
  path: string,
  data: Uint8Array | null,
  version = -1,
): Request<Stat> {
  return {
    opcode: OPCODES.setData,
    act: `set ${path}`,
    path,
    write(writer) {
      pathOf(writer, chroot, path);
      writer.buffer(data);
      writer.int(version);
    },
    read: readStat,
  };
}

export function getAcl(chroot: Chroot, path: string): Request<AclResult> {
  return {
    opcode: OPCODES.getAcl,
    act: `get the ACL of ${path}`,
    path,
    write: (writer) => pathOf(writer, chroot, path),
    read: (reader) => ({ acl: reader.list(readAcl), stat: readStat(reader) }),
  };
}

export function setAcl(
  chroot: Chroot,
  path: string,
  acl: readonly Acl[],
  version = -1,
): Request<Stat> {
  return {
    opcode: OPCODES.setAcl,
    act: `set the ACL of ${path}`,
    path,
    write(writer) {
      pathOf(writer, chroot, path);
      writer.list(acl, writeAcl);
      writer.int(version);
    },
    read: readStat,
  };
}

export function getChildren(chroot: Chroot, path: string, watch = false): Request<Children> {
  return {
    opcode: OPCODES.getChildren2,
    act: `list ${path}`,
    path,
    write(writer) {
      pathOf(writer, chroot, path);
      writer.bool(watch);
    },
    read: (reader) => ({ names: reader.list((each) => each.text()), stat: readStat(reader) }),
  };
}

export function sync(chroot: Chroot, path: string): Request<undefined> {
  return {
    opcode: OPCODES.sync,
    act: `sync ${path}`,
    path,
    write: (writer) => pathOf(writer, chroot, path),
    read: nothing,
  };
}

function header(writer: JuteWriter, opcode: number, done = false): void {
  writer.int(opcode);
  writer.bool(done);
  writer.int(-1);
}

function writeOperation(writer: JuteWriter, chroot: Chroot, operation: Operation): void {
  switch (operation.type) {
    case "create":
      header(writer, createOpcode(operation));
      writeCreate(writer, chroot, operation);
      return;
    case "set":
      header(writer, OPCODES.setData);
      pathOf(writer, chroot, operation.path);
      writer.buffer(operation.data);
      writer.int(operation.version ?? -1);
      return;
    case "delete":
    case "check":
      header(writer, operation.type === "delete" ? OPCODES.delete : OPCODES.check);
      pathOf(writer, chroot, operation.path);
      writer.int(operation.version ?? -1);
  }
}

function readOperation(
  reader: JuteReader,
  chroot: Chroot,
  opcode: number,
): OperationResult | undefined {
  switch (opcode) {
    case OPCODES.create:
      return { type: "create", path: chroot.strip(reader.text()) };
    case OPCODES.create2:
    case OPCODES.createContainer:
    case OPCODES.createTtl: {
      const path = chroot.strip(reader.text());
      // ZooKeeper up to 3.8 answers a container or TTL node in a multi without a stat.
      if (opcode !== OPCODES.create2 && reader.left < STAT_BYTES) return { type: "create", path };
      return { type: "create", path, stat: readStat(reader) };
    }
    case OPCODES.setData:
      return { type: "set", stat: readStat(reader) };
    case OPCODES.delete:
      return { type: "delete" };
    case OPCODES.check:
      return { type: "check" };
    default:
      return undefined;
  }
}

/** Do all of these or none; version 0 is version 0, not "any". */
export function multi(
  chroot: Chroot,
  operations: readonly Operation[],
): Request<readonly OperationResult[]> {
  return {
    opcode: OPCODES.multi,
    act: `do ${operations.length} operations at once`,
    write(writer) {
      for (const operation of operations) writeOperation(writer, chroot, operation);
      header(writer, -1, true);
    },
    read(reader) {
      const results: OperationResult[] = [];
      for (;;) {
        const opcode = reader.int();
        const done = reader.bool();
        const number = reader.int();
        if (done) return results;
        if (opcode === OPCODES.error) throw failedOperation(operations, readErrors(reader, number));
        const result = readOperation(reader, chroot, opcode);
        if (result === undefined) throw unexpected(opcode);
        results.push(result);
      }
    },
    failed: (number, reader) =>
      reader.left === 0
        ? serverError(number, `do ${operations.length} operations at once`)
        : failedOperation(operations, readAllErrors(reader)),
  };
}

/** The error numbers of a multi whose first result is an error already half read. */
function readErrors(reader: JuteReader, _header: number): number[] {
  return [reader.int(), ...readAllErrors(reader)];
}

function readAllErrors(reader: JuteReader): number[] {
  const numbers: number[] = [];
  while (reader.left > 0) {
    const opcode = reader.int();
    const done = reader.bool();
    reader.int();
    if (done) break;
    if (opcode !== OPCODES.error) throw unexpected(opcode);
    numbers.push(reader.int());
  }
  return numbers;
}

/** Before the one that failed there stand zeros, after it "runtime inconsistency". */
function failedOperation(
  operations: readonly Operation[],
  numbers: readonly number[],
): FairleadError {
  const index = numbers.findIndex((each) => each !== 0 && each !== ERRORS.runtimeInconsistency);
  const number = numbers[index] ?? ERRORS.runtimeInconsistency;
  const operation = operations[index];
  const act = operation === undefined ? "do the operations" : `${operation.type} ${operation.path}`;
  return serverError(number, act, { index, path: operation?.path });
}

function unexpected(opcode: number): FairleadError {
  return new FairleadError(
    "invalid_packet",
    `Cannot read the answer to a multi: it has a result of kind ${opcode}`,
    { details: { opcode } },
  );
}

/** Read many nodes at one point of the server's history. From 3.6. */
export function multiRead(
  chroot: Chroot,
  paths: readonly string[],
): Request<readonly ReadResult[]> {
  return {
    opcode: OPCODES.multiRead,
    act: `read ${paths.length} nodes at once`,
    write(writer) {
      for (const path of paths) {
        header(writer, OPCODES.getData);
        pathOf(writer, chroot, path);
        writer.bool(false);
      }
      header(writer, -1, true);
    },
    read(reader) {
      const results: ReadResult[] = [];
      for (;;) {
        const opcode = reader.int();
        if (reader.bool()) return results;
        reader.int();
        const path = paths[results.length] ?? "";
        if (opcode === OPCODES.error) {
          results.push({ path, error: serverError(reader.int(), `get ${path}`, { path }) });
        } else {
          results.push({ path, ...nodeIn(reader) });
        }
      }
    },
  };
}

/** Plain reads as one request; its answer is one for each of them, a node or an error. */
export function bundledReads(
  reads: readonly Request<unknown>[],
): Request<readonly (() => unknown)[]> {
  return {
    opcode: OPCODES.multiRead,
    act: `read ${reads.length} nodes at once`,
    write(writer) {
      for (const { opcode, write } of reads) {
        header(writer, opcode);
        write(writer);
      }
      header(writer, -1, true);
    },
    read(reader) {
      return reads.map(({ act, path, read }) => {
        const opcode = reader.int();
        reader.bool();
        reader.int();
        if (opcode === OPCODES.error) {
          const error = serverError(reader.int(), act, { path });
          return () => {
            throw error;
          };
        }
        const value = read(reader);
        return () => value;
      });
    },
  };
}

/** What to change of the ensemble: by differences, or all of it by `members`. */
export interface Reconfiguration {
  /** As in `zoo.cfg`: `server.4=host:2888:3888:participant;2181`. */
  readonly joining?: readonly string[] | undefined;
  /** Ids of servers. */
  readonly leaving?: readonly number[] | undefined;
  readonly members?: readonly string[] | undefined;
  /** Only when the configuration is this one. @default any */
  readonly fromVersion?: bigint | undefined;
}

export function reconfigure(change: Reconfiguration): Request<ZNode> {
  const list = (values: readonly (string | number)[] | undefined) => values?.join(",") ?? null;
  return {
    opcode: OPCODES.reconfig,
    act: "reconfigure the ensemble",
    write(writer) {
      writer.text(list(change.joining));
      writer.text(list(change.leaving));
      writer.text(list(change.members));
      writer.long(change.fromVersion ?? -1n);
    },
    read: nodeIn,
  };
}

/** Which watches a request speaks of. */
export const WATCHER_TYPES = { children: 1, data: 2, any: 3 } as const;

export function checkWatches(chroot: Chroot, path: string, type: number): Request<undefined> {
  return watches(OPCODES.checkWatches, `look for watches on ${path}`, { chroot, path, type });
}

export function removeWatches(chroot: Chroot, path: string, type: number): Request<undefined> {
  return watches(OPCODES.removeWatches, `remove the watches on ${path}`, { chroot, path, type });
}

function watches(
  opcode: number,
  act: string,
  { chroot, path, type }: { chroot: Chroot; path: string; type: number },
): Request<undefined> {
  return {
    opcode,
    act,
    path,
    write(writer) {
      pathOf(writer, chroot, path);
      writer.int(type);
    },
    read: nothing,
  };
}

/** A watch that stays, on a node or on all that is below it too. From 3.6. */
export function addWatch(chroot: Chroot, path: string, recursive: boolean): Request<undefined> {
  return {
    opcode: OPCODES.addWatch,
    act: `watch ${path}`,
    path,
    write(writer) {
      pathOf(writer, chroot, path);
      writer.int(recursive ? 1 : 0);
    },
    read: nothing,
  };
}

/** This session's ephemerals below a path. */
export function getEphemerals(chroot: Chroot, prefix: string): Request<readonly string[]> {
  return {
    opcode: OPCODES.getEphemerals,
    act: `list the ephemerals below ${prefix}`,
    path: prefix,
    write: (writer) => pathOf(writer, chroot, prefix),
    read: (reader) => reader.list((each) => chroot.strip(each.text())),
  };
}

/** How many nodes are below a path, at any depth. */
export function getAllChildrenNumber(chroot: Chroot, path: string): Request<number> {
  return {
    opcode: OPCODES.getAllChildrenNumber,
    act: `count the nodes below ${path}`,
    path,
    write: (writer) => pathOf(writer, chroot, path),
    read: (reader) => reader.int(),
  };
}

export function whoAmI(): Request<readonly Identity[]> {
  return {
    opcode: OPCODES.whoAmI,
    act: "ask who this client is",
    write: nothing,
    read: (reader) => reader.list((each) => ({ scheme: each.text(), user: each.text() })),
  };
}
