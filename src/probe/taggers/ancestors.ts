/** Whose child a process is, as a report has it. */
import type { ReportNode, Topology } from "../../topology/mod.ts";

/** So many ancestors are looked at: a ring of parents, read while pids change hands, ends here. */
const DEPTH_MAX = 128;

/** Parents' pids by pid. */
export function parentsOf(processes: Topology): ReadonlyMap<number, number> {
  const parents = new Map<number, number>();
  for (const node of processes.nodes.values()) {
    parents.set(numberIn(node, "pid"), numberIn(node, "ppid"));
  }
  return parents;
}

/** What `rootOf` knows of a process, or of the nearest ancestor of which it knows something. */
export function findRoot<T>(
  pid: number,
  parents: ReadonlyMap<number, number>,
  rootOf: (pid: number) => T | undefined,
): T | undefined {
  let at = pid;
  for (let depth = 0; depth < DEPTH_MAX && at > 0; depth += 1) {
    const root = rootOf(at);
    if (root !== undefined) return root;
    at = parents.get(at) ?? 0;
  }
  return undefined;
}

/** A number in `latest`; 0 when there is none. */
export function numberIn(node: ReportNode, key: string): number {
  return Number(node.latest.get(key)?.value ?? 0);
}
