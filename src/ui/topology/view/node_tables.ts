/** The tables of a node's card: connections, children, labels and other properties. */
import { html, nothing, type TemplateResult } from "lit";
import type {
  ChildGroup,
  Column,
  ConnectionGroup,
  NodeSummary,
  NodeTable,
} from "../../../topology/mod.ts";
import { count } from "../../parts/format.ts";
import { icon } from "../../parts/icons.ts";
import { metadataText, metricText, sortKey } from "../data/formats.ts";
import { cellKey, type NodeMatch } from "../search/match.ts";
import type { DetailsRef } from "../state/view_state.ts";
import { marked } from "./pieces.ts";

/** How a card's tables are sorted and how much of them is shown. */
export interface TableState {
  readonly sort: string;
  readonly desc: boolean;
  readonly isOpen: boolean;
}

/** What a card does for its tables. */
export interface TableHost {
  readonly state: (table: string) => TableState;
  readonly setState: (table: string, state: TableState) => void;
  readonly open: (node: DetailsRef) => void;
  /** Where the search finds something. */
  readonly match: NodeMatch | undefined;
}

interface Cell {
  readonly text: string;
  readonly key: string | number;
}

interface Row {
  readonly id: string;
  readonly name: Cell & { readonly open: (() => void) | undefined; readonly minor: string };
  readonly cells: readonly Cell[];
}

/** Rows beyond are behind a button. */
const ROWS_SHOWN = 5;
/** Rows beyond are only counted. */
const ROWS_MAX = 500;

/** Who speaks to the node, or whom it speaks to; nothing without any. */
export function connectionTable(
  group: ConnectionGroup,
  host: TableHost,
): TemplateResult | typeof nothing {
  if (group.connections.length === 0) return nothing;
  const rows = group.connections.map((each): Row => {
    const open = () =>
      host.open({ id: each.nodeId, label: each.label, topologyId: group.topologyId });
    return {
      id: each.id,
      name: nameOf(each.label, each.labelMinor ?? "", open),
      cells: group.columns.map(({ id, dataType }) => {
        const value = each.metadata.find((line) => line.id === id)?.value ?? "";
        return { text: metadataText({ value, dataType }), key: sortKey(value, dataType) };
      }),
    };
  });
  return table({ id: group.id, label: group.label, columns: group.columns, rows }, host);
}

/** What the node holds. */
export function childTable(group: ChildGroup, host: TableHost): TemplateResult | typeof nothing {
  if (group.nodes.length === 0) return nothing;
  const rows = group.nodes.map((node): Row => {
    const open = () => host.open({ id: node.id, label: node.label, topologyId: group.topologyId });
    return {
      id: node.id,
      name: nameOf(node.label, "", open),
      cells: group.columns.map((column) => childCell(node, column)),
    };
  });
  const { topologyId: id, label, columns } = group;
  return table({ id: `children/${id}`, label, columns, rows }, host);
}

function nameOf(text: string, minor: string, open: (() => void) | undefined): Row["name"] {
  return { text, minor, open, key: text.toLowerCase() };
}

function childCell(node: NodeSummary, { id, dataType }: Column): Cell {
  const metric = node.metrics?.find((each) => each.id === id);
  if (metric !== undefined) return { text: metricText(metric), key: metric.value };
  const line = node.metadata?.find((each) => each.id === id);
  if (line === undefined) return { text: "", key: Number.NEGATIVE_INFINITY };
  return { text: metadataText(line), key: sortKey(line.value, dataType) };
}

interface TableParts {
  readonly id: string;
  readonly label: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
}

