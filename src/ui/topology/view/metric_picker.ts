import {
  css,
  html,
  LitElement,
  nothing,
  type PropertyDeclarations,
  type TemplateResult,
} from "lit";
import { tell } from "../../parts/element.ts";
import { shared } from "../../parts/styles.ts";
import type { MetricKind } from "../data/metrics.ts";
import { change, pieceStyles } from "./pieces.ts";

/**
 * Which metric fills the nodes: pointing at one previews it (`fairlead-metric-preview`), a click
 * pins it or takes the pin away.
 */
export class FairleadMetricPicker extends LitElement {
  static readonly tag: string = "fairlead-metric-picker";
  static override properties: PropertyDeclarations = {
    kinds: { attribute: false },
    pinned: { attribute: false },
  };
  static override styles = [
    ...shared,
    pieceStyles,
    css`
      :host {
        display: block;
      }
    `,
  ];

  declare kinds: readonly MetricKind[];
  declare pinned: string | undefined;

  constructor() {
    super();
    this.kinds = [];
    this.pinned = undefined;
  }

  protected override render(): TemplateResult | typeof nothing {
    if (this.kinds.length === 0) return nothing;
    return html`<div
      class="segments"
      role="group"
      aria-label="Metric on the nodes"
      @pointerleave=${() => this.#preview(undefined)}
    >
      ${this.kinds.slice(0, 5).map(({ label }) => {
        const isPinned = label === this.pinned;
        return html`<button
          type="button"
          aria-pressed=${isPinned ? "true" : "false"}
          title=${isPinned ? `Unpin ${label} (q)` : `Pin ${label} (< >)`}
          @pointerenter=${() => this.#preview(label)}
          @focus=${() => this.#preview(label)}
          @blur=${() => this.#preview(undefined)}
          @click=${() => this.#pin(isPinned ? undefined : label)}
        >
          ${label}
        </button>`;
      })}
    </div>`;
  }

  #preview(label: string | undefined): void {
    tell(this, "fairlead-metric-preview", label);
  }

  #pin(pinnedMetric: string | undefined): void {
    change(this, (state) => ({ ...state, pinnedMetric }));
  }
}
