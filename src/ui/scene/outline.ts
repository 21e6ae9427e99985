/** Outlines of the shapes, as polygons around a circle of radius 1. */
import { SHAPES, type ShapeName } from "../topology/model.ts";

/** Corners of a closed polygon: x, y, x, y … */
export type Outline = readonly number[];

const ROUND = 40;

const OUTLINES: Readonly<Record<ShapeName, Outline>> = {
  circle: regular(ROUND, 0.94),
  square: [-0.82, -0.82, 0.82, -0.82, 0.82, 0.82, -0.82, 0.82],
  hexagon: regular(6, 1),
  heptagon: regular(7, 1),
  octagon: regular(8, 0.98),
  pentagon: regular(5, 1.05),
  triangle: regular(3, 1.12),
  cylinder: cylinder(),
  sheet: [-0.7, -0.9, 0.3, -0.9, 0.7, -0.5, 0.7, 0.9, -0.7, 0.9],
  cloud: cloud(),
};

/** The outline of a shape code; of a circle when there is no such shape. */
export function outlineOf(code: number): Outline {
  return OUTLINES[SHAPES[code] ?? "circle"];
}

/** Corners at equal angles, the first on top. */
function regular(corners: number, radius: number): Outline {
  return Array.from({ length: corners }, (_, at) => {
    const angle = (at * 2 * Math.PI) / corners - Math.PI / 2;
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  }).flat();
}

/** A can seen slightly from above. */
function cylinder(): Outline {
  const arc = (y: number, from: number) =>
    Array.from({ length: 13 }, (_, at) => {
      const angle = from + (at * Math.PI) / 12;
      return [0.72 * Math.cos(angle), y + 0.26 * Math.sin(angle)];
    }).flat();
  return [...arc(-0.66, Math.PI), ...arc(0.66, 0)];
}

/** Five puffs on a flat ground: the farthest puff in every direction. */
function cloud(): Outline {
  const puffs = [
    [-0.62, 0.12, 0.38],
    [-0.28, -0.28, 0.46],
    [0.3, -0.3, 0.4],
    [0.66, 0.1, 0.38],
    [0, 0.16, 0.5],
  ] as const;
  return Array.from({ length: 72 }, (_, at) => {
    const angle = (at * 2 * Math.PI) / 72;
    const reach = Math.max(...puffs.map((puff) => exit(puff, angle)));
    return [reach * Math.cos(angle), Math.min(0.5, reach * Math.sin(angle))];
  }).flat();
}

/** How far from the middle a ray leaves a puff; 0 when it misses it. */
function exit([x, y, radius]: readonly [number, number, number], angle: number): number {
  const along = x * Math.cos(angle) + y * Math.sin(angle);
  const inside = radius * radius - (x * x + y * y - along * along);
  return inside < 0 ? 0 : Math.max(0, along + Math.sqrt(inside));
}
