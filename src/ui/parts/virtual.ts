import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  type VirtualItem,
  Virtualizer,
} from "@tanstack/virtual-core";
import type { ReactiveController, ReactiveControllerHost } from "lit";

/** What a {@linkcode VirtualRows} asks of its element. */
export interface VirtualRowsOptions {
  /** The element that scrolls; absent before the first rendering. */
  readonly scroller: () => HTMLElement | null;
  /** Height of a row in pixels; rows that are measured may have another. */
  readonly rowHeight: () => number;
  /** Rows beyond the edges. @default 8 */
  readonly overscan?: number;
}

/** The rows of a long list that can be seen, for an element of Lit. */
export class VirtualRows implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #options: VirtualRowsOptions;
  readonly #virtualizer: Virtualizer<HTMLElement, HTMLElement>;
  #count = 0;
  #cleanup: (() => void) | undefined;

  constructor(host: ReactiveControllerHost, options: VirtualRowsOptions) {
    this.#host = host;
    this.#options = options;
    this.#virtualizer = new Virtualizer(this.#settings());
    host.addController(this);
  }

  /** The scroller's height in all, in pixels. */
  get totalPixels(): number {
    return this.#virtualizer.getTotalSize();
  }

  /** The rows to render. */
  get items(): readonly VirtualItem[] {
    return this.#virtualizer.getVirtualItems();
  }

  /** How many rows there are. */
  setCount(count: number): void {
    if (count === this.#count) return;
    this.#count = count;
    this.#virtualizer.setOptions(this.#settings());
  }

  /** Bring a row into view. */
  reveal(index: number, align: "auto" | "start" | "center" | "end" = "auto"): void {
    if (this.#count > 0) this.#virtualizer.scrollToIndex(index, { align });
  }

  /** Rows have another height now. */
  remeasure(): void {
    this.#virtualizer.setOptions(this.#settings());
    this.#virtualizer.measure();
  }

  /** Ref for a row of its own height; it carries its index as `data-index`. */
  measureRow = (element: Element | undefined): void => {
    if (element instanceof HTMLElement) this.#virtualizer.measureElement(element);
  };

  hostConnected(): void {
    this.#cleanup = this.#virtualizer._didMount();
  }

  hostUpdated(): void {
    this.#virtualizer._willUpdate();
  }

  hostDisconnected(): void {
    this.#cleanup?.();
    this.#cleanup = undefined;
  }

  #settings() {
    const { scroller, rowHeight, overscan = 8 } = this.#options;
    const height = rowHeight();
    return {
      count: this.#count,
      getScrollElement: scroller,
      estimateSize: () => height,
      overscan,
      observeElementRect,
      observeElementOffset,
      scrollToFn: elementScroll,
      onChange: () => this.#host.requestUpdate(),
    };
  }
}
