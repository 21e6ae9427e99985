import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { MigrationStatus } from "fairlead/ui";
import { consoleHandler } from "fairlead/ui/node";
import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { launch, NO_BROWSER, openPage, skipReason, type Watched } from "../support/browser.ts";
import { violationsInBoth } from "../support/suite.ts";
import { STATUS } from "./support.ts";

/** A page on loopback, as the command serves it, over a status that a test sets. */
class Served implements AsyncDisposable {
  status: MigrationStatus | undefined = STATUS;
  readonly posted: unknown[] = [];
  readonly #server: Server = createServer();

  async start(): Promise<string> {
    const files = await consoleHandler();
    this.#server.on("request", (request, response) => {
      void this.#answer(request, response, files);
    });
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  }

  async #answer(
    request: IncomingMessage,
    response: ServerResponse,
    files: (request: Request) => Promise<Response>,
  ): Promise<void> {
    if (request.url === "/api/migration") {
      response.writeHead(this.status === undefined ? 503 : 200);
      response.end(this.status === undefined ? "it restarts" : JSON.stringify(this.status));
      return;
    }
    if (request.url === "/api/migration/acts") {
      let body = "";
      for await (const chunk of request) body += chunk;
      const isKnown = request.headers.authorization === "Bearer t0ken";
      if (isKnown) this.posted.push(JSON.parse(body));
      response.writeHead(isKnown ? 202 : 401).end();
      return;
    }
    const page = await files(new Request(`http://127.0.0.1${request.url}`));
    response.writeHead(page.status, Object.fromEntries(page.headers));
    response.end(Buffer.from(await page.arrayBuffer()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** As a reader sees it, in one line. */
async function textOf(locator: Locator): Promise<string> {
  const [text = ""] = await locator.allInnerTexts();
  return text.replaceAll(/\s+/g, " ");
}

const GONE_WRONG: Partial<MigrationStatus> = {
  phase: "unfence",
  verified: {
    atMs: STATUS.nowMs - 4_000,
    nodes: 10_014,
    differencesCount: 2,
    differences: [
      { path: "/app/a", facets: ["data", "version"] },
      { path: "/app/b", facets: ["extra"] },
    ],
  },
  acting: { name: "cutover", sinceMs: STATUS.nowMs - 12_000 },
  acted: { name: "verify", isDone: false, message: "2 nodes differ" },
};

const REHOMING: Partial<MigrationStatus> = {
  phase: "rehome",
  fencedMs: 812,
  rehoming: {
    missingCount: 3,
    missing: ["/mesos/json.info_", "/app/members/1", "/app/members/2"],
    clients: { source: 2, target: 41 },
  },
};

describe.skipIf(NO_BROWSER !== undefined)(`<fairlead-migration>${skipReason}`, () => {
  let browser: Browser;
  let served: Served;
  let url = "";
  let opened: Watched[] = [];
  beforeAll(async () => {
    browser = await launch();
    served = new Served();
    url = await served.start();
  });
  afterEach(async () => {
    const complaints = opened.flatMap((each) => each.complaints);
    await Promise.all(opened.map(({ page }) => page.context().close()));
    opened = [];
    served.status = STATUS;
    served.posted.length = 0;
    expect(complaints).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
    await served?.[Symbol.asyncDispose]();
  });

  async function open(options: BrowserContextOptions = {}): Promise<Page> {
    const watched = await openPage(browser, options);
    opened.push(watched);
    watched.page.setDefaultTimeout(15_000);
    await watched.page.goto(`${url}/console/migration.html`);
    await watched.page.getByRole("heading", { name: "Migration new-racks" }).waitFor();
    return watched.page;
  }

  test("shows the phase, the lag, what comes, what was compared, what happened", async () => {
    const page = await open();
    const step = page.locator("[aria-current=step]");
    expect(await textOf(step)).toContain("Follow");
    const card = (name: string) => page.getByRole("region", { name, exact: true });
    expect(await textOf(card("Lag"))).toMatch(/3\.4 ms.*2\.9 ms.*41 ms/);
    expect(await textOf(card("Transactions"))).toMatch(/987 a second.*123,456/);
    expect(await textOf(card("Differences"))).toContain("Both sides are equal");
    const rows = await card("Timeline").locator("tbody tr").allInnerTexts();
    expect(rows.map((row) => row.split("\t")[1])).toEqual(["Follow", "Copy"]);
  });

  test("an act is asked about, needs the token, and is posted once", async () => {
    const page = await open();
    expect(await page.getByRole("button", { name: "Finalize…" }).isDisabled()).toBe(true);
    await page.getByRole("button", { name: "Cut over…" }).click();
    const dialog = page.getByRole("dialog", { name: "Cut over?" });
    await dialog.getByLabel("Token").fill("wrong");
    await dialog.getByRole("button", { name: "Cut over", exact: true }).click();
    await dialog.getByText("the token is wrong").waitFor();
    expect(served.posted).toEqual([]);
    await dialog.getByLabel("Token").fill("t0ken");
    await dialog.getByRole("button", { name: "Cut over", exact: true }).click();
    await dialog.waitFor({ state: "detached" });
    expect(served.posted).toEqual([{ act: "cutover" }]);
  });

  test("a page without acts only shows, and one that gets no answer says so", async () => {
    served.status = { ...STATUS, acts: [] };
    const page = await open();
    await page.getByText("This page only shows").waitFor();
    expect(await page.getByRole("button").count()).toBe(0);
    served.status = undefined;
    await page.getByRole("alert").getByText("it restarts").waitFor();
    // What was known stays.
    await page.getByText("Both sides are equal").waitFor();
  });

  test("differences, clients and ephemerals that are missing are listed", async () => {
    served.status = { ...STATUS, ...GONE_WRONG };
    const page = await open();
    await page.getByText("The cutover is undone").waitFor();
    await page.getByText("2 differences: 10,014 nodes").waitFor();
    await page.getByText("Cut over: under way for 12 s").waitFor();
    const row = page.getByRole("row").filter({ hasText: "/app/a" });
    expect(await textOf(row)).toContain("data, version");
    served.status = { ...STATUS, ...REHOMING };
    await page.getByText("/mesos/json.info_").waitFor();
    const clients = await textOf(page.getByRole("region", { name: "Clients" }));
    expect(clients).toContain("On the source 2 On the target 41");
  });

  test("the first copy shows how far it is, and when it is done", async () => {
    const copy = { done: 2_500, total: 10_000, perSecond: 1_250, etaMs: 6_000 };
    served.status = { ...STATUS, phase: "bootstrap", copy };
    const page = await open();
    const text = await textOf(page.getByRole("region", { name: "First copy" }));
    expect(text).toMatch(/25 %.*2,500 of 10,000.*1,250.*in 6 s/);
  });

  test.each([1_440, 390])("has no violation of axe-core: %i pixels wide", async (width) => {
    const shape = { viewport: { width, height: 900 }, bypassCSP: true };
    for (const more of [{}, GONE_WRONG, REHOMING]) {
      served.status = { ...STATUS, ...more };
      const page = await open(shape);
      expect(await violationsInBoth(page)).toEqual([]);
      const isWide = await page.evaluate(() => {
        return document.documentElement.scrollWidth > document.documentElement.clientWidth;
      });
      expect(isWide).toBe(false);
    }
    const page = await open(shape);
    await page.getByRole("button", { name: "Roll back…" }).click();
    await page.getByRole("dialog").waitFor();
    expect(await violationsInBoth(page)).toEqual([]);
  });
});
