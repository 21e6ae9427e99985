/** Pods, and what they belong to. */
import { TOPOLOGY_KEYS, type TopologyKey } from "../report/report.ts";
import { UNMANAGED_PREFIX } from "../view/parents.ts";
import type { Levels } from "./connected.ts";
import { FIELD, kindOf } from "./fields.ts";
import type { Texts } from "./level.ts";
import { KIND, type Shared } from "./part_rows.ts";
import type { Source, Sources } from "./sources.ts";
import { type ColumnarView, pseudoTexts } from "./view.ts";

const KUBERNETES: readonly TopologyKey[] = [
  "Pod",
  "Service",
  "Deployment",
  "DaemonSet",
  "StatefulSet",
  "CronJob",
  "PersistentVolume",
  "PersistentVolumeClaim",
  "StorageClass",
  "Job",
];

/** Whether any report has something of Kubernetes. */
export function hasKubernetes(sources: Sources): boolean {
  return KUBERNETES.some((key) => sources.hasAny(kindOf(key)));
}

/** Containers that run and hold more than a network, by their pods. */
export interface ByPod {
  /** By container: its pod plus one; 0: none. */
  readonly pods: Uint32Array;
  /** By container: its host plus one, for those of no pod; 0: it does not count. */
  readonly hosts: Uint32Array;
  /** By pod. */
  readonly shown: Uint8Array;
  readonly count: Uint32Array;
  /** The last of its containers. */
  readonly only: Uint32Array;
}

/** Find the pods of containers. */
export function containersByPod(
  sources: Sources,
  { strings, tables }: Shared,
  levels: Levels,
  imageOf: (source: Source | undefined) => string,
): ByPod {
  const found = {
    pods: new Uint32Array(levels.containers),
    hosts: new Uint32Array(levels.containers),
    shown: reportedPods(sources, levels),
    count: new Uint32Array(levels.pods),
    only: new Uint32Array(levels.pods),
  };
  const podKey = strings.find("pod");
  for (let row = 0; row < levels.containers; row += 1) {
    const source = sources.find(KIND.container, row);
    if (source === undefined || !isRunning(sources, source) || isPause(imageOf(source))) continue;
    const [parent] = sources.parents(source, podKey);
    const pod = parent === undefined ? undefined : tables[KIND.pod]!.find(parent);
    if (pod === undefined) {
      const host = tables[KIND.host]!.find(sources.handle(source, FIELD.hostNodeId));
      found.hosts[row] = host === undefined ? 0 : host + 1;
      continue;
    }
    found.pods[row] = pod + 1;
    found.shown[pod] = 1;
    found.count[pod]! += 1;
    found.only[pod] = row;
  }
  for (let row = 0; row < levels.pods; row += 1) {
    const state = sources.text(sources.find(KIND.pod, row), FIELD.kubernetesState);
    if (/^(deleted|Failed)$/.test(state)) found.shown[row] = 0;
  }
  return found;
}

function reportedPods(sources: Sources, levels: Levels): Uint8Array {
  const shown = new Uint8Array(levels.pods);
  for (let row = 0; row < levels.pods; row += 1) {
    if (sources.find(KIND.pod, row) !== undefined) shown[row] = 1;
  }
  return shown;
}

function isRunning(sources: Sources, source: Source): boolean {
  if (!sources.has(source, FIELD.containerState)) return true;
  return /^(running|restarting|paused)$/.test(sources.text(source, FIELD.containerState));
}

function isPause(image: string): boolean {
  return /google_containers\/pause|k8s\.gcr\.io\/pause|eks\/pause/.test(image);
}

/** What a pod is called. */
export function textsOfPod(sources: Sources, row: number, containers: number): Texts {
  const texts = textsOfKubernetes(sources, sources.find(KIND.pod, row), sources.id(KIND.pod, row));
  return { ...texts, minor: `${containers} ${containers === 1 ? "container" : "containers"}` };
}

function textsOfKubernetes(sources: Sources, source: Source | undefined, id: string): Texts {
  const at = id.indexOf(";");
  const label = sources.text(source, FIELD.kubernetesName) || id.slice(0, Math.max(0, at));
  const rank = `${sources.text(source, FIELD.kubernetesNamespace)}/${label}`;
  return { id, label, minor: "", rank };
}

/** What pods belong to, by the name of the topology in `parents`. */
const PARENTS = {
  services: [["service", "Service", ""]],
  "kube-controllers": [
    ["deployment", "Deployment", "Deployment of "],
    ["daemon_set", "DaemonSet", "DaemonSet of "],
    ["stateful_set", "StatefulSet", "StatefulSet of "],
    ["cron_job", "CronJob", "CronJob of "],
    ["job", "Job", "Job of "],
  ],
} as const satisfies Record<string, readonly (readonly [string, TopologyKey, string])[]>;

