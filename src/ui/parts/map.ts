import {
  css,
  html,
  LitElement,
  nothing,
  type PropertyDeclarations,
  type TemplateResult,
} from "lit";
import type { ConsoleAgentRow } from "../../model/mod.ts";
import { links } from "../routes.ts";
import { tell } from "./element.ts";
import { percent } from "./format.ts";
import { agentLook } from "./states.ts";
import { shared } from "./styles.ts";

/** Steps of load, from idle to full. */
const STEPS = 6;
const CELL_MAX = 26;
const CELL_MIN = 4;

/** A cell of the map. */
interface Grid {
  readonly columns: number;
  readonly cell: number;
  readonly gap: number;
}

/**
 * Every agent as a square: the fuller, the stronger its colour; crossed out when it takes no
 * tasks. Pointing tells its name, a click opens it. The table of agents says the same in words.
 */
export class FairleadMap extends LitElement {
  static readonly tag: string = "fairlead-map";
  static override properties: PropertyDeclarations = {
    agents: { attribute: false },
    pixelsMax: { type: Number, attribute: "pixels-max" },
    pointed: { state: true },
  };
  static override styles = [
    ...shared,
    css`
      .frame {
        position: relative;
      }

      canvas {
        cursor: pointer;
        display: block;
        width: 100%;
      }

      .probe {
        display: none;
      }

      .scale {
        align-items: center;
        color: var(--muted);
        display: flex;
        font-size: 12px;
        gap: 3px;
        margin-top: 10px;
      }

      .scale > .key {
        border-radius: 2px;
        height: 10px;
        width: 14px;
      }

      .scale > :first-child {
        margin-right: 4px;
      }

      .scale > .last {
        margin: 0 14px 0 4px;
      }

      .away-key {
        background: linear-gradient(
          45deg,
          transparent 44%,
          var(--bad) 44% 56%,
          transparent 56%
        );
        border: 1px solid var(--bad);
      }

      .pointed {
        color: var(--text);
        margin-left: auto;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }

      .load-0 {
        background: light-dark(#e6edf2, #202a33);
        color: light-dark(#e6edf2, #202a33);
      }

      .load-1 {
        background: light-dark(#c3e0ea, #183f4e);
        color: light-dark(#c3e0ea, #183f4e);
      }

      .load-2 {
        background: light-dark(#93c9db, #1b5a70);
        color: light-dark(#93c9db, #1b5a70);
      }

      .load-3 {
        background: light-dark(#58acc6, #237b97);
        color: light-dark(#58acc6, #237b97);
      }

      .load-4 {
        background: light-dark(#1f89ab, #3aa3c6);
        color: light-dark(#1f89ab, #3aa3c6);
      }

      .load-5 {
        background: light-dark(#075672, #8bd8f2);
        color: light-dark(#075672, #8bd8f2);
      }

      .load-away {
        color: var(--bad);
      }
    `,
  ];

  declare agents: readonly ConsoleAgentRow[];
  /** How tall the map may become, in pixels. */
  declare pixelsMax: number;
  declare pointed: ConsoleAgentRow | undefined;

  #width = 0;
  #grid: Grid = { columns: 1, cell: CELL_MAX, gap: 3 };
  readonly #observer: ResizeObserver;

