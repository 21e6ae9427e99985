import fc from "fast-check";
import type { NodeSummary } from "../../../src/topology/mod.ts";

const HEX = "0123456789abcdef";
const word = fc.stringMatching(/^[a-z]{1,6}$/);
const hexId = fc
  .array(fc.constantFrom(...HEX), { minLength: 64, maxLength: 64 })
  .map((digits) => `${digits.join("")};<container>`);

const metadata = fc.record(
  {
    id: fc.constantFrom("uptime", "image", "state"),
    label: fc.constant("Label"),
    value: fc.oneof(word, fc.nat().map(String), fc.constantFrom("", "007", "-1", "4294967296")),
    priority: fc.constantFrom(1, 2, 3),
  },
  { requiredKeys: ["id", "label", "value", "priority"] },
);

const metric = fc.record({
  id: fc.constantFrom("cpu", "memory"),
  label: fc.constant("Metric"),
  format: fc.constant("percent"),
  value: fc.integer({ min: 0, max: 9_999 }).map((cents) => cents / 100),
  samples: fc.constant(null),
  min: fc.constant(0),
  max: fc.constantFrom(100, 8_388_608),
  url: fc.constant(""),
});

const table = fc.record({
  id: fc.constant("labels_"),
  label: fc.constant("Labels"),
  type: fc.constant("property-list"),
  columns: fc.constant(null),
  rows: fc.array(fc.record({ id: word, entries: fc.record({ value: word }) }), {
    minLength: 1,
    maxLength: 2,
  }),
});

/** Rows in the order in which a reader gives them, each id once. */
function ordered<Row extends { readonly id: string; readonly priority?: number }>(
  rows: readonly Row[],
): readonly Row[] {
  return [...new Map(rows.map((row) => [row.id, row])).values()].sort(
    (a, b) => (a.priority ?? 0) - (b.priority ?? 0) || (a.id < b.id ? -1 : 1),
  );
}

/** A state of a topology: any nodes, with edges among them. */
export const topologyStates: fc.Arbitrary<ReadonlyMap<string, NodeSummary>> = fc
  .uniqueArray(fc.oneof(fc.constantFrom("a", "b", "c", "d", "é;<host>"), hexId), { maxLength: 7 })
  .chain((ids) =>
    fc
      .tuple(...ids.map((id) => node(id, ids)))
      .map((nodes) => new Map(nodes.map((n) => [n.id, n]))),
  );

function node(id: string, ids: readonly string[]): fc.Arbitrary<NodeSummary> {
  return fc
    .record(
      {
        id: fc.constant(id),
        label: fc.oneof(word, fc.constantFrom("", "ü€😀")),
        labelMinor: word,
        rank: word,
        shape: fc.constantFrom("hexagon", "circle"),
        tag: word,
        stack: fc.constant(true),
        pseudo: fc.constant(true),
        metadata: fc.array(metadata, { minLength: 1, maxLength: 3 }).map(ordered),
        metrics: fc.array(metric, { minLength: 1, maxLength: 2 }).map(ordered),
        parents: fc.array(fc.record({ id: word, label: word, topologyId: word }), {
          minLength: 1,
          maxLength: 2,
        }),
        tables: fc.array(table, { minLength: 1, maxLength: 1 }),
        adjacency: fc.uniqueArray(fc.constantFrom(...ids), { minLength: 1, maxLength: 3 }),
      },
      { requiredKeys: ["id", "label", "labelMinor", "rank"] },
    )
    .map((summary) => summary);
}

/** Rows of a node in one order, so that two orders of equal rows are equal. */
export function normalised(nodes: Iterable<NodeSummary>): readonly NodeSummary[] {
  return [...nodes]
    .map((each) => ({
      ...each,
      ...(each.metadata === undefined ? {} : { metadata: ordered(each.metadata) }),
      ...(each.metrics === undefined ? {} : { metrics: ordered(each.metrics) }),
    }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}
