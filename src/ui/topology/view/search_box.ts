import {
  css,
  html,
  LitElement,
  nothing,
  type PropertyDeclarations,
  type TemplateResult,
} from "lit";
import { count } from "../../parts/format.ts";
import { icon } from "../../parts/icons.ts";
import { shared } from "../../parts/styles.ts";
import { pinSearch, unpinSearch } from "../state/view_state.ts";
import { change } from "./pieces.ts";

/** Looks for nodes as one types; Enter turns the query into a filter. */
export class FairleadTopologySearch extends LitElement {
  static readonly tag: string = "fairlead-topology-search";
  static override properties: PropertyDeclarations = {
    query: { type: String },
    pins: { attribute: false },
    hint: { type: String },
    found: { attribute: false },
  };
  static override styles = [
    ...shared,
    css`
      .box {
        align-items: center;
        background: var(--surface);
        border: 1px solid color-mix(in srgb, var(--line-strong) 60%, transparent);
        border-radius: 7px;
        display: flex;
        flex-wrap: wrap;
        gap: 4px;
        min-height: 32px;
        padding: 2px 4px 2px 9px;
      }

      .box:focus-within {
        outline: 2px solid var(--focus);
        outline-offset: -1px;
      }

      .box > svg {
        color: var(--muted);
        flex: none;
      }

      input {
        background: none;
        border: 0;
        flex: 1 1 120px;
        min-width: 60px;
        outline: none;
        padding: 4px;
      }

      input::-webkit-search-cancel-button {
        display: none;
      }

      input::placeholder {
        color: var(--muted);
        opacity: 1;
      }

      .pin {
        align-items: center;
        background: var(--accent-soft);
        border: 0;
        border-radius: 5px;
        color: var(--accent-text);
        cursor: pointer;
        display: inline-flex;
        font: 12px/20px var(--mono);
        gap: 3px;
        max-width: 220px;
        padding: 1px 4px 1px 7px;
      }

      .pin svg {
        flex: none;
        height: 12px;
        width: 12px;
      }

      .found {
        color: var(--muted);
        font-size: 12px;
        padding-right: 4px;
        white-space: nowrap;
      }

      kbd {
        background: var(--sunken);
        border: 1px solid var(--line);
        border-radius: 4px;
        color: var(--muted);
        font: 11px/16px var(--mono);
        margin-right: 2px;
        padding: 0 5px;
      }
    `,
  ];

  declare query: string;
  /** Searches that filter. */
  declare pins: readonly string[];
  declare hint: string;
  /** How many nodes the query finds; absent without one. */
  declare found: number | undefined;

  constructor() {
    super();
    this.query = "";
    this.pins = [];
    this.hint = "Search";
    this.found = undefined;
  }

  /** Focus the field. */
  override focus(options?: FocusOptions): void {
    const input = this.renderRoot.querySelector("input");
    input?.focus(options);
    input?.select();
  }

  protected override render(): TemplateResult {
    return html`<div class="box" role="search">
      ${icon("search")}
      ${this.pins.map(
        (pin) =>
          html`<button
            class="pin"
            type="button"
            aria-label="Remove filter ${pin}"
            @click=${() => change(this, (state) => unpinSearch(state, pin))}
          >
            <span class="clip">${pin}</span>${icon("close")}
          </button>`,
      )}
      <input
        type="search"
        autocomplete="off"
        spellcheck="false"
        aria-label="Search nodes"
        placeholder=${this.pins.length > 0 ? "and …" : this.hint}
        .value=${this.query}
        @input=${this.#typed}
        @keydown=${this.#keyDown}
      />
      ${
        this.found === undefined
          ? html`<kbd aria-hidden="true">/</kbd>`
          : html`<span class="found" role="status">${count(this.found)} found</span>
              ${this.query.trim() === "" ? nothing : this.#pinButton()}`
      }
    </div>`;
  }

  #pinButton(): TemplateResult {
    return html`<button
      class="icon-button"
      type="button"
      title="Keep as a filter (Enter)"
      aria-label="Keep as a filter"
      @click=${() => change(this, pinSearch)}
    >
      ${icon("pin")}
    </button>`;
  }

  #typed = (event: Event): void => {
    if (!(event.target instanceof HTMLInputElement)) return;
    const search = event.target.value;
    change(this, (state) => ({ ...state, search }));
  };

  #keyDown = (event: KeyboardEvent): void => {
    const isEmpty = this.query === "";
    const last = this.pins.at(-1);
    if (event.key === "Enter") change(this, pinSearch);
    else if (event.key === "Backspace" && isEmpty && last !== undefined) {
      change(this, (state) => unpinSearch(state, last));
    } else if (event.key === "Escape") {
      event.stopPropagation();
      if (isEmpty) this.renderRoot.querySelector("input")?.blur();
      else change(this, (state) => ({ ...state, search: "" }));
    }
  };
}
