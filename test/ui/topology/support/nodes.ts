/** Nodes for the tests of the view's logic. */
import type { MetadataRow, MetricRow, NodeSummary } from "fairlead/topology";

/** A node with what the test cares for. */
export function node(id: string, fields: Partial<NodeSummary> = {}): NodeSummary {
  return { id, label: id, labelMinor: "", rank: id, shape: "hexagon", ...fields };
}

/** A line of metadata. */
export function row(label: string, value: string, dataType = ""): MetadataRow {
  return { id: label.toLowerCase(), label, value, dataType };
}

/** A metric as lists have it. */
export function metric(label: string, value: number, fields: Partial<MetricRow> = {}): MetricRow {
  const id = label.toLowerCase();
  return { id, label, value, samples: null, min: 0, max: 100, url: "", ...fields };
}
