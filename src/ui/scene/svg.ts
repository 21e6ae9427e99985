/** A frame as a picture of its own: SVG, and PNG. */
import { FairleadError } from "../../base/mod.ts";
import { hex } from "../topology/colours.ts";
import { NODE_FLAGS } from "../topology/model.ts";
import { CanvasBackend, FAINT } from "./canvas.ts";
import type { Frame, Look } from "./frame.ts";
import { type Label, labelsOf } from "./labels.ts";
import { outlineOf } from "./outline.ts";
import { writeLabels } from "./overlay.ts";
import { borderOf, copiesOf, lookOf } from "./paint.ts";

/** Write a frame as SVG: the size of the window, its fonts by name. */
export function svgOf(frame: Frame, look: Look): string {
  const { camera, theme } = look;
  const [x, y] = camera.toWindow(0, 0);
  const place = `translate(${round(x)} ${round(y)}) scale(${camera.scale.toPrecision(6)})`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${round(camera.width)}" height="${round(camera.height)}">`,
    `<rect width="100%" height="100%" fill="${hex(theme.background)}"/>`,
    `<g transform="${place}">`,
    ...frame.boxes.map((box) => boxOf(look, box)),
    ...Array.from({ length: frame.lines.length }, (_, line) => lineOf(frame, look, line)),
    ...Array.from(frame.nodes, (node) => nodeOf(look, node)),
    "</g>",
    `<g font-family="${escaped(theme.font)}" stroke-linejoin="round">`,
    ...labelsOf(frame, look).map(labelOf),
    "</g>",
    "</svg>",
  ].join("\n");
}

/**
 * Write a frame as PNG, `ratio` pixels a CSS pixel.
 *
 * @throws {FairleadError} `export_failed` when the browser makes no picture of that size.
 */
export async function pngOf(document: Document, { frame, look }: Shot, ratio = 2): Promise<Blob> {
  const backend = new CanvasBackend(document);
  const { width, height } = look.camera;
  backend.resize(width, height, ratio);
  backend.draw(frame, look);
  const context = backend.canvas.getContext("2d");
  if (context !== null) {
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    writeLabels(context, labelsOf(frame, look), look.theme.font);
  }
  const blob = await new Promise<Blob | null>((done) => backend.canvas.toBlob(done));
  if (blob !== null) return blob;
  const size = `${width * ratio} × ${height * ratio}`;
  throw new FairleadError("export_failed", `Cannot write a PNG: no picture of ${size} pixels`);
}

/** A frame and what it was made from. */
export interface Shot {
  readonly frame: Frame;
  readonly look: Look;
}

function boxOf({ scene, theme }: Look, box: number): string {
  const [left, top, width, height] = Array.from(scene.boxes.subarray(box * 4, box * 4 + 4), round);
  const paint = `fill="${hex(theme.surface)}" stroke="${hex(theme.line)}"`;
  const stroke = `vector-effect="non-scaling-stroke"`;
  return `<rect x="${left}" y="${top}" width="${width}" height="${height}" rx="10" ${paint} ${stroke}/>`;
}

function lineOf({ lines }: Frame, { camera }: Look, line: number): string {
  const [x, y, u, v] = lines.ends.slice(line * 4, line * 4 + 4).map(round);
  const [wide = 0, narrow = 0] = lines.widths.slice(line * 2, line * 2 + 2);
  const colour = hex(lines.colours[line]!);
  const alpha = round(lines.alphas[line]!);
  if (wide === narrow) {
    const paint = `stroke="${colour}" stroke-opacity="${alpha}" stroke-width="${round(wide)}"`;
    return `<line x1="${x}" y1="${y}" x2="${u}" y2="${v}" ${paint} vector-effect="non-scaling-stroke"/>`;
  }
  const length = Math.hypot(u! - x!, v! - y!) || 1;
  const dx = (((v! - y!) / length) * wide) / 2 / camera.scale;
  const dy = (((x! - u!) / length) * wide) / 2 / camera.scale;
  const points = [x! + dx, y! + dy, u!, v!, x! - dx, y! - dy].map(round).join(" ");
  return `<polygon points="${points}" fill="${colour}" fill-opacity="${alpha}"/>`;
}

function nodeOf(look: Look, node: number): string {
  const { scene, theme, marks } = look;
  const paint = lookOf(scene, theme, node);
  const radius = scene.radii[node]!;
  const border = borderOf(radius);
  const dashes = paint.flags & NODE_FLAGS.dotted ? ` stroke-dasharray="${border * 1.6}"` : "";
  const stroke = `stroke="${hex(paint.border)}" stroke-width="${border}" stroke-linejoin="round"`;
  const copies = copiesOf(paint.flags).map((shift) => {
    const [x, y] = [0, 1].map((axis) => scene.positions[node * 2 + axis]! + shift * radius);
    const outline = outlineOf(paint.shape).map((value, at) => value * radius + (at % 2 ? y! : x!));
    const body = polygon(outline, `fill="${hex(paint.fill < 1 ? paint.empty : paint.full)}"`);
    const level = y! + radius * (1 - 2 * paint.fill);
    const full = paint.fill < 1 ? polygon(below(outline, level), `fill="${hex(paint.full)}"`) : "";
    return `${body}${full}${polygon(outline, `fill="none" ${stroke}${dashes}`)}`;
  });
  const opacity = marks.faded?.[node] === 1 ? ` opacity="${FAINT}"` : "";
  return `<g${opacity}><title>${escaped(scene.labels[node]!)}</title>${copies.join("")}</g>`;
}

function polygon(points: readonly number[], paint: string): string {
  return points.length === 0 ? "" : `<polygon points="${points.map(round).join(" ")}" ${paint}/>`;
}

/** The part of a polygon below a level. */
function below(outline: readonly number[], level: number): number[] {
  const kept: number[] = [];
  for (let at = 0; at < outline.length; at += 2) {
    const next = (at + 2) % outline.length;
    const [x, y] = [outline[at]!, outline[at + 1]!];
    const [u, v] = [outline[next]!, outline[next + 1]!];
    if (y >= level) kept.push(x, y);
    if (y >= level !== v >= level) kept.push(x + ((u - x) * (level - y)) / (v - y), level);
  }
  return kept;
}

function labelOf({ text, x, y, align, size, weight, colour, halo }: Label): string {
  const anchor = align === "left" ? "start" : "middle";
  const place = `x="${round(x)}" y="${round(y)}" text-anchor="${anchor}"`;
  const letters = `font-size="${round(size)}" font-weight="${weight}" fill="${hex(colour)}"`;
  const around =
    halo === undefined ? "" : ` stroke="${hex(halo)}" stroke-width="3" paint-order="stroke"`;
  return `<text ${place} ${letters}${around}>${escaped(text)}</text>`;
}

function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
