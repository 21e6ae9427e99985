import { FairleadError } from "../../base/mod.ts";

/** Seconds from year 1, from which Go counts, to 1970. */
export const YEAR_1_SECONDS = 62_135_596_800;

const DEPTH_MAX = 64;

/**
 * Reads MessagePack from front to back without making objects: both the old dialect, in which
 * strings, bytes and times are all raw, and the current one.
 *
 * Every read checks that the bytes are there and of the kind that is asked for.
 *
 * @throws {FairleadError} `invalid_report` names the byte at which the report is damaged.
 */
export class MsgpackReader {
  readonly bytes: Uint8Array;
  at = 0;
  /** The string that {@linkcode MsgpackReader.string} found. */
  start = 0;
  length = 0;
  /** The instant that {@linkcode MsgpackReader.time} found, since 1970. */
  seconds = 0;
  nanos = 0;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** How many pairs the map has that begins here; nil counts as empty. */
  map(): number {
    const tag = this.#tag();
    if ((tag & 0xf0) === 0x80) return tag & 0x0f;
    if (tag === 0xc0) return 0;
    const count =
      tag === 0xde ? this.#u16() : tag === 0xdf ? this.#u32() : this.#wrong("a map", tag);
    return this.#fits(count, 2);
  }

  /** How many elements the array has that begins here; nil counts as empty. */
  array(): number {
    const tag = this.#tag();
    if ((tag & 0xf0) === 0x90) return tag & 0x0f;
    if (tag === 0xc0) return 0;
    const count =
      tag === 0xdc ? this.#u16() : tag === 0xdd ? this.#u32() : this.#wrong("an array", tag);
    return this.#fits(count, 1);
  }

  /** Move over a string or bytes; nil counts as empty. Afterwards `start` and `length` say where. */
  string(): void {
    const tag = this.#tag();
    let length: number;
    if ((tag & 0xe0) === 0xa0) length = tag & 0x1f;
    else if (tag === 0xd9 || tag === 0xc4) length = this.#tag();
    else if (tag === 0xda || tag === 0xc5) length = this.#u16();
    else if (tag === 0xdb || tag === 0xc6) length = this.#u32();
    else if (tag === 0xc0) length = 0;
    else length = this.#wrong("a string", tag);
    this.#move(length);
  }

  /** Whether the string just read is this one, of ASCII letters. */
  is(name: string): boolean {
    const { bytes, start, length } = this;
    if (length !== name.length) return false;
    for (let at = 0; at < length; at += 1) {
      if (bytes[start + at] !== name.charCodeAt(at)) return false;
    }
    return true;
  }

