import { css, html, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import type { ConsoleTask, ConsoleTaskRow, ConsoleTasks } from "../../model/mod.ts";
import { FeedElement, tell } from "../parts/element.ts";
import { emptyState, fieldStyles, problem, searchField } from "../parts/fields.ts";
import { count } from "../parts/format.ts";
import { Loaded } from "../parts/loaded.ts";
import { stateOf, taskLook } from "../parts/states.ts";
import { shared } from "../parts/styles.ts";
import { FairleadFiles } from "./files.ts";

const TASKS_MAX = 100;

/**
 * The sandboxes of an agent, by the tasks that they belong to, and the files of the chosen one.
 *
 * It tells `fairlead-query` with `framework` and `task`, and what its files tell.
 */
export class FairleadSandboxes extends FeedElement {
  static readonly tag: string = "fairlead-sandboxes";
  static readonly parts = [FairleadFiles];
  static override properties: PropertyDeclarations = {
    agent: { type: String },
    framework: { type: String },
    task: { type: String },
    path: { type: String },
    file: { type: String },
    q: { state: true },
  };
  static override styles = [
    ...shared,
    fieldStyles,
    css`
      .columns {
        align-items: start;
        display: grid;
        gap: 16px;
        grid-template-columns: minmax(0, 4fr) minmax(0, 8fr);
      }

      @media (max-width: 1000px) {
        .columns {
          grid-template-columns: 1fr;
        }
      }

      .list {
        display: flex;
        flex-direction: column;
        gap: 1px;
        max-height: 460px;
        overflow: auto;
        scrollbar-width: thin;
      }

      .list button {
        align-items: center;
        background: none;
        border: 0;
        border-radius: 6px;
        cursor: pointer;
        display: flex;
        gap: 12px;
        justify-content: space-between;
        padding: 6px 8px;
        text-align: left;
      }

      .list button:hover {
        background: var(--hover);
      }

      .list button[aria-pressed="true"] {
        background: var(--accent-soft);
        color: var(--accent-text);
        font-weight: 500;
      }

      .list :focus-visible {
        outline-offset: -2px;
      }
    `,
  ];

  /** Id of the agent. */
  declare agent: string;
  /** Of the task whose sandbox is shown. */
  declare framework: string;
  declare task: string;
  declare path: string;
  declare file: string;
  declare q: string;

  readonly #tasks = new Loaded<ConsoleTasks>(this, {
    key: () => (this.agent === "" ? undefined : `${this.agent}\n${this.q}`),
    load: (signal) => {
      const { agent, q } = this;
      const query = { agent, q, sort: "started", desc: true, offset: 0, limit: TASKS_MAX } as const;
      return this.source.api.tasks(query, { signal });
    },
    nowMs: () => this.source.clock.nowMs(),
  });
  readonly #chosen = new Loaded<ConsoleTask>(this, {
    key: () => (this.task === "" ? undefined : `${this.framework}\n${this.task}`),
    load: (signal) => this.source.api.task(this.framework, this.task, { signal }),
    nowMs: () => this.source.clock.nowMs(),
  });

  constructor() {
    super();
    this.agent = "";
    this.framework = "";
    this.task = "";
    this.path = "";
    this.file = "";
    this.q = "";
  }

  protected override feedChanged(): void {
    this.#tasks.refresh();
    super.feedChanged();
  }

  protected override render(): TemplateResult {
    return html`<div class="columns">
      <section class="card" aria-labelledby="sandboxes">
        <header><h2 id="sandboxes">Sandboxes by task</h2></header>
        <div class="body">
          <div class="bar">
            ${searchField({
              value: this.q,
              label: "Filter sandboxes",
              placeholder: "Filter by task…",
              changed: (q) => {
                this.q = q;
              },
            })}
          </div>
          ${this.#list()}
        </div>
      </section>
      ${this.#files()}
    </div>`;
  }

  #list(): TemplateResult {
    const { value, error, reload } = this.#tasks;
    if (error !== undefined) return problem(error, reload);
    if (value === undefined) return emptyState("Asking the master…", "");
    if (value.tasks.length === 0) {
      return emptyState("No sandboxes", "A task that starts here gets one.");
    }
    const rest = value.total - value.tasks.length;
    return html`<div class="list">
        ${value.tasks.map((row) => this.#line(row))}
      </div>
      ${rest > 0 ? html`<p class="muted small">and ${count(rest)} more: filter by name</p>` : nothing}`;
  }

  #line({ id, name, frameworkId, state }: ConsoleTaskRow): TemplateResult {
    const isChosen = id === this.task && frameworkId === this.framework;
    return html`<button
      type="button"
      aria-pressed=${isChosen ? "true" : "false"}
      title=${id}
      @click=${() => this.#choose({ framework: frameworkId, task: id, path: "", file: "" })}
    >
      <span class="clip">${name}</span> ${stateOf(taskLook(state))}
    </button>`;
  }

  #files(): TemplateResult {
    const { value, error, reload } = this.#chosen;
    if (this.task === "") {
      return html`<div class="card">${emptyState("No sandbox chosen", "Choose a task to see its files.")}</div>`;
    }
    if (error !== undefined) return problem(error, reload);
    if (value === undefined)
      return html`<div class="card">${emptyState("Asking the master…", "")}</div>`;
    if (value.sandbox === undefined) {
      return html`<div class="card">
        ${emptyState("No sandbox", "The agent has made none for this task, or it is gone.")}
      </div>`;
    }
    return html`<fairlead-files
      .feed=${this.source}
      agent=${this.agent}
      root=${value.sandbox}
      path=${this.path}
      file=${this.file}
    ></fairlead-files>`;
  }

  #choose(change: { framework: string; task: string; path: string; file: string }): void {
    Object.assign(this, change);
    tell(this, "fairlead-query", change);
  }
}
