/** One hash a subtree of a side, by the target's paths: two sites compare lines, not data. */
import { DigestTree, isWithin, Scope, type Side, type SubtreeDigest } from "fairlead/migration";
import type { SnapshotNode } from "fairlead/zookeeper";
import type { MigrateConfig } from "./config.ts";

const CONNECT_MS = 60_000;

/** The digests of what moves, down to a depth below the mappings; ephemerals are left out. */
export async function digestsOf(
  config: MigrateConfig,
  side: "source" | "target",
  from: Side,
  depth: number,
): Promise<SubtreeDigest[]> {
  const scope = new Scope(config.mappings, config.exclude);
  const nodes = (await wholeOf(from)).flatMap((node): SnapshotNode[] => {
    const path = side === "source" ? scope.map(node.path) : node.path;
    const moves = side === "source" || scope.inverse().map(node.path) !== undefined;
    const isPlain = node.lifetime.type !== "ephemeral";
    return path === undefined || !moves || !isPlain ? [] : [{ ...node, path }];
  });
  const tree = DigestTree.of(nodes, { versions: config.counts.versions });
  const depthOf = (path: string) => path.split("/").filter((part) => part !== "").length;
  const found: SubtreeDigest[] = [];
  const waiting = [...tree.roots].reverse();
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    found.push(at);
    const { path } = at;
    const root = scope.targets.find((each) => isWithin(path, each)) ?? "/";
    if (depthOf(path) - depthOf(root) >= depth) continue;
    for (const child of [...tree.below(path)].reverse()) waiting.push(child);
  }
  return found;
}

async function wholeOf(side: Side): Promise<readonly SnapshotNode[]> {
  const signal = AbortSignal.timeout(CONNECT_MS);
  for await (const event of side.feed(0n, signal))
    if (event.type === "snapshot") return event.nodes;
  return [];
}
