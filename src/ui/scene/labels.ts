/** Which names are written, and where: those that matter most, none over another. */
import { mix, type Rgb } from "../topology/colours.ts";
import type { Frame, Look } from "./frame.ts";

/** Names written at most. */
export const LABELS_MAX = 200;
/** Pixels across a node from which on it is named, has a second line, and words inside. */
const NAMES_FROM = 22;
const MINORS_FROM = 34;
const TEXTS_FROM = 32;
/** Pixels of width that a character takes, about, at a font size of 1. */
const ADVANCE = 0.54;
/** The same of strong letters. */
const STRONG_ADVANCE = 0.66;
/** Room for a name in the head of a box: in units, and in pixels at least. */
const HEAD_UNITS = 30;
const HEAD_PIXELS = 10;
const CELL = 8;

/** A line of text in the window, in CSS pixels. */
export interface Label {
  readonly text: string;
  /** Where its middle (or its left end) is, and its baseline. */
  readonly x: number;
  readonly y: number;
  readonly align: "center" | "left";
  readonly size: number;
  readonly weight: 400 | 600;
  readonly colour: Rgb;
  /** What surrounds the letters so that they are read over lines; absent on plain ground. */
  readonly halo: Rgb | undefined;
}

/** The lines of text of a frame: marked nodes first, then groups, then the most connected nodes. */
export function labelsOf(frame: Frame, look: Look): readonly Label[] {
  const board = new Board(look.camera.width, look.camera.height);
  const { selected, hovered, focused } = look.marks;
  const shown = new Set(frame.nodes);
  const marked = new Set([selected, hovered, focused].filter((node) => shown.has(node)));
  for (const node of marked) addNode(board, look, node, true);
  addBoxes(board, frame, look);
  const pixels = 2 * (look.scene.radii[0] ?? 0) * look.camera.scale;
  if (pixels < NAMES_FROM) return board.labels;
  for (const node of look.scene.prominent) {
    if (board.labels.length >= LABELS_MAX) break;
    const isWanted = shown.has(node) && !marked.has(node) && look.marks.faded?.[node] !== 1;
    if (isWanted) addNode(board, look, node, false);
  }
  return board.labels;
}

function addNode(board: Board, look: Look, node: number, isMarked: boolean): void {
  const { scene, camera, theme } = look;
  const radius = scene.radii[node]! * camera.scale;
  const [x, y] = camera.toWindow(scene.positions[node * 2]!, scene.positions[node * 2 + 1]!);
  const room = isMarked ? Number.POSITIVE_INFINITY : Math.max(64, radius * 5);
  const top = y + Math.max(radius, 4) * 1.08;
  const halo = theme.background;
  const name = { x, size: 12, align: "center", weight: isMarked ? 600 : 400, halo } as const;
  const text = shortened(scene.labels[node]!, room / (12 * ADVANCE));
  const isNamed = board.put({ ...name, text, y: top + 13, colour: theme.text }, isMarked);
  const minor = scene.minors[node]!;
  if (isNamed && minor !== "" && (isMarked || radius * 2 >= MINORS_FROM)) {
    const short = shortened(minor, room / (10.5 * ADVANCE));
    const line = { ...name, size: 10.5, weight: 400, y: top + 26 } as const;
    board.put({ ...line, text: short, colour: theme.muted }, isMarked);
  }
  if (radius * 2 >= TEXTS_FROM) addInside(board, look, node, { x, y, radius });
}

/** The metric in the middle, and the tag at the shoulder. */
function addInside(
  board: Board,
  { scene, theme }: Look,
  node: number,
  { x, y, radius }: { readonly x: number; readonly y: number; readonly radius: number },
): void {
  const line = { size: 11, align: "center", weight: 600, colour: theme.text } as const;
  const text = scene.texts[node]!;
  const halo = mix(theme.surface, scene.colours[node]!, 0.16);
  if (text !== "") board.put({ ...line, text, x, y: y + 4, halo }, true);
  const tag = scene.tags[node]!;
  const shoulder = { x: x + radius, y: y - radius * 0.8, size: 10 };
  if (tag !== "") board.put({ ...line, ...shoulder, text: tag, halo: theme.surface }, true);
}

