/** Drawing with WebGL 2, where there is a graphics processor. */
import { FairleadError } from "../../base/mod.ts";
import { mix } from "../topology/colours.ts";
import { NODE_FLAGS, SHAPES } from "../topology/model.ts";
import type { Backend } from "./backend.ts";
import { FAINT } from "./canvas.ts";
import type { Frame, Look } from "./frame.ts";
import { putColour, Quads } from "./gl.ts";
import { paintNode } from "./paint.ts";
import { BOXES, LINES, NODES } from "./shaders.ts";

/** Masks: pixels of each, how many in a row, and how far each reaches, in radii. */
const MASK = 128;
const COLUMNS = 8;
const EXTENT = 1.4;

/** Frames in three draw calls: boxes, lines, nodes. */
export class WebGlBackend implements Backend {
  readonly kind = "webgl";
  readonly canvas: HTMLCanvasElement;
  readonly #gl: WebGL2RenderingContext;
  readonly #boxes: Quads;
  readonly #lines: Quads;
  readonly #nodes: Quads;
  #ratio = 1;

  /** @throws {FairleadError} `webgl_unavailable` when the browser gives no WebGL 2. */
  constructor(document: Document) {
    this.canvas = document.createElement("canvas");
    const gl = this.canvas.getContext("webgl2", { alpha: false, antialias: false, depth: false });
    if (gl === null) {
      throw new FairleadError("webgl_unavailable", "Cannot draw with WebGL 2: there is none");
    }
    this.#gl = gl;
    this.#boxes = new Quads(gl, BOXES, [{ size: 4, kind: "float" }]);
    this.#lines = new Quads(gl, LINES, [
      { size: 4, kind: "float" },
      { size: 2, kind: "float" },
      { size: 4, kind: "byte" },
    ]);
    this.#nodes = new Quads(gl, NODES, [
      { size: 2, kind: "float" },
      { size: 2, kind: "float" },
      { size: 4, kind: "byte" },
      { size: 1, kind: "float" },
    ]);
    uploadMasks(gl, document);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  }

  resize(width: number, height: number, ratio: number): void {
    this.#ratio = ratio;
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
  }

  draw(frame: Frame, look: Look): void {
    const gl = this.#gl;
    const { background } = look.theme;
    gl.viewport(0, 0, this.canvas.width, this.canvas.height);
    gl.clearColor(
      (background >> 16) / 255,
      ((background >> 8) & 255) / 255,
      (background & 255) / 255,
      1,
    );
    gl.clear(gl.COLOR_BUFFER_BIT);
    this.#drawBoxes(frame, look);
    this.#drawLines(frame, look);
    this.#drawNodes(frame, look);
  }

  dispose(): void {
    this.#gl.getExtension("WEBGL_lose_context")?.loseContext();
    this.canvas.remove();
  }

  #aim(quads: Quads, { camera }: Look): Quads {
    return quads
      .use()
      .set("camera", camera.x, camera.y, camera.scale * this.#ratio, 0)
      .set("size", this.canvas.width, this.canvas.height);
  }

  #drawBoxes({ boxes }: Frame, look: Look): void {
    const { scene, theme, marks } = look;
    const columns = new Float32Array(boxes.length * 4);
    for (const [at, box] of boxes.entries()) {
      columns.set(scene.boxes.subarray(box * 4, box * 4 + 4), at * 4);
    }
    const isFaint = marks.faded !== undefined;
    this.#aim(this.#boxes, look)
      .set("border", this.#ratio * (theme.contrast ? 1.5 : 1))
      .colour("inside", isFaint ? mix(theme.background, theme.surface, 0.5) : theme.surface)
      .colour("edge", theme.line)
      .draw(boxes.length, [columns]);
  }

  #drawLines({ lines }: Frame, look: Look): void {
    const colours = new Uint8Array(lines.length * 4);
    for (const [at, colour] of lines.colours.entries()) {
      putColour(colours, at, colour, lines.alphas[at]!);
    }
    const columns = [Float32Array.from(lines.ends), Float32Array.from(lines.widths), colours];
    this.#aim(this.#lines, look).set("ratio", this.#ratio).draw(lines.length, columns);
  }

  #drawNodes({ nodes }: Frame, look: Look): void {
    const { scene, theme, marks } = look;
    const centres = new Float32Array(nodes.length * 2);
    const looks = new Float32Array(nodes.length * 2);
    const colours = new Uint8Array(nodes.length * 4);
    const slots = new Float32Array(nodes.length);
    for (const [at, node] of nodes.entries()) {
      const fill = scene.fills[node]!;
      centres[at * 2] = scene.positions[node * 2]!;
      centres[at * 2 + 1] = scene.positions[node * 2 + 1]!;
      looks[at * 2] = scene.radii[node]!;
      looks[at * 2 + 1] = Number.isNaN(fill) ? 2 : fill;
      putColour(colours, at, scene.colours[node]!, marks.faded?.[node] === 1 ? FAINT : 1);
      slots[at] = slotOf(scene.shapes[node]!, scene.flags[node]!);
    }
    this.#aim(this.#nodes, look)
      .set("extent", EXTENT)
      .set("columns", COLUMNS)
      .set("edge", theme.contrast ? 0.8 : 0.3)
      .colour("surface", theme.surface)
      .colour("text", theme.text)
      .draw(nodes.length, [centres, looks, colours, slots]);
  }
}

/** Where the mask of a shape lies, with the flags that change an outline. */
function slotOf(shape: number, flags: number): number {
  const stack = flags & NODE_FLAGS.stack ? 1 : 0;
  return shape * 4 + stack + (flags & NODE_FLAGS.dotted ? 2 : 0);
}

/** Paint all masks, red where the outline is and green where the body is, and upload them. */
function uploadMasks(gl: WebGL2RenderingContext, document: Document): void {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = MASK * COLUMNS;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (context === null) return;
  const radius = MASK / 2 / EXTENT;
  for (const shape of SHAPES.keys()) {
    for (const flags of [
      0,
      NODE_FLAGS.stack,
      NODE_FLAGS.dotted,
      NODE_FLAGS.stack | NODE_FLAGS.dotted,
    ]) {
      const slot = slotOf(shape, flags);
      const look = { shape, flags, fill: 1, full: 0x00ff00, empty: 0, border: 0xff0000 };
      const x = ((slot % COLUMNS) + 0.5) * MASK;
      paintNode(context, look, { x, y: (Math.floor(slot / COLUMNS) + 0.5) * MASK, radius });
    }
  }
  gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
  gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, true);
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, canvas);
  gl.generateMipmap(gl.TEXTURE_2D);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR_MIPMAP_LINEAR);
}
