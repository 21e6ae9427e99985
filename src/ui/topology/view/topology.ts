import { html, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import { icon } from "../../parts/icons.ts";
import { FairleadMenu } from "../../parts/menu.ts";
import { GraphMaker } from "../data/graph_data.ts";
import { SearchCounts } from "../feed/search_counts.ts";
import type { TopologyFeed } from "../feed/topology_feed.ts";
import { FairleadGraph } from "../graph.ts";
import type { ViewMode } from "../state/view_state.ts";
import { FairleadChangesPanel } from "./changes_panel.ts";
import { FairleadTopologyFilters } from "./filters.ts";
import { collectorLine, nothingToShow, statusLine, tool } from "./footer.ts";
import { FairleadTopologyHelp } from "./help.ts";
import { FairleadMetricPicker } from "./metric_picker.ts";
import { FairleadTopologyNav } from "./nav.ts";
import { FairleadNodeCard } from "./node_card.ts";
import { FairleadNodeTable } from "./node_table.ts";
import { segments } from "./pieces.ts";
import { FairleadResources } from "./resources.ts";
import { FairleadTopologySearch } from "./search_box.ts";
import { FairleadTerminal } from "./terminal.ts";
import { FairleadTimeBar } from "./time_bar.ts";
import { ActingTopology } from "./topology_acts.ts";
import { topologyStyles } from "./topology_styles.ts";

const MODES = [
  ["graph", "graph", "Graph", "g"],
  ["table", "table", "Table", "t"],
  ["resource", "resource", "Resources", "r"],
] as const;

/**
 * A datacenter live: its topologies as graph, as table or by resources, search, details, controls,
 * terminals, time travel. It follows the collector at `src`, ours or a Scope app's.
 *
 * It fills the height that it is given. With `deep-link` it keeps what the reader chose in the
 * page's address; else the state is in `viewState`, and told by `fairlead-state`.
 */
export class FairleadTopology extends ActingTopology {
  static readonly tag: string = "fairlead-topology";
  static readonly parts = [
    FairleadTopologyNav,
    FairleadTopologyFilters,
    FairleadTopologySearch,
    FairleadMetricPicker,
    FairleadGraph,
    FairleadNodeTable,
    FairleadResources,
    FairleadNodeCard,
    FairleadTerminal,
    FairleadTimeBar,
    FairleadChangesPanel,
    FairleadTopologyHelp,
    FairleadMenu,
  ];
  static override properties: PropertyDeclarations = {
    preview: { state: true },
    found: { state: true },
  };
  static override styles = topologyStyles;

  /** Metric that is pointed at. */
  declare preview: string | undefined;
  /** What the search finds in other topologies. */
  declare found: ReadonlyMap<string, number>;

  readonly #maker = new GraphMaker();
  #counts: readonly [TopologyFeed, SearchCounts] | undefined;
  #counted = "";

  constructor() {
    super();
    this.preview = undefined;
    this.found = new Map();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#counts?.[1].stop();
  }

  protected override willUpdate(changed: Map<PropertyKey, unknown>): void {
    super.willUpdate(changed);
    const { source, viewState } = this;
    if (source.topologies !== undefined) {
      this.model.choose(source.topologies, viewState);
      source.follow(this.model.query);
    }
    this.model.take(source.store, viewState, source.clock.nowMs());
    this.toggleAttribute("contrast", viewState.contrast);
    this.#count();
  }

  protected override updated(): void {
    if (!this.deepLink) return;
    const top = this.viewState.details.at(-1);
    const subject = top?.label ?? this.model.topology?.name ?? "Topology";
    this.ownerDocument.title = `${subject} · fairlead`;
  }

  protected override render(): TemplateResult {
    const { viewState: state } = this;
    const { terminal } = state;
    if (state.terminalOnly && terminal !== undefined) {
      return html`<fairlead-terminal
        class="whole"
        .feed=${this.source}
        .terminal=${terminal}
      ></fairlead-terminal>`;
    }
    return html`<div class="frame">
        ${this.#aside()}
        <main>
          ${this.#bar()}
          <div class="stage ${state.details.length > 0 ? "with-card" : ""}">
            ${this.#view()} ${this.#cover()} ${this.#cards()}
            ${this.showsChanges ? this.#changes() : nothing}
          </div>
          ${
            terminal === undefined
              ? nothing
              : html`<fairlead-terminal
                  .feed=${this.source}
                  .terminal=${terminal}
                  .movable=${this.deepLink}
                ></fairlead-terminal>`
          }
        </main>
        ${this.#footer()}
      </div>
      <fairlead-topology-help
        .open=${this.helps}
        .fields=${this.model.fields}
        @fairlead-close=${() => {
          this.helps = false;
        }}
      ></fairlead-topology-help>
      <fairlead-menu></fairlead-menu>`;
  }

  get #mode(): ViewMode {
    return this.viewState.viewMode ?? "graph";
  }

  #aside(): TemplateResult {
    const { viewState: state, source } = this;
    const model = this.model;
    const found = new Map(this.found);
    if (model.search !== undefined) found.set(model.topologyId, model.highlight?.size ?? 0);
    return html`<aside class=${this.showsDrawer ? "open" : ""}>
      <slot name="brand"></slot>
      ${this.deepLink ? html`<h1 class="hidden">${model.topology?.name ?? "Topology"}</h1>` : nothing}
      <fairlead-topology-nav
        .topologies=${source.topologies ?? []}
        .chosen=${model.topologyId}
        .found=${found}
      ></fairlead-topology-nav>
      <fairlead-topology-filters
        .topology=${model.topology}
        .options=${state.options}
        .groupings=${model.groupings}
        .groupBy=${state.groupBy}
        .networks=${model.networks}
        .network=${state.pinnedNetwork}
      ></fairlead-topology-filters>
    </aside>`;
  }

  #bar(): TemplateResult {
    const { viewState: state } = this;
    const model = this.model;
    return html`<div class="bar">
      <button
        class="icon-button drawer"
        type="button"
        aria-label="Topologies and filters"
        aria-expanded=${this.showsDrawer ? "true" : "false"}
        @click=${() => {
          this.showsDrawer = !this.showsDrawer;
        }}
      >
        ${icon("filter")}
      </button>
      <fairlead-topology-search
        .query=${state.search}
        .pins=${state.pinnedSearches}
        .hint=${model.fields.hint}
        .found=${model.search === undefined ? undefined : (model.highlight?.size ?? 0)}
      ></fairlead-topology-search>
      <span class="push"></span>
      ${
        this.#mode === "graph"
          ? html`<fairlead-metric-picker
              .kinds=${model.metrics}
              .pinned=${state.pinnedMetric}
              @fairlead-metric-preview=${({ detail }: CustomEvent<string | undefined>) => {
                this.preview = detail;
              }}
            ></fairlead-metric-picker>`
          : nothing
      }
      ${segments(
        "View",
        MODES.map(([id, picture, text, key]) => {
          return { id, text: html`${icon(picture)}${text}`, title: `${text} (${key})` };
        }),
        {
          chosen: MODES.map(([id]) => id).filter((id) => id === this.#mode),
          choose: (viewMode) => this.look(viewMode),
        },
      )}
    </div>`;
  }

  #view(): TemplateResult {
    const { viewState: state, source } = this;
    const model = this.model;
    if (this.#mode === "resource") {
      return html`<fairlead-resources
        class="view"
        .feed=${source}
        .metric=${state.resourceMetric ?? "CPU"}
        .atMs=${state.pausedAtMs}
        .selected=${state.details.at(-1)?.id}
      ></fairlead-resources>`;
    }
    if (this.#mode === "graph") return this.#graph();
    return html`<fairlead-node-table
      class="view"
      .nodes=${model.nodes}
      .version=${model.version}
      .topologyId=${model.topologyId}
      .sort=${state.sort}
      .query=${model.search}
      .highlight=${model.highlight}
      .isEmpty=${source.store.isFilled && model.nodes.size === 0}
    ></fairlead-node-table>`;
  }

  #graph(): TemplateResult {
    const { viewState: state, source, model } = this;
    const metric = this.preview ?? state.pinnedMetric;
    const own = state.details.find(({ topologyId }) => topologyId === model.topologyId);
    return html`<fairlead-graph
      class="view"
      .data=${this.#maker.graph(model, source.store, { state, metric })}
      .selected=${own?.id}
      .highlight=${model.highlight}
      .contrast=${state.contrast}
      @node-select=${({ detail }: CustomEvent<{ id: string | undefined }>) => this.#select(detail.id)}
    ></fairlead-graph>`;
  }

  #select(id: string | undefined): void {
    const node = this.model.nodes.get(id ?? "");
    const { topologyId } = this.model;
    const details = node === undefined ? [] : [{ id: node.id, label: node.label, topologyId }];
    this.set((state) => ({ ...state, details }));
  }

  /** What covers the view before there is anything to show. */
  #cover(): TemplateResult | typeof nothing {
    const { source } = this;
    const { status } = source;
    if (this.#mode === "resource") return nothing;
    if (source.store.isFilled) {
      const isEmpty = this.#mode === "graph" && this.model.nodes.size === 0;
      return isEmpty ? nothingToShow() : nothing;
    }
    if (status.status === "away" || status.status === "unauthorized") {
      return html`<div class="cover" role="alert">
        ${icon("alert")}<strong>${status.error.message}</strong>
        <button class="button" type="button" @click=${() => source.retry()}>Try now</button>
      </div>`;
    }
    const what = this.model.topology?.name.toLowerCase() ?? "topologies";
    return html`<div class="cover" role="status">
      <div class="spinner"></div>
      <span class="muted">Loading ${what}…</span>
    </div>`;
  }

  #cards(): TemplateResult | typeof nothing {
    const { viewState: state, source } = this;
    const { details } = state;
    const top = details.at(-1);
    if (top === undefined) return nothing;
    const query = this.model.queryOf(source.topologies ?? [], top.topologyId, state);
    return html`<div class="side" role="complementary" aria-label="Details">
      ${details.slice(-4, -1).map(
        ({ id, label }) =>
          html`<button
            class="under"
            type="button"
            title="Back to ${label}"
            @click=${() =>
              this.set((before) => {
                const at = before.details.findIndex((each) => each.id === id);
                return { ...before, details: before.details.slice(0, at + 1) };
              })}
          >
            ${label}
          </button>`,
      )}
      <fairlead-node-card
        .feed=${source}
        .query=${query}
        .node=${top}
        .version=${source.store.version}
        .search=${this.model.search}
      ></fairlead-node-card>
    </div>`;
  }

  #changes(): TemplateResult {
    const { source } = this;
    const nowMs = source.clock.nowMs();
    return html`<fairlead-changes-panel
      class="changes"
      .changes=${source.store.changes(nowMs)}
      .nowMs=${nowMs}
      .topologyId=${this.model.topologyId}
      @fairlead-close=${() => {
        this.showsChanges = false;
      }}
    ></fairlead-changes-panel>`;
  }

  #footer(): TemplateResult {
    const { viewState: state, source } = this;
    const nowMs = source.clock.nowMs();
    const changes = source.store.changes(nowMs).length;
    return html`<footer>
      ${statusLine(source, this.model)}
      <fairlead-time-bar
        .nowMs=${nowMs}
        .atMs=${state.pausedAtMs}
        .hasHistory=${source.info?.hasHistory ?? false}
      ></fairlead-time-bar>
      ${this.fault === "" ? nothing : html`<span class="bad" role="alert">${this.fault}</span>`}
      ${collectorLine(source.info)}
      <div class="tools">
        ${tool({
          picture: "delta",
          label: `What changed in the last minute${changes === 0 ? "" : `: ${changes}`}`,
          key: "c",
          isPressed: this.showsChanges,
          extra: changes === 0 ? nothing : html`<span class="pill">${changes}</span>`,
          use: () => this.do("changes"),
        })}
        ${
          this.#mode === "graph"
            ? tool({ picture: "refresh", label: "Lay out anew", use: () => this.graph?.arrange() })
            : nothing
        }
        ${tool({
          picture: "contrast",
          label: "High contrast",
          key: "h",
          isPressed: state.contrast,
          use: () => this.do("contrast"),
        })}
        ${
          this.deepLink
            ? tool({ picture: this.theme, label: `Colours: ${this.theme}`, use: this.nextTheme })
            : nothing
        }
        ${tool({ picture: "bug", label: "Troubleshooting", use: this.troubleshoot })}
        ${tool({ picture: "question", label: "Help", key: "?", use: () => this.do("help") })}
      </div>
    </footer>`;
  }

  /** Count elsewhere what the search finds, when the search is another one. */
  #count(): void {
    const { source, viewState: state } = this;
    const { search, topologyId } = this.model;
    const key = JSON.stringify([state.search, topologyId, state.options, state.pausedAtMs]);
    if (key === this.#counted) return;
    this.#counted = key;
    if (this.#counts?.[0] !== source) {
      this.#counts = [source, new SearchCounts(source.api, source.clock)];
    }
    const [, counts] = this.#counts;
    counts.stop();
    this.found = new Map();
    if (search === undefined) return;
    const asked = {
      topologies: source.topologies ?? [],
      options: state.options,
      except: topologyId,
      atMs: state.pausedAtMs,
    };
    void counts.count(search, asked).then((found) => {
      if (found !== undefined) this.found = found;
    });
  }
}
