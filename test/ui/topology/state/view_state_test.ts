import { expect, test } from "vitest";
import { actionOf, KEYS } from "../../../../src/ui/topology/state/keys.ts";
import {
  chooseOption,
  chooseTopology,
  closeDetails,
  DETAILS_MAX,
  INITIAL_STATE,
  openRelative,
  pinSearch,
  selectNode,
  stepBack,
  unpinSearch,
} from "../../../../src/ui/topology/state/view_state.ts";

const ref = (id: string) => ({ id, label: id, topologyId: "containers" });

test("selectNode() replaces the stack, and the same node once more closes it", () => {
  const one = selectNode(openRelative(selectNode(INITIAL_STATE, ref("a")), ref("b")), ref("c"));
  expect(one.details).toEqual([ref("c")]);
  expect(selectNode(one, ref("c")).details).toEqual([]);
});

test("openRelative() piles cards, each once, and not without end", () => {
  let state = INITIAL_STATE;
  for (const id of ["a", "b", "a"]) state = openRelative(state, ref(id));
  expect(state.details.map(({ id }) => id)).toEqual(["b", "a"]);
  for (let at = 0; at < 30; at += 1) state = openRelative(state, ref(`n${at}`));
  expect(state.details.length).toBe(DETAILS_MAX);
  expect(closeDetails(state, "n29").details.at(-1)?.id).toBe("n28");
});

test("stepBack() closes one thing at a time: search, then cards from the top", () => {
  let state = { ...openRelative(selectNode(INITIAL_STATE, ref("a")), ref("b")), search: "x" };
  state = { ...state, ...stepBack(state) };
  expect([state.search, state.details.length]).toEqual(["", 2]);
  expect(stepBack(state).details).toEqual([ref("a")]);
  expect(stepBack(INITIAL_STATE)).toBe(INITIAL_STATE);
});

test("pinSearch() turns the query into a filter; unpinSearch() takes it away", () => {
  const pinned = pinSearch({ ...INITIAL_STATE, search: " nginx " });
  expect([pinned.search, pinned.pinnedSearches]).toEqual(["", ["nginx"]]);
  expect(pinSearch({ ...pinned, search: "nginx" }).pinnedSearches).toEqual(["nginx"]);
  expect(pinSearch(pinned)).toBe(pinned);
  expect(unpinSearch(pinned, "nginx").pinnedSearches).toEqual([]);
});

test("chooseTopology() leaves the cards of the last one behind and keeps the search", () => {
  const state = { ...selectNode(INITIAL_STATE, ref("a")), search: "x", topologyId: "containers" };
  const next = chooseTopology(state, "hosts");
  expect([next.topologyId, next.details, next.search]).toEqual(["hosts", [], "x"]);
  expect(chooseTopology(next, "hosts")).toBe(next);
});

test("chooseOption() keeps the other options and topologies", () => {
  let state = chooseOption(INITIAL_STATE, "pods", { option: "pseudo", values: ["show"] });
  state = chooseOption(state, "pods", { option: "namespace", values: ["a", "b"] });
  expect(state.options).toEqual({ pods: { pseudo: ["show"], namespace: ["a", "b"] } });
});

test("actionOf() knows the keys, but not while one types or with Control", () => {
  const press = (key: string, ctrlKey = false) => ({ key, ctrlKey, altKey: false, metaKey: false });
  for (const [key, action] of KEYS) expect(actionOf(press(key), false)).toBe(action);
  expect(actionOf(press("g"), true)).toBeUndefined();
  expect(actionOf(press("Escape"), true)).toBe("back");
  expect(actionOf(press("g", true), false)).toBeUndefined();
  expect(actionOf(press("y"), false)).toBeUndefined();
});
