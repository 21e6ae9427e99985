/** Columnar views as the nodes that filters and lists are made of; what did not change is kept. */
import { KEYS } from "../report/keys.ts";
import { nodeIdOf, topologyKeyOf } from "../report/names.ts";
import type { Report, ReportNode, TopologyKey } from "../report/report.ts";
import { withImageNames } from "../view/containers.ts";
import {
  bareNode,
  PSEUDO,
  type RenderNode,
  type RenderNodes,
  renderNodeOf,
} from "../view/render_node.ts";
import { withoutSamples } from "../view/rows.ts";
import { summarize } from "../view/summarize.ts";
import type { NodeSummary } from "../view/summary.ts";
import { LazyNodes } from "./lookup.ts";
import { type ColumnarView, type ColumnarViewId, pseudoDrawing, realDrawing } from "./view.ts";

/** Where the nodes of a view are reported; of groups nobody reports any. */
const HOMES: Readonly<Record<ColumnarViewId, readonly TopologyKey[]>> = {
  processes: ["Process"],
  "processes-by-name": [],
  containers: ["Container"],
  "containers-by-hostname": [],
  "containers-by-image": [],
  pods: ["Pod"],
  "kube-controllers": ["Deployment", "DaemonSet", "StatefulSet", "CronJob", "Job"],
  services: ["Service"],
  hosts: ["Host"],
};

/** What groups are called where nobody reports them. */
const GROUPS: Partial<Record<ColumnarViewId, string>> = {
  "processes-by-name": "group:process:name",
  "containers-by-hostname": "group:container:docker_container_hostname",
  "containers-by-image": "container_image",
};

/** Whether the rows of a view are those of its own groups, and of no topology. */
const isGrouped = (id: ColumnarViewId) => id === "services" || id === "kube-controllers";

/** What the second line of a node counts. */
const COUNTED: Partial<Record<ColumnarViewId, string>> = {
  pods: "container",
  "kube-controllers": "pod",
  services: "pod",
};

function countsOf(topology: string | undefined, minor: string) {
  const [, count] = /(\d+) (?:container|pod)s?$/.exec(minor) ?? [];
  if (topology === undefined || count === undefined) return undefined;
  return new Map([[topology, Number(count)]]);
}

interface Kept {
  readonly raw: ReportNode | undefined;
  readonly image: ReportNode | undefined;
  readonly label: string;
  readonly minor: string;
  readonly rank: string;
  readonly isConnected: boolean;
  readonly drawing: ReturnType<typeof realDrawing>;
  node: RenderNode;
  /** Without its edges. */
  body: NodeSummary | undefined;
  /** Its parents as they were when the body was made. */
  parents: readonly (ReportNode | undefined)[];
  /** The last summary that was given, and the edges that it has. */
  told: NodeSummary | undefined;
}

/** The nodes of one view, from one state to the next. */
export class RenderedView {
  readonly #id: ColumnarViewId;
  #kept = new Map<string, Kept>();
  #report: Report | undefined;
  #view: ColumnarView | undefined;
  /** Images and parents by topology and id, as far as this state was asked for them. */
  readonly #found = new Map<string, Map<string, ReportNode | undefined>>();
  #nodes: RenderNodes | undefined;

  constructor(id: ColumnarViewId) {
    this.#id = id;
  }

