import { html, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import type { FeedStatus } from "../feed/feed.ts";
import { FeedElement } from "../parts/element.ts";
import { span, timeOfDay } from "../parts/format.ts";
import { icon } from "../parts/icons.ts";
import { applyTheme, readTheme, THEMES, type Theme } from "../parts/theme.ts";
import { links, parseRoute, type Route, withQuery } from "../routes.ts";
import { FairleadAgent } from "./agent.ts";
import { FairleadAgents } from "./agents.ts";
import { logo, navItem, navItems, navTopology, statusOf } from "./console_nav.ts";
import { pageOf, titlesOf } from "./console_pages.ts";
import { consoleStyles } from "./console_styles.ts";
import { FairleadFramework } from "./framework.ts";
import { FairleadFrameworks } from "./frameworks.ts";
import { FairleadMaintenance } from "./maintenance.ts";
import { FairleadOffers } from "./offers.ts";
import { FairleadCluster } from "./overview.ts";
import { FairleadRole } from "./role.ts";
import { FairleadRoles } from "./roles.ts";
import { FairleadShortcuts, GOTO } from "./shortcuts.ts";
import { FairleadSignIn } from "./sign_in.ts";
import { FairleadTask } from "./task.ts";
import { FairleadTasks } from "./tasks.ts";

const AUTHORIZATION_KEY = "fairlead.authorization";
const TOAST_MS = 5_000;
/** How long `g` waits for its second key. */
const CHORD_MS = 1_500;

/**
 * The whole console: navigation, pages by address, shortcuts, light and dark.
 *
 * Everything that it shows has an address of its own in the page's hash.
 */
export class FairleadConsole extends FeedElement {
  static readonly tag: string = "fairlead-console";
  static readonly parts = [
    FairleadCluster,
    FairleadAgents,
    FairleadAgent,
    FairleadRoles,
    FairleadRole,
    FairleadFrameworks,
    FairleadFramework,
    FairleadTasks,
    FairleadTask,
    FairleadOffers,
    FairleadMaintenance,
    FairleadSignIn,
    FairleadShortcuts,
  ];
  static override properties: PropertyDeclarations = {
    topology: { type: String },
    route: { state: true },
    theme: { state: true },
    toast: { state: true },
    helps: { state: true },
  };
  static override styles = consoleStyles;

  /** Address of the topology view's page; "" when there is none. */
  declare topology: string;
  declare route: Route;
  declare theme: Theme;
  declare toast: string;
  declare helps: boolean;
  #abort: AbortController | undefined;
  /** What the master said to a stranger; the question stays until an answer was right. */
  #strange = "";
  #chordUntilMs = 0;
  #toasts = 0;

  constructor() {
    super();
    this.topology = "";
    this.route = parseRoute("");
    this.theme = "system";
    this.toast = "";
    this.helps = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const abort = new AbortController();
    this.#abort = abort;
    const { signal } = abort;
    this.theme = readTheme();
    applyTheme(this.theme, this.ownerDocument.documentElement);
    this.route = parseRoute(location.hash);
    window.addEventListener("hashchange", () => this.#moved(), { signal });
    this.ownerDocument.addEventListener("keydown", (event) => this.#keyDown(event), { signal });
    const kept = readKept();
    if (kept !== undefined && this.source.api.authorization === undefined) {
      this.source.authorize(kept);
    }
    void this.#beat(signal);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#abort?.abort();
  }

  /** Once a second while the master is away, for the seconds that are counted down. */
  async #beat(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.source.clock.sleep(1_000, { signal }).catch(() => {
        // Aborted: the loop looks at the signal.
      });
      if (this.source.status.status === "away") this.requestUpdate();
    }
  }

  protected override render(): TemplateResult {
    const { status } = this.source;
    const { page } = this.route;
    if (status.status === "unauthorized") this.#strange = status.error.message;
    if (status.status === "live") this.#strange = "";
    return html`
      ${this.#aside()}
      <main
        tabindex="-1"
        @fairlead-query=${this.#queried}
        @fairlead-done=${({ detail }: CustomEvent<string>) => this.#say(detail)}
        @fairlead-sign-in=${({ detail }: CustomEvent<string>) => this.#signIn(detail)}
      >
        ${status.status === "away" ? this.#banner(status) : nothing}
        ${
          this.#strange !== ""
            ? html`<fairlead-sign-in reason=${this.#strange}></fairlead-sign-in>`
            : html`<div class="page ${FILLING.has(page) ? "fills" : ""}">
                ${this.#title()} ${pageOf(this.route, this.source, this.topology)}
              </div>`
        }
      </main>
      <div class="toasts" role="status" aria-live="polite">
        ${this.toast === "" ? nothing : html`<div class="toast">${icon("check")}${this.toast}</div>`}
      </div>
      <fairlead-shortcuts
        .open=${this.helps}
        @fairlead-close=${() => {
          this.helps = false;
        }}
      ></fairlead-shortcuts>
    `;
  }

  protected override updated(changed: Map<PropertyKey, unknown>): void {
    const { summary } = this.source.store;
    const [, title] = titlesOf(this.route, this.source.store);
    this.ownerDocument.title = `${title} · ${summary?.cluster || "fairlead"}`;
    const before = changed.get("route");
    if (before !== undefined && isElsewhere(before, this.route)) this.#arrive();
  }

  /** Another page: its heading gets the focus, and it is seen from its top. */
  #arrive(): void {
    this.renderRoot.querySelector("h1")?.focus({ preventScroll: true });
    this.renderRoot.querySelector("main")?.scrollTo(0, 0);
  }

  #moved(): void {
    this.route = parseRoute(location.hash);
  }

  #skip = (): void => {
    this.renderRoot.querySelector("main")?.focus();
  };

  #aside(): TemplateResult {
    const { summary } = this.source.store;
    return html`<aside>
      <button class="skip button" type="button" @click=${this.#skip}>Skip to the page</button>
      <a class="brand" href=${links.overview()}>
        ${logo}
        <span class="clip"
          ><b>fairlead</b><span class="clip">${summary?.cluster || "cluster"}</span></span
        >
      </a>
      <nav aria-label="Pages">
        <ul>
          ${navItems(this.source.store).map((item) => navItem(item, this.route.page))}
          ${this.topology === "" ? nothing : navTopology(this.topology)}
        </ul>
      </nav>
      <div class="foot">
        ${statusOf(this.source.status)}
        <div class="row">
          <button
            class="icon-button"
            type="button"
            aria-label="Colours: ${this.theme}"
            title="Colours: ${this.theme} (d)"
            @click=${this.#nextTheme}
          >
            ${icon(this.theme)}
          </button>
          <button
            class="icon-button"
            type="button"
            aria-label="Keyboard shortcuts"
            title="Keyboard shortcuts (?)"
            @click=${() => {
              this.helps = true;
            }}
          >
            ${icon("question")}
          </button>
          <span class="version">${summary === undefined ? "" : `v${summary.version}`}</span>
        </div>
      </div>
    </aside>`;
  }

  #banner({ error, retryAtMs }: FeedStatus & { status: "away" }): TemplateResult {
    const { summary } = this.source.store;
    const waits = span(Math.max(0, retryAtMs - this.source.clock.nowMs()));
    const kept = summary === undefined ? "" : ` What you see is of ${timeOfDay(summary.nowMs)}.`;
    const isOther = error.code === "not_leading";
    return html`<div class="banner" role="alert">
      ${icon("alert")}
      ${
        isOther
          ? html`<span><b>Another master leads.</b> This one stands by.${kept}</span>
              <a class="button" href="/redirect">Go to the leader</a>`
          : html`<span
                ><b>The master is away.</b> ${error.message}. Next attempt in ${waits}.${kept}</span
              >
              <button class="button" type="button" @click=${() => this.source.retry()}>
                Try now
              </button>`
      }
    </div>`;
  }

  #title(): TemplateResult {
    const [from, title] = titlesOf(this.route, this.source.store);
    return html`<div class="title">
      ${from === undefined ? nothing : html`<a class="from" href=${from.href}>${from.word}</a>`}
      <h1 tabindex="-1" title=${title}>${title}</h1>
    </div>`;
  }

  /** The page's filters changed: they become part of its address. */
  #queried = ({ detail }: CustomEvent<Record<string, string | boolean>>): void => {
    const hash = withQuery(location.hash, { ...this.route.query, ...detail });
    history.replaceState(null, "", hash);
    this.route = parseRoute(hash);
  };

  async #say(text: string): Promise<void> {
    this.#toasts += 1;
    const toast = this.#toasts;
    this.toast = text;
    const { signal } = this.#abort ?? {};
    await this.source.clock.sleep(TOAST_MS, { signal }).catch(() => {
      // The page is gone, and the toast with it.
    });
    if (toast === this.#toasts) this.toast = "";
  }

  #signIn(authorization: string): void {
    try {
      sessionStorage.setItem(AUTHORIZATION_KEY, authorization);
    } catch {
      // It then holds until the page is left.
    }
    this.source.authorize(authorization);
  }

  #nextTheme = (): void => {
    const at = THEMES.indexOf(this.theme);
    this.theme = THEMES[(at + 1) % THEMES.length] ?? "system";
    applyTheme(this.theme, this.ownerDocument.documentElement);
  };

  #keyDown(event: KeyboardEvent): void {
    const { key, altKey, ctrlKey, metaKey } = event;
    const [target] = event.composedPath();
    const isTyping = target instanceof HTMLElement && target.matches("input, select, textarea");
    if (altKey || ctrlKey || metaKey || isTyping || event.defaultPrevented) return;
    if (this.#shortcut(key)) event.preventDefault();
  }

  #shortcut(key: string): boolean {
    const nowMs = this.source.clock.nowMs();
    const target = nowMs < this.#chordUntilMs ? GOTO.find(([letter]) => letter === key) : undefined;
    this.#chordUntilMs = key === "g" ? nowMs + CHORD_MS : 0;
    if (target !== undefined) {
      location.assign(target[2]);
      return true;
    }
    if (key === "d") this.#nextTheme();
    else if (key === "?") this.helps = true;
    else if (key === "/") return this.#focusFilter();
    else return false;
    return true;
  }

  #focusFilter(): boolean {
    const page = this.renderRoot.querySelector(".page")?.lastElementChild;
    const filter = findDeep(page?.shadowRoot, "[data-filter]");
    filter?.focus();
    return filter !== undefined;
  }
}

/** Pages that fill the window with a table instead of scrolling as a whole. */
const FILLING: ReadonlySet<string> = new Set(["agents", "frameworks", "roles", "tasks", "offers"]);

function isElsewhere(before: unknown, now: Route): boolean {
  if (typeof before !== "object" || before === null || !("page" in before)) return false;
  const ids = "ids" in before ? JSON.stringify(before.ids) : "";
  return before.page !== now.page || ids !== JSON.stringify(now.ids);
}

/** The first element that matches, in this shadow or those within it. */
function findDeep(root: ShadowRoot | null | undefined, selector: string): HTMLElement | undefined {
  if (!root) return undefined;
  const own = root.querySelector<HTMLElement>(selector);
  if (own !== null) return own;
  for (const element of root.querySelectorAll("*")) {
    const found = findDeep(element.shadowRoot, selector);
    if (found !== undefined) return found;
  }
  return undefined;
}

function readKept(): string | undefined {
  try {
    return sessionStorage.getItem(AUTHORIZATION_KEY) ?? undefined;
  } catch {
    // A browser may forbid keeping anything.
    return undefined;
  }
}
