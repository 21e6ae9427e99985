import { css, html, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import type { ConsoleAgentRow, ConsoleAgentState } from "../../model/mod.ts";
import { ActingElement } from "../parts/acting.ts";
import { FairleadAct } from "../parts/dialog.ts";
import { tell } from "../parts/element.ts";
import { chips, emptyState, fieldStyles, searchField } from "../parts/fields.ts";
import { ago, count, dateTime, type Kind, shortId } from "../parts/format.ts";
import { icon } from "../parts/icons.ts";
import { FairleadMenu } from "../parts/menu.ts";
import { metered } from "../parts/meter.ts";
import { RowIndex, type RowIndexOptions } from "../parts/row_index.ts";
import { AGENT_STATES, agentLook, stateOf } from "../parts/states.ts";
import { shared } from "../parts/styles.ts";
import { type Column, FairleadTable, type SortDetail } from "../parts/table.ts";
import { links } from "../routes.ts";
import { agentActs } from "./agent_acts.ts";

const usedPart = (kind: Kind) => (row: ConsoleAgentRow) =>
  row.total[kind] > 0 ? row.used[kind] / row.total[kind] : -1;

const ORDER = new Map(AGENT_STATES.map((state, index) => [state, index]));

/** What agents are found and sorted by. */
export const agentIndexOptions: RowIndexOptions<ConsoleAgentRow> = {
  idOf: ({ id }) => id,
  nameOf: ({ hostname }) => hostname,
  textOf: ({ id, hostname, address, state, region, zone, attributes }) =>
    [
      hostname,
      id,
      address,
      agentLook(state).label,
      region,
      zone,
      ...Object.entries(attributes).map(([name, value]) => `${name}:${value}`),
    ].join(" "),
  keys: {
    state: ({ state }) => ORDER.get(state) ?? 99,
    zone: ({ region = "", zone = "" }) => `${region}/${zone}`,
    cpus: usedPart("cpus"),
    mem: usedPart("mem"),
    disk: usedPart("disk"),
    gpus: usedPart("gpus"),
    tasks: ({ tasks }) => tasks,
    registered: ({ registeredMs }) => registeredMs,
  },
};

/**
 * Every agent with what is used, offered and free on it; sorted, filtered, drained.
 *
 * It tells `fairlead-query` when the operator sorts or filters; the console keeps that in the
 * page's address.
 */
export class FairleadAgents extends ActingElement {
  static readonly tag: string = "fairlead-agents";
  static readonly parts = [FairleadTable, FairleadAct, FairleadMenu];
  static override properties: PropertyDeclarations = {
    q: { type: String },
    state: { type: String },
    sort: { type: String },
    desc: { type: Boolean },
  };
  static override styles = [
    ...shared,
    fieldStyles,
    css`
      :host {
        display: flex;
        flex-direction: column;
        min-height: 0;
      }

      fairlead-table {
        flex: 0 1 auto;
      }
    `,
  ];

  /** Words to find. */
  declare q: string;
  /** Only agents in this state. */
  declare state: string;
  declare sort: string;
  declare desc: boolean;

  readonly #index = new RowIndex(agentIndexOptions);
  #columns: readonly Column<ConsoleAgentRow>[] = [];
  #has = "";

  constructor() {
    super();
    this.q = "";
    this.state = "";
    this.sort = "name";
    this.desc = false;
  }

  protected override render(): TemplateResult {
    const { store } = this.source;
    const { state } = this;
    const rows = this.#index.view(store.agents, store.version, {
      sort: this.sort || "name",
      desc: this.desc,
      text: this.q,
      choice: state,
      ...(state === "" ? {} : { accept: (row: ConsoleAgentRow) => row.state === state }),
    });
    this.#chooseColumns();
    return html`
      <div class="bar">
        ${searchField({
          value: this.q,
          label: "Filter agents",
          placeholder: "Filter by host, id, zone, attribute…",
          changed: (q) => this.#query({ q }),
        })}
        ${this.#states()}
        <span class="muted small push" role="status"
          >${rows.length === store.agents.size ? "" : `${count(rows.length)} of `}${count(
            store.agents.size,
          )}
          agents</span
        >
      </div>
      <fairlead-table
        label="Agents"
        opens
        .columns=${this.#columns}
        .rows=${rows}
        .sort=${this.sort}
        .desc=${this.desc}
        .tick=${Math.floor(this.source.nowMs() / 60_000)}
        .busy=${store.summary === undefined}
        @fairlead-sort=${({ detail }: CustomEvent<SortDetail>) =>
          this.#query({ sort: detail.column, desc: detail.desc })}
        @fairlead-open=${({ detail }: CustomEvent<ConsoleAgentRow>) =>
          location.assign(links.agent(detail.id))}
      >
        ${this.#empty(rows.length)}
      </fairlead-table>
      <fairlead-menu></fairlead-menu>
      ${this.dialog()}
    `;
  }

  #empty(rows: number): TemplateResult | typeof nothing {
    if (rows > 0) return nothing;
    if (this.source.store.agents.size > 0) {
      return emptyState("No agent matches", "Shorten the filter, or choose another state.", {
        slot: "empty",
      });
    }
    return emptyState("No agents yet", "Start one and point it at this master:", {
      slot: "empty",
      code: `npm run -s example:agent -- --master ${location.origin}`,
    });
  }

  #states(): TemplateResult {
    const counts = new Map<ConsoleAgentState, number>();
    for (const { state } of this.source.store.agents.values()) {
      counts.set(state, (counts.get(state) ?? 0) + 1);
    }
    const present = AGENT_STATES.filter((state) => counts.has(state) || state === this.state);
    const options = present.map((state) => {
      return { id: state, text: agentLook(state).label, count: count(counts.get(state) ?? 0) };
    });
    return chips("State", [{ id: "", text: "All" }, ...options], {
      chosen: this.state,
      choose: (state) => this.#query({ state }),
    });
  }

  #openMenu({ currentTarget }: Event, row: ConsoleAgentRow): void {
    const menu = this.renderRoot.querySelector<FairleadMenu>("fairlead-menu");
    if (menu === null || !(currentTarget instanceof HTMLElement)) return;
    const items = agentActs(this.source.api, row).map(({ act, ...item }) => {
      return { ...item, choose: () => this.ask(act()) };
    });
    void menu.open(currentTarget, items);
  }

  #query(change: { q?: string; state?: string; sort?: string; desc?: boolean }): void {
    Object.assign(this, change);
    tell(this, "fairlead-query", {
      q: this.q,
      state: this.state,
      sort: this.sort === "name" && !this.desc ? "" : this.sort,
      desc: this.desc,
    });
  }

  /** Columns that would be empty are left out. */
  #chooseColumns(): void {
    const { agents, summary } = this.source.store;
    const hasZones = someZone(agents.values());
    const hasGpus = (summary?.total.gpus ?? 0) > 0;
    const has = `${hasZones} ${hasGpus}`;
    if (has === this.#has) return;
    this.#has = has;
    this.#columns = this.#allColumns().filter(
      ({ id }) => (id !== "zone" || hasZones) && (id !== "gpus" || hasGpus),
    );
  }

  #allColumns(): Column<ConsoleAgentRow>[] {
    const bar = (id: Kind, label: string, from = 0): Column<ConsoleAgentRow> => ({
      id,
      label,
      width: id === "gpus" ? "minmax(100px, 1fr)" : "minmax(124px, 1.8fr)",
      sortable: true,
      descFirst: true,
      from,
      cell: ({ used, offered, total }) =>
        metered(id, { used: used[id], offered: offered[id], total: total[id] }),
    });
    return [
      {
        id: "name",
        label: "Host",
        width: "minmax(116px, 2.2fr)",
        sortable: true,
        cell: ({ id, hostname }) =>
          html`<a class="clip strong" href=${links.agent(id)} title=${id} tabindex="-1"
            >${hostname}</a
          >`,
      },
      {
        id: "state",
        label: "State",
        width: "112px",
        sortable: true,
        cell: ({ state }) => stateOf(agentLook(state)),
      },
      {
        id: "zone",
        label: "Zone",
        width: "minmax(56px, 0.8fr)",
        sortable: true,
        from: 1_080,
        cell: ({ region, zone }) =>
          html`<span class="clip muted" title="${region ?? ""} / ${zone ?? ""}">${zone ?? "–"}</span>`,
      },
      bar("cpus", "CPUs"),
      bar("mem", "Memory"),
      bar("disk", "Disk", 1_300),
      bar("gpus", "GPUs", 1_040),
      {
        id: "tasks",
        label: "Tasks",
        width: "52px",
        end: true,
        sortable: true,
        descFirst: true,
        cell: ({ tasks }) => count(tasks),
      },
      {
        id: "registered",
        label: "Registered",
        width: "92px",
        end: true,
        sortable: true,
        descFirst: true,
        from: 900,
        cell: ({ registeredMs }) =>
          html`<span class="muted" title=${dateTime(registeredMs)}
            >${ago(this.source.nowMs(), registeredMs)}</span
          >`,
      },
      {
        id: "id",
        label: "Id",
        width: "64px",
        from: 1_480,
        cell: ({ id }) => html`<span class="clip muted" title=${id}>${shortId(id)}</span>`,
      },
      {
        id: "acts",
        label: "Acts",
        width: "28px",
        quiet: true,
        cell: (row) => html`<button
          class="icon-button"
          type="button"
          tabindex="-1"
          data-acts
          aria-label="Acts on ${row.hostname}"
          @click=${(event: Event) => this.#openMenu(event, row)}
        >
          ${icon("more")}
        </button>`,
      },
    ];
  }
}

function someZone(agents: Iterable<ConsoleAgentRow>): boolean {
  for (const { zone } of agents) if (zone !== undefined) return true;
  return false;
}
