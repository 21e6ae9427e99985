import { SeededRandom } from "fairlead/base";
import { NEW_NODE, parentOf } from "fairlead/zookeeper";
import { expect, test } from "vitest";
import { ServerTree, statOf } from "../../../src/zookeeper/server/tree.ts";

/** All that can be seen of a tree. */
function picture(tree: ServerTree): unknown {
  const nodes = [...tree.nodes()].map((node) => ({
    facts: node.facts,
    children: [...node.children].toSorted(),
    stat: statOf(node),
  }));
  return {
    nodes: nodes.toSorted((left, right) => (left.facts.path < right.facts.path ? -1 : 1)),
    owners: tree.owners().map((id) => [id, [...tree.ephemeralsOf(id)].toSorted()]),
    reapable: tree.reapable().toSorted(),
    ephemerals: tree.ephemeralsCount,
    size: tree.size,
  };
}

/** A change at random that the tree takes. */
function change(tree: ServerTree, random: SeededRandom, zxid: bigint): void {
  const nodes = [...tree.nodes()].filter(({ facts }) => !facts.path.startsWith("/zookeeper"));
  const node = nodes[random.int(nodes.length)];
  if (node === undefined) return;
  const { facts } = node;
  const act = random.int(3);
  if (act === 0 && node.children.size === 0 && facts.path !== "/") tree.remove(node, zxid);
  else if (act === 1) tree.change(node, { ...facts, version: facts.version + 1, mzxid: zxid });
  else {
    const path = `${facts.path === "/" ? "" : facts.path}/${random.int(4)}`;
    if (tree.get(path) !== undefined) return;
    const kinds = [
      { lifetime: { type: "persistent" } },
      { lifetime: { type: "container" } },
      { lifetime: { type: "ephemeral" }, ephemeralOwner: BigInt(1 + random.int(2)) },
    ] as const;
    tree.add({ ...NEW_NODE, ...kinds[random.int(kinds.length)], path, czxid: zxid });
  }
}

test("attempt() that fails takes everything back, whatever was done", () => {
  const random = new SeededRandom(3);
  const tree = ServerTree.empty();
  for (let round = 1; round <= 300; round += 1) {
    const before = picture(tree);
    const isKept = round % 2 === 0;
    const done = tree.attempt(() => {
      for (let step = 0; step < 5; step += 1) change(tree, random, BigInt(round));
      return isKept;
    });
    expect(done).toBe(isKept);
    if (!isKept) expect(picture(tree)).toEqual(before);
  }
  expect(tree.size).toBeGreaterThan(10);
});

test("what takeDirty() gives, loaded again and again, is the tree", () => {
  const random = new SeededRandom(4);
  const tree = ServerTree.empty();
  const disk = new Map<number, unknown>();
  for (let round = 1; round <= 200; round += 1) {
    tree.attempt(() => {
      for (let step = 0; step < 3; step += 1) change(tree, random, BigInt(round));
      return round % 3 !== 0;
    });
    for (const [id, facts] of tree.takeDirty()) {
      if (facts === undefined) disk.delete(id);
      else disk.set(id, facts);
    }
    const facts = [...tree.nodes()].map((node) => [node.id, node.facts] as const);
    expect(new Map([...disk].toSorted(([a], [b]) => a - b))).toEqual(
      new Map(facts.toSorted(([a], [b]) => a - b)),
    );
  }
  // Parents have lower ids, so that the order of ids is one to load in.
  const ids = new Map([...tree.nodes()].map(({ id, facts }) => [facts.path, id]));
  for (const [path, id] of ids) {
    if (path !== "/") expect(ids.get(parentOf(path))).toBeLessThan(id);
  }
});

test("countBelow() counts nodes and no names that only begin alike", () => {
  const tree = ServerTree.empty();
  for (const path of ["/a", "/ab", "/a/b", "/a/b/c"]) tree.add({ ...NEW_NODE, path });
  expect(tree.countBelow("/a")).toBe(2);
  expect(tree.countBelow("/ab")).toBe(0);
  expect(tree.countBelow("/")).toBe(7);
});
