import {
  css,
  html,
  LitElement,
  nothing,
  type PropertyDeclarations,
  type TemplateResult,
} from "lit";
import { classMap } from "lit/directives/class-map.js";
import { guard } from "lit/directives/guard.js";
import { repeat } from "lit/directives/repeat.js";
import { tell } from "./element.ts";
import { icon } from "./icons.ts";
import { meterStyles } from "./meter.ts";
import { shared } from "./styles.ts";
import { taskCountStyles } from "./task_counts.ts";
import { vars } from "./vars.ts";
import { VirtualRows } from "./virtual.ts";

/** A column of a {@linkcode FairleadTable}. */
export interface Column<Row> {
  readonly id: string;
  readonly label: string;
  /** Track of a CSS grid: `120px`, `minmax(140px, 2fr)`. */
  readonly width: string;
  /** Template of a cell; it is called again when the row or the table's tick is another one. */
  readonly cell: (row: Row) => unknown;
  readonly end?: boolean;
  readonly sortable?: boolean;
  /** The first click sorts the largest first. */
  readonly descFirst?: boolean;
  /** Its head is for screen readers alone. */
  readonly quiet?: boolean;
  /** Narrower tables leave the column out, in pixels. */
  readonly from?: number;
}

/** Rows in order; an array is one, a server's list another. */
export interface RowList<Row> {
  readonly length: number;
  /** Absent while the row is being loaded. */
  at(index: number): Row | undefined;
  /** Look at these rows. */
  want?(start: number, end: number): void;
}

/** Detail of `fairlead-sort`. */
export interface SortDetail {
  readonly column: string;
  readonly desc: boolean;
}

const ROW_PIXELS = 36;

/**
 * A table of any length, of which only the visible rows are in the page: a grid to screen readers,
 * with one focus that arrow keys, Page Up and Down, Home and End move.
 *
 * Up from the first row leads to the heads, where left and right choose a column and Enter sorts.
 * It tells `fairlead-sort` ({@linkcode SortDetail}), `fairlead-open` (the row, on Enter or a click)
 * and, when its rows have acts, `fairlead-menu`.
 */
export class FairleadTable extends LitElement {
  static readonly tag: string = "fairlead-table";
  static override properties: PropertyDeclarations = {
    label: { type: String },
    columns: { attribute: false },
    rows: { attribute: false },
    sort: { type: String },
    desc: { type: Boolean },
    tick: { attribute: false },
    rowsMax: { type: Number, attribute: "rows-max" },
    opens: { type: Boolean },
    busy: { type: Boolean },
  };
  static override styles = [
    ...shared,
    meterStyles,
    taskCountStyles,
    css`
      :host {
        background: var(--surface);
        border: 1px solid var(--line);
        border-radius: var(--radius);
        box-shadow: var(--shadow);
        display: flex;
        flex-direction: column;
        min-height: 0;
        overflow: hidden;
      }

      .scroller {
        flex: 1;
        min-height: 0;
        outline-offset: -2px;
        overflow: auto;
        overscroll-behavior: contain;
        scrollbar-gutter: stable;
        scrollbar-width: thin;
      }

      .line {
        align-items: center;
        column-gap: 16px;
        display: grid;
        grid-template-columns: var(--columns);
        min-width: var(--width-min);
        padding: 0 16px;
      }

      .head {
        background: var(--surface);
        border-bottom: 1px solid var(--line);
        color: var(--muted);
        font-size: 12px;
        font-weight: 500;
        height: 34px;
        position: sticky;
        top: 0;
        z-index: 1;
      }

      .head > * {
        align-items: center;
        display: flex;
        gap: 4px;
        height: 100%;
        min-width: 0;
        white-space: nowrap;
      }

      .head .end {
        justify-content: flex-end;
      }

      .head .sortable {
        cursor: pointer;
      }

      .head .sortable:hover {
        color: var(--text);
      }

      .head .sorted {
        color: var(--text);
        font-weight: 600;
      }

      .scroller:focus-visible .head .at {
        border-radius: 4px;
        outline: 2px solid var(--focus);
      }

      .head svg {
        height: 12px;
        width: 12px;
      }

      .body {
        min-width: var(--width-min);
        position: relative;
      }

      .body > .line {
        border-bottom: 1px solid color-mix(in srgb, var(--line) 70%, transparent);
        contain: layout size style;
        height: 36px;
        left: 0;
        position: absolute;
        right: 0;
      }

      .opens > .line {
        cursor: pointer;
      }

      .body > .line:hover {
        background: var(--hover);
      }

      .scroller:focus-visible .body > .line.at {
        background: var(--accent-soft);
        box-shadow: inset 3px 0 0 var(--accent);
      }

      /* What changes in a cell moves nothing outside of it. */
      .cell {
        align-items: center;
        align-self: stretch;
        contain: layout size style;
        display: flex;
        min-width: 0;
      }

      .cell.end {
        justify-content: flex-end;
        text-align: right;
      }

      .cell > .clip {
        flex: 0 1 auto;
      }

      .cell .task-counts {
        flex-wrap: nowrap;
        overflow: hidden;
      }

      .waiting {
        background: var(--track);
        border-radius: 4px;
        height: 8px;
        opacity: 0.7;
        width: 60%;
      }

      .strong {
        font-weight: 500;
      }

      ::slotted([slot="empty"]) {
        color: var(--muted);
      }
    `,
  ];

