import { css, html, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import type { ConsoleFrameworkRow } from "../../model/mod.ts";
import { ActingElement } from "../parts/acting.ts";
import { FairleadAct } from "../parts/dialog.ts";
import { emptyState } from "../parts/fields.ts";
import { ago, amount, count, dateTime, KIND_NAMES, KINDS, percent, span } from "../parts/format.ts";
import { meter, meterStyles } from "../parts/meter.ts";
import { frameworkLook, stateOf } from "../parts/states.ts";
import { shared } from "../parts/styles.ts";
import { FairleadTabs } from "../parts/tabs.ts";
import { activeTasks, taskCountStyles, taskCounts } from "../parts/task_counts.ts";
import { links } from "../routes.ts";
import { tearDown } from "./acts.ts";
import { FairleadExplain } from "./explain.ts";
import { FairleadOffers } from "./offers.ts";
import { FairleadTasks } from "./tasks.ts";

/** A list within the page keeps its filters to itself. */
const keep = (event: Event) => event.stopPropagation();

const TABS = [
  ["explain", "Why is nothing offered to me?"],
  ["tasks", "Tasks"],
  ["offers", "Offers"],
] as const;

/** One framework: what it has, what it runs, and why it is not offered more. */
export class FairleadFramework extends ActingElement {
  static readonly tag: string = "fairlead-framework";
  static readonly parts = [
    FairleadAct,
    FairleadTabs,
    FairleadTasks,
    FairleadOffers,
    FairleadExplain,
  ];
  static override properties: PropertyDeclarations = {
    framework: { type: String },
    tab: { type: String },
    code: { type: String },
  };
  static override styles = [
    ...shared,
    meterStyles,
    taskCountStyles,
    css`
      :host {
        display: flex;
        flex-direction: column;
        gap: 16px;
        min-height: 0;
      }

      .top {
        display: grid;
        gap: 16px;
        grid-template-columns: minmax(0, 1fr) minmax(0, 1fr);
      }

      @media (max-width: 1000px) {
        .top {
          grid-template-columns: 1fr;
        }
      }

      .kinds {
        display: flex;
        flex-direction: column;
        gap: 12px;
      }

      .kind {
        display: grid;
        gap: 4px 8px;
        grid-template-columns: 1fr auto;
      }

      .kind .meter {
        grid-column: 1 / -1;
      }
    `,
  ];

  /** Its id. */
  declare framework: string;
  /** `explain`, `tasks` or `offers`. */
  declare tab: string;
  /** The reason chosen in the tab `explain`. */
  declare code: string;

  constructor() {
    super();
    this.framework = "";
    this.tab = "explain";
    this.code = "";
  }

  protected override render(): TemplateResult {
    const { store, api } = this.source;
    const row = store.frameworks.get(this.framework);
    if (row === undefined) {
      return html`<div class="card">
        ${
          store.summary === undefined
            ? emptyState("Asking the master…", this.framework)
            : emptyState(
                "No such framework",
                html`It ended long ago, or never was.
                  <a href=${links.frameworks()}>All frameworks</a>`,
              )
        }
      </div>`;
    }
    return html`
      <div class="row spread">
        <div class="row">
          ${stateOf(frameworkLook(row.state))} ${taskCounts(row.tasks)}
        </div>
        <div class="row">
          ${
            isWebAddress(row.webuiUrl)
              ? html`<a class="button" href=${row.webuiUrl} rel="noreferrer noopener" target="_blank"
                  >Open its UI</a
                >`
              : nothing
          }
          ${
            row.state === "completed"
              ? nothing
              : html`<button
                  class="button danger"
                  type="button"
                  @click=${() => this.ask(tearDown(api, row))}
                >
                  Tear down…
                </button>`
          }
        </div>
      </div>
      <div class="top">${this.#facts(row)} ${this.#load(row)}</div>
      <fairlead-tabs .tabs=${TABS} .chosen=${this.tab} label="Of this framework"></fairlead-tabs>
      ${this.#page(row)} ${this.dialog()}
    `;
  }

  #page({ id }: ConsoleFrameworkRow): TemplateResult {
    const feed = this.source;
    if (this.tab === "tasks") {
      return html`<fairlead-tasks @fairlead-query=${keep} .feed=${feed} framework=${id} rows-max="14"></fairlead-tasks>`;
    }
    if (this.tab === "offers") {
      return html`<fairlead-offers .feed=${feed} framework=${id} rows-max="12"></fairlead-offers>`;
    }
    return html`<fairlead-explain
      .feed=${feed}
      framework=${id}
      .code=${this.code}
      rows-max="14"
    ></fairlead-explain>`;
  }

  #facts(row: ConsoleFrameworkRow): TemplateResult {
    const { registeredMs, reregisteredMs = registeredMs, failoverTimeoutS } = row;
    return html`<section class="card" aria-label="Facts">
      <div class="body">
        <dl class="facts">
          <dt>Id</dt>
          <dd class="mono">${row.id}</dd>
          <dt>Roles</dt>
          <dd class="tags">
            ${row.roles.map((role) => html`<a class="tag" href=${links.role(role)}>${role}</a>`)}
          </dd>
          <dt>Connected</dt>
          <dd title=${dateTime(reregisteredMs)}>${ago(this.source.nowMs(), reregisteredMs)}</dd>
          ${row.principal === undefined ? nothing : html`<dt>Principal</dt><dd>${row.principal}</dd>`}
          ${row.hostname === undefined ? nothing : html`<dt>Host</dt><dd>${row.hostname}</dd>`}
          <dt>If it is away</dt>
          <dd>its tasks run on for ${span(failoverTimeoutS * 1_000)}</dd>
          <dt>Capabilities</dt>
          <dd class="tags">
            ${
              row.capabilities.length === 0
                ? html`<span class="muted">none</span>`
                : row.capabilities.map((name) => html`<span class="tag">${name}</span>`)
            }
          </dd>
        </dl>
      </div>
    </section>`;
  }

  #load({ used, offered, tasks }: ConsoleFrameworkRow): TemplateResult {
    const total = this.source.store.summary?.total;
    if (total === undefined) return html``;
    const kinds = KINDS.filter((kind) => total[kind] > 0);
    return html`<section class="card" aria-label="Load">
      <div class="body kinds">
        ${kinds.map((kind) => {
          const load = { used: used[kind], offered: offered[kind], total: total[kind] };
          return html`<div class="kind">
            <span
              ><b>${KIND_NAMES[kind]}</b>
              <span class="muted"
                >${amount(kind, load.used)} used, ${amount(kind, load.offered)} offered</span
              ></span
            >
            <span
              ><b>${percent(load.used / load.total)}</b>
              <span class="muted">of the cluster</span></span
            >
            ${meter(load, true)}
          </div>`;
        })}
        <p class="muted small">${count(activeTasks(tasks))} tasks are not over.</p>
      </div>
    </section>`;
  }
}

/** Only addresses that a browser may open from here; a framework chooses its own. */
function isWebAddress(url: string | undefined): url is string {
  return url !== undefined && /^https?:\/\//i.test(url);
}
