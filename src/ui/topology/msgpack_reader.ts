import { FairleadError } from "../../base/mod.ts";

const DEPTH_MAX = 32;
const utf8 = new TextDecoder();

/**
 * Read the MessagePack of a frame: maps with text keys, lists, text, binaries, numbers, booleans
 * and nil. Binaries are views of the bytes. It compiles nothing at run time, which the console's
 * content policy forbids.
 *
 * @throws {FairleadError} `stream_invalid`.
 */
export function readMsgpack(bytes: Uint8Array): unknown {
  const reader = new MsgpackReader(bytes);
  try {
    const value = reader.read(0);
    if (reader.isAtEnd) return value;
  } catch (cause) {
    if (cause instanceof FairleadError) throw cause;
    throw invalid("it is cut off", cause);
  }
  throw invalid("something follows it");
}

/** The error of a frame that cannot be taken. */
export function invalid(why: string, cause?: unknown): FairleadError {
  return new FairleadError("stream_invalid", `Cannot read a frame of the stream: ${why}`, {
    cause,
  });
}

class MsgpackReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  read(depth: number): unknown {
    if (depth > DEPTH_MAX) throw invalid("it is nested too deep");
    const head = this.#view.getUint8(this.#at);
    this.#at += 1;
    if (head < 0x80) return head;
    if (head < 0x90) return this.#map(head & 0x0f, depth);
    if (head < 0xa0) return this.#list(head & 0x0f, depth);
    if (head < 0xc0) return this.#text(head & 0x1f);
    if (head >= 0xe0) return head - 0x100;
    return this.#long(head, depth);
  }

  #long(head: number, depth: number): unknown {
    switch (head) {
      case 0xc0:
        return null;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xca:
        return this.#number(4, (at) => this.#view.getFloat32(at));
      case 0xcb:
        return this.#number(8, (at) => this.#view.getFloat64(at));
      case 0xd0:
        return this.#number(1, (at) => this.#view.getInt8(at));
      case 0xd1:
        return this.#number(2, (at) => this.#view.getInt16(at));
      case 0xd2:
        return this.#number(4, (at) => this.#view.getInt32(at));
      case 0xd3:
        return this.#number(8, (at) => Number(this.#view.getBigInt64(at)));
      case 0xcf:
        return this.#number(8, (at) => Number(this.#view.getBigUint64(at)));
      default:
        return this.#sized(head, depth);
    }
  }

  #sized(head: number, depth: number): unknown {
    if (head >= 0xcc && head <= 0xce) return this.#uint(1 << (head - 0xcc));
    if (head >= 0xc4 && head <= 0xc6) return this.#binary(this.#uint(1 << (head - 0xc4)));
    if (head >= 0xd9 && head <= 0xdb) return this.#text(this.#uint(1 << (head - 0xd9)));
    if (head === 0xdc || head === 0xdd) return this.#list(this.#uint(2 << (head - 0xdc)), depth);
    if (head === 0xde || head === 0xdf) return this.#map(this.#uint(2 << (head - 0xde)), depth);
    throw invalid(`its byte ${head} means nothing here`);
  }

  #uint(width: number): number {
    return this.#number(width, (at) => {
      if (width === 1) return this.#view.getUint8(at);
      return width === 2 ? this.#view.getUint16(at) : this.#view.getUint32(at);
    });
  }

  #number(width: number, get: (at: number) => number): number {
    const value = get(this.#at);
    this.#at += width;
    return value;
  }

  #binary(length: number): Uint8Array {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw invalid("it is cut off");
    const part = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return part;
  }

  #text(length: number): string {
    return utf8.decode(this.#binary(length));
  }

  #list(length: number, depth: number): unknown[] {
    const list: unknown[] = [];
    for (let i = 0; i < length; i += 1) list.push(this.read(depth + 1));
    return list;
  }

  #map(length: number, depth: number): Record<string, unknown> {
    const entries: [string, unknown][] = [];
    for (let i = 0; i < length; i += 1) {
      entries.push([String(this.read(depth + 1)), this.read(depth + 1)]);
    }
    return Object.fromEntries(entries);
  }
}
