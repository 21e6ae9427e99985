import { css, html, nothing, type TemplateResult } from "lit";
import type { ConsoleMachine, ConsoleMaintenance } from "../../model/mod.ts";
import { ActingElement } from "../parts/acting.ts";
import { FairleadAct } from "../parts/dialog.ts";
import { emptyState, problem } from "../parts/fields.ts";
import { ago, dateTime, plural, span } from "../parts/format.ts";
import { icon } from "../parts/icons.ts";
import { Loaded } from "../parts/loaded.ts";
import { shared } from "../parts/styles.ts";
import { links } from "../routes.ts";
import { removeWindow, scheduleWindow, startMaintenance, stopMaintenance } from "./acts.ts";

/** Machines shown of a window; the others are counted. */
const MACHINES_SHOWN = 12;
const HOUR_MS = 3_600_000;

/** Maintenance: what is scheduled, what is down, and how to change both. */
export class FairleadMaintenance extends ActingElement {
  static readonly tag: string = "fairlead-maintenance";
  static readonly parts = [FairleadAct];
  static override styles = [
    ...shared,
    css`
      :host {
        display: flex;
        flex-direction: column;
        gap: 16px;
      }

      .windows {
        display: flex;
        flex-direction: column;
        gap: 12px;
      }

      .window {
        display: grid;
        gap: 10px 16px;
        grid-template-columns: minmax(180px, 1fr) minmax(0, 3fr) auto;
        padding: 14px 16px;
      }

      .window h3 {
        color: var(--text);
        font-size: 14px;
      }
    `,
  ];

  readonly #answer = new Loaded<ConsoleMaintenance>(this, {
    key: () => "maintenance",
    load: (signal) => this.source.api.maintenance({ signal }),
    nowMs: () => this.source.clock.nowMs(),
  });

  protected override feedChanged(): void {
    this.#answer.refresh();
    super.feedChanged();
  }

  protected override acted(): void {
    this.#answer.reload();
  }

  protected override render(): TemplateResult {
    const { value, error, reload } = this.#answer;
    if (value === undefined) {
      return error === undefined
        ? html`<div class="card">${emptyState("Asking the master…", "")}</div>`
        : problem(error, reload);
    }
    return html`
      ${error === undefined ? nothing : problem(error, reload)}
      <div class="row spread">
        <p class="muted">
          Scheduled machines ask frameworks to leave in time; machines that are down have no agent.
        </p>
        <button class="button primary" type="button" @click=${() => this.#schedule(value)}>
          Schedule maintenance…
        </button>
      </div>
      ${this.#down(value)} ${this.#windows(value)} ${this.dialog()}
    `;
  }

  #down({ down }: ConsoleMaintenance): TemplateResult | typeof nothing {
    if (down.length === 0) return nothing;
    const { api } = this.source;
    return html`<section class="card window" aria-labelledby="down">
      <div>
        <h3 id="down" class="state warn">${icon("alert")}<span>Down now</span></h3>
        <span class="muted">${plural(down.length, "machine")}</span>
      </div>
      ${this.#machines(down)}
      <div class="row">
        <button class="button" type="button" @click=${() => this.ask(stopMaintenance(api, down))}>
          Bring back…
        </button>
      </div>
    </section>`;
  }

  #windows(value: ConsoleMaintenance): TemplateResult {
    if (value.windows.length === 0) {
      return html`<div class="card">
        ${emptyState(
          "Nothing is scheduled",
          "Schedule maintenance before you take machines down: frameworks then have time to move.",
        )}
      </div>`;
    }
    return html`<section class="windows" aria-label="Schedule">
      ${value.windows.map((_, index) => this.#window(value, index))}
    </section>`;
  }

  #window({ windows, down }: ConsoleMaintenance, index: number): TemplateResult {
    const { machines, startMs, durationMs } = windows[index]!;
    const { api } = this.source;
    const isDown = new Set(down.map(({ hostname }) => hostname));
    const up = machines.filter(({ hostname }) => !isDown.has(hostname));
    const length = durationMs === undefined ? "without end" : `for ${span(durationMs)}`;
    return html`<article class="card window">
      <div>
        <h3>${dateTime(startMs)}</h3>
        <span class="muted">${ago(this.source.nowMs(), startMs)}, ${length}</span>
      </div>
      ${this.#machines(machines)}
      <div class="row">
        ${
          up.length === 0
            ? html`<span class="state warn">${icon("alert")}<span>All down</span></span>`
            : html`<button
                  class="button danger"
                  type="button"
                  @click=${() => this.ask(startMaintenance(api, up))}
                >
                  Take down…
                </button>
                <button
                  class="button"
                  type="button"
                  @click=${() => this.ask(removeWindow(api, windows, index))}
                >
                  Remove…
                </button>`
        }
      </div>
    </article>`;
  }

  #machines(machines: readonly ConsoleMachine[]): TemplateResult {
    const byName = new Map(
      [...this.source.store.agents.values()].map(({ hostname, id }) => [hostname, id]),
    );
    const rest = machines.length - MACHINES_SHOWN;
    return html`<div class="tags">
      ${machines.slice(0, MACHINES_SHOWN).map(({ hostname, ip }) => {
        const id = byName.get(hostname);
        const name = hostname || ip;
        return id === undefined
          ? html`<span class="tag" title=${ip}>${name}</span>`
          : html`<a class="tag" href=${links.agent(id)} title=${ip}>${name}</a>`;
      })}
      ${rest > 0 ? html`<span class="muted">and ${rest} more</span>` : nothing}
    </div>`;
  }

  #schedule({ windows }: ConsoleMaintenance): void {
    const { store, api } = this.source;
    const start = new Date(this.source.nowMs() + HOUR_MS);
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
    const act = scheduleWindow(api, windows, {
      agents: [...store.agents.values()],
      startText: dateTime(start.getTime()).slice(0, 16).replace(" ", "T"),
      zone: timeZone,
    });
    this.ask(act);
  }
}
