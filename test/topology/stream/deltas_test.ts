import fc from "fast-check";
import { expect, test } from "vitest";
import { type NodeSummary, scopeDelta } from "../../../src/topology/mod.ts";
import { normalised, topologyStates } from "./nodes.ts";

const node = (id: string, label = id): NodeSummary => ({ id, label, labelMinor: "", rank: "" });
const state = (...nodes: NodeSummary[]) => new Map(nodes.map((each) => [each.id, each]));

test("scopeDelta() adds everything at first and says reset", () => {
  expect(JSON.stringify(scopeDelta(undefined, state(node("a"))))).toBe(
    '{"add":[{"id":"a","label":"a","labelMinor":"","rank":""}],"update":null,"remove":null,"reset":true}',
  );
});

test("scopeDelta() says nothing in 40 bytes", () => {
  const text = JSON.stringify(scopeDelta(state(node("a")), state(node("a"))));
  expect(text).toBe('{"add":null,"update":null,"remove":null}');
});

test("scopeDelta() sends whole nodes that differ, and ids of those that went", () => {
  const before = state(node("a"), node("b"), node("c"));
  const after = state(node("a"), node("b", "B"), node("d"));
  expect(scopeDelta(before, after)).toEqual({
    add: [node("d")],
    update: [node("b", "B")],
    remove: ["c"],
  });
});

test("scopeDelta() leads from any state to any other", () => {
  fc.assert(
    fc.property(topologyStates, topologyStates, (before, after) => {
      const { add, update, remove } = scopeDelta(before, after);
      const nodes = new Map(before);
      for (const id of remove ?? []) nodes.delete(id);
      for (const each of [...(add ?? []), ...(update ?? [])]) nodes.set(each.id, each);
      expect(normalised(nodes.values())).toEqual(normalised(after.values()));
    }),
  );
});
