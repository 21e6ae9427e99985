/** The graph of what the view shows: grouped, and filled by a metric where one is looked at. */
import { edgeKey, type NodeStore } from "../feed/node_store.ts";
import { EMPTY_GRAPH, type GraphData, graphOf } from "../model.ts";
import type { ViewState } from "../state/view_state.ts";
import { metricText } from "./formats.ts";
import { groupingFor, groupOf } from "./grouping.ts";
import { metricOf, nodeFill } from "./metrics.ts";
import type { ViewModel } from "./view_model.ts";

/** Makes the graph of a view, and keeps it while nothing about it changes. */
export class GraphMaker {
  #key = "";
  #data: GraphData = EMPTY_GRAPH;

  /** @param metric Label of the metric that fills the nodes. */
  graph(
    model: ViewModel,
    store: NodeStore,
    { state, metric }: { readonly state: ViewState; readonly metric: string | undefined },
  ): GraphData {
    const groupBy = groupingFor(state.groupBy, model.groupings, model.nodes.size);
    const key = JSON.stringify([model.version, groupBy, metric]);
    if (key === this.#key) return this.#data;
    this.#key = key;
    const kind = model.metrics.find(({ label }) => label === metric);
    this.#data = graphOf(model.nodes.values(), {
      groupOf: (node) => (groupBy === "" ? "" : groupOf(node, groupBy)),
      countOf: (from, to) => store.rates.countOf(edgeKey(from.id, to)),
      fillOf: (node) => (kind === undefined ? undefined : nodeFill(node, kind)),
      textOf(node) {
        const row = kind === undefined ? undefined : metricOf(node, kind.label);
        return row === undefined ? "" : metricText(row);
      },
    });
    return this.#data;
  }
}
