import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Connection } from "../../../src/probe/connections/connection.ts";
import { foldConnections } from "../../../src/probe/connections/folding.ts";

function connection(port: number, more: Partial<Connection> = {}): Connection {
  return {
    namespace: "1",
    client: { ip: "10.0.0.1", port },
    server: { ip: "10.0.0.2", port: 80 },
    clientInode: port,
    serverInode: 0,
    ...more,
  };
}

const ports = fc.uniqueArray(fc.integer({ min: 1_024, max: 65_535 }), { maxLength: 300 });
const onePair = () => "";

describe("foldConnections()", () => {
  test("keeps up to five, and of more those whose ports are divisible by 3 again and again", () => {
    const five = [10, 11, 12, 13, 14].map((port) => connection(port));
    expect(foldConnections(five, onePair)).toHaveLength(5);
    const eighteen = Array.from({ length: 18 }, (_, at) => connection(9_000 + at));
    const kept = foldConnections(eighteen, onePair);
    expect(kept.map(({ connection: { client }, count }) => [client.port, count])).toEqual([
      [9_000, 9],
      [9_009, 9],
    ]);
  });

  test("keeps at most five of a group, and all connections are counted", () => {
    fc.assert(
      fc.property(ports, (all) => {
        const folded = foldConnections(
          all.map((port) => connection(port)),
          onePair,
        );
        expect(folded.length).toBeLessThanOrEqual(5);
        expect(folded.reduce((sum, { count }) => sum + count, 0)).toBe(all.length);
        expect(folded.every(({ count }) => count >= 1)).toBe(true);
      }),
    );
  });

  test("keeps the same ones on both hosts, whatever their order", () => {
    fc.assert(
      fc.property(ports, (all) => {
        const kept = (list: readonly number[]) =>
          foldConnections(
            list.map((port) => connection(port)),
            onePair,
          )
            .map((each) => each.connection.client.port)
            .sort();
        fc.pre(all.some((port) => port % 243 === 0));
        expect(kept(all)).toEqual(kept([...all].reverse()));
      }),
    );
  });

  test("does not fold connections of different processes or namespaces", () => {
    const many = Array.from({ length: 12 }, (_, at) =>
      connection(9_000 + at, { namespace: String(at % 2) }),
    );
    expect(foldConnections(many, ({ client }) => String(client.port % 3))).toHaveLength(12);
  });
});
