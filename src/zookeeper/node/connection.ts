/// <reference path="./stock.d.ts" />
import type { Socket } from "node:net";
import ConnectionManager from "node-zookeeper-client/lib/ConnectionManager.js";
import { Aborts, FairleadError, Fifo } from "../../base/mod.ts";
import { JuteReader } from "../jute/reader.ts";
import { JuteWriter } from "../jute/writer.ts";
import { ERRORS, serverError } from "../protocol/codes.ts";
import { OPCODES, XIDS } from "../protocol/opcodes.ts";
import { readConnectResponse, writeConnectRequest } from "../protocol/records.ts";
import { bundledReads, type Request } from "../protocol/requests.ts";
import { dial } from "./dial.ts";
import { Framing } from "./framing.ts";
import type { CheckedOptions, Credential, ServerAddress, SessionTicket } from "./options.ts";
import {
  BUNDLE_MIN,
  bundleOf,
  busy,
  connectionLoss,
  type Packet,
  tooLarge,
  withReadsBehind,
} from "./packets.ts";
import { nameOf, shuffled } from "./servers.ts";
import type { ZooKeeperState } from "./state.ts";

const { STATES } = ConnectionManager;

/** One write to the socket takes about so much. */
const CORK_BYTES = 131_072;
/** How long a server may take to say goodbye. */
const CLOSE_TIMEOUT_MS = 2_000;

/** What the connection tells its client. */
export interface ConnectionListener {
  state(state: ZooKeeperState): void;
  /** An event of a watch, with the server's path. */
  notified(type: number, path: string, zxid: bigint): void;
  /** Requests that set all watches again, each small enough for a server. */
  rearm(lastZxid: bigint): readonly Request<undefined>[];
  /** They are set. */
  rearmed(): void;
}

/** How a call may end early. */
export interface CallLimits {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
}

/**
 * One client's connection: the stock client's manager with its transport made anew.
 *
 * Kept of it are the states, the walk over the servers and the timeouts. Replaced is what its ten
 * defects live in: packets are cut by length and dropped with their connection; a server that says
 * nothing for two thirds of the session is left, from the handshake on; pings go out however much
 * comes in; credentials and watches are sent before any request; error numbers that nobody knows
 * are errors and not exceptions; the end of a session ends every request.
 */
export class Connection extends ConnectionManager {
  readonly #options: CheckedOptions;
  readonly #listener: ConnectionListener;
  readonly #aborts = new Aborts();
  readonly #waiting = new Fifo<Packet>();
  readonly #sent = new Fifo<Packet>();
  readonly #authenticating = new Fifo<Packet>();
  readonly #pingsMs = new Fifo<number>();
  readonly #credentials: Credential[];
  readonly #writer = new JuteWriter(CORK_BYTES);
  #framing: Framing;
  #session: SessionTicket;
  #serverName = "";
  #requests = 0;
  #nextXid = 1;
  #zxidHigh = 0;
  #zxidLow = 0;
  #rearming = 0;
  #flushing = false;
  /** The server may be older than `multiRead` is. */
  #bundles = true;
  #blocked = false;
  #lastSentMs = 0;
  #lastHeardMs = 0;
  #aliveUntilMs = Number.NEGATIVE_INFINITY;
  #watchdog: NodeJS.Timeout | undefined;
  #stall: NodeJS.Timeout | undefined;
  #connectTimer: NodeJS.Timeout | undefined;
  #end: FairleadError | undefined;

  constructor(
    servers: readonly ServerAddress[],
    options: CheckedOptions,
    listener: ConnectionListener,
  ) {
    // The stock parser knows no IPv6, so the list is handed in below.
    super(
      "localhost:2181",
      { sessionTimeout: options.sessionTimeoutMs, spinDelay: options.reconnectDelayMs },
      () => {},
    );
    this.#options = options;
    this.#listener = listener;
    this.#credentials = [...options.credentials];
    this.#session = options.session ?? { id: 0n, password: new Uint8Array(16) };
    this.#framing = new Framing(options.answerBytesMax);
    this.servers = shuffled(servers);
  }

