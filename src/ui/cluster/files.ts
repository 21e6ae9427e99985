import { css, html, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import type { ConsoleFile, ConsoleFiles } from "../../model/mod.ts";
import { FeedElement, tell } from "../parts/element.ts";
import { emptyState, problem } from "../parts/fields.ts";
import { bytes, dateTime } from "../parts/format.ts";
import { icon } from "../parts/icons.ts";
import { Loaded } from "../parts/loaded.ts";
import { shared } from "../parts/styles.ts";
import { FairleadLogs } from "./logs.ts";

/**
 * The folders and files of an agent, as far as the master lets one see them: `root` is the
 * uppermost, `path` the one shown, `file` the one that is open.
 *
 * It tells `fairlead-query` with `path` and `file`.
 */
export class FairleadFiles extends FeedElement {
  static readonly tag: string = "fairlead-files";
  static override readonly live: boolean = false;
  static readonly parts = [FairleadLogs];
  static override properties: PropertyDeclarations = {
    agent: { type: String },
    root: { type: String },
    path: { type: String },
    file: { type: String },
  };
  static override styles = [
    ...shared,
    css`
      :host {
        display: flex;
        flex-direction: column;
        gap: 12px;
        min-height: 0;
      }

      nav ol {
        display: flex;
        flex-wrap: wrap;
        gap: 2px 6px;
      }

      nav li:not(:last-child)::after {
        color: var(--muted);
        content: "/";
        margin-left: 6px;
      }

      button.name {
        background: none;
        border: 0;
        color: var(--accent-text);
        cursor: pointer;
        padding: 0;
        text-align: left;
      }

      button.name:hover {
        text-decoration: underline;
      }

      td .row {
        flex-wrap: nowrap;
        overflow-wrap: anywhere;
      }

      td svg {
        color: var(--muted);
        flex: none;
      }

      tr[aria-current="true"] {
        background: var(--accent-soft);
      }

      fairlead-logs {
        height: 420px;
      }
    `,
  ];

  declare agent: string;
  declare root: string;
  declare path: string;
  declare file: string;

  readonly #listing = new Loaded<ConsoleFiles>(this, {
    key: () => (this.agent === "" ? undefined : `${this.agent}\n${this.#folder()}`),
    load: (signal) => this.source.api.files(this.agent, this.#folder(), { signal }),
    nowMs: () => this.source.clock.nowMs(),
  });

  constructor() {
    super();
    this.agent = "";
    this.root = "";
    this.path = "";
    this.file = "";
  }

  protected override render(): TemplateResult {
    return html`
      <section class="card" aria-label="Files">
        <header>
          ${this.#crumbs()}
          <button
            class="icon-button"
            type="button"
            aria-label="Look again"
            title="Look again"
            @click=${this.#listing.reload}
          >
            ${icon("refresh")}
          </button>
        </header>
        <div class="body">${this.#table()}</div>
      </section>
      ${
        this.file === ""
          ? nothing
          : html`<fairlead-logs
              .feed=${this.source}
              agent=${this.agent}
              path=${this.file}
            ></fairlead-logs>`
      }
    `;
  }

  #folder(): string {
    const isInside = this.path.startsWith(this.root);
    return this.path === "" || !isInside ? this.root : this.path;
  }

  #crumbs(): TemplateResult {
    const folder = this.#folder();
    const inner = folder
      .slice(this.root.length)
      .split("/")
      .filter((part) => part !== "");
    const base = this.root.replace(/\/+$/, "");
    const steps = inner.map((name, index) => {
      return { name, path: `${base}/${inner.slice(0, index + 1).join("/")}` };
    });
    return html`<nav aria-label="Folder">
      <ol>
        ${[{ name: this.root === "" ? "files" : "sandbox", path: this.root }, ...steps].map(
          ({ name, path }) =>
            html`<li>
              <button class="name" type="button" @click=${() => this.#show({ path, file: "" })}>
                ${name}
              </button>
            </li>`,
        )}
      </ol>
    </nav>`;
  }

  #table(): TemplateResult {
    const { value, error, reload } = this.#listing;
    if (error !== undefined) return problem(error, reload);
    if (value === undefined) return emptyState("Asking the agent…", "");
    if (value.files.length === 0) return emptyState("The folder is empty", "");
    const files = [...value.files].sort(
      (a, b) => Number(b.directory) - Number(a.directory) || (a.name < b.name ? -1 : 1),
    );
    return html`<table>
      <tr>
        <th>Name</th>
        <th class="end">Size</th>
        <th>Mode</th>
        <th>Changed</th>
      </tr>
      ${files.map((file) => this.#line(file))}
    </table>`;
  }

  #line(file: ConsoleFile): TemplateResult {
    const open = () =>
      this.#show(
        file.directory ? { path: file.path, file: "" } : { path: this.path, file: file.path },
      );
    return html`<tr aria-current=${file.path === this.file ? "true" : "false"}>
      <td>
        <span class="row"
          >${icon(file.directory ? "folder" : "file")}
          <button class="name" type="button" @click=${open}>${file.name}</button></span
        >
      </td>
      <td class="end">${file.directory ? "–" : bytes(file.size)}</td>
      <td class="mono muted">${file.mode}</td>
      <td class="muted">${dateTime(file.mtimeMs)}</td>
    </tr>`;
  }

  #show(change: { path: string; file: string }): void {
    Object.assign(this, change);
    tell(this, "fairlead-query", change);
  }
}
