import fc from "fast-check";
import { expect, test } from "vitest";
import { RowIndex } from "../../../src/ui/parts/row_index.ts";

interface Row {
  readonly id: string;
  readonly name: string;
  readonly load: number;
}

const makeIndex = () =>
  new RowIndex<Row>({
    idOf: ({ id }) => id,
    nameOf: ({ name }) => name,
    textOf: ({ id, name }) => `${name} ${id}`,
    keys: { load: ({ load }) => load },
  });

const mapOf = (rows: readonly Row[]) => new Map(rows.map((row) => [row.id, row]));
const view = { sort: "name", desc: false, text: "" };

test("RowIndex sorts by a key, then by name as people count", () => {
  const rows = mapOf([
    { id: "a", name: "n-10", load: 1 },
    { id: "b", name: "n-9", load: 1 },
    { id: "c", name: "n-1", load: 7 },
  ]);
  const index = makeIndex();
  const names = (options: Partial<typeof view>) =>
    index.view(rows, 1, { ...view, ...options }).map(({ name }) => name);
  expect(names({})).toEqual(["n-1", "n-9", "n-10"]);
  expect(names({ sort: "load", desc: true })).toEqual(["n-1", "n-9", "n-10"]);
  expect(names({ sort: "load" })).toEqual(["n-9", "n-10", "n-1"]);
});

test("RowIndex finds rows that have every word", () => {
  const rows = mapOf([
    { id: "s1", name: "web", load: 0 },
    { id: "s2", name: "web", load: 0 },
  ]);
  expect(makeIndex().view(rows, 1, { ...view, text: " WEB  s2" })).toEqual([rows.get("s2")]);
});

test("RowIndex gives the same list for the same version and view", () => {
  const rows = mapOf([{ id: "s1", name: "web", load: 0 }]);
  const index = makeIndex();
  expect(index.view(rows, 1, view)).toBe(index.view(rows, 1, { ...view }));
});

test("RowIndex after any changes gives what sorting anew gives", () => {
  const change = fc.record({
    id: fc.integer({ min: 0, max: 12 }).map(String),
    load: fc.integer({ min: 0, max: 4 }),
    removes: fc.boolean(),
  });
  const step = fc.record({
    changes: fc.array(change, { maxLength: 8 }),
    sort: fc.constantFrom("name", "load"),
    desc: fc.boolean(),
    text: fc.constantFrom("", "1"),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 10 }), (steps) => {
      const index = makeIndex();
      const rows = new Map<string, Row>();
      let version = 0;
      for (const { changes, sort, desc, text } of steps) {
        version += 1;
        for (const { id, load, removes } of changes) {
          if (removes) rows.delete(id);
          else rows.set(id, { id, name: `n${id}`, load });
        }
        const got = index.view(rows, version, { sort, desc, text });
        const fresh = makeIndex().view(rows, 1, { sort, desc, text });
        expect(got).toEqual(fresh);
        expect(new Set(got).size).toBe(got.length);
      }
    }),
  );
});
