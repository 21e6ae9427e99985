import { FairleadError } from "../../base/mod.ts";

const LENGTH_BYTES = 4;

/** Where a packet lies: it is good until the call returns. */
export type OnPacket = (bytes: Uint8Array, start: number, end: number) => void;

/**
 * Cuts a stream into packets, each behind its length.
 *
 * A packet that comes in parts is put together once, in a buffer of its length.
 */
export class Framing {
  #bytesMax: number;
  /** What a packet has so far, once its length is known. */
  #packet: Uint8Array | undefined;
  #filled = 0;
  /** The first bytes of a length that is not whole. */
  #length = new Uint8Array(LENGTH_BYTES);
  #lengthFilled = 0;

  /** @param bytesMax The longest packet that is taken. */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** From the next packet on, take them up to this length. */
  limit(bytesMax: number): void {
    this.#bytesMax = bytesMax;
  }

  /** @throws {FairleadError} `invalid_packet` when a length is negative or too large. */
  feed(chunk: Uint8Array, onPacket: OnPacket): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#packet !== undefined) {
        at = this.#fill(chunk, at, onPacket);
        continue;
      }
      const whole = this.#lengthFilled === 0 && chunk.length - at >= LENGTH_BYTES;
      if (!whole) {
        at = this.#fillLength(chunk, at);
        continue;
      }
      const length = this.#checked(readLength(chunk, at));
      const start = at + LENGTH_BYTES;
      if (chunk.length - start < length) {
        this.#packet = new Uint8Array(length);
        at = start;
        continue;
      }
      at = start + length;
      onPacket(chunk, start, at);
    }
  }

  #fill(chunk: Uint8Array, at: number, onPacket: OnPacket): number {
    const packet = this.#packet ?? new Uint8Array(0);
    const taken = Math.min(packet.length - this.#filled, chunk.length - at);
    packet.set(chunk.subarray(at, at + taken), this.#filled);
    this.#filled += taken;
    if (this.#filled === packet.length) {
      this.#packet = undefined;
      this.#filled = 0;
      onPacket(packet, 0, packet.length);
    }
    return at + taken;
  }

  #fillLength(chunk: Uint8Array, at: number): number {
    const taken = Math.min(LENGTH_BYTES - this.#lengthFilled, chunk.length - at);
    this.#length.set(chunk.subarray(at, at + taken), this.#lengthFilled);
    this.#lengthFilled += taken;
    if (this.#lengthFilled === LENGTH_BYTES) {
      this.#lengthFilled = 0;
      this.#packet = new Uint8Array(this.#checked(readLength(this.#length, 0)));
    }
    return at + taken;
  }

  #checked(length: number): number {
    if (length > 0 && length <= this.#bytesMax) return length;
    throw new FairleadError(
      "invalid_packet",
      `Cannot read a packet of ${length} bytes: it must have from 1 to ${this.#bytesMax}`,
      { details: { length, bytesMax: this.#bytesMax } },
    );
  }
}

function readLength(bytes: Uint8Array, at: number): number {
  const [a = 0, b = 0, c = 0, d = 0] = bytes.subarray(at, at + LENGTH_BYTES);
  return (a << 24) | (b << 16) | (c << 8) | d;
}