  /** A number, or nil as 0. */
  number(): number {
    const tag = this.#tag();
    if (tag < 0x80) return tag;
    if (tag >= 0xe0) return tag - 256;
    const view = this.#view;
    const at = this.at;
    switch (tag) {
      case 0xc0:
        return 0;
      case 0xca:
        return view.getFloat32(this.#need(4));
      case 0xcb:
        return view.getFloat64(this.#need(8));
      case 0xcc:
        return view.getUint8(this.#need(1));
      case 0xcd:
        return view.getUint16(this.#need(2));
      case 0xce:
        return view.getUint32(this.#need(4));
      case 0xcf:
        this.#need(8);
        return view.getUint32(at) * 2 ** 32 + view.getUint32(at + 4);
      case 0xd0:
        return view.getInt8(this.#need(1));
      case 0xd1:
        return view.getInt16(this.#need(2));
      case 0xd2:
        return view.getInt32(this.#need(4));
      case 0xd3:
        this.#need(8);
        return view.getInt32(at) * 2 ** 32 + view.getUint32(at + 4);
      default:
        return this.#wrong("a number", tag);
    }
  }

  /** A boolean, or nil as false. */
  boolean(): boolean {
    const tag = this.#tag();
    if (tag === 0xc3) return true;
    if (tag === 0xc2 || tag === 0xc0) return false;
    return this.#wrong("a boolean", tag) > 0;
  }

  /** An instant: Go's 15 bytes, raw or as bytes, or text of RFC 3339; nil is year 1. */
  time(): void {
    this.string();
    const { start, length } = this;
    const view = this.#view;
    if (length === 0) {
      this.seconds = -YEAR_1_SECONDS;
      this.nanos = 0;
    } else if ((length === 15 || length === 16) && this.bytes[start]! <= 2) {
      const high = view.getInt32(start + 1);
      this.seconds = high * 2 ** 32 + view.getUint32(start + 5) - YEAR_1_SECONDS;
      this.nanos = view.getUint32(start + 9) % 1_000_000_000;
    } else this.#textTime();
  }

  /** Move over whatever stands here. */
  skip(depth = 0): void {
    if (depth > DEPTH_MAX) throw damaged(`nested deeper than ${DEPTH_MAX}`, this.at);
    const tag = this.#tag();
    this.at -= 1;
    const isMap = (tag & 0xf0) === 0x80 || tag === 0xde || tag === 0xdf;
    if (isMap || (tag & 0xf0) === 0x90 || tag === 0xdc || tag === 0xdd) {
      for (let left = isMap ? this.map() * 2 : this.array(); left > 0; left -= 1) {
        this.skip(depth + 1);
      }
    } else if ((tag & 0xe0) === 0xa0 || (tag >= 0xd9 && tag <= 0xdb)) this.string();
    else if (tag >= 0xc4 && tag <= 0xc6) this.string();
    else if (tag === 0xc2 || tag === 0xc3) this.at += 1;
    else if (tag >= 0xd4 && tag <= 0xd8) this.#move(2 ** (tag - 0xd4) + 2);
    else if (tag >= 0xc7 && tag <= 0xc9) this.#skipExtension(tag);
    else this.number();
  }

  #skipExtension(tag: number): void {
    this.at += 1;
    const length = tag === 0xc7 ? this.#tag() : tag === 0xc8 ? this.#u16() : this.#u32();
    this.#move(length + 1);
  }

  #textTime(): void {
    const text = new TextDecoder().decode(
      this.bytes.subarray(this.start, this.start + this.length),
    );
    const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(text);
    const ms = match ? Date.parse(`${match[1]}${match[3]}`) : Number.NaN;
    if (!match || Number.isNaN(ms)) throw damaged(`"${text.slice(0, 40)}" is no time`, this.start);
    this.seconds = ms / 1_000;
    this.nanos = Number((match[2] ?? "").padEnd(9, "0"));
  }

  #move(length: number): void {
    this.start = this.#need(length);
    this.length = length;
  }

  /** Where the next `length` bytes stand; the cursor moves behind them. */
  #need(length: number): number {
    const { at } = this;
    if (at + length > this.bytes.length) throw damaged("it ends too early", this.bytes.length);
    this.at = at + length;
    return at;
  }

  #tag(): number {
    return this.bytes[this.#need(1)]!;
  }

  #u16(): number {
    return this.#view.getUint16(this.#need(2));
  }

  #u32(): number {
    return this.#view.getUint32(this.#need(4));
  }

  /** A count that the rest of the bytes can hold: so that a lie costs nothing. */
  #fits(count: number, bytesEach: number): number {
    if (count * bytesEach > this.bytes.length - this.at) {
      throw damaged(`${count} elements cannot follow`, this.at);
    }
    return count;
  }

  #wrong(wanted: string, tag: number): number {
    throw damaged(`0x${tag.toString(16).padStart(2, "0")} does not begin ${wanted}`, this.at - 1);
  }
}

function damaged(reason: string, byte: number): FairleadError {
  return new FairleadError("invalid_report", `Cannot read the report at byte ${byte}: ${reason}`, {
    details: { byte, reason },
  });
}
