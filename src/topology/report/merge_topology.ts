import { greater, mergeMaps, mergeNodes } from "./merge_node.ts";
import type { Control, TableTemplate, Topology } from "./report.ts";

/**
 * Both topologies in one: all nodes, all controls and templates.
 *
 * Associative, commutative and idempotent: of templates that differ the one of higher priority wins,
 * then the one that is the greater text.
 */
export function mergeTopologies(a: Topology, b: Topology): Topology {
  if (a === b) return a;
  const controls = mergeOptional(a.controls, b.controls, greaterControl);
  const metadata = mergeOptional(a.metadataTemplates, b.metadataTemplates, higher);
  const metrics = mergeOptional(a.metricTemplates, b.metricTemplates, higher);
  const tables = mergeOptional(a.tableTemplates, b.tableTemplates, mergeTables);
  return {
    ...mergeTerms(a, b),
    nodes: mergeMaps(a.nodes, b.nodes, mergeNodes),
    ...(controls === undefined ? {} : { controls }),
    ...(metadata === undefined ? {} : { metadataTemplates: metadata }),
    ...(metrics === undefined ? {} : { metricTemplates: metrics }),
    ...(tables === undefined ? {} : { tableTemplates: tables }),
  };
}

type Terms = Pick<Topology, "shape" | "tag" | "label" | "labelPlural">;

/** Shape and tag where either has one; both forms of the label come from the same side. */
function mergeTerms(a: Topology, b: Topology): Terms {
  const shape = greater(a.shape ?? "", b.shape ?? "");
  const tag = greater(a.tag ?? "", b.tag ?? "");
  const { label = "", labelPlural = "" } = labelsOf(a) >= labelsOf(b) ? a : b;
  return {
    ...(shape === "" ? {} : { shape }),
    ...(tag === "" ? {} : { tag }),
    ...(label === "" ? {} : { label }),
    ...(labelPlural === "" ? {} : { labelPlural }),
  };
}

function labelsOf({ label = "", labelPlural = "" }: Topology): string {
  return `${label}\n${labelPlural}`;
}

function mergeOptional<T>(
  a: ReadonlyMap<string, T> | undefined,
  b: ReadonlyMap<string, T> | undefined,
  merge: (a: T, b: T) => T,
): ReadonlyMap<string, T> | undefined {
  return a === undefined || b === undefined ? (a ?? b) : mergeMaps(a, b, merge);
}

function higher<T extends { readonly priority?: number }>(a: T, b: T): T {
  const [left, right] = [a.priority ?? 0, b.priority ?? 0];
  if (left !== right) return left > right ? a : b;
  return textOf(a) >= textOf(b) ? a : b;
}

function greaterControl(a: Control, b: Control): Control {
  return textOf(a) >= textOf(b) ? a : b;
}

/** Fields in a fixed order: the same template is the same text whoever made it. */
function textOf(fields: object): string {
  return JSON.stringify(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function mergeTables(a: TableTemplate, b: TableTemplate): TableTemplate {
  if (a === b) return a;
  return {
    id: greater(a.id, b.id),
    label: greater(a.label, b.label),
    prefix: greater(a.prefix, b.prefix),
    type: greater(a.type, b.type),
    columns: longer(a.columns, b.columns, a.columns.length - b.columns.length),
    fixedRows: longer(a.fixedRows, b.fixedRows, a.fixedRows.size - b.fixedRows.size),
  };
}

function longer<T extends Iterable<unknown>>(a: T, b: T, difference: number): T {
  if (difference !== 0) return difference > 0 ? a : b;
  return JSON.stringify([...a]) >= JSON.stringify([...b]) ? a : b;
}
