import { expect, test } from "vitest";
import { Pieces } from "../../src/http/pieces.ts";

const MIB = 1_024 * 1_024;

test("Pieces gives back a single piece itself, and several as one", () => {
  const piece = Uint8Array.of(1, 2);
  const pieces = new Pieces(4);
  expect(pieces.whole()).toEqual(new Uint8Array());
  expect(pieces.add(piece)).toBe(true);
  expect(pieces.whole()).toBe(piece);
  expect(pieces.add(Uint8Array.of(3, 4))).toBe(true);
  expect(pieces.whole()).toEqual(Uint8Array.of(1, 2, 3, 4));
});

test("Pieces keeps the order of small ones among large ones", () => {
  const pieces = new Pieces(64 * MIB);
  const sent: number[] = [];
  for (let index = 0; index < 5_000; index += 1) {
    const length = index > 2_000 && index < 3_100 ? 5_000 : 1 + (index % 3);
    const piece = new Uint8Array(length).fill(index & 255);
    expect(pieces.add(piece)).toBe(true);
    for (const byte of piece) sent.push(byte);
  }
  expect(Buffer.compare(pieces.whole(), Uint8Array.from(sent))).toBe(0);
});

test("Pieces refuses what is beyond the limit, and keeps nothing then", () => {
  const pieces = new Pieces(3);
  expect(pieces.add(new Uint8Array(3))).toBe(true);
  expect(pieces.add(new Uint8Array(1))).toBe(false);
  expect(pieces.add(new Uint8Array(0))).toBe(false);
});
