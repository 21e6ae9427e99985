/** Pieces of pages that several have: fields, empty lists, notices. */
import { css, html, nothing, type TemplateResult } from "lit";
import { FairleadError } from "../../base/mod.ts";
import { icon } from "./icons.ts";

/** Of what is here. */
export const fieldStyles = css`
  .bar {
    align-items: center;
    display: flex;
    flex: none;
    flex-wrap: wrap;
    gap: 8px;
    margin-bottom: 12px;
  }

  .search {
    align-items: center;
    display: flex;
    flex: 1 1 220px;
    max-width: 420px;
    position: relative;
  }

  .search > svg {
    color: var(--muted);
    left: 9px;
    pointer-events: none;
    position: absolute;
  }

  .search > input {
    padding-left: 31px;
    padding-right: 30px;
    width: 100%;
  }

  .search > kbd {
    background: var(--sunken);
    border: 1px solid var(--line);
    border-radius: 4px;
    color: var(--muted);
    font: 11px/16px var(--mono);
    padding: 0 5px;
    pointer-events: none;
    position: absolute;
    right: 7px;
  }

  .search > input:focus + kbd {
    display: none;
  }

  .chips {
    display: flex;
    flex-wrap: wrap;
    gap: 4px;
  }

  .chip {
    align-items: center;
    background: none;
    border: 1px solid var(--line);
    border-radius: 999px;
    color: var(--muted);
    cursor: pointer;
    display: inline-flex;
    gap: 6px;
    line-height: 20px;
    padding: 3px 11px;
  }

  .chip:hover {
    background: var(--hover);
    color: var(--text);
  }

  .chip[aria-pressed="true"] {
    background: var(--accent-soft);
    border-color: var(--accent);
    color: var(--accent-text);
    font-weight: 500;
  }

  .push {
    margin-left: auto;
  }
`;

/** A field that narrows a list as one types; the console's `/` leads to it. */
export function searchField(options: {
  readonly value: string;
  readonly label: string;
  readonly placeholder: string;
  readonly changed: (value: string) => void;
}): TemplateResult {
  const { value, label, placeholder, changed } = options;
  const read = (event: Event) => {
    if (event.target instanceof HTMLInputElement) changed(event.target.value);
  };
  const clear = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || value === "") return;
    event.stopPropagation();
    changed("");
  };
  return html`<div class="search">
    ${icon("search")}
    <input
      class="field"
      type="search"
      data-filter
      autocomplete="off"
      spellcheck="false"
      aria-label=${label}
      placeholder=${placeholder}
      .value=${value}
      @input=${read}
      @keydown=${clear}
    />
    <kbd aria-hidden="true">/</kbd>
  </div>`;
}

/** Buttons of which one is pressed. */
export function chips(
  label: string,
  options: readonly { readonly id: string; readonly text: unknown; readonly count?: string }[],
  { chosen, choose }: { chosen: string; choose: (id: string) => void },
): TemplateResult {
  return html`<div class="chips" role="group" aria-label=${label}>
    ${options.map(
      ({ id, text, count }) =>
        html`<button
          class="chip"
          type="button"
          aria-pressed=${id === chosen ? "true" : "false"}
          @click=${() => choose(id)}
        >
          ${text}${count === undefined ? nothing : html`<span class="number">${count}</span>`}
        </button>`,
    )}
  </div>`;
}

/** What stands where a list would be. */
export function emptyState(
  title: string,
  text: unknown,
  { code, slot }: { code?: string; slot?: string } = {},
): TemplateResult {
  return html`<div class="empty" slot=${slot ?? nothing}>
    <strong>${title}</strong>
    <span>${text}</span>
    ${code === undefined ? nothing : html`<code>${code}</code>`}
  </div>`;
}

/** Something could not be had; what is shown may be old. */
export function problem(error: unknown, retry: () => void): TemplateResult {
  return html`<div class="notice bad" role="alert">
    ${icon("alert")}
    <span>${FairleadError.from(error).message}</span>
    <button class="button push" type="button" @click=${retry}>Try again</button>
  </div>`;
}
