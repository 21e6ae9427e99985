import {
  css,
  html,
  LitElement,
  nothing,
  type PropertyDeclarations,
  type SVGTemplateResult,
  svg,
  type TemplateResult,
} from "lit";
import { repeat } from "lit/directives/repeat.js";
import { emptyState, problem } from "../../parts/fields.ts";
import { count } from "../../parts/format.ts";
import { icon } from "../../parts/icons.ts";
import { Loaded } from "../../parts/loaded.ts";
import { shared } from "../../parts/styles.ts";
import { metricText } from "../data/formats.ts";
import {
  RESOURCE_LAYERS,
  RESOURCE_METRICS,
  type ResourceBox,
  type ResourceNodes,
  resourceLayout,
} from "../data/resource_layout.ts";
import type { TopologyFeed } from "../feed/topology_feed.ts";
import { selectNode } from "../state/view_state.ts";
import { change, pieceStyles, segments } from "./pieces.ts";

const LAYER_PIXELS_MIN = 72;
const LAYER_PIXELS_MAX = 220;
const GAP = 3;
/** Narrower boxes are not drawn at this zoom; they are counted. */
const PIXELS_MIN = 1;
const LABEL_PIXELS_MIN = 46;
const ZOOM_MAX = 4_000;

/** Hosts, containers and processes as boxes as wide as the CPU or memory that they take. */
export class FairleadResources extends LitElement {
  static readonly tag: string = "fairlead-resources";
  static override properties: PropertyDeclarations = {
    feed: { attribute: false },
    metric: { attribute: false },
    atMs: { attribute: false },
    selected: { attribute: false },
    zoom: { state: true },
    left: { state: true },
    pointed: { state: true },
    pixels: { state: true },
    layer: { state: true },
  };
  static override styles = [
    ...shared,
    pieceStyles,
    css`
      :host {
        display: flex;
        flex-direction: column;
        min-height: 0;
      }

      .bar {
        align-items: center;
        display: flex;
        flex-wrap: wrap;
        font-size: 12px;
        gap: 8px;
        padding: 10px 16px 4px;
      }

      .bar .pointed {
        flex: 1;
        min-width: 0;
        text-align: right;
      }

      .stage {
        cursor: grab;
        flex: 1;
        min-height: 0;
        overflow: hidden auto;
        padding: 8px 16px 16px;
        touch-action: pan-y;
      }

      .stage:active {
        cursor: grabbing;
      }

      svg.boxes {
        display: block;
        width: 100%;
      }

      .box rect {
        fill: var(--fill);
        stroke: var(--surface);
        stroke-width: 1;
      }

      .box .capacity {
        fill: color-mix(in srgb, var(--fill) 30%, var(--surface));
      }

      .box {
        cursor: pointer;
        outline: none;
      }

      .box:hover rect:last-of-type,
      .box:focus-visible rect:last-of-type,
      .box.selected rect:last-of-type {
        stroke: var(--text);
        stroke-width: 2;
      }

      .layer-0 {
        --fill: light-dark(#9cc9db, #245a70);
      }

      .layer-1 {
        --fill: light-dark(#b9d7c4, #2c5a44);
      }

      .layer-2 {
        --fill: light-dark(#ddd3b4, #57502f);
      }

      text {
        fill: var(--text);
        font-size: 12px;
        pointer-events: none;
      }

      text.minor {
        fill: color-mix(in srgb, var(--text) 82%, transparent);
        font-size: 11px;
      }

      .names {
        color: var(--muted);
        display: flex;
        gap: 14px;
      }
    `,
  ];

  declare feed: TopologyFeed;
  declare metric: string;
  declare atMs: number | undefined;
  /** Id of the node whose card is open. */
  declare selected: string | undefined;
  /** How many times wider than the window. */
  declare zoom: number;
  /** Where the window begins, from 0 to 1. */
  declare left: number;
  declare pointed: ResourceBox | undefined;
  declare pixels: number;
  /** Height of a layer, in pixels. */
  declare layer: number;

