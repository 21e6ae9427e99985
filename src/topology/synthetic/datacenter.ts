import { requireInteger } from "../../base/mod.ts";
import type { Report, ReportNode, Topology } from "../report/report.ts";
import { NodeMaker } from "./nodes.ts";
import { planOf, type SyntheticOptions, type SyntheticPlan, shareOf } from "./options.ts";
import { hostName, networkOf, type Place, Places, portOf, serviceName } from "./places.ts";
import {
  CONTAINER_HEAD,
  HOST_HEAD,
  IMAGE_HEAD,
  KUBERNETES_HEADS,
  PROCESS_HEAD,
} from "./templates.ts";

/** A datacenter that nobody runs; its reports look as those of probes do. */
export interface SyntheticDatacenter {
  readonly plan: SyntheticPlan;
  /**
   * What the probe of a host says at a tick: a full report of its containers, processes and
   * connections. Load moves, connections are renewed, now and then a container is replaced.
   *
   * Cost: O(what stands on the host); no state, so ticks may be asked for in any order.
   *
   * @throws {FairleadError} `invalid_option` unless the host is one of the plan's and the tick an
   * integer from 0.
   */
  report(hostIndex: number, tick: number): Report;
}

/**
 * Make up a datacenter: hosts, containers of services with images, labels and metrics, processes,
 * and connections between services and with the internet.
 *
 * Pure and seeded: equal options give equal reports.
 *
 * @throws {FairleadError} `invalid_option` names the option and its range.
 */
export function syntheticDatacenter(options: SyntheticOptions = {}): SyntheticDatacenter {
  const plan = planOf(options);
  const places = new Places(plan);
  return {
    plan,
    report(hostIndex, tick) {
      const host = requireInteger("hostIndex", hostIndex, { min: 0, max: plan.hosts - 1 });
      const at = requireInteger("tick", tick, { min: 0, max: 2 ** 40 });
      return reportOf(places, host, at);
    },
  };
}

const SYSTEM_PID = 700;
const INTERNET_CLIENTS_OF = 10;

function reportOf(places: Places, host: number, tick: number): Report {
  const { plan } = places;
  const maker = new NodeMaker(plan, host, tick);
  const here = places.on(host, tick);
  const services = [...new Set(here.map((place) => place.service))];
  return {
    ts: maker.now,
    id: `${hostName(host)}-${tick}`,
    windowNs: plan.intervalSeconds * 1e9,
    isShortcut: false,
    sampling: { count: 0, total: 0 },
    dns: new Map(),
    plugins: [],
    topologies: {
      Endpoint: { nodes: endpoints(places, here, maker, tick) },
      Process: topology(PROCESS_HEAD, processes(plan, here, maker)),
      Container: topology(
        CONTAINER_HEAD,
        here.map((place) => maker.container(place)),
      ),
      ContainerImage: topology(
        IMAGE_HEAD,
        services.map((service) => maker.image(service)),
      ),
      Host: topology(HOST_HEAD, [maker.machine([`${networkOf(host)}.0/24`, "192.168.0.0/16"])]),
      ...(plan.kubernetes ? kubernetes(here, services, maker) : {}),
    },
  };
}

function topology(head: Omit<Topology, "nodes">, nodes: readonly ReportNode[]): Topology {
  return { ...head, nodes: new Map(nodes.map((node) => [node.id, node])) };
}

function kubernetes(here: readonly Place[], services: readonly number[], maker: NodeMaker) {
  return {
    Pod: topology(
      KUBERNETES_HEADS.Pod,
      here.map((place) => maker.pod(place)),
    ),
    Service: topology(
      KUBERNETES_HEADS.Service,
      services.map((service) => maker.controller(service, "service")),
    ),
    Deployment: topology(
      KUBERNETES_HEADS.Deployment,
      services.map((service) => maker.controller(service, "deployment")),
    ),
  };
}

/** One process of the system, one of each container, and the rest in turn in the containers. */
function processes(plan: SyntheticPlan, here: readonly Place[], maker: NodeMaker): ReportNode[] {
  const nodes = [maker.process(SYSTEM_PID, "systemd")];
  for (const place of here) {
    nodes.push(maker.process(place.pid, serviceName(place.service), place));
  }
  const more = shareOf(plan.processes - plan.containers - plan.hosts, plan.hosts, maker.host).count;
  for (let extra = 0; extra < more; extra += 1) {
    const place = here[extra % Math.max(1, here.length)];
    nodes.push(maker.process(1_100_000 + extra, `worker-${extra % 5}`, place));
  }
  return nodes;
}

function endpoints(places: Places, here: readonly Place[], maker: NodeMaker, tick: number) {
  const nodes = new Map<string, ReportNode>();
  const put = (id: string, pid?: number, adjacency: readonly string[] = []) =>
    nodes.set(id, maker.endpoint(id, pid, adjacency));
  const own = new Map(here.map((place) => [place.slot, place]));
  for (const place of here) {
    const server = `;${place.ip};${portOf(place.service)}`;
    put(server, place.pid);
    if (place.service === 0 && place.slot % INTERNET_CLIENTS_OF === 0) {
      put(`;198.51.100.${1 + (place.slot % 250)};${40_000 + (place.slot % 9_999)}`, undefined, [
        server,
      ]);
    }
  }
  for (const place of here) {
    for (const { port, target } of places.connections(place, tick)) {
      const isFar = typeof target === "string" || !own.has(target.slot);
      const remote =
        typeof target === "string" ? `;${target};443` : `;${target.ip};${portOf(target.service)}`;
      if (isFar) put(remote);
      put(`;${place.ip};${port}`, place.pid, [remote]);
    }
  }
  return nodes;
}
