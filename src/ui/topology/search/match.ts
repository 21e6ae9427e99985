/** Which nodes a query finds, and where in them. */
import type { NodeSummary } from "../../../topology/mod.ts";
import { compares, parseQuery, type SearchQuery, slug, type TextRange } from "./query.ts";

/** A searchable text of a node: where it stands, what it is called, what it says. */
interface NodeText {
  /** `label`, `metadata/pid`, `parents/hosts`, `tables/docker_label_/row/column`. */
  readonly key: string;
  readonly field: string;
  readonly text: string;
}

/** Where a node matches: ranges by key; a metric that matches has none. */
export type NodeMatch = ReadonlyMap<string, readonly TextRange[]>;

/** Key of a metadata row in a {@linkcode NodeMatch}. */
export const metadataKey = (id: string) => `metadata/${id}`;
/** Key of a parent link. */
export const parentKey = (topologyId: string, id: string) => `parents/${topologyId}/${id}`;
/** Key of a metric. */
export const metricKey = (id: string) => `metrics/${id}`;
/** Key of a table's cell. */
export const cellKey = (table: string, row: string, column: string) =>
  `tables/${table}/${row}/${column}`;

/** Visit every searchable text until the visitor says `true`. */
function visit(node: NodeSummary, visitor: (text: NodeText) => boolean): boolean {
  if (visitor({ key: "label", field: "label", text: node.label })) return true;
  if (visitor({ key: "labelMinor", field: "labelminor", text: node.labelMinor })) return true;
  for (const { id, label, value } of node.metadata ?? []) {
    if (visitor({ key: metadataKey(id), field: label, text: value })) return true;
  }
  for (const { id, label, topologyId } of node.parents ?? []) {
    if (visitor({ key: parentKey(topologyId, id), field: topologyId, text: label })) return true;
  }
  return visitTables(node, visitor);
}

function visitTables(node: NodeSummary, visitor: (text: NodeText) => boolean): boolean {
  for (const table of node.tables ?? []) {
    const isList = table.type === "property-list";
    for (const row of table.rows) {
      for (const [column, text] of Object.entries(row.entries)) {
        if (isList && column === "label") continue;
        const field = isList ? (row.entries.label ?? column) : column;
        if (visitor({ key: cellKey(table.id, row.id, column), field, text })) return true;
      }
    }
  }
  return false;
}

/** Whether a query finds a node. */
export function finds(query: SearchQuery, node: NodeSummary): boolean {
  if (query.kind === "metric") return metricsFound(query, node).length > 0;
  const { value } = query;
  if (query.kind === "text") return visit(node, ({ text }) => value.test(text));
  return visit(node, ({ field, text }) => query.field.test(slug(field)) && value.test(text));
}

/** Whether all queries find a node. */
export function findsAll(queries: readonly SearchQuery[], node: NodeSummary): boolean {
  return queries.every((query) => finds(query, node));
}

/** Where a query finds a node: empty when it does not. */
export function matchNode(query: SearchQuery, node: NodeSummary): NodeMatch {
  const match = new Map<string, readonly TextRange[]>();
  if (query.kind === "metric") {
    for (const id of metricsFound(query, node)) match.set(metricKey(id), []);
    return match;
  }
  visit(node, ({ key, field, text }) => {
    if (query.kind === "field" && !query.field.test(slug(field))) return false;
    const ranges = query.value.ranges(text);
    if (ranges.length > 0) match.set(key, ranges);
    return false;
  });
  return match;
}

function metricsFound(query: SearchQuery & { kind: "metric" }, node: NodeSummary): string[] {
  const { metric, comparison, amount } = query;
  return (node.metrics ?? [])
    .filter(
      ({ label, value, valueEmpty }) =>
        valueEmpty !== true && metric.test(slug(label)) && compares(value, comparison, amount),
    )
    .map(({ id }) => id);
}

/** Read pinned searches; those that look for nothing are left out. */
export function parseQueries(texts: readonly string[]): readonly SearchQuery[] {
  return texts.map(parseQuery).filter((query) => query !== undefined);
}

/** What can be searched in some nodes, for the help panel and the hint. */
export interface SearchableFields {
  /** Labels of metadata, parents and property lists, sorted. */
  readonly fields: readonly string[];
  /** Labels of metrics, sorted. */
  readonly metrics: readonly string[];
  /** A query that finds something. */
  readonly hint: string;
}

/** How many nodes are looked at for the fields. */
const FIELD_NODES_MAX = 500;
const FIELDS_MAX = 60;

/** The fields of nodes. */
export function searchableFields(nodes: Iterable<NodeSummary>): SearchableFields {
  const fields = new Set<string>();
  const metrics = new Set<string>();
  const labels: string[] = [];
  let seen = 0;
  for (const node of nodes) {
    if (seen === FIELD_NODES_MAX) break;
    seen += 1;
    visit(node, ({ field }) => {
      if (field !== "label" && field !== "labelminor" && fields.size < FIELDS_MAX) {
        fields.add(field.toLowerCase());
      }
      return false;
    });
    for (const { label } of node.metrics ?? []) metrics.add(label.toLowerCase());
    if (node.pseudo !== true) labels.push(node.label);
  }
  const sorted = { fields: [...fields].sort(), metrics: [...metrics].sort() };
  return { ...sorted, hint: hintOf(labels.sort()[0], sorted) };
}

function hintOf(
  label: string | undefined,
  { fields, metrics }: { fields: readonly string[]; metrics: readonly string[] },
): string {
  const parts = [
    label?.slice(0, 24),
    fields[0] === undefined ? undefined : `${fields[0]}: …`,
    metrics[0] === undefined ? undefined : `${metrics[0]} > 10`,
  ];
  const known = parts.filter((part) => part !== undefined);
  return known.length === 0 ? "Search" : `Search: ${known.join(", ")}`;
}
