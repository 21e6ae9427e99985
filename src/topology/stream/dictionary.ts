import type { StringsPart } from "./frame.ts";
import { bytesOf } from "./pack.ts";

const HEX_DIGITS = 64;
/** An id of a container: 64 hexadecimal digits, and what stands behind them. */
const HEX = /^[0-9a-f]{64}/;
/** Longest piece that a length of 15 bits can say. */
const NARROW_MAX = 0x7fff;

/** Strings by number; 0 stands for "absent" and is never given out. */
export class Dictionary {
  readonly #numbers = new Map<string, number>();
  readonly #strings: string[] = [""];

  /** Numbers given out, with 0. */
  get size(): number {
    return this.#strings.length;
  }

  /** The number of a string; the tail of a container's id comes before the id. */
  intern(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    if (text.length > HEX_DIGITS && HEX.test(text)) this.intern(text.slice(HEX_DIGITS));
    const number = this.#strings.length;
    this.#strings.push(text);
    this.#numbers.set(text, number);
    return number;
  }

  /** The strings from a number on; undefined when there are none. */
  part(from: number): StringsPart | undefined {
    const count = this.size - from;
    if (count <= 0) return undefined;
    const strings = this.#strings.slice(from);
    const tails = strings.map((text) => this.#tailOf(text));
    const plain = strings.filter((_, i) => tails[i] === undefined);
    const hex = strings.filter((_, i) => tails[i] !== undefined).map(bytesOfHex);
    const max = strings.reduce((most, text, i) => Math.max(most, tails[i] ?? text.length), 0);
    const isWide = max > NARROW_MAX;
    const top = isWide ? 0x8000_0000 : 0x8000;
    const lengths = strings.map((text, i) => {
      const tail = tails[i];
      return tail === undefined ? text.length : top + tail;
    });
    return {
      from,
      text: plain.join(""),
      lengths: bytesOf(isWide ? Uint32Array.from(lengths) : Uint16Array.from(lengths)),
      ...(isWide ? { wide: true } : {}),
      ...(hex.length === 0 ? {} : { hex: joined(hex) }),
    };
  }

  #tailOf(text: string): number | undefined {
    if (!HEX.test(text)) return undefined;
    const tail = text.slice(HEX_DIGITS);
    return tail === "" ? 0 : this.#numbers.get(tail);
  }
}

function bytesOfHex(text: string): Uint8Array {
  const bytes = new Uint8Array(HEX_DIGITS / 2);
  for (let i = 0; i < bytes.length; i += 1) {
    bytes[i] = Number.parseInt(text.slice(i * 2, i * 2 + 2), 16);
  }
  return bytes;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.length * (HEX_DIGITS / 2));
  parts.forEach((part, i) => {
    whole.set(part, i * (HEX_DIGITS / 2));
  });
  return whole;
}
