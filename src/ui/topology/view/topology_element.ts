import { LitElement, type PropertyDeclarations, type PropertyValues } from "lit";
import { asyncDispose } from "../../../base/mod.ts";
import { tell } from "../../parts/element.ts";
import { TopologyFeed } from "../feed/topology_feed.ts";
import { linkOf, readLink } from "../state/deep_link.ts";
import { INITIAL_STATE, type ViewState } from "../state/view_state.ts";
import type { StateChange } from "./pieces.ts";

const KEPT_KEY = "fairlead.topology";
/** How often times that are told as "so long ago" are told anew. */
const BEAT_MS = 1_000;

/**
 * What the view stands on: a feed of its own or a given one, the reader's state, and, where the
 * element owns the page's address, the link that restores it.
 *
 * It tells `fairlead-state` (the {@linkcode ViewState}) after every change.
 */
export abstract class TopologyElement extends LitElement {
  static override properties: PropertyDeclarations = {
    src: { type: String },
    feed: { attribute: false },
    deepLink: { type: Boolean, attribute: "deep-link" },
    viewState: { attribute: false },
  };

  /** Where the collector's API is. @default "/api" */
  declare src: string;
  /** A feed to use instead of an own one at `src`. */
  declare feed: TopologyFeed | undefined;
  /** The state is kept in the page's address. */
  declare deepLink: boolean;
  /** What the reader chose. */
  declare viewState: ViewState;

  #feed: TopologyFeed | undefined;
  #leave: () => void = () => {};
  #beat: AbortController | undefined;
  #link = "";

  constructor() {
    super();
    this.src = "/api";
    this.feed = undefined;
    this.deepLink = false;
    this.viewState = INITIAL_STATE;
    this.addEventListener("fairlead-view-change", this.#changed);
  }

  /** The feed in use. */
  protected get source(): TopologyFeed {
    if (this.#feed === undefined) this.#attach();
    return this.#feed!;
  }

  /** Take the next state; it becomes part of the address. */
  set(step: StateChange): void {
    const before = this.viewState;
    const after = step(before);
    if (after === before) return;
    this.viewState = after;
    if (this.deepLink) this.#write(before, after);
    tell<ViewState>(this, "fairlead-state", after);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#attach();
    const beat = new AbortController();
    this.#beat = beat;
    const { signal } = beat;
    if (this.deepLink) {
      this.#read(location.hash !== "" ? location.hash : readKept());
      const page = this.ownerDocument.defaultView;
      page?.addEventListener("popstate", () => this.#read(location.hash), { signal });
      page?.addEventListener("hashchange", () => this.#read(location.hash), { signal });
    }
    this.ownerDocument.addEventListener("visibilitychange", () => this.feedChanged(), { signal });
    void this.#pulse(signal);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#beat?.abort();
    this.#detach();
  }

  protected override willUpdate(changed: PropertyValues): void {
    if ((changed.has("src") || changed.has("feed")) && this.isConnected) this.#attach();
  }

  /** The feed changed: render again, unless nobody sees it. */
  protected feedChanged(): void {
    if (!this.ownerDocument.hidden) this.requestUpdate();
  }

  async #pulse(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.source.clock.sleep(BEAT_MS, { signal }).catch(() => {
        // The element left the page: the loop looks at the signal.
      });
      if (!signal.aborted) this.feedChanged();
    }
  }

  readonly #changed = (event: Event): void => {
    if (!(event instanceof CustomEvent)) return;
    event.stopPropagation();
    this.set(event.detail);
  };

  #read(hash: string): void {
    if (hash === this.#link) return;
    this.#link = hash;
    this.viewState = readLink(hash) ?? INITIAL_STATE;
  }

  /** What one goes back from is a step of its history; what one types or turns is not. */
  #write(before: ViewState, after: ViewState): void {
    const isStep =
      before.topologyId !== after.topologyId ||
      before.viewMode !== after.viewMode ||
      before.details !== after.details;
    const link = linkOf(after);
    this.#link = link;
    const address = link === "" ? location.pathname + location.search : link;
    if (isStep) history.pushState(null, "", address);
    else history.replaceState(null, "", address);
    keep(link);
  }

  #attach(): void {
    const feed = this.feed ?? this.#own();
    if (feed === this.#feed) return;
    this.#detach();
    this.#feed = feed;
    const isOwn = feed !== this.feed;
    const unsubscribe = feed.subscribe(() => this.feedChanged());
    this.#leave = () => {
      unsubscribe();
      if (isOwn) void feed[asyncDispose]();
    };
  }

  #own(): TopologyFeed {
    const { src, ownerDocument } = this;
    const { href } = new URL(src, ownerDocument.baseURI);
    const own = this.#feed !== undefined && this.#feed.api.src === href.replace(/\/+$/, "");
    return own ? this.#feed! : new TopologyFeed({ src: href });
  }

  #detach(): void {
    this.#leave();
    this.#leave = () => {};
    this.#feed = undefined;
  }
}

function readKept(): string {
  try {
    return localStorage.getItem(KEPT_KEY) ?? "";
  } catch {
    // A browser may forbid keeping anything.
    return "";
  }
}

function keep(link: string): void {
  try {
    localStorage.setItem(KEPT_KEY, link);
  } catch {
    // The address has it still.
  }
}
