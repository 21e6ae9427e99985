/** Numbers that depend on a seed and a place, not on the order in which they are asked for. */

/** A well-mixed 32-bit word of a seed and up to three integers. */
export function mix(seed: number, a: number, b = 0, c = 0): number {
  let word = (seed ^ Math.imul(a + 1, 0x9e3779b1)) | 0;
  word = Math.imul(word ^ (word >>> 16), 0x85ebca6b) ^ Math.imul(b + 1, 0xc2b2ae35);
  word = Math.imul(word ^ (word >>> 15), 0x21f0aaad) ^ Math.imul(c + 1, 0x27d4eb2f);
  word = Math.imul(word ^ (word >>> 13), 0x735a2d97);
  return (word ^ (word >>> 16)) >>> 0;
}

/** The same as a ratio from 0, included, to 1, excluded. */
export const chance = (seed: number, a: number, b = 0, c = 0): number =>
  mix(seed, a, b, c) / 2 ** 32;

/** Goes from 0 to 1 and back once in `period` ticks: a load that breathes, the same on all engines. */
export function wave(tick: number, period: number, phase: number): number {
  const at = (tick / period + phase) % 1;
  return at < 0.5 ? at * 2 : 2 - at * 2;
}
