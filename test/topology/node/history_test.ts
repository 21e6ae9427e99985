import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openHistory } from "../../../src/topology/node/mod.ts";
import { StreamReader } from "../../../src/ui/topology/stream_reader.ts";
import { Client, hostReport, listen, post } from "../support/collector.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "fairlead-history-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const upload = (receivedMs: number, size = 10) => ({
  probeId: "p",
  contentType: "application/json",
  bytes: new Uint8Array(size),
  receivedMs,
});
const times = (uploads: Iterable<{ readonly receivedMs: number }>) =>
  [...uploads].map(({ receivedMs }) => receivedMs);

describe("openHistory()", () => {
  test("keeps reports in their order, over a restart", async () => {
    const first = await openHistory({ folder });
    for (const ms of [1_000, 2_000, 2_000, 3_000]) first.add(upload(ms));
    await first.flushed();
    await first.close();
    await using second = await openHistory({ folder });
    expect(times(second.read(0, 9_999))).toEqual([1_000, 2_000, 2_000, 3_000]);
    expect(times(second.read(1_000, 2_000))).toEqual([2_000, 2_000]);
    expect([second.beginMs, second.bytes]).toEqual([1_000, 40]);
    second.add(upload(2_000));
    await second.flushed();
    expect(times(second.read(0, 9_999))).toHaveLength(5);
  });

  test("forgets what is older than it keeps, and what is too much", async () => {
    await using history = await openHistory({ folder, retentionMs: 60_000, bytesMax: 1_048_576 });
    history.add(upload(0));
    await history.flushed();
    history.add(upload(60_000));
    await history.flushed();
    expect(times(history.read(-1, 99_999))).toEqual([60_000]);
    for (let i = 1; i <= 5; i += 1) {
      history.add(upload(60_000 + i, 400_000));
      await history.flushed();
    }
    expect(history.bytes).toBeLessThanOrEqual(1_048_576 + 400_000);
    expect(times(history.read(-1, 99_999)).at(-1)).toBe(60_005);
    expect(history.beginMs).toBeGreaterThan(60_000);
  });

  test("refuses limits that are none, and folders that are none", async () => {
    const wrong = openHistory({ folder, retentionMs: 1 });
    await expect(wrong).rejects.toMatchObject({ code: "invalid_option" });
    await writeFile(join(folder, "file"), "");
    const nowhere = openHistory({ folder: join(folder, "file", "history") });
    await expect(nowhere).rejects.toMatchObject({ code: "history_failed" });
  });
});

describe("the past", () => {
  test("is shown by the API, and played forward by both streams", async () => {
    await using history = await openHistory({ folder });
    const begin = Date.now() - 600_000;
    const { encodeReport } = await import("../../../src/topology/mod.ts");
    const add = (name: string, receivedMs: number) =>
      history.add({
        probeId: name,
        contentType: "application/msgpack",
        bytes: encodeReport(hostReport(name), { format: "msgpack" }),
        receivedMs,
      });
    add("old", begin);
    add("later", begin + 2_500);
    await history.flushed();
    await using served = await listen({ history });
    await post(served.url, hostReport("now"));
    const timestamp = new Date(begin + 1_000).toISOString();
    const nodes = async (query: string) => {
      const response = await fetch(`${served.url}/api/topology/hosts${query}`);
      return Object.keys((await response.json()).nodes);
    };
    expect(await nodes("")).toEqual(["now;<host>"]);
    expect(await nodes(`?timestamp=${timestamp}`)).toEqual(["old;<host>"]);
    const early = await fetch(`${served.url}/api/topology?timestamp=2020-01-01T00:00:00Z`);
    expect(early.headers.get("x-fairlead-error")).toBe("history_absent");
    const info = await (await fetch(`${served.url}/api`)).json();
    expect(info.capabilities).toEqual({ historic_reports: true });

    await using scope = await Client.open(
      served.url,
      `/api/topology/hosts/ws?t=100ms&timestamp=${timestamp}`,
    );
    expect(JSON.parse(await scope.text()).add[0].id).toBe("old;<host>");
    await using client = await Client.open(served.url, `/api/stream/hosts?timestamp=${timestamp}`);
    const reader = new StreamReader();
    do reader.read(await client.bytes());
    while (!reader.slots.has("later;<host>"));
    expect([...reader.slots.keys()].sort()).toEqual(["later;<host>", "old;<host>"]);
    let added = [];
    while (added.length === 0) added = JSON.parse(await scope.text()).add ?? [];
    expect(added[0].id).toBe("later;<host>");
  });
});
