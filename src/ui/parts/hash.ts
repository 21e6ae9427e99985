/** Numbers from texts: the same everywhere and at all times. */

/** 32 bits of a text: FNV-1a, then mixed so that each bit hangs on every character. */
export function hash32(text: string, seed = 0): number {
  let hash = 0x811c9dc5 ^ seed;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** 53 bits of a text, as an integer that a Float64Array holds: what stands for ids in columns. */
export function hash53(text: string): number {
  return hash32(text) * 2 ** 21 + (hash32(text, 0x9e3779b9) >>> 11);
}
