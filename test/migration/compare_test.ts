import type { SnapshotNode } from "fairlead/zookeeper";
import fc from "fast-check";
import { expect, test } from "vitest";
import { both, compare, type Facet } from "../../src/migration/compare.ts";
import { ReferenceKernel } from "../../src/migration/kernel/reference.ts";
import { node } from "./support.ts";

const exact = { policy: { versions: true, counters: true } };

test("each way of being different is named", () => {
  const base = node("/a", { data: Uint8Array.of(1), version: 3, cversion: 2 });
  const ways: [Partial<SnapshotNode>, Facet[]][] = [
    [{ data: Uint8Array.of(2) }, ["data"]],
    [{ data: null }, ["data"]],
    [{ acl: [{ permissions: 1, scheme: "world", id: "anyone" }] }, ["acl"]],
    [{ lifetime: { type: "container" } }, ["kind"]],
    [{ version: 4 }, ["version"]],
    [{ cversion: 1 }, ["counter"]],
    [{ cversion: 9 }, []],
    [{ data: null, version: 1 }, ["data", "version"]],
  ];
  for (const [way, facets] of ways) {
    const { differences } = compare([base], [{ ...base, ...way }], exact);
    expect(differences).toEqual(facets.length === 0 ? [] : [{ path: "/a", facets }]);
  }
  expect(compare([base], [], exact).differences).toEqual([{ path: "/a", facets: ["missing"] }]);
  expect(compare([], [base], exact).differences).toEqual([{ path: "/a", facets: ["extra"] }]);
  const empty = node("/a", { data: new Uint8Array(0) });
  expect(compare([empty], [{ ...empty, data: null }], exact).differencesCount).toBe(1);
});

test("the policy says which counts have to be equal", () => {
  const one = node("/a", { version: 3, cversion: 3 });
  const other = node("/a", { version: 1, cversion: 1 });
  const none = { policy: { versions: false, counters: false } };
  expect(compare([one], [other], none).differencesCount).toBe(0);
});

test("equal trees have equal digests, whatever their order; others have not", () => {
  const nodes = Array.from({ length: 500 }, (_, index) =>
    node(`/n${index}`, { data: new Uint8Array(index) }),
  );
  const same = compare(nodes, nodes.toReversed(), exact);
  expect(same.differencesCount).toBe(0);
  expect(same.digests.expected).toBe(same.digests.actual);
  expect(same.bytes).toBe((499 * 500) / 2);
  const other = compare(nodes, nodes.with(7, node("/n7", { data: null })), exact);
  expect(other.digests.expected).not.toBe(other.digests.actual);
});

test("a collision of hashes does not pass for equality", () => {
  /** A kernel in which everything has one hash. */
  class Colliding extends ReferenceKernel {
    override hash(_: Uint8Array, lengths: Uint32Array): BigUint64Array {
      return new BigUint64Array(lengths.length).fill(7n);
    }
  }
  const kernel = new Colliding();
  const one = node("/a", { data: Uint8Array.of(1) });
  const data = compare([one], [node("/a", { data: Uint8Array.of(2) })], { ...exact, kernel });
  expect(data.differences).toEqual([{ path: "/a", facets: ["data"] }]);
  const path = compare([one], [node("/b", { data: Uint8Array.of(1) })], { ...exact, kernel });
  expect(path.differences.map(({ facets }) => facets)).toEqual([["missing"], ["extra"]]);
});

test("it finds what a Map finds", () => {
  const names = fc.uniqueArray(fc.integer({ min: 0, max: 30 }), { maxLength: 20 });
  const side = names.chain((list) =>
    fc.tuple(
      ...list.map((name) =>
        fc
          .integer({ min: 0, max: 2 })
          .map((value) => node(`/n${name}`, { data: Uint8Array.of(value) })),
      ),
    ),
  );
  fc.assert(
    fc.property(side, side, (left, right) => {
      const rights = new Map(right.map((each) => [each.path, each]));
      const lefts = new Set(left.map(({ path }) => path));
      const expected = [
        ...left.flatMap((each) => {
          const other = rights.get(each.path);
          if (other === undefined) return [`${each.path} missing`];
          return each.data?.[0] === other.data?.[0] ? [] : [`${each.path} data`];
        }),
        ...right.filter(({ path }) => !lefts.has(path)).map(({ path }) => `${path} extra`),
      ];
      const { differences } = compare(left, right, exact);
      expect(differences.map(({ path, facets }) => `${path} ${facets}`)).toEqual(expected.sort());
    }),
  );
});

test("both() keeps what two comparisons found, and leaves out nothing that was not kept", () => {
  const of = (paths: readonly string[], differencesCount = paths.length) => ({
    nodes: 9,
    bytes: 0,
    digests: { expected: "a", actual: "b" },
    differences: paths.map((path) => ({ path, facets: ["missing"] as const })),
    differencesCount,
  });
  expect(both(of(["/a", "/b"]), of(["/b", "/c"]))).toEqual(of(["/b"]));
  expect(both(of(["/a"]), of([]))).toEqual(of([]));
  expect(both(of(["/a"], 2_000), of(["/b"]))).toEqual(of(["/b"]));
  expect(both(of(["/a"]), of(["/b"], 2_000))).toEqual(of(["/b"], 2_000));
});
