import { formatInstant } from "../report/instant.ts";
import type {
  MetadataTemplate,
  Metric,
  MetricTemplate,
  TableTemplate,
  Topology,
} from "../report/report.ts";
import { compareText } from "../report/sets.ts";
import { countOf, latestOf, type RenderNode } from "./render_node.ts";
import type { MetadataRow, MetricRow, NodeSummary, NodeTable } from "./summary.ts";

/** The rows of a node that the templates of its topology make; what is empty is left out. */
export function rowsOf(
  node: RenderNode,
  topology: Topology,
): Pick<NodeSummary, "metadata" | "metrics" | "tables"> {
  const metadata = metadataOf(topology.metadataTemplates).flatMap(
    (template) => metadataRow(node, template) ?? [],
  );
  const metrics = metricsOf(topology.metricTemplates).flatMap(
    (template) => metricRow(node, template) ?? [],
  );
  const tables = [...(topology.tableTemplates?.values() ?? [])]
    .sort((a, b) => compareText(a.id, b.id))
    .map((template) => tableOf(node, template));
  return {
    ...(metadata.length > 0 ? { metadata } : {}),
    ...(metrics.length > 0 ? { metrics } : {}),
    ...(tables.length > 0 ? { tables } : {}),
  };
}

interface Prioritised {
  readonly id: string;
  readonly priority?: number;
}

/** By priority, then by id; templates are those of all nodes of a topology, and are sorted once. */
function ordering<T extends Prioritised>() {
  const known = new WeakMap<ReadonlyMap<string, T>, readonly T[]>();
  return (templates: ReadonlyMap<string, T> | undefined): readonly T[] => {
    if (templates === undefined) return [];
    const before = known.get(templates);
    if (before !== undefined) return before;
    const sorted = [...templates.values()].sort(
      (a, b) => (a.priority ?? 0) - (b.priority ?? 0) || compareText(a.id, b.id),
    );
    known.set(templates, sorted);
    return sorted;
  };
}

const metadataOf = ordering<MetadataTemplate>();
const metricsOf = ordering<MetricTemplate>();

function metadataRow(node: RenderNode, template: MetadataTemplate): MetadataRow | undefined {
  const { id, label = "", from, ...rest } = template;
  const value = valueOfRow(node, id, from);
  return value === undefined ? undefined : { id, label, value, ...rest };
}

function valueOfRow(node: RenderNode, id: string, from = ""): string | undefined {
  const latest = () => latestOf(node, id);
  const sets = () => node.sets.get(id)?.join(", ");
  const counters = () => countOf(node, id)?.toString();
  if (from === "latest") return latest();
  if (from === "sets") return sets();
  return from === "counters" ? counters() : (latest() ?? sets() ?? counters());
}

function metricRow(node: RenderNode, template: MetricTemplate): MetricRow | undefined {
  const metric = node.metrics.get(template.id);
  if (metric === undefined) return undefined;
  const { id, label = "", format = "", group = "", priority } = template;
  return {
    id,
    label,
    ...(format === "" ? {} : { format }),
    ...(group === "" ? {} : { group }),
    value: cut(metric.samples.at(-1)?.value ?? 0),
    ...(priority === undefined ? {} : { priority }),
    samples: samplesOf(metric),
    min: metric.min,
    max: metric.max,
    url: "",
  };
}

/** Two decimals, the others cut. */
function cut(value: number): number {
  const cents = Math.trunc(value * 100) / 100;
  return Number.isFinite(cents) ? cents : value;
}

function samplesOf({ samples }: Metric): MetricRow["samples"] {
  if (samples.length === 0) return null;
  return samples.map(({ date, value }) => ({ date: formatInstant(date), value }));
}

/** Lists of nodes have metrics without their samples. */
export function withoutSamples(summary: NodeSummary): NodeSummary {
  if (summary.metrics === undefined) return summary;
  return { ...summary, metrics: summary.metrics.map((row) => ({ ...row, samples: null })) };
}

const TRUNCATED_PREFIX = "table_truncation_count_";
const MULTICOLUMN = "multicolumn-table";

function tableOf(node: RenderNode, template: TableTemplate): NodeTable {
  const { id, label, columns, prefix, type } = template;
  const rows = type === MULTICOLUMN ? cellsOf(node, prefix) : propertiesOf(node, template);
  const truncated = Number.parseInt(latestOf(node, `${TRUNCATED_PREFIX}${prefix}`) ?? "", 10);
  return {
    id,
    label,
    type: type === "" ? "property-list" : type,
    columns: columns.length === 0 ? null : columns.map((column) => ({ dataType: "", ...column })),
    rows,
    ...(truncated > 0 ? { truncationCount: truncated } : {}),
  };
}

/** Keys are prefix, row, `___`, column. */
function cellsOf(node: RenderNode, prefix: string): NodeTable["rows"] {
  const rows = new Map<string, Map<string, string>>();
  for (const [key, { value }] of node.latest) {
    if (prefix === "" || !key.startsWith(prefix)) continue;
    const [row = "", column] = key.slice(prefix.length).split("___");
    if (column === undefined) continue;
    const cells = rows.get(row) ?? new Map<string, string>();
    rows.set(row, cells.set(column, value));
  }
  return [...rows]
    .sort(([a], [b]) => compareText(a, b))
    .map(([id, cells]) => ({ id, entries: Object.fromEntries(cells) }));
}

function propertiesOf(node: RenderNode, { prefix, fixedRows }: TableTemplate): NodeTable["rows"] {
  const values = new Map<string, string>();
  for (const [key, { value }] of node.latest) {
    const isOfTable = prefix !== "" && key.startsWith(prefix);
    const label = fixedRows.get(key) ?? (isOfTable ? key.slice(prefix.length) : undefined);
    if (label !== undefined) values.set(label, value);
  }
  return [...values]
    .sort(([a], [b]) => compareText(a, b))
    .map(([label, value]) => ({ id: `label_${label}`, entries: { label, value } }));
}
