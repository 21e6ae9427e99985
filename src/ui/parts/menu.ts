import { css, html, LitElement, type PropertyDeclarations, type TemplateResult } from "lit";
import { classMap } from "lit/directives/class-map.js";
import { shared } from "./styles.ts";

/** One line of a menu. */
export interface MenuItem {
  readonly label: string;
  readonly danger?: boolean;
  readonly choose: () => void;
}

/** A menu that opens beside a button, above everything else; arrow keys move in it. */
export class FairleadMenu extends LitElement {
  static readonly tag: string = "fairlead-menu";
  static override properties: PropertyDeclarations = { items: { state: true } };
  static override styles = [
    ...shared,
    css`
      :host {
        display: contents;
      }

      [popover] {
        background: var(--surface);
        border: 1px solid var(--line);
        border-radius: 8px;
        box-shadow: 0 8px 28px rgb(0 0 0 / 22%);
        color: var(--text);
        inset: auto;
        margin: 0;
        min-width: 170px;
        padding: 4px;
        position: fixed;
      }

      button {
        background: none;
        border: 0;
        border-radius: 5px;
        cursor: pointer;
        display: block;
        padding: 6px 10px;
        text-align: left;
        width: 100%;
      }

      button:hover,
      button:focus {
        background: var(--hover);
        outline-offset: -2px;
      }

      .danger {
        color: var(--bad);
      }
    `,
  ];

  declare items: readonly MenuItem[];
  #anchor: HTMLElement | undefined;

  constructor() {
    super();
    this.items = [];
  }

  /** Open below an element, to which the focus returns. */
  async open(anchor: HTMLElement, items: readonly MenuItem[]): Promise<void> {
    this.#anchor = anchor;
    this.items = items;
    await this.updateComplete;
    const menu = this.#menu();
    menu.showPopover();
    const { bottom, right } = anchor.getBoundingClientRect();
    const { width, height } = menu.getBoundingClientRect();
    const { innerHeight } = this.ownerDocument.defaultView ?? { innerHeight: 0 };
    const top = bottom + height > innerHeight ? innerHeight - height - 8 : bottom + 4;
    menu.style.setProperty("top", `${Math.max(8, top)}px`);
    menu.style.setProperty("left", `${Math.max(8, right - width)}px`);
    menu.querySelector("button")?.focus();
  }

  protected override render(): TemplateResult {
    return html`<div popover role="menu" aria-label="Acts" @keydown=${this.#keyDown}>
      ${this.items.map(
        (item) =>
          html`<button
            role="menuitem"
            type="button"
            tabindex="-1"
            class=${classMap({ danger: item.danger === true })}
            @click=${() => this.#choose(item)}
          >
            ${item.label}
          </button>`,
      )}
    </div>`;
  }

  #menu(): HTMLElement {
    return this.renderRoot.querySelector<HTMLElement>("[popover]")!;
  }

  #choose(item: MenuItem): void {
    this.#menu().hidePopover();
    this.#anchor?.focus();
    item.choose();
  }

  #keyDown = (event: KeyboardEvent): void => {
    const buttons = [...this.#menu().querySelectorAll("button")];
    const at = buttons.findIndex((button) => button.matches(":focus"));
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (event.key === "Tab") this.#menu().hidePopover();
    if (to === undefined) return;
    event.preventDefault();
    buttons.at(to % buttons.length)?.focus();
  };
}
