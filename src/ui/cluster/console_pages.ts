import { html, type TemplateResult } from "lit";
import type { ClusterFeed } from "../feed/feed.ts";
import type { ClusterStore } from "../feed/store.ts";
import { emptyState } from "../parts/fields.ts";
import { shortId } from "../parts/format.ts";
import { links, type Route } from "../routes.ts";

/** The list that the page is within, and what it is of. */
export function titlesOf(
  { page, ids }: Route,
  store: ClusterStore,
): readonly [{ word: string; href: string } | undefined, string] {
  const [first = "", second = ""] = ids;
  switch (page) {
    case "agent": {
      const name = store.agents.get(first)?.hostname ?? shortId(first);
      return [{ word: "Agents", href: links.agents() }, name];
    }
    case "framework": {
      const name = store.frameworks.get(first)?.name ?? shortId(first);
      return [{ word: "Frameworks", href: links.frameworks() }, name];
    }
    case "role":
      return [{ word: "Roles", href: links.roles() }, first];
    case "task":
      return [{ word: "Tasks", href: links.tasks() }, second];
    case "unknown":
      return [undefined, "No such page"];
    default:
      return [undefined, page.charAt(0).toUpperCase() + page.slice(1)];
  }
}

/** The element of a page, with what its address says. */
export function pageOf(
  { page, ids, query }: Route,
  feed: ClusterFeed,
  topology: string,
): TemplateResult {
  const [first = "", second = ""] = ids;
  const { q = "", state = "", tab = "", path = "", file = "", code = "" } = query;
  const { sort = "", framework = "", agent = "", role = "", task = "" } = query;
  const desc = query.desc === "1";
  switch (page) {
    case "overview":
      return html`<fairlead-cluster .feed=${feed}></fairlead-cluster>`;
    case "agents":
      return html`<fairlead-agents
        .feed=${feed}
        .q=${q}
        .state=${state}
        .sort=${sort || "name"}
        .desc=${desc}
      ></fairlead-agents>`;
    case "agent":
      return html`<fairlead-agent
        .feed=${feed}
        .agent=${first}
        .tab=${tab || "tasks"}
        .framework=${framework}
        .task=${task}
        .path=${path}
        .file=${file}
      ></fairlead-agent>`;
    case "roles":
      return html`<fairlead-roles
        .feed=${feed}
        .q=${q}
        .sort=${sort || "share"}
        .desc=${sort === "" || desc}
      ></fairlead-roles>`;
    case "role":
      return html`<fairlead-role .feed=${feed} .name=${first}></fairlead-role>`;
    case "frameworks":
      return html`<fairlead-frameworks
        .feed=${feed}
        .q=${q}
        .state=${state}
        .sort=${sort || "name"}
        .desc=${desc}
      ></fairlead-frameworks>`;
    case "framework":
      return html`<fairlead-framework
        .feed=${feed}
        .framework=${first}
        .tab=${tab || "explain"}
        .code=${code}
      ></fairlead-framework>`;
    case "tasks":
      return html`<fairlead-tasks
        narrows
        .feed=${feed}
        .q=${q}
        .state=${state}
        .framework=${framework}
        .agent=${agent}
        .role=${role}
        .sort=${sort}
        .desc=${desc}
      ></fairlead-tasks>`;
    case "task":
      return html`<fairlead-task
        .feed=${feed}
        .framework=${first}
        .task=${second}
        .topology=${topology}
        .tab=${tab || "stdout"}
        .path=${path}
        .file=${file}
      ></fairlead-task>`;
    case "offers":
      return html`<fairlead-offers
        .feed=${feed}
        .framework=${framework}
        .agent=${agent}
      ></fairlead-offers>`;
    case "maintenance":
      return html`<fairlead-maintenance .feed=${feed}></fairlead-maintenance>`;
    default:
      return html`<div class="card">
        ${emptyState(
          "Nothing has this address",
          html`Perhaps it was cut short. <a href=${links.overview()}>To the overview</a>`,
        )}
      </div>`;
  }
}
