/** The graph in words: what is drawn, and what a node is. */
import type { DrawCounts } from "../scene/scene.ts";
import { type GraphData, NODE_FLAGS, SHAPES } from "./model.ts";

const many = (count: number, one: string) =>
  `${count.toLocaleString("en-US")} ${count === 1 ? one : `${one}s`}`;

/** What is drawn of what there is; where something is left out it says how much. */
export function countsInWords(counts: DrawCounts): string {
  const { level, nodes, nodesDrawn, edges, edgesDrawn, bundles, bundlesDrawn } = counts;
  const seen = nodesDrawn < nodes ? `${nodesDrawn.toLocaleString("en-US")} of ` : "";
  const said = [`${seen}${many(nodes, "node")}`];
  if (level === 0) {
    const part =
      bundlesDrawn < bundles ? `the ${bundlesDrawn.toLocaleString("en-US")} heaviest of ` : "";
    if (bundles > 0) said.push(`${part}${many(bundles, "bundle")} of ${many(edges, "edge")}`);
  } else if (edges > 0) {
    const part = edgesDrawn < edges ? `${edgesDrawn.toLocaleString("en-US")} of ` : "";
    said.push(`${part}${many(edges, "edge")}`);
  }
  if (level < 2) said.push("zoom in for more");
  return said.join(" · ");
}

/** A node as one would read it out: names, shape, group, metric, edges. */
export function nodeInWords(data: GraphData, node: number): string {
  const { labels, minors, shapes, flags, groups, groupNames, texts, edges } = data;
  let [calls, called] = [0, 0];
  for (let at = 0; at < edges.length; at += 2) {
    if (edges[at] === node) calls += 1;
    if (edges[at + 1] === node) called += 1;
  }
  const group = groupNames[groups[node] ?? -1] ?? "";
  const isStack = ((flags[node] ?? 0) & NODE_FLAGS.stack) !== 0;
  const parts = [
    labels[node] ?? "",
    minors[node] ?? "",
    `${isStack ? "stack of " : ""}${SHAPES[shapes[node] ?? 0] ?? ""}`,
    group === "" ? "" : `in ${group}`,
    texts[node] ?? "",
    `calls ${calls}, called by ${called}`,
  ];
  return parts.filter((part) => part !== "").join(", ");
}
