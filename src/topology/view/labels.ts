import { TOPOLOGY_TERMS } from "../report/build.ts";
import { KEYS } from "../report/keys.ts";
import { nameInNodeId, partsOfEndpointId, topologyKeyOf } from "../report/names.ts";
import type { Report, Topology, TopologyKey } from "../report/report.ts";
import { imageWithoutTag } from "./containers.ts";
import { INCOMING_INTERNET, OUTGOING_INTERNET, SERVICE_PREFIX } from "./endpoints.ts";
import { UNCONTAINED_PREFIX, UNMANAGED_PREFIX } from "./parents.ts";
import { countOf, hostIdOf, latestOf, PSEUDO, type RenderNode } from "./render_node.ts";
import type { NodeSummary } from "./summary.ts";
import { MESOS_FRAMEWORK, MESOS_TASK } from "./tasks.ts";

/** What a node is called, and how it is drawn. */
export type BasicSummary = Pick<
  NodeSummary,
  "id" | "label" | "labelMinor" | "rank" | "shape" | "tag" | "stack" | "pseudo"
>;

type Labels = Omit<BasicSummary, "id">;

/** Name a node; nothing for endpoints and for topologies that nobody knows. */
export function basicSummary(report: Report, node: RenderNode): BasicSummary | undefined {
  const key = topologyKeyOf(node.topology);
  if (key === "Endpoint") return undefined;
  const labels = LABELS.get(node.topology) ?? (isGroup(node) ? groupLabels : undefined);
  if (labels === undefined && key === undefined) return undefined;
  return {
    id: node.id,
    label: node.id,
    labelMinor: "",
    rank: "",
    ...drawingOf(report, node.topology),
    ...labels?.(node, report),
  };
}

function isGroup({ topology }: RenderNode): boolean {
  return topology.startsWith("group:");
}

function drawingOf(report: Report, topology: string): Pick<BasicSummary, "shape" | "tag"> {
  const key = topologyKeyOf(topology);
  if (key === undefined) return { shape: "triangle" };
  const { shape = "circle", tag = "" } = termsOf(report, key);
  return tag === "" ? { shape } : { shape, tag };
}

/** The shape and the words of a topology; old reports have none of their own. */
export function termsOf(report: Report, key: TopologyKey): Omit<Topology, "nodes"> {
  const topology = report.topologies[key];
  if (topology === undefined) return TOPOLOGY_TERMS[key];
  const known = terms.get(topology) ?? { ...TOPOLOGY_TERMS[key], ...topology };
  terms.set(topology, known);
  return known;
}

const terms = new WeakMap<Topology, Omit<Topology, "nodes">>();

type Labeller = (node: RenderNode, report: Report) => Partial<Labels>;

const LABELS: ReadonlyMap<string, Labeller> = new Map<string, Labeller>([
  [PSEUDO, pseudoLabels],
  ["process", processLabels],
  ["container", containerLabels],
  ["container_image", imageLabels],
  ["pod", podLabels],
  ["service", (node) => groupOfPods(node)],
  ["deployment", (node) => groupOfPods(node, "Deployment")],
  ["daemon_set", (node) => groupOfPods(node, "DaemonSet")],
  ["stateful_set", (node) => groupOfPods(node, "StatefulSet")],
  ["cron_job", (node) => groupOfPods(node, "CronJob")],
  ["job", (node) => groupOfPods(node, "Job")],
  ["ecs_task", (node) => ({ label: named(node, KEYS.ecsTaskFamily, "ECSTask") })],
  ["ecs_service", ecsServiceLabels],
  ["swarm_service", (node) => ({ label: named(node, KEYS.swarmServiceName, "SwarmService") })],
  ["host", hostLabels],
  ["overlay", peerLabels],
  ["persistent_volume", kubernetesLabels],
  ["persistent_volume_claim", kubernetesLabels],
  ["storage_class", kubernetesLabels],
  ["volume_snapshot", kubernetesLabels],
  ["volume_snapshot_data", kubernetesLabels],
  [MESOS_TASK, taskLabels],
  [MESOS_FRAMEWORK, frameworkLabels],
]);

function pseudoLabels({ id }: RenderNode): Partial<Labels> {
  const rank = id.startsWith("pseudo:") ? id.slice("pseudo:".length) : id;
  return { pseudo: true, rank, ...pseudoName(id, rank) };
}

function pseudoName(id: string, rank: string): Partial<Labels> {
  const internet = { label: "The Internet", shape: "cloud" };
  const rest = { shape: "square", stack: true };
  if (id === INCOMING_INTERNET) return { ...internet, labelMinor: "Inbound connections" };
  if (id === OUTGOING_INTERNET) return { ...internet, labelMinor: "Outbound connections" };
  if (id.startsWith(SERVICE_PREFIX)) {
    return { label: id.slice(SERVICE_PREFIX.length), shape: "cloud" };
  }
  if (id.startsWith(UNCONTAINED_PREFIX)) {
    return { ...rest, label: "Uncontained", labelMinor: id.slice(UNCONTAINED_PREFIX.length) };
  }
  if (id.startsWith(UNMANAGED_PREFIX)) {
    return { ...rest, label: "Unmanaged", labelMinor: id.slice(UNMANAGED_PREFIX.length) };
  }
  const endpoint = partsOfEndpointId(id);
  return endpoint === undefined ? { label: rank } : { label: endpoint.ip, shape: "circle" };
}

