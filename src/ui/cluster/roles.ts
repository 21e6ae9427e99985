import { css, html, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import type { ConsoleAmounts, ConsoleRoleRow } from "../../model/mod.ts";
import { ActingElement } from "../parts/acting.ts";
import { FairleadAct } from "../parts/dialog.ts";
import { tell } from "../parts/element.ts";
import { emptyState, fieldStyles, searchField } from "../parts/fields.ts";
import { amount, amounts, count, KIND_NAMES, type Kind, plural, share } from "../parts/format.ts";
import { icon } from "../parts/icons.ts";
import { FairleadMenu } from "../parts/menu.ts";
import { meterStyles, quotaMeter } from "../parts/meter.ts";
import { RowIndex } from "../parts/row_index.ts";
import { shared } from "../parts/styles.ts";
import { type Column, FairleadTable, type SortDetail } from "../parts/table.ts";
import { links } from "../routes.ts";
import { changeQuota, changeWeight } from "./acts.ts";

/** Whether a role has any quota. */
export function hasQuota({ guarantees, limits }: ConsoleRoleRow): boolean {
  return Object.values(guarantees).some((value) => value > 0) || Object.keys(limits).length > 0;
}

/** What a role is due by its weight, among the roles that want something. */
export function fairShare(role: ConsoleRoleRow, all: Iterable<ConsoleRoleRow>): number {
  let weights = 0;
  for (const { weight, frameworks } of all) if (frameworks.length > 0) weights += weight;
  return weights > 0 && role.frameworks.length > 0 ? role.weight / weights : 0;
}

/** Roles: the dominant share of each against what its weight is due, and its quota. */
export class FairleadRoles extends ActingElement {
  static readonly tag: string = "fairlead-roles";
  static readonly parts = [FairleadTable, FairleadAct, FairleadMenu];
  static override properties: PropertyDeclarations = {
    q: { type: String },
    sort: { type: String },
    desc: { type: Boolean },
  };
  static override styles = [
    ...shared,
    fieldStyles,
    meterStyles,
    css`
      :host {
        display: flex;
        flex-direction: column;
        min-height: 0;
      }

      fairlead-table {
        flex: 0 1 auto;
      }

      .tick-key {
        background: var(--text);
        border-radius: 0 !important;
        height: 11px !important;
        width: 2px !important;
      }
    `,
  ];

  declare q: string;
  declare sort: string;
  declare desc: boolean;

  readonly #index = new RowIndex<ConsoleRoleRow>({
    idOf: ({ role }) => role,
    nameOf: ({ role }) => role,
    textOf: ({ role }) => role,
    keys: {
      share: (row) => row.share,
      weight: ({ weight }) => weight,
      cpus: ({ consumed }) => consumed.cpus,
      mem: ({ consumed }) => consumed.mem,
      frameworks: ({ frameworks }) => frameworks.length,
    },
  });
  readonly #columns = this.#allColumns();

  constructor() {
    super();
    this.q = "";
    this.sort = "share";
    this.desc = true;
  }

  protected override render(): TemplateResult {
    const { store } = this.source;
    const rows = this.#index.view(store.roles, store.version, {
      sort: this.sort || "share",
      desc: this.desc,
      text: this.q,
    });
    return html`
      <div class="bar">
        ${searchField({
          value: this.q,
          label: "Filter roles",
          placeholder: "Filter by role…",
          changed: (q) => this.#query({ q }),
        })}
        <div class="legend">
          <span><i class="is-used"></i>has now</span>
          <span><i class="tick-key"></i>is due by weight, or guaranteed</span>
        </div>
        <span class="muted small push" role="status">${plural(rows.length, "role")}</span>
      </div>
      <fairlead-table
        label="Roles"
        opens
        .columns=${this.#columns}
        .rows=${rows}
        .sort=${this.sort}
        .desc=${this.desc}
        .tick=${store.version}
        .busy=${store.summary === undefined}
        @fairlead-sort=${({ detail }: CustomEvent<SortDetail>) =>
          this.#query({ sort: detail.column, desc: detail.desc })}
        @fairlead-open=${({ detail }: CustomEvent<ConsoleRoleRow>) =>
          location.assign(links.role(detail.role))}
      >
        ${
          rows.length === 0
            ? emptyState(
                store.roles.size > 0 ? "No role matches" : "No roles yet",
                "A role appears when a framework subscribes in it, or when it gets a weight or a quota.",
                { slot: "empty" },
              )
            : nothing
        }
      </fairlead-table>
      <fairlead-menu></fairlead-menu>
      ${this.dialog()}
    `;
  }

  #query(change: { q?: string; sort?: string; desc?: boolean }): void {
    Object.assign(this, change);
    const isUsual = this.sort === "share" && this.desc;
    tell(this, "fairlead-query", {
      q: this.q,
      sort: isUsual ? "" : this.sort,
      desc: isUsual ? false : this.desc,
    });
  }

  #openMenu({ currentTarget }: Event, row: ConsoleRoleRow): void {
    const menu = this.renderRoot.querySelector<FairleadMenu>("fairlead-menu");
    if (menu === null || !(currentTarget instanceof HTMLElement)) return;
    const { api } = this.source;
    void menu.open(currentTarget, [
      { label: "Change weight…", choose: () => this.ask(changeWeight(api, row)) },
      { label: "Change quota…", choose: () => this.ask(changeQuota(api, row)) },
    ]);
  }

  #allColumns(): Column<ConsoleRoleRow>[] {
    const quota = (kind: Kind): Column<ConsoleRoleRow> => ({
      id: kind,
      label: `${KIND_NAMES[kind]}, quota`,
      width: "minmax(190px, 1.6fr)",
      sortable: true,
      descFirst: true,
      cell: (row) => quotaCell(kind, row, this.source.store.summary?.total),
    });
    return [
      {
        id: "name",
        label: "Role",
        width: "minmax(130px, 1.4fr)",
        sortable: true,
        cell: ({ role }) =>
          html`<a class="clip strong" href=${links.role(role)} tabindex="-1">${role}</a>`,
      },
      {
        id: "share",
        label: "Dominant share",
        width: "minmax(170px, 1.8fr)",
        sortable: true,
        descFirst: true,
        cell: (row) => shareCell(row, fairShare(row, this.source.store.roles.values())),
      },
      {
        id: "weight",
        label: "Weight",
        width: "64px",
        end: true,
        sortable: true,
        descFirst: true,
        cell: ({ weight }) => String(weight),
      },
      quota("cpus"),
      quota("mem"),
      {
        id: "allocated",
        label: "Allocated",
        width: "minmax(160px, 1.6fr)",
        from: 1_320,
        cell: ({ allocated }) =>
          html`<span class="clip muted" title=${amounts(allocated)}>${amounts(allocated)}</span>`,
      },
      {
        id: "frameworks",
        label: "Frameworks",
        width: "86px",
        end: true,
        sortable: true,
        descFirst: true,
        cell: ({ frameworks }) => count(frameworks.length),
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
          aria-label="Acts on ${row.role}"
          @click=${(event: Event) => this.#openMenu(event, row)}
        >
          ${icon("more")}
        </button>`,
      },
    ];
  }
}

/** A role's share beside what its weight is due. */
export function shareCell(row: ConsoleRoleRow, due: number): TemplateResult {
  const scale = Math.max(row.share, due) > 0.5 ? 1 : 0.5;
  const told = `has ${share(row.share)}, is due ${share(due)} by weight`;
  return html`<span class="metered" title=${told}>
    ${quotaMeter(row.share, { guarantee: due, limit: scale, most: scale })}
    <span class="text"><b>${share(row.share)}</b> of ${share(due)}</span>
  </span>`;
}

function quotaCell(
  kind: Kind,
  { guarantees, limits, consumed }: ConsoleRoleRow,
  total: ConsoleAmounts | undefined,
): TemplateResult {
  const [guarantee, limit, held] = [guarantees[kind], limits[kind], consumed[kind]];
  if (guarantee === 0 && limit === undefined) {
    return html`<span class="muted clip">${amount(kind, held)}, no quota</span>`;
  }
  const most = Math.max(guarantee, held, limit ?? 0) * 1.25 || (total?.[kind] ?? 1);
  const bound = limit === undefined ? "no limit" : amount(kind, limit);
  const told = `has ${amount(kind, held)}; guaranteed ${amount(kind, guarantee)}; limit: ${bound}`;
  return html`<span class="metered" title=${told}>
    ${quotaMeter(held, { guarantee, limit, most })}
    <span class="text"><b>${amount(kind, held)}</b> of ${
      limit === undefined ? `≥ ${amount(kind, guarantee)}` : amount(kind, limit)
    }</span>
  </span>`;
}
