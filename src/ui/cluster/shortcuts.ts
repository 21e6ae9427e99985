import { css, html, LitElement, type PropertyDeclarations, type TemplateResult } from "lit";
import { tell } from "../parts/element.ts";
import { icon } from "../parts/icons.ts";
import { shared } from "../parts/styles.ts";
import { links } from "../routes.ts";

/** Where `g` and a letter lead: letter, word, address. */
export const GOTO: readonly (readonly [string, string, string])[] = [
  ["o", "Overview", links.overview()],
  ["a", "Agents", links.agents()],
  ["f", "Frameworks", links.frameworks()],
  ["r", "Roles", links.roles()],
  ["t", "Tasks", links.tasks({ state: "active" })],
  ["e", "Offers", links.offers()],
  ["m", "Maintenance", links.maintenance()],
];

const KEYS: readonly (readonly [readonly string[], string])[] = [
  [["/"], "Filter the list"],
  [["↑", "↓"], "Move in a table; up from the first row to its heads"],
  [["←", "→"], "Choose a column in the heads, Enter sorts by it"],
  [["Enter"], "Open the row"],
  [["."], "What can be done with the row"],
  [["Esc"], "Clear the field, close the dialog"],
  [["d"], "Colours: system, light, dark"],
  [["?"], "This list"],
];

/** The list of shortcuts; it tells `fairlead-close` when it is closed. */
export class FairleadShortcuts extends LitElement {
  static readonly tag: string = "fairlead-shortcuts";
  static override properties: PropertyDeclarations = { open: { type: Boolean } };
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
        padding: 20px 22px;
        width: min(520px, calc(100vw - 32px));
      }

      dialog::backdrop {
        background: rgb(8 14 20 / 45%);
      }

      h2 {
        font-size: 16px;
        margin-bottom: 14px;
      }

      dl {
        display: grid;
        gap: 8px 18px;
        grid-template-columns: max-content 1fr;
      }

      dt {
        text-align: right;
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
    `,
  ];

  declare open: boolean;

  constructor() {
    super();
    this.open = false;
  }

  protected override updated(): void {
    const dialog = this.renderRoot.querySelector("dialog");
    if (this.open && dialog?.open === false) dialog.showModal();
    if (!this.open) dialog?.close();
  }

  protected override render(): TemplateResult {
    return html`<dialog aria-labelledby="title" @close=${() => tell(this, "fairlead-close", null)}>
      <div class="row spread">
        <h2 id="title">Keyboard shortcuts</h2>
        <button
          class="icon-button"
          type="button"
          aria-label="Close"
          @click=${() => tell(this, "fairlead-close", null)}
        >
          ${icon("close")}
        </button>
      </div>
      <dl>
        ${KEYS.map(
          ([keys, text]) => html`<dt>${keys.map((key) => html`<kbd>${key}</kbd> `)}</dt>
            <dd>${text}</dd>`,
        )}
        ${GOTO.map(
          ([letter, word]) => html`<dt><kbd>g</kbd> <kbd>${letter}</kbd></dt>
            <dd>${word}</dd>`,
        )}
      </dl>
    </dialog>`;
  }
}
