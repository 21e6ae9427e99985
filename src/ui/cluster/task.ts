import { css, html, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import type { ConsoleTask, ConsoleTaskStatus } from "../../model/mod.ts";
import { FeedElement } from "../parts/element.ts";
import { emptyState, problem } from "../parts/fields.ts";
import { amounts, dateTime, lapse, timeOfDay } from "../parts/format.ts";
import { icon } from "../parts/icons.ts";
import { Loaded } from "../parts/loaded.ts";
import { stateOf, taskLook } from "../parts/states.ts";
import { shared } from "../parts/styles.ts";
import { FairleadTabs } from "../parts/tabs.ts";
import { links } from "../routes.ts";
import { linkOf } from "../topology/state/deep_link.ts";
import { INITIAL_STATE } from "../topology/state/view_state.ts";
import { FairleadFiles } from "./files.ts";
import { FairleadLogs } from "./logs.ts";

const TABS = [
  ["stdout", "stdout"],
  ["stderr", "stderr"],
  ["files", "Sandbox files"],
] as const;

/** One task: its history as a timeline, what it is, and what it writes. */
export class FairleadTask extends FeedElement {
  static readonly tag: string = "fairlead-task";
  static readonly parts = [FairleadTabs, FairleadLogs, FairleadFiles];
  static override properties: PropertyDeclarations = {
    framework: { type: String },
    task: { type: String },
    topology: { type: String },
    tab: { type: String },
    path: { type: String },
    file: { type: String },
  };
  static override styles = [
    ...shared,
    css`
      :host {
        display: grid;
        gap: 16px;
        grid-template-columns: minmax(0, 5fr) minmax(0, 8fr);
        grid-template-rows: auto minmax(0, 1fr);
        min-height: 0;
      }

      .wide {
        grid-column: 1 / -1;
      }

      .output {
        align-self: start;
        display: flex;
        flex-direction: column;
        gap: 12px;
        height: max(420px, calc(100vh - 128px));
        position: sticky;
        top: 16px;
      }

      fairlead-logs {
        flex: 1;
      }

      @media (max-width: 1000px) {
        :host {
          grid-template-columns: 1fr;
          grid-template-rows: none;
        }

        .output {
          height: 520px;
          position: static;
        }
      }

      .timeline li {
        display: grid;
        gap: 0 12px;
        grid-template-columns: 20px minmax(0, 1fr) auto;
        padding-bottom: 14px;
        position: relative;
      }

      .timeline li:last-child {
        padding-bottom: 0;
      }

      .timeline li:not(:last-child)::before {
        background: var(--line);
        bottom: 0;
        content: "";
        left: 9px;
        position: absolute;
        top: 20px;
        width: 2px;
      }

      .timeline .mark {
        align-items: center;
        display: flex;
        height: 20px;
        justify-content: center;
        width: 20px;
      }

      .timeline .what {
        font-weight: 600;
        line-height: 20px;
      }

      .timeline time {
        color: var(--muted);
        font-size: 12px;
        line-height: 20px;
      }

      .timeline .more {
        color: var(--muted);
        font-size: 12px;
        grid-column: 2 / -1;
        overflow-wrap: anywhere;
      }

      pre.command {
        background: var(--sunken);
        border: 1px solid var(--line);
        border-radius: 6px;
        max-height: 140px;
        overflow: auto;
        padding: 6px 10px;
        white-space: pre-wrap;
        overflow-wrap: anywhere;
      }
    `,
  ];

  /** Id of its framework. */
  declare framework: string;
  /** Its id. */
  declare task: string;
  /** Address of the topology view's page; "" when there is none. */
  declare topology: string;
  /** `stdout`, `stderr` or `files`. */
  declare tab: string;
  /** Of the tab `files`. */
  declare path: string;
  declare file: string;

  readonly #detail = new Loaded<ConsoleTask>(this, {
    key: () =>
      this.framework === "" || this.task === "" ? undefined : `${this.framework}\n${this.task}`,
    load: (signal) => this.source.api.task(this.framework, this.task, { signal }),
    nowMs: () => this.source.clock.nowMs(),
  });

  constructor() {
    super();
    this.framework = "";
    this.task = "";
    this.topology = "";
    this.tab = "stdout";
    this.path = "";
    this.file = "";
  }

  protected override feedChanged(): void {
    this.#detail.refresh();
    super.feedChanged();
  }

  protected override render(): TemplateResult {
    const { value: task, error, reload } = this.#detail;
    if (task === undefined) {
      return html`<div class="wide">
        ${
          error === undefined
            ? html`<div class="card">${emptyState("Asking the master…", this.task)}</div>`
            : problem(error, reload)
        }
      </div>`;
    }
    const ran = ranFor(task, this.source.nowMs());
    return html`
      <div class="row wide">
        ${stateOf(taskLook(task.state))} ${healthOf(task)}
        ${ran === undefined ? nothing : html`<span class="muted">${ran}</span>`}
        ${error === undefined ? nothing : problem(error, reload)}
      </div>
      <div class="stack">${historyCard(task)} ${this.#facts(task)}</div>
      ${this.#output(task)}
    `;
  }

  #facts(task: ConsoleTask): TemplateResult {
    const nameOf = (id: string) => this.source.store.frameworks.get(id)?.name ?? id;
    const labels = Object.entries(task.labels);
    const line = (name: string, value: unknown) => html`<dt>${name}</dt><dd>${value}</dd>`;
    return html`<section class="card" aria-labelledby="about">
      <header><h2 id="about">About this task</h2></header>
      <div class="body stack">
        ${
          task.command === undefined
            ? nothing
            : html`<pre class="command" tabindex="0" aria-label="Command">${task.command}</pre>`
        }
        <dl class="facts">
          ${line(
            "Framework",
            html`<a href=${links.framework(task.frameworkId)}>${nameOf(task.frameworkId)}</a>`,
          )}
          ${line("Agent", html`<a href=${links.agent(task.agentId)}>${task.hostname}</a>`)}
          ${line("Role", html`<a href=${links.role(task.role)}>${task.role}</a>`)}
          ${line("Resources", amounts(task.resources))}
          ${task.ports === "" ? nothing : line("Ports", task.ports)}
          ${task.image === undefined ? nothing : line("Image", html`<code>${task.image}</code>`)}
          ${
            this.topology === "" || task.finishedMs !== undefined
              ? nothing
              : line("Topology", html`<a href=${inTopology(this.topology, task)}>Its node</a>`)
          }
          ${line("Id", html`<span class="mono">${task.id}</span>`)}
          ${
            task.containerId === undefined
              ? nothing
              : line("Container", html`<span class="mono">${task.containerId}</span>`)
          }
          ${task.executorId === undefined ? nothing : line("Executor", task.executorId)}
          ${
            labels.length === 0
              ? nothing
              : line(
                  "Labels",
                  html`<span class="tags"
                    >${labels.map(
                      ([name, value]) =>
                        html`<span class="tag">${name}${value === "" ? "" : `: ${value}`}</span>`,
                    )}</span
                  >`,
                )
          }
        </dl>
      </div>
    </section>`;
  }

  #output({ sandbox, agentId }: ConsoleTask): TemplateResult {
    if (sandbox === undefined) {
      return html`<section class="card output">
        ${emptyState("No sandbox", "The agent has made none for this task, or it is gone.")}
      </section>`;
    }
    return html`<section class="output" aria-label="Output">
      <fairlead-tabs .tabs=${TABS} .chosen=${this.tab} label="Output"></fairlead-tabs>
      ${
        this.tab === "files"
          ? html`<fairlead-files
              .feed=${this.source}
              agent=${agentId}
              root=${sandbox}
              path=${this.path}
              file=${this.file}
            ></fairlead-files>`
          : html`<fairlead-logs
              .feed=${this.source}
              agent=${agentId}
              path="${sandbox}/${this.tab === "stderr" ? "stderr" : "stdout"}"
            ></fairlead-logs>`
      }
    </section>`;
  }
}

