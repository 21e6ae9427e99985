import { ZERO_INSTANT } from "./instant.ts";
import { KEYS } from "./keys.ts";
import { TOPOLOGY_NAMES } from "./names.ts";
import type {
  Instant,
  Metric,
  Report,
  ReportNode,
  Sample,
  Topology,
  TopologyKey,
} from "./report.ts";
import { setOf } from "./sets.ts";

/** The parts of a node that somebody who makes one knows. */
export interface NodeParts {
  /** When the values of `latest` were read. @default the year 1 */
  readonly at?: Instant;
  /** Values by key; those that are `undefined` are left out. */
  readonly latest?: Readonly<Record<string, string | number | undefined>>;
  readonly sets?: Readonly<Record<string, readonly string[]>>;
  readonly adjacency?: readonly string[];
  readonly metrics?: Readonly<Record<string, Metric>>;
  /** Ids by the name of their topology: `host`, `container_image` … */
  readonly parents?: Readonly<Record<string, readonly string[]>>;
  readonly children?: readonly ReportNode[];
  /** Ids of the controls that can be used now. */
  readonly activeControls?: readonly string[];
}

/** Make a node of a topology. Sets are sorted and each text kept once. */
export function makeNode(key: TopologyKey, id: string, parts: NodeParts = {}): ReportNode {
  const { at = ZERO_INSTANT, latest = {}, activeControls } = parts;
  const values =
    activeControls === undefined
      ? latest
      : { ...latest, [KEYS.activeControls]: activeControls.join(";") };
  const entries = Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, { timestamp: at, value: String(value) }] as const],
  );
  return {
    id,
    topology: TOPOLOGY_NAMES[key],
    latest: new Map(entries),
    sets: setsOf(parts.sets),
    adjacency: setOf(parts.adjacency ?? []),
    metrics: new Map(Object.entries(parts.metrics ?? {})),
    parents: setsOf(parts.parents),
    children: parts.children ?? [],
  };
}

/** A metric of samples in the order of time; `max` is its capacity where it has one. */
export function makeMetric(
  samples: readonly Sample[],
  { max }: { readonly max?: number } = {},
): Metric {
  const values = samples.map(({ value }) => value);
  const none = values.length === 0;
  return {
    samples,
    min: none ? 0 : values.reduce((a, b) => Math.min(a, b)),
    max: max ?? (none ? 0 : values.reduce((a, b) => Math.max(a, b))),
  };
}

/** Make a topology of its nodes; a later node of one id takes the place of an earlier one. */
export function makeTopology(
  nodes: Iterable<ReportNode>,
  rest: Omit<Topology, "nodes"> = {},
): Topology {
  const byId = new Map<string, ReportNode>();
  for (const node of nodes) byId.set(node.id, node);
  return { ...rest, nodes: byId };
}

/** The shape and the words of each topology, as Scope has them. */
export const TOPOLOGY_TERMS: Readonly<Record<TopologyKey, Omit<Topology, "nodes">>> = {
  Endpoint: {},
  Process: terms("square", "process", "processes"),
  Container: terms("hexagon", "container"),
  Pod: terms("heptagon", "pod"),
  Service: terms("heptagon", "service"),
  Deployment: terms("heptagon", "deployment"),
  ReplicaSet: terms("triangle", "replica set"),
  DaemonSet: terms("pentagon", "daemonset"),
  StatefulSet: terms("octagon", "stateful set"),
  CronJob: terms("triangle", "cron job"),
  Namespace: {},
  ContainerImage: terms("hexagon", "image"),
  Host: terms("circle", "host"),
  ECSTask: terms("heptagon", "task"),
  ECSService: terms("heptagon", "service"),
  SwarmService: terms("heptagon", "service"),
  Overlay: terms("circle", "peer"),
  PersistentVolume: terms("cylinder", "persistent volume"),
  PersistentVolumeClaim: terms("dottedcylinder", "persistent volume claim"),
  StorageClass: terms("sheet", "storage class", "storage classes"),
  VolumeSnapshot: { ...terms("dottedcylinder", "volume snapshot"), tag: "camera" },
  VolumeSnapshotData: {
    ...terms("cylinder", "volume snapshot data", "volume snapshot data"),
    tag: "camera",
  },
  Job: terms("dottedtriangle", "job"),
};

function terms(shape: string, label: string, labelPlural = `${label}s`): Omit<Topology, "nodes"> {
  return { shape, label, labelPlural };
}

/** What a report has besides its topologies. */
export type ReportHead = Partial<Omit<Report, "topologies">>;

/** A report of topologies, with an empty rest where nothing is said. */
export function makeReport(topologies: Report["topologies"], head: ReportHead = {}): Report {
  return {
    id: "",
    windowNs: 0,
    isShortcut: false,
    sampling: { count: 0, total: 0 },
    dns: new Map(),
    plugins: [],
    ...head,
    topologies,
  };
}

/** A report that says nothing: merged with any other, it gives that one. */
export function emptyReport(head: ReportHead = {}): Report {
  return makeReport({}, head);
}

function setsOf(
  sets: Readonly<Record<string, readonly string[]>> = {},
): ReadonlyMap<string, readonly string[]> {
  return new Map(Object.entries(sets).map(([key, texts]) => [key, setOf(texts)]));
}
