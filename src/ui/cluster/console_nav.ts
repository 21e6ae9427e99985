import { html, nothing, type TemplateResult } from "lit";
import type { FeedStatus } from "../feed/feed.ts";
import type { ClusterStore } from "../feed/store.ts";
import { count } from "../parts/format.ts";
import { type IconName, icon } from "../parts/icons.ts";
import { links, type PageName, type Route } from "../routes.ts";

interface NavItem {
  readonly page: PageName;
  /** Pages within it. */
  readonly inner?: PageName;
  readonly word: string;
  readonly icon: IconName;
  readonly href: string;
  readonly count?: number | undefined;
}

/** One line of the navigation. */
export function navItem(item: NavItem, here: Route["page"]): TemplateResult {
  const { page, inner, word, icon: name, href, count: number } = item;
  const isHere = here === page || here === inner;
  return html`<li>
    <a href=${href} title=${word} aria-current=${isHere ? "page" : nothing}
      >${icon(name)}<span class="word">${word}</span
      >${number === undefined ? nothing : html`<span class="count">${count(number)}</span>`}</a
    >
  </li>`;
}

/** A line that leads out of the console, to the topology view. */
export function navTopology(href: string): TemplateResult {
  return html`<li>
    <a href=${href} title="Topology">${icon("graph")}<span class="word">Topology</span></a>
  </li>`;
}

/** The pages that have a place in the navigation. */
export function navItems(store: ClusterStore): NavItem[] {
  const { summary } = store;
  return [
    { page: "overview", word: "Overview", icon: "overview", href: links.overview() },
    {
      page: "agents",
      inner: "agent",
      word: "Agents",
      icon: "agents",
      href: links.agents(),
      count: summary && store.agents.size,
    },
    {
      page: "frameworks",
      inner: "framework",
      word: "Frameworks",
      icon: "frameworks",
      href: links.frameworks(),
      count: summary?.frameworks.active,
    },
    {
      page: "roles",
      inner: "role",
      word: "Roles",
      icon: "roles",
      href: links.roles(),
      count: summary && store.roles.size,
    },
    {
      page: "tasks",
      inner: "task",
      word: "Tasks",
      icon: "tasks",
      href: links.tasks({ state: "active" }),
      count: summary?.tasks.running ?? (summary && 0),
    },
    {
      page: "offers",
      word: "Offers",
      icon: "offers",
      href: links.offers(),
      count: summary?.offers,
    },
    {
      page: "maintenance",
      word: "Maintenance",
      icon: "maintenance",
      href: links.maintenance(),
    },
  ];
}

/** How the console stands with its master, in a word. */
export function statusOf({ status }: FeedStatus): TemplateResult {
  const words = {
    idle: ["busy", "Connecting…"],
    connecting: ["busy", "Connecting…"],
    live: ["good", "Live"],
    away: ["bad", "Master away"],
    unauthorized: ["bad", "Not signed in"],
  } as const;
  const [tone, word] = words[status];
  return html`<div class="status ${tone}" title=${word}><i></i><span>${word}</span></div>`;
}

/** A rope through its fairlead. */
export const logo = html`<svg width="28" height="28" viewBox="0 0 28 28" aria-hidden="true">
  <rect width="28" height="28" rx="7" fill="currentColor"></rect>
  <g fill="none" stroke="light-dark(#fff, #0d1216)" stroke-width="2.4" stroke-linecap="round">
    <circle cx="14" cy="14" r="5.4"></circle>
    <path d="M3.5 18.5C9 18.5 10.5 14 14 14s5-4.5 10.5-4.5"></path>
  </g>
</svg>`;
