import { expect, test } from "vitest";
import { type ColumnarView, summariesOf } from "../../../src/topology/mod.ts";

const view: ColumnarView = {
  id: "containers-by-image",
  generation: 1,
  ids: ["web;<container_image>", "db;<container_image>", "pseudo:uncontained:a", "in-theinternet"],
  labels: ["web", "db", "Uncontained", "The Internet"],
  minors: ["2 containers", "1 container", "a", "Inbound connections"],
  ranks: ["web", "db", "uncontained:a", "in-theinternet"],
  shape: "hexagon",
  isStack: true,
  rows: Uint32Array.of(0, 1),
  pseudoFrom: 2,
  metricIds: [],
  metrics: new Float64Array(0),
  edgeFrom: Uint32Array.of(0, 0, 3),
  edgeTo: Uint32Array.of(1, 0, 0),
  edgeCount: Uint32Array.of(4, 1, 9),
};

test("summariesOf() draws groups, pseudo nodes of hosts and the internet as Scope does", () => {
  const summaries = summariesOf(view);
  expect([...summaries.keys()]).toEqual(view.ids);
  expect(summaries.get("web;<container_image>")).toEqual({
    id: "web;<container_image>",
    label: "web",
    labelMinor: "2 containers",
    rank: "web",
    shape: "hexagon",
    stack: true,
    adjacency: ["db;<container_image>", "web;<container_image>"],
  });
  expect(summaries.get("pseudo:uncontained:a")).toMatchObject({
    pseudo: true,
    shape: "square",
    stack: true,
  });
  const internet = summaries.get("in-theinternet");
  expect(internet).toMatchObject({ pseudo: true, shape: "cloud", label: "The Internet" });
  expect(internet?.adjacency).toEqual(["web;<container_image>"]);
  expect(internet).not.toHaveProperty("stack");
});
