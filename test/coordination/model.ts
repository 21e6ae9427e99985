/** The store as one would write it first: a map, copied whole for every attempt. */
import type { StoreOp } from "fairlead/coordination";

interface Node {
  value: string;
  version: number;
  made: number;
  ephemeral: boolean;
}

type Nodes = Map<string, Node>;

const parent = (path: string) => path.slice(0, path.lastIndexOf("/")) || "/";

/** What an operation answers, in short. */
export type Outcome = readonly string[];

export class ModelStore {
  nodes: Nodes = new Map([["/", { value: "", version: 0, made: 0, ephemeral: false }]]);

  /** All operations on a copy that replaces the tree, or the code of the first that fails. */
  apply(operations: readonly StoreOp[]): Outcome {
    const copy: Nodes = new Map([...this.nodes].map(([path, node]) => [path, { ...node }]));
    const outcomes: string[] = [];
    for (const operation of operations) {
      const outcome = perform(copy, operation);
      if (outcome.startsWith("!")) return [outcome];
      outcomes.push(outcome);
    }
    this.nodes = copy;
    return outcomes;
  }

  endSession(): void {
    for (const [path, { ephemeral }] of this.nodes) if (ephemeral) this.nodes.delete(path);
  }

  children(path: string): string[] {
    return childrenOf(this.nodes, path);
  }

  /** Everything there is, one line a node. */
  lines(): string[] {
    return [...this.nodes]
      .map(([path, { value, version, made, ephemeral }]) => {
        const count = this.children(path).length;
        return `${path} ${value} v${version} c${made * 2 - count} n${count} ${ephemeral ? "e" : "p"}`;
      })
      .sort();
  }
}

function childrenOf(nodes: Nodes, path: string): string[] {
  return [...nodes.keys()]
    .filter((each) => each !== "/" && parent(each) === path)
    .map((each) => each.slice(each.lastIndexOf("/") + 1))
    .sort();
}

function perform(nodes: Nodes, operation: StoreOp): string {
  if (operation.type === "create") return create(nodes, operation);
  const { path, version } = operation;
  const node = nodes.get(path);
  if (node === undefined) return "!no_node";
  if (version !== undefined && version !== node.version) return "!bad_version";
  if (operation.type === "set") {
    node.value = operation.value.join();
    node.version += 1;
    return `set ${node.version}`;
  }
  if (operation.type === "check") return "check";
  if (childrenOf(nodes, path).length > 0) return "!not_empty";
  nodes.delete(path);
  return "delete";
}

function create(nodes: Nodes, operation: StoreOp & { readonly type: "create" }): string {
  const above = nodes.get(parent(operation.path));
  if (above === undefined) return "!no_node";
  if (above.ephemeral) return "!no_children_for_ephemerals";
  const digits = operation.sequential ? String(above.made).padStart(10, "0") : "";
  const path = operation.path + digits;
  if (nodes.has(path)) return "!node_exists";
  above.made += 1;
  const value = operation.value?.join() ?? "";
  nodes.set(path, { value, version: 0, made: 0, ephemeral: operation.ephemeral === true });
  return `create ${path}`;
}