/** The view of tasks, where the search leaves this one bright. */
function inTopology(page: string, { id }: ConsoleTask): string {
  return page + linkOf({ ...INITIAL_STATE, topologyId: "tasks", search: id });
}

/** How long it has run, or ran. */
function ranFor({ startedMs, finishedMs }: ConsoleTask, nowMs: number): string | undefined {
  if (startedMs === undefined) return undefined;
  const told = lapse(Math.max(0, (finishedMs ?? nowMs) - startedMs));
  return finishedMs === undefined ? `for ${told}` : `after ${told}`;
}

function healthOf({ healthy }: ConsoleTask): TemplateResult | typeof nothing {
  if (healthy === undefined) return nothing;
  return healthy
    ? html`<span class="state good">${icon("check")}<span>Healthy</span></span>`
    : html`<span class="state bad">${icon("alert")}<span>Unhealthy</span></span>`;
}

function historyCard({ statuses }: ConsoleTask): TemplateResult {
  return html`<section class="card" aria-labelledby="history">
    <header><h2 id="history">History</h2></header>
    <div class="body">
      ${
        statuses.length === 0
          ? html`<p class="muted">No status yet: the agent has not answered.</p>`
          : html`<ol class="timeline">
              ${statuses.map((status, index) => statusLine(status, statuses[index - 1]))}
            </ol>`
      }
    </div>
  </section>`;
}

const SOURCES = {
  SOURCE_MASTER: "told by the master",
  SOURCE_AGENT: "told by the agent",
  SOURCE_EXECUTOR: "told by the executor",
} as const;

function statusLine(
  { state, timestampMs, message, reason, source, healthy }: ConsoleTaskStatus,
  before: ConsoleTaskStatus | undefined,
): TemplateResult {
  const look = taskLook(state);
  const after = before === undefined ? "" : `+${lapse(timestampMs - before.timestampMs)}`;
  const told = [
    healthy === undefined ? undefined : healthy ? "healthy" : "unhealthy",
    reason,
    source === undefined ? undefined : SOURCES[source],
  ].filter((part) => part !== undefined);
  return html`<li>
    <span class="mark ${look.tone}">${icon(look.icon)}</span>
    <span class="what">${look.label}</span>
    <time title=${dateTime(timestampMs)}>${timeOfDay(timestampMs)} ${after}</time>
    ${message === undefined || message === "" ? nothing : html`<span class="more">${message}</span>`}
    ${told.length === 0 ? nothing : html`<span class="more">${told.join(" · ")}</span>`}
  </li>`;
}
