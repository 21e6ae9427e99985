import { expect, test } from "vitest";
import { edgeKey, NodeStore } from "../../../../src/ui/topology/feed/node_store.ts";
import { node, row } from "../support/nodes.ts";

const delta = { add: [], update: [], remove: [], reset: false, isPartial: false };

test("NodeStore takes what changed, and knows each node by identity", () => {
  const store = new NodeStore();
  const a = node("a");
  store.apply({ ...delta, add: [a, node("b")], reset: true }, 0);
  expect(store.nodes.get("a")).toBe(a);
  const before = store.version;
  expect(store.apply(delta, 1)).toBe(false);
  expect(store.version).toBe(before);
  expect(store.apply({ ...delta, remove: ["b"] }, 2)).toBe(true);
  expect([...store.nodes.keys()]).toEqual(["a"]);
  expect(store.changes(2).map(({ kind, id }) => [kind, id])).toEqual([["vanished", "b"]]);
});

test("NodeStore drops what a new beginning does not name", () => {
  const store = new NodeStore();
  store.apply({ ...delta, add: [node("a"), node("b")], reset: true }, 0);
  store.apply({ ...delta, add: [node("b"), node("c")], reset: true }, 1);
  expect([...store.nodes.keys()]).toEqual(["b", "c"]);
  expect(
    store
      .changes(1)
      .map(({ kind }) => kind)
      .sort(),
  ).toEqual(["appeared", "vanished"]);
});

test("NodeStore takes the rest of a first state for no change", () => {
  const store = new NodeStore();
  store.apply({ ...delta, add: [node("a")], reset: true, isPartial: true }, 0);
  store.apply({ ...delta, update: [node("a", { metadata: [row("State", "up")] })] }, 1);
  expect(store.changes(1)).toEqual([]);
  store.apply({ ...delta, update: [node("a", { metadata: [row("State", "down")] })] }, 2);
  expect(store.changes(2)[0]?.facts).toEqual(["State: up → down"]);
});

test("NodeStore counts an edge as one connection where nothing is told of counts", () => {
  const store = new NodeStore();
  store.apply({ ...delta, add: [node("a", { adjacency: ["b"] })], reset: true }, 0);
  expect(store.rates.rateOf(edgeKey("a", "b"), 0)?.count).toBe(1);
  store.apply(delta, 1, new Map([[edgeKey("a", "b"), 9]]));
  expect(store.rates.rateOf(edgeKey("a", "b"), 1)?.count).toBe(9);
  store.clear();
  expect(store.nodes.size).toBe(0);
});
