import {
  css,
  html,
  LitElement,
  nothing,
  type PropertyDeclarations,
  type TemplateResult,
} from "lit";
import { tell } from "./element.ts";
import { icon } from "./icons.ts";
import { shared } from "./styles.ts";

/**
 * Something an operator is asked about before it is done.
 *
 * `run` does it; what it throws is shown in the dialog, which stays open.
 */
export interface Act {
  readonly title: string;
  /** What will happen, in a sentence or two. */
  readonly text: unknown;
  readonly confirm: string;
  /** It cannot be taken back. */
  readonly danger?: boolean;
  /** Fields of the form. */
  readonly fields?: TemplateResult;
  run(values: FormData, signal: AbortSignal): Promise<void>;
  /** What to say when it is done. */
  readonly done: string;
}

/**
 * Asks before an act, and shows how it went: `<fairlead-act .act=${act}>` opens, and tells
 * `fairlead-done` (the sentence) or `fairlead-cancel` at its end.
 */
export class FairleadAct extends LitElement {
  static readonly tag: string = "fairlead-act";
  static override properties: PropertyDeclarations = {
    act: { attribute: false },
    problem: { state: true },
    running: { state: true },
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
        max-height: calc(100vh - 64px);
        overflow: auto;
        padding: 0;
        width: min(480px, calc(100vw - 32px));
      }

      dialog::backdrop {
        background: rgb(8 14 20 / 45%);
      }

      form {
        display: flex;
        flex-direction: column;
        gap: 14px;
        padding: 20px 22px 18px;
      }

      h2 {
        font-size: 16px;
      }

      .text {
        color: var(--muted);
        overflow-wrap: anywhere;
      }

      .text strong {
        color: var(--text);
        font-weight: 600;
      }

      .buttons {
        display: flex;
        gap: 8px;
        justify-content: flex-end;
        margin-top: 4px;
      }

      label {
        display: flex;
        flex-direction: column;
        font-weight: 500;
        gap: 4px;
      }

      label.check {
        align-items: flex-start;
        flex-direction: row;
        font-weight: 400;
        gap: 8px;
      }

      label .hint,
      .hint {
        color: var(--muted);
        font-size: 12px;
        font-weight: 400;
      }

      .fields {
        display: flex;
        flex-direction: column;
        gap: 12px;
      }

      .grid {
        display: grid;
        gap: 10px 12px;
        grid-template-columns: 90px 1fr 1fr;
      }

      .grid > * {
        align-self: center;
        min-width: 0;
      }

      .grid .field {
        width: 100%;
      }

      .grid .label {
        color: var(--muted);
        font-size: 12px;
      }

      .pair {
        display: grid;
        gap: 12px;
        grid-template-columns: minmax(0, 1fr) minmax(0, 1fr);
      }

      .pair .field {
        min-width: 0;
        width: 100%;
      }
    `,
  ];

  declare act: Act | undefined;
  declare problem: string;
  declare running: boolean;
  #abort: AbortController | undefined;

  constructor() {
    super();
    this.act = undefined;
    this.problem = "";
    this.running = false;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#abort?.abort();
  }

  protected override updated(changed: Map<PropertyKey, unknown>): void {
    if (!changed.has("act")) return;
    const dialog = this.renderRoot.querySelector("dialog");
    if (this.act === undefined) dialog?.close();
    else if (dialog !== null && !dialog.open) dialog.showModal();
  }

  protected override render(): TemplateResult | typeof nothing {
    const { act } = this;
    if (act === undefined) return nothing;
    return html`<dialog aria-labelledby="title" @cancel=${this.#cancel} @close=${this.#cancel}>
      <form method="dialog" @submit=${this.#submit}>
        <h2 id="title">${act.title}</h2>
        <div class="text">${act.text}</div>
        ${act.fields === undefined ? nothing : html`<div class="fields">${act.fields}</div>`}
        ${
          this.problem === ""
            ? nothing
            : html`<div class="notice bad" role="alert">
                ${icon("alert")}<span>${this.problem}</span>
              </div>`
        }
        <div class="buttons">
          <button class="button" type="button" @click=${this.#cancel}>Cancel</button>
          <button
            class="button primary ${act.danger ? "danger" : ""}"
            type="submit"
            ?disabled=${this.running}
          >
            ${this.running ? "Working…" : act.confirm}
          </button>
        </div>
      </form>
    </dialog>`;
  }

  #cancel = (event: Event): void => {
    event.preventDefault();
    this.#abort?.abort();
    this.#end();
    tell(this, "fairlead-cancel", undefined);
  };

  #submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const { act } = this;
    if (act === undefined || this.running || !(event.target instanceof HTMLFormElement)) return;
    const abort = new AbortController();
    this.#abort = abort;
    this.running = true;
    this.problem = "";
    try {
      await act.run(new FormData(event.target), abort.signal);
    } catch (error) {
      if (abort.signal.aborted) return;
      this.running = false;
      this.problem = error instanceof Error ? error.message : String(error);
      return;
    }
    this.#end();
    tell(this, "fairlead-done", act.done);
  };

  #end(): void {
    this.act = undefined;
    this.running = false;
    this.problem = "";
  }
}
