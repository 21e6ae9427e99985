import { FairleadError, systemRandom } from "../../base/mod.ts";

/** What a {@linkcode StringTable} may hold. */
export interface StringTableOptions {
  /** Makes places in the table hard to guess for those who send strings. @default by chance */
  readonly seed?: number;
  /** @default 1 GiB */
  readonly bytesMax?: number;
}

/**
 * Byte strings, each once, by handle. Handle 0 is the empty string.
 *
 * Strings are found by their bytes, so that reading a report makes no JavaScript string; text is
 * made when it is asked for, and kept. {@linkcode StringTable.sweep} frees what nobody uses.
 */
export class StringTable {
  readonly #seed: number;
  readonly #bytesMax: number;
  #arena = new Uint8Array(1 << 16);
  #end = 0;
  #offset = new Uint32Array(1 << 10);
  #length = new Uint32Array(1 << 10);
  #hash = new Uint32Array(1 << 10);
  #slots = new Uint32Array(1 << 12);
  #texts: (string | undefined)[] = [""];
  #free: number[] = [];
  /** Handles given out so far, free ones included. */
  #next = 1;
  readonly #encoder = new TextEncoder();
  readonly #decoder = new TextDecoder();

  constructor({ seed = systemRandom.u32(), bytesMax = 2 ** 30 }: StringTableOptions = {}) {
    this.#seed = seed;
    this.#bytesMax = bytesMax;
  }

  /** How many strings are held, the empty one included. */
  get size(): number {
    return this.#next - this.#free.length;
  }

  /** One more than the largest handle. */
  get bound(): number {
    return this.#next;
  }

  /** Bytes of all strings. */
  get bytes(): number {
    return this.#end;
  }

  /**
   * The handle of a text.
   *
   * @throws {FairleadError} `memory_exhausted` as {@linkcode StringTable.internBytes}.
   */
  intern(text: string): number {
    const bytes = this.#encoder.encode(text);
    return this.internBytes(bytes, 0, bytes.length);
  }

  /** The handle of a text that may not be there; 0 when it is not. */
  find(text: string): number {
    const bytes = this.#encoder.encode(text);
    const hash = this.#hashOf(bytes, 0, bytes.length);
    return this.#slots[this.#slotOf(bytes, 0, bytes.length, hash)]!;
  }

  /**
   * The handle of a range of bytes.
   *
   * @throws {FairleadError} `memory_exhausted` when all strings together would be too much.
   */
  internBytes(bytes: Uint8Array, start: number, length: number): number {
    if (length === 0) return 0;
    const hash = this.#hashOf(bytes, start, length);
    const slot = this.#slotOf(bytes, start, length, hash);
    const known = this.#slots[slot]!;
    if (known !== 0) return known;
    this.#reserve(length);
    const handle = this.#free.pop() ?? this.#next++;
    this.#roomFor(handle);
    this.#offset[handle] = this.#end;
    this.#length[handle] = length;
    this.#hash[handle] = hash;
    this.#arena.set(bytes.subarray(start, start + length), this.#end);
    this.#end += length;
    this.#texts[handle] = undefined;
    this.#slots[slot] = handle;
    if (this.size * 2 > this.#slots.length) this.#rehash(this.#slots.length * 2);
    return handle;
  }

  /** The text of a handle; bytes that are no UTF-8 become U+FFFD. */
  text(handle: number): string {
    const known = this.#texts[handle];
    if (known !== undefined) return known;
    const text = this.#decoder.decode(this.view(handle));
    this.#texts[handle] = text;
    return text;
  }

  /** The bytes of a handle; void after the next call that adds or sweeps. */
  view(handle: number): Uint8Array {
    const offset = this.#offset[handle]!;
    return this.#arena.subarray(offset, offset + this.#length[handle]!);
  }

  /**
   * Free all strings that are not marked. Handles of marked ones stay as they are.
   *
   * Cost: O(all strings).
   *
   * @param used By handle, not 0 for those to keep.
   */
  sweep(used: Uint8Array): void {
    const arena = new Uint8Array(Math.max(1 << 16, this.#end));
    let end = 0;
    this.#free = [];
    for (let handle = 1; handle < this.#next; handle += 1) {
      if (used[handle] === 0 || used[handle] === undefined) {
        this.#length[handle] = 0;
        this.#texts[handle] = undefined;
        this.#free.push(handle);
        continue;
      }
      const bytes = this.view(handle);
      arena.set(bytes, end);
      this.#offset[handle] = end;
      end += bytes.length;
    }
    this.#arena = arena;
    this.#end = end;
    this.#rehash(this.#slots.length);
  }

  #hashOf(bytes: Uint8Array, start: number, length: number): number {
    let hash = this.#seed ^ Math.imul(length, 0x9e3779b1);
    const end = start + length;
    let at = start;
    for (; at + 4 <= end; at += 4) {
      const word =
        bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
      hash = Math.imul(hash ^ word, 0x85ebca6b);
      hash ^= hash >>> 15;
    }
    for (; at < end; at += 1) hash = Math.imul(hash ^ bytes[at]!, 0xc2b2ae35);
    hash = Math.imul(hash ^ (hash >>> 13), 0x27d4eb2f);
    return (hash ^ (hash >>> 16)) >>> 0;
  }

  /** Where a string is, or is to be. */
  #slotOf(bytes: Uint8Array, start: number, length: number, hash: number): number {
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const handle = this.#slots[slot]!;
      if (handle === 0) return slot;
      if (this.#hash[handle] !== hash || this.#length[handle] !== length) continue;
      const offset = this.#offset[handle]!;
      let at = 0;
      while (at < length && this.#arena[offset + at] === bytes[start + at]) at += 1;
      if (at === length) return slot;
    }
  }

  #reserve(length: number): void {
    const wanted = this.#end + length;
    if (wanted > this.#bytesMax) {
      throw new FairleadError(
        "memory_exhausted",
        `Cannot keep ${length} more bytes of strings: ${this.#end} of ${this.#bytesMax} are taken`,
        { details: { bytes: wanted, max: this.#bytesMax } },
      );
    }
    if (wanted <= this.#arena.length) return;
    const arena = new Uint8Array(Math.max(wanted, this.#arena.length * 2));
    arena.set(this.#arena);
    this.#arena = arena;
  }

  #roomFor(handle: number): void {
    if (handle < this.#offset.length) return;
    this.#offset = grown(this.#offset);
    this.#length = grown(this.#length);
    this.#hash = grown(this.#hash);
  }

  #rehash(size: number): void {
    const slots = new Uint32Array(size);
    const mask = size - 1;
    for (let handle = 1; handle < this.#next; handle += 1) {
      if (this.#length[handle] === 0) continue;
      let slot = this.#hash[handle]! & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = handle;
    }
    this.#slots = slots;
  }
}

function grown(column: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const twice = new Uint32Array(column.length * 2);
  twice.set(column);
  return twice;
}
