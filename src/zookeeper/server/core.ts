import { JuteReader } from "../jute/reader.ts";
import { ERRORS } from "../protocol/codes.ts";
import { OPCODES } from "../protocol/opcodes.ts";
import {
  type ConnectRequest,
  readConnectRequest,
  writeConnectResponse,
} from "../protocol/records.ts";
import { userOf } from "./acl.ts";
import {
  type Answer,
  bodyOf,
  NO_BODY,
  opcodeOf,
  writeErrors,
  writeResult,
  writeResultsEnd,
} from "./answers.ts";
import type { CoreConnection } from "./connection.ts";
import type { CoreChanges, CoreOptions, CorePorts, CoreState } from "./ports.ts";
import {
  countBelow,
  listEphemerals,
  type ReadContext,
  read,
  readMany,
  readNodeAcl,
} from "./reads.ts";
import { dueForReaping } from "./reaping.ts";
import { readServerRequest, type ServerRequest, type WriteOperation } from "./requests.ts";
import { type ServerSession, Sessions } from "./sessions.ts";
import { ServerTree } from "./tree.ts";
import { ServerWatches } from "./watches.ts";
import { handleWatches } from "./watching.ts";
import { type TreeEvent, type WriteResult, type Writer, write } from "./writes.ts";

/** Whether a connection goes on after a packet, or is closed behind the answer. */
export type Verdict = "open" | "close";

/**
 * A ZooKeeper server without sockets, disk or clock: packets in, packets out.
 *
 * It answers as ZooKeeper 3.8 standing alone does. Every write takes the next zxid, failed ones
 * too. What is written to an outlet must not leave before `takeChanges` was made durable.
 */
export class ServerCore {
  readonly tree: ServerTree;
  readonly watches = new ServerWatches();
  readonly sessions: Sessions;
  readonly #ports: CorePorts;
  readonly #options: CoreOptions;
  readonly #connections = new Map<bigint, CoreConnection>();
  #zxid: bigint;
  #takenZxid: bigint;

  constructor(ports: CorePorts, options: CoreOptions, state?: CoreState) {
    this.#ports = ports;
    this.#options = options;
    this.tree = state?.tree ?? ServerTree.empty();
    this.#zxid = state?.zxid ?? 0n;
    this.#takenZxid = this.#zxid;
    // By the date, as ZooKeeper does: two servers rarely have one id for two sessions.
    const byDate = BigInt.asUintN(64, BigInt(Math.floor(ports.dateMs())) << 24n) >> 8n;
    const last = state?.lastSessionId ?? 0n;
    this.sessions = new Sessions(options, last > byDate ? last : byDate);
    const nowMs = ports.steadyMs();
    for (const record of state?.sessions ?? []) this.sessions.load(record, nowMs);
  }

  /** The last transaction. */
  get zxid(): bigint {
    return this.#zxid;
  }

  /** Whether something has to be written down. */
  get isDirty(): boolean {
    return this.#zxid !== this.#takenZxid || this.tree.isDirty || this.sessions.isDirty;
  }

  /** What has changed since the last call. */
  takeChanges(): CoreChanges {
    this.#takenZxid = this.#zxid;
    return {
      zxid: this.#zxid,
      lastSessionId: this.sessions.lastId,
      nodes: this.tree.takeDirty(),
      sessions: this.sessions.takeDirty(),
    };
  }

  /** The connection of a session, if it has one. */
  connectionOf(sessionId: bigint): CoreConnection | undefined {
    return this.#connections.get(sessionId);
  }

