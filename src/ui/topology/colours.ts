/** Colours of nodes: the rank gives the hue, the label the lightness. */
import { hash32 } from "../parts/hash.ts";

/** A colour as 0xRRGGBB. */
export type Rgb = number;

/** Light or dark, calm or with strong contrast. */
export type Palette = "light" | "dark" | "contrast";

/** Lightness, chroma, and what a label may add to the lightness: in OKLCH. */
const PALETTES: Readonly<Record<Palette, readonly [number, number, number]>> = {
  light: [0.63, 0.105, 0.13],
  dark: [0.62, 0.095, 0.13],
  contrast: [0.45, 0.13, 0.06],
};
/** Hues from 60° to 345°: none of them is the red of what is broken. */
const HUE_MIN = 60;
const HUE_SPAN = 285;
/** Letters of the rank that decide; each counts a seventeenth of the one before. */
const LETTERS = 3;
const BASE = 17;

/**
 * The colour of a node: equal ranks have equal hues, ranks that begin alike have hues close by, and
 * labels tell equal ranks apart by lightness. Never red.
 */
export function nodeColour(rank: string, label: string, palette: Palette): Rgb {
  const [lightness, chroma, span] = PALETTES[palette];
  const hue = HUE_MIN + HUE_SPAN * letters(rank);
  return oklch(lightness + span * (spread(label) - 0.5), chroma, hue);
}

/** The grey of nodes that are none of ours. */
export function pseudoColour(label: string, palette: Palette): Rgb {
  const [lightness] = PALETTES[palette];
  return oklch(lightness + 0.06 * (spread(label) - 0.5), 0.008, 240);
}

/** `#rrggbb`. */
export function hex(colour: Rgb): string {
  return `#${colour.toString(16).padStart(6, "0")}`;
}

/** Read `rgb(…)`, `color(srgb …)` or `#rrggbb`, as a browser computes colours; black when unread. */
export function parseColour(text: string): Rgb {
  const six = /^#([0-9a-f]{6})$/i.exec(text.trim());
  if (six?.[1] !== undefined) return Number.parseInt(six[1], 16);
  const scale = text.includes("srgb") ? 255 : 1;
  const parts = text.replace("srgb", "").match(/[\d.]+(?:e-?\d+)?/g) ?? [];
  const [red = 0, green = 0, blue = 0] = parts.map((part) => Number(part) * scale);
  return pack(red, green, blue);
}

/** A colour between two; `part` 0 is the first. */
export function mix(from: Rgb, to: Rgb, part: number): Rgb {
  const channel = (shift: number) => {
    const a = (from >> shift) & 255;
    return a + (((to >> shift) & 255) - a) * part;
  };
  return pack(channel(16), channel(8), channel(0));
}

/** How light a colour is, as WCAG has it: from 0, black, to 1, white. */
export function luminance(colour: Rgb): number {
  const channel = (shift: number) => {
    const value = ((colour >> shift) & 255) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(16) + 0.7152 * channel(8) + 0.0722 * channel(0);
}

/** Where a rank stands among all, from 0 to 1, by its first letters and digits. */
function letters(rank: string): number {
  const text = rank.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
  let at = 0;
  let weight = 1;
  for (let index = 0; index < LETTERS; index += 1) {
    weight /= index === 0 ? 1 : BASE;
    at += weight * letterAt(text, index);
  }
  return Math.min(0.999, at / (1 + 1 / BASE + 1 / BASE ** 2));
}

function letterAt(text: string, index: number): number {
  if (index >= text.length) return 0;
  const code = text.charCodeAt(index);
  return code < 58 ? (code - 48) / 36 : (code - 97 + 10) / 36;
}

/** A number from 0 to 1 for a text. */
function spread(text: string): number {
  return hash32(text) / 2 ** 32;
}

/** Source: Björn Ottosson, "A perceptual color space for image processing", 2020. */
function oklch(lightness: number, chroma: number, hue: number): Rgb {
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return pack(
    gamma(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    gamma(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    gamma(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  );
}

function gamma(linear: number): number {
  const value = linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055;
  return value * 255;
}

function pack(red: number, green: number, blue: number): Rgb {
  const byte = (value: number) => Math.max(0, Math.min(255, Math.round(value)));
  return (byte(red) << 16) | (byte(green) << 8) | byte(blue);
}
