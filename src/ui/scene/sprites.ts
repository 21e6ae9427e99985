/** Small nodes, painted once a look and then stamped, pixel by pixel, into a layer of their own. */
import type { Look } from "./frame.ts";
import { lookOf, paintNode } from "./paint.ts";

/** Pixels of the sheet on which the pictures are. */
const SIDE = 1_024;
/** Sizes between two of these steps, in pixels, share their pictures. */
const RADIUS_STEP = 0.25;
const NO_SLOT = -1;

/** A picture of the window that nodes are stamped into. */
interface Layer {
  readonly canvas: HTMLCanvasElement;
  readonly context: CanvasRenderingContext2D;
  readonly image: ImageData;
  readonly pixels: Uint32Array;
}

/** A node on the layer: the slots of its picture, full and empty, and where it goes. */
interface Stamp {
  readonly full: number;
  readonly empty: number;
  readonly left: number;
  readonly top: number;
  /** Rows of the picture that are above the fill. */
  readonly rows: number;
}

/**
 * Pictures of nodes at one size. Ten thousand calls of `drawImage` take a tenth of a second, ten
 * thousand stamps a few milliseconds.
 */
export class Sprites {
  readonly #document: Document;
  readonly #sheet: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D | null;
  readonly #slots = new Map<number, number>();
  #pixels = new Uint32Array(0);
  #layer: Layer | undefined;
  #made = "";
  #radius = 1;
  /** Pixels from slot to slot, and slots in a row. */
  #step = 1;
  #columns = 1;

  constructor(document: Document) {
    this.#document = document;
    this.#sheet = document.createElement("canvas");
    this.#context = this.#sheet.getContext("2d", { willReadFrequently: true });
  }

  /**
   * Stamp nodes, and copy them all at once into a canvas of the same size.
   *
   * @param place Where a node is: its place in pixels.
   * @param faint How opaque faint nodes are.
   * @returns Nodes for whose pictures there was no room.
   */
  draw(
    target: CanvasRenderingContext2D,
    nodes: Uint32Array,
    look: Look,
    { radius, faint, place }: StampOptions,
  ): readonly number[] {
    const layer = this.#layerFor(target.canvas);
    if (layer === undefined) return [...nodes];
    this.#clear(radius, look);
    const left = this.#prepare(nodes, look);
    const { faded } = look.marks;
    for (const node of nodes) {
      const stamp = this.#stampOf(node, look, place(node));
      if (stamp !== undefined) this.#stamp(layer, stamp, faded?.[node] === 1 ? faint : 1);
    }
    layer.context.putImageData(layer.image, 0, 0);
    target.globalAlpha = 1;
    target.drawImage(layer.canvas, 0, 0);
    return left;
  }

