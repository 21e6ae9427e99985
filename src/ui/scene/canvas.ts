/** Drawing with Canvas 2D, computed by the processor. */
import { hex, mix } from "../topology/colours.ts";
import type { Backend } from "./backend.ts";
import type { Frame, Look } from "./frame.ts";
import type { LineList } from "./lines.ts";
import { lookOf, paintNode } from "./paint.ts";
import { Sprites } from "./sprites.ts";

/** Radius in pixels from which on a node is painted, and not copied from a sprite. */
const SPRITE_RADIUS_MAX = 14;
/** How opaque a faint node is. */
export const FAINT = 0.22;

/**
 * Frames with Canvas 2D. Told that it will be read, the browser keeps the canvas with the processor:
 * without a graphics processor that is the fastest way there is. Each line is a stroke of its own:
 * many crossing lines in one path take minutes.
 */
export class CanvasBackend implements Backend {
  readonly kind = "canvas";
  readonly canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D | null;
  readonly #sprites: Sprites;
  #ratio = 1;

  constructor(document: Document) {
    this.canvas = document.createElement("canvas");
    this.#context = this.canvas.getContext("2d", { willReadFrequently: true, alpha: false });
    this.#sprites = new Sprites(document);
  }

  resize(width: number, height: number, ratio: number): void {
    this.#ratio = ratio;
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
  }

  draw(frame: Frame, look: Look): void {
    const context = this.#context;
    if (context === null) return;
    const { camera, theme } = look;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.globalAlpha = 1;
    context.fillStyle = hex(theme.background);
    context.fillRect(0, 0, this.canvas.width, this.canvas.height);
    const scale = camera.scale * this.#ratio;
    const [x, y] = camera.toWindow(0, 0);
    const place: Place = { scale, x: x * this.#ratio, y: y * this.#ratio, ratio: this.#ratio };
    drawBoxes(context, frame, look, place);
    drawLines(context, frame.lines, place);
    this.#drawNodes(context, frame, look, place);
    context.globalAlpha = 1;
  }

  dispose(): void {
    this.canvas.remove();
  }

  #drawNodes(context: CanvasRenderingContext2D, { nodes }: Frame, look: Look, place: Place): void {
    const { scene, theme, marks } = look;
    const { positions, radii } = scene;
    const radius = (radii[0] ?? 0) * place.scale;
    const isSmall = radius <= SPRITE_RADIUS_MAX;
    const slots = isSmall ? this.#sprites.prepare(nodes, look, radius) : undefined;
    for (const [at, node] of nodes.entries()) {
      context.globalAlpha = marks.faded?.[node] === 1 ? FAINT : 1;
      const x = positions[node * 2]! * place.scale + place.x;
      const y = positions[node * 2 + 1]! * place.scale + place.y;
      if (slots !== undefined && slots[at]! >= 0) this.#sprites.copy(context, slots[at]!, x, y);
      else {
        paintNode(context, lookOf(scene, theme, node), {
          x,
          y,
          radius: radii[node]! * place.scale,
        });
      }
    }
  }
}

/** From units of the picture to pixels of the canvas. */
interface Place {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
  readonly ratio: number;
}

function drawBoxes(
  context: CanvasRenderingContext2D,
  { boxes }: Frame,
  { scene, theme, marks }: Look,
  { scale, x, y, ratio }: Place,
): void {
  const isFaint = marks.faded !== undefined;
  context.lineWidth = ratio * (theme.contrast ? 1.5 : 1);
  context.strokeStyle = hex(theme.line);
  context.fillStyle = hex(isFaint ? mix(theme.background, theme.surface, 0.5) : theme.surface);
  for (const box of boxes) {
    const [left, top, width, height] = scene.boxes.subarray(box * 4, box * 4 + 4);
    context.beginPath();
    context.roundRect(
      left! * scale + x,
      top! * scale + y,
      width! * scale,
      height! * scale,
      10 * scale,
    );
    context.fill();
    context.stroke();
  }
}

function drawLines(context: CanvasRenderingContext2D, lines: LineList, place: Place): void {
  const { ends, widths, colours, alphas } = lines;
  const { scale, ratio } = place;
  context.lineCap = "butt";
  let colour = -1;
  for (let line = 0; line < lines.length; line += 1) {
    if (colours[line] !== colour) {
      colour = colours[line]!;
      context.strokeStyle = context.fillStyle = hex(colour);
    }
    context.globalAlpha = alphas[line]!;
    const x = ends[line * 4]! * scale + place.x;
    const y = ends[line * 4 + 1]! * scale + place.y;
    const u = ends[line * 4 + 2]! * scale + place.x;
    const v = ends[line * 4 + 3]! * scale + place.y;
    const [wide, narrow] = [widths[line * 2]! * ratio, widths[line * 2 + 1]! * ratio];
    context.beginPath();
    if (wide === narrow) {
      context.lineWidth = wide;
      context.moveTo(x, y);
      context.lineTo(u, v);
      context.stroke();
    } else {
      const length = Math.hypot(u - x, v - y) || 1;
      const [dx, dy] = [((v - y) / length) * (wide / 2), ((x - u) / length) * (wide / 2)];
      context.moveTo(x + dx, y + dy);
      context.lineTo(u, v);
      context.lineTo(x - dx, y - dy);
      context.fill();
    }
  }
}
