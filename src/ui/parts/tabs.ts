import { css, html, LitElement, type PropertyDeclarations, type TemplateResult } from "lit";
import { tell } from "./element.ts";
import { shared } from "./styles.ts";

/** Tabs: it tells `fairlead-query` with `tab` when another is chosen. */
export class FairleadTabs extends LitElement {
  static readonly tag: string = "fairlead-tabs";
  static override properties: PropertyDeclarations = {
    tabs: { attribute: false },
    chosen: { type: String },
    label: { type: String },
  };
  static override styles = [
    ...shared,
    css`
      nav {
        border-bottom: 1px solid var(--line);
        display: flex;
        gap: 20px;
      }

      button {
        background: none;
        border: 0;
        border-bottom: 2px solid transparent;
        color: var(--muted);
        cursor: pointer;
        margin-bottom: -1px;
        padding: 6px 1px 8px;
      }

      button:hover {
        color: var(--text);
      }

      button[aria-current="true"] {
        border-color: var(--accent);
        color: var(--text);
        font-weight: 600;
      }
    `,
  ];

  /** Id and word of each. */
  declare tabs: readonly (readonly [string, string])[];
  declare chosen: string;
  declare label: string;

  constructor() {
    super();
    this.tabs = [];
    this.chosen = "";
    this.label = "";
  }

  protected override render(): TemplateResult {
    const [[first] = [""]] = this.tabs;
    const chosen = this.tabs.some(([id]) => id === this.chosen) ? this.chosen : first;
    return html`<nav aria-label=${this.label}>
      ${this.tabs.map(
        ([id, word]) =>
          html`<button
            type="button"
            aria-current=${id === chosen ? "true" : "false"}
            @click=${() => tell(this, "fairlead-query", { tab: id === first ? "" : id })}
          >
            ${word}
          </button>`,
      )}
    </nav>`;
  }
}
