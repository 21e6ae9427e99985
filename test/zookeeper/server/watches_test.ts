import { expect, test } from "vitest";
import { ServerWatches } from "../../../src/zookeeper/server/watches.ts";

class Ear {
  readonly told: string[] = [];

  notify(type: number, path: string): void {
    this.told.push(`${type} ${path}`);
  }

  take(): string[] {
    return this.told.splice(0);
  }
}

const created = (path: string) => ({ type: "created", path }) as const;
const deleted = (path: string) => ({ type: "deleted", path }) as const;
const changed = (path: string) => ({ type: "changed", path }) as const;

test("a classic watch tells one event and is gone, on data and on children apart", () => {
  const [watches, ear] = [new ServerWatches(), new Ear()];
  watches.data.add("/a", ear, "once");
  watches.children.add("/a", ear, "once");
  watches.dispatch([changed("/a"), changed("/a"), created("/a/b"), created("/a/c")]);
  expect(ear.take()).toEqual(["3 /a", "4 /a"]);
  expect(watches.count).toBe(0);
});

test("a deletion is told once to whom watches data and children of the node", () => {
  const [watches, ear, other] = [new ServerWatches(), new Ear(), new Ear()];
  watches.data.add("/a", ear, "once");
  watches.children.add("/a", ear, "once");
  watches.children.add("/a", other, "once");
  watches.children.add("/", other, "once");
  watches.dispatch([deleted("/a")]);
  expect(ear.take()).toEqual(["2 /a"]);
  expect(other.take()).toEqual(["2 /a", "4 /"]);
});

test("kinds of watches on one path do not disturb each other, and one event is told once", () => {
  const [watches, ear] = [new ServerWatches(), new Ear()];
  watches.addPersistent("/a", ear, "recursive");
  watches.addPersistent("/a", ear, "persistent");
  watches.data.add("/a", ear, "once");
  watches.dispatch([changed("/a"), changed("/a"), created("/a/b"), deleted("/a/b")]);
  expect(ear.take()).toEqual(["3 /a", "3 /a", "1 /a/b", "4 /a", "2 /a/b", "4 /a"]);
});

test("a recursive watch hears of all that is below, to any depth, and of no children", () => {
  const [watches, ear] = [new ServerWatches(), new Ear()];
  watches.addPersistent("/a", ear, "recursive");
  watches.dispatch([created("/a"), created("/a/b"), changed("/a/b/c/d"), changed("/ab")]);
  expect(ear.take()).toEqual(["1 /a", "1 /a/b", "3 /a/b/c/d"]);
  watches.addPersistent("/", ear, "recursive");
  watches.dispatch([changed("/ab")]);
  expect(ear.take()).toEqual(["3 /ab"]);
});

test("remove() and removeAll() leave nothing behind", () => {
  const [watches, ear, other] = [new ServerWatches(), new Ear(), new Ear()];
  watches.addPersistent("/a", ear, "recursive");
  watches.addPersistent("/a", other, "persistent");
  expect(watches.data.remove("/a", ear)).toBe(true);
  expect(watches.data.remove("/a", ear)).toBe(false);
  expect(watches.children.has("/a", ear)).toBe(true);
  watches.removeAll(ear);
  watches.dispatch([changed("/a"), changed("/a/b")]);
  expect([ear.take(), other.take()]).toEqual([[], ["3 /a"]]);
  watches.removeAll(other);
  expect(watches.data.counts()).toEqual({ total: 0, watchers: 0, paths: 0 });
});
