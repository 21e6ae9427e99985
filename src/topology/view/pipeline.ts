import { KEYS } from "../report/keys.ts";
import type { Report, TopologyKey } from "../report/report.ts";
import {
  addressesOfContainer,
  containersToImages,
  groupBy,
  hasContainers,
  processesToContainers,
  withImageNames,
} from "./containers.ts";
import { finderByAddress, mapEndpoints, originalId } from "./endpoints.ts";
import { isPauseContainer, isRunning, keepReal, markConnected } from "./filters.ts";
import { nodesToHosts } from "./hosts.ts";
import { renderParents } from "./parents.ts";
import { podAddresses, withHosts } from "./pods.ts";
import {
  hostIdOf,
  latestOf,
  NO_NODES,
  type RenderNode,
  type RenderNodes,
  renderNodeOf,
  uniteNodes,
} from "./render_node.ts";
import { nodesToFrameworks, nodesToTasks } from "./tasks.ts";
import { renderStorage } from "./volumes.ts";
import { weavePeers } from "./weave.ts";

/**
 * The views of one report, each made of those below it:
 * endpoint → process → container → image, DNS name, pod → controller, service; and host.
 * What was rendered once is kept.
 */
export class Pipeline {
  readonly report: Report;
  readonly #done = new Map<string, RenderNodes>();

  constructor(report: Report) {
    this.report = report;
  }

