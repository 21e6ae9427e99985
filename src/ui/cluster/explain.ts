import { css, html, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import type { ConsoleExplanations } from "../../model/mod.ts";
import { FeedElement, tell } from "../parts/element.ts";
import { emptyState, problem } from "../parts/fields.ts";
import { count, percent, plural } from "../parts/format.ts";
import { icon } from "../parts/icons.ts";
import { Loaded } from "../parts/loaded.ts";
import { shared } from "../parts/styles.ts";
import { type Column, FairleadTable } from "../parts/table.ts";
import { vars } from "../parts/vars.ts";
import { links } from "../routes.ts";
import { type ReasonWords, reasonWords } from "./explain_words.ts";

/** How many agents are asked for by name. */
const AGENTS_MAX = 5_000;

/** Ids in the allocator's messages, for which people know names. */
const FRAMEWORK_ID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}-\d{4,}/gi;

type Explained = ConsoleExplanations["agents"][number];

const TONE_ICONS = { good: "check", plain: "minus", warn: "alert" } as const;

/**
 * "Why is nothing offered to me?": the allocator's reason for every agent, counted by what stands
 * in the way, and agent by agent.
 */
export class FairleadExplain extends FeedElement {
  static readonly tag: string = "fairlead-explain";
  static readonly parts = [FairleadTable];
  static override properties: PropertyDeclarations = {
    framework: { type: String },
    agent: { type: String },
    code: { type: String },
    rowsMax: { type: Number, attribute: "rows-max" },
  };
  static override styles = [
    ...shared,
    css`
      .columns {
        align-items: start;
        display: grid;
        gap: 16px;
        grid-template-columns: minmax(0, 5fr) minmax(0, 7fr);
      }

      @media (max-width: 1000px) {
        .columns {
          grid-template-columns: 1fr;
        }
      }

      .lead {
        margin-bottom: 12px;
      }

      .reasons {
        display: flex;
        flex-direction: column;
        gap: 2px;
      }

      .reasons button {
        background: none;
        border: 1px solid transparent;
        border-radius: 6px;
        cursor: pointer;
        display: grid;
        gap: 2px 10px;
        grid-template-columns: 16px minmax(0, 1fr) auto;
        margin: 0 -9px;
        padding: 8px;
        text-align: left;
        width: calc(100% + 18px);
      }

      .reasons button:hover {
        background: var(--hover);
      }

      .reasons button[aria-pressed="true"] {
        background: var(--accent-soft);
        border-color: var(--accent);
      }

      .reasons .title {
        color: var(--text);
        font-weight: 500;
      }

      .reasons .count {
        color: var(--text);
        font-weight: 600;
      }

      .reasons .thread {
        background: var(--track);
        border-radius: 2px;
        grid-column: 2 / -1;
        height: 4px;
        overflow: hidden;
      }

      .reasons .thread i {
        background: currentColor;
        display: block;
        height: 100%;
        transform: scaleX(var(--part));
        transform-origin: 0 50%;
      }

      .reasons .help {
        color: var(--muted);
        font-size: 12px;
        grid-column: 2 / -1;
      }
    `,
  ];

  /** Id of the framework that asks. */
  declare framework: string;
  /** Only this agent. */
  declare agent: string;
  /** Only agents with this reason. */
  declare code: string;
  declare rowsMax: number;

