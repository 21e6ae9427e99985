import { css, html, LitElement, type PropertyDeclarations, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { tell } from "../../parts/element.ts";
import { ago, count } from "../../parts/format.ts";
import { icon } from "../../parts/icons.ts";
import { shared } from "../../parts/styles.ts";
import type { NodeChange } from "../data/changes.ts";
import { selectNode } from "../state/view_state.ts";
import { change } from "./pieces.ts";

const SHOWN_MAX = 100;

const LOOKS = {
  appeared: ["plus", "good", "Appeared"],
  vanished: ["minus", "bad", "Vanished"],
  changed: ["delta", "busy", "Changed"],
} as const;

/** What changed in the last minute; a click opens the node. It tells `fairlead-close`. */
export class FairleadChangesPanel extends LitElement {
  static readonly tag: string = "fairlead-changes-panel";
  static override properties: PropertyDeclarations = {
    changes: { attribute: false },
    nowMs: { attribute: false },
    topologyId: { attribute: false },
  };
  static override styles = [
    ...shared,
    css`
      :host {
        background: var(--surface);
        border: 1px solid var(--line);
        border-radius: 10px;
        box-shadow: 0 6px 28px light-dark(rgb(20 32 43 / 14%), rgb(0 0 0 / 45%));
        display: flex;
        flex-direction: column;
        min-height: 0;
        overflow: hidden;
      }

      header {
        align-items: center;
        border-bottom: 1px solid var(--line);
        display: flex;
        gap: 8px;
        padding: 8px 8px 8px 14px;
      }

      h2 {
        flex: 1;
        font-size: 13px;
      }

      .counts {
        display: flex;
        font-size: 12px;
        gap: 10px;
      }

      ol {
        overflow: auto;
        scrollbar-width: thin;
      }

      li + li {
        border-top: 1px solid color-mix(in srgb, var(--line) 70%, transparent);
      }

      li button {
        background: none;
        border: 0;
        cursor: pointer;
        display: grid;
        gap: 0 8px;
        grid-template-columns: 16px minmax(0, 1fr) auto;
        padding: 6px 14px;
        text-align: left;
        width: 100%;
      }

      li button:hover {
        background: var(--hover);
      }

      li button:focus-visible {
        outline-offset: -2px;
      }

      li svg {
        margin-top: 1px;
      }

      .facts {
        color: var(--muted);
        display: block;
        font-size: 12px;
        grid-column: 2 / 4;
      }

      .none {
        color: var(--muted);
        padding: 18px 14px;
      }
    `,
  ];

  declare changes: readonly NodeChange[];
  declare nowMs: number;
  declare topologyId: string;

  constructor() {
    super();
    this.changes = [];
    this.nowMs = 0;
    this.topologyId = "";
  }

  protected override render(): TemplateResult {
    const counted = (kind: NodeChange["kind"]) =>
      this.changes.filter((each) => each.kind === kind).length;
    return html`
      <header>
        <h2>Changes in the last minute</h2>
        <span class="counts">
          <span class="good" title="Appeared">+${count(counted("appeared"))}</span>
          <span class="bad" title="Vanished">−${count(counted("vanished"))}</span>
          <span class="busy" title="Changed">~${count(counted("changed"))}</span>
        </span>
        <button
          class="icon-button"
          type="button"
          aria-label="Close changes"
          @click=${() => tell(this, "fairlead-close", undefined)}
        >
          ${icon("close")}
        </button>
      </header>
      ${
        this.changes.length === 0
          ? html`<p class="none">Nothing changed.</p>`
          : html`<ol>
              ${repeat(
                this.changes.slice(0, SHOWN_MAX),
                ({ id, atMs, kind }) => `${atMs} ${kind} ${id}`,
                (each) => this.#line(each),
              )}
            </ol>`
      }
    `;
  }

  #line({ id, kind, label, labelMinor, facts, atMs }: NodeChange): TemplateResult {
    const [picture, tone, word] = LOOKS[kind];
    const { topologyId } = this;
    const open = () => change(this, (state) => selectNode(state, { id, label, topologyId }));
    return html`<li>
      <button type="button" @click=${open}>
        <span class=${tone} title=${word}>${icon(picture)}<span class="hidden">${word}</span></span>
        <span class="clip">${label} <span class="muted small">${labelMinor}</span></span>
        <span class="muted small">${ago(this.nowMs, atMs)}</span>
        <span class="facts">${facts.length === 0 ? word : facts.join(" · ")}</span>
      </button>
    </li>`;
  }
}
