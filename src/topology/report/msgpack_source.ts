import type { FairleadError } from "../../base/mod.ts";
import {
  BINARY_INSTANT_BYTES,
  instantOf,
  isInYears,
  parseInstant,
  readBinaryInstant,
  ZERO_INSTANT,
} from "./instant.ts";
import type { Instant } from "./report.ts";
import { type Limits, Place, type Source } from "./source.ts";
import { TextCache } from "./text_cache.ts";

/** The extension type of MessagePack's own timestamps. */
const TIMESTAMP_EXTENSION = 255;

/**
 * A report in MessagePack, of either dialect: strings and binary may both be "raw" as Scope writes
 * them, or str8 and bin8 as everybody else does. Which of the two a value is says not its header but
 * the place where it stands, so an instant's 15 bytes are never taken for UTF-8.
 */
export class MsgpackSource implements Source {
  readonly place: Place;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #texts: TextCache;
  #at = 0;
  #lastStart = -1;
  #lastInstant: Instant = ZERO_INSTANT;

  constructor(bytes: Uint8Array, limits: Limits, texts: TextCache = new TextCache()) {
    this.place = new Place(limits);
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#texts = texts;
  }

  entries(entry: (key: string) => void): void {
    const size = this.#mapSize();
    for (let index = 0; index < size; index += 1) {
      const key = this.text();
      this.place.enter(key);
      entry(key);
      this.place.leave();
    }
  }

  items(item: () => void): void {
    const size = this.#listSize();
    for (let index = 0; index < size; index += 1) {
      this.place.enter(index);
      item();
      this.place.leave();
    }
  }

