/** Nodes of a synthetic report. */
import type { Instant, LatestEntry, Metric, ReportNode } from "../report/report.ts";
import { chance, wave } from "./chance.ts";
import type { SyntheticPlan } from "./options.ts";
import { hostName, IMAGE_WORDS, type Place, portOf, serviceName } from "./places.ts";

const SECOND_NS = 1_000_000_000n;
const LOAD_SALT = 31;

/** Makes the nodes of one host at one tick. */
export class NodeMaker {
  readonly #plan: SyntheticPlan;
  readonly #tick: number;
  /** When the report is made. */
  readonly now: Instant;
  /** Of the host, as `<host>` nodes are named. */
  readonly hostId: string;
  readonly host: number;

  constructor(plan: SyntheticPlan, host: number, tick: number) {
    this.#plan = plan;
    this.#tick = tick;
    this.host = host;
    this.hostId = `${hostName(host)};<host>`;
    this.now = plan.startNs + BigInt(tick * plan.intervalSeconds) * SECOND_NS;
  }

  /** The machine. */
  machine(networks: readonly string[]): ReportNode {
    const name = hostName(this.host);
    const uptime = 86_400 + this.host * 60 + this.#tick * this.#plan.intervalSeconds;
    return this.#node(this.hostId, "host", {
      latest: {
        control_probe_id: `probe-${name}`,
        ts: isoOf(this.now),
        host_name: name,
        host_node_id: this.hostId,
        os: "linux",
        kernel_version: "6.1.0-18-amd64",
        uptime: String(uptime),
        host_scope_version: "fairlead",
      },
      sets: { local_networks: networks },
      metrics: {
        host_cpu_usage_percent: this.#metric(this.host, 0, 100, 100),
        host_mem_usage_bytes: this.#metric(this.host, 1, 64 * 2 ** 30, 64 * 2 ** 30),
        load1: this.#metric(this.host, 2, 16, 0),
      },
    });
  }

  /** A container. */
  container(place: Place): ReportNode {
    const { service, id } = place;
    const name = `${serviceName(service)}-${place.slot}`;
    const alive = (this.#tick - place.bornTick) * this.#plan.intervalSeconds;
    const image = imageOf(service);
    const pod = this.#plan.kubernetes ? { pod: [podId(place)] } : {};
    return this.#node(`${id};<container>`, "container", {
      latest: {
        docker_container_id: id,
        docker_container_name: name,
        docker_container_hostname: `${serviceName(service)}.internal`,
        docker_container_command: `/usr/bin/${serviceName(service)} --port ${portOf(service)}`,
        docker_container_created: isoOf(this.now - BigInt(alive) * SECOND_NS),
        docker_container_state: "running",
        docker_container_state_human: "running",
        docker_container_uptime: String(alive),
        docker_container_restart_count: "0",
        docker_container_network_mode: "bridge",
        docker_image_id: image.id,
        docker_image_name: image.name,
        docker_image_tag: image.tag,
        docker_label_service: serviceName(service),
        docker_label_team: `team-${service % 12}`,
        active_controls: "docker_restart_container;docker_stop_container;docker_pause_container",
        host_node_id: this.hostId,
      },
      sets: {
        docker_container_ips: [place.ip],
        docker_container_ips_with_scopes: [`;${place.ip}`],
        docker_container_networks: ["bridge"],
        docker_container_ports: [`${portOf(service)}/tcp`],
      },
      parents: { host: [this.hostId], container_image: [`${image.id};<container_image>`], ...pod },
      metrics: {
        docker_cpu_total_usage: this.#metric(place.slot, 3, 100, 100),
        docker_memory_usage: this.#metric(place.slot, 4, 2 ** 31, 2 ** 31),
      },
    });
  }

  /** The image of a service. */
  image(service: number): ReportNode {
    const { id, name, tag } = imageOf(service);
    return this.#node(`${id};<container_image>`, "container_image", {
      latest: {
        docker_image_id: id,
        docker_image_name: name,
        docker_image_tag: tag,
        docker_image_size: "187 MB",
        host_node_id: this.hostId,
      },
      parents: { host: [this.hostId] },
    });
  }

  /** A process, within a container or beside all of them. */
  process(pid: number, name: string, place?: Place): ReportNode {
    const within = place
      ? { docker_container_id: place.id }
      : ({} satisfies Record<string, string>);
    const parents = place
      ? {
          host: [this.hostId],
          container: [`${place.id};<container>`],
          container_image: [`${imageOf(place.service).id};<container_image>`],
        }
      : { host: [this.hostId] };
    const salt = this.host * 4_096 + pid;
    return this.#node(`${hostName(this.host)};${pid}`, "process", {
      latest: {
        pid: String(pid),
        name,
        cmdline: `/usr/bin/${name} --serve`,
        ppid: "1",
        threads: String(1 + (pid % 16)),
        host_node_id: this.hostId,
        ...within,
      },
      parents,
      metrics: {
        process_cpu_usage_percent: this.#metric(salt, 5, 100, 1_600),
        process_memory_usage_bytes: this.#metric(salt, 6, 2 ** 31, 64 * 2 ** 30),
        open_files_count: this.#metric(salt, 7, 200, 1_024),
      },
    });
  }

  /** An address; with a process where it is of this host. */
  endpoint(id: string, pid: number | undefined, adjacency: readonly string[]): ReportNode {
    const latest = pid === undefined ? {} : { pid: String(pid), host_node_id: this.hostId };
    return this.#node(id, "endpoint", { latest, adjacency });
  }

  /** The pod around a container. */
  pod(place: Place): ReportNode {
    const name = serviceName(place.service);
    return this.#node(podId(place), "pod", {
      latest: {
        kubernetes_name: `${name}-${place.slot}-${place.generation}`,
        kubernetes_namespace: namespaceOf(place.service),
        kubernetes_state: "Running",
        kubernetes_ip: place.ip,
        host_node_id: this.hostId,
      },
      parents: {
        host: [this.hostId],
        service: [`${name};<service>`],
        deployment: [`${name};<deployment>`],
      },
    });
  }

  /** A Kubernetes service or deployment of the same name. */
  controller(service: number, topology: "service" | "deployment"): ReportNode {
    const name = serviceName(service);
    return this.#node(`${name};<${topology}>`, topology, {
      latest: { kubernetes_name: name, kubernetes_namespace: namespaceOf(service) },
    });
  }

  #node(id: string, topology: string, parts: NodeParts): ReportNode {
    const timestamp = this.now;
    const latest = new Map<string, LatestEntry>();
    for (const [key, value] of Object.entries(parts.latest)) latest.set(key, { timestamp, value });
    return {
      id,
      topology,
      latest,
      sets: mapOf(parts.sets),
      adjacency: parts.adjacency ?? [],
      metrics: mapOf(parts.metrics),
      parents: mapOf(parts.parents),
      children: [],
    };
  }

  /** Samples of the seconds of a tick; up to `high`, around a level of their own that moves. */
  #metric(who: number, what: number, high: number, max: number): Metric {
    const { seed, intervalSeconds } = this.#plan;
    const level = chance(seed, LOAD_SALT, who, what);
    const samples = Array.from({ length: Math.min(3, intervalSeconds) }, (_, at) => {
      const noise = chance(seed, LOAD_SALT + what, who, this.#tick * 4 + at);
      const load =
        0.6 * level * wave(this.#tick, 40 + (who % 80), level) + 0.1 * noise + 0.2 * level;
      return {
        date: this.now - BigInt(Math.min(3, intervalSeconds) - 1 - at) * SECOND_NS,
        value: high > 1_000 ? Math.round(load * high) : load * high,
      };
    });
    return { samples, min: 0, max };
  }
}

interface NodeParts {
  readonly latest: Readonly<Record<string, string>>;
  readonly sets?: Readonly<Record<string, readonly string[]>>;
  readonly parents?: Readonly<Record<string, readonly string[]>>;
  readonly metrics?: Readonly<Record<string, Metric>>;
  readonly adjacency?: readonly string[];
}

function mapOf<T>(parts: Readonly<Record<string, T>> | undefined): ReadonlyMap<string, T> {
  return new Map(Object.entries(parts ?? {}));
}

const namespaceOf = (service: number) => `team-${service % 12}`;

const podId = (place: Place) => `${place.id.slice(0, 32)};<pod>`;

function imageOf(service: number) {
  const repository = IMAGE_WORDS[service % IMAGE_WORDS.length] ?? "nginx";
  return {
    id: `sha256image${String(service).padStart(6, "0")}`,
    name: `registry.internal/${repository}/${serviceName(service)}`,
    tag: `1.${service % 7}.0`,
  };
}

function isoOf(instant: Instant): string {
  return new Date(Number(instant / 1_000_000n)).toISOString();
}