  constructor() {
    super();
    this.agents = [];
    this.pixelsMax = 220;
    this.pointed = undefined;
    this.#observer = new ResizeObserver(([entry]) => {
      this.#width = Math.floor(entry?.contentRect.width ?? 0);
      this.requestUpdate();
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

  protected override updated(): void {
    const canvas = this.renderRoot.querySelector("canvas");
    if (canvas === null || this.#width === 0) return;
    this.#grid = gridOf(this.agents.length, this.#width, this.pixelsMax);
    paint(canvas, this.agents, { grid: this.#grid, width: this.#width, colours: this.#colours() });
  }

  protected override render(): TemplateResult {
    const { pointed } = this;
    return html`<div class="frame">
        <canvas
          role="img"
          aria-label="Load of ${this.agents.length} agents, a square each; the list of agents has the numbers"
          @pointermove=${this.#point}
          @pointerleave=${this.#leave}
          @click=${this.#open}
        ></canvas>
      </div>
      <div class="scale">
        <span>idle</span>
        ${Array.from({ length: STEPS }, (_, step) => html`<i class="key load-${step}"></i>`)}
        <span class="last">full</span>
        <i class="key away-key"></i><span class="last">takes no tasks</span>
        <i class="probe load-away"></i>
        ${pointed === undefined ? nothing : html`<span class="pointed">${told(pointed)}</span>`}
      </div>`;
  }

  /** The colours of the steps as the page's scheme has them, and that of the absent. */
  #colours(): readonly string[] {
    const probes = this.renderRoot.querySelectorAll(".key:not(.away-key), .probe");
    return [...probes].map((probe) => getComputedStyle(probe).color);
  }

  #agentAt({ offsetX, offsetY }: MouseEvent): ConsoleAgentRow | undefined {
    const { columns, cell, gap } = this.#grid;
    const column = Math.floor(offsetX / (cell + gap));
    if (column >= columns) return undefined;
    return this.agents[Math.floor(offsetY / (cell + gap)) * columns + column];
  }

  #point = (event: PointerEvent): void => {
    this.pointed = this.#agentAt(event);
  };

  #leave = (): void => {
    this.pointed = undefined;
  };

  #open = (event: MouseEvent): void => {
    const agent = this.#agentAt(event);
    if (agent === undefined || !tell(this, "fairlead-open", agent)) return;
    this.ownerDocument.defaultView?.location.assign(links.agent(agent.id));
  };
}

/** The part of its fullest kind that is used. */
export function loadOf({ used, total }: ConsoleAgentRow): number {
  const ratio = (part: number, whole: number) => (whole > 0 ? part / whole : 0);
  return Math.max(
    ratio(used.cpus, total.cpus),
    ratio(used.mem, total.mem),
    ratio(used.gpus, total.gpus),
  );
}

function told(agent: ConsoleAgentRow): string {
  const { label } = agentLook(agent.state);
  return `${agent.hostname} · ${label} · ${percent(loadOf(agent))} full`;
}

/** The largest squares with which all agents fit. */
function gridOf(agents: number, width: number, heightMax: number): Grid {
  for (let cell = CELL_MAX; cell > CELL_MIN; cell -= 1) {
    const gap = gapOf(cell);
    const columns = Math.max(1, Math.floor((width + gap) / (cell + gap)));
    if (Math.ceil(agents / columns) * (cell + gap) <= heightMax) return { columns, cell, gap };
  }
  const gap = gapOf(CELL_MIN);
  return { columns: Math.max(1, Math.floor(width / (CELL_MIN + gap))), cell: CELL_MIN, gap };
}

function gapOf(cell: number): number {
  return cell > 14 ? 3 : cell > 7 ? 2 : 1;
}

function paint(
  canvas: HTMLCanvasElement,
  agents: readonly ConsoleAgentRow[],
  { grid, width, colours }: { grid: Grid; width: number; colours: readonly string[] },
): void {
  const { columns, cell, gap } = grid;
  const height = Math.max(cell, Math.ceil(agents.length / columns) * (cell + gap) - gap);
  const scale = canvas.ownerDocument.defaultView?.devicePixelRatio ?? 1;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  canvas.style.setProperty("height", `${height}px`);
  const context = canvas.getContext("2d");
  if (context === null) return;
  context.scale(scale, scale);
  context.lineWidth = Math.max(1, cell / 10);
  context.strokeStyle = colours[STEPS] ?? "red";
  for (const [index, agent] of agents.entries()) {
    const x = (index % columns) * (cell + gap);
    const y = Math.floor(index / columns) * (cell + gap);
    const step = Math.min(STEPS - 1, Math.floor(loadOf(agent) * STEPS));
    context.fillStyle = colours[step] ?? "gray";
    context.fillRect(x, y, cell, cell);
    if (agent.state !== "active") cross(context, x, y, cell);
  }
}

function cross(context: CanvasRenderingContext2D, x: number, y: number, cell: number): void {
  const inset = context.lineWidth / 2;
  context.strokeRect(x + inset, y + inset, cell - 2 * inset, cell - 2 * inset);
  context.beginPath();
  context.moveTo(x, y + cell);
  context.lineTo(x + cell, y);
  context.stroke();
}
