import type { ServerTree, TreeNode } from "./tree.ts";

/**
 * Nodes that have outlived their purpose: containers that had children and have none, nodes whose
 * time to live has passed since their last change; none of them has children.
 *
 * @param nowMs The date.
 */
export function dueForReaping(tree: ServerTree, nowMs: number): readonly TreeNode[] {
  const due: TreeNode[] = [];
  for (const path of tree.reapable()) {
    const node = tree.get(path);
    if (node === undefined || node.children.size > 0) continue;
    const { lifetime, cversion, mtimeMs } = node.facts;
    const isUsedUp = lifetime.type === "container" && cversion > 0;
    const isOver = lifetime.type === "ttl" && nowMs - mtimeMs > lifetime.ttlMs;
    if (isUsedUp || isOver) due.push(node);
  }
  return due;
}
