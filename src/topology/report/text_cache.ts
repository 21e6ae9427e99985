const SLOTS = 8192;
const CACHED_BYTES_MAX = 64;

/**
 * Texts by their UTF-8 bytes: keys and ids come again and again, so most of them are looked up and
 * not made anew. Holds at most 8,192 texts of up to 64 bytes; a newer one takes an older one's place.
 */
export class TextCache {
  readonly #texts = new Array<string | undefined>(SLOTS);
  readonly #decoder = new TextDecoder();

  /** The text of `bytes[start..end)`; what is no UTF-8 becomes U+FFFD. */
  get(bytes: Uint8Array, start: number, end: number): string {
    if (end - start > CACHED_BYTES_MAX) return this.#decoder.decode(bytes.subarray(start, end));
    let hash = end - start;
    let isAscii = true;
    for (let at = start; at < end; at += 1) {
      const byte = bytes[at] ?? 0;
      if (byte > 127) isAscii = false;
      hash = Math.imul(hash ^ byte, 0x01000193);
    }
    if (!isAscii) return this.#decoder.decode(bytes.subarray(start, end));
    const slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
    const cached = this.#texts[slot];
    if (cached !== undefined && isSame(cached, bytes, start, end)) return cached;
    const text = this.#decoder.decode(bytes.subarray(start, end));
    this.#texts[slot] = text;
    return text;
  }
}

function isSame(text: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let index = 0; index < text.length; index += 1) {
    if (text.charCodeAt(index) !== bytes[start + index]) return false;
  }
  return true;
}
