/** What a Kubernetes API server says of its objects, as far as a report needs it. */
import type { TopologyKey } from "../../topology/mod.ts";

/** A kind of objects: where they are listed, and the topology that their nodes belong to. */
export interface KubeKind {
  readonly key: TopologyKey;
  /** Below the server's address. */
  readonly path: string;
  /** The rest of what is reported, by key. */
  readonly words: (object: unknown) => Words;
}

/** An object, with nothing of it that is not reported. */
export interface KubeObject {
  readonly key: TopologyKey;
  readonly uid: string;
  readonly name: string;
  /** "" for objects of no namespace. */
  readonly namespace: string;
  readonly created: string;
  readonly labels: Words;
  /** The controller's uid; "" where there is none. */
  readonly owner: string;
  /** Of services: labels of their pods; empty where there are none. */
  readonly selector: Words;
  /** Of pods: where it runs. */
  readonly nodeName: string;
  /** Of pods: ids of their containers, without the runtime's name. */
  readonly containers: readonly string[];
  readonly words: Words;
}

type Words = Readonly<Record<string, string>>;

const LABELS_MAX = 64;
const CONTAINERS_MAX = 256;

/** What is at a path inside of a value; undefined where there is nothing. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  let found = value;
  for (const key of path) {
    if (typeof found !== "object" || found === null) return undefined;
    found = Object.hasOwn(found, key) ? Reflect.get(found, key) : undefined;
  }
  return found;
}

/** The text at a path; numbers and flags as text; "" where there is none. */
export function textAt(value: unknown, ...path: readonly string[]): string {
  const found = at(value, ...path);
  if (typeof found === "string") return found;
  return typeof found === "number" || typeof found === "boolean" ? String(found) : "";
}

function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}

function textsAt(value: unknown, ...path: readonly string[]): Words {
  const found = at(value, ...path);
  if (typeof found !== "object" || found === null) return {};
  const texts = Object.entries(found).filter(([, text]) => typeof text === "string");
  return Object.fromEntries(texts.slice(0, LABELS_MAX));
}

/** Keys whose value is a text at a path. */
function pick(paths: Readonly<Record<string, string>>): (object: unknown) => Words {
  const split = Object.entries(paths).map(([key, path]) => [key, path.split(".")] as const);
  return (object) =>
    Object.fromEntries(
      split.map(([key, path]) => [`kubernetes_${key}`, textAt(object, ...path)] as const),
    );
}

const podWords = pick({ state: "status.phase", ip: "status.podIP" });
const serviceWords = pick({ ip: "spec.clusterIP", type: "spec.type" });

/** All kinds that are reported; pods first. */
export const KUBE_KINDS: readonly KubeKind[] = [
  {
    key: "Pod",
    path: "/api/v1/pods",
    words: (pod) => ({
      ...podWords(pod),
      kubernetes_restart_count: String(restartsOf(pod)),
      ...(at(pod, "spec", "hostNetwork") === true ? { kubernetes_is_in_host_network: "true" } : {}),
    }),
  },
  {
    key: "Service",
    path: "/api/v1/services",
    words: (service) => ({
      ...serviceWords(service),
      kubernetes_public_ip: publicIpOf(service),
      kubernetes_ports: listAt(service, "spec", "ports").map(portOf).join(", "),
    }),
  },
  { key: "Namespace", path: "/api/v1/namespaces", words: () => ({}) },
  {
    key: "Deployment",
    path: "/apis/apps/v1/deployments",
    words: pick({
      observed_generation: "status.observedGeneration",
      replicas: "status.replicas",
      desired_replicas: "spec.replicas",
      updated_replicas: "status.updatedReplicas",
      available_replicas: "status.availableReplicas",
      unavailable_replicas: "status.unavailableReplicas",
      strategy: "spec.strategy.type",
    }),
  },
  {
    key: "ReplicaSet",
    path: "/apis/apps/v1/replicasets",
    words: pick({
      observed_generation: "status.observedGeneration",
      replicas: "status.replicas",
      desired_replicas: "spec.replicas",
      fully_labeled_replicas: "status.fullyLabeledReplicas",
    }),
  },
  {
    key: "DaemonSet",
    path: "/apis/apps/v1/daemonsets",
    words: pick({
      replicas: "status.currentNumberScheduled",
      desired_replicas: "status.desiredNumberScheduled",
      misscheduled_replicas: "status.numberMisscheduled",
    }),
  },
  {
    key: "StatefulSet",
    path: "/apis/apps/v1/statefulsets",
    words: pick({
      observed_generation: "status.observedGeneration",
      replicas: "status.replicas",
      desired_replicas: "spec.replicas",
    }),
  },
  {
    key: "CronJob",
    path: "/apis/batch/v1/cronjobs",
    words: (job) => ({
      ...cronWords(job),
      kubernetes_active_jobs: String(listAt(job, "status", "active").length),
    }),
  },
  { key: "Job", path: "/apis/batch/v1/jobs", words: () => ({}) },
];

const cronWords = pick({
  schedule: "spec.schedule",
  suspended: "spec.suspend",
  last_scheduled: "status.lastScheduleTime",
});

/** Read an object of a kind; undefined where it has neither uid nor name. */
export function readKubeObject(kind: KubeKind, object: unknown): KubeObject | undefined {
  const uid = textAt(object, "metadata", "uid");
  const name = textAt(object, "metadata", "name");
  if (uid === "" || name === "") return undefined;
  const owners = listAt(object, "metadata", "ownerReferences");
  const words = Object.entries(kind.words(object)).filter(([, text]) => text !== "");
  return {
    key: kind.key,
    uid,
    name,
    namespace: textAt(object, "metadata", "namespace"),
    created: textAt(object, "metadata", "creationTimestamp"),
    labels: textsAt(object, "metadata", "labels"),
    owner: textAt(
      owners.find((owner) => at(owner, "controller") === true),
      "uid",
    ),
    selector: kind.key === "Service" ? textsAt(object, "spec", "selector") : {},
    nodeName: kind.key === "Pod" ? textAt(object, "spec", "nodeName") : "",
    containers: kind.key === "Pod" ? containersOf(object) : [],
    words: Object.fromEntries(words),
  };
}

function statusesOf(pod: unknown): readonly unknown[] {
  return listAt(pod, "status", "containerStatuses");
}

function restartsOf(pod: unknown): number {
  return statusesOf(pod).reduce<number>(
    (sum, status) => sum + (Number(textAt(status, "restartCount")) || 0),
    0,
  );
}

/** `containerd://0123…` is the container 0123…. */
function containersOf(pod: unknown): string[] {
  return statusesOf(pod)
    .slice(0, CONTAINERS_MAX)
    .map((status) => textAt(status, "containerID").replace(/^.*:\/\//, ""))
    .filter((id) => id !== "");
}

function publicIpOf(service: unknown): string {
  const [ingress] = listAt(service, "status", "loadBalancer", "ingress");
  return textAt(ingress, "ip") || textAt(ingress, "hostname");
}

function portOf(port: unknown): string {
  const node = textAt(port, "nodePort");
  return `${textAt(port, "port")}${node === "" ? "" : `:${node}`}/${textAt(port, "protocol") || "TCP"}`;
}
