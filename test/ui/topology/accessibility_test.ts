import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { violationsInBoth, violationsOf } from "../support/suite.ts";
import { inMonitor, openCard } from "./support/suite.ts";
import { containerId } from "./support/world.ts";

inMonitor("the topology view", { hosts: 3, containers: 36 }, (suite) => {
  /** What is on the page, and how it comes there from the one before. */
  const SIGHTS: readonly (readonly [string, (page: Page) => Promise<unknown>])[] = [
    ["the graph", async (page) => page.locator("fairlead-graph .shown").waitFor()],
    ["the table", async (page) => page.keyboard.press("t")],
    [
      "changes",
      async (page) => {
        await page.keyboard.press("c");
        suite.collector.world.setState(containerId(14), "paused");
        suite.collector.publish();
        await page.getByText("State: running → paused").waitFor();
      },
    ],
    [
      "time travel",
      async (page) => {
        await page.keyboard.press("c");
        await page.keyboard.press("p");
        await page.getByRole("button", { name: "Travel in time" }).click();
        await page.getByRole("slider").waitFor();
        await page.keyboard.press("p");
      },
    ],
    [
      "a card and the terminal",
      async (page) => {
        const card = await openCard(page, "api-gateway-2");
        await card.getByRole("button", { name: "Exec shell" }).click();
        await page.locator(".xterm-rows").filter({ hasText: "welcome" }).waitFor();
      },
    ],
    [
      "resources",
      async (page) => {
        await page.getByRole("button", { name: "Close terminal" }).click();
        await page.getByRole("button", { name: "Close details" }).click();
        await page.keyboard.press("r");
        await page.locator(".layer-0").first().waitFor();
      },
    ],
    ["strong contrast", async (page) => page.keyboard.press("h")],
    [
      "help",
      async (page) => {
        await page.keyboard.press("?");
        await page.getByRole("dialog", { name: "Help" }).waitFor();
      },
    ],
  ];

  test("has no violation of axe-core in light and dark, whatever is open", async () => {
    const page = await suite.open("", { bypassCSP: true });
    const found: string[] = [];
    for (const [name, act] of SIGHTS) {
      await act(page);
      for (const violation of await violationsInBoth(page)) found.push(`${name}: ${violation}`);
    }
    expect(found).toEqual([]);
  }, 240_000);

  test("has no violation where it is narrow, and nothing sticks out", async () => {
    const viewport = { width: 400, height: 800 };
    const page = await suite.open("", { viewport, bypassCSP: true });
    await page.getByRole("button", { name: "Topologies and filters" }).click();
    await page.getByRole("button", { name: /^Hosts/ }).waitFor();
    expect(await violationsOf(page)).toEqual([]);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width).toBe(400);
  }, 120_000);
});
