/** Where the reader looks at: a place of the picture and a scale. */

/** Pixels a unit, at least and at most. */
const SCALE_MIN = 0.005;
const SCALE_MAX = 4;
/** A picture that fits is not blown up beyond. */
const FIT_MAX = 1.25;

/** The view of a picture in a window; all changes keep the scale between its limits. */
export class Camera {
  /** The place in the middle of the window. */
  x = 0;
  y = 0;
  /** Pixels a unit. */
  scale = 1;
  /** Size of the window in CSS pixels. */
  width = 1;
  height = 1;

  /** Where a place of the picture is in the window. */
  toWindow(x: number, y: number): readonly [number, number] {
    return [
      (x - this.x) * this.scale + this.width / 2,
      (y - this.y) * this.scale + this.height / 2,
    ];
  }

  /** What place of the picture a pixel of the window shows. */
  toPicture(x: number, y: number): readonly [number, number] {
    return [
      (x - this.width / 2) / this.scale + this.x,
      (y - this.height / 2) / this.scale + this.y,
    ];
  }

  /** Left, top, right and bottom of what the window shows. */
  get seen(): readonly [number, number, number, number] {
    return [...this.toPicture(0, 0), ...this.toPicture(this.width, this.height)];
  }

  /** Move the picture by pixels. */
  panBy(dx: number, dy: number): void {
    this.x -= dx / this.scale;
    this.y -= dy / this.scale;
  }

  /** Scale by a factor; what a pixel of the window shows stays there. */
  zoomAt(factor: number, x = this.width / 2, y = this.height / 2): void {
    const [px, py] = this.toPicture(x, y);
    this.scale = clamp(this.scale * factor, SCALE_MIN, SCALE_MAX);
    this.x = px - (x - this.width / 2) / this.scale;
    this.y = py - (y - this.height / 2) / this.scale;
  }

  /** Show all of a part of the picture: left, top, right, bottom. */
  fit(bounds: readonly [number, number, number, number], margin = 24): void {
    const [left, top, right, bottom] = bounds;
    const wide = Math.max(1, this.width - 2 * margin) / Math.max(1, right - left);
    const tall = Math.max(1, this.height - 2 * margin) / Math.max(1, bottom - top);
    this.scale = clamp(Math.min(wide, tall, FIT_MAX), SCALE_MIN, SCALE_MAX);
    this.x = (left + right) / 2;
    this.y = (top + bottom) / 2;
  }
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}