  /** The nodes of a topology as reported. */
  reported(key: TopologyKey): RenderNodes {
    return this.#once(key, () => {
      const nodes = [...(this.report.topologies[key]?.nodes ?? [])];
      return { nodes: new Map(nodes.map(([id, node]) => [id, renderNodeOf(node)])), filtered: 0 };
    });
  }

  processes(): RenderNodes {
    return this.#once("processes", () => {
      if (!this.#has("Process")) return NO_NODES;
      const endpoints = this.reported("Endpoint");
      return mapEndpoints({
        report: this.report,
        endpoints,
        targets: this.reported("Process").nodes.values(),
        topology: "process",
        targetOf: (endpoint) => processOf(endpoint, endpoints.nodes),
      });
    });
  }

  connectedProcesses(): RenderNodes {
    return this.#once("connected processes", () => markConnected(this.processes()));
  }

  processNames(): RenderNodes {
    return this.#once("process names", () =>
      markConnected(groupBy(this.processes(), KEYS.name, "group:process:name")),
    );
  }

  /** Containers with the names of their images. */
  containers(): RenderNodes {
    return this.#once("containers", () =>
      withImageNames(this.#plainContainers(), this.reported("ContainerImage").nodes),
    );
  }

  containerHostnames(): RenderNodes {
    const topology = "group:container:docker_container_hostname";
    return this.#once("container hostnames", () =>
      keepReal(groupBy(this.containers(), KEYS.containerHostname, topology), hasContainers),
    );
  }

  containerImages(): RenderNodes {
    return this.#once("container images", () => {
      const images = this.reported("ContainerImage").nodes.values();
      return keepReal(containersToImages(this.containers(), images), hasContainers);
    });
  }

  pods(): RenderNodes {
    return this.#once("pods", () => {
      if (!this.#hasKubernetes()) return NO_NODES;
      const managed = keepReal(
        this.containers(),
        (node) => isRunning(node) && !isPauseContainer(node),
      );
      const mapping = { parents: ["pod"], keepsOthers: true };
      const mapped = renderParents({
        ...mapping,
        child: "container",
        below: managed,
        reported: [],
      });
      const joined = this.#joinByAddress("Pod", podAddresses);
      return keepReal(
        uniteNodes([withHosts(mapped), joined, this.#storage()]),
        (node) => !/^(deleted|Failed)$/.test(latestOf(node, KEYS.kubernetesState) ?? ""),
      );
    });
  }

  services(): RenderNodes {
    return this.#once("services", () => {
      if (!this.#hasKubernetes()) return NO_NODES;
      return this.#parentsOf("pod", this.pods(), ["Service"], ["service"], false);
    });
  }

  controllers(): RenderNodes {
    const keys = ["Deployment", "DaemonSet", "StatefulSet", "CronJob", "Job"] as const;
    const names = ["deployment", "daemon_set", "stateful_set", "cron_job", "job"];
    return this.#once("controllers", () => {
      if (!this.#hasKubernetes()) return NO_NODES;
      return this.#parentsOf("pod", this.pods(), keys, names, true);
    });
  }

  ecsTasks(): RenderNodes {
    return this.#once("ECS tasks", () => {
      if (!this.#has("ECSTask") && !this.#has("ECSService")) return NO_NODES;
      const running = keepReal(this.containers(), isRunning);
      return this.#parentsOf("container", running, ["ECSTask"], ["ecs_task"], true);
    });
  }

  ecsServices(): RenderNodes {
    return this.#once("ECS services", () => {
      if (!this.#has("ECSTask") && !this.#has("ECSService")) return NO_NODES;
      return this.#parentsOf("ecs_task", this.ecsTasks(), ["ECSService"], ["ecs_service"], false);
    });
  }

  swarmServices(): RenderNodes {
    return this.#once("Swarm services", () => {
      if (!this.#has("SwarmService")) return NO_NODES;
      const running = keepReal(this.containers(), isRunning);
      return this.#parentsOf("container", running, ["SwarmService"], ["swarm_service"], true);
    });
  }

  hosts(): RenderNodes {
    return this.#once("hosts", () =>
      uniteNodes([
        ...[this.processes(), this.#plainContainers(), this.containerImages(), this.pods()].map(
          (nodes) => nodesToHosts(nodes),
        ),
        mapEndpoints({
          report: this.report,
          endpoints: this.reported("Endpoint"),
          targets: this.reported("Host").nodes.values(),
          topology: "host",
          targetOf: (endpoint) => latestOf(endpoint, KEYS.hostNodeId) ?? "",
        }),
      ]),
    );
  }

  weave(): RenderNodes {
    return this.#once("weave", () => weavePeers(this.reported("Overlay")));
  }

  /** Mesos tasks: not of Scope. */
  tasks(): RenderNodes {
    return this.#once("tasks", () => nodesToTasks(this.processes(), this.containers()));
  }

  /** Mesos frameworks: not of Scope. */
  frameworks(): RenderNodes {
    return this.#once("frameworks", () => nodesToFrameworks(this.tasks()));
  }

  #plainContainers(): RenderNodes {
    return this.#once("plain containers", () =>
      keepReal(
        uniteNodes([
          processesToContainers(this.processes()),
          this.#joinByAddress("Container", addressesOfContainer),
        ]),
        (node) => latestOf(node, KEYS.containerState) !== "deleted",
      ),
    );
  }

  #joinByAddress(
    key: "Container" | "Pod",
    ipsOf: (node: RenderNode) => readonly string[],
  ): RenderNodes {
    const { nodes } = this.reported(key);
    return mapEndpoints({
      report: this.report,
      endpoints: this.reported("Endpoint"),
      targets: nodes.values(),
      topology: key === "Pod" ? "pod" : "container",
      targetOf: finderByAddress(nodes.values(), ipsOf),
    });
  }

  #parentsOf(
    child: string,
    below: RenderNodes,
    keys: readonly TopologyKey[],
    parents: readonly string[],
    keepsOthers: boolean,
  ): RenderNodes {
    const reported = keys.map((key) => this.reported(key));
    return renderParents({ child, below, parents, keepsOthers, reported });
  }

  #storage(): RenderNodes {
    const of = (key: TopologyKey) => [...this.reported(key).nodes.values()];
    return renderStorage({
      pods: of("Pod"),
      claims: of("PersistentVolumeClaim"),
      volumes: of("PersistentVolume"),
      classes: of("StorageClass"),
      snapshots: of("VolumeSnapshot"),
      snapshotData: of("VolumeSnapshotData"),
    });
  }

  #has(key: TopologyKey): boolean {
    return (this.report.topologies[key]?.nodes.size ?? 0) > 0;
  }

  #hasKubernetes(): boolean {
    return KUBERNETES.some((key) => this.#has(key));
  }

  #once(name: string, render: () => RenderNodes): RenderNodes {
    const done = this.#done.get(name) ?? render();
    this.#done.set(name, done);
    return done;
  }
}

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

/**
 * The id of an endpoint's process. A source port that was seen with several targets may have been
 * used by several processes one after another, so nobody knows whose it is.
 */
function processOf(endpoint: RenderNode, endpoints: ReadonlyMap<string, RenderNode>): string {
  const pid = latestOf(endpoint, KEYS.pid);
  const host = hostIdOf(endpoint);
  if (pid === undefined || host === "") return "";
  const targets = endpoint.adjacency.map((id) => originalId(endpoints.get(id), id));
  return new Set(targets).size > 1 ? "" : `${host};${pid}`;
}
