import { greater, mergeMaps, mergeNodes } from "./merge_node.ts";
import type { Control, ReportNode, TableTemplate, Topology } from "./report.ts";

const NO_NODES: Topology["nodes"] = new Map();

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

/**
 * The same of many topologies; nothing of none.
 *
 * Cost: O(n) of their nodes; a node that several have is copied log n times, not n times.
 */
export function mergeAllTopologies(all: readonly Topology[]): Topology | undefined {
  const [first, ...others] = all;
  if (first === undefined || others.length === 0) return first;
  let merged: Topology = { ...first, nodes: NO_NODES };
  for (const other of others) {
    if (other !== first) merged = mergeTopologies(merged, { ...other, nodes: NO_NODES });
  }
  return { ...merged, nodes: uniteAll(all) };
}

function uniteAll(all: readonly Topology[]): Topology["nodes"] {
  const nodes = new Map<string, ReportNode>();
  const shared = new Map<string, ReportNode[]>();
  for (const topology of all) {
    for (const [id, node] of topology.nodes) {
      const other = nodes.get(id);
      if (other === undefined) nodes.set(id, node);
      else if (other !== node) {
        const list = shared.get(id);
        if (list === undefined) shared.set(id, [other, node]);
        else list.push(node);
      }
    }
  }
  for (const [id, list] of shared) nodes.set(id, mergeInPairs(list));
  return nodes;
}

/** Neighbours first, then what came of them; the list is used up. There is one node at least. */
function mergeInPairs(list: ReportNode[]): ReportNode {
  for (let step = 1; step < list.length; step *= 2) {
    for (let at = 0; at + step < list.length; at += step * 2) {
      list[at] = mergeNodes(list[at]!, list[at + step]!);
    }
  }
  return list[0]!;
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
  return isSame(a, b) || textOf(a) >= textOf(b) ? a : b;
}

function greaterControl(a: Control, b: Control): Control {
  return isSame(a, b) || textOf(a) >= textOf(b) ? a : b;
}

/** Whether the fields are the same, which those of different probes nearly always are. */
function isSame(a: object, b: object): boolean {
  const left = Object.entries(a);
  const right = Object.entries(b);
  return (
    left.length === right.length &&
    left.every(([key, value], at) => right[at]?.[0] === key && right[at]?.[1] === value)
  );
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
