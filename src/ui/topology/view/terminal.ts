import { html, LitElement, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import { FairleadError } from "../../../base/mod.ts";
import { icon } from "../../parts/icons.ts";
import { serveSocket } from "../feed/sockets.ts";
import type { BrowserSocket } from "../feed/topology_api.ts";
import type { TopologyFeed } from "../feed/topology_feed.ts";
import type { TerminalRef } from "../state/view_state.ts";
import { change } from "./pieces.ts";
import type { Screen } from "./terminal_screen.ts";
import { terminalStyles } from "./terminal_styles.ts";

type Size = { readonly columns: number; readonly rows: number };

const HEIGHT_MIN = 120;
const HEIGHT_FIRST = 280;
/** A size that changes all the time is told in pauses. */
const RESIZE_MS = 150;

/**
 * A terminal or a log over a pipe: what is typed goes to the probe, and so does its size.
 *
 * xterm.js is loaded when the first terminal opens.
 */
export class FairleadTerminal extends LitElement {
  static readonly tag: string = "fairlead-terminal";
  static override properties: PropertyDeclarations = {
    feed: { attribute: false },
    terminal: { attribute: false },
    ended: { state: true },
    height: { state: true },
  };
  static override styles = terminalStyles;

  declare feed: TopologyFeed;
  declare terminal: TerminalRef | undefined;
  /** Why nothing comes any more. */
  declare ended: string;
  /** In pixels. */
  declare height: number;

  #screen: Screen | undefined;
  #socket: BrowserSocket | undefined;
  #abort: AbortController | undefined;
  #size: Size | undefined;
  #isTelling = false;
  readonly #observer = new ResizeObserver(() => this.#screen?.fit());

  constructor() {
    super();
    this.terminal = undefined;
    this.ended = "";
    this.height = HEIGHT_FIRST;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#close();
  }

  protected override updated(changed: Map<PropertyKey, unknown>): void {
    if (changed.has("height")) this.style.setProperty("height", `${this.height}px`);
    if (!changed.has("terminal")) return;
    const before = changed.get("terminal");
    const pipe =
      typeof before === "object" && before !== null && "pipeId" in before ? before.pipeId : "";
    if (pipe !== this.terminal?.pipeId) void this.#open();
  }

  protected override render(): TemplateResult | typeof nothing {
    const { terminal } = this;
    if (terminal === undefined) return nothing;
    return html`
      <div class="grip" @pointerdown=${this.#grab} @pointermove=${this.#drag}></div>
      <div class="bar">
        ${icon("terminal")}<span class="clip">${terminal.title}</span>
        <span class="muted push" role="status">${this.ended}</span>
        ${
          this.ended === ""
            ? nothing
            : html`<button class="icon-button" type="button" title="Connect again" aria-label="Connect again" @click=${() => void this.#open()}>
                ${icon("refresh")}
              </button>`
        }
        <button
          class="icon-button"
          type="button"
          title="Close (Esc outside of the terminal)"
          aria-label="Close terminal"
          @click=${this.#leave}
        >
          ${icon("close")}
        </button>
      </div>
      <div class="screen"></div>
    `;
  }

  /** The reader closes it: the pipe ends at both ends. */
  #leave = (): void => {
    const pipe = this.terminal?.pipeId;
    change(this, (state) => ({ ...state, terminal: undefined }));
    if (pipe !== undefined) {
      this.feed.api.closePipe(pipe).catch(() => {
        // It is closed already.
      });
    }
  };

  #close(): void {
    this.#abort?.abort();
    this.#abort = undefined;
    this.#socket = undefined;
    this.#observer.disconnect();
    this.#screen?.dispose();
    this.#screen = undefined;
  }

  async #open(): Promise<void> {
    this.#close();
    const { terminal } = this;
    if (terminal === undefined) return;
    this.ended = "";
    const abort = new AbortController();
    this.#abort = abort;
    const { openScreen } = await import("./terminal_screen.ts");
    const place = this.renderRoot.querySelector<HTMLElement>(".screen");
    const root = this.shadowRoot;
    if (abort.signal.aborted || place === null || root === null) return;
    place.replaceChildren();
    const screen = openScreen(place, root, {
      typed: (text) => this.#type(text),
      resized: (size) => this.#resized(size),
    });
    this.#screen = screen;
    this.#observer.observe(place);
    screen.focus();
    await this.#follow(terminal, screen, abort.signal);
  }

  async #follow({ pipeId }: TerminalRef, screen: Screen, signal: AbortSignal): Promise<void> {
    const socket = this.feed.api.openPipe(pipeId);
    this.#socket = socket;
    const message = (data: string | ArrayBuffer) =>
      screen.write(
        typeof data === "string" ? new TextEncoder().encode(data) : new Uint8Array(data),
      );
    try {
      await serveSocket(socket, { message }, { signal, clock: this.feed.clock, silenceMsMax: 0 });
    } catch (thrown) {
      if (!signal.aborted) this.ended = endOf(thrown);
    }
    if (this.#socket === socket) this.#socket = undefined;
  }

  #type(text: string): void {
    if (this.terminal?.isRaw === true && this.ended === "") this.#socket?.send(text);
  }

  /** Tell the probe the size, at most every so often; the last one always. */
  async #resized(size: Size): Promise<void> {
    this.#size = size;
    if (this.#isTelling || this.terminal?.resizeControl === undefined) return;
    this.#isTelling = true;
    try {
      while (this.#size !== undefined) {
        const told: Size = this.#size;
        this.#size = undefined;
        await this.#tell(told);
        await this.feed.clock.sleep(RESIZE_MS);
      }
    } finally {
      this.#isTelling = false;
    }
  }

  async #tell({ columns, rows }: Size): Promise<void> {
    const { terminal } = this;
    if (terminal?.resizeControl === undefined) return;
    const { probeId, nodeId, resizeControl: control, pipeId: pipeID } = terminal;
    const args = { pipeID, height: String(rows), width: String(columns) };
    await this.feed.api.control({ probeId, nodeId, control }, args).catch(() => {
      // The terminal then keeps the size that it had there.
    });
  }

  #grab = (event: PointerEvent): void => {
    if (event.target instanceof HTMLElement) event.target.setPointerCapture(event.pointerId);
  };

  #drag = (event: PointerEvent): void => {
    const { target } = event;
    if (!(target instanceof HTMLElement) || !target.hasPointerCapture(event.pointerId)) return;
    const { bottom } = this.getBoundingClientRect();
    const most = Math.max(HEIGHT_MIN, this.ownerDocument.documentElement.clientHeight - 160);
    this.height = Math.max(HEIGHT_MIN, Math.min(most, bottom - event.clientY));
  };
}

function endOf(thrown: unknown): string {
  const { message } = FairleadError.from(thrown);
  return message.replace(/^Cannot follow the collector: /, "");
}
