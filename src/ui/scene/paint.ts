/** How a node looks, and painting it with Canvas 2D. */
import { hex, mix, type Rgb } from "../topology/colours.ts";
import { NODE_FLAGS } from "../topology/model.ts";
import { type Outline, outlineOf } from "./outline.ts";
import type { Scene, SceneTheme } from "./scene.ts";

/** A node's look, whatever its place and size. */
export interface NodeLook {
  readonly shape: number;
  readonly flags: number;
  /** From 0 to 1: up to where it is filled. */
  readonly fill: number;
  readonly full: Rgb;
  /** Above the fill. */
  readonly empty: Rgb;
  readonly border: Rgb;
}

/** Steps of a gauge: finer than one sees, and few enough to keep a picture of each. */
export const FILL_STEPS = 24;
/** Copies of a stack are shifted by so much of the radius. */
const SHIFT = 0.17;

/** The look of a node of a scene. */
export function lookOf(scene: Scene, theme: SceneTheme, node: number): NodeLook {
  const colour = scene.colours[node]!;
  const fill = scene.fills[node]!;
  return {
    shape: scene.shapes[node]!,
    flags: scene.flags[node]!,
    fill: Number.isNaN(fill)
      ? 1
      : Math.round(Math.max(0, Math.min(1, fill)) * FILL_STEPS) / FILL_STEPS,
    full: colour,
    empty: mix(theme.surface, colour, 0.16),
    border: mix(colour, theme.text, theme.contrast ? 0.8 : 0.3),
  };
}

/** How wide a node's outline is for a radius, both in pixels. */
export function borderOf(radius: number): number {
  return Math.max(0.8, Math.min(2.5, radius * 0.11));
}

/** Copies of a node from the back to the front: how far each is shifted, in radii. */
export function copiesOf(flags: number): readonly number[] {
  return (flags & NODE_FLAGS.stack) === 0 ? [0] : [SHIFT, 0, -SHIFT];
}

/** Paint a node around a place; all measures in pixels of the canvas. */
export function paintNode(
  context: CanvasRenderingContext2D,
  look: NodeLook,
  { x, y, radius }: { readonly x: number; readonly y: number; readonly radius: number },
): void {
  const outline = outlineOf(look.shape);
  const border = borderOf(radius);
  context.lineWidth = border;
  context.lineJoin = "round";
  context.strokeStyle = hex(look.border);
  context.setLineDash((look.flags & NODE_FLAGS.dotted) === 0 ? [] : [border * 1.6, border * 1.6]);
  for (const shift of copiesOf(look.flags)) {
    const at = { x: x + shift * radius, y: y + shift * radius, radius };
    trace(context, outline, at);
    context.fillStyle = hex(look.fill < 1 ? look.empty : look.full);
    context.fill();
    if (look.fill < 1 && look.fill > 0) gauge(context, look, at);
    context.stroke();
  }
  context.setLineDash([]);
}

type At = { readonly x: number; readonly y: number; readonly radius: number };

function trace(context: CanvasRenderingContext2D, outline: Outline, { x, y, radius }: At): void {
  context.beginPath();
  for (let at = 0; at < outline.length; at += 2) {
    context.lineTo(x + outline[at]! * radius, y + outline[at + 1]! * radius);
  }
  context.closePath();
}

function gauge(context: CanvasRenderingContext2D, look: NodeLook, { x, y, radius }: At): void {
  context.save();
  context.clip();
  context.fillStyle = hex(look.full);
  const top = y + radius * (1 - 2 * look.fill);
  context.fillRect(x - 2 * radius, top, 4 * radius, 3 * radius);
  context.restore();
}