  get session(): SessionTicket {
    return { id: this.#session.id, password: this.#session.password.slice() };
  }

  /** The newest transaction that any answer told of. */
  get lastZxid(): bigint {
    return (BigInt(this.#zxidHigh) << 32n) | BigInt(this.#zxidLow >>> 0);
  }

  /** Requests that have no answer yet. */
  get requests(): number {
    return this.#requests;
  }

  /** Until this moment of `performance.now()` no server can have ended the session. */
  get aliveUntilMs(): number {
    return this.#end === undefined ? this.#aliveUntilMs : Number.NEGATIVE_INFINITY;
  }

  /** Send a request, in order, and wait for its answer. */
  call<T>(request: Request<T>, { signal, timeoutMs }: CallLimits = {}): Promise<T> {
    return new Promise<unknown>((resolve, reject) => {
      if (this.#end !== undefined) return reject(this.#end);
      if (signal?.aborted) return reject(signal.reason);
      if (this.#requests >= this.#options.requestsMax)
        return reject(busy(request, this.#options.requestsMax));
      const packet = this.#packet(request, { signal, resolve, reject });
      this.#limit(packet, timeoutMs ?? this.#options.requestTimeoutMs);
      this.#waiting.push(packet);
      this.#flushSoon();
    }) as Promise<T>;
  }

  /** Prove to be somebody, now and after every reconnection. */
  authenticate(credential: Credential): Promise<void> {
    this.#credentials.push(credential);
    return new Promise<void>((resolve, reject) => {
      if (this.#end !== undefined) return reject(this.#end);
      if (!this.#isConnected()) return resolve();
      this.#sendCredential(credential, { resolve: () => resolve(), reject });
    });
  }

  /** Use these servers from now on; a connection to one that is not among them is moved. */
  updateServers(servers: readonly ServerAddress[]): void {
    this.servers = shuffled(servers);
    this.serverAttempts = 0;
    this.updateTimeout(this.sessionTimeout);
    const stays = servers.some((each) => nameOf(each) === this.#serverName);
    if (!stays && this.socket !== undefined) this.socket.destroy();
  }

  /** Drop the connection and make it anew; the session goes on. */
  reconnect(): void {
    this.socket?.destroy();
  }

  override connect(): void {
    if (this.#end !== undefined) return;
    this.setState(STATES.CONNECTING);
    if (this.#session.id === 0n) this.#listener.state({ status: "connecting" });
    this.findNextServer((server) => {
      if (this.state === STATES.CONNECTING) this.#open(server);
    });
  }

  #open(server: ServerAddress): void {
    const socket = dial(server, this.#options.tls, () => this.onSocketConnected());
    this.socket = socket;
    this.#serverName = nameOf(server);
    this.#framing = new Framing(this.#options.answerBytesMax);
    this.#blocked = false;
    this.#rearming = 0;
    this.#connectTimer = setTimeout(() => socket.destroy(), this.#options.connectTimeoutMs);
    socket.setNoDelay(true);
    socket.on("data", (chunk: Uint8Array) => this.onSocketData(chunk));
    socket.on("drain", () => this.onSocketDrain());
    socket.on("error", (error: Error) => this.onSocketError(error));
    socket.on("close", () => this.#closed(socket));
  }

  override onSocketConnected(): void {
    const writer = this.#writer;
    const start = writer.begin();
    writeConnectRequest(writer, {
      lastZxid: this.lastZxid,
      timeoutMs: this.#options.sessionTimeoutMs,
      sessionId: this.#session.id,
      password: this.#session.password,
      readOnly: this.#options.readOnly,
    });
    writer.end(start);
    this.#write();
  }

  override onSocketData(chunk: Uint8Array): void {
    this.#lastHeardMs = performance.now();
    try {
      this.#framing.feed(chunk, (bytes, start, end) => this.#received(bytes, start, end));
    } catch {
      // What this server sends cannot be read: whatever was asked of it has no answer.
      this.socket?.destroy();
    }
  }

  override onSocketDrain(): void {
    this.#blocked = false;
    this.#flush();
  }

  /** The close that follows is what counts. */
  override onSocketError(_error: Error): void {}

  /** End the session, so that its ephemerals go at once; what waits is refused. */
  async end(): Promise<void> {
    if (this.#end !== undefined) return;
    const connected = this.#isConnected();
    const socket = this.socket;
    const end = new FairleadError("client_closed", "Cannot go on: the client was closed");
    this.#finish(end);
    if (connected && socket !== undefined) await this.#sayGoodbye(socket);
    this.setState(STATES.CLOSED);
    socket?.destroy();
  }

  /** Leave without a word: the session lives on until it expires or is taken over. */
  abandon(): void {
    if (this.#end !== undefined) return;
    this.#finish(new FairleadError("client_closed", "Cannot go on: the client was closed"));
    this.setState(STATES.CLOSED);
    this.socket?.destroy();
  }

  #sayGoodbye(socket: Socket): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, CLOSE_TIMEOUT_MS);
      socket.once("close", () => {
        clearTimeout(timer);
        resolve();
      });
      this.#writer.take();
      const start = this.#writer.begin();
      this.#writer.int(this.#nextXid);
      this.#writer.int(OPCODES.closeSession);
      this.#writer.end(start);
      this.#write();
    });
  }

  #received(bytes: Uint8Array, start: number, end: number): void {
    const reader = new JuteReader(bytes, start, end);
    if (this.state === STATES.CONNECTING) {
      this.#shookHands(reader);
      return;
    }
    const xid = reader.int();
    const zxidHigh = reader.int();
    const zxidLow = reader.int();
    const number = reader.int();
    if (zxidHigh > 0 || (zxidHigh === 0 && zxidLow !== 0)) {
      this.#zxidHigh = zxidHigh;
      this.#zxidLow = zxidLow;
    }
    if (xid === XIDS.notification) {
      const type = reader.int();
      reader.int();
      const zxid = (BigInt(zxidHigh) << 32n) | BigInt(zxidLow >>> 0);
      this.#listener.notified(type, reader.text(), zxid);
    } else if (xid === XIDS.ping) {
      this.#confirm(this.#pingsMs.shift());
    } else if (xid === XIDS.auth) {
      this.#authenticated(number);
    } else if (xid === XIDS.setWatches) {
      this.#rearming -= 1;
      if (this.#rearming === 0) this.#listener.rearmed();
    } else {
      this.#answered(xid, number, reader);
    }
  }

  #shookHands(reader: JuteReader): void {
    const { timeoutMs, sessionId, password, readOnly } = readConnectResponse(reader);
    clearTimeout(this.#connectTimer);
    if (timeoutMs <= 0) {
      this.setState(STATES.SESSION_EXPIRED);
      this.#finish(serverError(-112, `go on with session 0x${this.#session.id.toString(16)}`));
      this.socket?.destroy();
      return;
    }
    this.serverAttempts = 0;
    this.#session = { id: sessionId, password };
    this.updateTimeout(timeoutMs);
    this.#confirm(this.#lastSentMs);
    this.setState(readOnly ? STATES.CONNECTED_READ_ONLY : STATES.CONNECTED);
    // The order on the wire: who we are, what we watch, then what was asked for meanwhile.
    for (const credential of this.#credentials) this.#sendCredential(credential);
    const rearm = this.#listener.rearm(this.lastZxid);
    this.#rearming = rearm.length;
    for (const request of rearm) this.#frame(XIDS.setWatches, request);
    this.#write();
    this.#watch();
    this.#listener.state({
      status: "connected",
      sessionId,
      timeoutMs,
      readOnly,
      server: this.#serverName,
    });
    if (this.#rearming === 0) this.#listener.rearmed();
    this.#flush();
  }

  #answered(xid: number, number: number, reader: JuteReader): void {
    const packet = this.#sent.shift();
    if (packet?.xid !== xid) {
      // Out of step: nothing that comes on this connection can be trusted.
      if (packet !== undefined) this.#lose(packet);
      this.socket?.destroy();
      return;
    }
    this.#confirm(packet.sentMs);
    if (packet.members !== undefined) {
      this.#answeredAll(packet.members, number, reader);
      return;
    }
    if (packet.settled) return;
    const { request } = packet;
    try {
      if (number !== 0) {
        throw (
          request.failed?.(number, reader) ??
          serverError(number, request.act, { path: request.path })
        );
      }
      this.#resolve(packet, request.read(reader));
    } catch (error) {
      this.#reject(packet, error);
    }
  }

  #answeredAll(members: readonly Packet[], number: number, reader: JuteReader): void {
    if (number === ERRORS.unimplemented) {
      this.#bundles = false;
      for (const member of members) if (!member.settled) this.#waiting.push(member);
      this.#flushSoon();
      return;
    }
    try {
      if (number !== 0) throw serverError(number, "read several nodes at once");
      const answers = bundledReads(members.map(({ request }) => request)).read(reader);
      for (const [at, member] of members.entries()) this.#settleBy(member, answers[at]);
    } catch (error) {
      for (const member of members) this.#reject(member, error);
    }
  }

  #settleBy(packet: Packet, answer: (() => unknown) | undefined): void {
    if (packet.settled) return;
    try {
      this.#resolve(packet, answer?.());
    } catch (error) {
      this.#reject(packet, error);
    }
  }

  #authenticated(number: number): void {
    const packet = this.#authenticating.shift();
    if (number === 0) {
      packet?.resolve(undefined);
      return;
    }
    const error = serverError(-115, `authenticate by ${packet?.request.path ?? "a scheme"}`);
    packet?.reject(error);
    this.setState(STATES.AUTHENTICATION_FAILED);
    this.#finish(error);
    this.socket?.destroy();
  }

  #sendCredential(
    { scheme, auth }: Credential,
    { resolve, reject }: Pick<Packet, "resolve" | "reject"> = { resolve() {}, reject() {} },
  ): void {
    const request: Request<unknown> = {
      opcode: OPCODES.auth,
      act: "authenticate",
      path: scheme,
      write(writer) {
        writer.int(0);
        writer.text(scheme);
        writer.buffer(typeof auth === "string" ? new TextEncoder().encode(auth) : auth);
      },
      read: () => undefined,
    };
    this.#authenticating.push({
      request,
      signal: undefined,
      abort() {},
      xid: XIDS.auth,
      sentMs: 0,
      timer: undefined,
      settled: false,
      resolve,
      reject,
    });
    this.#frame(XIDS.auth, request);
    this.#write();
  }

  #packet(
    request: Request<unknown>,
    { signal, resolve, reject }: Pick<Packet, "signal" | "resolve" | "reject">,
  ): Packet {
    this.#requests += 1;
    const packet: Packet = {
      request,
      signal,
      abort: (reason) => this.#reject(packet, reason),
      xid: 0,
      sentMs: 0,
      timer: undefined,
      settled: false,
      resolve,
      reject,
    };
    return packet;
  }

  #limit(packet: Packet, timeoutMs: number | undefined): void {
    this.#aborts.add(packet.signal, packet.abort);
    if (timeoutMs === undefined) return;
    packet.timer = setTimeout(() => {
      const { act, path } = packet.request;
      const message = `Cannot ${act}: there was no answer in ${timeoutMs} ms`;
      this.#reject(packet, new FairleadError("timeout", message, { details: { path, timeoutMs } }));
    }, timeoutMs);
  }

  #resolve(packet: Packet, value: unknown): void {
    this.#settle(packet);
    packet.resolve(value);
  }

  #reject(packet: Packet, error: unknown): void {
    if (packet.settled) return;
    this.#settle(packet);
    packet.reject(error);
  }

  #settle(packet: Packet): void {
    packet.settled = true;
    this.#requests -= 1;
    this.#aborts.remove(packet.signal, packet.abort);
    clearTimeout(packet.timer);
  }

