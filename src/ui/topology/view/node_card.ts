import { html, LitElement, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import { FairleadError } from "../../../base/mod.ts";
import type { ControlInstance, DetailedNode } from "../../../topology/mod.ts";
import { type Act, FairleadAct } from "../../parts/dialog.ts";
import { icon } from "../../parts/icons.ts";
import { Loaded } from "../../parts/loaded.ts";
import { metadataText } from "../data/formats.ts";
import type { TopologyQuery } from "../feed/topology_api.ts";
import type { TopologyFeed } from "../feed/topology_feed.ts";
import { matchNode, metadataKey, type NodeMatch } from "../search/match.ts";
import type { SearchQuery } from "../search/query.ts";
import {
  closeDetails,
  type DetailsRef,
  openRelative,
  type TerminalRef,
} from "../state/view_state.ts";
import { cardStyles } from "./card_styles.ts";
import { FairleadMetricCard } from "./metric_card.ts";
import {
  childTable,
  connectionTable,
  more,
  propertyTable,
  type TableHost,
  type TableState,
} from "./node_tables.ts";
import { change, marked, shapeOf } from "./pieces.ts";

const FACTS_SHOWN = 5;
const METRICS_SHOWN = 4;

/**
 * All that is known of a node: parents, controls, metrics, facts, connections, children, tables.
 *
 * A control that asks for confirmation asks; one that opens a pipe tells of it in the state.
 */
export class FairleadNodeCard extends LitElement {
  static readonly tag: string = "fairlead-node-card";
  static readonly parts = [FairleadAct, FairleadMetricCard];
  static override properties: PropertyDeclarations = {
    feed: { attribute: false },
    query: { attribute: false },
    node: { attribute: false },
    version: { attribute: false },
    search: { attribute: false },
    asked: { state: true },
    fault: { state: true },
    answer: { state: true },
    running: { state: true },
    tables: { state: true },
  };
  static override styles = cardStyles;

  declare feed: TopologyFeed;
  /** The node's topology, its options, and the moment. */
  declare query: TopologyQuery;
  declare node: DetailsRef;
  /** Of the view: another one asks for the node again. */
  declare version: number;
  declare search: SearchQuery | undefined;
  declare asked: Act | undefined;
  /** Why the last control failed. */
  declare fault: string;
  /** Text that the last control answered. */
  declare answer: string;
  /** Id of the control that is under way. */
  declare running: string;
  declare tables: Readonly<Record<string, TableState>>;

  readonly #loaded: Loaded<DetailedNode>;

  constructor() {
    super();
    this.version = 0;
    this.search = undefined;
    this.asked = undefined;
    this.fault = "";
    this.answer = "";
    this.running = "";
    this.tables = {};
    this.#loaded = new Loaded(this, {
      key: () => JSON.stringify([this.node.id, this.query]),
      load: (signal) => this.feed.api.node(this.query, this.node.id, { signal }),
      nowMs: () => this.feed.clock.nowMs(),
    });
  }

  protected override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (changed.has("version")) this.#loaded.refresh();
  }

  protected override render(): TemplateResult {
    const { error, value } = this.#loaded;
    const isGone = error?.code === "node_not_found";
    return html`
      ${this.#header(isGone ? undefined : value)}
      ${
        isGone
          ? html`<div class="waiting"><strong>${this.node.label}</strong> is not there any more.</div>`
          : value === undefined
            ? html`<div class="waiting">${error?.message ?? "Loading…"}</div>`
            : this.#body(value)
      }
      <fairlead-act
        .act=${this.asked}
        @fairlead-cancel=${this.#settled}
        @fairlead-done=${this.#settled}
      ></fairlead-act>
    `;
  }

  #settled = (): void => {
    this.asked = undefined;
  };

  #header(node: DetailedNode | undefined): TemplateResult {
    const match = this.#matchOf(node);
    return html`<header>
      <div class="title">
        ${shapeOf(node?.shape)}
        <div>
          <h2>${marked(node?.label ?? this.node.label, match?.get("label"))}</h2>
          <div class="muted small">${node?.labelMinor ?? ""}</div>
        </div>
        <button
          class="icon-button"
          type="button"
          title="Show in ${this.query.topologyId}"
          aria-label="Show in its topology"
          @click=${this.#show}
        >
          ${icon("graph")}
        </button>
        <button
          class="icon-button"
          type="button"
          title="Close (Esc)"
          aria-label="Close details"
          @click=${() => change(this, (state) => closeDetails(state, this.node.id))}
        >
          ${icon("close")}
        </button>
      </div>
      ${node === undefined ? nothing : html`${this.#parents(node)} ${this.#controls(node)}`}
      ${this.fault === "" ? nothing : html`<div class="notice bad" role="alert">${icon("alert")}<span>${this.fault}</span></div>`}
    </header>`;
  }

  #matchOf(node: DetailedNode | undefined): NodeMatch | undefined {
    return node === undefined || this.search === undefined
      ? undefined
      : matchNode(this.search, node);
  }

  /** The card's topology becomes the view's, with this card open. */
  #show = (): void => {
    const { node } = this;
    change(this, (state) => ({ ...state, topologyId: node.topologyId, details: [node] }));
  };

  #parents({ parents = [] }: DetailedNode): TemplateResult | typeof nothing {
    if (parents.length === 0) return nothing;
    return html`<div class="parents">
      ${parents.map(
        (parent) =>
          html`<button type="button" title=${parent.topologyId} @click=${() => this.#open(parent)}>
            ${parent.label}
          </button>`,
      )}
    </div>`;
  }

  #open = ({ id, label, topologyId }: DetailsRef): void => {
    change(this, (state) => openRelative(state, { id, label, topologyId }));
  };

  #controls({ controls }: DetailedNode): TemplateResult | typeof nothing {
    if (controls.length === 0 || this.query.atMs !== undefined) return nothing;
    return html`<div class="controls" role="group" aria-label="Controls">
      ${[...controls]
        .sort((a, b) => a.rank - b.rank)
        .map(
          (control) =>
            html`<button
              class="button ${isDangerous(control) ? "danger" : ""}"
              type="button"
              ?disabled=${this.running !== ""}
              @click=${() => this.#use(control)}
            >
              ${/exec|attach/.test(control.id) ? icon("terminal") : nothing}${control.human}
            </button>`,
        )}
    </div>`;
  }

  #use(control: ControlInstance): void {
    const { confirmation = "" } = control;
    if (confirmation === "") void this.#run(control).catch(() => undefined);
    else {
      this.asked = {
        title: `${control.human}?`,
        text: html`${confirmation} <strong>${this.node.label}</strong>`,
        confirm: control.human,
        danger: isDangerous(control),
        run: () => this.#run(control),
        done: control.human,
      };
    }
  }

  async #run({ probeId, nodeId, id, human }: ControlInstance): Promise<void> {
    this.running = id;
    this.fault = "";
    this.answer = "";
    const opener: DetailsRef = this.node;
    try {
      const result = await this.feed.api.control({ probeId, nodeId, control: id });
      this.answer = result.value ?? "";
      if (result.pipe !== undefined) {
        const terminal: TerminalRef = {
          pipeId: result.pipe,
          title: `${human}: ${opener.label}`,
          nodeId,
          probeId,
          isRaw: result.isRawTty,
          resizeControl: result.resizeControl,
        };
        change(this, (state) => ({ ...state, terminal }));
      }
      const { removedNode } = result;
      if (removedNode !== undefined) change(this, (state) => closeDetails(state, removedNode));
      else this.#loaded.reload();
    } catch (thrown) {
      this.fault = FairleadError.from(thrown).message;
      throw thrown;
    } finally {
      this.running = "";
    }
  }

  #body(node: DetailedNode): TemplateResult {
    const host: TableHost = {
      state: (table) => this.tables[table] ?? { sort: "name", desc: false, isOpen: false },
      setState: (table, state) => {
        this.tables = { ...this.tables, [table]: state };
      },
      open: this.#open,
      match: this.#matchOf(node),
    };
    return html`<div class="body" tabindex="0" role="region" aria-label="Details of ${node.label}">
      ${this.answer === "" ? nothing : html`<pre class="text">${this.answer}</pre>`}
      ${this.#metrics(node, host)} ${this.#facts(node, host)}
      ${node.connections.map((group) => connectionTable(group, host))}
      ${(node.children ?? []).map((group) => childTable(group, host))}
      ${(node.tables ?? []).map((table) => propertyTable(table, host))}
    </div>`;
  }

  #metrics({ metrics = [] }: DetailedNode, host: TableHost): TemplateResult | typeof nothing {
    if (metrics.length === 0) return nothing;
    const state = host.state("metrics");
    const shown = metrics.slice(0, state.isOpen ? undefined : METRICS_SHOWN);
    const set = (isOpen: boolean) => host.setState("metrics", { ...state, isOpen });
    return html`<section aria-label="Status">
      <div class="metrics">
        ${shown.map(
          (metric) => html`<fairlead-metric-card .metric=${metric}></fairlead-metric-card>`,
        )}
      </div>
      ${metrics.filter(({ url }) => url !== "").map(({ url, label }) => html`<a class="small" href=${url} target="_blank" rel="noreferrer">${label} in detail</a> `)}
      ${more(metrics.length, METRICS_SHOWN, state.isOpen, set)}
    </section>`;
  }

  #facts({ metadata = [] }: DetailedNode, host: TableHost): TemplateResult | typeof nothing {
    if (metadata.length === 0) return nothing;
    const state = host.state("facts");
    const sorted = [...metadata].sort((a, b) => (a.priority ?? 99) - (b.priority ?? 99));
    const shown = sorted.slice(0, state.isOpen ? undefined : FACTS_SHOWN);
    const set = (isOpen: boolean) => host.setState("facts", { ...state, isOpen });
    return html`<section>
      <h3>Info</h3>
      <dl class="facts">
        ${shown.map(
          (line) =>
            html`<dt class="clip" title=${line.label}>${line.label}</dt>
              <dd title=${line.value}>
                ${marked(metadataText(line), host.match?.get(metadataKey(line.id)))}
              </dd>`,
        )}
      </dl>
      ${more(sorted.length, FACTS_SHOWN, state.isOpen, set)}
    </section>`;
  }
}

function isDangerous({ id }: ControlInstance): boolean {
  return /remove|delete|stop|kill/.test(id);
}
