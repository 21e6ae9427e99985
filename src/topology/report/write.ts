import { ZERO_INSTANT } from "./instant.ts";
import {
  type DnsNames,
  type LatestEntry,
  type Metric,
  type PluginSpec,
  type Report,
  type ReportNode,
  type Sample,
  TOPOLOGY_KEYS,
  type Topology,
} from "./report.ts";
import type { Sink } from "./sink.ts";
import {
  type Field,
  mapField,
  textField,
  writeFields,
  writeMap,
  writeTexts,
} from "./write_fields.ts";
import {
  writeControl,
  writeMetadataTemplate,
  writeMetricTemplate,
  writeTableTemplate,
} from "./write_templates.ts";

/** Write a report as Scope's probe does: every topology, empty fields left out or nil. */
export function writeReport(sink: Sink, report: Report): void {
  const { sampling, dns, plugins } = report;
  writeFields(sink, [
    ["TS", () => sink.instant(report.ts ?? ZERO_INSTANT)],
    ...TOPOLOGY_KEYS.map(
      (key): Field => [key, () => writeTopology(sink, report.topologies[key] ?? NO_TOPOLOGY)],
    ),
    mapField(sink, "DNS", dns, (names) => writeDns(sink, names)),
    ["Sampling", () => writeSampling(sink, sampling)],
    ["Window", () => sink.integer(Math.round(report.windowNs))],
    ["Shortcut", () => sink.flag(report.isShortcut)],
    ["Plugins", () => writePlugins(sink, plugins)],
    ["ID", () => sink.text(report.id)],
  ]);
}

const NO_TOPOLOGY: Topology = { nodes: new Map() };

function writeTopology(sink: Sink, topology: Topology): void {
  writeFields(sink, [
    textField(sink, "shape", topology.shape),
    textField(sink, "tag", topology.tag),
    textField(sink, "label", topology.label),
    textField(sink, "label_plural", topology.labelPlural),
    mapField(sink, "nodes", topology.nodes, (node) => writeNode(sink, node)),
    mapField(sink, "controls", topology.controls, (control) => writeControl(sink, control)),
    mapField(sink, "metadata_templates", topology.metadataTemplates, (template) =>
      writeMetadataTemplate(sink, template),
    ),
    mapField(sink, "metric_templates", topology.metricTemplates, (template) =>
      writeMetricTemplate(sink, template),
    ),
    mapField(sink, "table_templates", topology.tableTemplates, (template) =>
      writeTableTemplate(sink, template),
    ),
  ]);
}

/** A node of a delta has no topology and does not repeat its id. */
function writeNode(sink: Sink, node: ReportNode): void {
  const { id, topology, latest, sets, adjacency, metrics, parents, children } = node;
  writeFields(sink, [
    topology === "" ? undefined : ["id", () => sink.text(id)],
    textField(sink, "topology", topology),
    ["sets", () => writeSets(sink, sets)],
    adjacency.length === 0 ? undefined : ["adjacency", () => writeTexts(sink, adjacency)],
    mapField(sink, "latest", latest, (entry) => writeLatest(sink, entry)),
    mapField(sink, "metrics", metrics, (metric) => writeMetric(sink, metric)),
    ["parents", () => writeSets(sink, parents)],
    ["children", () => writeChildren(sink, children)],
  ]);
}

function writeSets(sink: Sink, sets: ReadonlyMap<string, readonly string[]>): void {
  if (sets.size === 0) sink.nil();
  else writeMap(sink, sets, (texts) => writeTexts(sink, texts));
}

function writeLatest(sink: Sink, { timestamp, value }: LatestEntry): void {
  sink.map(2);
  sink.key("timestamp");
  sink.instant(timestamp);
  sink.key("value");
  sink.text(value);
}

function writeMetric(sink: Sink, { samples, min, max }: Metric): void {
  writeFields(sink, [
    samples.length === 0 ? undefined : ["samples", () => writeSamples(sink, samples)],
    ["min", () => sink.float(min)],
    ["max", () => sink.float(max)],
  ]);
}

function writeSamples(sink: Sink, samples: readonly Sample[]): void {
  sink.list(samples.length);
  for (const { date, value } of samples) {
    sink.map(2);
    sink.key("date");
    sink.instant(date);
    sink.key("value");
    sink.float(value);
  }
}

function writeChildren(sink: Sink, children: readonly ReportNode[]): void {
  if (children.length === 0) {
    sink.nil();
    return;
  }
  sink.list(children.length);
  for (const child of children) writeNode(sink, child);
}

function writeDns(sink: Sink, { forward, reverse }: DnsNames): void {
  writeFields(sink, [
    forward.length === 0 ? undefined : ["forward", () => writeTexts(sink, forward)],
    reverse.length === 0 ? undefined : ["reverse", () => writeTexts(sink, reverse)],
  ]);
}

function writeSampling(sink: Sink, { count, total }: Report["sampling"]): void {
  writeFields(sink, [
    ["Count", () => sink.integer(count)],
    ["Total", () => sink.integer(total)],
  ]);
}

function writePlugins(sink: Sink, plugins: readonly PluginSpec[]): void {
  if (plugins.length === 0) {
    sink.nil();
    return;
  }
  sink.list(plugins.length);
  for (const plugin of plugins) {
    writeFields(sink, [
      ["id", () => sink.text(plugin.id)],
      ["label", () => sink.text(plugin.label)],
      textField(sink, "description", plugin.description),
      ["interfaces", () => writeTexts(sink, plugin.interfaces)],
      textField(sink, "api_version", plugin.apiVersion),
      textField(sink, "status", plugin.status),
    ]);
  }
}
