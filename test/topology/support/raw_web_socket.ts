/** A WebSocket whose frames are written by hand. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** How a frame is to be; by default it is right: a masked, final text. */
export interface RawFrame {
  readonly opcode?: number;
  readonly isFinal?: boolean;
  readonly isMasked?: boolean;
  /** Reserved bits, from 0 to 7. */
  readonly reserved?: number;
  readonly payload?: Uint8Array;
  /** The length that it claims to have. */
  readonly claimed?: bigint;
}

const MASK = Buffer.from([1, 2, 3, 4]);

/** The bytes of a frame. */
export function rawFrame(frame: RawFrame): Buffer {
  const { opcode = 1, isFinal = true, isMasked = true, reserved = 0 } = frame;
  const { payload = new Uint8Array(), claimed = BigInt(payload.length) } = frame;
  const first = (isFinal ? 0x80 : 0) | (reserved << 4) | opcode;
  const mask = isMasked ? 0x80 : 0;
  const length = claimed < 126n ? Buffer.of(mask | Number(claimed)) : longLength(mask, claimed);
  const data = isMasked ? payload.map((byte, i) => byte ^ (MASK[i % 4] ?? 0)) : payload;
  return Buffer.concat([Buffer.of(first), length, isMasked ? MASK : Buffer.alloc(0), data]);
}

function longLength(mask: number, claimed: bigint): Buffer {
  const bytes = Buffer.alloc(9);
  bytes[0] = mask | 127;
  bytes.writeBigUInt64BE(claimed, 1);
  return bytes;
}

/** A connection after its handshake. */
export class RawWebSocket {
  readonly socket: Socket;
  readonly #received: Buffer[] = [];
  readonly #closed: Promise<unknown>;

  private constructor(socket: Socket) {
    this.socket = socket;
    this.#closed = new Promise((resolve) => socket.on("close", resolve));
    socket.on("data", (data) => this.#received.push(data));
  }

  /** Open one; what is wrong with the connection later is nobody's error. */
  static async open(url: string, path: string): Promise<RawWebSocket> {
    const { hostname, port, host } = new URL(url);
    const socket = connect(Number(port), hostname);
    socket.on("error", () => undefined);
    const words = ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"];
    const more = ["Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==", "X-Scope-Probe-Id: raw"];
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${[...words, ...more].join("\r\n")}\r\n\r\n`,
    );
    const [head] = (await once(socket, "data")) as [Buffer];
    const end = head.indexOf("\r\n\r\n") + 4;
    if (!head.subarray(0, end).toString().startsWith("HTTP/1.1 101")) {
      throw new Error(`no handshake: ${head.toString()}`);
    }
    const opened = new RawWebSocket(socket);
    opened.#received.push(head.subarray(end));
    return opened;
  }

  /** The code of the server's goodbye, once the connection is gone; undefined: it said none. */
  async closeCode(): Promise<number | undefined> {
    await this.#closed;
    const bytes = Buffer.concat(this.#received);
    for (let at = 0; at + 2 <= bytes.length; ) {
      const { opcode, start, end } = frameAt(bytes, at);
      if (opcode === 8) return bytes.readUInt16BE(start);
      at = end;
    }
    return undefined;
  }
}

/** A frame of a server: never masked. */
function frameAt(bytes: Buffer, at: number) {
  const opcode = (bytes[at] ?? 0) & 0x0f;
  const short = (bytes[at + 1] ?? 0) & 0x7f;
  if (short < 126) return { opcode, start: at + 2, end: at + 2 + short };
  if (short === 126) return { opcode, start: at + 4, end: at + 4 + bytes.readUInt16BE(at + 2) };
  return { opcode, start: at + 10, end: at + 10 + Number(bytes.readBigUInt64BE(at + 2)) };
}
