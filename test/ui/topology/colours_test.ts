import { hex, luminance, mix, nodeColour, parseColour, pseudoColour } from "fairlead/ui";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const palette = fc.constantFrom("light" as const, "dark" as const, "contrast" as const);
const red = (colour: number) => (colour >> 16) & 255;
const green = (colour: number) => (colour >> 8) & 255;
const blue = (colour: number) => colour & 255;

/** Hue in degrees, as HSV has it. */
function hueOf(colour: number): number {
  const [r, g, b] = [red(colour), green(colour), blue(colour)];
  const most = Math.max(r, g, b);
  const span = most - Math.min(r, g, b);
  const sixth = most === r ? (g - b) / span : most === g ? 2 + (b - r) / span : 4 + (r - g) / span;
  return (sixth * 60 + 360) % 360;
}

describe("nodeColour()", () => {
  test("is a colour, the same at every call, and never red", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), palette, (rank, label, of) => {
        const colour = nodeColour(rank, label, of);
        expect(colour).toBe(nodeColour(rank, label, of));
        expect(colour).toBeGreaterThanOrEqual(0);
        expect(colour).toBeLessThan(2 ** 24);
        const hue = hueOf(colour);
        expect(hue > 20 && hue < 345).toBe(true);
      }),
    );
  });

  test("gives ranks that begin alike hues close by, and others hues far off", () => {
    const hue = (rank: string) => hueOf(nodeColour(rank, "x", "light"));
    expect(Math.abs(hue("postgres") - hue("postgrest"))).toBeLessThan(1);
    expect(Math.abs(hue("api-1") - hue("api-2"))).toBeLessThan(1);
    expect(Math.abs(hue("api") - hue("nginx"))).toBeGreaterThan(40);
  });

  test("tells equal ranks apart by their labels", () => {
    const colours = new Set(["a", "b", "c", "d"].map((each) => nodeColour("api", each, "dark")));
    expect(colours.size).toBe(4);
  });
});

test("pseudoColour() is grey", () => {
  fc.assert(
    fc.property(fc.string(), palette, (label, of) => {
      const colour = pseudoColour(label, of);
      const channels = [red(colour), green(colour), blue(colour)];
      expect(Math.max(...channels) - Math.min(...channels)).toBeLessThan(16);
    }),
  );
});

test("parseColour() reads what browsers compute, and hex() what it gives", () => {
  expect(parseColour("rgb(245, 247, 249)")).toBe(0xf5f7f9);
  expect(parseColour("rgba(13, 18, 22, 0.5)")).toBe(0x0d1216);
  expect(parseColour("color(srgb 1 0.5 0)")).toBe(0xff8000);
  expect(parseColour("nothing")).toBe(0);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffffff }), (colour) => {
      expect(parseColour(hex(colour))).toBe(colour);
    }),
  );
});

test("mix() goes from one colour to the other", () => {
  expect(mix(0x102030, 0xf0e0d0, 0)).toBe(0x102030);
  expect(mix(0x102030, 0xf0e0d0, 1)).toBe(0xf0e0d0);
  expect(mix(0x000000, 0xffffff, 0.5)).toBe(0x808080);
});

test("luminance() is WCAG's", () => {
  expect(luminance(0xffffff)).toBeCloseTo(1);
  expect(luminance(0)).toBe(0);
  expect(luminance(0x808080)).toBeCloseTo(0.2158, 3);
});
