import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SocketOwners } from "../../../src/probe/connections/socket_owners.ts";

/** Descriptors of processes: numbers above 0 are inodes of sockets. */
type World = ReadonlyMap<number, ReadonlyMap<number, number>>;

function lookAt(owners: SocketOwners, world: World, pid: number): number {
  const open = world.get(pid) ?? new Map<number, number>();
  const known = owners.known(pid);
  const fresh = [...open].filter(([descriptor]) => !known.has(descriptor));
  owners.learn(pid, new Set(open.keys()), {
    sockets: new Map(fresh.filter(([, inode]) => inode > 0)),
    others: new Set(fresh.filter(([, inode]) => inode === 0).map(([descriptor]) => descriptor)),
  });
  return fresh.length;
}

function scan(owners: SocketOwners, world: World, looksMax = 100): number[] {
  const inodes = new Set([...world.values()].flatMap((open) => [...open.values()]));
  inodes.delete(0);
  const looked: number[] = [];
  for (const pid of owners.begin(inodes, [...world.keys()])) {
    if (owners.missing === 0 || looked.length >= looksMax) return looked;
    lookAt(owners, world, pid);
    looked.push(pid);
  }
  owners.finish();
  return looked;
}

describe("SocketOwners", () => {
  test("finds holders, and looks at nobody once all are known", () => {
    const owners = new SocketOwners();
    const world: World = new Map([
      [1, new Map([[0, 0]])],
      [2, new Map([[3, 77]])],
    ]);
    expect(scan(owners, world)).toContain(2);
    expect(owners.ownerOf(77)).toBe(2);
    expect(scan(owners, world)).toEqual([]);
  });

  test("forgets what a process held that is gone, and finds who holds it too", () => {
    const owners = new SocketOwners();
    scan(owners, new Map([[2, new Map([[3, 77]])]]));
    scan(owners, new Map([[5, new Map([[4, 77]])]]));
    expect(owners.ownerOf(77)).toBe(5);
  });

  test("looks first at who has most descriptors", () => {
    const order = new SocketOwners().begin(new Set([9]), [1, 2, 3], (pid) => (pid === 2 ? 50 : 4));
    expect(order).toEqual([2, 3, 1]);
  });

  test("reads descriptors that it knows no second time", () => {
    const owners = new SocketOwners();
    const world = new Map([
      [
        2,
        new Map([
          [0, 0],
          [3, 77],
        ]),
      ],
    ]);
    scan(owners, world);
    world.set(
      2,
      new Map([
        [0, 0],
        [3, 77],
        [4, 78],
      ]),
    );
    owners.begin(new Set([77, 78]), [2]);
    expect(lookAt(owners, world, 2)).toBe(1);
    expect([owners.ownerOf(77), owners.ownerOf(78)]).toEqual([2, 2]);
  });

  test("leaves a socket that nobody holds alone for some scans", () => {
    const owners = new SocketOwners();
    const pids = [1, 2, 3];
    expect(owners.begin(new Set([9]), pids)).toHaveLength(3);
    for (const pid of pids) lookAt(owners, new Map(), pid);
    owners.finish();
    expect(owners.begin(new Set([9]), pids)).toEqual([]);
    for (let at = 0; at < 30; at += 1) owners.begin(new Set([9]), pids);
    expect(owners.missing).toBe(1);
  });

  test("finds every holder within some scans, however few looks each may take", () => {
    const worlds = fc.uniqueArray(fc.integer({ min: 1, max: 500 }), {
      minLength: 1,
      maxLength: 60,
    });
    fc.assert(
      fc.property(worlds, (pids) => {
        const owners = new SocketOwners();
        const world: World = new Map(
          pids.map((pid) => [pid, new Map(pid % 3 === 0 ? [[3, pid * 10]] : [[3, 0]])]),
        );
        for (let at = 0; at < pids.length; at += 1) scan(owners, world, 4);
        for (const pid of pids) if (pid % 3 === 0) expect(owners.ownerOf(pid * 10)).toBe(pid);
      }),
    );
  });
});
