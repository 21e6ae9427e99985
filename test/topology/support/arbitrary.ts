/** Reports of all shapes, for property tests: few ids and keys, so that they meet. */

import {
  type Instant,
  type Metric,
  makeMetric,
  type Report,
  type ReportNode,
  TOPOLOGY_NAMES,
  type TopologyKey,
} from "fairlead/topology";
import fc from "fast-check";

const id = fc.constantFrom("a", "b", "c", "é;<host>", "𝄞", "x".repeat(40), "y".repeat(300));
const name = fc.constantFrom("pid", "name", "cmdline", "active_controls", "tag");
const value = fc.oneof(fc.constantFrom("1", "2", ""), fc.string({ unit: "binary", maxLength: 50 }));

/** An instant from year 1 to year 9999, often one of a few. */
export const instant: fc.Arbitrary<Instant> = fc.oneof(
  fc.constantFrom(1n, 2n, 1_500_000_000_123_456_789n, -1n),
  fc.bigInt({ min: -62_135_596_800_000_000_000n, max: 253_402_300_799_999_999_999n }),
);

const set = fc.uniqueArray(id, { maxLength: 3 }).map((texts): readonly string[] => texts.sort());
const sets = fc.uniqueArray(fc.tuple(name, set), { selector: ([key]) => key, maxLength: 3 });
const latest = fc.uniqueArray(fc.tuple(name, fc.record({ timestamp: instant, value })), {
  selector: ([key]) => key,
  maxLength: 4,
});
const sample = fc.record({
  date: instant,
  value: fc.oneof(
    fc.constant(2 ** 64),
    fc.integer(),
    fc.float({ noNaN: true, noDefaultInfinity: true }),
  ),
});
const metric: fc.Arbitrary<Metric> = fc
  .uniqueArray(sample, { selector: ({ date }) => date, minLength: 1, maxLength: 4 })
  .map((samples) => makeMetric(samples.sort((a, b) => (a.date < b.date ? -1 : 1))));
const metrics = fc.uniqueArray(fc.tuple(name, metric), { selector: ([key]) => key, maxLength: 2 });

/** A node of a topology under an id. */
export function nodeOf(key: TopologyKey, nodeId: string): fc.Arbitrary<ReportNode> {
  return fc.record({ latest, sets, adjacency: set, metrics, parents: sets }).map((parts) => ({
    id: nodeId,
    topology: TOPOLOGY_NAMES[key],
    latest: new Map(parts.latest),
    sets: new Map(parts.sets),
    adjacency: parts.adjacency,
    metrics: new Map(parts.metrics),
    parents: new Map(parts.parents),
    children: [],
  }));
}

const control = fc.record({ id: name, human: value, icon: value, rank: fc.nat(9) });
const template = fc.record({
  id: name,
  label: fc.constantFrom("L", "M"),
  priority: fc.integer({ min: 1, max: 3 }),
});
const table = fc.record({
  id: name,
  label: fc.constantFrom("L", "M"),
  prefix: fc.constantFrom("p_", "q_"),
  type: fc.constantFrom("property-list", "multicolumn-table"),
  columns: fc.constantFrom([], [{ id: "a", label: "A", dataType: "number" }]),
  fixedRows: fc.constantFrom(new Map<string, string>(), new Map([["k", "label"]])),
});

function topologyOf(key: TopologyKey) {
  const nodes = fc
    .uniqueArray(id, { maxLength: 4 })
    .chain((ids) => fc.tuple(...ids.map((each) => nodeOf(key, each))));
  const byId = <T extends { readonly id: string }>(each: fc.Arbitrary<T>) =>
    fc
      .uniqueArray(each, { selector: (one) => one.id, minLength: 1, maxLength: 2 })
      .map((list) => new Map(list.map((one) => [one.id, one])));
  return fc
    .record(
      {
        nodes,
        shape: fc.constantFrom("circle", "square"),
        controls: byId(control),
        metadataTemplates: byId(template),
        metricTemplates: byId(template),
        tableTemplates: byId(table),
      },
      { requiredKeys: ["nodes"] },
    )
    .map(({ nodes: list, ...rest }) => ({
      ...rest,
      nodes: new Map(list.map((node) => [node.id, node])),
    }));
}

const dns = fc.uniqueArray(
  fc.tuple(fc.constantFrom("10.0.0.1", "8.8.8.8"), fc.record({ forward: set, reverse: set })),
  { selector: ([ip]) => ip, maxLength: 2 },
);
const plugin = fc.record({
  id: fc.constantFrom("p", "q"),
  label: fc.constantFrom("P", "Q"),
  interfaces: fc.constant<readonly string[]>(["reporter"]),
});

/** A report. */
export const report: fc.Arbitrary<Report> = fc
  .record(
    {
      ts: instant.filter((at) => at !== -62_135_596_800_000_000_000n),
      id: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }).map(String),
      windowNs: fc.nat(),
      isShortcut: fc.boolean(),
      sampling: fc.record({ count: fc.nat(), total: fc.nat() }),
      dns: dns.map((each) => new Map(each)),
      plugins: fc.uniqueArray(plugin, { selector: (each) => each.id, maxLength: 2 }),
      Host: topologyOf("Host"),
      Container: topologyOf("Container"),
    },
    {
      requiredKeys: ["id", "windowNs", "isShortcut", "sampling", "dns", "plugins", "Host"],
    },
  )
  .map(({ Host, Container, ...head }) => ({
    ...head,
    plugins: head.plugins.sort((a, b) => (a.id < b.id ? -1 : 1)),
    topologies: {
      ...(isEmpty(Host) ? {} : { Host }),
      ...(Container === undefined || isEmpty(Container) ? {} : { Container }),
    },
  }));

function isEmpty(topology: { readonly nodes: ReadonlyMap<string, unknown> }): boolean {
  return topology.nodes.size === 0 && Object.keys(topology).length === 1;
}