  /** What the table is of, to screen readers. */
  declare label: string;
  declare columns: readonly Column<unknown>[];
  declare rows: RowList<unknown>;
  /** Id of the column by which the rows are sorted. */
  declare sort: string;
  declare desc: boolean;
  /** Cells are rendered anew when it is another one: the minute, for times. */
  declare tick: number;
  /** Grow with the rows up to so many, instead of filling the space there is; 0 fills. */
  declare rowsMax: number;
  /** Whether a row leads somewhere. */
  declare opens: boolean;
  /** Whether rows are still being asked for. */
  declare busy: boolean;

  readonly #virtual: VirtualRows;
  #shown: readonly Column<unknown>[] = [];
  /** The row that has the focus, or had it last. */
  #at = 0;
  /** The heads have the focus, in one column. */
  #onHeads = false;
  #column = 0;
  #pixels = 0;
  readonly #observer: ResizeObserver | undefined;

  constructor() {
    super();
    this.label = "";
    this.columns = [];
    this.rows = [];
    this.sort = "";
    this.desc = false;
    this.tick = 0;
    this.rowsMax = 0;
    this.opens = false;
    this.busy = false;
    this.#virtual = new VirtualRows(this, {
      scroller: () => this.renderRoot?.querySelector<HTMLElement>(".scroller") ?? null,
      rowHeight: () => ROW_PIXELS,
      overscan: 4,
    });
    this.#observer = new ResizeObserver(([entry]) => this.#resized(entry?.contentRect.width ?? 0));
  }

  /** Focus the rows. */
  override focus(options?: FocusOptions): void {
    this.renderRoot.querySelector<HTMLElement>(".scroller")?.focus(options);
  }

  /** Show the first rows. */
  toTop(): void {
    this.#at = 0;
    this.#onHeads = false;
    this.#virtual.reveal(0);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#observer?.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#observer?.disconnect();
  }

  protected override updated(): void {
    const items = this.#virtual.items;
    const [first, last] = [items[0], items.at(-1)];
    if (first !== undefined && last !== undefined) this.rows.want?.(first.index, last.index + 1);
  }

  protected override render(): TemplateResult {
    const { length } = this.rows;
    this.#virtual.setCount(length);
    this.#shown = this.columns.filter(({ from = 0 }) => from <= this.#pixels);
    this.#at = Math.max(0, Math.min(this.#at, length - 1));
    const isEmpty = length === 0 && !this.busy;
    return html`
      <div
        class="scroller"
        role="grid"
        tabindex="0"
        aria-label=${this.label}
        aria-rowcount=${length + 1}
        aria-colcount=${this.#shown.length}
        aria-busy=${this.busy ? "true" : "false"}
        aria-activedescendant=${this.#activeId()}
        @keydown=${this.#keyDown}
        ${vars({
          "--columns": this.#shown.map(({ width }) => width).join(" "),
          "--width-min": `${this.#shown.length * 56}px`,
          height: this.#height(length),
        })}
      >
        <div class="line head" role="row" aria-rowindex="1" id="head">
          ${this.#shown.map((column, index) => this.#head(column, index))}
        </div>
        <div
          class=${classMap({ body: true, opens: this.opens })}
          role="rowgroup"
          ${vars({ height: `${this.#virtual.totalPixels}px` })}
          @click=${this.#click}
        >
          ${repeat(
            this.#virtual.items,
            ({ index }) => index,
            ({ index, start }) => this.#row(index, start),
          )}
        </div>
      </div>
      ${isEmpty ? html`<slot name="empty"></slot>` : nothing}
    `;
  }

  #height(length: number): string {
    if (this.rowsMax === 0) return length === 0 && !this.busy ? "36px" : "auto";
    return `${36 + Math.min(length, this.rowsMax) * ROW_PIXELS}px`;
  }

  #activeId(): string | typeof nothing {
    if (this.#onHeads) return `head-${this.#column}`;
    const isThere = this.#virtual.items.some(({ index }) => index === this.#at);
    return isThere ? `row-${this.#at}` : nothing;
  }

  #head(column: Column<unknown>, index: number): TemplateResult {
    const isSorted = column.id === this.sort;
    const order = isSorted ? (this.desc ? "descending" : "ascending") : "none";
    const classes = {
      end: column.end === true,
      sortable: column.sortable === true,
      sorted: isSorted,
      at: this.#onHeads && this.#column === index,
    };
    return html`<div
      role="columnheader"
      id="head-${index}"
      class=${classMap(classes)}
      aria-colindex=${index + 1}
      aria-sort=${column.sortable ? order : nothing}
      @click=${() => this.#sortBy(column)}
    >
      ${column.quiet ? html`<span class="hidden">${column.label}</span>` : column.label}${isSorted ? icon(this.desc ? "down" : "up") : nothing}
    </div>`;
  }

  #row(index: number, start: number): unknown {
    const row = this.rows.at(index);
    const isAt = index === this.#at && !this.#onHeads;
    return guard([row, index, start, isAt, this.#shown.length, this.columns, this.tick], () => {
      return html`<div
        class=${classMap({ line: true, at: isAt })}
        role="row"
        id="row-${index}"
        aria-rowindex=${index + 2}
        data-index=${index}
        ${vars({ top: `${start}px` })}
      >
        ${this.#shown.map(
          (column, at) =>
            html`<div
              class=${column.end ? "cell end" : "cell"}
              role="gridcell"
              aria-colindex=${at + 1}
            >
              ${row === undefined ? html`<span class="waiting"></span>` : column.cell(row)}
            </div>`,
        )}
      </div>`;
    });
  }

  #resized(pixels: number): void {
    const before = this.columns.filter(({ from = 0 }) => from <= this.#pixels).length;
    this.#pixels = pixels;
    const now = this.columns.filter(({ from = 0 }) => from <= pixels).length;
    if (before !== now) this.requestUpdate();
  }

  #sortBy({ id, sortable, descFirst = false }: Column<unknown>): void {
    if (!sortable) return;
    const desc = id === this.sort ? !this.desc : descFirst;
    tell<SortDetail>(this, "fairlead-sort", { column: id, desc });
  }

  #click = (event: MouseEvent): void => {
    const path = event.composedPath();
    const end = path.indexOf(event.currentTarget ?? this);
    const inner = path.slice(0, end).filter((each) => each instanceof HTMLElement);
    const line = inner.find((each) => each.classList.contains("line"));
    if (line === undefined) return;
    this.#moveTo(Number(line.dataset.index));
    if (inner.some((each) => each.matches("a, button, input"))) return;
    this.#open();
  };

  #open(): void {
    const row = this.rows.at(this.#at);
    if (row !== undefined && this.opens) tell(this, "fairlead-open", row);
  }

  #keyDown = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.target !== event.currentTarget) return;
    if (!this.#act(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
  };

  #act(key: string): boolean {
    const page = Math.max(1, this.#virtual.items.length - 18);
    if (this.#onHeads && this.#actOnHead(key)) return true;
    switch (key) {
      case "ArrowDown":
        return this.#moveTo(this.#onHeads ? 0 : this.#at + 1);
      case "ArrowUp":
        return this.#at === 0 ? this.#toHeads() : this.#moveTo(this.#at - 1);
      case "PageDown":
        return this.#moveTo(this.#at + page);
      case "PageUp":
        return this.#moveTo(this.#at - page);
      case "Home":
        return this.#moveTo(0);
      case "End":
        return this.#moveTo(this.rows.length - 1);
      case "Enter":
        this.#open();
        return this.opens;
      case "ContextMenu":
      case ".":
        return this.#menu();
      default:
        return false;
    }
  }

  #actOnHead(key: string): boolean {
    const column = this.#shown[this.#column];
    if (key === "ArrowRight") this.#column = Math.min(this.#shown.length - 1, this.#column + 1);
    else if (key === "ArrowLeft") this.#column = Math.max(0, this.#column - 1);
    else if (column !== undefined && (key === "Enter" || key === " ")) this.#sortBy(column);
    else return false;
    this.requestUpdate();
    return true;
  }

  /** The acts of the row are behind a button in it. */
  #menu(): boolean {
    const button = this.renderRoot.querySelector<HTMLElement>(`#row-${this.#at} [data-acts]`);
    button?.click();
    return button !== null;
  }

  #toHeads(): boolean {
    this.#onHeads = true;
    this.requestUpdate();
    return true;
  }

  #moveTo(index: number): boolean {
    this.#onHeads = false;
    this.#at = Math.max(0, Math.min(index, this.rows.length - 1));
    this.#virtual.reveal(this.#at);
    this.requestUpdate();
    return true;
  }
}
