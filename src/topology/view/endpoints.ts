import { KEYS } from "../report/keys.ts";
import { endpointNodeId, partsOfEndpointId } from "../report/names.ts";
import type { DnsNames, Report } from "../report/report.ts";
import { Join } from "./join.ts";
import { addressOf, Networks } from "./networks.ts";
import { latestOf, PSEUDO, type RenderNode, type RenderNodes } from "./render_node.ts";

/** The internet as the source and as the target of connections. */
export const INCOMING_INTERNET = "in-theinternet";
export const OUTGOING_INTERNET = "out-theinternet";
/** What ids of well-known services begin with. */
export const SERVICE_PREFIX = "service-";

/** Whether a node stands for the internet. */
export function isInternet(id: string): boolean {
  return id === INCOMING_INTERNET || id === OUTGOING_INTERNET;
}

const KNOWN_SERVICE = new RegExp(
  `^.+\\.(${[
    "amazonaws\\.com",
    "googleapis\\.com",
    "weave\\.works",
    "core\\.windows\\.net",
    "servicebus\\.windows\\.net",
    "azure-api\\.net",
    "onmicrosoft\\.com",
    "cloudapp\\.azure\\.com",
    "database\\.windows\\.net",
    "documents\\.azure\\.com",
  ].join("|")})$`,
);
/** Machines that are rented there are no service of it. */
const RENTED_MACHINE = /^ec2.*\.amazonaws\.com$/;

/** Whether a name is that of a public cloud's service. */
export function isKnownService(name: string): boolean {
  return KNOWN_SERVICE.test(name) && !RENTED_MACHINE.test(name);
}

/** The first name of an endpoint's address that fits; what was asked for comes first. */
export function firstName(
  dns: ReadonlyMap<string, DnsNames>,
  endpointId: string,
  fits: (name: string) => boolean,
): string | undefined {
  const names = dns.get(partsOfEndpointId(endpointId)?.ip ?? "");
  return names === undefined ? undefined : [...names.forward, ...names.reverse].find(fits);
}

/** Where the endpoints come from, and what they go to. */
export interface EndpointMapping {
  readonly report: Report;
  readonly endpoints: RenderNodes;
  /** The nodes that endpoints may go to. */
  readonly targets: Iterable<RenderNode>;
  /** The topology of targets that are not there yet. */
  readonly topology: string;
  /** The id of an endpoint's target, or "" for none. */
  readonly targetOf: (endpoint: RenderNode) => string;
}

/** Endpoints go to their targets; those outside of all hosts to the internet or a cloud's service. */
export function mapEndpoints(mapping: EndpointMapping): RenderNodes {
  const { report, endpoints, targets, topology, targetOf } = mapping;
  const networks = Networks.of(report);
  const join = new Join(targets);
  for (const endpoint of endpoints.nodes.values()) {
    const outside = endpoint.latest.has(KEYS.hostNodeId)
      ? undefined
      : outsideOf(report, endpoint, networks);
    if (outside !== undefined) {
      join.addChild(endpoint, outside, PSEUDO);
      continue;
    }
    const id = targetOf(endpoint);
    if (id !== "") join.addChild(endpoint, id, topology);
  }
  return join.result(endpoints);
}

function outsideOf(report: Report, endpoint: RenderNode, networks: Networks): string | undefined {
  const parts = partsOfEndpointId(endpoint.id);
  if (parts === undefined) return undefined;
  const service = firstName(report.dns, endpoint.id, isKnownService);
  if (service !== undefined) return `${SERVICE_PREFIX}${service}`;
  const address = addressOf(parts.ip);
  if (address === undefined || networks.has(address)) return undefined;
  return endpoint.adjacency.length > 0 ? INCOMING_INTERNET : OUTGOING_INTERNET;
}

/**
 * Find the node of an endpoint by its address: `ipsOf` gives the addresses of a node as endpoint ids,
 * without a port or with one. An address of two nodes finds neither.
 */
export function finderByAddress(
  nodes: Iterable<RenderNode>,
  ipsOf: (node: RenderNode) => readonly string[],
): (endpoint: RenderNode) => string {
  const owners = new Map<string, string>();
  for (const node of nodes) {
    for (const ip of ipsOf(node)) owners.set(ip, owners.has(ip) ? "" : node.id);
  }
  return ({ id }) => {
    const parts = partsOfEndpointId(id);
    if (parts === undefined) return "";
    const { scope, ip, port } = parts;
    return (
      owners.get(endpointNodeId(scope, ip, "")) ?? owners.get(endpointNodeId(scope, ip, port)) ?? ""
    );
  };
}

/** The id before NAT changed the address. */
export function originalId(endpoint: RenderNode | undefined, id: string): string {
  return (endpoint === undefined ? undefined : latestOf(endpoint, KEYS.copyOf)) ?? id;
}
