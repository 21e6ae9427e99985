/** What keys do over the graph. */
import type { Direction } from "../scene/walk.ts";

/** What a key may ask for. */
export interface GraphKeys {
  /** Move the picture by so many pixels. */
  pan(dx: number, dy: number): void;
  zoom(factor: number): void;
  fit(): void;
  /** To the next node in a direction. */
  walk(direction: Direction): void;
  /** To the first or the last node. */
  jump(to: "first" | "last"): void;
  /** Select the node where the keyboard is. */
  choose(): void;
  /** Let go of what is selected; false when nothing is. */
  leave(): boolean;
}

/** How much a key or a button zooms. */
export const ZOOM_STEP = 1.35;
const PAN_STEP = 80;

const ARROWS: Readonly<Record<string, Direction>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Do what a key says. @returns Whether it said something here. */
export function pressKey(event: KeyboardEvent, acts: GraphKeys): boolean {
  const { key, shiftKey } = event;
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  if (key === "Escape") return acts.leave();
  const arrow = ARROWS[key];
  if (arrow !== undefined && shiftKey) acts.pan(-arrow[0] * PAN_STEP, -arrow[1] * PAN_STEP);
  else if (arrow !== undefined) acts.walk(arrow);
  else if (key === "Enter" || key === " ") acts.choose();
  else if (key === "+" || key === "=") acts.zoom(ZOOM_STEP);
  else if (key === "-") acts.zoom(1 / ZOOM_STEP);
  else if (key === "0") acts.fit();
  else if (key === "Home" || key === "End") acts.jump(key === "Home" ? "first" : "last");
  else return false;
  return true;
}
