import fc from "fast-check";
import { expect, test } from "vitest";
import { linkOf, readLink } from "../../../../src/ui/topology/state/deep_link.ts";
import {
  INITIAL_STATE,
  VIEW_MODES,
  type ViewState,
} from "../../../../src/ui/topology/state/view_state.ts";

const word = fc.string({ minLength: 1, maxLength: 40 });
const maybe = <T>(inner: fc.Arbitrary<T>) => fc.option(inner, { nil: undefined });
const key = word.filter((each) => each !== "__proto__");

const states: fc.Arbitrary<ViewState> = fc.record({
  topologyId: maybe(word),
  options: fc.dictionary(key, fc.dictionary(key, fc.array(word, { maxLength: 3 }))),
  details: fc.array(fc.record({ id: word, label: word, topologyId: word }), { maxLength: 5 }),
  search: fc.string({ maxLength: 40 }),
  pinnedSearches: fc.array(word, { maxLength: 4 }),
  pinnedMetric: maybe(word),
  pinnedNetwork: maybe(word),
  sort: maybe(fc.record({ column: word, desc: fc.boolean() })),
  viewMode: maybe(fc.constantFrom(...VIEW_MODES)),
  groupBy: maybe(word),
  resourceMetric: maybe(word),
  pausedAtMs: maybe(fc.integer({ min: 0, max: 4e12 })),
  contrast: fc.boolean(),
  terminal: maybe(
    fc.record({
      pipeId: word,
      title: word,
      nodeId: fc.string(),
      probeId: fc.string(),
      isRaw: fc.boolean(),
      resizeControl: maybe(word),
    }),
  ),
});

test("readLink() restores whatever linkOf() wrote", () => {
  fc.assert(
    fc.property(states, (state) => {
      const link = linkOf(state);
      expect(readLink(link) ?? INITIAL_STATE).toEqual(state);
      expect(link).toMatch(/^(#!\/state\/[^/#\s]+)?$/);
    }),
  );
});

test("linkOf() of a state in which nothing is chosen is empty", () => {
  expect(linkOf(INITIAL_STATE)).toBe("");
});

test("readLink() reads a link of Scope's app, with options as text and as lists", () => {
  const state = {
    topologyId: "containers",
    topologyOptions: { containers: { system: "all", namespace: ["a", "b"] } },
    nodeDetails: [{ id: "x;<container>", label: "x<SLASH>y", topologyId: "containers" }],
    selectedNodeId: "x;<container>",
    topologyViewMode: "grid",
    gridSortedBy: "label",
    gridSortedDesc: true,
    pinnedSearches: ["a"],
    pausedAt: "2020-01-02T03:04:05.000Z",
    contrastMode: true,
    controlPipe: { id: "pipe-1", nodeId: "n", raw: true, resizeTtyControl: "resize" },
  };
  const read = readLink(`#!/state/${encodeURIComponent(JSON.stringify(state))}`);
  expect(read).toMatchObject({
    topologyId: "containers",
    options: { containers: { system: ["all"], namespace: ["a", "b"] } },
    details: [{ id: "x;<container>", label: "x/y", topologyId: "containers" }],
    viewMode: "table",
    sort: { column: "label", desc: true },
    pausedAtMs: Date.parse("2020-01-02T03:04:05Z"),
    contrast: true,
    terminal: { pipeId: "pipe-1", isRaw: true, resizeControl: "resize" },
  });
});

test("readLink() leaves out what is wrong, and knows foreign hashes", () => {
  const read = readLink(
    `#!/state/${encodeURIComponent(
      JSON.stringify({ topologyId: 5, nodeDetails: [3, { label: "x" }], pausedAt: "soon" }),
    )}`,
  );
  expect(read).toEqual(INITIAL_STATE);
  expect(readLink("#/agents")).toBeUndefined();
  expect(readLink("#!/state/{broken")).toBeUndefined();
  expect(readLink(`#!/state/${"x".repeat(40_000)}`)).toBeUndefined();
});

test("readLink() reads anything without throwing", () => {
  fc.assert(
    fc.property(fc.json(), (json) => {
      expect(readLink(`#!/state/${encodeURIComponent(json)}`)).toMatchObject({});
    }),
  );
});