function processLabels(node: RenderNode): Partial<Labels> {
  const [host, pid] = twoParts(node.id);
  const name = latestOf(node, KEYS.name) ?? "";
  const container = latestOf(node, KEYS.containerName) ?? "";
  if (name === "") {
    const labelMinor = container === "" ? host : `${host} (${container})`;
    return { label: pid, labelMinor, rank: host };
  }
  const which = container === "" ? pid : `${container}:${pid}`;
  return { label: name, labelMinor: `${host} (${which})`, rank: name };
}

/** Names of containers that orchestrators mangle stand in labels and variables. */
const CONTAINER_NAME_KEYS = [
  `${KEYS.containerLabelPrefix}com.amazonaws.ecs.container-name`,
  `${KEYS.containerLabelPrefix}io.kubernetes.container.name`,
  `${KEYS.containerEnvPrefix}MARATHON_APP_ID`,
  KEYS.containerName,
  KEYS.containerHostname,
];

function containerLabels(node: RenderNode): Partial<Labels> {
  const key = CONTAINER_NAME_KEYS.find((each) => node.latest.has(each));
  const id = (nameInNodeId("Container", node.id) ?? "").slice(0, 12);
  const label = key === undefined ? id : (latestOf(node, key) ?? "");
  const host = hostIdOf(node);
  const image = latestOf(node, KEYS.imageName) ?? "";
  const rank = image === "" ? host || label : imageWithoutTag(image);
  return { label, labelMinor: host, rank };
}

function imageLabels(node: RenderNode): Partial<Labels> {
  const image = latestOf(node, KEYS.imageName) ?? "";
  const name = [imageWithoutTag(image), image].find((each) => each !== "" && each !== "<none>");
  const label = name ?? nameInNodeId("ContainerImage", node.id) ?? "";
  return { label, labelMinor: containersOf(node), rank: label, stack: true };
}

function containersOf(node: RenderNode): string {
  return counted(node, "container", "container", "containers");
}

function kubernetesLabels(node: RenderNode): { readonly label: string; readonly rank: string } {
  const name = latestOf(node, KEYS.kubernetesName) ?? "";
  const label = name === "" ? twoParts(node.id)[0] : name;
  return { label, rank: `${latestOf(node, KEYS.kubernetesNamespace) ?? ""}/${label}` };
}

function podLabels(node: RenderNode): Partial<Labels> {
  return { ...kubernetesLabels(node), labelMinor: containersOf(node) };
}

function groupOfPods(node: RenderNode, kind?: string): Partial<Labels> {
  const pods = counted(node, "pod", "pod", "pods");
  const labelMinor = kind === undefined ? pods : `${kind} of ${pods}`;
  return { ...kubernetesLabels(node), labelMinor, stack: true };
}

function named(node: RenderNode, key: string, topology: "ECSTask" | "SwarmService"): string {
  const name = latestOf(node, key) ?? "";
  return name === "" ? (nameInNodeId(topology, node.id) ?? "") : name;
}

/** Old probes had the service's name alone, with a tag. */
function ecsServiceLabels({ id }: RenderNode): Partial<Labels> {
  const [cluster, service] = twoParts(id);
  return { label: service === "<ecs_service>" ? cluster : service, stack: true };
}

function hostLabels({ id }: RenderNode): Partial<Labels> {
  const host = nameInNodeId("Host", id) ?? "";
  const dot = host.indexOf(".");
  if (dot < 0) return { label: host };
  const domain = host.slice(dot + 1);
  return { label: host.slice(0, dot), labelMinor: domain, rank: domain };
}

function peerLabels(node: RenderNode): Partial<Labels> {
  const peer = node.id.replace(/^#(docker_peer_)?/, "");
  const name = latestOf(node, KEYS.weavePeerNickName) ?? "";
  return { label: name === "" ? peer : name, labelMinor: peer };
}

function groupLabels(node: RenderNode, report: Report): Partial<Labels> {
  const parts = node.topology.split(":");
  const topology = parts.length === 3 ? (parts[1] ?? "") : "";
  const labels = { label: node.id, rank: node.id, stack: true };
  const key = topologyKeyOf(topology);
  if (key === undefined) return labels;
  const { label = "", labelPlural = "" } = termsOf(report, key);
  const labelMinor = label === "" ? "" : counted(node, topology, label, labelPlural);
  return { ...labels, ...drawingOf(report, topology), labelMinor };
}

function taskLabels(node: RenderNode): Partial<Labels> {
  const id = twoParts(node.id)[0];
  const app = latestOf(node, KEYS.marathonAppId);
  const name = latestOf(node, KEYS.mesosTaskName);
  const framework = latestOf(node, KEYS.mesosFrameworkName);
  const labelMinor = framework ?? latestOf(node, KEYS.mesosFrameworkId) ?? "";
  return { label: name ?? id, labelMinor, rank: app ?? name ?? id, shape: "heptagon" };
}

function frameworkLabels(node: RenderNode): Partial<Labels> {
  const label = latestOf(node, KEYS.mesosFrameworkName) ?? twoParts(node.id)[0];
  const labelMinor = counted(node, MESOS_TASK, "task", "tasks");
  return { label, labelMinor, rank: label, shape: "heptagon", stack: true };
}

function counted(node: RenderNode, topology: string, one: string, many: string): string {
  const count = countOf(node, topology) ?? 0;
  return `${count} ${count === 1 ? one : many}`;
}

function twoParts(id: string): readonly [string, string] {
  const at = id.indexOf(";");
  return at < 0 ? ["", ""] : [id.slice(0, at), id.slice(at + 1)];
}
