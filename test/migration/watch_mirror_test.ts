/** What a watch makes of what it reads, beside the tree that it is to come to. */

import { SeededRandom } from "fairlead/base";
import { type Acl, OPEN_ACL, SnapshotTree, type Stat } from "fairlead/zookeeper";
import { expect, test } from "vitest";
import { counterOf, type Reading, WatchMirror } from "../../src/migration/watch_mirror.ts";

const acls = (readings: readonly Reading[], acl: readonly Acl[] = OPEN_ACL) =>
  new Map(readings.map(({ path }) => [path, acl]));

function stat(more: Partial<Stat> = {}): Stat {
  const times = { czxid: 1n, mzxid: 1n, pzxid: 1n, ctimeMs: 0, mtimeMs: 0 };
  const counts = { version: 0, cversion: 0, aversion: 0, dataBytes: 0, childrenCount: 0 };
  return { ...times, ...counts, ephemeralOwner: 0n, ...more };
}

function there(path: string, more: Partial<Stat> = {}, text = "") {
  return { path, gone: false, data: new TextEncoder().encode(text), stat: stat(more) } as const;
}

test("a node that was passed over several times is set as often", () => {
  const mirror = new WatchMirror(["/a"], () => undefined);
  mirror.load(there("/a"), OPEN_ACL);
  const changes = mirror.take([there("/a", { version: 3, mzxid: 9n }, "x")], new Map());
  expect(changes.map((each) => [each.type, "version" in each && each.version])).toEqual([
    ["set", 1],
    ["set", 2],
    ["set", 3],
  ]);
  expect(mirror.take([there("/a", { version: 3, mzxid: 9n }, "x")], new Map())).toEqual([]);
});

test("children that came and went unseen move the counter", () => {
  const mirror = new WatchMirror(["/a"], () => undefined);
  mirror.load(there("/a"), OPEN_ACL);
  // Two creations and one deletion: clients are told 2 × 2 − 1.
  const moved = there("/a", { cversion: 3, childrenCount: 1 });
  expect(counterOf(moved.stat)).toBe(2);
  const child = there("/a/n", { czxid: 5n });
  const changes = mirror.take([moved, child], acls([moved, child]));
  expect(changes.map((each) => ("path" in each ? [each.type, each.path] : []))).toEqual([
    ["create", "/a/n"],
    ["create", "/a/fairlead-pad"],
    ["delete", "/a/fairlead-pad"],
  ]);
});

test("a node that was made again is deleted with all that was below, and made", () => {
  const mirror = new WatchMirror(["/a"], () => undefined);
  for (const path of ["/a", "/a/b", "/a/b/c"]) mirror.load(there(path), OPEN_ACL);
  const again = there("/a/b", { czxid: 7n });
  const changes = mirror.take([again], acls([again]));
  expect(changes.map((each) => ("path" in each ? [each.type, each.path] : []))).toEqual([
    ["delete", "/a/b/c"],
    ["delete", "/a/b"],
    ["create", "/a/b"],
  ]);
  const gone = { path: "/a/b", gone: true } as const;
  expect(mirror.take([gone, gone], new Map())).toEqual([{ type: "delete", path: "/a/b" }]);
});

test("an ACL counts when it is known; a new node without one waits", () => {
  const mirror = new WatchMirror(["/a"], () => ({ type: "container" }));
  mirror.load(there("/a"), OPEN_ACL);
  const changed = there("/a", { aversion: 1 });
  expect(mirror.wantAcls([changed])).toEqual(["/a"]);
  const acl: Acl[] = [{ permissions: 1, scheme: "world", id: "anyone" }];
  expect(mirror.take([changed], acls([changed], acl))).toEqual([
    { type: "set_acl", path: "/a", acl, aversion: 1 },
  ]);
  const fresh = there("/a/n");
  expect(mirror.take([fresh], new Map())).toEqual([]);
  const taken = mirror.take([fresh], acls([fresh]));
  expect(taken).toMatchObject([{ type: "create", lifetime: { type: "container" } }]);
  const lost = there("/elsewhere/n");
  expect(mirror.take([lost], acls([lost]))).toEqual([]);
});

/** A tree that changes at random, and is read now and then, in any order. */
test("changes make of what was known what is there, whatever was passed over", () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const random = new SeededRandom(seed);
    const pick = <T>(items: readonly T[]): T =>
      items[Math.floor(random.next() * items.length)] as T;
    const truth = new SnapshotTree();
    const copy = new SnapshotTree();
    const mirror = new WatchMirror(["/r"], () => undefined);
    let zxid = 1n;
    const commit = (...changes: Parameters<SnapshotTree["apply"]>[0]["changes"]) => {
      zxid += 1n;
      truth.apply({ zxid, sessionId: 0n, cxid: 0, timeMs: 0, changes });
    };
    const plain = { acl: OPEN_ACL, lifetime: { type: "persistent" } } as const;
    const data = () => new TextEncoder().encode(String(random.next()));
    commit({ type: "create", path: "/r", data: null, ...plain, parentCversion: 0 });
    const childrenOf = (path: string) =>
      truth.nodes().filter((each) => each.path.replace(/\/[^/]*$/, "") === path);
    const read = (path: string): Reading => {
      const node = truth.get(path);
      if (node === undefined) return { path, gone: true };
      const childrenCount = childrenOf(path).length;
      const { czxid, version, aversion } = node;
      const cversion = node.cversion * 2 - childrenCount;
      const facts = { czxid, version, aversion, cversion, childrenCount };
      return { path, gone: false, data: node.data, stat: stat(facts) };
    };
    const dirty = new Set<string>();
    const take = (readings: readonly Reading[]) => {
      const changes = mirror.take(readings, acls(readings.filter(({ gone }) => !gone)));
      copy.apply({ zxid, sessionId: 0n, cxid: 0, timeMs: 0, changes });
    };
    take([read("/r")]);
    for (let step = 0; step < 60; step += 1) {
      const paths = truth.nodes().map(({ path }) => path);
      const path = pick(paths);
      const kind = random.next();
      if (kind < 0.5) {
        const child = `${path}/${Math.floor(random.next() * 4)}`;
        if (truth.get(child) === undefined && child.length < 12) {
          const parentCversion = (truth.get(path)?.cversion ?? 0) + 1;
          commit({ type: "create", path: child, data: data(), ...plain, parentCversion });
          dirty.add(child).add(path);
        }
      } else if (kind < 0.75) {
        const version = (truth.get(path)?.version ?? 0) + 1;
        commit({ type: "set", path, data: data(), version });
        dirty.add(path);
      } else if (path !== "/r" && childrenOf(path).length === 0) {
        commit({ type: "delete", path });
        dirty.add(path).add(path.replace(/\/[^/]*$/, ""));
      }
      if (random.next() < 0.2) {
        take([...dirty].sort(() => random.next() - 0.5).map(read));
        dirty.clear();
      }
    }
    take([...dirty].map(read));
    const facts = (tree: SnapshotTree) =>
      tree
        .nodes()
        .map(({ path, data: each, version, cversion }) => ({ path, each, version, cversion }))
        .sort((one, other) => (one.path < other.path ? -1 : 1));
    expect(facts(copy), `seed ${seed}`).toEqual(facts(truth));
  }
});