/** Names of groups, the largest first: in the heads of their boxes, or across those from afar. */
function addBoxes(board: Board, { boxes }: Frame, look: Look): void {
  const { scene, camera } = look;
  const order = [...boxes].sort((a, b) => scene.members[b]! - scene.members[a]! || a - b);
  const isFar = HEAD_UNITS * camera.scale < HEAD_PIXELS;
  for (const box of order) {
    if (board.labels.length >= LABELS_MAX) return;
    if (isFar) addAcross(board, look, box);
    else addHead(board, look, box);
  }
}

function addHead(board: Board, { scene, camera, theme, marks }: Look, box: number): void {
  const size = Math.min(14, 9 + 8 * camera.scale);
  const [left, top, width] = scene.boxes.subarray(box * 4, box * 4 + 3);
  const [x, y] = camera.toWindow(left!, top!);
  const inset = 14 * camera.scale;
  const text = shortened(
    scene.names[box]!,
    (width! * camera.scale - 2 * inset) / (size * STRONG_ADVANCE),
  );
  const colour = marks.faded === undefined ? theme.muted : mix(theme.surface, theme.muted, 0.6);
  const line = { text, size, align: "left", weight: 600, halo: undefined } as const;
  const middle = (HEAD_UNITS / 2) * camera.scale + inset / 2;
  board.put({ ...line, colour, x: x + inset, y: y + middle + size * 0.3 }, false);
}

function addAcross(board: Board, { scene, camera, theme, marks }: Look, box: number): void {
  if (marks.faded !== undefined) return;
  const [left, top, width, height] = scene.boxes.subarray(box * 4, box * 4 + 4);
  const [x, y] = camera.toWindow(left! + width! / 2, top! + height! / 2);
  const room = Math.max(72, width! * camera.scale) / (11 * STRONG_ADVANCE);
  const text = shortened(scene.names[box]!, room);
  const line = { text, size: 11, align: "center", weight: 600, halo: theme.surface } as const;
  board.put({ ...line, colour: theme.muted, x, y: y + 4 }, false);
}

/** The beginning and the end of a text that is too long: ids differ there. */
function shortened(text: string, characters: number): string {
  const room = Math.max(3, Math.floor(characters));
  if (text.length <= room) return text;
  const tail = Math.floor((room - 1) / 3);
  return `${text.slice(0, room - 1 - tail)}…${tail === 0 ? "" : text.slice(-tail)}`;
}

/** What is taken of the window, in cells of a few pixels. */
class Board {
  readonly labels: Label[] = [];
  readonly #width: number;
  readonly #columns: number;
  readonly #rows: number;
  readonly #taken: Uint8Array;

  constructor(width: number, height: number) {
    this.#width = width;
    this.#columns = Math.ceil(width / CELL) + 1;
    this.#rows = Math.ceil(height / CELL) + 1;
    this.#taken = new Uint8Array(this.#columns * this.#rows);
  }

  /** Write a line where nothing is written yet, or anyway. */
  put(label: Label, isForced: boolean): boolean {
    const advance = label.weight === 600 ? STRONG_ADVANCE : ADVANCE;
    const wide = Math.min(label.text.length * label.size * advance, this.#width);
    const left = label.align === "left" ? label.x : label.x - wide / 2;
    const [c0, c1] = this.#span(left, left + wide, this.#columns);
    const [r0, r1] = this.#span(label.y - label.size * 0.8, label.y + 2, this.#rows);
    if (c1 < c0 || r1 < r0) return false;
    if (!isForced && this.#isTaken(c0, c1, r0, r1)) return false;
    for (let row = r0; row <= r1; row += 1) {
      this.#taken.fill(1, row * this.#columns + c0, row * this.#columns + c1 + 1);
    }
    this.labels.push(label);
    return true;
  }

  /** Cells from a pixel to a pixel, inside of the window. */
  #span(from: number, to: number, count: number): readonly [number, number] {
    return [Math.max(0, Math.floor(from / CELL)), Math.min(count - 1, Math.floor(to / CELL))];
  }

  #isTaken(c0: number, c1: number, r0: number, r1: number): boolean {
    for (let row = r0; row <= r1; row += 1) {
      const from = row * this.#columns + c0;
      if (this.#taken.subarray(from, from + c1 - c0 + 1).includes(1)) return true;
    }
    return false;
  }
}
