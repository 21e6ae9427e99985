import { css, html, LitElement, type PropertyDeclarations, type TemplateResult } from "lit";
import { tell } from "../parts/element.ts";
import { icon } from "../parts/icons.ts";
import { shared } from "../parts/styles.ts";

/**
 * Asks who wants to see the cluster, where the master wants to know: it tells `fairlead-sign-in`
 * with the value of the Authorization header.
 */
export class FairleadSignIn extends LitElement {
  static readonly tag: string = "fairlead-sign-in";
  static override properties: PropertyDeclarations = {
    reason: { type: String },
    way: { state: true },
  };
  static override styles = [
    ...shared,
    css`
      :host {
        display: flex;
        justify-content: center;
        padding: 10vh 16px;
      }

      form {
        display: flex;
        flex-direction: column;
        gap: 14px;
        padding: 24px;
        width: 380px;
      }

      h1 {
        font-size: 17px;
        margin: 0;
      }

      label {
        display: flex;
        flex-direction: column;
        font-weight: 500;
        gap: 4px;
      }

      .button {
        justify-content: center;
      }

      .ways {
        display: flex;
        gap: 16px;
      }

      .ways label {
        align-items: center;
        flex-direction: row;
        font-weight: 400;
        gap: 6px;
      }

      fieldset {
        border: 0;
        margin: 0;
        padding: 0;
      }
    `,
  ];

  /** What the master said. */
  declare reason: string;
  declare way: "basic" | "token";

  constructor() {
    super();
    this.reason = "";
    this.way = "basic";
  }

  protected override firstUpdated(): void {
    this.renderRoot.querySelector<HTMLElement>("input[name=principal]")?.focus();
  }

  protected override render(): TemplateResult {
    const way = (name: "basic" | "token", word: string) =>
      html`<label
        ><input
          type="radio"
          name="way"
          value=${name}
          ?checked=${this.way === name}
          @change=${() => {
            this.way = name;
          }}
        />
        ${word}</label
      >`;
    return html`<form class="card" @submit=${this.#submit}>
      <h1>Sign in to the master</h1>
      <div class="notice warn" role="alert">${icon("key")}<span>${this.reason}</span></div>
      <fieldset class="ways" aria-label="Way">
        ${way("basic", "Principal and secret")} ${way("token", "Token")}
      </fieldset>
      ${
        this.way === "basic"
          ? html`<label
                >Principal
                <input class="field" name="principal" autocomplete="username" required
              /></label>
              <label
                >Secret
                <input
                  class="field"
                  name="secret"
                  type="password"
                  autocomplete="current-password"
                  required
              /></label>`
          : html`<label
              >Token
              <input class="field" name="token" type="password" autocomplete="off" required
            /></label>`
      }
      <button class="button primary" type="submit">Sign in</button>
      <p class="muted small">Kept for this tab until it is closed.</p>
    </form>`;
  }

  #submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (!(event.target instanceof HTMLFormElement)) return;
    const values = new FormData(event.target);
    const text = (name: string) => String(values.get(name) ?? "");
    const authorization =
      this.way === "token"
        ? `Bearer ${text("token").trim()}`
        : `Basic ${base64(`${text("principal")}:${text("secret")}`)}`;
    tell(this, "fairlead-sign-in", authorization);
  };
}

/** Of the UTF-8 of a text. */
function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
