import {
  html,
  LitElement,
  nothing,
  type PropertyDeclarations,
  type PropertyValues,
  type TemplateResult,
} from "lit";
import type { Layout } from "../layout/contract.ts";
import { layOut } from "../layout/layout.ts";
import { tell } from "../parts/element.ts";
import { shared } from "../parts/styles.ts";
import { Motion } from "../scene/motion.ts";
import type { DrawCounts, Scene } from "../scene/scene.ts";
import { pngOf, svgOf } from "../scene/svg.ts";
import { type BackendChoice, SceneView } from "../scene/view.ts";
import { type Direction, walkFrom } from "../scene/walk.ts";
import { equal, fadedOf, isLaidOut, placesAround } from "./graph_around.ts";
import { GraphInput } from "./graph_input.ts";
import { pressKey, ZOOM_STEP } from "./graph_keys.ts";
import { arrangementOf, coloursOf, sceneOf } from "./graph_scene.ts";
import { graphStyles } from "./graph_styles.ts";
import { paletteOf, probeStyles, readTheme, themeProbes } from "./graph_theme.ts";
import { countsInWords, nodeInWords } from "./graph_words.ts";
import { EMPTY_GRAPH, type GraphData } from "./model.ts";

/** Where the reader of a graph looks at: what `camera-change` tells. */
export interface GraphCamera {
  /** The place in the middle, in units of the layout. */
  readonly x: number;
  readonly y: number;
  /** Pixels a unit. */
  readonly scale: number;
}

const MOVE_MS = 320;
/** How close one gets to a selected node, at least and at most. */
const CLOSE = [0.55, 1.1] as const;

/**
 * A graph, drawn: groups with bundles of edges from afar, nodes and their edges close by. It stays
 * where it is when nodes come and go.
 *
 * Events: `node-select` and `node-hover` with `{ id }`, absent for none; `camera-change` with a
 * {@linkcode GraphCamera}. Arrow keys go from node to node, Enter selects, Escape lets go, `+`, `-`
 * and `0` zoom, Shift with arrows pans.
 */
export class FairleadGraph extends LitElement {
  static readonly tag: string = "fairlead-graph";
  static override properties: PropertyDeclarations = {
    data: { attribute: false },
    selected: { type: String },
    highlight: { attribute: false },
    renderer: { type: String },
    contrast: { type: Boolean },
    shown: { state: true },
    focused: { state: true },
  };
  static override styles = [...shared, graphStyles, probeStyles];

  /** What is drawn. Equal ids keep their places from one to the next. */
  declare data: GraphData;
  /** Id of the selected node; absent, or unknown, for none. */
  declare selected: string | undefined;
  /** Ids of nodes that stand out; all others are faint. Absent: none is. */
  declare highlight: ReadonlySet<string> | undefined;
  /** What draws: `auto`, `canvas` or `webgl`; read when the element is first rendered. */
  declare renderer: BackendChoice;
  /** Strong contrast, also where the system does not ask for it. */
  declare contrast: boolean;
  /** What was drawn last. */
  declare shown: DrawCounts | undefined;
  /** The node where the keyboard is; -1 before it was used. */
  declare focused: number;

  #view: SceneView | undefined;
  #layout: Layout | undefined;
  #names: readonly string[] = [];
  #places = new Map<string, number>();
  #hovered = -1;
  #fitted = false;
  #told = "";
  /** The camera as it was when everything was shown; "" when it was not. */
  #whole = "";
  /** Where the reader was before something was selected. */
  #before: GraphCamera | undefined;
  readonly #motion = new Motion();
  readonly #input: GraphInput;
  readonly #resizes: ResizeObserver;
  readonly #themes: MutationObserver;
  readonly #schemes: readonly MediaQueryList[];

