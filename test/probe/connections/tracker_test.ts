import { describe, expect, test } from "vitest";
import { ConnectionTracker, isLoopback } from "../../../src/probe/connections/tracker.ts";

const [SERVER, CLIENT, FAR] = ["0100007F:1F90", "0100007F:C001", "0200000A:1F90"];
const tables = (rows: readonly (readonly [string, number])[]) => [
  {
    listening: [{ pair: `${SERVER} 00000000:0000`, inode: 1 }],
    connections: rows.map(([pair, inode]) => ({ pair, inode })),
  },
];
const flow = {
  original: { source: { ip: "10.1.0.1", port: 9 }, destination: { ip: "10.1.0.2", port: 80 } },
  reply: { source: { ip: "10.1.0.3", port: 80 }, destination: { ip: "10.1.0.1", port: 9 } },
};

describe("ConnectionTracker", () => {
  test("finds one connection in both of its sockets", () => {
    const scan = {
      id: "7",
      tables: tables([
        [`${SERVER} ${CLIENT}`, 11],
        [`${CLIENT} ${SERVER}`, 12],
      ]),
    };
    expect(new ConnectionTracker().take([scan], [])).toEqual([
      {
        namespace: "7",
        client: { ip: "127.0.0.1", port: 49_153 },
        server: { ip: "127.0.0.1", port: 8_080 },
        clientInode: 12,
        serverInode: 11,
      },
    ]);
  });

  test("gives the same list while nothing changes, and another when something does", () => {
    const tracker = new ConnectionTracker();
    const rows: [string, number][] = [[`${CLIENT} ${FAR}`, 12]];
    const first = tracker.take([{ id: "7", tables: tables(rows) }], [flow]);
    expect(tracker.take([{ id: "7", tables: tables(rows) }], [flow])).toBe(first);
    const closed = tracker.take([{ id: "7", tables: tables([[`${CLIENT} ${FAR}`, 0]]) }], [flow]);
    expect(closed[0]?.clientInode).toBe(0);
    expect(tracker.take([{ id: "7", tables: tables([]) }], [])).toEqual([]);
  });

  test("adds connections that the kernel only forwards, with the server that really answers", () => {
    const [found] = new ConnectionTracker().take([], [flow]);
    expect(found).toMatchObject({
      client: { ip: "10.1.0.1", port: 9 },
      server: { ip: "10.1.0.3", port: 80 },
      clientInode: 0,
    });
  });

  test("does not add what a socket shows already", () => {
    const pair = "0100010A:0009 0200010A:0050";
    const scan = { id: "7", tables: [{ listening: [], connections: [{ pair, inode: 5 }] }] };
    expect(new ConnectionTracker().take([scan], [flow])).toHaveLength(1);
  });
});

describe("isLoopback()", () => {
  test("knows both families", () => {
    expect(["127.0.0.1", "127.9.9.9", "::1", "10.0.0.1", "::2"].map(isLoopback)).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
  });
});
