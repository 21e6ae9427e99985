/** What the tests of the view share: one browser and one collector a file, a fresh page a test. */
import { monitorHandler } from "fairlead/ui/node";
import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect } from "vitest";
import { launch, NO_BROWSER, openPage, skipReason, type Watched } from "../../support/browser.ts";
import { TestCollector } from "./collector.ts";
import type { TopologyWorldOptions } from "./world.ts";

/** Of a file's tests. */
export interface TopologySuite {
  readonly collector: TestCollector;
  /** The page at a hash, once it shows nodes; without complaints at its end. */
  open(hash?: string, options?: BrowserContextOptions): Promise<Page>;
}

/** Tests of the view in a browser; skipped with the reason where there is none. */
export function inMonitor(
  subject: string,
  world: TopologyWorldOptions,
  tests: (suite: TopologySuite) => void,
): void {
  describe.skipIf(NO_BROWSER !== undefined)(`${subject}${skipReason}`, () => {
    let browser: Browser;
    let collector: TestCollector;
    let opened: Watched[] = [];
    beforeAll(async () => {
      browser = await launch();
      collector = await TestCollector.start(world, await monitorHandler());
    });
    afterEach(async () => {
      const complaints = opened.flatMap((each) => each.complaints);
      await Promise.all(opened.map(({ page }) => page.context().close()));
      opened = [];
      collector.reset();
      expect(complaints.filter((each) => !/WebSocket connection to/.test(each))).toEqual([]);
    });
    afterAll(async () => {
      await browser?.close();
      await collector?.[Symbol.asyncDispose]();
    });
    tests({
      get collector() {
        return collector;
      },
      async open(hash = "", options = {}) {
        const watched = await openPage(browser, options);
        opened.push(watched);
        watched.page.setDefaultTimeout(10_000);
        await watched.page.goto(`${collector.url}/monitor/${hash}`);
        await watched.page
          .getByText(/\d nodes?/)
          .first()
          .waitFor();
        return watched.page;
      },
    });
  });
}

/** A row of the table of nodes that has a text. */
export function rowOf(page: Page, text: string): Locator {
  return page.locator("fairlead-node-table [role=row]").filter({ hasText: text }).first();
}

/** Open the card of a node from the table. */
export async function openCard(page: Page, text: string): Promise<Locator> {
  await rowOf(page, text).locator("[role=gridcell]").first().click();
  const card = page.locator("fairlead-node-card");
  await card.getByRole("region", { name: /^Details of/ }).waitFor();
  return card;
}

/** What the page's address says. */
export async function stateOf(page: Page): Promise<Record<string, unknown>> {
  const hash = new URL(page.url()).hash.replace("#!/state/", "");
  const json = decodeURIComponent(hash).replaceAll("<SLASH>", "/").replaceAll("<PERCENT>", "%");
  const value: unknown = json === "" ? {} : JSON.parse(json);
  return { ...Object(value) };
}
