/**
 * Pictures of the topology view, for looking at:
 *
 *     npx tsx --tsconfig tsconfig.json test/ui/topology/support/shots.ts [folder] [containers] [names]
 */
import { mkdirSync } from "node:fs";
import { monitorHandler } from "fairlead/ui/node";
import type { Page } from "playwright-core";
import { launch, openPage } from "../../support/browser.ts";
import { TestCollector } from "./collector.ts";

const [folder = ".fairlead/shots", containers = "240", only = ""] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const options = {
  hosts: Math.max(2, Math.round(Number(containers) / 12)),
  containers: Number(containers),
};
await using collector = await TestCollector.start(options, await monitorHandler());

const row = (page: Page, name: string) =>
  page.locator("[role=row]").filter({ hasText: name }).first().locator("[role=gridcell]").first();

/** Name of a picture, and what is done before it is taken. */
const SHOTS: readonly (readonly [string, (page: Page) => Promise<unknown>])[] = [
  ["first", async () => {}],
  ["graph", async (page) => page.keyboard.press("g")],
  ["table", async (page) => page.keyboard.press("t")],
  [
    "search",
    async (page) => {
      await page.keyboard.press("/");
      await page.keyboard.type("orders");
    },
  ],
  [
    "card",
    async (page) => {
      await page.keyboard.press("t");
      await row(page, "api-gateway-1").click();
    },
  ],
  [
    "stack",
    async (page) => {
      await page.keyboard.press("t");
      await row(page, "api-gateway-1").click();
      await page.locator(".parents button").last().click();
      await page.waitForTimeout(300);
      await page.locator("td.name button").first().click();
    },
  ],
  [
    "terminal",
    async (page) => {
      await page.keyboard.press("t");
      await row(page, "api-gateway-1").click();
      await page.getByRole("button", { name: "Exec shell" }).click();
      await page.waitForTimeout(900);
      await page.keyboard.type("ls -la");
      await page.keyboard.press("Enter");
    },
  ],
  ["resources", async (page) => page.keyboard.press("r")],
  [
    "changes",
    async (page) => {
      collector.world.setState(
        [...collector.world.nodes("containers", {}).keys()][3] ?? "",
        "paused",
      );
      collector.publish();
      await page.keyboard.press("c");
    },
  ],
  [
    "paused",
    async (page) => {
      await page.keyboard.press("p");
      await page.getByRole("button", { name: "Travel in time" }).click();
    },
  ],
  ["help", async (page) => page.keyboard.press("?")],
  ["contrast", async (page) => page.keyboard.press("h")],
];

const browser = await launch();
try {
  for (const [scheme, width] of [
    ["light", 1_440],
    ["dark", 1_440],
    ["light", 420],
  ] as const) {
    for (const [name, act] of SHOTS) {
      if (only !== "" && !`,${only},`.includes(`,${name},`)) continue;
      const { page, complaints } = await openPage(browser, {
        colorScheme: scheme,
        viewport: { width, height: 900 },
      });
      await page.goto(`${collector.url}/`);
      await page
        .getByText(/\d nodes?/)
        .first()
        .waitFor();
      await page.waitForTimeout(300);
      await act(page).catch((error) => console.log(name, String(error)));
      await page.waitForTimeout(700);
      await page.screenshot({ path: `${folder}/${name}_${scheme}_${width}.png` });
      if (complaints.length > 0) console.log(name, scheme, complaints);
      await page.context().close();
    }
  }
} finally {
  await browser.close();
}
