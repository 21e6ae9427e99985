/** What lies over a frame: names, and rings around what is marked. */
import { hex } from "../topology/colours.ts";
import type { Frame, Look } from "./frame.ts";
import { type Label, labelsOf } from "./labels.ts";

/** A canvas above the drawing, the same for every back end. */
export class Overlay {
  readonly canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D | null;
  #ratio = 1;

  constructor(document: Document) {
    this.canvas = document.createElement("canvas");
    this.#context = this.canvas.getContext("2d", { willReadFrequently: true });
  }

  /** Take a size in CSS pixels, and how many pixels of the canvas each has. */
  resize(width: number, height: number, ratio: number): void {
    this.#ratio = ratio;
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
  }

  /** Draw what lies over a frame. */
  draw(frame: Frame, look: Look): void {
    const context = this.#context;
    if (context === null) return;
    context.setTransform(this.#ratio, 0, 0, this.#ratio, 0, 0);
    context.clearRect(0, 0, look.camera.width, look.camera.height);
    const { selected, hovered, focused } = look.marks;
    for (const node of new Set([focused, hovered])) if (node >= 0) ring(context, look, node, 1.5);
    if (selected >= 0) ring(context, look, selected, 3);
    writeLabels(context, labelsOf(frame, look), look.theme.font);
  }
}

/** Write lines of text; in the context's units, CSS pixels. */
export function writeLabels(
  context: CanvasRenderingContext2D,
  labels: readonly Label[],
  font: string,
): void {
  context.lineJoin = "round";
  context.lineWidth = 3;
  let style = "";
  for (const { text, x, y, align, size, weight, colour, halo } of labels) {
    const wanted = `${weight} ${size}px ${font}`;
    if (wanted !== style) context.font = style = wanted;
    context.textAlign = align;
    if (halo !== undefined) {
      context.strokeStyle = hex(halo);
      context.strokeText(text, x, y);
    }
    context.fillStyle = hex(colour);
    context.fillText(text, x, y);
  }
}

function ring(context: CanvasRenderingContext2D, look: Look, node: number, width: number): void {
  const { scene, camera, theme } = look;
  const [x, y] = camera.toWindow(scene.positions[node * 2]!, scene.positions[node * 2 + 1]!);
  context.beginPath();
  context.arc(x, y, Math.max(5, scene.radii[node]! * camera.scale * 1.3 + width), 0, 2 * Math.PI);
  context.lineWidth = width;
  context.strokeStyle = hex(theme.accent);
  context.stroke();
}