function table({ id, label, columns, rows }: TableParts, host: TableHost): TemplateResult {
  const state = host.state(id);
  const sorted = sort(rows, columns, state);
  const shown = sorted.slice(0, state.isOpen ? ROWS_MAX : ROWS_SHOWN);
  const head = (column: string, word: string, isEnd: boolean) => {
    const isSorted = state.sort === column;
    const turn = () =>
      host.setState(id, { ...state, sort: column, desc: isSorted ? !state.desc : isEnd });
    return html`<th
      class=${isEnd ? "end" : ""}
      aria-sort=${isSorted ? (state.desc ? "descending" : "ascending") : "none"}
    >
      <button class="sort" type="button" @click=${turn}>
        ${word}${isSorted ? icon(state.desc ? "down" : "up") : nothing}
      </button>
    </th>`;
  };
  return html`<section>
    <table>
      <thead>
        <tr>
          ${head("name", label, false)}
          ${columns.map((column) => head(column.id, column.label, true))}
        </tr>
      </thead>
      <tbody>
        ${shown.map(
          ({ name, cells }) =>
            html`<tr>
              <td class="name">
                ${
                  name.open === undefined
                    ? name.text
                    : html`<button class="link clip" type="button" title=${name.text} @click=${name.open}>
                        ${name.text}
                      </button>`
                }
                ${name.minor === "" ? nothing : html`<span class="muted small clip">${name.minor}</span>`}
              </td>
              ${cells.map(({ text }) => html`<td class="end">${text}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
    ${more(rows.length, ROWS_SHOWN, state.isOpen, (isOpen) => host.setState(id, { ...state, isOpen }))}
  </section>`;
}

function sort(rows: readonly Row[], columns: readonly Column[], state: TableState): readonly Row[] {
  const at = columns.findIndex(({ id }) => id === state.sort);
  const keyOf = ({ name, cells }: Row) => (at < 0 ? name.key : (cells[at]?.key ?? ""));
  const sign = state.desc ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [left, right] = [keyOf(a), keyOf(b)];
    if (left !== right) return left < right ? -sign : sign;
    return a.id < b.id ? -1 : 1;
  });
}

/** The button that shows the rest, or hides it again. */
export function more(
  rows: number,
  shown: number,
  isOpen: boolean,
  set: (isOpen: boolean) => void,
): TemplateResult | typeof nothing {
  if (rows <= shown) return nothing;
  const beyond = isOpen ? Math.max(0, rows - ROWS_MAX) : 0;
  return html`<button class="more" type="button" aria-expanded=${isOpen ? "true" : "false"} @click=${() => set(!isOpen)}>
      ${isOpen ? "Show fewer" : `Show ${count(rows - shown)} more`}
    </button>
    ${beyond > 0 ? html`<p class="muted small">${count(beyond)} more are not shown</p>` : nothing}`;
}

/** Labels, environment and the like; a search marks what it found. */
export function propertyTable(
  properties: NodeTable,
  host: TableHost,
): TemplateResult | typeof nothing {
  const { id, label, rows, columns, type, truncationCount = 0 } = properties;
  if (rows.length === 0) return nothing;
  const state = host.state(id);
  const shown = rows.slice(0, state.isOpen ? ROWS_MAX : ROWS_SHOWN);
  const body =
    type === "property-list"
      ? html`<dl class="facts">
          ${shown.map(
            ({ id: row, entries }) =>
              html`<dt class="clip" title=${entries.label ?? row}>${entries.label ?? row}</dt>
                <dd>${marked(entries.value ?? "", host.match?.get(cellKey(id, row, "value")))}</dd>`,
          )}
        </dl>`
      : html`<div class="wide">
          <table>
            <thead>
              <tr>
                ${(columns ?? []).map((column) => html`<th>${column.label}</th>`)}
              </tr>
            </thead>
            <tbody>
              ${shown.map(
                ({ id: row, entries }) =>
                  html`<tr>
                    ${(columns ?? []).map(
                      (column) =>
                        html`<td>
                          ${marked(entries[column.id] ?? "", host.match?.get(cellKey(id, row, column.id)))}
                        </td>`,
                    )}
                  </tr>`,
              )}
            </tbody>
          </table>
        </div>`;
  return html`<section>
    <h3>${label}</h3>
    ${body}
    ${more(rows.length, ROWS_SHOWN, state.isOpen, (isOpen) => host.setState(id, { ...state, isOpen }))}
    ${truncationCount > 0 ? html`<p class="muted small">${count(truncationCount)} more were cut off by the collector</p>` : nothing}
  </section>`;
}
