import {
  css,
  html,
  LitElement,
  nothing,
  type PropertyDeclarations,
  type TemplateResult,
} from "lit";
import type { NodeSummary } from "../../../topology/mod.ts";
import { emptyState } from "../../parts/fields.ts";
import { RowIndex } from "../../parts/row_index.ts";
import { shared } from "../../parts/styles.ts";
import { type Column, FairleadTable, type SortDetail } from "../../parts/table.ts";
import { vars } from "../../parts/vars.ts";
import { cellKey, cellText, columnsOf, type NodeColumn } from "../data/columns.ts";
import { fillOf, metricText } from "../data/formats.ts";
import { metricOf } from "../data/metrics.ts";
import { matchNode, metadataKey } from "../search/match.ts";
import type { SearchQuery } from "../search/query.ts";
import { openRelative, selectNode, type ViewState } from "../state/view_state.ts";
import { change, marked, pieceStyles, shapeOf } from "./pieces.ts";

/** Pixels below which a column of this place is left out. */
const FROM = [0, 480, 600, 720, 840, 940, 1_040, 1_140, 1_240, 1_340];

/** The nodes as a table that sorts, however many there are. */
export class FairleadNodeTable extends LitElement {
  static readonly tag: string = "fairlead-node-table";
  static readonly parts = [FairleadTable];
  static override properties: PropertyDeclarations = {
    nodes: { attribute: false },
    version: { attribute: false },
    topologyId: { attribute: false },
    sort: { attribute: false },
    query: { attribute: false },
    highlight: { attribute: false },
    isEmpty: { attribute: false },
  };
  static override styles = [
    ...shared,
    pieceStyles,
    css`
      :host {
        display: flex;
        flex-direction: column;
        min-height: 0;
      }

      fairlead-table {
        border: 0;
        border-radius: 0;
        box-shadow: none;
        flex: 1;
      }
    `,
  ];

  /** What is shown, by id; another map after each change. */
  declare nodes: ReadonlyMap<string, NodeSummary>;
  /** Of the nodes: the same one means that nothing changed. */
  declare version: number;
  declare topologyId: string;
  declare sort: ViewState["sort"];
  /** What is looked for; what it finds is marked. */
  declare query: SearchQuery | undefined;
  /** Nodes that stand out; the others are faded. */
  declare highlight: ReadonlySet<string> | undefined;
  /** There is nothing to show, and nothing is being asked for. */
  declare isEmpty: boolean;

  #columns: readonly NodeColumn[] = [];
  #shown: readonly Column<NodeSummary>[] = [];
  #index: RowIndex<NodeSummary> | undefined;
  #key = "";
  #tick = 0;

  constructor() {
    super();
    this.nodes = new Map();
    this.version = 0;
    this.topologyId = "";
    this.sort = undefined;
    this.query = undefined;
    this.highlight = undefined;
    this.isEmpty = false;
  }

