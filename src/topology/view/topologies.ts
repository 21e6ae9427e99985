import { formatInstant, ZERO_INSTANT } from "../report/instant.ts";
import { KEYS } from "../report/keys.ts";
import type { Report } from "../report/report.ts";
import { compareText } from "../report/sets.ts";
import { type Censoring, censorSummary } from "./censor.ts";
import { detailsOf } from "./details.ts";
import { Pipeline } from "./pipeline.ts";
import {
  applyOptions,
  describeOption,
  type OptionValues,
  optionsOf,
  VIEWS,
  type View,
} from "./registry.ts";
import { NO_NODES, PSEUDO, type RenderNode, type RenderNodes } from "./render_node.ts";
import { withoutSamples } from "./rows.ts";
import { summarize } from "./summarize.ts";
import type { DetailedNode, NodeSummary, TopologyDescriptor, TopologyStats } from "./summary.ts";

/** What a client asks of a view. */
export interface ViewQuery extends Censoring {
  /**
   * Values of the view's options by their id. Without any at all no option is applied; with some,
   * even none of this view, the others have their defaults.
   */
  readonly options?: OptionValues;
}

/** A probe that reports. */
export interface ProbeDescriptor {
  readonly id: string;
  readonly hostname: string;
  readonly version: string;
  /** RFC 3339. */
  readonly lastSeen: string;
}

/** The ids of all views, those of Scope first. */
export const VIEW_IDS: readonly string[] = VIEWS.map(({ id }) => id);

/** Read a query of the topology API: any parameter, even an unknown one, applies the defaults. */
export function viewQueryOf(parameters: URLSearchParams): ViewQuery {
  const options: Record<string, string> = {};
  for (const [key, value] of parameters) {
    if (!Object.hasOwn(options, key)) options[key] = value;
  }
  return {
    ...(Object.keys(options).length > 0 ? { options } : {}),
    hideCommandLineArguments: options.hideCommandLineArguments === "true",
    hideEnvironmentVariables: options.hideEnvironmentVariables === "true",
  };
}

/**
 * Renders the views of one report, each part of them at most once.
 *
 * The report is to be merged, without orphans and upgraded. The plain way: objects and maps, what
 * every other renderer is held against.
 */
export class ReportViews {
  readonly #report: Report;
  readonly #pipeline: Pipeline;

  constructor(report: Report) {
    this.#report = report;
    this.#pipeline = new Pipeline(report);
  }

  /** Whether there is a view of this id. */
  has(viewId: string): boolean {
    return this.#view(viewId) !== undefined;
  }

  /** All views with their options and counts, by name; those below others inside them. */
  list(query: ViewQuery = {}): readonly TopologyDescriptor[] {
    return listViews(this.#report, (view) => statsOf(this.#filtered(view, query)));
  }

  /** The nodes of a view by id; nothing where there is no such view. */
  nodes(viewId: string, query: ViewQuery = {}): ReadonlyMap<string, NodeSummary> | undefined {
    const view = this.#view(viewId);
    if (view === undefined) return undefined;
    const summaries = new Map<string, NodeSummary>();
    for (const [id, node] of this.#filtered(view, query).nodes) {
      const summary = summarize(this.#report, node);
      if (summary !== undefined) summaries.set(id, censorSummary(withoutSamples(summary), query));
    }
    return summaries;
  }

  /**
   * All that is known of a node; nothing where there is no such view or node. A node that the options
   * leave out is shown all the same.
   */
  details(viewId: string, nodeId: string, query: ViewQuery = {}): DetailedNode | undefined {
    const view = this.#view(viewId);
    const all = view?.render(this.#pipeline).nodes.get(nodeId);
    if (view === undefined || all === undefined) return undefined;
    const nodes = new Map<string, RenderNode>(this.#filtered(view, query).nodes);
    const node = nodes.get(nodeId) ?? all;
    nodes.set(nodeId, node);
    const details = detailsOf(this.#report, viewId, node, nodes);
    return details === undefined ? undefined : censorSummary(details, query);
  }

  /** The counts of a view. */
  stats(viewId: string, query: ViewQuery = {}): TopologyStats {
    const view = this.#view(viewId);
    return statsOf(view === undefined ? NO_NODES : this.#filtered(view, query));
  }

  #view(viewId: string): View | undefined {
    return VIEWS.find(({ id }) => id === viewId);
  }

  #filtered(view: View, { options }: ViewQuery): RenderNodes {
    const groups = optionsOf(view, this.#report);
    return applyOptions(view.render(this.#pipeline), groups, options);
  }
}

/** All views with their options and counts, by name; those below others inside them. */
export function listViews(
  report: Report,
  statsOfView: (view: View) => TopologyStats,
): readonly TopologyDescriptor[] {
  const describe = (view: View): TopologyDescriptor => {
    const below = VIEWS.filter(({ parent }) => parent === view.id).map(describe);
    return {
      name: view.name,
      rank: view.rank,
      hide_if_empty: view.isHiddenIfEmpty,
      url: `/api/topology/${view.id}`,
      options: optionsOf(view, report).map(describeOption),
      ...(below.length > 0 ? { sub_topologies: below } : {}),
      stats: statsOfView(view),
    };
  };
  return VIEWS.filter(({ parent }) => parent === undefined)
    .map((view) => [view, describe(view)] as const)
    .filter(([{ isExtra = false }, { stats }]) => !isExtra || stats.node_count > 0)
    .map(([, descriptor]) => descriptor)
    .sort((one, other) => compareText(one.name, other.name));
}

/** How many nodes and edges there are. */
export function statsOf({ nodes, filtered }: RenderNodes): TopologyStats {
  const all = [...nodes.values()];
  return {
    node_count: all.length,
    nonpseudo_node_count: all.filter(({ topology }) => topology !== PSEUDO).length,
    edge_count: all.reduce((sum, { adjacency }) => sum + adjacency.length, 0),
    filtered_nodes: filtered,
  };
}

/** All views of a report with their options and counts. */
export function renderTopologies(
  report: Report,
  query: ViewQuery = {},
): readonly TopologyDescriptor[] {
  return new ReportViews(report).list(query);
}

/** The nodes of one view of a report; nothing where there is no such view. */
export function renderTopology(
  report: Report,
  viewId: string,
  query: ViewQuery = {},
): ReadonlyMap<string, NodeSummary> | undefined {
  return new ReportViews(report).nodes(viewId, query);
}

/** All that is known of one node of a view; nothing where there is none. */
export function renderDetails(
  report: Report,
  viewId: string,
  nodeId: string,
  query: ViewQuery = {},
): DetailedNode | undefined {
  return new ReportViews(report).details(viewId, nodeId, query);
}

/** The probes that a report is of, by host. */
export function listProbes(report: Report): readonly ProbeDescriptor[] {
  const hosts = [...(report.topologies.Host?.nodes.values() ?? [])];
  return hosts.map(({ latest }) => {
    const version = latest.get(KEYS.scopeVersion);
    return {
      id: latest.get(KEYS.controlProbeId)?.value ?? "",
      hostname: latest.get(KEYS.hostName)?.value ?? "",
      version: version?.value ?? "",
      lastSeen: formatInstant(version?.timestamp ?? ZERO_INSTANT),
    };
  });
}
