import type { PropertyDeclarations } from "lit";
import { FairleadError } from "../../../base/mod.ts";
import { FairleadMenu } from "../../parts/menu.ts";
import { applyTheme, readTheme, THEMES, type Theme } from "../../parts/theme.ts";
import { stepMetric } from "../data/metrics.ts";
import { ViewModel } from "../data/view_model.ts";
import type { FairleadGraph } from "../graph.ts";
import { actionOf, type KeyAction } from "../state/keys.ts";
import { INITIAL_STATE, stepBack, type ViewMode } from "../state/view_state.ts";
import { jsonBlob, saveFile } from "./save.ts";
import type { FairleadTopologySearch } from "./search_box.ts";
import { FairleadTerminal } from "./terminal.ts";
import { TopologyElement } from "./topology_element.ts";

/** What one can do with the view: by keys, by the tools of its last line, by its menus. */
export abstract class ActingTopology extends TopologyElement {
  static override properties: PropertyDeclarations = {
    helps: { state: true },
    showsChanges: { state: true },
    showsDrawer: { state: true },
    fault: { state: true },
    theme: { state: true },
  };

  declare helps: boolean;
  declare showsChanges: boolean;
  declare showsDrawer: boolean;
  /** Why the last file could not be saved. */
  declare fault: string;
  declare theme: Theme;

  protected readonly model = new ViewModel();
  #keys: AbortController | undefined;

  constructor() {
    super();
    this.helps = false;
    this.showsChanges = false;
    this.showsDrawer = false;
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
  }

  protected readonly nextTheme = (): void => {
    this.theme = THEMES[(THEMES.indexOf(this.theme) + 1) % THEMES.length] ?? "system";
    applyTheme(this.theme, this.ownerDocument.documentElement);
  };

  /** What helps to look for a fault, and to take something along. */
  protected readonly troubleshoot = (event: Event): void => {
    const anchor = event.currentTarget;
    const menu = this.renderRoot.querySelector("fairlead-menu");
    if (!(anchor instanceof HTMLElement) || !(menu instanceof FairleadMenu)) return;
    void menu.open(anchor, [
      ...(this.graph === null
        ? []
        : [
            { label: "Save the graph as SVG", choose: () => this.#saveSvg() },
            { label: "Save the graph as PNG", choose: () => void this.#savePng() },
          ]),
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

  #saveSvg(): void {
    const text = this.graph?.toSvg() ?? "";
    saveFile(
      this.ownerDocument,
      this.#fileName("svg"),
      new Blob([text], { type: "image/svg+xml" }),
    );
  }

  async #savePng(): Promise<void> {
    try {
      const picture = await this.graph?.toPng();
      if (picture !== undefined) saveFile(this.ownerDocument, this.#fileName("png"), picture);
      this.fault = "";
    } catch (error) {
      this.fault = FairleadError.from(error).message;
    }
  }

  #fileName(kind: string): string {
    return `${this.model.topologyId}.${kind}`;
  }

  /** The graph, while it is shown. */
  protected get graph(): FairleadGraph | null {
    return this.renderRoot.querySelector<FairleadGraph>("fairlead-graph");
  }

  #saveNodes(): void {
    const { topologyId, nodes } = this.model;
    const text = JSON.stringify({ topologyId, nodes: Object.fromEntries(nodes) }, null, 1);
    saveFile(this.ownerDocument, this.#fileName("json"), jsonBlob(text));
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
    this.do(action);
  }

  /** Do what a key or a button asks for. */
  protected do(action: KeyAction): void {
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
    graph: () => this.look("graph"),
    table: () => this.look("table"),
    resource: () => this.look("resource"),
    "next-metric": () => this.#stepMetric(1),
    "previous-metric": () => this.#stepMetric(-1),
    "unpin-metric": () => this.set((state) => ({ ...state, pinnedMetric: undefined })),
    pause: () => this.#pause(),
    changes: () => {
      this.showsChanges = !this.showsChanges;
    },
    contrast: () => this.set((state) => ({ ...state, contrast: !state.contrast })),
    fit: () => this.graph?.fit(),
  };

  /** Show the nodes in another way. */
  protected look(viewMode: ViewMode): void {
    this.set((state) => ({ ...state, viewMode }));
  }

  #search(): void {
    this.renderRoot.querySelector<FairleadTopologySearch>("fairlead-topology-search")?.focus();
  }

  #stepMetric(step: 1 | -1): void {
    const { metrics } = this.model;
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
