import { FairleadError } from "../../base/mod.ts";

const decoder = new TextDecoder();

/** Up to this length a loop over ASCII beats the decoder. */
const SHORT_TEXT_BYTES = 48;

/**
 * Reads Jute; every length is checked against what is there before anything is made of it.
 *
 * Buffers are copies: the bytes read from may be used again.
 */
export class JuteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at: number;
  readonly #end: number;

  constructor(bytes: Uint8Array, start = 0, end: number = bytes.length) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = start;
    this.#end = end;
  }

  /** How many bytes are left. */
  get left(): number {
    return this.#end - this.#at;
  }

  bool(): boolean {
    return this.#bytes[this.#skip(1)] !== 0;
  }

  int(): number {
    return this.#view.getInt32(this.#skip(4));
  }

  long(): bigint {
    return this.#view.getBigInt64(this.#skip(8));
  }

  /** A 64-bit time in milliseconds, as a number: exact up to 2^53. */
  timeMs(): number {
    const at = this.#skip(8);
    return this.#view.getInt32(at) * 2 ** 32 + this.#view.getUint32(at + 4);
  }

  /** `null` is read as an empty text. */
  text(): string {
    const bytes = this.#sized();
    if (bytes === null) return "";
    return bytes.length <= SHORT_TEXT_BYTES ? shortText(bytes) : decoder.decode(bytes);
  }

  buffer(): Uint8Array | null {
    const bytes = this.#sized();
    // Not `slice`: a Buffer's shares its memory.
    return bytes === null ? null : new Uint8Array(bytes);
  }

  list<T>(read: (reader: JuteReader) => T): T[] {
    const count = this.int();
    if (count <= 0) return [];
    // Nothing that is listed has no bytes at all, so a false count cannot make a huge list.
    if (count > this.left) throw short(count, this.left);
    const values: T[] = [];
    for (let index = 0; index < count; index += 1) values.push(read(this));
    return values;
  }

  /** The bytes from here to the end, not a copy. */
  rest(): Uint8Array {
    const at = this.#at;
    this.#at = this.#end;
    return this.#bytes.subarray(at, this.#end);
  }

  #sized(): Uint8Array | null {
    const length = this.int();
    if (length < 0) return null;
    const at = this.#skip(length);
    return this.#bytes.subarray(at, at + length);
  }

  #skip(bytes: number): number {
    const at = this.#at;
    if (bytes > this.#end - at) throw short(bytes, this.#end - at);
    this.#at = at + bytes;
    return at;
  }
}

function shortText(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) {
    if (byte > 0x7f) return decoder.decode(bytes);
    text += String.fromCharCode(byte);
  }
  return text;
}

function short(needed: number, left: number): FairleadError {
  return new FairleadError(
    "invalid_packet",
    `Cannot read a packet of ZooKeeper: it needs ${needed} more bytes and has ${left}`,
    { details: { needed, left } },
  );
}