  /**
   * The first packet of a connection: a new session, or one that goes on.
   *
   * @throws {FairleadError} `invalid_packet` when it cannot be read.
   */
  attach(connection: CoreConnection, bytes: Uint8Array, start: number, end: number): Verdict {
    const request = readConnectRequest(new JuteReader(bytes, start, end));
    // The client has seen what this server has not: another server is the right one.
    if (request.lastZxid > this.#zxid) return "close";
    const isOld = end - start === OLD_CONNECT_BYTES + request.password.length;
    const session = this.#sessionFor(request);
    if (session !== undefined) {
      this.#takeOver(session, connection);
    }
    const { writer } = connection.outlet;
    const packet = writer.begin();
    writeConnectResponse(writer, {
      timeoutMs: session?.timeoutMs ?? 0,
      sessionId: session?.id ?? 0n,
      password: session?.password ?? new Uint8Array(16),
      readOnly: false,
    });
    // Clients that say nothing of read-only servers do not read of them either.
    if (isOld) writer.truncate(writer.length - 1);
    writer.end(packet);
    return session === undefined ? "close" : "open";
  }

  /** The connection is gone; its session lives until it is silent too long. */
  detach(connection: CoreConnection): void {
    this.watches.removeAll(connection);
    const { session } = connection;
    connection.session = undefined;
    if (session !== undefined && this.#connections.get(session.id) === connection) {
      this.#connections.delete(session.id);
    }
  }

  /**
   * A packet of a connection that has a session.
   *
   * @throws {FairleadError} `invalid_packet` when not even its header can be read.
   */
  receive(connection: CoreConnection, bytes: Uint8Array, start: number, end: number): Verdict {
    const { session } = connection;
    if (session === undefined) return "close";
    this.sessions.touch(session, this.#ports.steadyMs());
    const reader = new JuteReader(bytes, start, end);
    const xid = reader.int();
    const opcode = reader.int();
    const request = readRequest(opcode, reader);
    if (request === "unreadable") {
      if (WRITES.has(opcode)) this.#nextZxid();
      return this.#answer(connection, xid, ERRORS.marshallingError);
    }
    if (request === undefined) {
      this.#answer(connection, xid, ERRORS.unimplemented);
      return "close";
    }
    if (request.type === "auth") return this.#authenticate(connection, xid, request);
    this.#answer(connection, xid, this.#handle(connection, session, request));
    return request.type === "close_session" ? "close" : "open";
  }

  /** End what has been silent too long. */
  expire(): void {
    for (const session of this.sessions.expired(this.#ports.steadyMs())) this.#endSession(session);
  }

  /** Remove containers that are empty again, and nodes whose time is over. */
  reap(): void {
    const nowMs = this.#ports.dateMs();
    for (const node of dueForReaping(this.tree, nowMs)) {
      const zxid = this.#nextZxid();
      this.tree.remove(node, zxid);
      this.watches.dispatch([{ type: "deleted", path: node.facts.path }]);
    }
  }

  #sessionFor(request: ConnectRequest): ServerSession | undefined {
    const nowMs = this.#ports.steadyMs();
    if (request.sessionId !== 0n) return this.sessions.resume(request, nowMs);
    this.#nextZxid();
    return this.sessions.open(request.timeoutMs, this.#ports.newPassword(), nowMs);
  }

  #takeOver(session: ServerSession, connection: CoreConnection): void {
    const previous = this.#connections.get(session.id);
    if (previous !== undefined) {
      this.detach(previous);
      previous.outlet.end();
    }
    connection.session = session;
    this.#connections.set(session.id, connection);
  }

  #handle(
    connection: CoreConnection,
    session: ServerSession,
    request: Exclude<ServerRequest, { readonly type: "auth" }>,
  ): Answer {
    const context: ReadContext = {
      tree: this.tree,
      watches: this.watches,
      watcher: connection,
      identities: connection.identities,
    };
    switch (request.type) {
      case "create":
      case "delete":
      case "set":
      case "set_acl":
      case "check":
        return this.#write(connection, session, request);
      case "multi":
        return this.#multi(connection, session, request.operations);
      case "exists":
      case "get":
      case "children":
      case "children2":
        return read(context, request);
      case "multi_read":
        return readMany(context, request.operations);
      case "get_acl":
        return readNodeAcl(context, request.path);
      case "count_below":
        return countBelow(context, request.path);
      case "ephemerals":
        return listEphemerals(this.tree, session.id, request.path);
      case "sync":
        return (writer) => writer.text(request.path);
      case "who_am_i":
        return (writer) =>
          writer.list(connection.identities, (each, identity) => {
            each.text(identity.scheme);
            each.text(userOf(identity));
          });
      case "close_session":
        this.#endSession(session, connection);
        return NO_BODY;
      case "reconfig":
        this.#nextZxid();
        return ERRORS.unimplemented;
      case "ping":
        return NO_BODY;
      default:
        return handleWatches(context, request);
    }
  }

  #write(connection: CoreConnection, session: ServerSession, operation: WriteOperation): Answer {
    const events: TreeEvent[] = [];
    const result = write(this.tree, operation, this.#writer(connection, session), events);
    this.watches.dispatch(events);
    return typeof result === "number" ? result : bodyOf(result);
  }

  #multi(
    connection: CoreConnection,
    session: ServerSession,
    operations: readonly WriteOperation[],
  ): Answer {
    const events: TreeEvent[] = [];
    const results: WriteResult[] = [];
    const writer = this.#writer(connection, session);
    let error = 0;
    const isDone = this.tree.attempt(() =>
      operations.every((operation) => {
        const result = write(this.tree, operation, writer, events);
        if (typeof result === "number") error = result;
        else results.push(result);
        return typeof result !== "number";
      }),
    );
    if (isDone) this.watches.dispatch(events);
    return (out) => {
      if (isDone) for (const each of results) writeResult(out, opcodeOf(each), bodyOf(each));
      else writeErrors(out, results.length, operations.length, error);
      writeResultsEnd(out);
    };
  }

  #authenticate(
    connection: CoreConnection,
    xid: number,
    { scheme, auth }: Extract<ServerRequest, { readonly type: "auth" }>,
  ): Verdict {
    const isKnown = scheme === "ip" || scheme === "digest";
    if (!isKnown || connection.identities.length >= IDENTITIES_MAX) {
      this.#answer(connection, xid, ERRORS.authFailed, 0n);
      return "close";
    }
    if (scheme === "digest") {
      const id = this.#ports.digestId(new TextDecoder().decode(auth));
      if (id === this.#options.superDigest) connection.prove({ scheme: "super", id: "" });
      connection.prove({ scheme, id });
    }
    return this.#answer(connection, xid, NO_BODY, 0n);
  }

  /** Its ephemerals go with it, in one transaction. */
  #endSession(session: ServerSession, asking?: CoreConnection): void {
    const zxid = this.#nextZxid();
    const events: TreeEvent[] = [];
    for (const path of this.tree.ephemeralsOf(session.id)) {
      const node = this.tree.get(path);
      if (node === undefined) continue;
      this.tree.remove(node, zxid);
      events.push({ type: "deleted", path });
    }
    this.sessions.end(session);
    const connection = this.#connections.get(session.id);
    this.watches.dispatch(events);
    if (connection === undefined) return;
    this.detach(connection);
    // Who asked for it gets an answer first.
    if (connection !== asking) connection.outlet.end();
  }

