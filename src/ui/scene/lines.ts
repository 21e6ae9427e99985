/** Lines to be drawn, in columns: plain ones and arrow heads alike. */
import type { Rgb } from "../topology/colours.ts";

/** A line from x, y to x, y. */
export type Ends = readonly [number, number, number, number];

/** Pixels below which an arrow head is not seen. */
const ARROW_SCALE_MIN = 0.25;

/** Lines with a width at either end, and a colour; from the back to the front. */
export class LineList {
  /** 4 a line: its ends, in units of the picture. */
  readonly ends: number[] = [];
  /** 2 a line: its width at either end, in pixels; a head is wide at one and has none at the other. */
  readonly widths: number[] = [];
  readonly colours: Rgb[] = [];
  /** How opaque, from 0 to 1. */
  readonly alphas: number[] = [];

  /** How many there are. */
  get length(): number {
    return this.colours.length;
  }

  /** Add a line. */
  add(ends: Ends, widths: readonly [number, number], colour: Rgb, alpha: number): void {
    this.ends.push(...ends);
    this.widths.push(...widths);
    this.colours.push(colour);
    this.alphas.push(alpha);
  }

  /** Add the head of an arrow that ends `gap` units before the line does, unless it is too small. */
  addArrow(
    [x, y, u, v]: Ends,
    { gap, width, scale }: { readonly gap: number; readonly width: number; readonly scale: number },
    colour: Rgb,
    alpha: number,
  ): void {
    const length = Math.hypot(u - x, v - y);
    const tall = (5 + 2 * width) / Math.max(scale, 0.6);
    if (scale < ARROW_SCALE_MIN || length < gap * 2 + tall) return;
    const [dx, dy] = [(u - x) / length, (v - y) / length];
    const [tipX, tipY] = [u - dx * gap, v - dy * gap];
    const wide = (4 + 2.2 * width) * Math.min(1, scale / 0.6);
    this.add([tipX - dx * tall, tipY - dy * tall, tipX, tipY], [wide, 0], colour, alpha);
  }
}
