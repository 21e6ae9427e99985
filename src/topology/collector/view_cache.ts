import type { NodeSummary, TopologyDescriptor } from "../view/summary.ts";
import type { ReportStore, ViewQuery } from "./report_store.ts";

const VIEWS_MAX = 100;

interface Cached<T> {
  readonly version: number;
  readonly value: T;
}

/** Renders a view once a version of the store, for all who ask. */
export class ViewCache {
  readonly #store: ReportStore;
  readonly #nodes = new Map<string, Cached<ReadonlyMap<string, NodeSummary> | undefined>>();
  readonly #lists = new Map<string, Cached<readonly TopologyDescriptor[]>>();
  #renders = 0;

  constructor(store: ReportStore) {
    this.#store = store;
  }

  /** How often something was rendered. */
  get renders(): number {
    return this.#renders;
  }

  /** The same map as before when nothing changed. */
  nodes(topologyId: string, query: ViewQuery): ReadonlyMap<string, NodeSummary> | undefined {
    const key = keyOf(topologyId, query);
    return this.#cached(this.#nodes, key, () => this.#store.nodes(topologyId, query));
  }

  topologies(query: ViewQuery): readonly TopologyDescriptor[] {
    return this.#cached(this.#lists, keyOf("", query), () => this.#store.topologies(query));
  }

  #cached<T>(cache: Map<string, Cached<T>>, key: string, render: () => T): T {
    const { version } = this.#store;
    const known = cache.get(key);
    if (known?.version === version) return known.value;
    const value = render();
    this.#renders += 1;
    cache.delete(key);
    cache.set(key, { version, value });
    for (const oldest of cache.keys()) {
      if (cache.size <= VIEWS_MAX) break;
      cache.delete(oldest);
    }
    return value;
  }
}

/** Equal views have equal keys. */
export function keyOf(topologyId: string, query: ViewQuery): string {
  return JSON.stringify([topologyId, ...Object.entries(query).sort()]);
}
