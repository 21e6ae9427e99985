/** Lists of numbers and strings of a frame, as typed arrays and texts. */
import type { Floats, SizedUints, StringsPart, Uints } from "../../topology/mod.ts";
import { invalid } from "./msgpack_reader.ts";

const HEX_BYTES = 32;
const DIGITS = new TextEncoder().encode("0123456789abcdef");
const ascii = new TextDecoder();

/** Whole numbers, `count` of them. */
export function readUints(value: Uints, count: number): ArrayLike<number> {
  if (typeof value === "number") return new Uint32Array(count).fill(value);
  return unsigned(value, count === 0 ? 1 : value.length / count, count);
}

/** Whole numbers, as many as there are. */
export function readSized({ w, b }: SizedUints): ArrayLike<number> {
  return unsigned(b, w, b.length / w);
}

/** Numbers, `count` of them. */
export function readFloats(value: Floats, count: number): ArrayLike<number> {
  if (typeof value === "number") return new Float32Array(count).fill(value);
  if (value instanceof Uint8Array) return floats(value, count);
  const table = floats(value.t, value.t.length / 4);
  if (value.i.length !== count) throw invalid("a column has not as many cells as slots");
  return Float32Array.from(value.i, (place) => table[place] ?? Number.NaN);
}

function unsigned(bytes: Uint8Array, width: number, count: number): ArrayLike<number> {
  if (bytes.length !== width * count) throw invalid("a column has not as many cells as slots");
  if (width === 1) return bytes;
  const { buffer } = bytes.slice();
  if (width === 2) return new Uint16Array(buffer);
  if (width === 4) return new Uint32Array(buffer);
  throw invalid(`a column has cells of ${width} bytes`);
}

function floats(bytes: Uint8Array, count: number): Float32Array {
  if (bytes.length !== count * 4) throw invalid("a column has not as many cells as slots");
  return new Float32Array(bytes.slice().buffer);
}

/** Put new strings behind those that a dictionary has. */
export function extend(dictionary: string[], part: StringsPart | undefined): void {
  if (part === undefined) return;
  if (part.from !== dictionary.length) throw invalid("a dictionary has a gap");
  const isWide = part.wide === true;
  const width = isWide ? 4 : 2;
  const lengths = unsigned(part.lengths, width, part.lengths.length / width);
  const top = isWide ? 0x8000_0000 : 0x8000;
  const hex = part.hex === undefined ? "" : hexOf(part.hex);
  let [textAt, hexAt] = [0, 0];
  for (let i = 0; i < lengths.length; i += 1) {
    const length = lengths[i] ?? 0;
    if (length < top) {
      dictionary.push(part.text.slice(textAt, textAt + length));
      textAt += length;
    } else {
      const digits = hex.slice(hexAt, hexAt + HEX_BYTES * 2);
      dictionary.push(digits + (dictionary[length - top] ?? ""));
      hexAt += HEX_BYTES * 2;
    }
  }
}

function hexOf(bytes: Uint8Array): string {
  const digits = new Uint8Array(bytes.length * 2);
  for (let i = 0; i < bytes.length; i += 1) {
    const byte = bytes[i] ?? 0;
    digits[i * 2] = DIGITS[byte >> 4] ?? 0;
    digits[i * 2 + 1] = DIGITS[byte & 15] ?? 0;
  }
  return ascii.decode(digits);
}
