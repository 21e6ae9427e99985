/** A scene in the page: canvases, camera, marks, and a frame whenever something changed. */
import { type Backend, suitableBackend } from "./backend.ts";
import { Camera } from "./camera.ts";
import { CanvasBackend } from "./canvas.ts";
import { type Frame, frameOf, type Look } from "./frame.ts";
import { Grid } from "./grid.ts";
import { Overlay } from "./overlay.ts";
import { type DrawCounts, type Marks, NO_MARKS, type Scene, type SceneTheme } from "./scene.ts";
import { WebGlBackend } from "./webgl.ts";

/** What draws: the browser's best by itself, or one by name. */
export type BackendChoice = "auto" | Backend["kind"];

/** Options of {@linkcode SceneView}. */
export interface SceneViewOptions {
  /** The element that the canvases are put into; it is filled by them. */
  readonly host: HTMLElement;
  readonly backend: BackendChoice;
  readonly scene: Scene;
  readonly theme: SceneTheme;
  /** After every frame, with what was drawn. */
  drawn(counts: DrawCounts): void;
}

/** Pixels around a node in which a pointer still meets it. */
const REACH = 6;

/**
 * Draws a scene, one frame at most for all changes between two screens.
 *
 * The first frame is drawn with Canvas 2D, which is there at once; where a graphics processor is
 * found afterwards, WebGL 2 takes over.
 */
export class SceneView {
  readonly camera = new Camera();
  readonly #host: HTMLElement;
  readonly #overlay: Overlay;
  readonly #drawn: (counts: DrawCounts) => void;
  #backend: Backend;
  #choice: BackendChoice;
  #scene: Scene;
  #theme: SceneTheme;
  #marks: Marks = NO_MARKS;
  #grid: Grid | undefined;
  #asked = 0;
  #isMoving = false;

  constructor({ host, backend, scene, theme, drawn }: SceneViewOptions) {
    this.#host = host;
    this.#choice = backend;
    this.#scene = scene;
    this.#theme = theme;
    this.#drawn = drawn;
    const document = host.ownerDocument;
    this.#backend = backend === "webgl" ? webGlOr(document) : new CanvasBackend(document);
    this.#overlay = new Overlay(document);
    host.append(this.#backend.canvas, this.#overlay.canvas);
    this.#watchLoss();
  }

  /** What draws at present. */
  get backend(): Backend["kind"] {
    return this.#backend.kind;
  }

  get scene(): Scene {
    return this.#scene;
  }

  set scene(scene: Scene) {
    this.#scene = scene;
    this.moved();
  }

  get theme(): SceneTheme {
    return this.#theme;
  }

  set theme(theme: SceneTheme) {
    this.#theme = theme;
    this.invalidate();
  }

  get marks(): Marks {
    return this.#marks;
  }

  set marks(marks: Marks) {
    this.#marks = marks;
    this.invalidate();
  }

  /** While the picture is moved, fewer edges are drawn. */
  set isMoving(isMoving: boolean) {
    if (isMoving === this.#isMoving) return;
    this.#isMoving = isMoving;
    this.invalidate();
  }

  /** Nodes have moved. */
  moved(): void {
    this.#grid = undefined;
    this.invalidate();
  }

  /** Take the size of the host; CSS pixels. */
  resize(width: number, height: number): void {
    this.camera.width = Math.max(1, width);
    this.camera.height = Math.max(1, height);
    this.#size();
  }

  /** Draw at the next screen. */
  invalidate(): void {
    if (this.#asked !== 0) return;
    this.#asked = requestAnimationFrame(() => this.draw());
  }

  /** Draw now. */
  draw(): void {
    cancelAnimationFrame(this.#asked);
    this.#asked = 0;
    const look = this.look;
    const frame = frameOf(look);
    this.#backend.draw(frame, look);
    this.#overlay.draw(frame, look);
    this.#drawn(frame.counts);
    if (this.#choice === "auto") this.#upgrade();
  }

  /** What a frame is made from. */
  get look(): Look {
    const { camera } = this;
    const [scene, marks, theme] = [this.#scene, this.#marks, this.#theme];
    return { camera, scene, marks, theme, isMoving: this.#isMoving };
  }

  /** The frame that would be drawn now. */
  get frame(): Frame {
    return frameOf(this.look);
  }

  /** The node at a pixel of the window; -1 where there is none. */
  pick(x: number, y: number): number {
    this.#grid ??= new Grid(this.#scene.positions.slice());
    const radius = this.#scene.radii[0] ?? 0;
    const reach = Math.max(radius * 1.15, REACH / this.camera.scale);
    return this.#grid.nearest(...this.camera.toPicture(x, y), reach);
  }

  /** Let go of everything; harmless when done twice. */
  dispose(): void {
    cancelAnimationFrame(this.#asked);
    this.#choice = "canvas";
    this.#backend.dispose();
    this.#overlay.canvas.remove();
  }

  /** Once a frame stands: is there something better? */
  #upgrade(): void {
    this.#choice = this.#backend.kind;
    const idle = globalThis.requestIdleCallback ?? requestAnimationFrame;
    idle(() => {
      const { isConnected, ownerDocument } = this.#host;
      if (isConnected && suitableBackend(ownerDocument) === "webgl")
        this.#take(webGlOr(ownerDocument));
    });
  }

  #take(backend: Backend): void {
    this.#backend.canvas.replaceWith(backend.canvas);
    this.#backend.dispose();
    this.#backend = backend;
    this.#watchLoss();
    this.#size();
  }

  /** A graphics processor may go away at any time. */
  #watchLoss(): void {
    const backend = this.#backend;
    backend.canvas.addEventListener("webglcontextlost", () => {
      if (backend.canvas.isConnected) this.#take(new CanvasBackend(this.#host.ownerDocument));
    });
  }

  #size(): void {
    const { width, height } = this.camera;
    const ratio = this.#host.ownerDocument.defaultView?.devicePixelRatio ?? 1;
    this.#backend.resize(width, height, ratio);
    this.#overlay.resize(width, height, ratio);
    this.invalidate();
  }
}

function webGlOr(document: Document): Backend {
  try {
    return new WebGlBackend(document);
  } catch {
    // No context now, though there was one to ask: what always works takes over.
    return new CanvasBackend(document);
  }
}
