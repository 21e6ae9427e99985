import { bareNode, type RenderNode, type RenderNodes } from "./render_node.ts";

interface Draft {
  readonly node: RenderNode;
  readonly children: Map<string, RenderNode>;
  readonly counts: Map<string, number>;
  readonly adjacency: Set<string>;
}

/**
 * The nodes that a view makes of those of the view below: each goes to one or several new ones, and
 * its edges go with it.
 */
export class Join {
  readonly #drafts = new Map<string, Draft>();
  /** Where each node of the view below went. */
  readonly #went = new Map<string, string[]>();

  /** Begin with nodes that are there in any case; their edges are dropped. */
  constructor(nodes: Iterable<RenderNode> = []) {
    for (const node of nodes) this.#draft(node);
  }

  /** A node goes on as it is; where others went to its id before, they stay below it. */
  pass(node: RenderNode): void {
    const other = this.#drafts.get(node.id);
    if (other === undefined) this.#draft(node);
    for (const [id, child] of node.children) other?.children.set(id, child);
    for (const [topology, count] of node.counts) {
      other?.counts.set(topology, (other.counts.get(topology) ?? 0) + count);
    }
    this.#map(node.id, node.id);
  }

  /** A node goes below another one, which is made where it is not there yet. */
  addChild(node: RenderNode, id: string, topology: string): void {
    this.addUnmappedChild(node, id, topology);
    this.#map(node.id, id);
  }

  /** The same, and so do its children. */
  addChildAndChildren(node: RenderNode, id: string, topology: string): void {
    this.addChild(node, id, topology);
    const { children } = this.#drafts.get(id) ?? this.#draft(bareNode(id, topology));
    for (const [childId, child] of node.children) children.set(childId, child);
  }

  /** A node goes below another one, but its edges do not. */
  addUnmappedChild(node: RenderNode, id: string, topology: string): void {
    const draft = this.#drafts.get(id) ?? this.#draft(bareNode(id, topology));
    draft.children.set(node.id, node);
    if (node.topology === "endpoint") return;
    draft.counts.set(node.topology, (draft.counts.get(node.topology) ?? 0) + 1);
  }

  /** The new nodes, with the edges of the old ones. */
  result({ nodes }: Pick<RenderNodes, "nodes">): RenderNodes {
    for (const [from, node] of nodes) {
      for (const source of this.#went.get(from) ?? []) {
        const adjacency = this.#drafts.get(source)?.adjacency;
        for (const id of node.adjacency) {
          for (const target of this.#went.get(id) ?? []) adjacency?.add(target);
        }
      }
    }
    const joined = new Map<string, RenderNode>();
    for (const [id, { node, children, counts, adjacency }] of this.#drafts) {
      joined.set(id, { ...node, children, counts, adjacency: [...adjacency].sort() });
    }
    return { nodes: joined, filtered: 0 };
  }

  #draft(node: RenderNode): Draft {
    const draft = {
      node,
      children: new Map(node.children),
      counts: new Map(node.counts),
      adjacency: new Set<string>(),
    };
    this.#drafts.set(node.id, draft);
    return draft;
  }

  #map(from: string, to: string): void {
    const went = this.#went.get(from);
    if (went === undefined) this.#went.set(from, [to]);
    else went.push(to);
  }
}
