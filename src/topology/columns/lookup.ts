/** The nodes of all parts as plain nodes, made when they are asked for. */
import { emptyReport } from "../report/build.ts";
import { mergeReports } from "../report/merge.ts";
import {
  type Report,
  type ReportNode,
  TOPOLOGY_KEYS,
  type Topology,
  type TopologyKey,
} from "../report/report.ts";
import type { Part, TopologyHead } from "./part.ts";
import type { PartRows, Shared } from "./part_rows.ts";
import { nodeOf } from "./plain.ts";
import type { Sources } from "./sources.ts";

/** Plain nodes by their part: one is the same object for as long as its part is there. */
export class NodeCache {
  readonly #nodes = new WeakMap<Part, (ReportNode | undefined)[]>();
  readonly #shared: Shared;
  #heads: { readonly of: readonly Heads[]; readonly merged: Report } | undefined;

  constructor(shared: Shared) {
    this.#shared = shared;
  }

  node(part: Part, at: number): ReportNode {
    let nodes = this.#nodes.get(part);
    if (nodes === undefined) {
      nodes = [];
      this.#nodes.set(part, nodes);
    }
    nodes[at] ??= nodeOf(part, at, this.#shared.strings);
    return nodes[at];
  }

  /** What topologies say of themselves, merged; made anew when a part says something else. */
  heads(parts: readonly PartRows[]): Report["topologies"] {
    const of = [...new Set(parts.map(({ part }) => part.heads))];
    const isSame =
      this.#heads?.of.length === of.length && of.every((each, at) => each === this.#heads?.of[at]);
    if (!isSame || this.#heads === undefined) {
      this.#heads = { of, merged: mergeReports(of.map(headsOnly)) };
    }
    return this.#heads.merged.topologies;
  }
}

type Heads = readonly (TopologyHead | undefined)[];

const NO_NODES: ReadonlyMap<string, ReportNode> = new Map();

function headsOnly(heads: Heads): Report {
  const topologies: Partial<Record<TopologyKey, Topology>> = {};
  for (const [kind, key] of TOPOLOGY_KEYS.entries()) {
    const head = heads[kind];
    if (head !== undefined) topologies[key] = { ...head, nodes: NO_NODES };
  }
  return { ...emptyReport(), topologies };
}

/** The nodes of one topology by id; each is made when it is asked for. */
export class LazyNodes implements ReadonlyMap<string, ReportNode> {
  readonly #kind: number;
  readonly #sources: Sources;
  readonly #shared: Shared;
  readonly #cache: NodeCache;

  constructor(kind: number, { sources, shared, cache }: LookupParts) {
    this.#kind = kind;
    this.#sources = sources;
    this.#shared = shared;
    this.#cache = cache;
  }

  get(id: string): ReportNode | undefined {
    const { strings, tables } = this.#shared;
    const handle = strings.find(id);
    const row = handle === 0 ? undefined : tables[this.#kind]!.find(handle);
    return row === undefined ? undefined : this.at(row);
  }

  /** By its place among all nodes of the topology. */
  at(row: number): ReportNode | undefined {
    const source = this.#sources.find(this.#kind, row);
    return source === undefined ? undefined : this.#cache.node(source.part.part, source.node);
  }

  has(id: string): boolean {
    return this.get(id) !== undefined;
  }

  get size(): number {
    let size = 0;
    for (const _ of this.values()) size += 1;
    return size;
  }

  *values(): MapIterator<ReportNode> {
    const { length } = this.#shared.tables[this.#kind]!;
    for (let row = 0; row < length; row += 1) {
      const node = this.at(row);
      if (node !== undefined) yield node;
    }
    return undefined;
  }

  *entries(): MapIterator<[string, ReportNode]> {
    for (const node of this.values()) yield [node.id, node];
    return undefined;
  }

  *keys(): MapIterator<string> {
    for (const { id } of this.values()) yield id;
    return undefined;
  }

  [Symbol.iterator](): MapIterator<[string, ReportNode]> {
    return this.entries();
  }

  forEach(
    callback: (value: ReportNode, key: string, map: ReadonlyMap<string, ReportNode>) => void,
  ): void {
    for (const node of this.values()) callback(node, node.id, this);
  }
}

interface LookupParts {
  readonly sources: Sources;
  readonly shared: Shared;
  readonly cache: NodeCache;
}

/**
 * All parts as one report whose nodes are made one by one, when they are asked for. Endpoints are
 * left out, and of a node that several probes report it has what one of them says.
 */
export function lazyReport(parts: readonly PartRows[], lookup: LookupParts): Report {
  const heads = lookup.cache.heads(parts);
  const topologies: Partial<Record<TopologyKey, Topology>> = {};
  for (const [kind, key] of TOPOLOGY_KEYS.entries()) {
    if (key === "Endpoint") continue;
    const head = heads[key];
    if (head === undefined && !lookup.sources.hasAny(kind)) continue;
    topologies[key] = { ...head, nodes: new LazyNodes(kind, lookup) };
  }
  const plugins = parts.flatMap(({ part }) => part.plugins);
  return { ...emptyReport(), plugins, topologies };
}
