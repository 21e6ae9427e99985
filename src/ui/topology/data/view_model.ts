/** What the view shows, worked out from the nodes and the reader's choices; kept while both stay. */
import type { NodeSummary, TopologyDescriptor } from "../../../topology/mod.ts";
import type { NodeStore } from "../feed/node_store.ts";
import type { TopologyQuery } from "../feed/topology_api.ts";
import {
  finds,
  findsAll,
  parseQueries,
  type SearchableFields,
  searchableFields,
} from "../search/match.ts";
import { parseQuery, type SearchQuery } from "../search/query.ts";
import type { ViewState } from "../state/view_state.ts";
import { type Grouping, groupingsOf } from "./grouping.ts";
import { allNetworks, type MetricKind, metricKinds, networksOf } from "./metrics.ts";
import { defaultTopology, findTopology, optionQuery } from "./topologies.ts";

/** What the nodes have in common changes seldom: it is looked at every so often. */
const DESCRIBE_MS = 2_000;

/** What the view shows. */
export class ViewModel {
  /** The topology that stands where nobody chose one. */
  #first = "";
  topologyId = "";
  topology: TopologyDescriptor | undefined;
  /** What is to be followed; absent before the list of topologies is there. */
  query: TopologyQuery | undefined;
  /** The nodes that the pinned searches leave. */
  nodes: ReadonlyMap<string, NodeSummary> = new Map();
  search: SearchQuery | undefined;
  /** Nodes that the search finds and that are in the network; absent without either. */
  highlight: ReadonlySet<string> | undefined;
  metrics: readonly MetricKind[] = [];
  networks: readonly string[] = [];
  groupings: readonly Grouping[] = [];
  fields: SearchableFields = { fields: [], metrics: [], hint: "Search" };
  /** Of what is shown: the same one means that nothing changed. */
  version = 0;
  #known = "";
  #describedMs = Number.NEGATIVE_INFINITY;
  #highlighted = "";

  /** Work out what is asked for. */
  choose(topologies: readonly TopologyDescriptor[], state: ViewState): void {
    const { topologyId = "" } = state;
    const isThere = findTopology(topologies, topologyId) !== undefined;
    const id = isThere ? topologyId : this.#unchosen(topologies);
    this.topologyId = id;
    this.topology = findTopology(topologies, id);
    if (this.topology === undefined) this.query = undefined;
    else this.query = this.queryOf(topologies, id, state);
  }

  /** Where nobody chose: what stood for it before, as long as it has nodes, or the best one. */
  #unchosen(topologies: readonly TopologyDescriptor[]): string {
    const before = findTopology(topologies, this.#first);
    if (before === undefined || before.stats.node_count === 0) {
      this.#first = defaultTopology(topologies) ?? "";
    }
    return this.#first;
  }

  /** What is asked of any topology under the reader's choices. */
  queryOf(
    topologies: readonly TopologyDescriptor[],
    topologyId: string,
    state: ViewState,
  ): TopologyQuery {
    const options = optionQuery(findTopology(topologies, topologyId), state.options);
    return { topologyId, options, atMs: state.pausedAtMs };
  }

  /** Take the nodes as they are. */
  take(store: NodeStore, state: ViewState, nowMs: number): void {
    const { pinnedSearches, search, pinnedNetwork } = state;
    const known = JSON.stringify([store.version, pinnedSearches]);
    if (known !== this.#known) {
      this.#known = known;
      this.version += 1;
      const before = this.nodes.size;
      this.nodes = filtered(store.nodes, pinnedSearches);
      if (this.nodes.size !== before || nowMs - this.#describedMs >= DESCRIBE_MS) {
        this.#describedMs = nowMs;
        this.#describe();
      }
    }
    const highlighted = JSON.stringify([this.version, search, pinnedNetwork]);
    if (highlighted === this.#highlighted) return;
    this.#highlighted = highlighted;
    this.search = parseQuery(search);
    this.highlight = this.#found(pinnedNetwork);
  }

  #describe(): void {
    this.metrics = metricKinds(this.nodes.values());
    this.networks = allNetworks(this.nodes.values());
    this.groupings = groupingsOf(this.nodes.values());
    this.fields = searchableFields(this.nodes.values());
  }

  #found(network: string | undefined): ReadonlySet<string> | undefined {
    const { search } = this;
    if (search === undefined && network === undefined) return undefined;
    const found = new Set<string>();
    for (const [id, node] of this.nodes) {
      if (network !== undefined && !networksOf(node).includes(network)) continue;
      if (search === undefined || finds(search, node)) found.add(id);
    }
    return found;
  }
}

function filtered(
  nodes: ReadonlyMap<string, NodeSummary>,
  pins: readonly string[],
): ReadonlyMap<string, NodeSummary> {
  const queries = parseQueries(pins);
  if (queries.length === 0) return new Map(nodes);
  return new Map([...nodes].filter(([, node]) => findsAll(queries, node)));
}
