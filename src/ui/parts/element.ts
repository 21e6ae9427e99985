import { LitElement, type PropertyDeclarations, type PropertyValues } from "lit";
import type { ClusterFeed } from "../feed/feed.ts";
import { shareFeed } from "../feed/shared.ts";

/** A class of elements that knows its own name. */
export interface ElementClass {
  new (): HTMLElement;
  readonly tag: string;
  /** Elements that its template is made of. */
  readonly parts?: readonly ElementClass[];
}

/**
 * An element over the cluster's data: it takes a feed, or the address of one.
 *
 * An element whose class is `live` renders again after every change of the feed, unless the page is
 * hidden; then once, when it is seen again.
 */
export abstract class FeedElement extends LitElement {
  static override properties: PropertyDeclarations = {
    src: { type: String },
    feed: { attribute: false },
  };
  /** Whether it follows the stream, or only asks. */
  static readonly live: boolean = true;

  /** Where the console's API is. @default "/api/fairlead" */
  declare src: string;
  /** A feed to use instead of an own one at `src`. */
  declare feed: ClusterFeed | undefined;

  #feed: ClusterFeed | undefined;
  #leave: () => void = () => {};

  constructor() {
    super();
    this.src = "/api/fairlead";
    this.feed = undefined;
  }

  /** The feed in use. */
  protected get source(): ClusterFeed {
    if (this.#feed === undefined) this.#attach();
    return this.#feed!;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.ownerDocument.addEventListener("visibilitychange", this.#seen);
    this.#attach();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.ownerDocument.removeEventListener("visibilitychange", this.#seen);
    this.#detach();
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (!changed.has("src") && !changed.has("feed")) return;
    if (this.isConnected) this.#attach();
  }

  /** The feed changed; a live element renders again. */
  protected feedChanged(): void {
    if (!this.ownerDocument.hidden) this.requestUpdate();
  }

  readonly #seen = () => {
    if (!this.ownerDocument.hidden) this.feedChanged();
  };

  #attach(): void {
    const share = this.feed === undefined ? shareFeed(this.ownerDocument, this.src) : undefined;
    const feed = this.feed ?? share!.feed;
    if (feed === this.#feed) {
      share?.leave();
      return;
    }
    this.#detach();
    this.#feed = feed;
    const { live } = this.constructor as typeof FeedElement;
    const unsubscribe = live ? feed.subscribe(() => this.feedChanged()) : () => {};
    this.#leave = () => {
      unsubscribe();
      share?.leave();
    };
  }

  #detach(): void {
    this.#leave();
    this.#leave = () => {};
    this.#feed = undefined;
  }
}

/** Tell those around of something, out of every shadow. */
export function tell<Detail>(from: HTMLElement, name: string, detail: Detail): boolean {
  return from.dispatchEvent(
    new CustomEvent(name, { detail, bubbles: true, composed: true, cancelable: true }),
  );
}
