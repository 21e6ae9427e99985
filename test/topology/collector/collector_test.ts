import { describe, expect, test } from "vitest";
import { VirtualClock } from "../../../src/base/mod.ts";
import {
  createCollector,
  encodeReport,
  makeReport,
  PlainStore,
} from "../../../src/topology/mod.ts";
import { hostReport } from "../support/collector.ts";

const upload = (name: string, receivedMs: number) => ({
  probeId: name,
  receivedMs,
  contentType: "application/msgpack",
  bytes: encodeReport(hostReport(name), { format: "msgpack" }),
});

describe("createCollector()", () => {
  test("answers as a handler, without a server", async () => {
    const clock = new VirtualClock();
    await using collector = createCollector({ clock });
    collector.add(upload("a", clock.nowMs()));
    const ask = async () => {
      const request = new Request("http://localhost/api/topology/hosts");
      return Object.keys((await (await collector.handler(request)).json()).nodes);
    };
    expect(await ask()).toEqual(["a;<host>"]);
    await clock.advance(15_000);
    expect(await ask()).toEqual([]);
  });

  test("hides command lines and variables from everybody where its rules say so", async () => {
    await using collector = createCollector({ rules: { hideCommandLines: true } });
    const body = new TextEncoder().encode(
      JSON.stringify({
        Process: {
          nodes: {
            "h;1": {
              id: "h;1",
              topology: "process",
              latest: {
                cmdline: { timestamp: "2026-01-01T00:00:00Z", value: "psql --password x" },
              },
            },
          },
        },
      }),
    );
    const headers = { "content-type": "application/json" };
    const post = new Request("http://localhost/api/report", { method: "POST", headers, body });
    expect((await collector.handler(post)).status).toBe(200);
    const asked = await collector.handler(new Request("http://localhost/api/report"));
    const text = await asked.text();
    expect(text).toContain("psql");
    expect(text).not.toContain("password");
  });

  test("does not merge all reports for each probe that asks who it is", async () => {
    const clock = new VirtualClock();
    let merged = 0;
    class CountingStore extends PlainStore {
      override report() {
        merged += 1;
        return super.report();
      }
    }
    await using collector = createCollector({ clock, newStore: () => new CountingStore() });
    const plugin = { id: "iowait", label: "IO wait", interfaces: ["reporter"] };
    const ask = async () =>
      (await (await collector.handler(new Request("http://localhost/api"))).json()).plugins;
    for (let probe = 0; probe < 20; probe += 1) {
      const report = makeReport({}, { id: `p${probe}`, plugins: [plugin] });
      const bytes = encodeReport(report, { format: "msgpack" });
      collector.add({ ...upload(`p${probe}`, clock.nowMs()), bytes });
      await ask();
    }
    expect(merged).toBe(1);
    await clock.advance(1_000);
    expect(await ask()).toEqual([expect.objectContaining({ id: "iowait", label: "IO wait" })]);
  });

  test("is another one after each start", () => {
    const [a, b] = [createCollector({}), createCollector({})];
    expect(a.identity.id).toMatch(/^[0-9a-f]{16}$/);
    expect(a.identity.id).not.toBe(b.identity.id);
    a.close();
    b.close();
    b.close();
  });
});
