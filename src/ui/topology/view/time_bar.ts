import {
  css,
  html,
  LitElement,
  nothing,
  type PropertyDeclarations,
  type TemplateResult,
} from "lit";
import { ago, dateTime } from "../../parts/format.ts";
import { icon } from "../../parts/icons.ts";
import { shared } from "../../parts/styles.ts";
import { change } from "./pieces.ts";

/** How far back the slider goes, by choice. */
const SPANS: readonly (readonly [string, number])[] = [
  ["15 min", 900_000],
  ["1 h", 3_600_000],
  ["6 h", 21_600_000],
  ["24 h", 86_400_000],
];
const STEPS = 1_000;
/** A step of the buttons beside the slider. */
const JUMP_MS = 15_000;

/** Live or paused; where the collector keeps history, a slider to travel in it. */
export class FairleadTimeBar extends LitElement {
  static readonly tag: string = "fairlead-time-bar";
  static override properties: PropertyDeclarations = {
    nowMs: { attribute: false },
    atMs: { attribute: false },
    hasHistory: { attribute: false },
    travels: { state: true },
    spanMs: { state: true },
  };
  static override styles = [
    ...shared,
    css`
      :host {
        align-items: center;
        display: flex;
        font-size: 12px;
        gap: 6px;
        min-width: 0;
      }

      .button {
        font-size: 12px;
        line-height: 16px;
        padding: 2px 9px;
      }

      .button svg {
        height: 13px;
        width: 13px;
      }

      .live {
        color: var(--good);
      }

      .paused {
        background: var(--warn-soft);
        border-color: color-mix(in srgb, var(--warn) 40%, transparent);
        color: var(--warn);
      }

      input[type="range"] {
        accent-color: var(--accent);
        flex: 1 1 180px;
        max-width: 420px;
        min-width: 80px;
      }

      select {
        font-size: 12px;
        height: 24px;
        padding: 0 4px;
      }

      .moment {
        white-space: nowrap;
      }
    `,
  ];

  /** The time of the reader's clock. */
  declare nowMs: number;
  /** The moment shown; absent means now. */
  declare atMs: number | undefined;
  declare hasHistory: boolean;
  /** The slider is open. */
  declare travels: boolean;
  declare spanMs: number;

  constructor() {
    super();
    this.nowMs = 0;
    this.atMs = undefined;
    this.hasHistory = false;
    this.travels = false;
    this.spanMs = SPANS[0]?.[1] ?? 0;
  }

  protected override render(): TemplateResult {
    const { atMs } = this;
    const isPaused = atMs !== undefined;
    return html`
      <button
        class="button ${isPaused ? "paused" : "live"}"
        type="button"
        title=${isPaused ? "Go on live (p)" : "Pause (p)"}
        aria-pressed=${isPaused ? "true" : "false"}
        @click=${() => this.#show(isPaused ? undefined : this.nowMs)}
      >
        ${icon(isPaused ? "play" : "pause")}${isPaused ? "Paused" : "Live"}
      </button>
      ${
        isPaused
          ? html`<span class="moment" role="status"
              >Showing ${dateTime(atMs)} <span class="muted">(${ago(this.nowMs, atMs)})</span></span
            >`
          : nothing
      }
      ${this.hasHistory ? this.#travel() : nothing}
    `;
  }

  #travel(): TemplateResult {
    if (!this.travels) {
      return html`<button
        class="icon-button"
        type="button"
        title="Travel in time"
        aria-label="Travel in time"
        @click=${() => {
          this.travels = true;
        }}
      >
        ${icon("history")}
      </button>`;
    }
    const { nowMs, spanMs, atMs = nowMs } = this;
    const back = Math.min(spanMs, Math.max(0, nowMs - atMs));
    const value = Math.round((1 - back / spanMs) * STEPS);
    return html`
      ${this.#jump(-JUMP_MS, "back", "15 s earlier")}
      <input
        type="range"
        min="0"
        max=${STEPS}
        aria-label="Moment"
        aria-valuetext=${value >= STEPS ? "now" : dateTime(atMs)}
        .value=${String(value)}
        @change=${this.#slid}
      />
      ${this.#jump(JUMP_MS, "chevron", "15 s later")}
      <select class="field" aria-label="Span of time" @change=${this.#spanChosen}>
        ${SPANS.map(
          ([word, ms]) => html`<option value=${ms} ?selected=${ms === spanMs}>${word}</option>`,
        )}
      </select>
    `;
  }

  #jump(ms: number, picture: "back" | "chevron", label: string): TemplateResult {
    return html`<button
      class="icon-button"
      type="button"
      title=${label}
      aria-label=${label}
      @click=${() => this.#go((this.atMs ?? this.nowMs) + ms)}
    >
      ${icon(picture)}
    </button>`;
  }

  #slid = (event: Event): void => {
    if (!(event.target instanceof HTMLInputElement)) return;
    const part = Number(event.target.value) / STEPS;
    this.#go(this.nowMs - Math.round((1 - part) * this.spanMs));
  };

  #spanChosen = (event: Event): void => {
    if (event.target instanceof HTMLSelectElement) this.spanMs = Number(event.target.value);
  };

  /** The end of the slider is now, live. */
  #go(atMs: number): void {
    this.#show(atMs >= this.nowMs - 1 ? undefined : atMs);
  }

  #show(pausedAtMs: number | undefined): void {
    change(this, (state) => ({ ...state, pausedAtMs }));
  }
}
