/** How many nodes a search finds in the topologies that are not looked at. */
import type { Clock } from "../../../base/mod.ts";
import type { NodeSummary, TopologyDescriptor } from "../../../topology/mod.ts";
import {
  flatTopologies,
  optionQuery,
  topologyIdOf,
  visibleTopologies,
} from "../data/topologies.ts";
import { finds } from "../search/match.ts";
import type { SearchQuery } from "../search/query.ts";
import type { ChosenOptions } from "../state/view_state.ts";
import type { TopologyApi } from "./topology_api.ts";

/** Larger topologies are not fetched for the sake of a number. */
const NODES_MAX = 2_000;
/** How long fetched nodes are good enough to count. */
const KEPT_MS = 15_000;

interface Kept {
  readonly key: string;
  readonly atMs: number;
  readonly nodes: readonly NodeSummary[];
}

/** Counts what a search finds elsewhere; topologies beyond 2,000 nodes are left out. */
export class SearchCounts {
  readonly #api: TopologyApi;
  readonly #clock: Clock;
  readonly #kept = new Map<string, Kept>();
  #abort: AbortController | undefined;

  constructor(api: TopologyApi, clock: Clock) {
    this.#api = api;
    this.#clock = clock;
  }

  /** Stop asking. */
  stop(): void {
    this.#abort?.abort();
    this.#abort = undefined;
  }

  /**
   * Count in all topologies but one; a later call ends an earlier one, which then gives nothing.
   */
  async count(
    query: SearchQuery,
    {
      topologies,
      options,
      except,
      atMs,
    }: {
      readonly topologies: readonly TopologyDescriptor[];
      readonly options: ChosenOptions;
      readonly except: string;
      readonly atMs: number | undefined;
    },
  ): Promise<ReadonlyMap<string, number> | undefined> {
    this.stop();
    const abort = new AbortController();
    this.#abort = abort;
    const counts = new Map<string, number>();
    for (const each of flatTopologies(visibleTopologies(topologies))) {
      const topologyId = topologyIdOf(each);
      if (topologyId === except || each.stats.node_count > NODES_MAX) continue;
      const asked = { topologyId, options: optionQuery(each, options), atMs };
      const nodes = await this.#nodes(asked, abort.signal);
      if (abort.signal.aborted) return undefined;
      counts.set(topologyId, nodes.filter((node) => finds(query, node)).length);
    }
    return counts;
  }

  async #nodes(
    asked: Parameters<TopologyApi["nodes"]>[0],
    signal: AbortSignal,
  ): Promise<readonly NodeSummary[]> {
    const key = JSON.stringify(asked);
    const kept = this.#kept.get(asked.topologyId);
    const nowMs = this.#clock.nowMs();
    if (kept?.key === key && nowMs - kept.atMs < KEPT_MS) return kept.nodes;
    try {
      const nodes = [...(await this.#api.nodes(asked, { signal })).values()];
      this.#kept.set(asked.topologyId, { key, atMs: nowMs, nodes });
      return nodes;
    } catch {
      // A number that cannot be had is left out; the stream tells of the collector.
      return [];
    }
  }
}