  /** The layer, empty and as large as what it is copied to. */
  #layerFor({ width, height }: HTMLCanvasElement): Layer | undefined {
    const known = this.#layer;
    if (known !== undefined && known.canvas.width === width && known.canvas.height === height) {
      known.pixels.fill(0);
      return known;
    }
    const canvas = this.#document.createElement("canvas");
    canvas.width = width;
    canvas.height = height;
    const context = canvas.getContext("2d", { willReadFrequently: true });
    if (context === null || width * height === 0) return undefined;
    const image = context.createImageData(width, height);
    this.#layer = { canvas, context, image, pixels: new Uint32Array(image.data.buffer) };
    return this.#layer;
  }

  /** Begin a new sheet where size or colours have changed. */
  #clear(radius: number, { theme }: Look): void {
    this.#radius = Math.max(RADIUS_STEP, Math.round(radius / RADIUS_STEP) * RADIUS_STEP);
    const made = `${this.#radius} ${theme.surface} ${theme.text} ${theme.contrast}`;
    if (made === this.#made) return;
    this.#made = made;
    this.#slots.clear();
    this.#step = 2 * Math.ceil(this.#radius * 1.3 + 1.5);
    this.#columns = Math.floor(SIDE / this.#step);
    this.#sheet.width = this.#sheet.height = SIDE;
  }

  /** Paint the pictures that are missing; gives the nodes for which there is no room. */
  #prepare(nodes: Uint32Array, look: Look): readonly number[] {
    const left: number[] = [];
    const before = this.#slots.size;
    for (const node of nodes) {
      const fill = look.scene.fills[node]!;
      const isPainted =
        (fill <= 0 || this.#slot(node, look, 1) >= 0) &&
        (!(fill < 1) || this.#slot(node, look, 0) >= 0);
      if (!isPainted) left.push(node);
    }
    if (this.#slots.size === before || this.#context === null) return left;
    const rows = Math.ceil(this.#slots.size / this.#columns) * this.#step;
    const { data } = this.#context.getImageData(0, 0, SIDE, Math.min(SIDE, rows));
    this.#pixels = new Uint32Array(data.buffer);
    return left;
  }

  #keyOf(node: number, { scene }: Look, fill: 0 | 1): number {
    const kind = (scene.shapes[node]! * 8 + scene.flags[node]!) * 2 + fill;
    return scene.colours[node]! * 256 + kind;
  }

  #slot(node: number, look: Look, fill: 0 | 1): number {
    const key = this.#keyOf(node, look, fill);
    const known = this.#slots.get(key);
    if (known !== undefined) return known;
    const slot = this.#slots.size;
    if (this.#context === null || slot >= this.#columns ** 2) return NO_SLOT;
    this.#slots.set(key, slot);
    const x = ((slot % this.#columns) + 0.5) * this.#step;
    const y = (Math.floor(slot / this.#columns) + 0.5) * this.#step;
    const painted = { ...lookOf(look.scene, look.theme, node), fill };
    paintNode(this.#context, painted, { x, y, radius: this.#radius });
    return slot;
  }

  #stampOf(node: number, look: Look, [x, y]: readonly [number, number]): Stamp | undefined {
    const fill = look.scene.fills[node]!;
    const step = this.#step;
    const full = this.#slots.get(this.#keyOf(node, look, 1)) ?? NO_SLOT;
    const empty = fill < 1 ? (this.#slots.get(this.#keyOf(node, look, 0)) ?? NO_SLOT) : full;
    const rows = fill < 1 ? Math.round(step / 2 + this.#radius * (1 - 2 * fill)) : 0;
    if ((rows < step && full < 0 && fill > 0) || (rows > 0 && empty < 0)) return undefined;
    const [left, top] = [Math.round(x - step / 2), Math.round(y - step / 2)];
    return { full: fill <= 0 ? empty : full, empty, left, top, rows };
  }

  /** Copy what of a picture is on the layer; over what is there already only what covers it. */
  #stamp({ image, pixels }: Layer, { full, empty, left, top, rows }: Stamp, alpha: number): void {
    const { width, height } = image;
    const step = this.#step;
    const [first, last] = [Math.max(0, -left), Math.min(step, width - left)];
    for (let row = Math.max(0, -top); row < step && top + row < height; row += 1) {
      const slot = row < rows ? empty : full;
      const line = Math.floor(slot / this.#columns) * step + row;
      const from = line * SIDE + (slot % this.#columns) * step;
      const to = (top + row) * width + left;
      for (let at = first; at < last; at += 1) {
        const pixel = this.#pixels[from + at]!;
        const cover = pixel >>> 24;
        if (cover === 0 || cover < pixels[to + at]! >>> 24) continue;
        pixels[to + at] = alpha === 1 ? pixel : ((cover * alpha) << 24) | (pixel & 0xffffff);
      }
    }
  }
}

/** How {@linkcode Sprites.draw} stamps. */
export interface StampOptions {
  /** In pixels, of all nodes. */
  readonly radius: number;
  readonly faint: number;
  place(node: number): readonly [x: number, y: number];
}