  text(): string {
    if (this.#isNil()) return "";
    const length = this.#rawLength();
    if (length === undefined) throw this.#wrong("a text");
    this.place.checkText(length);
    const start = this.#take(length);
    return this.#texts.get(this.#bytes, start, this.#at);
  }

  number(): number {
    const head = this.#head();
    if (head < 0x80) return head;
    if (head >= 0xe0) return head - 0x100;
    switch (head) {
      case 0xc0:
        return 0;
      case 0xca:
        return this.#view.getFloat32(this.#take(4));
      case 0xcb:
        return this.#view.getFloat64(this.#take(8));
      case 0xcc:
        return this.#view.getUint8(this.#take(1));
      case 0xcd:
        return this.#view.getUint16(this.#take(2));
      case 0xce:
        return this.#view.getUint32(this.#take(4));
      case 0xcf:
        return Number(this.#view.getBigUint64(this.#take(8)));
      case 0xd0:
        return this.#view.getInt8(this.#take(1));
      case 0xd1:
        return this.#view.getInt16(this.#take(2));
      case 0xd2:
        return this.#view.getInt32(this.#take(4));
      case 0xd3:
        return Number(this.#view.getBigInt64(this.#take(8)));
      default:
        throw this.#wrongHead(head, "a number");
    }
  }

  flag(): boolean {
    const head = this.#head();
    if (head === 0xc3) return true;
    if (head === 0xc2 || head === 0xc0) return false;
    throw this.#wrongHead(head, "true or false");
  }

  instant(): Instant {
    if (this.#isNil()) return ZERO_INSTANT;
    const length = this.#rawLength();
    if (length === undefined) return this.#timestamp();
    this.place.checkText(length);
    const start = this.#take(length);
    if (this.#isAsBefore(start, length)) return this.#lastInstant;
    const instant =
      length === BINARY_INSTANT_BYTES
        ? readBinaryInstant(this.#bytes, start)
        : parseInstant(this.#texts.get(this.#bytes, start, this.#at));
    if (instant === undefined) throw this.place.wrong("something else", "an instant");
    if (length === BINARY_INSTANT_BYTES) this.#lastStart = start;
    if (length === BINARY_INSTANT_BYTES) this.#lastInstant = instant;
    return instant;
  }

  skip(): void {
    for (let left = 1; left > 0; left -= 1) left += this.#skipOne();
  }

  /** Fail unless everything was read. */
  end(): void {
    const rest = this.#bytes.length - this.#at;
    if (rest > 0) throw this.place.wrong(`followed by ${rest} bytes`, "the end");
  }

  /** Most values of a node were read at the same instant: then it is the bytes of before. */
  #isAsBefore(start: number, length: number): boolean {
    if (length !== BINARY_INSTANT_BYTES || this.#lastStart < 0) return false;
    for (let index = length - 1; index >= 0; index -= 1) {
      if (this.#bytes[start + index] !== this.#bytes[this.#lastStart + index]) return false;
    }
    return true;
  }

  /** Skip a value's head and what it has of its own; how many values are inside. */
  #skipOne(): number {
    const head = this.#bytes[this.#at] ?? 0;
    if (isMap(head)) return 2 * this.#mapSize();
    if (isList(head)) return this.#listSize();
    const length = this.#rawLength() ?? this.#extensionLength();
    if (length !== undefined) {
      this.#take(length);
    } else if (head === 0xc0 || head === 0xc2 || head === 0xc3) {
      this.#take(1);
    } else {
      this.number();
    }
    return 0;
  }

  /** MessagePack's own timestamps, of 4, 8 or 12 bytes. */
  #timestamp(): Instant {
    const start = this.#at;
    const length = this.#extensionLength();
    if (length === undefined) throw this.#wrong("an instant");
    const type = this.#bytes[this.#take(length) - 1];
    const at = this.#at - length;
    if (type === TIMESTAMP_EXTENSION && length === 4) return instantOf(this.#view.getUint32(at), 0);
    if (type === TIMESTAMP_EXTENSION && length === 8) {
      const packed = this.#view.getBigUint64(at);
      return instantOf(Number(packed & 0x3_ffff_ffffn), Number(packed >> 34n));
    }
    if (type === TIMESTAMP_EXTENSION && length === 12) {
      const seconds = Number(this.#view.getBigInt64(at + 4));
      if (isInYears(seconds)) return instantOf(seconds, this.#view.getUint32(at));
    }
    this.#at = start;
    throw this.#wrong("an instant");
  }

  #isNil(): boolean {
    if (this.#bytes[this.#at] !== 0xc0) return false;
    this.#at += 1;
    return true;
  }

  #mapSize(): number {
    const head = this.#head();
    if (head >= 0x80 && head <= 0x8f) return head & 0x0f;
    if (head === 0xc0) return 0;
    if (head === 0xde) return this.#view.getUint16(this.#take(2));
    if (head === 0xdf) return this.#view.getUint32(this.#take(4));
    throw this.#wrongHead(head, "a map");
  }

  #listSize(): number {
    const head = this.#head();
    if (head >= 0x90 && head <= 0x9f) return head & 0x0f;
    if (head === 0xc0) return 0;
    if (head === 0xdc) return this.#view.getUint16(this.#take(2));
    if (head === 0xdd) return this.#view.getUint32(this.#take(4));
    throw this.#wrongHead(head, "a list");
  }

  /** The length of a text or of binary, its head taken; nothing taken where there is none. */
  #rawLength(): number | undefined {
    const head = this.#bytes[this.#at] ?? 0xc0;
    if (head >= 0xa0 && head <= 0xbf) {
      this.#at += 1;
      return head & 0x1f;
    }
    if (head === 0xd9 || head === 0xc4) return this.#length(1);
    if (head === 0xda || head === 0xc5) return this.#length(2);
    if (head === 0xdb || head === 0xc6) return this.#length(4);
    return undefined;
  }

  /** The length of an extension, its head and type taken; nothing taken where there is none. */
  #extensionLength(): number | undefined {
    const head = this.#bytes[this.#at] ?? 0xc0;
    const fixed = head >= 0xd4 && head <= 0xd8;
    if (!fixed && !(head >= 0xc7 && head <= 0xc9)) return undefined;
    const length = fixed ? 2 ** (head - 0xd4) : this.#length(2 ** (head - 0xc7));
    this.#take(fixed ? 2 : 1);
    return length;
  }

  #length(width: number): number {
    const at = this.#take(1 + width) + 1;
    if (width === 1) return this.#view.getUint8(at);
    return width === 2 ? this.#view.getUint16(at) : this.#view.getUint32(at);
  }

  #head(): number {
    return this.#bytes[this.#take(1)] ?? 0;
  }

  /** Move on by `length` bytes; where they begin. */
  #take(length: number): number {
    const start = this.#at;
    if (start + length > this.#bytes.length) {
      throw this.place.wrong("cut off", `${length} bytes longer`);
    }
    this.#at = start + length;
    return start;
  }

  #wrong(wanted: string): FairleadError {
    if (this.#at >= this.#bytes.length) return this.place.wrong("cut off", wanted);
    return this.#wrongHead(this.#bytes[this.#at] ?? 0, wanted);
  }

  #wrongHead(head: number, wanted: string): FairleadError {
    return this.place.wrong(describe(head), wanted);
  }
}

function isMap(head: number): boolean {
  return (head >= 0x80 && head <= 0x8f) || head === 0xde || head === 0xdf;
}

function isList(head: number): boolean {
  return (head >= 0x90 && head <= 0x9f) || head === 0xdc || head === 0xdd;
}

function describe(head: number): string {
  if (isMap(head)) return "a map";
  if (isList(head)) return "a list";
  if (head < 0x80 || head >= 0xe0 || (head >= 0xca && head <= 0xd3)) return "a number";
  if (head === 0xc2 || head === 0xc3) return "true or false";
  if ((head >= 0xa0 && head <= 0xbf) || (head >= 0xd9 && head <= 0xdb)) return "a text";
  return `a value of head 0x${head.toString(16)}`;
}
