/** What a migration's page shows, a card each. */
import { html, nothing, type TemplateResult } from "lit";
import { count, dateTime, lapse, percent, plural } from "../parts/format.ts";
import { icon } from "../parts/icons.ts";
import { meter } from "../parts/meter.ts";
import { sparkline } from "../parts/sparkline.ts";
import { phaseLabel } from "./phases.ts";
import type { MigrationDifference, MigrationStatus } from "./status.ts";

const SAMPLES = 240;

function card(title: string, body: unknown, more = ""): TemplateResult {
  return html`<section class="card ${more}" aria-label=${title}>
    <header><h2>${title}</h2></header>
    <div class="body">${body}</div>
  </section>`;
}

const ms = (value: number) => (value < 10 ? `${value.toFixed(1)} ms` : lapse(value));

function facts(...rows: readonly (readonly [string, unknown])[]): TemplateResult {
  return html`<dl class="facts">
    ${rows.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}
  </dl>`;
}

/** How far the target is behind the source. */
export function lagCard({ lag }: MigrationStatus): TemplateResult {
  const { lastMs, p50Ms, p99Ms, samplesMs } = lag;
  if (samplesMs.length === 0)
    return card("Lag", html`<p class="muted">It is not measured yet.</p>`);
  const mostMs = Math.max(...samplesMs, 1);
  const ratios = samplesMs.slice(-SAMPLES).map((each) => each / mostMs);
  return card(
    "Lag",
    html`<div class="big">${ms(lastMs)}</div>
      ${sparkline(ratios, SAMPLES)}
      ${facts(["Half are below", ms(p50Ms)], ["99 % are below", ms(p99Ms)], ["The most", ms(mostMs)])}`,
  );
}

/** What is copied, and what comes. */
export function flowCard(status: MigrationStatus): TemplateResult {
  const { copy, phase, nodes, transactions, transactionsPerSecond, strategies } = status;
  if (phase === "bootstrap") {
    const ratio = copy.total === 0 ? 0 : copy.done / copy.total;
    const eta = copy.etaMs === undefined ? "not known yet" : `in ${lapse(copy.etaMs)}`;
    return card(
      "First copy",
      html`<div class="big">${percent(ratio)}</div>
        <p>${meter({ used: copy.done, offered: 0, total: copy.total }, true)}</p>
        ${facts(
          ["Operations", `${count(copy.done)} of ${count(copy.total)}`],
          ["A second", count(copy.perSecond)],
          ["Done", eta],
        )}`,
    );
  }
  return card(
    "Transactions",
    html`<div class="big">${count(transactionsPerSecond)} a second</div>
      ${facts(
        ["Since it follows", count(transactions)],
        ["Nodes", count(nodes)],
        ["Source by", strategies.source],
        ["Target by", strategies.target],
      )}`,
  );
}

/** Clients by side, and ephemerals that did not come yet. */
export function clientsCard({ rehoming, fencedMs }: MigrationStatus): TemplateResult {
  const fenced = fencedMs === undefined ? "–" : ms(fencedMs);
  if (rehoming === undefined) {
    return card(
      "Clients",
      html`<p class="muted">They are counted once the target is open.</p>
        ${facts(["Nobody could write for", fenced])}`,
    );
  }
  const { clients, missingCount, missing } = rehoming;
  const shown = (value: number | undefined) =>
    value === undefined ? "cannot be asked" : count(value);
  return card(
    "Clients",
    html`${facts(
      ["On the source", shown(clients.source)],
      ["On the target", shown(clients.target)],
      ["Ephemerals missing", count(missingCount)],
      ["Nobody could write for", fenced],
    )}
      ${
        missing.length === 0
          ? nothing
          : html`<ul class="list" tabindex="0" aria-label="Ephemerals missing">
              ${missing.map((path) => html`<li><code>${path}</code></li>`)}
            </ul>`
      }`,
  );
}

function differencesTable(label: string, rows: readonly MigrationDifference[]): TemplateResult {
  return html`<div class="list" tabindex="0" aria-label=${label} role="region">
    <table>
      <thead><tr><th>Node</th><th>Another</th></tr></thead>
      <tbody>
        ${rows.map(
          ({ path, facets }) =>
            html`<tr><td><code>${path}</code></td><td>${facets.join(", ")}</td></tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** What comparisons found. */
export function differencesCard({ verified, rolling, nowMs }: MigrationStatus): TemplateResult {
  const all = verified?.differences ?? [];
  const isEqual = verified?.differencesCount === 0;
  const found =
    verified === undefined
      ? html`<p class="muted">All nodes were not compared yet.</p>`
      : html`<p class="state ${isEqual ? "good" : "bad"}">
          ${icon(isEqual ? "check" : "alert")}<span
            >${isEqual ? "Both sides are equal" : plural(verified.differencesCount, "difference")}:
            ${plural(verified.nodes, "node")}, ${lapse(nowMs - verified.atMs)} ago</span
          >
        </p>`;
  return card(
    "Differences",
    html`${found}
      <p class="muted small">
        While it follows: ${plural(rolling.nodes, "node")} compared,
        ${plural(rolling.rounds, "round")}, ${plural(rolling.differences.length, "difference")}.
      </p>
      ${all.length === 0 ? nothing : differencesTable("Differences of all nodes", all)}
      ${
        rolling.differences.length === 0
          ? nothing
          : differencesTable("Differences while it follows", rolling.differences)
      }`,
    "wide",
  );
}

/** What happened, newest first. */
export function timelineCard({ timeline }: MigrationStatus): TemplateResult {
  return card(
    "Timeline",
    html`<div class="list" tabindex="0" role="region" aria-label="What happened">
      <table class="timeline">
        <thead><tr><th>Time</th><th>Phase</th><th>Why</th></tr></thead>
        <tbody>
          ${timeline.toReversed().map(
            ({ phase, reason, atMs }) =>
              html`<tr>
                <td>${dateTime(atMs)}</td>
                <td>${phaseLabel(phase)}</td>
                <td>${reason}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`,
    "wide",
  );
}
