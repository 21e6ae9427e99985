import {
  css,
  html,
  LitElement,
  nothing,
  type PropertyDeclarations,
  type TemplateResult,
} from "lit";
import { tell } from "../../parts/element.ts";
import { icon } from "../../parts/icons.ts";
import { shared } from "../../parts/styles.ts";
import type { SearchableFields } from "../search/match.ts";
import { KEYS } from "../state/keys.ts";

const EXAMPLES: readonly (readonly [string, string])[] = [
  ["foo", "anywhere: names, metadata, parents, labels"],
  ["pid: 12345", "a field: here PID"],
  ["foo|bar", "a regular expression"],
  ["command: foo(bar|baz)", "a regular expression in a field"],
  ["cpu > 4%", "more CPU than 4 %"],
  ["memory < 10mb", "less memory than 10 MB; k, m, g and t are steps of 1,024"],
];

/** Shortcuts, the search syntax and what can be searched here; it tells `fairlead-close`. */
export class FairleadTopologyHelp extends LitElement {
  static readonly tag: string = "fairlead-topology-help";
  static override properties: PropertyDeclarations = {
    open: { type: Boolean },
    fields: { attribute: false },
  };
  static override styles = [
    ...shared,
    css`
      :host {
        display: contents;
      }

      dialog {
        background: var(--surface);
        border: 1px solid var(--line);
        border-radius: 12px;
        box-shadow: 0 16px 48px rgb(0 0 0 / 28%);
        color: var(--text);
        max-height: calc(100vh - 48px);
        overflow: auto;
        padding: 20px 24px 24px;
        width: min(760px, calc(100vw - 24px));
      }

      dialog::backdrop {
        background: rgb(8 14 20 / 45%);
      }

      h2 {
        font-size: 16px;
      }

      .columns {
        display: grid;
        gap: 20px 36px;
        grid-template-columns: repeat(auto-fit, minmax(250px, 1fr));
        margin-top: 14px;
      }

      h3 {
        margin-bottom: 8px;
      }

      dl {
        display: grid;
        gap: 6px 14px;
        grid-template-columns: max-content 1fr;
      }

      dd {
        color: var(--muted);
      }

      kbd {
        background: var(--sunken);
        border: 1px solid var(--line);
        border-bottom-width: 2px;
        border-radius: 5px;
        display: inline-block;
        font: 12px/18px var(--mono);
        min-width: 22px;
        padding: 0 6px;
        text-align: center;
      }

      .fields {
        grid-column: 1 / -1;
      }
    `,
  ];

  declare open: boolean;
  declare fields: SearchableFields | undefined;

  constructor() {
    super();
    this.open = false;
    this.fields = undefined;
  }

  protected override updated(): void {
    const dialog = this.renderRoot.querySelector("dialog");
    if (this.open && dialog?.open === false) dialog.showModal();
    if (!this.open) dialog?.close();
  }

  protected override render(): TemplateResult {
    return html`<dialog aria-labelledby="title" @close=${this.#close}>
      <div class="row spread">
        <h2 id="title">Help</h2>
        <button class="icon-button" type="button" aria-label="Close help" @click=${this.#close}>
          ${icon("close")}
        </button>
      </div>
      <div class="columns">
        <section>
          <h3>Keyboard</h3>
          <dl>
            ${KEYS.map(
              ([key, , text]) => html`<dt><kbd>${key === "Escape" ? "Esc" : key}</kbd></dt>
                <dd>${text}</dd>`,
            )}
          </dl>
        </section>
        <section>
          <h3>Search</h3>
          <dl>
            ${EXAMPLES.map(([query, text]) => html`<dt><code>${query}</code></dt><dd>${text}</dd>`)}
          </dl>
          <p class="muted">Enter keeps a search as a filter; several must all match.</p>
        </section>
        ${this.open ? this.#fields() : nothing}
      </div>
    </dialog>`;
  }

  #fields(): TemplateResult | typeof nothing {
    const { fields = [], metrics = [] } = this.fields ?? {};
    if (fields.length + metrics.length === 0) return nothing;
    return html`<section class="fields">
      <h3>Fields here</h3>
      <div class="tags">
        ${fields.map((field) => html`<code class="tag">${field}:</code>`)}
        ${metrics.map((metric) => html`<code class="tag">${metric} &gt;</code>`)}
      </div>
    </section>`;
  }

  #close = (): void => {
    if (this.open) tell(this, "fairlead-close", undefined);
  };
}
