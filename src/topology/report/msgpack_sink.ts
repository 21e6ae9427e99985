import { BINARY_INSTANT_BYTES, writeBinaryInstant } from "./instant.ts";
import type { Instant } from "./report.ts";
import type { Sink } from "./sink.ts";

/**
 * How texts and instants are written: `scope` as Scope's own codec does, which knows no str8 and no
 * bin; `current` as every other codec reads them.
 */
export type Dialect = "scope" | "current";

/** Writes a report as MessagePack. */
export class MsgpackSink implements Sink {
  readonly #dialect: Dialect;
  readonly #encoder = new TextEncoder();
  #bytes = new Uint8Array(16_384);
  #view = new DataView(this.#bytes.buffer);
  #at = 0;

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  map(size: number): void {
    this.#size(size, 0x80, 0xde);
  }

  key(key: string): void {
    this.text(key);
  }

  list(size: number): void {
    this.#size(size, 0x90, 0xdc);
  }

  text(text: string): void {
    if (text.length < 32 && this.#shortAscii(text)) return;
    // A text's head depends on its length in UTF-8: room for the largest, then the bytes move up.
    this.#reserve(5 + text.length * 3);
    const room = 5;
    const { written } = this.#encoder.encodeInto(text, this.#bytes.subarray(this.#at + room));
    const from = this.#at + room;
    this.#textHead(written);
    this.#bytes.copyWithin(this.#at, from, from + written);
    this.#at += written;
  }

  /** Most texts are short and plain; nothing is written where this one is not. */
  #shortAscii(text: string): boolean {
    this.#reserve(1 + text.length);
    for (let index = 0; index < text.length; index += 1) {
      const code = text.charCodeAt(index);
      if (code > 127) return false;
      this.#bytes[this.#at + 1 + index] = code;
    }
    this.#byte(0xa0 | text.length);
    this.#at += text.length;
    return true;
  }

  integer(value: number): void {
    this.#reserve(9);
    if (!Number.isSafeInteger(value)) this.float(value);
    else if (value >= 0 && value < 0x80) this.#byte(value);
    else if (value < 0 && value >= -0x20) this.#byte(0x100 + value);
    else if (value >= 0) this.#unsigned(value);
    else this.#signed(value);
  }

  float(value: number): void {
    this.#reserve(9);
    this.#byte(0xcb);
    this.#view.setFloat64(this.#at, value);
    this.#at += 8;
  }

  flag(value: boolean): void {
    this.#reserve(1);
    this.#byte(value ? 0xc3 : 0xc2);
  }

  nil(): void {
    this.#reserve(1);
    this.#byte(0xc0);
  }

  instant(instant: Instant): void {
    this.#reserve(2 + BINARY_INSTANT_BYTES);
    if (this.#dialect === "scope") {
      this.#byte(0xa0 | BINARY_INSTANT_BYTES);
    } else {
      this.#byte(0xc4);
      this.#byte(BINARY_INSTANT_BYTES);
    }
    writeBinaryInstant(this.#view, this.#at, instant);
    this.#at += BINARY_INSTANT_BYTES;
  }

  bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#at);
  }

  #size(size: number, fixed: number, head16: number): void {
    this.#reserve(5);
    if (size < 16) this.#byte(fixed | size);
    else this.#wide(size, head16);
  }

  #textHead(length: number): void {
    if (length < 32) this.#byte(0xa0 | length);
    else if (length < 0x100 && this.#dialect === "current") {
      this.#byte(0xd9);
      this.#byte(length);
    } else this.#wide(length, 0xda);
  }

  /** A head with 16 bits of size, or the next one with 32. */
  #wide(size: number, head16: number): void {
    if (size < 0x10000) {
      this.#byte(head16);
      this.#view.setUint16(this.#at, size);
      this.#at += 2;
    } else {
      this.#byte(head16 + 1);
      this.#view.setUint32(this.#at, size);
      this.#at += 4;
    }
  }

  #unsigned(value: number): void {
    if (value < 0x100) {
      this.#byte(0xcc);
      this.#byte(value);
    } else if (value < 0x1_0000_0000) {
      this.#wide(value, 0xcd);
    } else {
      this.#byte(0xcf);
      this.#view.setBigUint64(this.#at, BigInt(value));
      this.#at += 8;
    }
  }

  #signed(value: number): void {
    this.#byte(0xd3);
    this.#view.setBigInt64(this.#at, BigInt(value));
    this.#at += 8;
  }

  #byte(value: number): void {
    this.#bytes[this.#at] = value;
    this.#at += 1;
  }

  #reserve(size: number): void {
    if (this.#at + size <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#at + size));
    larger.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}
