import { css, html, LitElement, type PropertyDeclarations, type TemplateResult } from "lit";
import type { MetricRow } from "../../../topology/mod.ts";
import { timeOfDay } from "../../parts/format.ts";
import { sparkline, sparklineStyles } from "../../parts/sparkline.ts";
import { shared } from "../../parts/styles.ts";
import { metricText } from "../data/formats.ts";

/** A metric with its course; pointing at it tells the value of that moment. */
export class FairleadMetricCard extends LitElement {
  static readonly tag: string = "fairlead-metric-card";
  static override properties: PropertyDeclarations = {
    metric: { attribute: false },
    pointed: { state: true },
  };
  static override styles = [
    ...shared,
    sparklineStyles,
    css`
      .head {
        align-items: baseline;
        display: flex;
        gap: 6px;
        justify-content: space-between;
      }

      .label {
        color: var(--muted);
        font-size: 12px;
      }

      .value {
        font-size: 15px;
        font-weight: 650;
        letter-spacing: -0.01em;
        white-space: nowrap;
      }

      .at {
        color: var(--muted);
        font-size: 11px;
        height: 16px;
        text-align: right;
      }

      .chart {
        cursor: crosshair;
        margin-top: 4px;
      }
    `,
  ];

  declare metric: MetricRow | undefined;
  /** Index of the sample that is pointed at. */
  declare pointed: number | undefined;

  constructor() {
    super();
    this.metric = undefined;
    this.pointed = undefined;
  }

  protected override render(): TemplateResult {
    const { metric } = this;
    if (metric === undefined) return html``;
    const samples = metric.samples ?? [];
    const sample = this.pointed === undefined ? undefined : samples[this.pointed];
    const value = sample?.value ?? metric.value;
    const top = Math.max(metric.max < 1e18 ? metric.max : 0, ...samples.map((each) => each.value));
    const ratios = samples.map((each) => (top > 0 ? each.value / top : 0));
    return html`
      <div class="head">
        <span class="label clip">${metric.label}</span>
        <span class="value">${metricText({ ...metric, value })}</span>
      </div>
      <div
        class="chart"
        @pointermove=${(event: PointerEvent) => this.#point(event, samples.length)}
        @pointerleave=${() => {
          this.pointed = undefined;
        }}
      >
        ${sparkline(ratios, Math.max(2, ratios.length))}
      </div>
      <div class="at">${sample === undefined ? "" : timeOfDay(Date.parse(sample.date))}</div>
    `;
  }

  #point(event: PointerEvent, count: number): void {
    if (!(event.currentTarget instanceof HTMLElement) || count === 0) return;
    const { left, width } = event.currentTarget.getBoundingClientRect();
    const at = Math.round(((event.clientX - left) / Math.max(1, width)) * (count - 1));
    this.pointed = Math.max(0, Math.min(count - 1, at));
  }
}