  #flushSoon(): void {
    if (this.#flushing || !this.#isConnected()) return;
    this.#flushing = true;
    setImmediate(() => {
      this.#flushing = false;
      this.#flush();
    });
  }

  override onPacketQueueReadable(): void {
    this.#flushSoon();
  }

  #flush(): void {
    while (this.#isConnected() && !this.#blocked && this.#waiting.size > 0) {
      const sentMs = performance.now();
      while (this.#writer.length < CORK_BYTES) {
        const packet = this.#waiting.shift();
        if (packet === undefined) break;
        if (!packet.settled) this.#sendWith(packet, sentMs);
      }
      this.#write();
      this.#expectAnswer();
    }
  }

  /** Send a packet; a read with those reads that wait right behind it. */
  #sendWith(packet: Packet, sentMs: number): void {
    const members = this.#bundles
      ? withReadsBehind(packet, this.#waiting, this.#options.answerBytesMax)
      : [packet];
    if (members.length >= BUNDLE_MIN) this.#send(bundleOf(members, sentMs), sentMs);
    else for (const member of members) this.#send(member, sentMs);
  }

  #send(packet: Packet, sentMs: number): void {
    const { length } = this.#writer;
    try {
      const bytes = this.#frame(this.#nextXid, packet.request);
      const { requestBytesMax } = this.#options;
      if (bytes > requestBytesMax) throw tooLarge(packet.request, bytes, requestBytesMax);
    } catch (error) {
      this.#writer.truncate(length);
      if (packet.members === undefined) this.#reject(packet, error);
      // What is too much together may go one by one, and what cannot be written has its own error.
      for (const member of packet.members ?? []) this.#send(member, sentMs);
      return;
    }
    packet.xid = this.#nextXid;
    packet.sentMs = sentMs;
    this.#nextXid = this.#nextXid === 0x7fff_ffff ? 1 : this.#nextXid + 1;
    this.#sent.push(packet);
  }

  /** Returns the bytes of the packet. */
  #frame(xid: number, request: Request<unknown>): number {
    const start = this.#writer.begin();
    this.#writer.int(xid);
    this.#writer.int(request.opcode);
    request.write(this.#writer);
    this.#writer.end(start);
    return this.#writer.length - start;
  }

  #write(): void {
    if (this.#writer.length === 0 || this.socket === undefined) return;
    this.#lastSentMs = performance.now();
    if (!this.socket.write(this.#writer.take())) this.#blocked = true;
  }

  #isConnected(): boolean {
    return this.state === STATES.CONNECTED || this.state === STATES.CONNECTED_READ_ONLY;
  }

  /** What a server answered it had received: its session clock began anew no sooner than then. */
  #confirm(sentMs: number | undefined): void {
    if (sentMs === undefined) return;
    this.#aliveUntilMs = Math.max(this.#aliveUntilMs, sentMs + this.sessionTimeout);
  }

  /** Look now and then whether to ping, and whether the server still speaks. */
  #watch(): void {
    clearInterval(this.#watchdog);
    const pingMs = this.sessionTimeout / 3;
    const silenceMaxMs = (this.sessionTimeout * 2) / 3;
    const everyMs = Math.max(5, Math.min(1_000, Math.floor(this.sessionTimeout / 20)));
    this.#watchdog = setInterval(() => {
      const nowMs = performance.now();
      if (nowMs - this.#lastHeardMs > silenceMaxMs) this.socket?.destroy();
      else if (nowMs - this.#lastSentMs >= pingMs) this.#ping();
    }, everyMs);
  }

  #ping(): void {
    if (!this.#isConnected()) return;
    const start = this.#writer.begin();
    this.#writer.int(XIDS.ping);
    this.#writer.int(OPCODES.ping);
    this.#writer.end(start);
    this.#pingsMs.push(performance.now());
    this.#write();
  }

  #expectAnswer(): void {
    const { stallPingMs } = this.#options;
    if (stallPingMs === 0 || this.#stall !== undefined || this.#sent.size === 0) return;
    this.#stall = setTimeout(() => {
      this.#stall = undefined;
      if (this.#sent.size === 0) return;
      if (performance.now() - this.#lastHeardMs >= stallPingMs) this.#ping();
      this.#expectAnswer();
    }, stallPingMs);
    this.#stall.unref();
  }

  #closed(socket: Socket): void {
    if (socket !== this.socket) return;
    this.socket = undefined;
    clearTimeout(this.#connectTimer);
    clearInterval(this.#watchdog);
    this.#writer.take();
    while (this.#pingsMs.shift() !== undefined);
    for (let each = this.#authenticating.shift(); each; each = this.#authenticating.shift()) {
      // It is kept, and sent again with the next connection.
      each.resolve(undefined);
    }
    this.#loseAll(this.#sent);
    if (this.#end !== undefined) return;
    const wasConnected = this.#isConnected();
    this.setState(STATES.DISCONNECTED);
    if (wasConnected) {
      const { id: sessionId } = this.#session;
      this.#listener.state({ status: "suspended", sessionId, timeoutMs: this.sessionTimeout });
    }
    this.connect();
  }

  #loseAll(packets: Fifo<Packet>): void {
    for (let each = packets.shift(); each; each = packets.shift()) this.#lose(each);
  }

  #lose(packet: Packet): void {
    for (const each of packet.members ?? [packet]) {
      this.#reject(each, this.#end ?? connectionLoss(each));
    }
  }

  /** The end for good: every request has its answer now. */
  #finish(end: FairleadError): void {
    this.#end = end;
    clearTimeout(this.#connectTimer);
    clearTimeout(this.#stall);
    clearInterval(this.#watchdog);
    this.#loseAll(this.#sent);
    this.#loseAll(this.#waiting);
    this.#listener.state({ status: "ended", cause: end });
  }
}
