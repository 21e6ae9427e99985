import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { violationsOf } from "../support/suite.ts";
import { inMonitor, openCard } from "./support/suite.ts";
import { containerId } from "./support/world.ts";

const TABLE = "#!/state/%7B%22topologyViewMode%22%3A%22grid%22%7D";

inMonitor("the topology view", { hosts: 3, containers: 36 }, (suite) => {
  /** What is on the page beside the table, and how it comes there. */
  const SIGHTS: readonly (readonly [string, (page: Page) => Promise<unknown>])[] = [
    ["the table", async () => {}],
    ["a card", async (page) => openCard(page, "api-gateway-1")],
    [
      "a search",
      async (page) => {
        await page.keyboard.press("/");
        await page.keyboard.type("orders");
        await page.getByText("3 found").waitFor();
      },
    ],
    [
      "time travel",
      async (page) => {
        await page.keyboard.press("p");
        await page.getByRole("button", { name: "Travel in time" }).click();
        await page.getByRole("slider").waitFor();
      },
    ],
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
      "help",
      async (page) => {
        await page.keyboard.press("?");
        await page.getByRole("dialog", { name: "Help" }).waitFor();
      },
    ],
    [
      "resources",
      async (page) => {
        await page.keyboard.press("r");
        await page.locator(".layer-0").first().waitFor();
      },
    ],
    [
      "the terminal",
      async (page) => {
        const card = await openCard(page, "api-gateway-1");
        await card.getByRole("button", { name: "Exec shell" }).click();
        await page.locator(".xterm-rows").filter({ hasText: "welcome" }).waitFor();
      },
    ],
    ["strong contrast", async (page) => page.keyboard.press("h")],
  ];

  for (const colorScheme of ["light", "dark"] as const) {
    test.each(SIGHTS)(`has no violation of axe-core in ${colorScheme}: %s`, async (_name, act) => {
      const page = await suite.open(TABLE, { colorScheme, bypassCSP: true });
      await act(page);
      expect(await violationsOf(page)).toEqual([]);
    });
  }

  test("has no violation where it is narrow, and nothing sticks out", async () => {
    const viewport = { width: 400, height: 800 };
    const page = await suite.open(TABLE, { viewport, bypassCSP: true });
    await page.getByRole("button", { name: "Topologies and filters" }).click();
    await page.getByRole("button", { name: /^Hosts/ }).waitFor();
    expect(await violationsOf(page)).toEqual([]);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width).toBe(400);
  });
});
