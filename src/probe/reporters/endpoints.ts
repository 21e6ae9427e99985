/** Connections as nodes: an address and port each, the client's pointing at the server's. */
import type { ReportNode, Topology } from "../../topology/mod.ts";
import type { Connection } from "../connections/connection.ts";
import { type Folded, foldConnections } from "../connections/folding.ts";
import { EndpointScopes, type ScopeOptions } from "../connections/scopes.ts";
import { type Flow, isTranslated } from "../proc/conntrack.ts";
import type { SocketAddress } from "../proc/socket_table.ts";
import { instantOf, latestAt, makeNode, makeTopology, sortedSet } from "../report/build.ts";
import { endpointNodeId, hostNodeId } from "../report/node_ids.ts";

/** What is known of a host's connections at one instant. */
export interface EndpointScan {
  readonly connections: readonly Connection[];
  /** Those of them whose addresses are rewritten count: they get a node of either address. */
  readonly flows: readonly Flow[];
  /** The process that holds a socket. */
  ownerOf(inode: number): number | undefined;
}

interface Draft {
  pid: number | undefined;
  copyOf: string | undefined;
  /** How many connections an edge stands for. */
  readonly edges: Map<string, number>;
}

interface Held {
  readonly words: string;
  readonly node: ReportNode;
}

/**
 * Makes the topology of endpoints. Nodes that did not change are the very same objects, and so is
 * the topology when none did: whoever compares, merges or encodes them can see it at once.
 */
export class EndpointReport {
  readonly #scopes: EndpointScopes;
  readonly #hostNode: string;
  #held = new Map<string, Held>();
  #topology: Topology = makeTopology([]);

  constructor(options: ScopeOptions) {
    this.#scopes = new EndpointScopes(options);
    this.#hostNode = hostNodeId(options.hostId);
  }

  /** The topology of a scan. */
  take(nowMs: number, scan: EndpointScan): Topology {
    const drafts = this.#drafts(scan);
    const held = new Map<string, Held>();
    let changed = drafts.size !== this.#held.size;
    for (const [id, draft] of drafts) {
      const words = wordsOf(draft);
      const before = this.#held.get(id);
      if (before?.words === words) held.set(id, before);
      else {
        changed = true;
        held.set(id, { words, node: this.#node(nowMs, id, draft) });
      }
    }
    this.#held = held;
    if (changed) this.#topology = makeTopology([...held.values()].map(({ node }) => node));
    return this.#topology;
  }

  #drafts({ connections, flows, ownerOf }: EndpointScan): Map<string, Draft> {
    const pids = ({ clientInode, serverInode }: Connection) => [
      ownerOf(clientInode),
      ownerOf(serverInode),
    ];
    const drafts = new Map<string, Draft>();
    for (const folded of foldConnections(connections, (each) => pids(each).join(" "))) {
      const [client, server] = pids(folded.connection);
      this.#connect(drafts, folded, client, server);
    }
    for (const flow of flows) this.#translate(drafts, flow);
    return drafts;
  }

  #connect(
    drafts: Map<string, Draft>,
    { connection, count }: Folded,
    clientPid: number | undefined,
    serverPid: number | undefined,
  ): void {
    const { client, server, namespace } = connection;
    const serverId = this.#id(server, namespace);
    const from = draftOf(drafts, this.#id(client, namespace));
    const to = draftOf(drafts, serverId);
    // A connection inside of this host is seen by the namespaces of both its ends.
    from.edges.set(serverId, Math.max(count, from.edges.get(serverId) ?? 0));
    from.pid = clientPid ?? from.pid;
    to.pid = serverPid ?? to.pid;
  }

  /** The real end of a connection stands under the address that the other end knows, too. */
  #translate(drafts: Map<string, Draft>, flow: Flow): void {
    if (!isTranslated(flow)) return;
    const { original, reply } = flow;
    const isSource = original.source.ip === reply.destination.ip;
    const real = this.#id(isSource ? reply.source : original.source, "");
    const copy = this.#id(isSource ? original.destination : reply.destination, "");
    const draft = drafts.get(real);
    if (draft === undefined || real === copy) return;
    const known = drafts.get(copy);
    drafts.set(copy, {
      pid: draft.pid ?? known?.pid,
      copyOf: real,
      edges: new Map([...(known?.edges ?? []), ...draft.edges]),
    });
  }

  #id({ ip, port }: SocketAddress, namespace: string): string {
    return endpointNodeId(this.#scopes.of(ip, namespace), ip, port);
  }

  #node(nowMs: number, id: string, { pid, copyOf, edges }: Draft): ReportNode {
    const count = Math.max(0, ...edges.values());
    const latest = latestAt(instantOf(nowMs), {
      pid: pid === undefined ? undefined : String(pid),
      host_node_id: pid === undefined ? undefined : this.#hostNode,
      conn_count: count > 1 ? String(count) : undefined,
      copy_of: copyOf,
    });
    return makeNode(id, "endpoint", { latest, adjacency: sortedSet(edges.keys()) });
  }
}

function draftOf(drafts: Map<string, Draft>, id: string): Draft {
  const known = drafts.get(id);
  if (known !== undefined) return known;
  const draft = { pid: undefined, copyOf: undefined, edges: new Map<string, number>() };
  drafts.set(id, draft);
  return draft;
}

function wordsOf({ pid, copyOf, edges }: Draft): string {
  let words = `${pid} ${copyOf}`;
  for (const [id, count] of edges) words += ` ${id} ${count}`;
  return words;
}
