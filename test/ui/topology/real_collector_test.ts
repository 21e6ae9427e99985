/** The view over a real collector: reports in, HTTP and WebSockets out. */
import { systemClock } from "fairlead/base";
import { monitorHandler } from "fairlead/ui/node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { TopologyFeed } from "../../../src/ui/topology/feed/topology_feed.ts";
import { hostReport, listen, post } from "../../topology/support/collector.ts";
import { launch, NO_BROWSER, openPage } from "../support/browser.ts";

type Listening = Awaited<ReturnType<typeof listen>>;

const nowNs = () => BigInt(systemClock.nowMs()) * 1_000_000n;

describe("the view over a real collector", () => {
  let collector: Listening;
  beforeAll(async () => {
    collector = await listen({ files: await monitorHandler(), windowMs: 600_000 });
  });
  afterAll(() => collector.close());

  test("the feed follows its compact stream, and reads details", async () => {
    await post(collector.url, hostReport("alpha", 1, nowNs()));
    const opened: string[] = [];
    await using feed = new TopologyFeed({
      src: `${collector.url}/api`,
      listMs: 100,
      openSocket(url) {
        opened.push(new URL(url).pathname);
        return new WebSocket(url) as unknown as globalThis.WebSocket;
      },
    });
    feed.follow({ topologyId: "hosts", options: {} });
    feed.subscribe(() => {});
    const load = () => feed.store.nodes.get("alpha;<host>")?.metrics?.[0]?.value;
    await expect.poll(load, { timeout: 20_000 }).toBe(1);
    await post(collector.url, hostReport("alpha", 3, nowNs()));
    await post(collector.url, hostReport("beta", 2, nowNs()));
    await expect.poll(load, { timeout: 20_000 }).toBe(3);
    await expect.poll(() => feed.store.nodes.size, { timeout: 20_000 }).toBe(2);
    expect(opened).toEqual(["/api/stream/hosts"]);
    const node = await feed.api.node({ topologyId: "hosts", options: {} }, "alpha;<host>");
    expect(node.metrics?.[0]).toMatchObject({ label: "Load (1m)", value: 3 });
    await expect.poll(() => feed.topologies?.length ?? 0, { timeout: 20_000 }).toBeGreaterThan(0);
  });

  test.skipIf(NO_BROWSER !== undefined)(
    "the page shows its hosts as they report",
    async () => {
      await post(collector.url, hostReport("alpha", 1, nowNs()));
      const browser = await launch();
      try {
        const { page, complaints } = await openPage(browser);
        page.setDefaultTimeout(30_000);
        await page.goto(collector.url);
        await page.getByRole("button", { name: /^Hosts/ }).click();
        await page.keyboard.press("t");
        const row = page.locator("fairlead-node-table [role=row]").filter({ hasText: "alpha" });
        await row.first().locator("[role=gridcell]").first().click();
        await page.getByRole("heading", { name: "alpha" }).waitFor();
        await post(collector.url, hostReport("gamma", 1, nowNs()));
        await page.locator("fairlead-node-table").getByText("gamma").waitFor();
        expect(complaints).toEqual([]);
      } finally {
        await browser.close();
      }
    },
    180_000,
  );
});
