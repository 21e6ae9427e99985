/** A client that sends bytes and shows bytes, for what no good client would send. */

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { BoundedQueue } from "fairlead/base";
import { JuteReader, JuteWriter, OPCODES, XIDS } from "fairlead/zookeeper";
import { Framing } from "../../../../src/zookeeper/node/framing.ts";

/** What a handshake says; the defaults ask for a new session. */
export interface Handshake {
  readonly lastZxid?: bigint;
  readonly timeoutMs?: number;
  readonly sessionId?: bigint;
  readonly password?: Uint8Array;
  /** Leaves the last byte out, as old clients do. */
  readonly isOld?: boolean;
}

/** One connection. */
export class RawClient implements AsyncDisposable {
  readonly #socket: Socket;
  readonly #packets = new BoundedQueue<Uint8Array>({ capacityMax: 1_000_000, whenFull: "reject" });
  readonly closed: Promise<void>;
  sessionId = 0n;
  password: Uint8Array = new Uint8Array(16);
  timeoutMs = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    const framing = new Framing(268_435_456);
    socket.on("data", (chunk: Uint8Array) =>
      framing.feed(chunk, (bytes, start, end) => {
        this.#packets.push(new Uint8Array(bytes.subarray(start, end)));
      }),
    );
    socket.on("error", () => undefined);
    this.closed = new Promise((done) => {
      socket.on("close", () => {
        this.#packets.close();
        done();
      });
    });
  }

  /** A connection without a handshake. */
  static async dial(address: string): Promise<RawClient> {
    const [host = "", port = ""] = address.split(":");
    const socket = connect({ host, port: Number(port) });
    await once(socket, "connect");
    return new RawClient(socket);
  }

  /** A connection with a session; its `timeoutMs` is 0 when it was refused. */
  static async open(address: string, handshake: Handshake = {}): Promise<RawClient> {
    const client = await RawClient.dial(address);
    client.write(handshakeOf(handshake));
    const answer = await client.next();
    if (answer === undefined) throw new Error("the server closed the connection");
    const reader = new JuteReader(answer);
    reader.int();
    client.timeoutMs = reader.int();
    client.sessionId = reader.long();
    client.password = reader.buffer() ?? new Uint8Array(0);
    return client;
  }

  get isReading(): boolean {
    return !this.#socket.isPaused();
  }

  write(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** Take no more bytes from the server. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  send(xid: number, opcode: number, write: (writer: JuteWriter) => void = () => undefined): void {
    this.write(requestOf(xid, opcode, write));
  }

  /** The next packet; undefined when the server has closed. */
  async next(): Promise<Uint8Array | undefined> {
    return (await this.#packets.take()).value;
  }

  /** What comes before the answer to a request, and the answer itself. */
  async until(xid: number): Promise<Uint8Array[]> {
    const packets: Uint8Array[] = [];
    for (;;) {
      const packet = await this.next();
      if (packet === undefined) return packets;
      packets.push(packet);
      if (new JuteReader(packet).int() === xid) return packets;
    }
  }

  /** What has come by now: all that the server sent before it answers a ping. */
  async settled(): Promise<Uint8Array[]> {
    this.send(XIDS.ping, OPCODES.ping);
    return await this.until(XIDS.ping);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
    await this.closed;
  }
}

/** A request in its frame. */
export function requestOf(
  xid: number,
  opcode: number,
  write: (writer: JuteWriter) => void = () => undefined,
): Uint8Array {
  const writer = new JuteWriter();
  const start = writer.begin();
  writer.int(xid);
  writer.int(opcode);
  write(writer);
  writer.end(start);
  return writer.take();
}

/** The first packet in its frame. */
export function handshakeOf({
  lastZxid = 0n,
  timeoutMs = 10_000,
  sessionId = 0n,
  password = new Uint8Array(16),
  isOld = false,
}: Handshake): Uint8Array {
  const writer = new JuteWriter();
  const start = writer.begin();
  writer.int(0);
  writer.long(lastZxid);
  writer.int(timeoutMs);
  writer.long(sessionId);
  writer.buffer(password);
  if (!isOld) writer.bool(false);
  writer.end(start);
  return writer.take();
}