  protected override willUpdate(): void {
    this.#tick += 1;
    const columns = columnsOf(this.nodes.values());
    const key = JSON.stringify([this.topologyId, columns.map(({ id }) => id)]);
    if (key === this.#key) return;
    this.#key = key;
    this.#columns = columns;
    this.#shown = columns.map((column, at) => this.#column(column, at));
    this.#index = new RowIndex({
      idOf: ({ id }) => id,
      nameOf: ({ label }) => label,
      textOf: ({ label }) => label,
      keys: Object.fromEntries(
        columns.slice(1).map((column) => [column.id, (node: NodeSummary) => cellKey(node, column)]),
      ),
    });
  }

  protected override render(): TemplateResult {
    const { column = "label", desc = false } = this.sort ?? {};
    const isKnown = this.#columns.some(({ id }) => id === column);
    const rows = this.#index?.view(this.nodes, this.version, {
      sort: isKnown && column !== "label" ? column : "name",
      desc: isKnown && desc,
      text: "",
    });
    return html`<fairlead-table
      label="Nodes"
      opens
      .columns=${this.#shown}
      .rows=${this.#foundFirst(rows ?? [])}
      .sort=${isKnown ? column : "label"}
      .desc=${desc}
      .tick=${this.#tick}
      .busy=${!this.isEmpty && this.nodes.size === 0}
      @fairlead-sort=${({ detail }: CustomEvent<SortDetail>) =>
        change(this, (state) => ({ ...state, sort: detail }))}
      @fairlead-open=${({ detail }: CustomEvent<NodeSummary>) => this.#open(detail)}
    >
      ${this.isEmpty ? emptyState("Nothing to show", "Loosen the filters, or wait for a probe to report.", { slot: "empty" }) : nothing}
    </fairlead-table>`;
  }

  /** What the search finds stands above the rest, each in its order. */
  #foundFirst(rows: readonly NodeSummary[]): readonly NodeSummary[] {
    const { highlight } = this;
    if (highlight === undefined) return rows;
    const found = rows.filter(({ id }) => highlight.has(id));
    return [...found, ...rows.filter(({ id }) => !highlight.has(id))];
  }

  #open({ id, label }: NodeSummary): void {
    const { topologyId } = this;
    change(this, (state) => selectNode(state, { id, label, topologyId }));
  }

  #column(column: NodeColumn, at: number): Column<NodeSummary> {
    const { source } = column;
    const isNumber =
      source.kind === "metric" ||
      (source.kind === "metadata" && /number|duration/.test(source.dataType));
    const width =
      at === 0
        ? "minmax(150px, 2fr)"
        : isNumber
          ? source.kind === "metric"
            ? "84px"
            : "92px"
          : "minmax(100px, 1fr)";
    return {
      id: column.id,
      label: column.label,
      width,
      end: isNumber,
      sortable: true,
      descFirst: source.kind === "metric",
      from: source.kind === "metric" ? 0 : (FROM[at] ?? 1_400),
      cell: (node) => this.#cell(node, column),
    };
  }

  #cell(node: NodeSummary, column: NodeColumn): unknown {
    const { source } = column;
    if (source.kind === "label") return this.#name(node);
    if (source.kind === "metric") return meter(node, source.metric);
    if (source.kind === "parent") return this.#parents(node, source.topologyId);
    const text = cellText(node, column);
    const match = this.query === undefined ? undefined : matchNode(this.query, node);
    return html`<span class="clip muted" title=${text}
      >${marked(text, match?.get(metadataKey(source.fieldId)))}</span
    >`;
  }

  #name(node: NodeSummary): TemplateResult {
    const match = this.query === undefined ? undefined : matchNode(this.query, node);
    const isFaded = this.highlight?.has(node.id) === false;
    return html`<span class="row clip ${isFaded ? "muted" : ""}" ${vars({ "flex-wrap": "nowrap" })}
      >${shapeOf(node.shape)}<span class="clip" title=${node.label}
        ><span class="strong">${marked(node.label, match?.get("label"))}</span>
        <span class="muted small">${marked(node.labelMinor, match?.get("labelMinor"))}</span></span
      ></span
    >`;
  }

  #parents(node: NodeSummary, topologyId: string): TemplateResult {
    const parents = node.parents?.filter((each) => each.topologyId === topologyId) ?? [];
    const open = (id: string, label: string) => () =>
      change(this, (state) => openRelative(state, { id, label, topologyId }));
    return html`<span class="clip"
      >${parents.map(
        ({ id, label }, at) =>
          html`${at > 0 ? ", " : ""}<a
              href="#"
              tabindex="-1"
              @click=${(event: Event) => {
                event.preventDefault();
                open(id, label)();
              }}
              >${label}</a
            >`,
      )}</span
    >`;
  }
}

/** A metric's value over a bar of how full it is. */
function meter(node: NodeSummary, kind: { label: string; largest: number }): unknown {
  const metric = metricOf(node, kind.label);
  if (metric === undefined) return html`<span class="muted">–</span>`;
  const fill = fillOf(metric.value, metric.max, kind.largest);
  const part = Math.round(Math.min(1, fill) * 50) * 2;
  return html`<span
    class="number"
    ${vars({
      background: `linear-gradient(var(--offered) 0 0) right bottom / ${part}% 2px no-repeat`,
      "font-weight": 400,
      "min-width": "64px",
      "padding-bottom": "3px",
    })}
    >${metricText(metric)}</span
  >`;
}
