import { css, html, type PropertyDeclarations, type TemplateResult } from "lit";
import { FeedElement } from "../parts/element.ts";
import { icon } from "../parts/icons.ts";
import { shared } from "../parts/styles.ts";
import { links } from "../routes.ts";

/** Three things to try on this very cluster, for somebody who sees it for the first time. */
export class FairleadTips extends FeedElement {
  static readonly tag: string = "fairlead-tips";
  static override properties: PropertyDeclarations = { copied: { state: true } };
  static override styles = [
    ...shared,
    css`
      ol {
        display: flex;
        flex-direction: column;
        gap: 14px;
      }

      li {
        display: grid;
        gap: 2px 12px;
        grid-template-columns: 24px minmax(0, 1fr);
      }

      .step {
        align-items: center;
        background: var(--accent-soft);
        border-radius: 50%;
        color: var(--accent-text);
        display: flex;
        font-size: 12px;
        font-weight: 600;
        grid-row: span 2;
        height: 24px;
        justify-content: center;
        width: 24px;
      }

      h3 {
        color: var(--text);
        font-size: 13px;
        line-height: 24px;
      }

      .code {
        align-items: center;
        background: var(--sunken);
        border: 1px solid var(--line);
        border-radius: 6px;
        display: flex;
        gap: 4px;
        margin-top: 6px;
        padding: 3px 4px 3px 10px;
      }

      .code code {
        flex: 1;
        min-width: 0;
        overflow-x: auto;
        scrollbar-width: none;
        white-space: nowrap;
      }
    `,
  ];

  declare copied: boolean;

  constructor() {
    super();
    this.copied = false;
  }

  protected override render(): TemplateResult {
    const { frameworks, agents } = this.source.store;
    const framework = [...frameworks.values()].find(({ state }) => state === "active");
    const agent = [...agents.values()].find(({ tasks, state }) => state === "active" && tasks > 0);
    const why = framework === undefined ? links.frameworks() : links.framework(framework.id);
    const machine = agent === undefined ? links.agents() : links.agent(agent.id);
    return html`<section class="card" aria-labelledby="tips">
      <header><h2 id="tips">Three things to try</h2></header>
      <div class="body">
        <ol>
          <li>
            <span class="step" aria-hidden="true">1</span>
            <h3>Ask why somebody gets no offers</h3>
            <p class="muted">
              Open <a href=${why}>${framework?.name ?? "a framework"}</a>: the allocator says for
              every agent what stands in the way.
            </p>
          </li>
          <li>
            <span class="step" aria-hidden="true">2</span>
            <h3>Drain a machine and watch its tasks move</h3>
            <p class="muted">
              Open <a href=${machine}>${agent?.hostname ?? "an agent"}</a> and choose Drain. Its
              frameworks start what was killed on other agents.
            </p>
          </li>
          <li>
            <span class="step" aria-hidden="true">3</span>
            <h3>Speak Mesos v1 to it</h3>
            <div>
              <p class="muted">Frameworks and tools for Mesos work unchanged:</p>
              ${this.#command()}
            </div>
          </li>
        </ol>
      </div>
    </section>`;
  }

  #command(): TemplateResult {
    const command = `curl -s ${location.origin}/api/v1 -H 'content-type: application/json' -d '{"type":"GET_AGENTS"}'`;
    return html`<div class="code">
      <code tabindex="0">${command}</code>
      <button
        class="icon-button"
        type="button"
        aria-label="Copy the command"
        title="Copy"
        @click=${() => this.#copy(command)}
      >
        ${icon(this.copied ? "check" : "copy")}
      </button>
    </div>`;
  }

  async #copy(text: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      this.copied = true;
    } catch {
      // Without a secure context there is no clipboard: the text can be selected.
      this.copied = false;
    }
  }
}
