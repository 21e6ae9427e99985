import { html, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import { FairleadError } from "../../../base/mod.ts";
import { icon } from "../../parts/icons.ts";
import { FairleadMenu } from "../../parts/menu.ts";
import { applyTheme, readTheme, THEMES, type Theme } from "../../parts/theme.ts";
import { stepMetric } from "../data/metrics.ts";
import { ViewModel } from "../data/view_model.ts";
import { SearchCounts } from "../feed/search_counts.ts";
import type { TopologyFeed } from "../feed/topology_feed.ts";
import { actionOf, type KeyAction } from "../state/keys.ts";
import { INITIAL_STATE, stepBack, type ViewMode } from "../state/view_state.ts";
import { FairleadChangesPanel } from "./changes_panel.ts";
import { FairleadTopologyFilters } from "./filters.ts";
import { collectorLine, statusLine, tool } from "./footer.ts";
import { FairleadTopologyHelp } from "./help.ts";
import { FairleadMetricPicker } from "./metric_picker.ts";
import { FairleadTopologyNav } from "./nav.ts";
import { FairleadNodeCard } from "./node_card.ts";
import { FairleadNodeTable } from "./node_table.ts";
import { segments } from "./pieces.ts";
import { FairleadResources } from "./resources.ts";
import { jsonBlob, saveFile } from "./save.ts";
import { FairleadTopologySearch } from "./search_box.ts";
import { FairleadTerminal } from "./terminal.ts";
import { FairleadTimeBar } from "./time_bar.ts";
import { TopologyElement } from "./topology_element.ts";
import { topologyStyles } from "./topology_styles.ts";

const MODES = [
  ["table", "table", "Table", "t"],
  ["resource", "resource", "Resources", "r"],
] as const;

/**
 * A datacenter live: its topologies as table or by resources, search, details, controls,
 * terminals, time travel. It follows the collector at `src`, ours or a Scope app's.
 *
 * It fills the height that it is given. With `deep-link` it keeps what the reader chose in the
 * page's address; else the state is in `viewState`, and told by `fairlead-state`.
 */
export class FairleadTopology extends TopologyElement {
  static readonly tag: string = "fairlead-topology";
  static readonly parts = [
    FairleadTopologyNav,
    FairleadTopologyFilters,
    FairleadTopologySearch,
    FairleadMetricPicker,
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
    helps: { state: true },
    showsChanges: { state: true },
    showsDrawer: { state: true },
    found: { state: true },
    fault: { state: true },
    theme: { state: true },
  };
  static override styles = topologyStyles;

  /** Metric that is pointed at. */
  declare preview: string | undefined;
  declare helps: boolean;
  declare showsChanges: boolean;
  declare showsDrawer: boolean;
  /** What the search finds in other topologies. */
  declare found: ReadonlyMap<string, number>;
  declare fault: string;
  declare theme: Theme;

  readonly #model = new ViewModel();
  #counts: readonly [TopologyFeed, SearchCounts] | undefined;
  #counted = "";
  #keys: AbortController | undefined;

  constructor() {
    super();
    this.preview = undefined;
    this.helps = false;
    this.showsChanges = false;
    this.showsDrawer = false;
    this.found = new Map();
    this.fault = "";
    this.theme = "system";
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const keys = new AbortController();
    this.#keys = keys;
    const { signal } = keys;
    this.ownerDocument.addEventListener("keydown", (event) => this.#keyDown(event), { signal });
    if (this.deepLink) this.theme = readTheme();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#keys?.abort();
    this.#counts?.[1].stop();
  }

  protected override willUpdate(changed: Map<PropertyKey, unknown>): void {
    super.willUpdate(changed);
    const { source, viewState } = this;
    if (source.topologies !== undefined) {
      this.#model.choose(source.topologies, viewState);
      source.follow(this.#model.query);
    }
    this.#model.take(source.store, viewState);
    this.toggleAttribute("contrast", viewState.contrast);
    this.#count();
  }

  protected override updated(): void {
    if (!this.deepLink) return;
    const top = this.viewState.details.at(-1);
    const subject = top?.label ?? this.#model.topology?.name ?? "Topology";
    this.ownerDocument.title = `${subject} · fairlead`;
  }

  protected override render(): TemplateResult {
    const { viewState: state } = this;
    const { terminal } = state;
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
                ></fairlead-terminal>`
          }
        </main>
        ${this.#footer()}
      </div>
      <fairlead-topology-help
        .open=${this.helps}
        .fields=${this.#model.fields}
        @fairlead-close=${() => {
          this.helps = false;
        }}
      ></fairlead-topology-help>
      <fairlead-menu></fairlead-menu>`;
  }

  get #mode(): ViewMode {
    return this.viewState.viewMode ?? "table";
  }

  #aside(): TemplateResult {
    const { viewState: state, source } = this;
    const model = this.#model;
    const found = new Map(this.found);
    if (model.search !== undefined) found.set(model.topologyId, model.highlight?.size ?? 0);
    return html`<aside class=${this.showsDrawer ? "open" : ""}>
      <slot name="brand"></slot>
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
    const model = this.#model;
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
      ${segments(
        "View",
        MODES.map(([id, picture, text, key]) => {
          return { id, text: html`${icon(picture)}${text}`, title: `${text} (${key})` };
        }),
        {
          chosen: MODES.map(([id]) => id).filter((id) => id === this.#mode),
          choose: (viewMode) => this.#look(viewMode),
        },
      )}
    </div>`;
  }

  #view(): TemplateResult {
    const { viewState: state, source } = this;
    const model = this.#model;
    if (this.#mode === "resource") {
      return html`<fairlead-resources
        class="view"
        .feed=${source}
        .metric=${state.resourceMetric ?? "CPU"}
        .atMs=${state.pausedAtMs}
        .selected=${state.details.at(-1)?.id}
      ></fairlead-resources>`;
    }
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

  /** What covers the view before there is anything to show. */
  #cover(): TemplateResult | typeof nothing {
    const { source } = this;
    const { status } = source;
    if (this.#mode === "resource" || source.store.isFilled) return nothing;
    if (status.status === "away" || status.status === "unauthorized") {
      return html`<div class="cover" role="alert">
        ${icon("alert")}<strong>${status.error.message}</strong>
        <button class="button" type="button" @click=${() => source.retry()}>Try now</button>
      </div>`;
    }
    const what = this.#model.topology?.name.toLowerCase() ?? "topologies";
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
    const query = this.#model.queryOf(source.topologies ?? [], top.topologyId, state);
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
        .search=${this.#model.search}
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
      .topologyId=${this.#model.topologyId}
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
      ${statusLine(source, this.#model)}
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
          label: "What changed in the last minute",
          key: "c",
          isPressed: this.showsChanges,
          extra: changes === 0 ? nothing : html`<span class="pill">${changes}</span>`,
          use: () => this.#do("changes"),
        })}
        ${tool({
          picture: "contrast",
          label: "High contrast",
          key: "h",
          isPressed: state.contrast,
          use: () => this.#do("contrast"),
        })}
        ${
          this.deepLink
            ? tool({ picture: this.theme, label: `Colours: ${this.theme}`, use: this.#nextTheme })
            : nothing
        }
        ${tool({ picture: "bug", label: "Troubleshooting", use: this.#troubleshoot })}
        ${tool({ picture: "question", label: "Help", key: "?", use: () => this.#do("help") })}
      </div>
    </footer>`;
  }

  #nextTheme = (): void => {
    this.theme = THEMES[(THEMES.indexOf(this.theme) + 1) % THEMES.length] ?? "system";
    applyTheme(this.theme, this.ownerDocument.documentElement);
  };

  #troubleshoot = (event: Event): void => {
    const anchor = event.currentTarget;
    const menu = this.renderRoot.querySelector("fairlead-menu");
    if (!(anchor instanceof HTMLElement) || !(menu instanceof FairleadMenu)) return;
    void menu.open(anchor, [
      { label: "Save the report as JSON", choose: () => void this.#saveReport() },
      { label: "Save these nodes as JSON", choose: () => this.#saveNodes() },
      { label: "Reset the view", choose: () => this.set(() => INITIAL_STATE) },
    ]);
  };

  async #saveReport(): Promise<void> {
    try {
      const text = await this.source.api.report(this.viewState.pausedAtMs);
      saveFile(this.ownerDocument, "report.json", jsonBlob(text));
      this.fault = "";
    } catch (error) {
      this.fault = FairleadError.from(error).message;
    }
  }

  #saveNodes(): void {
    const { topologyId, nodes } = this.#model;
    const text = JSON.stringify({ topologyId, nodes: Object.fromEntries(nodes) }, null, 1);
    saveFile(this.ownerDocument, `${topologyId}.json`, jsonBlob(text));
  }

  /** Count elsewhere what the search finds, when the search is another one. */
  #count(): void {
    const { source, viewState: state } = this;
    const { search, topologyId } = this.#model;
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

  #keyDown(event: KeyboardEvent): void {
    const path = event.composedPath();
    const [target] = path;
    const isTyping = target instanceof HTMLElement && target.matches("input, select, textarea");
    const isTaken = path.some((each) => each instanceof FairleadTerminal);
    const isOpen = this.helps || path.some((each) => each instanceof HTMLDialogElement);
    if (isTaken || isOpen || event.defaultPrevented) return;
    // Another part of the page has the keys.
    if (!this.deepLink && !path.includes(this)) return;
    const action = actionOf(event, isTyping);
    if (action === undefined) return;
    event.preventDefault();
    this.#do(action);
  }

  #do(action: KeyAction): void {
    this.#acts[action]();
  }

  readonly #acts: Readonly<Record<KeyAction, () => void>> = {
    back: () => {
      if (this.showsDrawer) this.showsDrawer = false;
      else this.set(stepBack);
    },
    search: () => this.#search(),
    help: () => {
      this.helps = true;
    },
    graph: () => this.#look("graph"),
    table: () => this.#look("table"),
    resource: () => this.#look("resource"),
    "next-metric": () => this.#stepMetric(1),
    "previous-metric": () => this.#stepMetric(-1),
    "unpin-metric": () => this.set((state) => ({ ...state, pinnedMetric: undefined })),
    pause: () => this.#pause(),
    changes: () => {
      this.showsChanges = !this.showsChanges;
    },
    contrast: () => this.set((state) => ({ ...state, contrast: !state.contrast })),
    fit: () => {},
  };

  #look(viewMode: ViewMode): void {
    this.set((state) => ({ ...state, viewMode }));
  }

  #search(): void {
    this.renderRoot.querySelector<FairleadTopologySearch>("fairlead-topology-search")?.focus();
  }

  #stepMetric(step: 1 | -1): void {
    const { metrics } = this.#model;
    this.set((state) => ({
      ...state,
      pinnedMetric: stepMetric(metrics, state.pinnedMetric, step),
    }));
  }

  #pause(): void {
    const nowMs = this.source.clock.nowMs();
    this.set((state) => {
      return { ...state, pausedAtMs: state.pausedAtMs === undefined ? nowMs : undefined };
    });
  }
}
