/** What the tests of pages share: one browser and one server a file, a fresh page a test. */
import axe from "axe-core";
import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect } from "vitest";
import { launch, NO_BROWSER, openPage, skipReason, type Watched } from "./browser.ts";
import { ConsoleServer } from "./server.ts";
import type { WorldOptions } from "./world.ts";

/** Of a file's tests. */
export interface Suite {
  readonly server: ConsoleServer;
  /** A page of the console at a hash, or at a path of the server; without complaints at its end. */
  open(address: string, options?: BrowserContextOptions): Promise<Page>;
  /** Deltas as a master sends them, until something shows. */
  liveUntil(shows: Locator): Promise<void>;
}

/** Tests in a browser; skipped with the reason where there is none. */
export function inBrowser(
  subject: string,
  { world, extra = "" }: { world: WorldOptions; extra?: string },
  tests: (suite: Suite) => void,
): void {
  describe.skipIf(NO_BROWSER !== undefined)(`${subject}${skipReason}`, () => {
    let browser: Browser;
    let server: ConsoleServer;
    let opened: Watched[] = [];
    beforeAll(async () => {
      browser = await launch();
      server = await ConsoleServer.start(world, extra);
    });
    afterEach(async () => {
      const complaints = opened.flatMap((each) => each.complaints);
      await Promise.all(opened.map(({ page }) => page.context().close()));
      opened = [];
      server.reset();
      expect(complaints).toEqual([]);
    });
    afterAll(async () => {
      await browser?.close();
      await server?.[Symbol.asyncDispose]();
    });
    tests({
      get server() {
        return server;
      },
      async liveUntil(shows) {
        for (let step = 0; step < 100 && !(await shows.isVisible()); step += 1) {
          server.publish(server.world.step());
          await shows.page().waitForTimeout(100);
        }
        await shows.waitFor();
      },
      async open(address, options = {}) {
        const watched = await openPage(browser, options);
        opened.push(watched);
        watched.page.setDefaultTimeout(10_000);
        const path = address.startsWith("/") ? address : `/console/${address}`;
        await watched.page.goto(`${server.url}${path}`);
        return watched.page;
      },
    });
  });
}

/** Rules of axe-core that depend on how a page is painted; the others look at its tree. */
const COLOUR_RULES = ["color-contrast", "link-in-text-block"];

/** What axe-core finds wrong with a page, a line each; by every rule, or by those of colours. */
export async function violationsOf(
  page: Page,
  rules: "all" | "colours" = "all",
): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(
    async (only) => {
      const { axe } = globalThis as unknown as {
        axe: {
          run(options: object): Promise<{
            violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[];
          }>;
        };
      };
      const runOnly = only.length === 0 ? {} : { runOnly: { type: "rule", values: only } };
      const { violations } = await axe.run({ resultTypes: ["violations"], ...runOnly });
      return violations.flatMap(({ id, nodes }) =>
        nodes.slice(0, 3).map(({ html, failureSummary = "" }) => {
          return `${id}: ${html.slice(0, 160)} ${failureSummary.replaceAll(/\s+/g, " ").slice(0, 200)}`;
        }),
      );
    },
    rules === "all" ? [] : COLOUR_RULES,
  );
}

/** The same in light and, as far as colours go, in dark. */
export async function violationsInBoth(page: Page): Promise<string[]> {
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  const light = await violationsOf(page);
  await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
  const dark = await violationsOf(page, "colours");
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  return [...light, ...dark.map((each) => `dark: ${each}`)];
}

/** The texts of the cells of a row, by its place in the list. */
export async function cellsOf(page: Page, label: string, index: number): Promise<string[]> {
  const cells = page.locator(`[role=grid][aria-label="${label}"] #row-${index} [role=gridcell]`);
  const texts = await cells.allInnerTexts();
  return texts.map((text) => text.replaceAll(/\s+/g, " ").trim());
}

/** Wait until a row shows something. */
export async function rowShows(
  page: Page,
  { label, index, text }: { label: string; index: number; text: string },
): Promise<void> {
  const row = page.locator(`[role=grid][aria-label="${label}"] #row-${index}`);
  await row.filter({ hasText: text }).waitFor();
}
