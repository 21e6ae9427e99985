/** Jute, the encoding of ZooKeeper's wire: big-endian numbers, strings and buffers behind a length. */

const encoder = new TextEncoder();
const START_BYTES = 4_096;
/** A buffer that has grown beyond this is handed over, so that one large packet is not kept. */
const KEPT_BYTES = 262_144;

/**
 * Writes Jute into one growing buffer.
 *
 * A text or buffer that is `null` has length -1: it is not the same as an empty one.
 */
export class JuteWriter {
  #bytes: Uint8Array;
  #view: DataView;
  #length = 0;

  /** @param capacityBytes How much it takes before it grows. */
  constructor(capacityBytes: number = START_BYTES) {
    this.#bytes = new Uint8Array(capacityBytes);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** How much was written. */
  get length(): number {
    return this.#length;
  }

  bool(value: boolean): void {
    this.#room(1);
    this.#bytes[this.#length] = value ? 1 : 0;
    this.#length += 1;
  }

  int(value: number): void {
    this.#room(4);
    this.#view.setInt32(this.#length, value);
    this.#length += 4;
  }

  long(value: bigint): void {
    this.#room(8);
    this.#view.setBigInt64(this.#length, value);
    this.#length += 8;
  }

  text(value: string | null): void {
    if (value === null) {
      this.int(-1);
      return;
    }
    // A UTF-16 unit has three bytes of UTF-8 at most.
    this.#room(4 + value.length * 3);
    const start = this.#length + 4;
    const { written } = encoder.encodeInto(value, this.#bytes.subarray(start));
    this.int(written);
    this.#length = start + written;
  }

  buffer(value: Uint8Array | null): void {
    if (value === null) {
      this.int(-1);
      return;
    }
    this.int(value.length);
    this.raw(value);
  }

  list<T>(values: Iterable<T>, write: (writer: JuteWriter, value: T) => void): void {
    const at = this.#length;
    this.int(0);
    let count = 0;
    for (const value of values) {
      write(this, value);
      count += 1;
    }
    this.#view.setInt32(at, count);
  }

  /** Bytes as they are, with no length in front. */
  raw(bytes: Uint8Array): void {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Begin a packet, whose length stands in front; `end` takes what this returns. */
  begin(): number {
    this.int(0);
    return this.#length;
  }

  end(start: number): void {
    this.#view.setInt32(start - 4, this.#length - start);
  }

  /** Take back what was written after `length`. */
  truncate(length: number): void {
    this.#length = Math.min(length, this.#length);
  }

  /** All that was written, the taker's own; the writer is empty after it and can be used again. */
  take(): Uint8Array {
    if (this.#bytes.length > KEPT_BYTES) {
      const grown = this.#bytes.subarray(0, this.#length);
      this.#bytes = new Uint8Array(START_BYTES);
      this.#view = new DataView(this.#bytes.buffer);
      this.#length = 0;
      return grown;
    }
    const taken = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    return taken;
  }

  #room(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}