  constructor() {
    super();
    this.data = EMPTY_GRAPH;
    this.selected = undefined;
    this.highlight = undefined;
    this.renderer = "auto";
    this.contrast = false;
    this.shown = undefined;
    this.focused = -1;
    this.#input = new GraphInput({
      pan: (dx, dy) => this.#look(() => this.#view?.camera.panBy(dx, dy)),
      zoom: (factor, x, y) => this.#look(() => this.#view?.camera.zoomAt(factor, x, y)),
      click: (x, y) => this.#choose(this.#view?.pick(x, y) ?? -1),
      point: (at) => this.#point(at === undefined ? -1 : (this.#view?.pick(...at) ?? -1)),
      moving: (isMoving) => {
        if (this.#view !== undefined) this.#view.isMoving = isMoving;
      },
    });
    this.#resizes = new ResizeObserver(() => this.#resize());
    this.#themes = new MutationObserver(() => this.refreshTheme());
    this.#schemes = ["(prefers-color-scheme: dark)", "(prefers-contrast: more)"].map((query) =>
      matchMedia(query),
    );
  }

  /** Where the reader looks at. */
  get camera(): GraphCamera {
    const { x = 0, y = 0, scale = 1 } = this.#view?.camera ?? {};
    return { x, y, scale };
  }

  set camera({ x, y, scale }: GraphCamera) {
    this.#look(() => Object.assign(this.#view?.camera ?? {}, { x, y, scale }));
  }

  /** Where nodes and boxes stand; absent before anything was drawn. */
  get layout(): Layout | undefined {
    return this.#layout;
  }

  /** What draws at present. */
  get backend(): "canvas" | "webgl" | undefined {
    return this.#view?.backend;
  }

  /** Where a node is in the element, in CSS pixels; absent when there is no such node. */
  placeOf(id: string): readonly [x: number, y: number] | undefined {
    const node = this.#places.get(id);
    if (node === undefined || this.#view === undefined) return undefined;
    const { positions } = this.#view.scene;
    return this.#view.camera.toWindow(positions[node * 2]!, positions[node * 2 + 1]!);
  }

  /** Id of the node at a place of the element, in CSS pixels; absent where there is none. */
  nodeAt(x: number, y: number): string | undefined {
    return this.data.ids[this.#view?.pick(x, y) ?? -1];
  }

  /** Show everything. */
  fit(): void {
    this.#look(() => this.#layout && this.#view?.camera.fit(this.#layout.bounds));
    this.#whole = JSON.stringify(this.camera);
  }

  /** Scale by a factor around the middle. */
  zoom(factor: number): void {
    this.#look(() => this.#view?.camera.zoomAt(factor));
  }

  /** Lay everything out anew, as if nothing had been there before. */
  arrange(): void {
    this.#layout = undefined;
    this.#rebuild();
    this.fit();
  }

  /** Give some nodes other fills; the fastest way to show metrics that move. */
  patchFills(nodes: Uint32Array, fills: Float32Array): void {
    for (const [at, node] of nodes.entries()) this.data.fills[node] = fills[at]!;
    this.#view?.invalidate();
  }

  /** Draw at once and not at the next screen; for those who measure. */
  drawNow(): void {
    this.#view?.draw();
  }

  /** What is seen, as SVG. */
  toSvg(): string {
    const view = this.#view;
    return view === undefined ? "" : svgOf(view.frame, view.look);
  }

  /**
   * What is seen, as PNG.
   *
   * @throws {FairleadError} `export_failed` when the browser makes no picture of that size.
   */
  async toPng(ratio = 2): Promise<Blob | undefined> {
    const view = this.#view;
    if (view === undefined) return undefined;
    return pngOf(this.ownerDocument, { frame: view.frame, look: view.look }, ratio);
  }

  /** Read the page's colours again; done by itself when the page's scheme changes. */
  refreshTheme(): void {
    const view = this.#view;
    if (view === undefined) return;
    view.theme = this.#readTheme();
    view.scene = { ...view.scene, colours: coloursOf(this.data, paletteOf(view.theme)) };
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#resizes.observe(this);
    const root = this.ownerDocument.documentElement;
    this.#themes.observe(root, { attributeFilter: ["data-theme", "class", "style"] });
    for (const scheme of this.#schemes) scheme.addEventListener("change", this.#rescheme);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#resizes.disconnect();
    this.#themes.disconnect();
    for (const scheme of this.#schemes) scheme.removeEventListener("change", this.#rescheme);
    this.#motion.stop();
    this.#view?.dispose();
    this.#view = undefined;
  }

  protected override updated(changed: PropertyValues): void {
    if (this.#view === undefined) this.#open();
    else if (changed.has("data")) this.#take();
    if (changed.has("contrast")) this.refreshTheme();
    if (changed.has("selected") || changed.has("data")) this.#settle(changed.has("selected"));
    if (changed.has("highlight") || changed.has("data") || changed.has("focused")) this.#mark();
  }

  protected override render(): TemplateResult {
    const { data, focused, shown } = this;
    const count = data.ids.length;
    const title = `Graph of ${count} nodes; arrow keys go from node to node, Enter selects`;
    return html`<div
        class="stage"
        role=${count === 0 ? "img" : "listbox"}
        tabindex="0"
        aria-label=${title}
        aria-activedescendant=${focused < 0 ? nothing : "option"}
        @pointerdown=${this.#input.down}
        @pointermove=${this.#input.move}
        @pointerup=${this.#input.up}
        @pointercancel=${this.#input.up}
        @pointerleave=${this.#input.leave}
        @wheel=${this.#input.wheel}
        @dblclick=${(event: MouseEvent) => this.#look(() => this.#view?.camera.zoomAt(2, event.offsetX, event.offsetY))}
        @keydown=${this.#key}
      >
        <div class="layers"></div>
        ${count === 0 ? nothing : this.#option()}
      </div>
      <div class="tools">
        <button class="button" aria-label="Zoom in" @click=${() => this.zoom(ZOOM_STEP)}>+</button>
        <button class="button" aria-label="Zoom out" @click=${() => this.zoom(1 / ZOOM_STEP)}>−</button>
        <button class="button" aria-label="Show everything" @click=${() => this.fit()}>⤢</button>
      </div>
      ${shown === undefined || count === 0 ? nothing : html`<div class="shown">${countsInWords(shown)}</div>`}
      <p class="spoken" role="status">
        ${focused < 0 ? nothing : nodeInWords(data, focused)}
      </p>
      ${themeProbes()}`;
  }

  /** The one option that a reader's software sees: where the keyboard is. */
  #option(): TemplateResult {
    const node = Math.max(0, this.focused);
    const isSelected = this.data.ids[node] === this.selected;
    return html`<div
      class="spoken"
      id="option"
      role="option"
      aria-selected=${isSelected ? "true" : "false"}
      aria-setsize=${this.data.ids.length}
      aria-posinset=${node + 1}
    >
      ${nodeInWords(this.data, node)}
    </div>`;
  }

  #open(): void {
    const host = this.renderRoot.querySelector<HTMLElement>(".layers");
    if (host === null) return;
    const theme = this.#readTheme();
    this.#view = new SceneView({
      host,
      backend: this.renderer,
      scene: this.#makeScene(paletteOf(theme)),
      theme,
      drawn: (counts) => this.#drawn(counts),
    });
    this.#resize();
  }

  #readTheme() {
    const wanted = this.contrast || this.#schemes[1]?.matches === true;
    return readTheme(this.renderRoot, this, wanted);
  }

  readonly #rescheme = (): void => this.refreshTheme();

  /** Take another graph: as it is where only metrics and words changed. */
  #take(): void {
    const view = this.#view;
    if (view === undefined) return;
    const { input } = arrangementOf(this.data);
    if (!isLaidOut(input, this.#layout) || !equal(view.scene.edges, input.edges)) {
      this.#rebuild();
      return;
    }
    const { labels, minors, texts, tags, shapes, flags, fills, counts } = this.data;
    const colours = coloursOf(this.data, paletteOf(view.theme));
    view.scene = {
      ...view.scene,
      labels,
      minors,
      texts,
      tags,
      shapes,
      flags,
      fills,
      counts,
      colours,
    };
  }

  #rebuild(): void {
    const view = this.#view;
    if (view === undefined) return;
    const seesAll = this.#whole === JSON.stringify(this.camera);
    const begunWith = this.#layout?.begunWith;
    view.scene = this.#makeScene(paletteOf(view.theme));
    // Who looked at everything goes on to do so where everything has another place.
    if (seesAll && this.#layout?.begunWith !== begunWith) this.fit();
    this.#hovered = -1;
    if (this.focused >= this.data.ids.length) this.focused = -1;
    if (!this.#fitted) this.#resize();
  }

  #makeScene(palette: ReturnType<typeof paletteOf>): Scene {
    const { input, names } = arrangementOf(this.data);
    this.#layout = layOut(input, this.#layout);
    this.#names = names;
    this.#places = new Map(this.data.ids.map((id, node) => [id, node]));
    return sceneOf(this.data, { layout: this.#layout, names: this.#names, palette });
  }

  #resize(): void {
    const { clientWidth, clientHeight } = this;
    if (this.#view === undefined || clientWidth === 0) return;
    this.#view.resize(clientWidth, clientHeight);
    if (this.#fitted || this.data.ids.length === 0) return;
    this.#fitted = true;
    this.fit();
  }

  #drawn(counts: DrawCounts): void {
    if (JSON.stringify(counts) !== JSON.stringify(this.shown)) this.shown = counts;
    const camera = JSON.stringify(this.camera);
    if (camera === this.#told) return;
    this.#told = camera;
    tell(this, "camera-change", this.camera);
  }

  /** Change the camera and draw. */
  #look(change: () => void): void {
    this.#motion.stop();
    change();
    this.#view?.invalidate();
  }

  #choose(node: number): void {
    const id = this.data.ids[node];
    if (id === this.selected) return;
    if (node >= 0) this.focused = node;
    this.selected = id;
    tell(this, "node-select", { id });
  }

  #point(node: number): void {
    if (node === this.#hovered) return;
    this.#hovered = node;
    this.renderRoot.querySelector(".stage")?.classList.toggle("pointing", node >= 0);
    this.#mark();
    tell(this, "node-hover", { id: this.data.ids[node] });
  }

  get #chosen(): number {
    return this.#places.get(this.selected ?? "") ?? -1;
  }

  #mark(): void {
    if (this.#view === undefined) return;
    const [selected, hovered, focused] = [this.#chosen, this.#hovered, this.focused];
    this.#view.marks = {
      selected,
      hovered,
      focused,
      faded: fadedOf(this.data, selected, this.highlight),
    };
  }

  /** Bring the neighbours of what is selected around it, and everything else to its own place. */
  #settle(isNew: boolean): void {
    if (this.#view === undefined || this.#layout === undefined) return;
    this.#mark();
    const { wanted, bounds } = placesAround(this.data, this.#layout.positions, this.#chosen);
    this.#moveTo(wanted, isNew ? this.#target(bounds) : undefined);
  }

  /** Where to look at next: close to what is selected, or back to where one was. */
  #target(bounds: Layout["bounds"] | undefined): GraphCamera | undefined {
    const view = this.#view;
    if (view === undefined) return undefined;
    if (bounds === undefined) {
      const before = this.#before;
      this.#before = undefined;
      return before;
    }
    this.#before ??= this.camera;
    const { width, height } = view.camera;
    const room = Math.min(width / (bounds[2] - bounds[0]), height / (bounds[3] - bounds[1]));
    const scale = Math.min(CLOSE[1], Math.max(room, Math.min(CLOSE[0], this.camera.scale)));
    return { x: (bounds[0] + bounds[2]) / 2, y: (bounds[1] + bounds[3]) / 2, scale };
  }

  #moveTo(wanted: Float32Array, camera: GraphCamera | undefined): void {
    const view = this.#view;
    if (view === undefined) return;
    const { positions } = view.scene;
    const [from, start] = [positions.slice(), this.camera];
    if (camera === undefined && wanted.every((value, at) => value === from[at])) return;
    const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.#motion.start(isStill ? 0 : MOVE_MS, (part) => {
      for (let at = 0; at < positions.length; at += 1) {
        positions[at] = part === 1 ? wanted[at]! : from[at]! + (wanted[at]! - from[at]!) * part;
      }
      if (camera !== undefined) {
        view.camera.x = start.x + (camera.x - start.x) * part;
        view.camera.y = start.y + (camera.y - start.y) * part;
        view.camera.scale = start.scale * (camera.scale / start.scale) ** part;
      }
      view.moved();
    });
  }

  readonly #key = (event: KeyboardEvent): void => {
    const isMeant = pressKey(event, {
      pan: (dx, dy) => this.#look(() => this.#view?.camera.panBy(dx, dy)),
      zoom: (factor) => this.zoom(factor),
      fit: () => this.fit(),
      walk: (direction) => this.#walk(direction),
      jump: (to) => this.#goTo(to === "first" ? 0 : -1),
      choose: () => this.#choose(this.focused),
      leave: () => {
        const isSelected = this.#chosen >= 0;
        if (isSelected) this.#choose(-1);
        return isSelected;
      },
    });
    if (isMeant) event.preventDefault();
  };

  #walk(direction: Direction): void {
    const view = this.#view;
    if (view === undefined || this.data.ids.length === 0) return;
    if (this.focused >= 0) this.#goTo(walkFrom(view.scene.positions, this.focused, direction));
    else this.#goTo(Math.max(0, view.pick(view.camera.width / 2, view.camera.height / 2)));
  }

  /** Put the keyboard on a node, the last one for -1, and bring it into the window. */
  #goTo(wanted: number): void {
    const view = this.#view;
    const count = this.data.ids.length;
    if (view === undefined || count === 0) return;
    const node = wanted < 0 ? count - 1 : wanted;
    this.focused = node;
    const { camera, scene } = view;
    const [px, py] = [scene.positions[node * 2]!, scene.positions[node * 2 + 1]!];
    const [x, y] = camera.toWindow(px, py);
    const isInside = x > 40 && x < camera.width - 40 && y > 40 && y < camera.height - 40;
    if (!isInside) this.#look(() => Object.assign(camera, { x: px, y: py }));
  }
}