  #answer(
    { outlet: { writer } }: CoreConnection,
    xid: number,
    answer: Answer,
    zxid: bigint = this.#zxid,
  ): Verdict {
    const start = writer.begin();
    writer.int(xid);
    writer.long(zxid);
    writer.int(typeof answer === "number" ? answer : 0);
    if (typeof answer !== "number") answer(writer);
    writer.end(start);
    return "open";
  }

  #writer({ identities }: CoreConnection, { id: sessionId }: ServerSession): Writer {
    return { zxid: this.#nextZxid(), nowMs: this.#ports.dateMs(), sessionId, identities };
  }

  #nextZxid(): bigint {
    this.#zxid += 1n;
    return this.#zxid;
  }
}

/** How many proofs one connection may give: each is looked at with every request. */
const IDENTITIES_MAX = 1_000;
/** A connect request without its password and without its last byte. */
const OLD_CONNECT_BYTES = 28;

/** What takes a zxid even when it cannot be read. */
const WRITES: ReadonlySet<number> = new Set([
  OPCODES.create,
  OPCODES.create2,
  OPCODES.createContainer,
  OPCODES.createTtl,
  OPCODES.delete,
  OPCODES.setData,
  OPCODES.setAcl,
  OPCODES.check,
  OPCODES.multi,
]);

function readRequest(opcode: number, reader: JuteReader): ServerRequest | undefined | "unreadable" {
  try {
    return readServerRequest(opcode, reader);
  } catch {
    return "unreadable";
  }
}
