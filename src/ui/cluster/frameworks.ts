import { css, html, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import type { ConsoleFrameworkRow, ConsoleFrameworkState } from "../../model/mod.ts";
import { FeedElement, tell } from "../parts/element.ts";
import { chips, emptyState, fieldStyles, searchField } from "../parts/fields.ts";
import { ago, amount, count, dateTime, plural } from "../parts/format.ts";
import { RowIndex } from "../parts/row_index.ts";
import { frameworkLook, stateOf } from "../parts/states.ts";
import { shared } from "../parts/styles.ts";
import { type Column, FairleadTable, type SortDetail } from "../parts/table.ts";
import { links } from "../routes.ts";

const STATES: readonly ConsoleFrameworkState[] = ["active", "inactive", "recovered", "completed"];

/** Tasks by state, as columns: id, head, the states counted, and the width that shows it. */
const TASK_COLUMNS: readonly (readonly [string, string, readonly string[], number])[] = [
  ["running", "Running", ["running", "killing"], 0],
  ["starting", "Starting", ["staging", "starting"], 900],
  ["finished", "Finished", ["finished"], 980],
  ["failed", "Failed", ["failed", "error"], 0],
  ["lost", "Lost", ["lost", "dropped", "unreachable", "gone", "gone_by_operator"], 980],
];

function sumOf({ tasks }: ConsoleFrameworkRow, states: readonly string[]): number {
  return states.reduce((sum, state) => sum + (tasks[state] ?? 0), 0);
}

/** Every framework with its roles, tasks by state, and what it uses. */
export class FairleadFrameworks extends FeedElement {
  static readonly tag: string = "fairlead-frameworks";
  static readonly parts = [FairleadTable];
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

  declare q: string;
  declare state: string;
  declare sort: string;
  declare desc: boolean;

  readonly #index = new RowIndex<ConsoleFrameworkRow>({
    idOf: ({ id }) => id,
    nameOf: ({ name }) => name,
    textOf: ({ id, name, roles, state, principal = "", hostname = "" }) =>
      [name, id, ...roles, frameworkLook(state).label, principal, hostname].join(" "),
    keys: {
      state: ({ state }) => STATES.indexOf(state),
      ...Object.fromEntries(
        TASK_COLUMNS.map(([id, , states]) => [
          id,
          (row: ConsoleFrameworkRow) => sumOf(row, states),
        ]),
      ),
      cpus: ({ used }) => used.cpus,
      mem: ({ used }) => used.mem,
      registered: ({ registeredMs, reregisteredMs }) => reregisteredMs ?? registeredMs,
    },
  });
  readonly #columns = this.#allColumns();

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
    const rows = this.#index.view(store.frameworks, store.version, {
      sort: this.sort || "name",
      desc: this.desc,
      text: this.q,
      choice: state,
      ...(state === "" ? {} : { accept: (row: ConsoleFrameworkRow) => row.state === state }),
    });
    return html`
      <div class="bar">
        ${searchField({
          value: this.q,
          label: "Filter frameworks",
          placeholder: "Filter by name, id, role…",
          changed: (q) => this.#query({ q }),
        })}
        ${this.#states()}
        <span class="muted small push" role="status">${plural(rows.length, "framework")}</span>
      </div>
      <fairlead-table
        label="Frameworks"
        opens
        .columns=${this.#columns}
        .rows=${rows}
        .sort=${this.sort}
        .desc=${this.desc}
        .tick=${Math.floor(this.source.nowMs() / 60_000)}
        .busy=${store.summary === undefined}
        @fairlead-sort=${({ detail }: CustomEvent<SortDetail>) =>
          this.#query({ sort: detail.column, desc: detail.desc })}
        @fairlead-open=${({ detail }: CustomEvent<ConsoleFrameworkRow>) =>
          location.assign(links.framework(detail.id))}
      >
        ${rows.length === 0 ? this.#empty() : nothing}
      </fairlead-table>
    `;
  }

  #empty(): TemplateResult {
    if (this.source.store.frameworks.size > 0) {
      return emptyState("No framework matches", "Shorten the filter, or choose another state.", {
        slot: "empty",
      });
    }
    return emptyState(
      "No frameworks yet",
      "Any Mesos v1 framework may subscribe. One to begin with:",
      {
        slot: "empty",
        code: `npm run -s example:batch -- --master ${location.origin} --jobs FILE`,
      },
    );
  }

  #states(): TemplateResult {
    const counts = new Map<ConsoleFrameworkState, number>();
    for (const { state } of this.source.store.frameworks.values()) {
      counts.set(state, (counts.get(state) ?? 0) + 1);
    }
    const present = STATES.filter((state) => counts.has(state) || state === this.state);
    const options = present.map((state) => {
      return { id: state, text: frameworkLook(state).label, count: count(counts.get(state) ?? 0) };
    });
    return chips("State", [{ id: "", text: "All" }, ...options], {
      chosen: this.state,
      choose: (state) => this.#query({ state }),
    });
  }

  #query(change: { q?: string; state?: string; sort?: string; desc?: boolean }): void {
    Object.assign(this, change);
    const { q, state, sort, desc } = this;
    tell(this, "fairlead-query", { q, state, sort: sort === "name" && !desc ? "" : sort, desc });
  }

  #allColumns(): Column<ConsoleFrameworkRow>[] {
    return [
      {
        id: "name",
        label: "Framework",
        width: "minmax(130px, 1.4fr)",
        sortable: true,
        cell: ({ id, name }) =>
          html`<a class="clip strong" href=${links.framework(id)} title=${id} tabindex="-1"
            >${name}</a
          >`,
      },
      {
        id: "state",
        label: "State",
        width: "118px",
        sortable: true,
        cell: ({ state }) => stateOf(frameworkLook(state)),
      },
      {
        id: "roles",
        label: "Roles",
        width: "minmax(90px, 1fr)",
        cell: ({ roles }) =>
          html`<span class="clip muted" title=${roles.join(", ")}>${roles.join(", ")}</span>`,
      },
      ...TASK_COLUMNS.map(([id, label, states, from]) => tasksColumn({ id, label, states, from })),
      {
        id: "cpus",
        label: "CPUs",
        width: "70px",
        end: true,
        sortable: true,
        descFirst: true,
        cell: ({ used }) => amount("cpus", used.cpus),
      },
      {
        id: "mem",
        label: "Memory",
        width: "76px",
        end: true,
        sortable: true,
        descFirst: true,
        cell: ({ used }) => amount("mem", used.mem),
      },
      {
        id: "registered",
        label: "Connected",
        width: "92px",
        end: true,
        sortable: true,
        descFirst: true,
        from: 900,
        cell: ({ registeredMs, reregisteredMs = registeredMs }) =>
          html`<span class="muted" title=${dateTime(reregisteredMs)}
            >${ago(this.source.nowMs(), reregisteredMs)}</span
          >`,
      },
    ];
  }
}

function tasksColumn(options: {
  readonly id: string;
  readonly label: string;
  readonly states: readonly string[];
  readonly from: number;
}): Column<ConsoleFrameworkRow> {
  const { id, label, states, from } = options;
  const isBad = id === "failed" || id === "lost";
  return {
    id,
    label,
    width: "74px",
    end: true,
    sortable: true,
    descFirst: true,
    from,
    cell: (row) => {
      const number = sumOf(row, states);
      if (number === 0) return html`<span class="muted">–</span>`;
      return isBad ? html`<span class="bad">${count(number)}</span>` : count(number);
    },
  };
}