  /** All nodes of a view; equal nodes are the same objects as the last time. */
  take(view: ColumnarView, report: Report): RenderNodes {
    if (this.#view === view && this.#nodes !== undefined) return this.#nodes;
    this.#report = report;
    this.#found.clear();
    const kept = new Map<string, Kept>();
    const nodes = new Map<string, RenderNode>();
    const connected = connectedIn(view);
    let edge = 0;
    for (const [at, id] of view.ids.entries()) {
      const adjacency: string[] = [];
      for (; edge < view.edgeFrom.length && view.edgeFrom[edge] === at; edge += 1) {
        adjacency.push(view.ids[view.edgeTo[edge]!] ?? "");
      }
      adjacency.sort();
      const entry = this.#entry(view, at, { adjacency, isConnected: connected[at] === 1 });
      kept.set(id, entry);
      nodes.set(id, entry.node);
    }
    this.#kept = kept;
    this.#view = view;
    this.#nodes = { nodes, filtered: 0 };
    return this.#nodes;
  }

  /** A node that filters have left, as it is listed; equal ones are the same object. */
  summary(node: RenderNode): NodeSummary | undefined {
    const kept = this.#kept.get(node.id);
    const report = this.#report;
    if (kept === undefined || report === undefined) return undefined;
    const parents = this.#parentsOf(kept.node);
    if (kept.body === undefined || !sameItems(kept.parents, parents)) {
      kept.body = this.#body(kept, report);
      kept.parents = parents;
      kept.told = undefined;
    }
    const { adjacency } = node;
    if (kept.told === undefined || !sameItems(kept.told.adjacency ?? [], adjacency)) {
      kept.told = adjacency.length === 0 ? kept.body : { ...kept.body, adjacency };
    }
    return kept.told;
  }

  #entry(
    view: ColumnarView,
    at: number,
    edges: { readonly adjacency: readonly string[]; readonly isConnected: boolean },
  ): Kept {
    const id = view.ids[at] ?? "";
    const label = view.labels[at] ?? "";
    const minor = view.minors[at] ?? "";
    const rank = view.ranks[at] ?? "";
    const raw = at < view.pseudoFrom ? this.#raw(id, view.rows[at] ?? 0) : undefined;
    const image = this.#id === "containers" && raw !== undefined ? this.#image(raw) : undefined;
    const { isConnected, adjacency } = edges;
    const before = this.#kept.get(id);
    const isSame =
      before !== undefined &&
      before.raw === raw &&
      before.image === image &&
      before.label === label &&
      before.minor === minor &&
      before.rank === rank &&
      before.isConnected === isConnected;
    if (isSame) {
      if (!sameItems(before.node.adjacency, adjacency)) before.node = { ...before.node, adjacency };
      return before;
    }
    const bare = this.#node(id, { raw, image, label, isPseudo: at >= view.pseudoFrom });
    const counts = countsOf(COUNTED[this.#id], minor);
    return {
      ...{ raw, image, label, minor, rank, isConnected },
      drawing: realDrawing(view),
      node: { ...bare, adjacency, isConnected, ...(counts === undefined ? {} : { counts }) },
      body: undefined,
      parents: [],
      told: undefined,
    };
  }

  #raw(id: string, row: number): ReportNode | undefined {
    const homes = HOMES[this.#id];
    const [only] = homes;
    const nodes = only === undefined ? undefined : this.#report?.topologies[only]?.nodes;
    if (homes.length === 1 && nodes instanceof LazyNodes && !isGrouped(this.#id)) {
      return nodes.at(row);
    }
    for (const key of homes) {
      const node = this.#find(key, id);
      if (node !== undefined) return node;
    }
    return undefined;
  }

  #image({ latest }: ReportNode): ReportNode | undefined {
    const image = latest.get(KEYS.imageId)?.value;
    if (image === undefined) return undefined;
    return this.#find("ContainerImage", nodeIdOf("ContainerImage", image));
  }

  #find(key: TopologyKey, id: string): ReportNode | undefined {
    let found = this.#found.get(key);
    if (found === undefined) {
      found = new Map();
      this.#found.set(key, found);
    }
    const known = found.get(id);
    if (known !== undefined || found.has(id)) return known;
    const node = this.#report?.topologies[key]?.nodes.get(id);
    found.set(id, node);
    return node;
  }

  /** What is shown of a node's parents comes from these. */
  #parentsOf({ parents }: RenderNode): (ReportNode | undefined)[] {
    const found: (ReportNode | undefined)[] = [];
    for (const [topology, ids] of parents) {
      const key = topologyKeyOf(topology);
      if (key === undefined) continue;
      for (const id of ids) found.push(this.#find(key, id));
    }
    return found;
  }

  #node(
    id: string,
    { raw, image, label, isPseudo }: Pick<Kept, "raw" | "image" | "label"> & { isPseudo: boolean },
  ): RenderNode {
    if (isPseudo) return bareNode(id, PSEUDO);
    if (raw === undefined) return this.#group(id, label);
    const node = renderNodeOf(raw);
    if (image === undefined) return node;
    const images = new Map([[image.id, renderNodeOf(image)]]);
    const named = withImageNames({ nodes: new Map([[id, node]]), filtered: 0 }, images);
    return named.nodes.get(id) ?? node;
  }

  /** What filters look at in a group: of images their names. */
  #group(id: string, label: string): RenderNode {
    const home = HOMES[this.#id][0];
    const node = bareNode(id, GROUPS[this.#id] ?? home?.toLowerCase() ?? "");
    if (this.#id !== "containers-by-image") return node;
    return { ...node, latest: new Map([[KEYS.imageName, { timestamp: 0n, value: label }]]) };
  }

  #body({ node, label, minor, rank, drawing }: Kept, report: Report): NodeSummary {
    const { id } = node;
    const names = { id, label, labelMinor: minor, rank };
    if (node.topology === PSEUDO) {
      return { ...names, ...pseudoDrawing(id) };
    }
    const isReported = HOMES[this.#id].length > 0;
    const whole = isReported ? summarize(report, { ...node, adjacency: [] }) : undefined;
    return withoutSamples({ ...whole, ...drawing, ...names });
  }
}

/** By node: 1 when it has an edge with another one. */
function connectedIn({ ids, edgeFrom, edgeTo }: ColumnarView): Uint8Array {
  const connected = new Uint8Array(ids.length);
  for (let at = 0; at < edgeFrom.length; at += 1) {
    const [from, to] = [edgeFrom[at]!, edgeTo[at]!];
    if (from === to) continue;
    connected[from] = 1;
    connected[to] = 1;
  }
  return connected;
}

function sameItems<T>(a: readonly T[], b: readonly T[]): boolean {
  return a === b || (a.length === b.length && a.every((item, at) => item === b[at]));
}
