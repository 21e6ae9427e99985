import { ZERO_INSTANT } from "./instant.ts";
import { finite, readMap, readNode, readTexts } from "./read_node.ts";
import {
  readControl,
  readMetadataTemplate,
  readMetricTemplate,
  readPlugin,
  readTableTemplate,
} from "./read_templates.ts";
import {
  type Control,
  type DnsNames,
  type Instant,
  type MetadataTemplate,
  type MetricTemplate,
  type PluginSpec,
  type Report,
  type ReportNode,
  type TableTemplate,
  TOPOLOGY_KEYS,
  type Topology,
  type TopologyKey,
} from "./report.ts";
import type { Source } from "./source.ts";

/** Read a report of either syntax. Keys that are not known are skipped. */
export function readReport(source: Source): Report {
  const reading = new Reading(source);
  source.entries((key) => reading.field(key));
  return reading.report();
}

const KEYS = new Map<string, TopologyKey>(TOPOLOGY_KEYS.map((key) => [key, key]));

class Reading {
  readonly #source: Source;
  readonly #topologies: Partial<Record<TopologyKey, Topology>> = {};
  readonly #plugins: PluginSpec[] = [];
  #ts: Instant = ZERO_INSTANT;
  #id = "";
  #windowNs = 0;
  #isShortcut = false;
  #sampling = { count: 0, total: 0 };
  #dns: ReadonlyMap<string, DnsNames> = new Map();
  /** Release 1.11.6 of Scope wrote the names under another key. */
  #misnamedDns: ReadonlyMap<string, DnsNames> = new Map();

  constructor(source: Source) {
    this.#source = source;
  }

  field(key: string): void {
    const topology = KEYS.get(key);
    if (topology !== undefined) this.#readTopology(topology);
    else this.#readOther(key);
  }

  report(): Report {
    return {
      ...(this.#ts === ZERO_INSTANT ? {} : { ts: this.#ts }),
      id: this.#id,
      windowNs: this.#windowNs,
      isShortcut: this.#isShortcut,
      sampling: this.#sampling,
      topologies: this.#topologies,
      dns: this.#misnamedDns.size > 0 ? this.#misnamedDns : this.#dns,
      plugins: this.#plugins,
    };
  }

  #readTopology(key: TopologyKey): void {
    const topology = readTopology(this.#source);
    const { nodes, ...rest } = topology;
    if (nodes.size > 0 || Object.keys(rest).length > 0) this.#topologies[key] = topology;
  }

  #readOther(key: string): void {
    const source = this.#source;
    switch (key) {
      case "TS":
        this.#ts = source.instant();
        break;
      case "ID":
        this.#id = source.text();
        break;
      case "Window":
        this.#windowNs = finite(source.number());
        break;
      case "Shortcut":
        this.#isShortcut = source.flag();
        break;
      case "Sampling":
        this.#sampling = readSampling(source);
        break;
      case "DNS":
        this.#dns = readMap(source, () => readDns(source)) ?? this.#dns;
        break;
      case "nodes":
        this.#misnamedDns = readMap(source, () => readDns(source)) ?? this.#misnamedDns;
        break;
      case "Plugins":
        source.items(() => this.#plugins.push(readPlugin(source)));
        break;
      default:
        source.skip();
    }
  }
}

function readSampling(source: Source): Report["sampling"] {
  const sampling = { count: 0, total: 0 };
  source.entries((field) => {
    if (field === "Count") sampling.count = finite(source.number());
    else if (field === "Total") sampling.total = finite(source.number());
    else source.skip();
  });
  return sampling;
}

function readDns(source: Source): DnsNames {
  const names: { forward: readonly string[]; reverse: readonly string[] } = {
    forward: [],
    reverse: [],
  };
  source.entries((field) => {
    if (field === "forward") names.forward = readTexts(source);
    else if (field === "reverse") names.reverse = readTexts(source);
    else source.skip();
  });
  return names;
}

interface TopologyDraft {
  shape?: string;
  tag?: string;
  label?: string;
  labelPlural?: string;
  nodes: ReadonlyMap<string, ReportNode>;
  controls?: ReadonlyMap<string, Control>;
  metadataTemplates?: ReadonlyMap<string, MetadataTemplate>;
  metricTemplates?: ReadonlyMap<string, MetricTemplate>;
  tableTemplates?: ReadonlyMap<string, TableTemplate>;
}

function readTopology(source: Source): Topology {
  const draft: TopologyDraft = { nodes: new Map() };
  source.entries((field) => {
    if (field === "nodes") draft.nodes = readNodes(source);
    else if (!readTerm(source, field, draft)) readTemplates(source, field, draft);
  });
  return draft;
}

/** The words of a topology; false where the field is none of them. */
function readTerm(source: Source, field: string, draft: TopologyDraft): boolean {
  if (!/^(shape|tag|label|label_plural)$/.test(field)) return false;
  const term = source.text();
  if (term === "") return true;
  if (field === "shape") draft.shape = term;
  if (field === "tag") draft.tag = term;
  if (field === "label") draft.label = term;
  if (field === "label_plural") draft.labelPlural = term;
  return true;
}

function readTemplates(source: Source, field: string, draft: TopologyDraft): void {
  if (field === "controls") {
    const controls = readMap(source, () => readControl(source));
    if (controls !== undefined) draft.controls = controls;
  } else if (field === "metadata_templates") {
    const templates = readMap(source, () => readMetadataTemplate(source));
    if (templates !== undefined) draft.metadataTemplates = templates;
  } else if (field === "metric_templates") {
    const templates = readMap(source, () => readMetricTemplate(source));
    if (templates !== undefined) draft.metricTemplates = templates;
  } else if (field === "table_templates") {
    const templates = readMap(source, () => readTableTemplate(source));
    if (templates !== undefined) draft.tableTemplates = templates;
  } else {
    source.skip();
  }
}

function readNodes(source: Source): ReadonlyMap<string, ReportNode> {
  const nodes = new Map<string, ReportNode>();
  source.entries((id) => nodes.set(id, readNode(source, id)));
  return nodes;
}
