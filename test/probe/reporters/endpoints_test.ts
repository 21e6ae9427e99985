import { describe, expect, test } from "vitest";
import type { Connection } from "../../../src/probe/connections/connection.ts";
import { EndpointReport } from "../../../src/probe/reporters/endpoints.ts";

const owners = new Map([
  [12, 100],
  [11, 200],
]);
const ownerOf = (inode: number) => owners.get(inode);
const connection = (port: number, more: Partial<Connection> = {}): Connection => ({
  namespace: "7",
  client: { ip: "10.0.0.1", port },
  server: { ip: "10.0.0.2", port: 80 },
  clientInode: 12,
  serverInode: 0,
  ...more,
});
const make = () => new EndpointReport({ hostId: "h", bridges: ["10.88.0.0/16"] });
const valuesOf = (latest: ReadonlyMap<string, { readonly value: string }> | undefined) =>
  Object.fromEntries([...(latest ?? [])].map(([key, { value }]) => [key, value]));

describe("EndpointReport", () => {
  test("points from the client to the server, and knows the local side's process", () => {
    const { nodes } = make().take(0, { connections: [connection(4_000)], flows: [], ownerOf });
    const client = nodes.get(";10.0.0.1;4000");
    expect(client?.adjacency).toEqual([";10.0.0.2;80"]);
    expect(valuesOf(client?.latest)).toEqual({ pid: "100", host_node_id: "h;<host>" });
    expect(valuesOf(nodes.get(";10.0.0.2;80")?.latest)).toEqual({});
  });

  test("tells loopback addresses of different namespaces apart", () => {
    const loopback = { client: { ip: "::1", port: 9 }, server: { ip: "::1", port: 5 } };
    const connections = ["7", "8"].map((namespace) => connection(9, { ...loopback, namespace }));
    const { nodes } = make().take(0, { connections, flows: [], ownerOf });
    expect([...nodes.keys()].sort()).toEqual(["h-7;::1;5", "h-7;::1;9", "h-8;::1;5", "h-8;::1;9"]);
  });

  test("counts a connection once that two namespaces see, and joins their processes", () => {
    const connections = [
      connection(4_000),
      connection(4_000, { namespace: "8", clientInode: 0, serverInode: 11 }),
    ];
    const { nodes } = make().take(0, { connections, flows: [], ownerOf });
    expect(valuesOf(nodes.get(";10.0.0.1;4000")?.latest)).toMatchObject({ pid: "100" });
    expect(nodes.get(";10.0.0.1;4000")?.latest.has("conn_count")).toBe(false);
    expect(valuesOf(nodes.get(";10.0.0.2;80")?.latest)).toMatchObject({ pid: "200" });
  });

  test("folds many connections and says how many one stands for", () => {
    const connections = Array.from({ length: 18 }, (_, at) => connection(9_000 + at));
    const { nodes } = make().take(0, { connections, flows: [], ownerOf });
    expect(nodes.size).toBe(3);
    expect(valuesOf(nodes.get(";10.0.0.1;9009")?.latest)).toMatchObject({ conn_count: "9" });
  });

  test("puts the real server under the address that clients know, as its copy", () => {
    const real = { ip: "10.88.0.5", port: 80 };
    const asked = { ip: "192.0.2.2", port: 8_080 };
    const client = { ip: "10.0.0.1", port: 4_000 };
    const flow = {
      original: { source: client, destination: asked },
      reply: { source: real, destination: client },
    };
    const connections = [
      connection(4_000, { server: asked }),
      connection(4_000, { server: real, namespace: "8", clientInode: 0, serverInode: 11 }),
    ];
    const { nodes } = make().take(0, { connections, flows: [flow], ownerOf });
    expect(valuesOf(nodes.get(";192.0.2.2;8080")?.latest)).toEqual({
      copy_of: "h;10.88.0.5;80",
      pid: "200",
      host_node_id: "h;<host>",
    });
  });

  test("puts the real client under the address that the server sees, as its copy", () => {
    const [client, seen] = [
      { ip: "10.88.0.5", port: 4_000 },
      { ip: "192.0.2.2", port: 4_001 },
    ];
    const server = { ip: "10.0.0.2", port: 80 };
    const flow = {
      original: { source: client, destination: server },
      reply: { source: server, destination: seen },
    };
    const { nodes } = make().take(0, {
      connections: [connection(4_000, { client })],
      flows: [flow],
      ownerOf,
    });
    const copy = nodes.get(";192.0.2.2;4001");
    expect(valuesOf(copy?.latest)).toMatchObject({ copy_of: "h;10.88.0.5;4000", pid: "100" });
    expect(copy?.adjacency).toEqual([";10.0.0.2;80"]);
  });

  test("gives the same objects while nothing changes, and only what changed anew", () => {
    const report = make();
    const connections = [
      connection(4_000),
      connection(5_000, { server: { ip: "1.1.1.1", port: 2 } }),
    ];
    const first = report.take(0, { connections, flows: [], ownerOf });
    expect(report.take(1_000, { connections, flows: [], ownerOf })).toBe(first);
    const second = report.take(2_000, { connections: connections.slice(0, 1), flows: [], ownerOf });
    expect(second).not.toBe(first);
    expect(second.nodes.get(";10.0.0.1;4000")).toBe(first.nodes.get(";10.0.0.1;4000"));
  });
});
