import { html, LitElement, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import { type Act, FairleadAct } from "../parts/dialog.ts";
import type { ElementClass } from "../parts/element.ts";
import { lapse } from "../parts/format.ts";
import { icon } from "../parts/icons.ts";
import { meterStyles } from "../parts/meter.ts";
import { sparklineStyles } from "../parts/sparkline.ts";
import { shared } from "../parts/styles.ts";
import { clientsCard, differencesCard, flowCard, lagCard, timelineCard } from "./cards.ts";
import { stepper } from "./phases.ts";
import { MigrationPoll } from "./poll.ts";
import type { MigrationAct, MigrationStatus } from "./status.ts";
import { migrationStyles } from "./styles.ts";

/** What an operator is told before an act. */
const ACTS: Readonly<Record<MigrationAct, { label: string; text: string; danger?: boolean }>> = {
  verify: { label: "Compare", text: "Both sides are read anew and compared; nothing is changed." },
  cutover: {
    label: "Cut over",
    text: "Clients are shut out of the source, both sides are compared, and the target is opened. What fails before that is undone.",
  },
  rollback: {
    label: "Roll back",
    text: "Clients go back to the source; what they wrote to the target is brought there first. The migration ends.",
    danger: true,
  },
  finalize: {
    label: "Finalize",
    text: "The source is given up: there is no way back any more.",
    danger: true,
  },
};

/**
 * A migration of an ensemble, live: its phase, lag, clients, differences, and what may be asked
 * for, behind a question and a token: `<fairlead-migration src="/api/migration">`.
 */
export class FairleadMigration extends LitElement {
  static readonly tag: string = "fairlead-migration";
  static readonly parts: readonly ElementClass[] = [FairleadAct];
  static override properties: PropertyDeclarations = {
    src: { type: String },
    status: { state: true },
    problem: { state: true },
    asked: { state: true },
  };
  static override styles = [...shared, meterStyles, sparklineStyles, migrationStyles];

  /** Where the status is. @default "/api/migration" */
  declare src: string;
  declare status: MigrationStatus | undefined;
  declare problem: string;
  declare asked: Act | undefined;
  #poll: MigrationPoll | undefined;
  /** Kept while the page is open. */
  #token = "";

  constructor() {
    super();
    this.src = "/api/migration";
    this.status = undefined;
    this.problem = "";
    this.asked = undefined;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#follow();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#poll?.stop();
  }

  protected override updated(changed: Map<PropertyKey, unknown>): void {
    if (changed.has("src") && changed.get("src") !== undefined) this.#follow();
  }

  protected override render(): TemplateResult {
    const { status, problem } = this;
    const away =
      problem === ""
        ? nothing
        : html`<div class="notice bad" role="alert">
            ${icon("alert")}<span>The migration does not answer: ${problem}</span>
          </div>`;
    if (status === undefined) {
      return html`<main>${away}${problem === "" ? html`<p class="empty">Asking …</p>` : nothing}</main>`;
    }
    return html`<main class="stack">
        <div class="row spread top"><h1>Migration ${status.id}</h1></div>
        ${away}
        <section class="card" aria-label="Phase"><div class="body">${stepper(status.phase)}</div></section>
        <div class="cards">
          ${lagCard(status)} ${flowCard(status)} ${clientsCard(status)} ${this.#acts(status)}
          ${differencesCard(status)} ${timelineCard(status)}
        </div>
      </main>
      <fairlead-act
        .act=${this.asked}
        @fairlead-cancel=${this.#end}
        @fairlead-done=${this.#end}
      ></fairlead-act>`;
  }

  #follow(): void {
    this.#poll?.stop();
    this.#poll = new MigrationPoll({
      src: this.src,
      told: (status, problem) => {
        // What was known last stays, and that it is old is said.
        if (status !== undefined) this.status = status;
        this.problem = problem;
      },
    });
  }

  readonly #end = (): void => {
    this.asked = undefined;
  };

  #acts({ acts, acting, acted, nowMs }: MigrationStatus): TemplateResult {
    const now =
      acting === undefined
        ? nothing
        : html`<p class="state busy">
            ${icon("hourglass")}<span
              >${ACTS[acting.name].label}: under way for ${lapse(nowMs - acting.sinceMs)}</span
            >
          </p>`;
    const last =
      acted === undefined
        ? nothing
        : html`<p class="state ${acted.isDone ? "good" : "bad"}" role="status">
            ${icon(acted.isDone ? "check" : "alert")}<span
              >${ACTS[acted.name].label}: ${acted.message}</span
            >
          </p>`;
    return html`<section class="card" aria-label="Acts">
      <header><h2>Acts</h2></header>
      <div class="body">
        ${now}${last}
        ${
          acts.length === 0
            ? html`<p class="muted">This page only shows: the command was given no token for it.</p>`
            : html`<ul class="acts">
                ${acts.map(({ name, isAllowed, why }) => this.#button(name, isAllowed, why))}
              </ul>`
        }
      </div>
    </section>`;
  }

  #button(name: MigrationAct, isAllowed: boolean, why: string): TemplateResult {
    const { label, danger } = ACTS[name];
    return html`<li>
      <button
        class="button ${danger ? "danger" : ""}"
        ?disabled=${!isAllowed}
        @click=${() => this.#ask(name)}
      >
        ${label}…
      </button>
      <span class="muted small">${why}</span>
    </li>`;
  }

  #ask(name: MigrationAct): void {
    const { label, text, danger = false } = ACTS[name];
    this.asked = {
      title: `${label}?`,
      text,
      confirm: label,
      danger,
      fields: html`<label
        >Token of the console
        <input
          class="field"
          name="token"
          type="password"
          autocomplete="off"
          required
          .value=${this.#token}
        />
      </label>`,
      run: async (values, signal) => {
        const token = String(values.get("token") ?? "").trim();
        await this.#poll?.act(name, token, signal);
        this.#token = token;
      },
      done: `${label}: asked for`,
    };
  }
}
