import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { ProcFiles } from "../../../../src/probe/node/proc/files.ts";
import { ProcessTable } from "../../../../src/probe/node/proc/process_table.ts";
import { endpointReporter } from "../../../../src/probe/node/reporters/endpoints.ts";

const { signal } = new AbortController();

async function pair(host: string) {
  const server = createServer().listen(0, host);
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const client = connect(port, host);
  const [accepted] = await once(server, "connection");
  const close = (socket: Socket) => socket.destroy();
  return {
    port,
    clientPort: client.localPort,
    [Symbol.dispose]: () => {
      close(client);
      close(accepted);
      server.close();
    },
  };
}

describe("endpointReporter()", () => {
  test.each(["127.0.0.1", "::1"])(
    "finds a connection of %s and who holds its ends",
    async (host) => {
      using open = await pair(host);
      const files = new ProcFiles();
      const table = new ProcessTable(files);
      const reporter = endpointReporter({ hostId: "h", files, table, lookMs: 5_000 });
      let tick = 0;
      // Where there are many namespaces, each look reads some of them.
      const ends = async () => {
        tick += 1;
        const { topologies } = await reporter.report({ tick, nowMs: tick * 1_000, signal });
        const scope = `h-${table.processes.get(process.pid)?.namespace}`;
        const nodeAt = (port: number | undefined) =>
          topologies.Endpoint?.nodes.get(`${scope};${host};${port}`);
        return [nodeAt(open.port), nodeAt(open.clientPort)] as const;
      };
      const pids = async () => (await ends()).map((node) => node?.latest.get("pid")?.value);
      await expect.poll(pids).toEqual([String(process.pid), String(process.pid)]);
      const [server, client] = await ends();
      expect(client?.adjacency).toEqual([server?.id]);
      expect(server?.adjacency).toEqual([]);
      for (const node of [client, server]) {
        expect(node?.latest.get("pid")?.value).toBe(String(process.pid));
        expect(node?.latest.get("host_node_id")?.value).toBe("h;<host>");
      }
      files.close();
    },
  );

  test("forgets a connection that was closed", async () => {
    const files = new ProcFiles();
    const table = new ProcessTable(files);
    const reporter = endpointReporter({ hostId: "h", files, table, lookMs: 5_000 });
    const ids = async (tick: number) => {
      const { topologies } = await reporter.report({ tick, nowMs: tick * 1_000, signal });
      return [...(topologies.Endpoint?.nodes.keys() ?? [])].join(" ");
    };
    let port = 0;
    {
      using open = await pair("127.0.0.1");
      port = open.port;
      expect(await ids(1)).toContain(`;127.0.0.1;${port}`);
    }
    await expect
      .poll(async () => ids(performance.now()), { timeout: 10_000 })
      .not.toContain(`;${port}`);
    files.close();
  });
});