  #boxes: readonly ResourceBox[] = [];
  #laid: readonly [ResourceNodes | undefined, string] = [undefined, ""];
  #dragged: { readonly x: number; readonly left: number } | undefined;
  #moved = false;
  readonly #loaded: Loaded<ResourceNodes>;
  readonly #observer = new ResizeObserver(([entry]) => {
    const { width = 0, height = 0 } = entry?.contentRect ?? {};
    this.pixels = Math.max(1, Math.floor(width) - 32);
    const layer = Math.floor((height - 80) / RESOURCE_LAYERS.length);
    this.layer = Math.max(LAYER_PIXELS_MIN, Math.min(LAYER_PIXELS_MAX, layer));
  });

  constructor() {
    super();
    this.metric = RESOURCE_METRICS[0];
    this.atMs = undefined;
    this.selected = undefined;
    this.zoom = 1;
    this.left = 0;
    this.pointed = undefined;
    this.pixels = 1;
    this.layer = LAYER_PIXELS_MIN;
    this.#loaded = new Loaded<ResourceNodes>(this, {
      key: () => String(this.atMs ?? "now"),
      load: (signal) => this.#load(signal),
      nowMs: () => this.feed.clock.nowMs(),
    });
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#observer.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#observer.disconnect();
  }

  async #load(signal: AbortSignal): Promise<ResourceNodes> {
    const { atMs } = this;
    const nodesOf = async (topologyId: string, options: Record<string, string>) => {
      const nodes = await this.feed.api.nodes({ topologyId, options, atMs }, { signal });
      return [...nodes.values()];
    };
    const [hosts, containers, processes] = await Promise.all([
      nodesOf("hosts", {}),
      nodesOf("containers", { system: "all", stopped: "running" }),
      nodesOf("processes", { unconnected: "show" }),
    ]);
    return { hosts, containers, processes };
  }

  protected override willUpdate(): void {
    const nodes = this.#loaded.value;
    if (this.#laid[0] === nodes && this.#laid[1] === this.metric) return;
    this.#laid = [nodes, this.metric];
    this.#boxes = nodes === undefined ? [] : resourceLayout(nodes, this.metric);
  }

  protected override render(): TemplateResult {
    const { value, error } = this.#loaded;
    const visible = this.#boxes.filter((box) => this.#isVisible(box));
    return html`
      ${this.#bar(visible.length)}
      ${error === undefined ? nothing : problem(error, this.#loaded.reload)}
      ${
        value !== undefined && this.#boxes.length === 0
          ? emptyState("Nothing to show", `No host reports its ${this.metric}.`)
          : html`<div
              class="stage"
              role="group"
              aria-label="Resources"
              @wheel=${this.#wheel}
              @pointerdown=${this.#grab}
              @pointermove=${this.#drag}
              @pointerup=${this.#drop}
            >
              <svg class="boxes" height=${this.layer * RESOURCE_LAYERS.length}>
                ${repeat(
                  visible,
                  ({ topologyId, id }) => `${topologyId} ${id}`,
                  (box) => this.#box(box),
                )}
              </svg>
            </div>`
      }
    `;
  }

  #bar(drawn: number): TemplateResult {
    const hidden = this.#boxes.length - drawn;
    const { pointed } = this;
    return html`<div class="bar">
      ${segments(
        "Resource",
        RESOURCE_METRICS.map((id) => ({ id, text: id })),
        {
          chosen: RESOURCE_METRICS.filter((each) => each === this.metric),
          choose: (resourceMetric) => change(this, (state) => ({ ...state, resourceMetric })),
        },
      )}
      <button class="icon-button" type="button" aria-label="Zoom out" title="Zoom out" @click=${() => this.#zoomTo(this.zoom / 2, 0.5)}>
        ${icon("minus")}
      </button>
      <button class="icon-button" type="button" aria-label="Zoom in" title="Zoom in" @click=${() => this.#zoomTo(this.zoom * 2, 0.5)}>
        ${icon("plus")}
      </button>
      <button class="icon-button" type="button" aria-label="Take a new snapshot" title="Take a new snapshot" @click=${this.#loaded.reload}>
        ${icon("refresh")}
      </button>
      <span class="muted"
        >${hidden > 0 ? `${count(hidden)} outside of the window or too narrow: zoom in` : ""}</span
      >
      <span class="pointed clip" role="status"
        >${pointed === undefined ? "" : html`<b>${pointed.label}</b> ${sizeOf(pointed)}`}</span
      >
    </div>`;
  }

  #isVisible({ x, width }: ResourceBox): boolean {
    const scale = this.pixels * this.zoom;
    const from = (x - this.left) * scale;
    return width * scale >= PIXELS_MIN && from < this.pixels && from + width * scale > 0;
  }

  #box(box: ResourceBox): SVGTemplateResult {
    const scale = this.pixels * this.zoom;
    const x = (box.x - this.left) * scale;
    const width = Math.max(1, box.width * scale - GAP);
    const y = (RESOURCE_LAYERS.length - 1 - box.layer) * this.layer;
    const height = this.layer - GAP;
    const { capacity, value } = box;
    const used = capacity === undefined ? 1 : Math.min(1, value / Math.max(capacity, 1e-9));
    const isWide = width >= LABEL_PIXELS_MIN;
    const textX = Math.max(x, 0) + 8;
    const room = Math.max(0, Math.min(x + width, this.pixels) - textX - 4);
    return svg`<g
      class="box layer-${box.layer} ${box.id === this.selected ? "selected" : ""}"
      role="button"
      tabindex="0"
      aria-label="${box.label}, ${sizeOf(box)}"
      @click=${() => this.#choose(box)}
      @keydown=${(event: KeyboardEvent) => {
        if (event.key === "Enter") this.#choose(box);
      }}
      @pointerenter=${() => {
        this.pointed = box;
      }}
      @focus=${() => {
        this.pointed = box;
      }}
    >
      ${capacity === undefined ? nothing : svg`<rect class="capacity" x=${x} y=${y} width=${width} height=${height} rx="3"></rect>`}
      <rect x=${x} y=${y + height * (1 - used)} width=${width} height=${height * used} rx="3"></rect>
      ${
        isWide && room > 24
          ? svg`<text x=${textX} y=${y + 20}>${cut(box.label, room)}</text>
            <text class="minor" x=${textX} y=${y + 37}>${cut(sizeOf(box), room)}</text>`
          : nothing
      }
    </g>`;
  }

  #choose({ id, label, topologyId }: ResourceBox): void {
    if (!this.#moved) change(this, (state) => selectNode(state, { id, label, topologyId }));
  }

  #zoomTo(zoom: number, at: number): void {
    const next = Math.max(1, Math.min(ZOOM_MAX, zoom));
    const under = this.left + at / this.zoom;
    this.zoom = next;
    this.#moveTo(under - at / next);
  }

  #moveTo(left: number): void {
    this.left = Math.max(0, Math.min(1 - 1 / this.zoom, left));
  }

  #wheel = (event: WheelEvent): void => {
    event.preventDefault();
    if (!(event.currentTarget instanceof HTMLElement)) return;
    if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      this.#moveTo(this.left + event.deltaX / this.pixels / this.zoom);
      return;
    }
    const { left } = event.currentTarget.getBoundingClientRect();
    const at = (event.clientX - left - 16) / this.pixels;
    this.#zoomTo(this.zoom * 1.0015 ** -event.deltaY, Math.max(0, Math.min(1, at)));
  };

  #grab = (event: PointerEvent): void => {
    this.#dragged = { x: event.clientX, left: this.left };
    this.#moved = false;
  };

  #drag = (event: PointerEvent): void => {
    if (this.#dragged === undefined || event.buttons === 0) return;
    const pixels = event.clientX - this.#dragged.x;
    if (Math.abs(pixels) > 4) this.#moved = true;
    if (this.#moved) this.#moveTo(this.#dragged.left - pixels / this.pixels / this.zoom);
  };

  #drop = (): void => {
    this.#dragged = undefined;
  };
}

function sizeOf({ value, capacity, format }: ResourceBox): string {
  const own = metricText({ value, format });
  return capacity === undefined ? own : `${own} of ${metricText({ value: capacity, format })}`;
}

/** As much of a text as fits, at about 6.4 pixels a character. */
function cut(text: string, pixels: number): string {
  const characters = Math.floor(pixels / 6.4);
  return text.length <= characters ? text : `${text.slice(0, Math.max(1, characters - 1))}…`;
}
