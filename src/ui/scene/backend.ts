/** What draws frames, and which one suits a machine. */
import type { Frame, Look } from "./frame.ts";

/** Draws frames into a canvas of its own. */
export interface Backend {
  readonly kind: "canvas" | "webgl";
  readonly canvas: HTMLCanvasElement;
  /** Take a size in CSS pixels, and how many pixels of the canvas each has. */
  resize(width: number, height: number, ratio: number): void;
  draw(frame: Frame, look: Look): void;
  dispose(): void;
}

/** GL that is computed by the processor: drawing without GL is faster there. */
const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;

/** What suits this machine: WebGL 2 where a graphics processor does the work, else Canvas 2D. */
export function suitableBackend(document: Document): Backend["kind"] {
  const gl = document.createElement("canvas").getContext("webgl2");
  if (gl === null) return "canvas";
  const names = gl.getExtension("WEBGL_debug_renderer_info");
  const parameter = names === null ? gl.RENDERER : names.UNMASKED_RENDERER_WEBGL;
  const isSoftware = SOFTWARE.test(String(gl.getParameter(parameter)));
  gl.getExtension("WEBGL_lose_context")?.loseContext();
  return isSoftware ? "canvas" : "webgl";
}