  readonly #answer = new Loaded<ConsoleExplanations>(this, {
    key: () => (this.framework === "" ? undefined : `${this.framework} ${this.agent}`),
    load: (signal) =>
      this.source.api.explain(
        { framework: this.framework, agent: this.agent, limit: AGENTS_MAX },
        { signal },
      ),
    nowMs: () => this.source.clock.nowMs(),
  });
  readonly #columns = this.#allColumns();

  constructor() {
    super();
    this.framework = "";
    this.agent = "";
    this.code = "";
    this.rowsMax = 12;
  }

  protected override feedChanged(): void {
    this.#answer.refresh();
    super.feedChanged();
  }

  protected override render(): TemplateResult {
    const { value, error, reload } = this.#answer;
    if (value === undefined) {
      return error === undefined
        ? html`<div class="card">${emptyState("Asking the allocator…", "")}</div>`
        : problem(error, reload);
    }
    const counts = Object.entries(value.counts).sort(([, a], [, b]) => b - a);
    const sum = counts.reduce((all, [, number]) => all + number, 0);
    if (sum === 0) {
      return html`<div class="card">
        ${emptyState("There is nothing to explain", "The cluster has no agents, or the framework no role.")}
      </div>`;
    }
    const rows = value.agents.filter(({ code }) => this.code === "" || code === this.code);
    const hosts = this.source.store.agents;
    return html`
      ${error === undefined ? nothing : problem(error, reload)}
      <div class="columns">
        <section class="card" aria-labelledby="reasons">
          <header><h2 id="reasons">What the allocator says</h2></header>
          <div class="body">
            <p class="lead muted">${leadOf(counts, sum, hosts.size)}</p>
            <div class="reasons" role="group" aria-label="Reasons">
              ${counts.map(([code, number]) => this.#reason(code, number, sum))}
            </div>
          </div>
        </section>
        <fairlead-table
          label="Reasons by agent"
          opens
          .columns=${this.#columns}
          .rows=${rows}
          .tick=${hosts.size}
          .rowsMax=${this.rowsMax}
          @fairlead-open=${({ detail }: CustomEvent<Explained>) =>
            location.assign(links.agent(detail.agentId))}
        >
          ${
            rows.length === 0
              ? emptyState(
                  "None of the agents listed",
                  "The master lists the first of them only.",
                  {
                    slot: "empty",
                  },
                )
              : nothing
          }
        </fairlead-table>
      </div>
    `;
  }

  #reason(code: string, number: number, sum: number): TemplateResult {
    const words: ReasonWords = reasonWords(code);
    const isChosen = code === this.code;
    const choose = () => {
      this.code = isChosen ? "" : code;
      tell(this, "fairlead-query", { code: this.code });
    };
    return html`<button
      type="button"
      aria-pressed=${isChosen ? "true" : "false"}
      title=${code}
      @click=${choose}
    >
      <span class=${words.tone}>${icon(TONE_ICONS[words.tone])}</span>
      <span class="title">${words.title}</span>
      <span class="count">${count(number)}</span>
      <span class="thread ${words.tone}" aria-hidden="true"
        ><i ${vars({ "--part": number / sum })}></i
      ></span>
      ${words.help === "" ? nothing : html`<span class="help">${words.help}</span>`}
    </button>`;
  }

  #allColumns(): Column<Explained>[] {
    return [
      {
        id: "agent",
        label: "Agent",
        width: "minmax(120px, 1fr)",
        cell: ({ agentId }) =>
          html`<a class="clip strong" href=${links.agent(agentId)} title=${agentId} tabindex="-1"
            >${this.source.store.agents.get(agentId)?.hostname ?? agentId}</a
          >`,
      },
      {
        id: "role",
        label: "Role",
        width: "minmax(70px, 0.6fr)",
        from: 480,
        cell: ({ role }) => html`<span class="clip muted">${role}</span>`,
      },
      {
        id: "message",
        label: "Why",
        width: "minmax(220px, 3fr)",
        cell: ({ code, message }) => {
          const { frameworks } = this.source.store;
          const { tone } = reasonWords(code);
          const told = message.replaceAll(FRAMEWORK_ID, (id) => frameworks.get(id)?.name ?? id);
          return html`<span class="state ${tone} clip" title=${told}
            >${icon(TONE_ICONS[tone])}<span class="clip">${told}</span></span
          >`;
        },
      },
    ];
  }
}

/** The answer in a sentence: how many offers there are, and the greatest obstacle. */
function leadOf(
  counts: readonly (readonly [string, number])[],
  sum: number,
  agents: number,
): string {
  const of = (code: string) => counts.find(([each]) => each === code)?.[1] ?? 0;
  const offered = of("offered");
  const eligible = of("eligible");
  const [first] = counts.filter(([code]) => code !== "offered" && code !== "eligible");
  const all = sum === agents ? plural(sum, "agent") : `${count(sum)} pairs of agent and role`;
  const pairs = `Of ${all}, ${count(offered)} ${
    offered === 1 ? "is" : "are"
  } offered to it now${eligible > 0 ? ` and ${count(eligible)} may be next` : ""}.`;
  if (first === undefined) return pairs;
  const [code, number] = first;
  return `${pairs} The most common obstacle, on ${percent(number / sum)}: ${reasonWords(
    code,
  ).title.toLowerCase()}.`;
}
