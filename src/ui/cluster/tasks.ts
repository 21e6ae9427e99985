import { css, html, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import type { ConsoleTaskRow, ConsoleTaskSort } from "../../model/mod.ts";
import { PagedRows } from "../feed/paged.ts";
import { FeedElement, tell } from "../parts/element.ts";
import { emptyState, fieldStyles, problem, searchField } from "../parts/fields.ts";
import { ago, amount, dateTime, lapse, plural } from "../parts/format.ts";
import { icon } from "../parts/icons.ts";
import { stateOf, TASK_STATES, taskLook } from "../parts/states.ts";
import { shared } from "../parts/styles.ts";
import { type Column, FairleadTable, type SortDetail } from "../parts/table.ts";
import { links } from "../routes.ts";

const SORTS: readonly string[] = ["name", "state", "started", "agent"] satisfies ConsoleTaskSort[];
/** How often a living list is asked for anew. */
const REFRESH_MS = 2_000;

/** What a list of tasks may be narrowed to. */
interface TaskFilter {
  readonly q: string;
  readonly state: string;
  readonly framework: string;
  readonly agent: string;
  readonly role: string;
  readonly sort: string;
  readonly desc: boolean;
}

/**
 * Tasks, a page at a time from the master: by state, framework, agent, role and text.
 *
 * With `agent` or `framework` set from outside it is the list of that one, and says so by leaving
 * out what would be the same in every row.
 */
export class FairleadTasks extends FeedElement {
  static readonly tag: string = "fairlead-tasks";
  static readonly parts = [FairleadTable];
  static override properties: PropertyDeclarations = {
    q: { type: String },
    state: { type: String },
    framework: { type: String },
    agent: { type: String },
    role: { type: String },
    sort: { type: String },
    desc: { type: Boolean },
    narrows: { type: Boolean },
    rowsMax: { type: Number, attribute: "rows-max" },
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

      select.field {
        max-width: 210px;
      }

      .notice {
        margin-bottom: 12px;
      }
    `,
  ];

  declare q: string;
  /** `active`, `completed` or a state of Mesos; empty is all. */
  declare state: string;
  declare framework: string;
  declare agent: string;
  declare role: string;
  declare sort: string;
  declare desc: boolean;
  /** Whether the operator may choose framework and agent here. */
  declare narrows: boolean;
  /** Grow with the rows up to so many; 0 fills the space. */
  declare rowsMax: number;

  readonly #rows = new PagedRows<ConsoleTaskRow>(
    async (page, signal) => {
      const { q, state, framework, agent, role, desc } = this;
      const sort = sortOf(this.sort);
      const query = { q, state, framework, agent, role, sort, desc, ...page };
      const { total, tasks } = await this.source.api.tasks(query, { signal });
      return { total, rows: tasks };
    },
    () => this.requestUpdate(),
  );
  #asked = "";
  #refreshedMs = 0;
  #columns: readonly Column<ConsoleTaskRow>[] = [];

  constructor() {
    super();
    this.q = "";
    this.state = "";
    this.framework = "";
    this.agent = "";
    this.role = "";
    this.sort = "";
    this.desc = false;
    this.narrows = false;
    this.rowsMax = 0;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#rows.close();
    this.#asked = "";
  }

  protected override feedChanged(): void {
    const nowMs = this.source.clock.nowMs();
    if (nowMs - this.#refreshedMs >= REFRESH_MS && !this.ownerDocument.hidden) {
      this.#refreshedMs = nowMs;
      this.#rows.refresh();
    }
    super.feedChanged();
  }

  protected override willUpdate(changed: Map<PropertyKey, unknown>): void {
    super.willUpdate(changed);
    const { q, state, framework, agent, role, sort, desc } = this;
    const asked = JSON.stringify([q, state, framework, agent, role, sort, desc]);
    if (asked === this.#asked) return;
    const isFirst = this.#asked === "";
    this.#asked = asked;
    this.#columns = this.#chooseColumns();
    this.#refreshedMs = this.source.clock.nowMs();
    this.#rows.reset();
    if (!isFirst) this.renderRoot.querySelector<FairleadTable>("fairlead-table")?.toTop();
  }

  protected override render(): TemplateResult {
    const rows = this.#rows;
    return html`
      <div class="bar">
        ${searchField({
          value: this.q,
          label: "Filter tasks",
          placeholder: "Filter by name or id…",
          changed: (q) => this.#query({ q }),
        })}
        ${this.#choices()} ${this.#narrowed()}
        <span class="muted small push" role="status"
          >${rows.total === undefined ? "" : plural(rows.total, "task")}</span
        >
      </div>
      ${rows.error === undefined ? nothing : problem(rows.error, () => rows.refresh())}
      <fairlead-table
        label="Tasks"
        opens
        .columns=${this.#columns}
        .rows=${rows}
        .sort=${this.sort}
        .desc=${this.desc}
        .rowsMax=${this.rowsMax}
        .busy=${rows.total === undefined}
        .tick=${rows.version + Math.floor(this.source.nowMs() / 10_000)}
        @fairlead-sort=${({ detail }: CustomEvent<SortDetail>) =>
          this.#query({ sort: detail.column, desc: detail.desc })}
        @fairlead-open=${({ detail }: CustomEvent<ConsoleTaskRow>) =>
          location.assign(links.task(detail.frameworkId, detail.id))}
      >
        ${rows.total === 0 ? this.#empty() : nothing}
      </fairlead-table>
    `;
  }

  #empty(): TemplateResult {
    const isNarrowed = this.q !== "" || this.state !== "" || this.role !== "";
    if (isNarrowed) {
      return emptyState("No task matches", "Shorten the filter, or choose another state.", {
        slot: "empty",
      });
    }
    return emptyState("No tasks yet", "A framework launches them from its offers. Start one:", {
      slot: "empty",
      code: `npm run -s example:batch -- --master ${location.origin} --jobs FILE`,
    });
  }

  #choices(): TemplateResult {
    const states = [
      ["", "All states"],
      ["active", "Active"],
      ["completed", "Completed"],
      ...TASK_STATES.map((state) => [state, taskLook(state).label] as const),
    ] as const;
    const frameworks = [...this.source.store.frameworks.values()]
      .map(({ id, name }) => [id, name] as const)
      .sort(([, a], [, b]) => (a < b ? -1 : 1));
    return html`
      ${choice("State", states, this.state, (state) => this.#query({ state }))}
      ${
        this.narrows
          ? choice(
              "Framework",
              [["", "All frameworks"], ...frameworks],
              this.framework,
              (framework) => this.#query({ framework }),
            )
          : nothing
      }
    `;
  }

  /** Narrowed to an agent or a role by a link: said, and undone by a click. */
  #narrowed(): TemplateResult | typeof nothing {
    if (!this.narrows) return nothing;
    const { agents } = this.source.store;
    const told = [
      ["agent", "Agent", agents.get(this.agent)?.hostname ?? this.agent],
      ["role", "Role", this.role],
    ] as const;
    return html`${told
      .filter(([, , value]) => value !== "")
      .map(
        ([name, word, value]) =>
          html`<button
            class="chip"
            type="button"
            aria-pressed="true"
            aria-label="${word} ${value}: show all"
            @click=${() => this.#query({ [name]: "" })}
          >
            ${word}: ${value} ${icon("close")}
          </button>`,
      )}`;
  }

  #query(change: Partial<TaskFilter>): void {
    Object.assign(this, change);
    const { q, state, sort, desc, narrows, framework, agent, role } = this;
    const given = narrows ? { framework, agent, role } : {};
    tell(this, "fairlead-query", { q, state, sort, desc, ...given });
  }

  #chooseColumns(): Column<ConsoleTaskRow>[] {
    const left = new Set<string>();
    if (!this.narrows && this.agent !== "") left.add("agent");
    if (!this.narrows && this.framework !== "") left.add("framework");
    return this.#allColumns().filter(({ id }) => !left.has(id));
  }

  #allColumns(): Column<ConsoleTaskRow>[] {
    const nowMs = () => this.source.nowMs();
    const nameOf = (id: string) => this.source.store.frameworks.get(id)?.name ?? id;
    return [
      {
        id: "name",
        label: "Task",
        width: "minmax(170px, 2.2fr)",
        sortable: true,
        cell: ({ id, name, frameworkId }) =>
          html`<a
            class="clip strong"
            href=${links.task(frameworkId, id)}
            title=${id}
            tabindex="-1"
            >${name}</a
          >`,
      },
      { id: "state", label: "State", width: "118px", sortable: true, cell: stateCell },
      {
        id: "framework",
        label: "Framework",
        width: "minmax(110px, 1.2fr)",
        from: 820,
        cell: ({ frameworkId }) =>
          html`<a class="clip" href=${links.framework(frameworkId)} tabindex="-1"
            >${nameOf(frameworkId)}</a
          >`,
      },
      {
        id: "agent",
        label: "Agent",
        width: "minmax(120px, 1.4fr)",
        sortable: true,
        cell: ({ agentId, hostname }) =>
          html`<a class="clip" href=${links.agent(agentId)} tabindex="-1">${hostname}</a>`,
      },
      {
        id: "role",
        label: "Role",
        width: "minmax(80px, 1fr)",
        from: 1_000,
        cell: ({ role }) => html`<span class="clip muted">${role}</span>`,
      },
      {
        id: "cpus",
        label: "CPUs",
        width: "56px",
        end: true,
        from: 900,
        cell: ({ resources }) => amount("cpus", resources.cpus),
      },
      {
        id: "mem",
        label: "Memory",
        width: "72px",
        end: true,
        from: 900,
        cell: ({ resources }) => amount("mem", resources.mem),
      },
      {
        id: "started",
        label: "Started",
        width: "92px",
        end: true,
        sortable: true,
        descFirst: true,
        cell: ({ startedMs }) =>
          startedMs === undefined
            ? html`<span class="muted">–</span>`
            : html`<span class="muted" title=${dateTime(startedMs)}
                >${ago(nowMs(), startedMs)}</span
              >`,
      },
      {
        id: "ran",
        label: "Ran for",
        width: "86px",
        end: true,
        from: 1_120,
        cell: ({ startedMs, finishedMs }) =>
          html`<span class="muted"
            >${startedMs === undefined ? "–" : lapse((finishedMs ?? nowMs()) - startedMs)}</span
          >`,
      },
    ];
  }
}

function stateCell({ state, healthy, message, reason }: ConsoleTaskRow): TemplateResult {
  const told = [reason, message].filter((part) => part !== undefined).join(": ");
  const look = taskLook(state);
  const isIll = state === "TASK_RUNNING" && healthy === false;
  const shown = isIll
    ? ({ ...look, label: "Unhealthy", tone: "bad", icon: "alert" } as const)
    : look;
  return html`<span title=${told}>${stateOf(shown)}</span>`;
}

function sortOf(sort: string): ConsoleTaskSort | undefined {
  return SORTS.includes(sort) ? (sort as ConsoleTaskSort) : undefined;
}

function choice(
  label: string,
  options: readonly (readonly [string, string])[],
  chosen: string,
  choose: (value: string) => void,
): TemplateResult {
  const read = (event: Event) => {
    if (event.target instanceof HTMLSelectElement) choose(event.target.value);
  };
  return html`<select class="field" aria-label=${label} @change=${read}>
    ${options.map(
      ([value, word]) =>
        html`<option value=${value} ?selected=${value === chosen}>${word}</option>`,
    )}
  </select>`;
}
