import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  canonicalIp,
  parseSocketTable,
  readPair,
  type SocketTable,
} from "../../../src/probe/proc/socket_table.ts";

const HEAD =
  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
const bytesOf = (text: string) => Buffer.from(text, "latin1");
const row = (index: number, pair: string, state: string, inode: number) =>
  `${String(index).padStart(4)}: ${pair} ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0000000000000000 20 4 30 10 -1\n`;

describe("parseSocketTable()", () => {
  test("keeps connections and listeners, and drops what is closing", () => {
    const text =
      HEAD +
      row(0, "0100007F:1F90 00000000:0000", "0A", 11) +
      row(1, "0100007F:1F90 0100007F:C001", "01", 12) +
      row(2, "0100007F:C001 0100007F:1F90", "08", 0) +
      row(12_345, "0100007F:C002 0100007F:1F90", "06", 0);
    expect(parseSocketTable(bytesOf(text), 100)).toEqual({
      listening: [{ pair: "0100007F:1F90 00000000:0000", inode: 11 }],
      connections: [
        { pair: "0100007F:1F90 0100007F:C001", inode: 12 },
        { pair: "0100007F:C001 0100007F:1F90", inode: 0 },
      ],
    });
  });

  test("takes no more rows than it is allowed", () => {
    const rows = Array.from({ length: 50 }, (_, at) =>
      row(at, "0100007F:1F90 0100007F:C001", "01", at + 1),
    );
    expect(parseSocketTable(bytesOf(HEAD + rows.join("")), 7).connections).toHaveLength(7);
  });

  test("reads this machine's tables, and every row's addresses", () => {
    for (const file of ["/proc/net/tcp", "/proc/net/tcp6"]) {
      const { connections, listening } = parseSocketTable(readFileSync(file), 10_000);
      for (const { pair } of [...connections, ...listening]) expect(readPair(pair)).toBeDefined();
    }
  });

  test("passes over noise", () => {
    fc.assert(
      fc.property(fc.string(), (noise) => {
        const table = parseSocketTable(Buffer.from(`${HEAD}${noise}\n`), 10);
        expect(table.connections.length + table.listening.length).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe("parseSocketTable() with the table before", () => {
  const client = (port: number) => `0100007F:${port.toString(16).toUpperCase()} 0100007F:1F90`;
  const table = (sockets: readonly (readonly [number, number])[], before?: SocketTable) => {
    const rows = sockets.map(([port, inode], at) => row(at, client(port), "01", inode));
    return parseSocketTable(bytesOf(HEAD + rows.join("")), 1_000, before);
  };

  test("gives the very same table while no row changes", () => {
    const before = table([
      [50_001, 1],
      [50_002, 2],
    ]);
    expect(
      table(
        [
          [50_001, 1],
          [50_002, 2],
        ],
        before,
      ),
    ).toBe(before);
    expect(table([[50_001, 1]], before)).not.toBe(before);
    expect(table([[50_002, 2]], before).connections[0]).toBe(before.connections[1]);
  });

  test("says what it says without it, whatever came, went and changed hands", () => {
    const sockets = fc.uniqueArray(fc.tuple(fc.integer({ min: 0x8000, max: 0x8040 }), fc.nat(9)), {
      selector: ([port]) => port,
      maxLength: 40,
    });
    fc.assert(
      fc.property(sockets, sockets, (one, other) => {
        const before = table(one);
        expect(table(other, before)).toEqual(table(other));
        const isSame = JSON.stringify(one) === JSON.stringify(other);
        expect(table(other, before) === before).toBe(isSame);
      }),
    );
  });
});

describe("readPair()", () => {
  test("turns the kernel's words around", () => {
    expect(readPair("0100007F:1F90 0200000A:C001")).toEqual({
      local: { ip: "127.0.0.1", port: 8_080 },
      remote: { ip: "10.0.0.2", port: 49_153 },
    });
  });

  test("reads IPv6, and IPv4 in it as IPv4", () => {
    const loopback = "00000000000000000000000001000000";
    const mapped = "0000000000000000FFFF00000200000A";
    const global = "B80D0120000000000000000001000000";
    expect(readPair(`${loopback}:0050 ${global}:0051`)).toEqual({
      local: { ip: "::1", port: 80 },
      remote: { ip: "2001:db8::1", port: 81 },
    });
    expect(readPair(`${mapped}:0050 ${mapped}:0051`)?.local.ip).toBe("10.0.0.2");
  });

  test("gives undefined for what is no pair", () => {
    for (const text of ["", "0100007F:1F90", "0100007G:1F90 0200000A:C001", "00:0 00:0"]) {
      expect(readPair(text)).toBeUndefined();
    }
  });
});

describe("canonicalIp()", () => {
  test("gives one text for one address", () => {
    expect(canonicalIp("2001:0DB8:0:0::1")).toBe("2001:db8::1");
    expect(canonicalIp("::ffff:10.0.0.1")).toBe("10.0.0.1");
    expect(canonicalIp("here")).toBeUndefined();
  });
});
