import { css, html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { ConsoleAgentRow, ConsoleSummary } from "../../model/mod.ts";
import type { ClusterEvent } from "../feed/journal.ts";
import type { ClusterStore } from "../feed/store.ts";
import { FeedElement } from "../parts/element.ts";
import { emptyState } from "../parts/fields.ts";
import {
  ago,
  amount,
  count,
  dateTime,
  KIND_NAMES,
  KINDS,
  type Kind,
  percent,
  plural,
} from "../parts/format.ts";
import { icon } from "../parts/icons.ts";
import { FairleadMap } from "../parts/map.ts";
import { meter, metered, meterStyles } from "../parts/meter.ts";
import { RowIndex } from "../parts/row_index.ts";
import { sparkline, sparklineStyles } from "../parts/sparkline.ts";
import { agentLook, stateOf, TASK_STATES, taskLook } from "../parts/states.ts";
import { shared } from "../parts/styles.ts";
import { vars } from "../parts/vars.ts";
import { links } from "../routes.ts";
import { agentIndexOptions } from "./agents.ts";
import { FairleadTips } from "./tips.ts";

const EVENTS_SHOWN = 9;
/** So many agents are told one by one; more are a map. */
const LISTED_MAX = 8;
const SAMPLES_SHOWN = 120;
/** Fewer do not fill the width: a line of two points would look like a trend. */
const SAMPLES_MIN = 20;

/**
 * The cluster at a glance: what is used, offered and free; agents as a map; tasks by state; what
 * happened lately.
 */
export class FairleadCluster extends FeedElement {
  static readonly tag: string = "fairlead-cluster";
  static readonly parts = [FairleadMap, FairleadTips];
  static override styles = [
    ...shared,
    meterStyles,
    sparklineStyles,
    css`
      :host {
        display: grid;
        gap: 16px;
        grid-template-columns: repeat(12, minmax(0, 1fr));
      }

      .kinds {
        display: grid;
        gap: 16px;
        grid-column: 1 / -1;
        grid-template-columns: repeat(auto-fit, minmax(164px, 1fr));
      }

      .kind {
        display: flex;
        flex-direction: column;
        overflow: hidden;
        padding: 14px 16px 16px;
        position: relative;
      }

      .kind .top {
        align-items: baseline;
        display: flex;
        justify-content: space-between;
      }

      .kind h2 {
        color: var(--muted);
        font-size: 13px;
        font-weight: 500;
      }

      .big {
        font-size: 28px;
        font-weight: 600;
        letter-spacing: -0.03em;
        line-height: 34px;
      }

      .figure {
        align-items: end;
        display: grid;
        gap: 20px;
        grid-template-columns: auto minmax(0, 1fr);
        margin: 4px 0 12px;
      }

      .kind dl {
        display: grid;
        font-size: 12px;
        gap: 1px 8px;
        grid-template-columns: repeat(3, auto);
        margin-top: 10px;
      }

      .kind dl > div {
        display: flex;
        flex-direction: column;
      }

      .kind dl > div:last-child {
        text-align: right;
      }

      .kind dl > div:nth-child(2) {
        text-align: center;
      }

      .kind dt {
        align-items: center;
        color: var(--muted);
        display: inline-flex;
        gap: 5px;
        justify-content: inherit;
      }

      .kind div:nth-child(2) dt {
        justify-content: center;
      }

      .kind div:last-child dt {
        justify-content: flex-end;
      }

      .kind dd {
        font-weight: 500;
      }

      .key {
        border-radius: 2px;
        flex: none;
        height: 8px;
        width: 8px;
      }

      .key.is-used {
        background: var(--used);
      }

      .key.is-offered {
        background: repeating-linear-gradient(
          -45deg,
          var(--offered) 0 2px,
          color-mix(in srgb, var(--offered) 40%, var(--track)) 2px 4px
        );
      }

      .key.is-free {
        background: var(--track);
        box-shadow: inset 0 0 0 1px color-mix(in srgb, var(--line-strong) 45%, transparent);
      }

      .map {
        grid-column: span 8;
      }

      .tasks {
        grid-column: span 4;
      }

      .events {
        grid-column: span 7;
      }

      fairlead-tips {
        grid-column: span 5;
      }

      @media (max-width: 1100px) {
        .map,
        .tasks,
        .events,
        fairlead-tips {
          grid-column: 1 / -1;
        }
      }

      .states {
        display: flex;
        flex-direction: column;
        gap: 1px;
      }

      .states a {
        align-items: center;
        border-radius: 6px;
        color: inherit;
        display: grid;
        gap: 12px;
        grid-template-columns: 112px 1fr 56px;
        margin: 0 -8px;
        padding: 5px 8px;
      }

      .states a:hover {
        background: var(--hover);
        text-decoration: none;
      }

      .states .number {
        text-align: right;
      }

      .states .thread {
        background: var(--track);
        border-radius: 2px;
        height: 4px;
        overflow: hidden;
      }

      .states .thread i {
        background: currentColor;
        display: block;
        height: 100%;
        transform: scaleX(var(--part));
        transform-origin: 0 50%;
      }

      .counts {
        display: flex;
        flex-wrap: wrap;
        gap: 4px 16px;
      }

      .counts a {
        color: var(--muted);
      }

      .counts b {
        color: var(--text);
        font-weight: 600;
      }

      .few li {
        align-items: center;
        border-top: 1px solid color-mix(in srgb, var(--line) 70%, transparent);
        display: grid;
        gap: 16px;
        grid-template-columns: minmax(80px, 1.7fr) 104px minmax(0, 2fr) minmax(0, 2fr) 62px;
        padding: 9px 0;
      }

      .few li:first-child {
        border-top: 0;
      }

      .few li > a {
        font-weight: 500;
      }

      .few .metered > .text {
        min-width: 36px;
      }

      .few .metered .of {
        display: none;
      }

      .few .named {
        align-items: center;
        display: grid;
        font-size: 12px;
        gap: 8px;
        grid-template-columns: auto minmax(0, 1fr);
      }

      .few .end {
        text-align: right;
      }

      .events ol {
        display: flex;
        flex-direction: column;
      }

      .events li {
        align-items: center;
        border-top: 1px solid color-mix(in srgb, var(--line) 70%, transparent);
        display: grid;
        gap: 10px;
        grid-template-columns: 16px minmax(0, 1fr) auto;
        padding: 7px 0;
      }

      .events li:first-child {
        border-top: 0;
      }

      .events .subject {
        font-weight: 500;
      }

      .events time {
        color: var(--muted);
        font-size: 12px;
      }
    `,
  ];

  readonly #agents = new RowIndex(agentIndexOptions);

  protected override render(): TemplateResult {
    const { store } = this.source;
    const { summary } = store;
    if (summary === undefined) {
      return html`<div class="card kinds">
        ${emptyState("Waiting for the master", "Its first answer fills this page.")}
      </div>`;
    }
    const kinds = KINDS.filter((kind) => kind !== "gpus" || summary.total.gpus > 0);
    return html`
      <section class="kinds" aria-label="Resources">
        ${kinds.map((kind) => kindCard(kind, summary, store))}
      </section>
      ${this.#map(store, summary)} ${tasksCard(summary)} ${this.#events(store)}
      <fairlead-tips .feed=${this.source}></fairlead-tips>
    `;
  }

  #map(store: ClusterStore, { agents }: ConsoleSummary): TemplateResult {
    const rows = this.#agents.view(store.agents, store.version, {
      sort: "name",
      desc: false,
      text: "",
    });
    const counts = [
      ["active", "active"],
      ["draining", "draining"],
      ["inactive", "disconnected"],
      ["unreachable", "unreachable"],
    ] as const;
    const shown = counts.filter(([state]) => state === "active" || agents[state] > 0);
    return html`<section class="card map" aria-labelledby="map">
      <header>
        <h2 id="map">Agents</h2>
        <div class="counts">
          ${shown.map(
            ([state, word]) =>
              html`<a href=${links.agents({ state })}><b>${count(agents[state])}</b> ${word}</a>`,
          )}
        </div>
      </header>
      <div class="body">
        ${
          rows.length === 0
            ? emptyState("No agents yet", "Start one and point it at this master:", {
                code: `npm run -s example:agent -- --master ${location.origin}`,
              })
            : rows.length <= LISTED_MAX
              ? html`<ul class="few">${rows.map(agentLine)}</ul>`
              : html`<fairlead-map .agents=${rows}></fairlead-map>`
        }
      </div>
    </section>`;
  }

  #events({ events }: ClusterStore): TemplateResult {
    const nowMs = this.source.nowMs();
    const shown = events.slice(0, EVENTS_SHOWN);
    return html`<section class="card events" aria-labelledby="events">
      <header><h2 id="events">Latest events</h2></header>
      <div class="body">
        ${shown.length === 0 ? emptyState("Nothing happened yet", "Changes show up here.") : nothing}
        <ol>
          ${repeat(
            shown,
            ({ id }) => id,
            (event) => eventLine(event, nowMs),
          )}
        </ol>
      </div>
    </section>`;
  }
}

