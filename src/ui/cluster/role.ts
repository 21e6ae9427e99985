import { css, html, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import type { ConsoleRoleMember, ConsoleRoleRow } from "../../model/mod.ts";
import { ActingElement } from "../parts/acting.ts";
import { FairleadAct } from "../parts/dialog.ts";
import { emptyState } from "../parts/fields.ts";
import { amount, amounts, KIND_NAMES, KINDS, share } from "../parts/format.ts";
import { meterStyles, quotaMeter } from "../parts/meter.ts";
import { shared } from "../parts/styles.ts";
import { links } from "../routes.ts";
import { changeQuota, changeWeight } from "./acts.ts";
import { fairShare, hasQuota } from "./roles.ts";

/** One role: share, weight, quota by kind, and the frameworks in it. */
export class FairleadRole extends ActingElement {
  static readonly tag: string = "fairlead-role";
  static readonly parts = [FairleadAct];
  static override properties: PropertyDeclarations = { name: { type: String } };
  static override styles = [
    ...shared,
    meterStyles,
    css`
      :host {
        display: grid;
        gap: 16px;
        grid-template-columns: minmax(0, 1fr) minmax(0, 1fr);
      }

      .wide {
        grid-column: 1 / -1;
      }

      @media (max-width: 1000px) {
        :host {
          grid-template-columns: 1fr;
        }
      }

      .big {
        font-size: 28px;
        font-weight: 600;
        letter-spacing: -0.03em;
        line-height: 34px;
      }

      .meter {
        height: 10px;
        margin: 8px 0;
      }

      .note {
        margin: 8px 0 12px;
      }

      td .meter {
        margin: 5px 0 0;
        min-width: 120px;
      }

      td {
        vertical-align: middle;
      }

      .tick-key {
        border-radius: 0 !important;
        background: var(--text);
        height: 11px !important;
        width: 2px !important;
      }
    `,
  ];

  /** Its name. */
  declare name: string;

  constructor() {
    super();
    this.name = "";
  }

  protected override render(): TemplateResult {
    const { store, api } = this.source;
    const row = store.roles.get(this.name);
    if (row === undefined) {
      return html`<div class="card wide">
        ${
          store.summary === undefined
            ? emptyState("Asking the master…", this.name)
            : emptyState(
                "Nobody is in this role",
                html`It has no framework, weight or quota. <a href=${links.roles()}>All roles</a>`,
              )
        }
      </div>`;
    }
    return html`
      <div class="row spread wide">
        <span class="muted"
          >Tasks of this role: <a href=${links.tasks({ role: row.role })}>show them</a></span
        >
        <div class="row">
          <button
            class="button"
            type="button"
            @click=${() => this.ask(changeWeight(api, row))}
          >
            Change weight…
          </button>
          <button class="button" type="button" @click=${() => this.ask(changeQuota(api, row))}>
            Change quota…
          </button>
        </div>
      </div>
      ${this.#share(row)} ${this.#quota(row)} ${this.#members(row)} ${this.dialog()}
    `;
  }

  #share(row: ConsoleRoleRow): TemplateResult {
    const due = fairShare(row, this.source.store.roles.values());
    const scale = Math.max(row.share, due) > 0.5 ? 1 : 0.5;
    return html`<section class="card" aria-labelledby="share">
      <header><h2 id="share">Dominant share</h2></header>
      <div class="body">
        <div class="big">${share(row.share)}</div>
        ${quotaMeter(row.share, { guarantee: due, limit: scale, most: scale })}
        <div class="legend">
          <span><i class="is-used"></i>has now</span>
          <span><i class="tick-key"></i>due by weight ${row.weight}: ${share(due)}</span>
        </div>
        <p class="muted small note">
          The largest part that it has of any kind. The bar ends at ${share(scale)} of the cluster.
        </p>
        <dl class="facts">
          <dt>Allocated</dt>
          <dd>${amounts(row.allocated)}</dd>
        </dl>
      </div>
    </section>`;
  }

  #quota(row: ConsoleRoleRow): TemplateResult {
    const kinds = KINDS.filter(
      (kind) =>
        row.guarantees[kind] > 0 || row.limits[kind] !== undefined || row.consumed[kind] > 0,
    );
    return html`<section class="card" aria-labelledby="quota">
      <header><h2 id="quota">Quota</h2></header>
      <div class="body">
        ${
          hasQuota(row)
            ? nothing
            : html`<p class="muted">No guarantee and no limit: it has what its share gives.</p>`
        }
        <table>
          <tr>
            <th>Kind</th>
            <th>Held</th>
            <th class="end">Guarantee</th>
            <th class="end">Limit</th>
          </tr>
          ${kinds.map((kind) => {
            const [held, guarantee, limit] = [
              row.consumed[kind],
              row.guarantees[kind],
              row.limits[kind],
            ];
            const most = Math.max(held, guarantee, limit ?? 0) * 1.25;
            return html`<tr>
              <td>${KIND_NAMES[kind]}</td>
              <td>
                ${amount(kind, held)} ${quotaMeter(held, { guarantee, limit, most })}
              </td>
              <td class="end">${guarantee > 0 ? amount(kind, guarantee) : "–"}</td>
              <td class="end">${limit === undefined ? "–" : amount(kind, limit)}</td>
            </tr>`;
          })}
        </table>
      </div>
    </section>`;
  }

  #members({ frameworks }: ConsoleRoleRow): TemplateResult {
    const nameOf = (id: string) => this.source.store.frameworks.get(id)?.name ?? id;
    const sorted = [...frameworks].sort((a, b) => b.share - a.share);
    const line = (member: ConsoleRoleMember) => html`<tr>
      <td><a href=${links.framework(member.id)}>${nameOf(member.id)}</a></td>
      <td>${share(member.share)}</td>
      <td>${amounts(member.allocated)}</td>
    </tr>`;
    return html`<section class="card wide" aria-labelledby="members">
      <header><h2 id="members">Frameworks in this role</h2></header>
      <div class="body">
        ${
          sorted.length === 0
            ? html`<p class="muted">None: it is known by its weight or quota.</p>`
            : html`<table>
                <tr><th>Framework</th><th>Dominant share</th><th>Allocated</th></tr>
                ${sorted.map(line)}
              </table>`
        }
      </div>
    </section>`;
  }
}
