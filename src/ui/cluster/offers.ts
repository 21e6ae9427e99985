import { css, html, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import type { ConsoleOffer } from "../../model/mod.ts";
import { PagedRows } from "../feed/paged.ts";
import { FeedElement } from "../parts/element.ts";
import { emptyState, fieldStyles, problem } from "../parts/fields.ts";
import { amounts, dateTime, plural, shortId, span } from "../parts/format.ts";
import { shared } from "../parts/styles.ts";
import { type Column, FairleadTable } from "../parts/table.ts";
import { links } from "../routes.ts";

const REFRESH_MS = 2_000;

/** The offers that frameworks hold and have not answered, of all or of one agent or framework. */
export class FairleadOffers extends FeedElement {
  static readonly tag: string = "fairlead-offers";
  static readonly parts = [FairleadTable];
  static override properties: PropertyDeclarations = {
    framework: { type: String },
    agent: { type: String },
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
    `,
  ];

  declare framework: string;
  declare agent: string;
  declare rowsMax: number;

  readonly #rows = new PagedRows<ConsoleOffer>(
    async (page, signal) => {
      const { framework, agent } = this;
      const { total, offers } = await this.source.api.offers(
        { framework, agent, ...page },
        { signal },
      );
      return { total, rows: offers };
    },
    () => this.requestUpdate(),
  );
  #asked = "";
  #refreshedMs = 0;
  #columns: readonly Column<ConsoleOffer>[] = [];

  constructor() {
    super();
    this.framework = "";
    this.agent = "";
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
    const asked = JSON.stringify([this.framework, this.agent]);
    if (asked === this.#asked) return;
    this.#asked = asked;
    this.#columns = this.#chooseColumns();
    this.#refreshedMs = this.source.clock.nowMs();
    this.#rows.reset();
  }

  protected override render(): TemplateResult {
    const rows = this.#rows;
    return html`
      <div class="bar">
        <span class="muted">Held by a framework until it accepts, declines, or time is up.</span>
        <span class="muted small push" role="status"
          >${rows.total === undefined ? "" : plural(rows.total, "offer")}</span
        >
      </div>
      ${rows.error === undefined ? nothing : problem(rows.error, () => rows.refresh())}
      <fairlead-table
        label="Offers"
        .columns=${this.#columns}
        .rows=${rows}
        .rowsMax=${this.rowsMax}
        .busy=${rows.total === undefined}
        .tick=${rows.version + Math.floor(this.source.nowMs() / 1_000)}
      >
        ${
          rows.total === 0
            ? emptyState(
                "No offer is outstanding",
                "Frameworks answered all of them, or none wants more. Ask a framework's page why.",
                { slot: "empty" },
              )
            : nothing
        }
      </fairlead-table>
    `;
  }

  #chooseColumns(): Column<ConsoleOffer>[] {
    const columns: Column<ConsoleOffer>[] = [
      {
        id: "id",
        label: "Offer",
        width: "90px",
        cell: ({ id }) => html`<span class="clip muted" title=${id}>${shortId(id)}</span>`,
      },
      {
        id: "framework",
        label: "Framework",
        width: "minmax(120px, 1.4fr)",
        cell: ({ frameworkId }) =>
          html`<a class="clip strong" href=${links.framework(frameworkId)} tabindex="-1"
            >${this.source.store.frameworks.get(frameworkId)?.name ?? frameworkId}</a
          >`,
      },
      {
        id: "role",
        label: "Role",
        width: "minmax(80px, 1fr)",
        cell: ({ role }) => html`<span class="clip muted">${role}</span>`,
      },
      {
        id: "agent",
        label: "Agent",
        width: "minmax(130px, 1.4fr)",
        cell: ({ agentId, hostname }) =>
          html`<a class="clip" href=${links.agent(agentId)} tabindex="-1">${hostname}</a>`,
      },
      {
        id: "amounts",
        label: "Offered",
        width: "minmax(200px, 2.4fr)",
        cell: (offer) => html`<span class="clip">${amounts(offer.amounts)}</span>`,
      },
      {
        id: "ports",
        label: "Ports",
        width: "minmax(100px, 1fr)",
        from: 1_000,
        cell: ({ ports }) => html`<span class="clip muted" title=${ports}>${ports || "–"}</span>`,
      },
      {
        id: "since",
        label: "Held for",
        width: "76px",
        end: true,
        cell: ({ sinceMs }) =>
          html`<span class="muted" title=${dateTime(sinceMs)}
            >${span(this.source.nowMs() - sinceMs)}</span
          >`,
      },
    ];
    const left = new Set<string>();
    if (this.agent !== "") left.add("agent");
    if (this.framework !== "") left.add("framework");
    return columns.filter(({ id }) => !left.has(id));
  }
}
