/** Small nodes, painted once and copied many times. */
import type { Look } from "./frame.ts";
import { FILL_STEPS, lookOf, paintNode } from "./paint.ts";

const SIDE = 1_024;

/** Pictures of node looks at one size, in one canvas; painted anew when the size changes. */
export class Sprites {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D | null;
  readonly #slots = new Map<number, number>();
  #made = "";
  /** Pixels from slot to slot, and slots in a row. */
  #step = 1;
  #columns = 1;

  constructor(document: Document) {
    this.#canvas = document.createElement("canvas");
    this.#context = this.#canvas.getContext("2d", { willReadFrequently: true });
  }

  /**
   * Paint what is missing of the looks of some nodes. All before the first is copied: a canvas that
   * is written to between two copies is itself copied, every time.
   *
   * @param radius In pixels, of all nodes.
   * @returns The slot of each node, -1 where there is no room for more.
   */
  prepare(nodes: Uint32Array, look: Look, radius: number): Int32Array {
    const { scene, theme } = look;
    this.#clear(radius, `${radius} ${theme.surface} ${theme.text} ${theme.contrast}`);
    const slots = new Int32Array(nodes.length);
    for (const [at, node] of nodes.entries()) {
      const fill = scene.fills[node]!;
      const step = fill >= 0 && fill < 1 ? Math.round(fill * FILL_STEPS) : FILL_STEPS;
      const kind = (scene.shapes[node]! * 8 + scene.flags[node]!) * 32 + step;
      const key = scene.colours[node]! * 4_096 + kind;
      slots[at] = this.#slots.get(key) ?? this.#paint(key, look, node, radius);
    }
    return slots;
  }

  /** Copy a slot's picture with its middle at a place, to whole pixels. */
  copy(context: CanvasRenderingContext2D, slot: number, x: number, y: number): void {
    const step = this.#step;
    const left = (slot % this.#columns) * step;
    const top = Math.floor(slot / this.#columns) * step;
    const [toX, toY] = [Math.round(x - step / 2), Math.round(y - step / 2)];
    context.drawImage(this.#canvas, left, top, step, step, toX, toY, step, step);
  }

  #clear(radius: number, made: string): void {
    if (made === this.#made) return;
    this.#made = made;
    this.#slots.clear();
    this.#step = 2 * Math.ceil(radius * 1.3 + 2);
    this.#columns = Math.floor(SIDE / this.#step);
    this.#canvas.width = this.#canvas.height = SIDE;
  }

  #paint(key: number, { scene, theme }: Look, node: number, radius: number): number {
    const slot = this.#slots.size;
    if (this.#context === null || slot >= this.#columns ** 2) return -1;
    this.#slots.set(key, slot);
    const x = ((slot % this.#columns) + 0.5) * this.#step;
    const y = (Math.floor(slot / this.#columns) + 0.5) * this.#step;
    paintNode(this.#context, lookOf(scene, theme, node), { x, y, radius });
    return slot;
  }
}
