/** Boxes of groups: how large they are and where they go. */
import { MEASURES } from "./contract.ts";
import type { Rows } from "./layers.ts";

const { cell, single, padding, head, gaps } = MEASURES;
/** Width to height that the whole picture aims at. */
const ASPECT = 1.7;
/** Width to height of a box's slots. */
const SPAN_ASPECT = 1.5;
/** One slot in so many stays free for those who come. */
const SPARE = 8;

/** Columns and rows of slots for some members; a node that stands for itself has one slot. */
export function spanOf(members: number): readonly [columns: number, rows: number] {
  if (members <= 1) return [1, 1];
  const slots = members + Math.ceil(members / SPARE);
  const columns = Math.ceil(Math.sqrt(slots * SPAN_ASPECT));
  return [columns, Math.ceil(slots / columns)];
}

/** Width and height of a box of such a span. */
export function sizeOf(columns: number, rows: number): readonly [width: number, height: number] {
  if (columns * rows === 1) return single;
  return [columns * cell[0] + 2 * padding, rows * cell[1] + 2 * padding + head];
}

/** Centre of a slot in the box at `left` and `top`. */
export function slotAt(
  slot: number,
  columns: number,
  rows: number,
): readonly [x: number, y: number] {
  if (columns * rows === 1) return [single[0] / 2, single[1] / 2 - 14];
  const x = padding + ((slot % columns) + 0.5) * cell[0];
  const y = padding + head + (Math.floor(slot / columns) + 0.5) * cell[1] - 10;
  return [x, y];
}

/** How wide a picture of these boxes should be, and how many rows it then has about. */
export function frameOf(boxes: Float32Array): { readonly width: number; readonly rows: number } {
  let area = 0;
  let widest = 0;
  let height = 0;
  const count = boxes.length / 4;
  for (let box = 0; box < count; box += 1) {
    const [width, tall] = [boxes[box * 4 + 2]! + gaps[0], boxes[box * 4 + 3]! + gaps[1]];
    area += width * tall;
    widest = Math.max(widest, width);
    height += tall;
  }
  const width = Math.max(widest, Math.sqrt(area * ASPECT));
  return { width, rows: count === 0 ? 0 : Math.ceil(area / width / (height / count)) };
}

/** Write left and top of every box: rows from above, then those without edges. */
export function placeRows({ rows, alone }: Rows, boxes: Float32Array, width: number): void {
  let top = 0;
  for (const row of rows) {
    for (const shelf of dealt(row, boxes, width)) top = placeShelf(shelf, boxes, top);
  }
  const bySize = [...alone].sort((a, b) => boxes[b * 4 + 3]! - boxes[a * 4 + 3]!);
  for (const shelf of filled(bySize, boxes, width)) top = placeShelf(shelf, boxes, top);
}

/** A row too wide becomes several, dealt like cards, so that left stays left. */
function dealt(row: readonly number[], boxes: Float32Array, width: number): number[][] {
  const sum = row.reduce((all, box) => all + boxes[box * 4 + 2]! + gaps[0], 0);
  const count = Math.max(1, Math.ceil(sum / width - 0.25));
  const shelves: number[][] = Array.from({ length: count }, () => []);
  for (const [at, box] of row.entries()) shelves[at % count]?.push(box);
  return shelves.filter((shelf) => shelf.length > 0);
}

/** Boxes in their order, a new shelf where the width is used up. */
function filled(order: readonly number[], boxes: Float32Array, width: number): number[][] {
  const shelves: number[][] = [];
  let used = Number.POSITIVE_INFINITY;
  for (const box of order) {
    const wide = boxes[box * 4 + 2]! + gaps[0];
    if (used + wide > width) {
      shelves.push([]);
      used = 0;
    }
    shelves.at(-1)?.push(box);
    used += wide;
  }
  return shelves;
}

/** Set boxes side by side around x = 0, centred on a line; gives the top of the next shelf. */
function placeShelf(shelf: readonly number[], boxes: Float32Array, top: number): number {
  const sum = shelf.reduce((all, box) => all + boxes[box * 4 + 2]! + gaps[0], -gaps[0]);
  const tall = shelf.reduce((most, box) => Math.max(most, boxes[box * 4 + 3]!), 0);
  let left = -sum / 2;
  for (const box of shelf) {
    boxes[box * 4] = left;
    boxes[box * 4 + 1] = top + (tall - boxes[box * 4 + 3]!) / 2;
    left += boxes[box * 4 + 2]! + gaps[0];
  }
  return top + tall + gaps[1];
}
