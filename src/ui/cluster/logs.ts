import { css, html, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import { ref } from "lit/directives/ref.js";
import { repeat } from "lit/directives/repeat.js";
import { FairleadError } from "../../base/mod.ts";
import { FileTail } from "../feed/tail.ts";
import { FeedElement } from "../parts/element.ts";
import { emptyState, fieldStyles, problem } from "../parts/fields.ts";
import { bytes, count } from "../parts/format.ts";
import { icon } from "../parts/icons.ts";
import { shared } from "../parts/styles.ts";
import { vars } from "../parts/vars.ts";
import { VirtualRows } from "../parts/virtual.ts";

const LINE_PIXELS = 19;
const FOLLOW_MS = 1_000;

/**
 * The end of a file on an agent, followed as it grows: `<fairlead-logs agent="…" path="…">`.
 *
 * It follows until the reader scrolls up, and again from the end on. Words are searched in what is
 * loaded; Enter and Shift+Enter go from one to the next.
 */
export class FairleadLogs extends FeedElement {
  static readonly tag: string = "fairlead-logs";
  static override readonly live: boolean = false;
  static override properties: PropertyDeclarations = {
    agent: { type: String },
    path: { type: String },
    follow: { type: Boolean },
    wrap: { type: Boolean },
    search: { type: String },
    only: { state: true },
    error: { state: true },
    found: { state: true },
  };
  static override styles = [
    ...shared,
    fieldStyles,
    css`
      :host {
        display: flex;
        flex-direction: column;
        min-height: 0;
      }

      .bar {
        margin-bottom: 8px;
      }

      .bar .search {
        max-width: 280px;
      }

      .scroller {
        background: var(--sunken);
        border: 1px solid var(--line);
        border-radius: var(--radius);
        flex: 1;
        font: 12px/19px var(--mono);
        font-variant-ligatures: none;
        min-height: 160px;
        outline-offset: -2px;
        overflow: auto;
        overscroll-behavior: contain;
        scrollbar-width: thin;
      }

      .lines {
        min-width: var(--line-width, 0);
        position: relative;
      }

      .line {
        inset: 0 0 auto;
        min-height: 19px;
        padding: 0 12px;
        position: absolute;
        white-space: pre;
      }

      .wrap .line {
        overflow-wrap: anywhere;
        white-space: pre-wrap;
      }

      .line.at {
        background: var(--accent-soft);
      }

      mark {
        background: light-dark(#ffe38a, #6b5200);
        border-radius: 2px;
        color: inherit;
      }

      .earlier {
        padding: 6px 12px;
        position: sticky;
        left: 0;
        width: max-content;
      }

      .toggle[aria-pressed="true"] {
        background: var(--accent-soft);
        border-color: var(--accent);
        color: var(--accent-text);
      }

      .notice {
        margin-bottom: 8px;
      }
    `,
  ];

  declare agent: string;
  declare path: string;
  /** Whether it shows what is written as it is written. */
  declare follow: boolean;
  declare wrap: boolean;
  /** Text to mark. */
  declare search: string;
  declare only: boolean;
  declare error: FairleadError | undefined;
  /** Which of the matches is looked at. */
  declare found: number;

  #tail: FileTail | undefined;
  #shown = "";
  #abort: AbortController | undefined;
  #scrolled = 0;
  #matches: { key: string; lines: readonly number[] } = { key: "", lines: [] };
  readonly #virtual = new VirtualRows(this, {
    scroller: () => this.renderRoot?.querySelector<HTMLElement>(".scroller") ?? null,
    rowHeight: () => LINE_PIXELS,
    overscan: 20,
  });

  constructor() {
    super();
    this.agent = "";
    this.path = "";
    this.follow = true;
    this.wrap = false;
    this.search = "";
    this.only = false;
    this.error = undefined;
    this.found = 0;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#abort?.abort();
    this.#shown = "";
  }

  protected override willUpdate(changed: Map<PropertyKey, unknown>): void {
    super.willUpdate(changed);
    if (changed.has("wrap")) this.#virtual.remeasure();
    const shown = this.agent === "" || this.path === "" ? "" : `${this.agent}\n${this.path}`;
    if (shown === this.#shown || !this.isConnected) return;
    this.#shown = shown;
    this.#abort?.abort();
    this.#tail = undefined;
    this.error = undefined;
    if (shown !== "") void this.#run();
  }

  protected override updated(): void {
    if (!this.follow || this.search !== "" || this.#tail === undefined) return;
    const { lineCount } = this.#tail;
    if (lineCount > 0) this.#virtual.reveal(lineCount - 1, "end");
  }

  /** Follow the file until it is another one, or the element is gone. */
  async #run(): Promise<void> {
    const abort = new AbortController();
    this.#abort = abort;
    const { agent, path } = this;
    const { api } = this.source;
    const tail = new FileTail((part, signal) => api.read(agent, { path, ...part }, { signal }));
    this.#tail = tail;
    while (!abort.signal.aborted) {
      const isAsked = tail.version === 0 || (this.follow && !this.ownerDocument.hidden);
      if (isAsked) await this.#update(tail, abort.signal);
      await this.source.clock.sleep(FOLLOW_MS, { signal: abort.signal }).catch(() => {
        // Aborted: the loop looks at the signal.
      });
    }
  }

  async #update(tail: FileTail, signal: AbortSignal): Promise<void> {
    const before = tail.version;
    try {
      await tail.update(signal);
      if (this.error !== undefined) this.error = undefined;
    } catch (thrown) {
      if (signal.aborted) return;
      this.error = FairleadError.from(thrown);
    }
    if (tail.version !== before) this.requestUpdate();
  }

  protected override render(): TemplateResult {
    const tail = this.#tail;
    const lines = tail?.lines ?? [];
    const matches = this.#matchesOf(lines);
    const isNarrow = this.only && this.search !== "";
    const shown = isNarrow ? matches : undefined;
    const total = shown?.length ?? lines.length;
    this.#virtual.setCount(total);
    const at = matches[this.found];
    return html`
      ${this.#bar(matches.length)}
      ${this.error === undefined ? nothing : problem(this.error, () => this.#again())}
      <div
        class="scroller ${this.wrap ? "wrap" : ""}"
        tabindex="0"
        role="log"
        aria-live="off"
        aria-label="Content of ${this.path}"
        @scroll=${this.#scroll}
      >
        ${this.#before()}
        ${total === 0 && this.error === undefined ? this.#nothing(isNarrow) : nothing}
        <div
          class="lines"
          ${vars({
            height: `${this.#virtual.totalPixels}px`,
            "--line-width": this.wrap ? "0" : `calc(${longest(lines)}ch + 24px)`,
          })}
        >
          ${repeat(
            this.#virtual.items,
            ({ index }) => index,
            ({ index, start }) => {
              const line = shown === undefined ? index : (shown[index] ?? 0);
              return this.#line(lines[line] ?? "", { index, start, isAt: line === at });
            },
          )}
        </div>
      </div>
    `;
  }

  #nothing(isNarrow: boolean): TemplateResult {
    if (isNarrow) return emptyState("No line has this", "Only what is loaded is searched.");
    if ((this.#tail?.version ?? 0) === 0) return emptyState("Asking the agent…", "");
    return emptyState("The file is empty", "What is written shows up here.");
  }

  #line(
    text: string,
    { index, start, isAt }: { index: number; start: number; isAt: boolean },
  ): TemplateResult {
    const content = this.search === "" ? text : marked(text, this.search);
    return html`<div
      class=${isAt && this.search !== "" ? "line at" : "line"}
      data-index=${index}
      ${vars({ transform: `translateY(${start}px)` })}
      ${this.wrap ? ref(this.#virtual.measureRow) : nothing}
    >${content}</div>`;
  }

  #bar(matches: number): TemplateResult {
    const at = matches === 0 ? 0 : this.found + 1;
    const toggle = (word: string, on: boolean, flip: () => void) =>
      html`<button
        class="button toggle"
        type="button"
        aria-pressed=${on ? "true" : "false"}
        @click=${flip}
      >
        ${word}
      </button>`;
    return html`<div class="bar">
      <div class="search">
        ${icon("search")}
        <input
          class="field"
          type="search"
          autocomplete="off"
          spellcheck="false"
          aria-label="Search in the file"
          placeholder="Search…"
          .value=${this.search}
          @input=${this.#searched}
          @keydown=${(event: KeyboardEvent) => this.#step(event, matches)}
        />
      </div>
      ${
        this.search === ""
          ? nothing
          : html`<span class="muted small" role="status"
                >${count(at)} of ${count(matches)} lines</span
              >
              ${toggle("Only these", this.only, () => {
                this.only = !this.only;
              })}`
      }
      <span class="push"></span>
      ${toggle("Wrap", this.wrap, () => {
        this.wrap = !this.wrap;
      })}
      ${toggle(this.follow ? "Following" : "Follow", this.follow, () => {
        this.follow = !this.follow;
      })}
    </div>`;
  }

  #before(): TemplateResult | typeof nothing {
    const tail = this.#tail;
    if (tail === undefined || tail.startBytes === 0) return nothing;
    return html`<div class="earlier">
      <button class="button" type="button" @click=${this.#earlier}>
        ${icon("up")} Load earlier
      </button>
      <span class="muted">${bytes(tail.startBytes)} before this</span>
    </div>`;
  }

  #earlier = async (): Promise<void> => {
    const scroller = this.renderRoot.querySelector<HTMLElement>(".scroller");
    const signal = this.#abort?.signal;
    if (this.#tail === undefined || signal === undefined || scroller === null) return;
    this.follow = false;
    try {
      const added = await this.#tail.earlier(signal);
      this.requestUpdate();
      await this.updateComplete;
      scroller.scrollTop += added * LINE_PIXELS;
    } catch (thrown) {
      if (!signal.aborted) this.error = FairleadError.from(thrown);
    }
  };

  #again(): void {
    this.#shown = "";
    this.requestUpdate();
  }

  #searched = ({ target }: Event): void => {
    if (!(target instanceof HTMLInputElement)) return;
    this.search = target.value;
    this.found = 0;
    void this.#reveal();
  };

  #step(event: KeyboardEvent, matches: number): void {
    if (event.key === "Escape" && this.search !== "") {
      event.stopPropagation();
      this.search = "";
    }
    if (event.key !== "Enter" || matches === 0) return;
    event.preventDefault();
    this.found = (this.found + (event.shiftKey ? -1 : 1) + matches) % matches;
    void this.#reveal();
  }

  async #reveal(): Promise<void> {
    await this.updateComplete;
    const line = this.only ? this.found : this.#matches.lines[this.found];
    if (line !== undefined) this.#virtual.reveal(line, "center");
  }

  #matchesOf(lines: readonly string[]): readonly number[] {
    const key = `${this.#tail?.version} ${this.search}`;
    if (key === this.#matches.key) return this.#matches.lines;
    const text = this.search.toLowerCase();
    const found: number[] = [];
    if (text !== "") {
      for (const [index, line] of lines.entries()) {
        if (line.toLowerCase().includes(text)) found.push(index);
      }
    }
    this.#matches = { key, lines: found };
    return found;
  }

  /** Scrolling up ends the following; coming to the end takes it up. */
  #scroll = ({ target }: Event): void => {
    if (!(target instanceof HTMLElement)) return;
    const { scrollTop, clientHeight, scrollHeight } = target;
    const isUp = scrollTop < this.#scrolled - 2;
    const isAtEnd = scrollTop + clientHeight >= scrollHeight - 2 * LINE_PIXELS;
    this.#scrolled = scrollTop;
    if (isUp && !isAtEnd && this.follow) this.follow = false;
  };
}

function longest(lines: readonly string[]): number {
  let most = 0;
  for (const { length } of lines) if (length > most) most = length;
  return Math.min(most, 2_000);
}

/** The text with every place that matches marked. */
function marked(text: string, search: string): unknown[] {
  const held = text.toLowerCase();
  const wanted = search.toLowerCase();
  const parts: unknown[] = [];
  let from = 0;
  for (let at = held.indexOf(wanted); at >= 0; at = held.indexOf(wanted, from)) {
    parts.push(text.slice(from, at), html`<mark>${text.slice(at, at + wanted.length)}</mark>`);
    from = at + wanted.length;
  }
  parts.push(text.slice(from));
  return parts;
}
