import { mergeMaps } from "./merge_node.ts";
import { mergeAllTopologies } from "./merge_topology.ts";
import { murmur3 } from "./murmur3.ts";
import {
  type DnsNames,
  type Instant,
  type PluginSpec,
  type Report,
  TOPOLOGY_KEYS,
  type Topology,
  type TopologyKey,
} from "./report.ts";
import { compareText, unionOf } from "./sets.ts";

/**
 * What several reports say together.
 *
 * Topologies, names and plugins are merged as sets are: in any order, once or twice, with the same
 * outcome. The instant is the earliest, windows and sampling are added up, and the id is the
 * MurmurHash3 of all ids in the order given, in hex, as Scope has it. One report comes back as it is.
 *
 * Cost: O(n log n) of the values of all reports.
 */
export function mergeReports(reports: readonly Report[]): Report {
  const [only] = reports;
  if (reports.length === 1 && only !== undefined) return only;
  const ts = earliest(reports);
  return {
    ...(ts === undefined ? {} : { ts }),
    id: murmur3(reports.map(({ id }) => id).join("")),
    windowNs: sum(reports, ({ windowNs }) => windowNs),
    isShortcut: reports.length > 0 && reports.every(({ isShortcut }) => isShortcut),
    sampling: {
      count: sum(reports, ({ sampling }) => sampling.count),
      total: sum(reports, ({ sampling }) => sampling.total),
    },
    topologies: topologiesOf(reports),
    dns:
      pairwise(
        reports.map(({ dns }) => dns),
        mergeDns,
      ) ?? new Map(),
    plugins: pluginsOf(reports),
  };
}

function earliest(reports: readonly Report[]): Instant | undefined {
  let first: Instant | undefined;
  for (const { ts } of reports) {
    if (ts !== undefined && (first === undefined || ts < first)) first = ts;
  }
  return first;
}

function sum(reports: readonly Report[], value: (report: Report) => number): number {
  return reports.reduce((total, report) => total + value(report), 0);
}

function topologiesOf(reports: readonly Report[]): Report["topologies"] {
  const merged: Partial<Record<TopologyKey, Topology>> = {};
  for (const key of TOPOLOGY_KEYS) {
    const all = reports.flatMap(({ topologies }) => topologies[key] ?? []);
    const topology = mergeAllTopologies(all);
    if (topology !== undefined) merged[key] = topology;
  }
  return merged;
}

/** Neighbours first, then what came of them: each value is copied log n times, not n times. */
function pairwise<T>(all: readonly T[], merge: (a: T, b: T) => T): T | undefined {
  let round = all;
  while (round.length > 1) {
    const next: T[] = [];
    for (let index = 0; index < round.length; index += 2) {
      const pair = round.slice(index, index + 2);
      next.push(pair.reduce((a, b) => merge(a, b)));
    }
    round = next;
  }
  return round[0];
}

function mergeDns(
  a: ReadonlyMap<string, DnsNames>,
  b: ReadonlyMap<string, DnsNames>,
): ReadonlyMap<string, DnsNames> {
  return mergeMaps(a, b, (left, right) => {
    const forward = unionOf(left.forward, right.forward);
    const reverse = unionOf(left.reverse, right.reverse);
    if (forward === left.forward && reverse === left.reverse) return left;
    return { forward, reverse };
  });
}

/** Plugins by id; of two that differ the one that is the greater text. */
function pluginsOf(reports: readonly Report[]): readonly PluginSpec[] {
  const byId = new Map<string, PluginSpec>();
  for (const plugin of reports.flatMap(({ plugins }) => plugins)) {
    const other = byId.get(plugin.id);
    if (other === undefined || textOf(plugin) > textOf(other)) byId.set(plugin.id, plugin);
  }
  return [...byId.values()].sort((a, b) => compareText(a.id, b.id));
}

function textOf({ id, label, description, interfaces, apiVersion, status }: PluginSpec): string {
  return JSON.stringify([id, label, description, interfaces, apiVersion, status]);
}
