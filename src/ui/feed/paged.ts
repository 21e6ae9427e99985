import { FairleadError } from "../../base/mod.ts";

/** One page of a list that the server holds. */
export interface PageOf<Row> {
  readonly total: number;
  readonly rows: readonly Row[];
}

/** Asks the server for a page. */
export type LoadPage<Row> = (
  page: { readonly offset: number; readonly limit: number },
  signal: AbortSignal,
) => Promise<PageOf<Row>>;

/** Rows a page. */
const PAGE_ROWS = 200;
/** Pages kept; those looked at longest ago go first. */
const PAGES_MAX = 40;

/**
 * A long list of the server under a window: only what is looked at is loaded, a page at a time.
 *
 * `at` gives what is there; `want` asks for what is not. A change of anything calls `changed`.
 */
export class PagedRows<Row> {
  readonly #load: LoadPage<Row>;
  readonly #changed: () => void;
  /** By page number, the one looked at last at the end. */
  readonly #pages = new Map<number, readonly Row[]>();
  readonly #loading = new Map<number, AbortController>();
  #total: number | undefined;
  #error: FairleadError | undefined;
  #window: readonly [number, number] = [0, 0];
  #version = 0;

  constructor(load: LoadPage<Row>, changed: () => void) {
    this.#load = load;
    this.#changed = changed;
  }

  /** How many rows there are; absent before the first answer. */
  get total(): number | undefined {
    return this.#total;
  }

  get length(): number {
    return this.#total ?? 0;
  }

  /** Why the last page could not be had. */
  get error(): FairleadError | undefined {
    return this.#error;
  }

  /** Grows with everything loaded. */
  get version(): number {
    return this.#version;
  }

  /** The row, when it is loaded. */
  at(index: number): Row | undefined {
    return this.#pages.get(Math.floor(index / PAGE_ROWS))?.[index % PAGE_ROWS];
  }

  /** Look at the rows from `start` up to and without `end`. */
  want(start: number, end: number): void {
    this.#window = pagesOf(start, end);
    const [first, last] = this.#window;
    for (const [page, abort] of this.#loading) {
      if (page < first || page > last) abort.abort();
    }
    for (let page = first; page <= last; page += 1) {
      const rows = this.#pages.get(page);
      if (rows === undefined) void this.#fetch(page);
      else {
        this.#pages.delete(page);
        this.#pages.set(page, rows);
      }
    }
  }

  /** Load what is looked at anew; what else is held is forgotten. */
  refresh(): void {
    const [first, last] = this.#window;
    for (const page of [...this.#pages.keys()]) {
      if (page < first || page > last) this.#pages.delete(page);
    }
    for (let page = first; page <= last; page += 1) void this.#fetch(page);
  }

  /** Forget everything: the question is another one. What is looked at is loaded at once. */
  reset(): void {
    this.close();
    this.#pages.clear();
    this.#error = undefined;
    this.#window = [0, 0];
    void this.#fetch(0);
  }

  /** End what is under way. */
  close(): void {
    for (const abort of this.#loading.values()) abort.abort();
    this.#loading.clear();
  }

  async #fetch(page: number): Promise<void> {
    if (this.#loading.has(page)) return;
    const abort = new AbortController();
    this.#loading.set(page, abort);
    try {
      const offset = page * PAGE_ROWS;
      const { total, rows } = await this.#load({ offset, limit: PAGE_ROWS }, abort.signal);
      if (abort.signal.aborted) return;
      this.#total = total;
      this.#error = undefined;
      this.#keep(page, rows);
    } catch (thrown) {
      if (abort.signal.aborted) return;
      this.#error = FairleadError.from(thrown);
    } finally {
      if (this.#loading.get(page) === abort) this.#loading.delete(page);
    }
    this.#version += 1;
    this.#changed();
  }

  #keep(page: number, rows: readonly Row[]): void {
    this.#pages.delete(page);
    this.#pages.set(page, rows);
    const [first, last] = this.#window;
    for (const held of this.#pages.keys()) {
      if (this.#pages.size <= PAGES_MAX) return;
      if (held < first || held > last) this.#pages.delete(held);
    }
  }
}

function pagesOf(start: number, end: number): readonly [number, number] {
  const first = Math.floor(Math.max(0, start) / PAGE_ROWS);
  const last = Math.floor(Math.max(start, end - 1, 0) / PAGE_ROWS);
  // A window is a screen; whoever asks for more pages than are kept would chase its own tail.
  return [first, Math.min(last, first + PAGES_MAX - 1)];
}
