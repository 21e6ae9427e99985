import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalIp, parseSocketTable, readPair } from "../../../src/probe/proc/socket_table.ts";

const HEAD =
  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
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
    expect(parseSocketTable(text, 100)).toEqual({
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
    expect(parseSocketTable(HEAD + rows.join(""), 7).connections).toHaveLength(7);
  });

  test("reads this machine's tables, and every row's addresses", () => {
    for (const file of ["/proc/net/tcp", "/proc/net/tcp6"]) {
      const { connections, listening } = parseSocketTable(readFileSync(file, "latin1"), 10_000);
      for (const { pair } of [...connections, ...listening]) expect(readPair(pair)).toBeDefined();
    }
  });

  test("passes over noise", () => {
    fc.assert(
      fc.property(fc.string(), (noise) => {
        const table = parseSocketTable(`${HEAD}${noise}\n`, 10);
        expect(table.connections.length + table.listening.length).toBeLessThanOrEqual(1);
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