function kindCard(kind: Kind, summary: ConsoleSummary, store: ClusterStore): TemplateResult {
  const [used, offered, total] = [summary.used[kind], summary.offered[kind], summary.total[kind]];
  const free = Math.max(0, total - used - offered);
  const samples = store.samples.slice(-SAMPLES_SHOWN).map((sample) => sample[kind]);
  const parts = [
    ["Used", "is-used", used],
    ["Offered", "is-offered", offered],
    ["Free", "is-free", free],
  ] as const;
  return html`<article class="card kind">
    <div class="top">
      <h2>${KIND_NAMES[kind]}</h2>
      <span class="muted small">${amount(kind, total)} in all</span>
    </div>
    <div class="figure">
      <div class="big">${percent(total > 0 ? used / total : 0)}</div>
      ${sparkline(samples, Math.max(SAMPLES_MIN, samples.length))}
    </div>
    ${meter({ used, offered, total }, true)}
    <dl>
      ${parts.map(
        ([name, key, value]) => html`<div>
          <dt><i class="key ${key}"></i>${name}</dt>
          <dd>${amount(kind, value)}</dd>
        </div>`,
      )}
    </dl>
  </article>`;
}

function tasksCard({ tasks }: ConsoleSummary): TemplateResult {
  const counted = TASK_STATES.map((state) => {
    return { state, number: tasks[state.slice("TASK_".length).toLowerCase()] ?? 0 };
  }).filter(({ number }) => number > 0);
  const most = Math.max(1, ...counted.map(({ number }) => number));
  return html`<section class="card tasks" aria-labelledby="tasks">
    <header>
      <h2 id="tasks">Tasks</h2>
      <a class="small" href=${links.tasks()}>All tasks</a>
    </header>
    <div class="body">
      ${
        counted.length === 0
          ? emptyState("No tasks yet", "Frameworks launch them from the offers they get.")
          : html`<div class="states">
              ${counted.map(({ state, number }) => {
                const look = taskLook(state);
                return html`<a href=${links.tasks({ state })}>
                  ${stateOf(look)}
                  <span class="thread ${look.tone}" aria-hidden="true"
                    ><i ${vars({ "--part": number / most })}></i
                  ></span>
                  <span class="number">${count(number)}</span>
                </a>`;
              })}
            </div>`
      }
    </div>
  </section>`;
}

