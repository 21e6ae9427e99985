import type { Floats, SizedUints, Uints } from "./frame.ts";

const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Whole numbers from 0 to 2^32−1 in the fewest bytes; one number when all are the same. */
export function packUints(values: ArrayLike<number>): Uints {
  const first = values[0] ?? 0;
  let isSame = true;
  for (let i = 1; i < values.length && isSame; i += 1) isSame = values[i] === first;
  return isSame ? first : packSized(values).b;
}

/** The same, with the width. */
export function packSized(values: ArrayLike<number>): SizedUints {
  let max = 0;
  for (let i = 0; i < values.length; i += 1) max = Math.max(max, values[i] ?? 0);
  if (max < 256) return { w: 1, b: Uint8Array.from(values) };
  if (max < 65_536) return { w: 2, b: bytesOf(Uint16Array.from(values)) };
  return { w: 4, b: bytesOf(Uint32Array.from(values)) };
}

/** Numbers with seven digits in the fewest bytes. */
export function packFloats(values: ArrayLike<number>): Floats {
  const table = new Map<number, number>();
  const places = new Uint8Array(values.length);
  for (let i = 0; i < values.length && table.size <= 256; i += 1) {
    const value = Math.fround(values[i] ?? 0);
    const place = table.get(value) ?? table.size;
    table.set(value, place);
    places[i] = place;
  }
  if (table.size === 1) return [...table.keys()][0] ?? 0;
  const isShorter = table.size <= 256 && table.size * 4 + values.length < values.length * 4;
  if (isShorter) return { t: bytesOf(Float32Array.from(table.keys())), i: places };
  return bytesOf(Float32Array.from(values));
}

/** Little-endian bytes of a typed array. */
export function bytesOf(values: Uint16Array | Uint32Array | Float32Array): Uint8Array {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  if (isLittleEndian) return bytes;
  const width = values.BYTES_PER_ELEMENT;
  for (let at = 0; at < bytes.length; at += width) bytes.subarray(at, at + width).reverse();
  return bytes;
}
