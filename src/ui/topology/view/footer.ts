/** The line below the view: how the feed stands, time, tools. */
import { html, nothing, type TemplateResult } from "lit";
import { count, plural, span } from "../../parts/format.ts";
import { icon } from "../../parts/icons.ts";
import type { ViewModel } from "../data/view_model.ts";
import type { CollectorInfo } from "../feed/read.ts";
import type { TopologyFeed, TopologyFeedStatus } from "../feed/topology_feed.ts";

/** `24 nodes (3 filtered)`, and how the connection stands. */
export function statusLine(feed: TopologyFeed, model: ViewModel): TemplateResult {
  const { filtered_nodes = 0 } = model.topology?.stats ?? {};
  const pinned = feed.store.nodes.size - model.nodes.size;
  const hidden = filtered_nodes + pinned;
  const [tone, words] = standing(feed.status, feed.clock.nowMs());
  return html`<div class="status ${tone}" role="status">
    <i></i><span
      >${words === "" ? nothing : html`${words} · `}${plural(model.nodes.size, "node")}${hidden > 0 ? html` <span class="muted">(${count(hidden)} filtered)</span>` : nothing}</span
    >
    ${
      feed.status.status === "away"
        ? html`<button class="button" type="button" @click=${() => feed.retry()}>Try now</button>`
        : nothing
    }
  </div>`;
}

function standing(status: TopologyFeedStatus, nowMs: number): readonly [string, string] {
  switch (status.status) {
    case "live":
      return ["good", ""];
    case "paused":
      return ["warn", ""];
    case "away":
      return ["bad", `Trying to reconnect in ${span(Math.max(0, status.retryAtMs - nowMs))}`];
    case "unauthorized":
      return ["bad", "Not signed in"];
    default:
      return ["busy", "Connecting"];
  }
}

/** Who answers: host, version, plugins with their state, a newer version. */
export function collectorLine(info: CollectorInfo | undefined): TemplateResult | typeof nothing {
  if (info === undefined) return nothing;
  const { hostname, version, plugins, newVersion } = info;
  return html`<span class="version">
    ${[hostname, version === "" ? "" : `v${version}`].filter((part) => part !== "").join(" · ")}
    ${plugins.map(
      ({ label, description = "", status = "ok" }) =>
        html`<span class="tag ${status === "ok" ? "" : "bad"}" title="${description} (${status})"
          >${status === "ok" ? nothing : icon("alert")}${label}</span
        >`,
    )}
    ${
      newVersion === undefined
        ? nothing
        : html`<a href=${newVersion.downloadUrl} target="_blank" rel="noreferrer"
            >Update to ${newVersion.version}</a
          >`
    }
  </span>`;
}

/** A tool of the line. */
export function tool(options: {
  readonly picture: Parameters<typeof icon>[0];
  readonly label: string;
  readonly key?: string;
  readonly isPressed?: boolean;
  readonly extra?: unknown;
  readonly use: (event: Event) => void;
}): TemplateResult {
  const { picture, label, key, isPressed, extra, use } = options;
  return html`<button
    class="icon-button"
    type="button"
    title=${key === undefined ? label : `${label} (${key})`}
    aria-label=${label}
    aria-pressed=${isPressed === undefined ? nothing : isPressed ? "true" : "false"}
    @click=${use}
  >
    ${icon(picture)}${extra ?? nothing}
  </button>`;
}