/** One of few agents. */
function agentLine({ id, hostname, state, used, offered, total, tasks }: ConsoleAgentRow) {
  const bar = (kind: Kind) =>
    html`<span class="named"
      ><span class="muted">${KIND_NAMES[kind]}</span>${metered(kind, {
        used: used[kind],
        offered: offered[kind],
        total: total[kind],
      })}</span
    >`;
  return html`<li>
    <a class="clip" href=${links.agent(id)}>${hostname}</a>
    ${stateOf(agentLook(state))} ${bar("cpus")} ${bar("mem")}
    <span class="end">${plural(tasks, "task")}</span>
  </li>`;
}

const EVENT_ICONS = { good: "check", plain: "dot", warn: "alert", bad: "cross" } as const;

function eventLine(event: ClusterEvent, nowMs: number): TemplateResult {
  const { tone, kind, subjectId, subject, text, atMs } = event;
  const link = kind === "agent" ? links.agent(subjectId) : links.framework(subjectId);
  const isLinked = kind !== "master" && subjectId !== "";
  return html`<li>
    <span class="state ${tone}">${icon(EVENT_ICONS[tone])}</span>
    <span class="clip">
      ${
        isLinked
          ? html`<a class="subject" href=${link}>${subject}</a>`
          : html`<span class="subject">${subject}</span>`
      }
      ${text}
    </span>
    <time title=${dateTime(atMs)}>${ago(nowMs, atMs)}</time>
  </li>`;
}