/** What the view of services or controllers is made of. */
export interface ParentsInput {
  readonly sources: Sources;
  readonly shared: Shared;
  /** The view of pods, with pseudo nodes that have no edge with another node. */
  readonly pods: ColumnarView;
  readonly generation: number;
}

interface Group {
  readonly texts: Texts;
  readonly what: string;
  pods: number;
}

/** Pods by what they belong to: to several, to one, or to none. */
export function controllersView(
  id: "services" | "kube-controllers",
  input: ParentsInput,
): ColumnarView {
  const { sources, shared, pods, generation } = input;
  const groups = new Map<string, Group>();
  for (const [, key, what] of PARENTS[id]) addReported(groups, key, what, sources, shared);
  const pseudo = new Set<string>();
  const targets = pods.ids.map((pod, at) => {
    if (at >= pods.pseudoFrom) {
      pseudo.add(pod);
      return [pod];
    }
    const found = groupsOfPod(id, pod, groups, input);
    if (found.length > 0 || id === "services") return found;
    const row = shared.tables[KIND.pod]!.find(shared.strings.find(pod)) ?? 0;
    const host = sources.handle(sources.find(KIND.pod, row), FIELD.hostNodeId);
    const other = `${UNMANAGED_PREFIX}${sources.hostName(host)}`;
    pseudo.add(other);
    return [other];
  });
  return assemble(id, generation, groups, pseudo, edgesBetween(pods, targets));
}

function addReported(
  groups: Map<string, Group>,
  key: TopologyKey,
  what: string,
  sources: Sources,
  shared: Shared,
): void {
  const kind = TOPOLOGY_KEYS.indexOf(key);
  for (let row = 0; row < shared.tables[kind]!.length; row += 1) {
    const source = sources.find(kind, row);
    if (source === undefined) continue;
    const id = sources.id(kind, row);
    groups.set(id, { texts: textsOfKubernetes(sources, source, id), what, pods: 0 });
  }
}

function groupsOfPod(
  view: "services" | "kube-controllers",
  pod: string,
  groups: Map<string, Group>,
  { sources, shared: { strings, tables } }: ParentsInput,
): string[] {
  const row = tables[KIND.pod]!.find(strings.find(pod));
  const source = row === undefined ? undefined : sources.find(KIND.pod, row);
  const found: string[] = [];
  for (const [topology, , what] of PARENTS[view]) {
    for (const handle of sources.parents(source, strings.find(topology))) {
      const id = strings.text(handle);
      const group = groups.get(id) ?? {
        texts: textsOfKubernetes(sources, undefined, id),
        what,
        pods: 0,
      };
      group.pods += 1;
      groups.set(id, group);
      found.push(id);
    }
  }
  return found;
}

function edgesBetween(
  pods: ColumnarView,
  targets: readonly (readonly string[])[],
): Map<string, Map<string, number>> {
  const edges = new Map<string, Map<string, number>>();
  for (let edge = 0; edge < pods.edgeFrom.length; edge += 1) {
    for (const from of targets[pods.edgeFrom[edge]!] ?? []) {
      const out = edges.get(from) ?? new Map<string, number>();
      edges.set(from, out);
      for (const to of targets[pods.edgeTo[edge]!] ?? []) {
        out.set(to, (out.get(to) ?? 0) + pods.edgeCount[edge]!);
      }
    }
  }
  return edges;
}

function assemble(
  id: "services" | "kube-controllers",
  generation: number,
  groups: ReadonlyMap<string, Group>,
  pseudo: ReadonlySet<string>,
  edges: ReadonlyMap<string, ReadonlyMap<string, number>>,
): ColumnarView {
  const connected = new Set<string>();
  for (const [from, out] of edges) {
    for (const to of out.keys()) if (to !== from) connected.add(from).add(to);
  }
  const texts = [...groups.values()].map((group) => ({
    ...group.texts,
    minor: `${group.what}${group.pods} ${group.pods === 1 ? "pod" : "pods"}`,
  }));
  for (const each of pseudo)
    if (connected.has(each)) texts.push({ id: each, ...pseudoTexts(each) });
  const places = new Map(texts.map((each, at) => [each.id, at]));
  const list = texts.flatMap((each, from) =>
    [...(edges.get(each.id) ?? [])].flatMap(([to, count]) => {
      const place = places.get(to);
      return place === undefined ? [] : [[from, place, count] as const];
    }),
  );
  return {
    id,
    generation,
    ids: texts.map((each) => each.id),
    labels: texts.map((each) => each.label),
    minors: texts.map((each) => each.minor),
    ranks: texts.map((each) => each.rank),
    shape: "heptagon",
    isStack: true,
    rows: Uint32Array.from({ length: groups.size }, (_, group) => group),
    pseudoFrom: groups.size,
    metricIds: [],
    metrics: new Float64Array(0),
    edgeFrom: Uint32Array.from(list, ([from]) => from),
    edgeTo: Uint32Array.from(list, ([, to]) => to),
    edgeCount: Uint32Array.from(list, ([, , count]) => count),
  };
}
