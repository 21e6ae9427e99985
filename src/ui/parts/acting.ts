import { html, type PropertyDeclarations, type TemplateResult } from "lit";
import type { Act } from "./dialog.ts";
import { FeedElement } from "./element.ts";

/** An element whose operator can do something: it asks first. */
export abstract class ActingElement extends FeedElement {
  static override properties: PropertyDeclarations = { asked: { state: true } };

  declare asked: Act | undefined;

  constructor() {
    super();
    this.asked = undefined;
  }

  /** Ask, then do it. */
  protected ask(act: Act): void {
    this.asked = act;
  }

  /** The dialog; every rendering holds it. */
  protected dialog(): TemplateResult {
    const end = () => {
      this.asked = undefined;
    };
    return html`<fairlead-act
      .act=${this.asked}
      @fairlead-cancel=${end}
      @fairlead-done=${() => {
        end();
        this.acted();
      }}
    ></fairlead-act>`;
  }

  /** It was done: what is shown may have changed. */
  protected acted(): void {}
}
