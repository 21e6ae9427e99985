import { css, html, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import type { ConsoleAgent, ConsoleAgentRow } from "../../model/mod.ts";
import { ActingElement } from "../parts/acting.ts";
import { FairleadAct } from "../parts/dialog.ts";
import { emptyState, problem } from "../parts/fields.ts";
import {
  ago,
  amount,
  amounts,
  dateTime,
  KIND_NAMES,
  KINDS,
  percent,
  span,
} from "../parts/format.ts";
import { Loaded } from "../parts/loaded.ts";
import { meter, meterStyles } from "../parts/meter.ts";
import { agentLook, stateOf } from "../parts/states.ts";
import { shared } from "../parts/styles.ts";
import { FairleadTabs } from "../parts/tabs.ts";
import { links } from "../routes.ts";
import { agentActs } from "./agent_acts.ts";
import { FairleadOffers } from "./offers.ts";
import { FairleadSandboxes } from "./sandboxes.ts";
import { FairleadTasks } from "./tasks.ts";

/** A list within the page keeps its filters to itself. */
const keep = (event: Event) => event.stopPropagation();

const TABS = [
  ["tasks", "Tasks"],
  ["resources", "Resources"],
  ["offers", "Offers"],
  ["files", "Sandboxes"],
] as const;

/** One agent: its state, what is used on it, its tasks, reservations, offers and files. */
export class FairleadAgent extends ActingElement {
  static readonly tag: string = "fairlead-agent";
  static readonly parts = [
    FairleadAct,
    FairleadTabs,
    FairleadTasks,
    FairleadOffers,
    FairleadSandboxes,
  ];
  static override properties: PropertyDeclarations = {
    agent: { type: String },
    tab: { type: String },
    framework: { type: String },
    task: { type: String },
    path: { type: String },
    file: { type: String },
  };
  static override styles = [
    ...shared,
    meterStyles,
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
        grid-template-columns: minmax(0, 5fr) minmax(0, 7fr);
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

      .body {
        position: relative;
      }
    `,
  ];

  /** Its id. */
  declare agent: string;
  /** `tasks`, `resources`, `offers` or `files`. */
  declare tab: string;
  /** Of the tab `files`: whose sandbox, which folder and file of it. */
  declare framework: string;
  declare task: string;
  declare path: string;
  declare file: string;

  readonly #detail = new Loaded<ConsoleAgent>(this, {
    key: () => (this.agent === "" ? undefined : this.agent),
    load: (signal) => this.source.api.agent(this.agent, { signal }),
    nowMs: () => this.source.clock.nowMs(),
  });

  constructor() {
    super();
    this.agent = "";
    this.tab = "tasks";
    this.framework = "";
    this.task = "";
    this.path = "";
    this.file = "";
  }

  protected override feedChanged(): void {
    this.#detail.refresh();
    super.feedChanged();
  }

  protected override acted(): void {
    this.#detail.reload();
  }

  protected override render(): TemplateResult {
    const { store, api } = this.source;
    const detail = this.#detail.value;
    const row = store.agents.get(this.agent) ?? detail;
    if (row === undefined) return this.#absent();
    return html`
      ${this.#detail.error === undefined ? nothing : problem(this.#detail.error, this.#detail.reload)}
      <div class="row spread">
        <div class="row">
          ${stateOf(agentLook(row.state))}
          <span class="muted">${row.address}</span>
          ${row.unavailable === undefined ? nothing : maintenanceOf(row, this.source.nowMs())}
        </div>
        <div class="row">
          ${agentActs(api, row).map(
            ({ label, danger, act }) =>
              html`<button
                class="button ${danger ? "danger" : ""}"
                type="button"
                @click=${() => this.ask(act())}
              >
                ${label}
              </button>`,
          )}
        </div>
      </div>
      <div class="top">${factsCard(row, detail)} ${loadCard(row)}</div>
      <fairlead-tabs .tabs=${TABS} .chosen=${this.tab} label="Of this agent"></fairlead-tabs>
      ${this.#page(row, detail)} ${this.dialog()}
    `;
  }

  #absent(): TemplateResult {
    const { error } = this.#detail;
    if (error === undefined) {
      return html`<div class="card">${emptyState("Asking the master…", this.agent)}</div>`;
    }
    return html`${problem(error, this.#detail.reload)}
      <div class="card">
        ${emptyState(
          "No such agent",
          html`It may have been removed. <a href=${links.agents()}>All agents</a>`,
        )}
      </div>`;
  }

  #page(row: ConsoleAgentRow, detail: ConsoleAgent | undefined): TemplateResult {
    switch (this.tab) {
      case "resources":
        return resourcesPage(row, detail);
      case "offers":
        return html`<fairlead-offers
          .feed=${this.source}
          agent=${row.id}
          rows-max="12"
        ></fairlead-offers>`;
      case "files":
        return html`<fairlead-sandboxes
          .feed=${this.source}
          agent=${row.id}
          framework=${this.framework}
          task=${this.task}
          path=${this.path}
          file=${this.file}
        ></fairlead-sandboxes>`;
      default:
        return html`<fairlead-tasks
          @fairlead-query=${keep} .feed=${this.source}
          agent=${row.id}
          rows-max="14"
        ></fairlead-tasks>`;
    }
  }
}

function maintenanceOf({ unavailable }: ConsoleAgentRow, nowMs: number): TemplateResult {
  const { startMs, durationMs } = unavailable!;
  const length = durationMs === undefined ? "without end" : `for ${span(durationMs)}`;
  return html`<a class="tag" href=${links.maintenance()} title=${dateTime(startMs)}
    >Maintenance ${ago(nowMs, startMs)}, ${length}</a
  >`;
}

function factsCard(row: ConsoleAgentRow, detail: ConsoleAgent | undefined): TemplateResult {
  const domain = [row.region, row.zone].filter((part) => part !== undefined).join(" / ");
  const attributes = Object.entries(row.attributes);
  return html`<section class="card" aria-label="Facts">
    <div class="body">
      <dl class="facts">
        <dt>Id</dt>
        <dd class="mono">${row.id}</dd>
        <dt>Registered</dt>
        <dd>${dateTime(row.registeredMs)}</dd>
        ${domain === "" ? nothing : html`<dt>Region / zone</dt><dd>${domain}</dd>`}
        <dt>Version</dt>
        <dd>${detail?.version ?? "…"}</dd>
        <dt>Attributes</dt>
        <dd class="tags">
          ${
            attributes.length === 0
              ? html`<span class="muted">none</span>`
              : attributes.map(([name, value]) => html`<span class="tag">${name}: ${value}</span>`)
          }
        </dd>
      </dl>
    </div>
  </section>`;
}

function loadCard({ used, offered, reserved, total }: ConsoleAgentRow): TemplateResult {
  const kinds = KINDS.filter((kind) => total[kind] > 0);
  return html`<section class="card" aria-label="Load">
    <div class="body kinds">
      ${kinds.map((kind) => {
        const load = { used: used[kind], offered: offered[kind], total: total[kind] };
        const held = reserved[kind];
        return html`<div class="kind">
          <span
            ><b>${KIND_NAMES[kind]}</b>
            <span class="muted"
              >${amount(kind, load.used)} used, ${amount(kind, load.offered)}
              offered${held > 0 ? `, ${amount(kind, held)} reserved` : ""}</span
            ></span
          >
          <span
            ><b>${percent(load.used / load.total)}</b>
            <span class="muted">of ${amount(kind, load.total)}</span></span
          >
          ${meter(load, true)}
        </div>`;
      })}
    </div>
  </section>`;
}

function resourcesPage(row: ConsoleAgentRow, detail: ConsoleAgent | undefined): TemplateResult {
  if (detail === undefined)
    return html`<div class="card">${emptyState("Asking the master…", "")}</div>`;
  const { reservations, executors, resources, capabilities } = detail;
  return html`<div class="top">
    <section class="card" aria-labelledby="reservations">
      <header><h2 id="reservations">Reservations</h2></header>
      <div class="body">
        ${
          reservations.length === 0
            ? html`<p class="muted">
                Nothing is reserved: every role may be offered what is free here.
              </p>`
            : html`<table>
                <tr><th>Role</th><th>Reserved</th></tr>
                ${reservations.map(
                  ({ role, amounts: held }) =>
                    html`<tr>
                      <td><a href=${links.role(role)}>${role}</a></td>
                      <td>${amounts(held)}</td>
                    </tr>`,
                )}
              </table>`
        }
      </div>
    </section>
    <section class="card" aria-labelledby="resources">
      <header><h2 id="resources">Everything on ${row.hostname}</h2></header>
      <div class="body stack">
        <pre class="wrap">${resources.replaceAll(";", ";\n")}</pre>
        <dl class="facts">
          <dt>Executors</dt>
          <dd>${executors.length === 0 ? "none" : executors.map(({ id }) => id).join(", ")}</dd>
          <dt>Capabilities</dt>
          <dd class="tags">${capabilities.map((name) => html`<span class="tag">${name}</span>`)}</dd>
        </dl>
      </div>
    </section>
  </div>`;
}
