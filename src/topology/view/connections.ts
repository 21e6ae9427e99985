import { KEYS } from "../report/keys.ts";
import { partsOfEndpointId } from "../report/names.ts";
import type { Report } from "../report/report.ts";
import { compareText } from "../report/sets.ts";
import { firstName, isInternet, originalId } from "./endpoints.ts";
import { basicSummary } from "./labels.ts";
import { latestOf, type RenderNode } from "./render_node.ts";
import type { Column, ConnectionGroup, ConnectionRow } from "./summary.ts";

/** What connections are told of. */
export interface ConnectionsOf {
  readonly report: Report;
  readonly viewId: string;
  readonly node: RenderNode;
  /** All nodes of the view. */
  readonly nodes: ReadonlyMap<string, RenderNode>;
}

const PORT: Column = { id: "port", label: "Port", defaultSort: false, dataType: "number" };
const COUNT: Column = { id: "count", label: "Count", defaultSort: true, dataType: "number" };
const REMOTE: Column = { id: "remote", label: "Remote", defaultSort: false, dataType: "" };

/** Who speaks to a node. */
export function incomingConnections(of: ConnectionsOf): ConnectionGroup {
  const { node, nodes } = of;
  const tally = new Tally(of, "in");
  const sources = [...nodes.values()].filter(({ adjacency }) => adjacency.includes(node.id));
  for (const source of sources.sort(byId)) {
    for (const endpoint of endpointsBelow(source)) tally.add(source, endpoint, node);
  }
  return group(of, "incoming-connections", "Inbound", tally.rows());
}

/** Whom a node speaks to. */
export function outgoingConnections(of: ConnectionsOf): ConnectionGroup {
  const { node, nodes } = of;
  const tally = new Tally(of, "out");
  for (const id of node.adjacency) {
    const target = nodes.get(id);
    if (target === undefined) continue;
    for (const endpoint of endpointsBelow(node)) tally.add(node, endpoint, target);
  }
  return group(of, "outgoing-connections", "Outbound", tally.rows());
}

function group(
  { viewId, node }: ConnectionsOf,
  id: string,
  label: string,
  connections: readonly ConnectionRow[],
): ConnectionGroup {
  const columns = isInternet(node.id) ? [REMOTE, PORT, COUNT] : [PORT, COUNT];
  return { id, topologyId: viewId, label, columns, connections };
}

function byId(a: RenderNode, b: RenderNode): number {
  return compareText(a.id, b.id);
}

function endpointsBelow({ children }: RenderNode): readonly RenderNode[] {
  return [...children.values()].filter(({ topology }) => topology === "endpoint").sort(byId);
}

interface Row {
  readonly remote: RenderNode;
  /** Addresses, where a side is the internet. */
  readonly remoteAddress: string;
  readonly localAddress: string;
  readonly port: string;
  count: number;
}

/** Counts connections by remote node and port, each source endpoint once. */
class Tally {
  readonly #of: ConnectionsOf;
  readonly #direction: "in" | "out";
  readonly #seen = new Set<string>();
  readonly #rows = new Map<string, Row>();

  constructor(of: ConnectionsOf, direction: "in" | "out") {
    this.#of = of;
    this.#direction = direction;
  }

  /** Count the connections of an endpoint of a node to the endpoints of another one. */
  add(source: RenderNode, endpoint: RenderNode, target: RenderNode): void {
    for (const id of endpoint.adjacency) {
      const below = target.children.get(id);
      if (below?.topology !== "endpoint") continue;
      const targetId = originalId(below, id);
      // What NAT made of a connection is the same connection.
      const connection = originalId(endpoint, endpoint.id);
      if (this.#seen.has(connection)) continue;
      if (this.#count(source, endpoint, target, targetId)) this.#seen.add(connection);
    }
  }

  #count(source: RenderNode, endpoint: RenderNode, target: RenderNode, targetId: string): boolean {
    const port = partsOfEndpointId(targetId)?.port;
    const sourceAddress = this.#address(source, endpoint.id);
    const targetAddress = this.#address(target, targetId);
    if (port === undefined || sourceAddress === undefined || targetAddress === undefined) {
      return false;
    }
    const isIn = this.#direction === "in";
    const remote = isIn ? source : target;
    const remoteAddress = isIn ? sourceAddress : targetAddress;
    const localAddress = isIn ? targetAddress : sourceAddress;
    const key = `${remote.id}-${remoteAddress}-${localAddress}-${port}`;
    const row = this.#rows.get(key) ?? { remote, remoteAddress, localAddress, port, count: 0 };
    row.count += countOfEndpoint(endpoint);
    this.#rows.set(key, row);
    return true;
  }

  /** Rows in the order of their ids. */
  rows(): readonly ConnectionRow[] {
    return [...this.#rows]
      .sort(([a], [b]) => compareText(a, b))
      .map(([id, row]) => this.#row(id, row));
  }

  #row(id: string, { remote, remoteAddress, localAddress, port, count }: Row): ConnectionRow {
    const summary = basicSummary(this.#of.report, remote);
    const isAddress = remoteAddress !== "";
    const labelMinor = isAddress ? "" : (summary?.labelMinor ?? "");
    return {
      id,
      nodeId: remote.id,
      label: isAddress ? remoteAddress : (summary?.label ?? remote.id),
      ...(labelMinor === "" ? {} : { labelMinor }),
      metadata: [
        ...(isInternet(this.#of.node.id) ? [{ id: "remote", label: "", value: localAddress }] : []),
        { id: "port", label: "", value: port },
        { id: "count", label: "", value: String(count) },
      ],
    };
  }

  /** The internet's addresses are told one by one, with a name where one is known. */
  #address(node: RenderNode, endpointId: string): string | undefined {
    if (!isInternet(node.id)) return "";
    const ip = partsOfEndpointId(endpointId)?.ip;
    const name = firstName(this.#of.report.dns, endpointId, () => true);
    return ip === undefined || name === undefined ? ip : `${name} (${ip})`;
  }
}

/** Probes fold short connections into one endpoint and say how many it stands for. */
function countOfEndpoint(endpoint: RenderNode): number {
  const count = Number(latestOf(endpoint, KEYS.connectionCount) ?? "1");
  return Number.isSafeInteger(count) ? count : 1;
}
