import type { TopologyKey } from "./report.ts";

/** What a node's `topology` says, by the key of its topology in a report. */
export const TOPOLOGY_NAMES: Readonly<Record<TopologyKey, string>> = {
  Endpoint: "endpoint",
  Process: "process",
  Container: "container",
  Pod: "pod",
  Service: "service",
  Deployment: "deployment",
  ReplicaSet: "replica_set",
  DaemonSet: "daemon_set",
  StatefulSet: "stateful_set",
  CronJob: "cron_job",
  Namespace: "namespace",
  ContainerImage: "container_image",
  Host: "host",
  ECSTask: "ecs_task",
  ECSService: "ecs_service",
  SwarmService: "swarm_service",
  Overlay: "overlay",
  PersistentVolume: "persistent_volume",
  PersistentVolumeClaim: "persistent_volume_claim",
  StorageClass: "storage_class",
  VolumeSnapshot: "volume_snapshot",
  VolumeSnapshotData: "volume_snapshot_data",
  Job: "job",
};

const KEYS_BY_NAME = new Map(entries(TOPOLOGY_NAMES).map(([key, name]) => [name, key]));

/** The key of a report's topology by the name that its nodes bear: `host` gives `Host`. */
export function topologyKeyOf(name: string): TopologyKey | undefined {
  return KEYS_BY_NAME.get(name);
}

/** Tags that end ids of one part: `web;<pod>`. Some differ from the topology's name. */
const ID_TAGS: Readonly<Partial<Record<TopologyKey, string>>> = {
  DaemonSet: "daemonset",
  StatefulSet: "statefulset",
  CronJob: "cronjob",
};

/** The id of a node of one part: `nodeIdOf("Host", "a.example")` gives `a.example;<host>`. */
export function nodeIdOf(key: TopologyKey, name: string): string {
  return `${name};<${ID_TAGS[key] ?? TOPOLOGY_NAMES[key]}>`;
}

/** The name in an id of one part, if it has the tag of that topology. */
export function nameInNodeId(key: TopologyKey, id: string): string | undefined {
  const at = id.indexOf(";");
  return at >= 0 && nodeIdOf(key, id.slice(0, at)) === id ? id.slice(0, at) : undefined;
}

/** The id of a process. */
export function processNodeId(hostId: string, pid: number | string): string {
  return `${hostId};${pid}`;
}

/**
 * The id of an endpoint. `scope` is "" for addresses that mean the same everywhere, the host's id
 * for those of a bridge on that host, `host-netns` for loopback.
 */
export function endpointNodeId(scope: string, ip: string, port: number | string): string {
  return `${scope};${ip};${port}`;
}

/** The three parts of an endpoint's id, or `undefined` where it has fewer. */
export function partsOfEndpointId(
  id: string,
): { readonly scope: string; readonly ip: string; readonly port: string } | undefined {
  const first = id.indexOf(";");
  const second = first < 0 ? -1 : id.indexOf(";", first + 1);
  if (second < 0) return undefined;
  return { scope: id.slice(0, first), ip: id.slice(first + 1, second), port: id.slice(second + 1) };
}

/** The id of an ECS service. */
export function ecsServiceNodeId(cluster: string, service: string): string {
  return `${cluster};${service}`;
}

function entries(
  names: Readonly<Record<TopologyKey, string>>,
): readonly (readonly [TopologyKey, string])[] {
  return Object.entries(names).flatMap(([key, name]) => (isKey(key, names) ? [[key, name]] : []));
}

function isKey(key: string, names: Readonly<Record<TopologyKey, string>>): key is TopologyKey {
  return key in names;
}
