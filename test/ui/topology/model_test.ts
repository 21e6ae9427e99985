import { EMPTY_GRAPH, graphOf, NODE_FLAGS, SHAPES, shapeCode } from "fairlead/ui";
import { expect, test } from "vitest";

const node = (id: string, more: object = {}) => ({
  id,
  label: `label ${id}`,
  labelMinor: `minor ${id}`,
  rank: `rank ${id}`,
  ...more,
});

test("graphOf() gives a row a node, in order, and edges by place with their counts", () => {
  const graph = graphOf(
    [
      node("a", { adjacency: ["b", "a", "gone"], shape: "hexagon", stack: true }),
      node("b", { adjacency: ["a"], shape: "dottedtriangle", pseudo: true, tag: "camera" }),
    ],
    {
      groupOf: ({ id }) => `group ${id}`,
      fillOf: ({ id }) => (id === "a" ? 0.25 : undefined),
      textOf: ({ id }) => (id === "a" ? "25%" : ""),
      countOf: (from, to) => (from.id === "b" && to === "a" ? 7 : 1),
    },
  );
  expect(graph.ids).toEqual(["a", "b"]);
  expect(graph.labels).toEqual(["label a", "label b"]);
  expect(graph.minors).toEqual(["minor a", "minor b"]);
  expect(graph.ranks).toEqual(["rank a", "rank b"]);
  expect(graph.tags).toEqual(["", "camera"]);
  expect([...graph.shapes].map((code) => SHAPES[code])).toEqual(["hexagon", "triangle"]);
  expect([...graph.flags]).toEqual([NODE_FLAGS.stack, NODE_FLAGS.pseudo | NODE_FLAGS.dotted]);
  expect([...graph.groups].map((group) => graph.groupNames[group])).toEqual(["group a", "group b"]);
  expect([...graph.fills]).toEqual([0.25, Number.NaN]);
  expect(graph.texts).toEqual(["25%", ""]);
  expect([...graph.edges]).toEqual([0, 1, 1, 0]);
  expect([...graph.counts]).toEqual([1, 7]);
});

test("graphOf() leaves nodes without options in no group, unfilled", () => {
  const graph = graphOf([node("a"), node("b")]);
  expect([...graph.groups]).toEqual([0, 0]);
  expect(graph.groupNames).toEqual([""]);
  expect([...graph.fills]).toEqual([Number.NaN, Number.NaN]);
  expect(EMPTY_GRAPH.ids).toEqual([]);
});

test("shapeCode() knows every shape, its dotted variant, and takes others for circles", () => {
  for (const [code, name] of SHAPES.entries()) {
    expect(shapeCode(name)).toBe(code);
    expect(shapeCode(`dotted${name}`)).toBe(code);
  }
  expect(shapeCode("dodecahedron")).toBe(0);
  expect(shapeCode()).toBe(0);
});
