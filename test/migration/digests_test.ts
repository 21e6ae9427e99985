import { compare, DigestTree } from "fairlead/migration";
import type { SnapshotNode } from "fairlead/zookeeper";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { node } from "./support.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

function tree(): SnapshotNode[] {
  return [
    node("/"),
    node("/a"),
    node("/a/b", { data: bytes("one") }),
    node("/a/b/c", { version: 3 }),
    node("/a/d", { data: null }),
    node("/e"),
  ];
}

function changed(path: string, more: Partial<SnapshotNode>): SnapshotNode[] {
  return tree().map((each) => (each.path === path ? { ...each, ...more } : each));
}

describe("DigestTree", () => {
  test("counts nodes and has one digest for equal trees in any order", () => {
    const one = DigestTree.of(tree());
    const other = DigestTree.of(tree().reverse());
    expect(one.roots).toEqual(other.roots);
    expect(one.roots).toMatchObject([{ path: "/", nodes: 6 }]);
    expect(one.below("/a").map(({ path, nodes }) => [path, nodes])).toEqual([
      ["/a/b", 2],
      ["/a/d", 1],
    ]);
    expect(one.at("/none")).toBeUndefined();
    expect(one.differences(other)).toEqual({ paths: [], compared: 1 });
  });

  test.each<[string, SnapshotNode[], string[]]>([
    ["data", changed("/a/b", { data: bytes("two") }), ["/a/b"]],
    ["null against empty", changed("/a/d", { data: new Uint8Array(0) }), ["/a/d"]],
    ["a version", changed("/a/b/c", { version: 4 }), ["/a/b/c"]],
    ["a kind", changed("/e", { lifetime: { type: "container" } }), ["/e"]],
    ["a node that is missing", tree().filter(({ path }) => path !== "/a/b/c"), ["/a/b/c"]],
    ["a node that is too much", [...tree(), node("/a/b/x")], ["/a/b/x"]],
    ["two places", [...changed("/e", { version: 9 }), node("/a/n")], ["/a/n", "/e"]],
  ])("finds %s", (_, other, paths) => {
    expect(DigestTree.of(tree()).differences(DigestTree.of(other)).paths).toEqual(paths);
  });

  test("leaves versions out when told so, and counters always", () => {
    const one = DigestTree.of(tree(), { versions: false });
    const other = changed("/a", { version: 7, cversion: 9 });
    expect(one.differences(DigestTree.of(other, { versions: false })).paths).toEqual([]);
  });

  test("gives a moved subtree the same digest", () => {
    const moved = tree().flatMap((each) =>
      each.path === "/" ? [] : [{ ...each, path: `/x${each.path}` }],
    );
    const there = DigestTree.of([node("/x"), ...moved]);
    expect(there.at("/x/a")?.digest).toBe(DigestTree.of(tree()).at("/a")?.digest);
  });

  test("does not take a name that is cut elsewhere for the same", () => {
    const one = DigestTree.of([node("/a"), node("/a/bc")]);
    const other = DigestTree.of([node("/a"), node("/a/b"), node("/a/b/c")]);
    expect(one.at("/a")?.digest).not.toBe(other.at("/a")?.digest);
  });

  test("looks at few digests of a large tree for one difference", () => {
    const large = [node("/")];
    for (let top = 0; top < 40; top += 1) {
      large.push(node(`/${top}`));
      for (let at = 0; at < 250; at += 1) large.push(node(`/${top}/${at}`));
    }
    const other = large.map((each) => (each.path === "/7/99" ? { ...each, version: 1 } : each));
    const found = DigestTree.of(large).differences(DigestTree.of(other));
    expect(found).toEqual({ paths: ["/7/99"], compared: 1 + 40 + 250 });
  });

  test("finds a difference exactly where compare() does", () => {
    const names = fc.array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 3 });
    const states = fc.record({ version: fc.nat(2), data: fc.constantFrom(bytes(""), bytes("x")) });
    const trees = fc.array(fc.tuple(names, states), { maxLength: 12 }).map((list) => {
      const nodes = new Map<string, SnapshotNode>([["/", node("/")]]);
      for (const [parts, state] of list) {
        for (let depth = 1; depth <= parts.length; depth += 1) {
          const path = `/${parts.slice(0, depth).join("/")}`;
          nodes.set(path, node(path, depth === parts.length ? state : {}));
        }
      }
      return [...nodes.values()];
    });
    const policy = { versions: true, counters: false };
    fc.assert(
      fc.property(trees, trees, (one, other) => {
        const found = DigestTree.of(one).differences(DigestTree.of(other)).paths;
        const paths = compare(one, other, { policy }).differences.map(({ path }) => path);
        // A subtree that one side has alone is told by its topmost node.
        const isBelow = (path: string) =>
          paths.some((each) => each !== path && path.startsWith(`${each}/`) && isAlone(each));
        const isAlone = (path: string) =>
          one.some((each) => each.path === path) !== other.some((each) => each.path === path);
        expect(found).toEqual(paths.filter((path) => !isBelow(path)));
      }),
    );
  });
});

test("a node may have more children than a call takes arguments", () => {
  const many = (data: Uint8Array) =>
    Array.from({ length: 200_000 }, (_, index) => node(`/a/${index}`, { data }));
  const [one, other] = [1, 2].map((byte) =>
    DigestTree.of([node("/a"), ...many(Uint8Array.of(byte))]),
  );
  expect(other && one?.differences(other).paths).toHaveLength(200_000);
});
