import { describe, expect, test } from "vitest";
import { StreamReader } from "../../../src/ui/topology/stream_reader.ts";
import { Client, hostReport, listen, post } from "../support/collector.ts";

const labels = (reader: StreamReader) =>
  [...reader.slots.values()].map((slot) => reader.node(slot).label).sort();

/** Read frames until there are so many nodes. */
async function until(client: Client, reader: StreamReader, nodes: number): Promise<number> {
  let frames = 0;
  do {
    reader.read(await client.bytes());
    frames += 1;
  } while (reader.slots.size !== nodes || !reader.isComplete);
  return frames;
}

describe("Scope's WebSocket", () => {
  test("tells everything at first, then every tick what changed, even when nothing did", async () => {
    await using served = await listen();
    await post(served.url, hostReport("a", 1, 1_000n));
    await using client = await Client.open(served.url, "/api/topology/hosts/ws?t=100ms");
    const first = JSON.parse(await client.text());
    expect(first).toMatchObject({ update: null, remove: null, reset: true });
    expect(first.add.map(({ id }: { id: string }) => id)).toEqual(["a;<host>"]);
    expect(await client.text()).toBe('{"add":null,"update":null,"remove":null}');
    await post(served.url, hostReport("a", 2, 2_000n));
    await post(served.url, hostReport("b", 1, 2_000n));
    const seen = { add: 0, update: 0 };
    while (seen.add + seen.update < 2) {
      const { add, update } = JSON.parse(await client.text());
      seen.add += add?.length ?? 0;
      seen.update += update?.length ?? 0;
    }
    expect(seen).toEqual({ add: 1, update: 1 });
  });

  test("wakes at once for a shortcut", async () => {
    await using served = await listen();
    await using client = await Client.open(served.url, "/api/topology/hosts/ws?t=1h");
    await client.text();
    const report = { ...hostReport("a"), isShortcut: true };
    await post(served.url, report);
    expect(JSON.parse(await client.text()).add).toHaveLength(1);
  });

  test("refuses what is no topology", async () => {
    await using served = await listen();
    const refused = Client.open(served.url, "/api/topology/nothing/ws");
    await expect(refused).rejects.toMatchObject({ details: { status: 404 } });
    const plain = await fetch(`${served.url}/api/topology/hosts/ws`);
    expect(plain.status).toBe(400);
  });
});

describe("the compact stream", () => {
  test("tells each client the same, and each change once", async () => {
    await using served = await listen();
    await post(served.url, hostReport("a"));
    const readers = await Promise.all(
      [1, 2, 3].map(async () => {
        const client = await Client.open(served.url, "/api/stream/hosts");
        const reader = new StreamReader();
        await until(client, reader, 1);
        return { client, reader };
      }),
    );
    await post(served.url, hostReport("b"));
    for (const { client, reader } of readers) {
      await until(client, reader, 2);
      expect(labels(reader)).toEqual(["a", "b"]);
    }
    const metrics = served.collector.metrics.write();
    expect(metrics).toContain("fairlead_collector_stream_clients 3\n");
    const [first] = readers;
    for (const { client, reader } of readers) {
      expect(reader.position).toEqual(first?.reader.position);
      await client[Symbol.asyncDispose]();
    }
  });

  test("goes on where a client was", async () => {
    await using served = await listen();
    await post(served.url, hostReport("a"));
    await using other = await Client.open(served.url, "/api/stream/hosts");
    const others = new StreamReader();
    await until(other, others, 1);
    const reader = new StreamReader();
    const first = await Client.open(served.url, "/api/stream/hosts");
    await until(first, reader, 1);
    await first[Symbol.asyncDispose]();
    await post(served.url, hostReport("b"));
    await until(other, others, 2);
    const { epoch, seq } = reader.position ?? { epoch: "", seq: 0 };
    await using again = await Client.open(
      served.url,
      `/api/stream/hosts?epoch=${epoch}&seq=${seq}`,
    );
    const change = reader.read(await again.bytes());
    expect(change.reset).toBe(false);
    expect(labels(reader)).toEqual(["a", "b"]);
  });

  test("begins anew for a client of another epoch", async () => {
    await using served = await listen();
    await post(served.url, hostReport("a"));
    await using client = await Client.open(served.url, "/api/stream/hosts?epoch=old&seq=7");
    expect(new StreamReader().read(await client.bytes()).reset).toBe(true);
  });

  test("brings a client that looks late to the same state as one that looks at once", async () => {
    await using served = await listen({ streamIntervalMs: 1 });
    for (let i = 0; i < 100; i += 1) await post(served.url, hostReport(`host-${i}`));
    const slow = await Client.open(served.url, "/api/stream/hosts");
    const reader = new StreamReader();
    await until(slow, reader, 100);
    await using fast = await Client.open(served.url, "/api/stream/hosts");
    const fastReader = new StreamReader();
    await until(fast, fastReader, 100);
    for (let i = 0; i < 20; i += 1) {
      await post(served.url, hostReport(`new-${i}`));
      await until(fast, fastReader, 101 + i);
    }
    expect(await until(slow, reader, 120)).toBeLessThanOrEqual(21);
    expect(labels(reader)).toEqual(labels(fastReader));
    await slow[Symbol.asyncDispose]();
  });
});
