import fc from "fast-check";
import { expect, test } from "vitest";
import { PaletteFilter } from "../../../../src/ui/topology/view/terminal_policy.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (...parts: Uint8Array[]) =>
  parts.map((part) => new TextDecoder().decode(part)).join("");

test("PaletteFilter takes the nearest colour of the palette", () => {
  const filter = new PaletteFilter();
  const filtered = filter.filter(
    bytes("\u001b[1;38;2;255;0;0;48:2::0:0:255mhi 38;2;1;1;1\u001b[0m"),
  );
  expect(text(filtered)).toBe("\u001b[1;38;5;196;48;5;21mhi 38;2;1;1;1\u001b[0m");
});

test("PaletteFilter gives the same whatever the pieces, and leaves everything else", () => {
  const word = fc.constantFrom(
    "ü 漢",
    "\u001b[38;2;9;99;199m",
    "\u001b[2J",
    "\u001b]0;t\u0007",
    "8;2;1",
  );
  fc.assert(
    fc.property(fc.array(word), fc.integer({ min: 1, max: 9 }), (words, size) => {
      const whole = bytes(`${words.join("")}.`);
      const once = new PaletteFilter().filter(whole);
      const filter = new PaletteFilter();
      const pieces: number[] = [];
      for (let at = 0; at < whole.length; at += size) {
        pieces.push(...filter.filter(whole.slice(at, at + size)));
      }
      expect(pieces).toEqual([...once]);
      if (!words.some((each) => each.includes("38;2"))) expect([...once]).toEqual([...whole]);
    }),
  );
});
