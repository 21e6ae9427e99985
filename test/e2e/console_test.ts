/** The console over a real cluster: master, agent, processes, and a browser. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { createAgent } from "fairlead/agent/node";
import { asyncDispose, Disposer } from "fairlead/base";
import { MemoryTree } from "fairlead/coordination";
import { serveMaster } from "fairlead/master/node";
import { connect, match, type Scheduler, task } from "fairlead/scheduler";
import { links } from "fairlead/ui";
import { consoleHandler } from "fairlead/ui/node";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launch, NO_BROWSER, openPage, skipReason } from "../ui/support/browser.ts";
import { cellsOf, rowShows } from "../ui/support/suite.ts";

const TASKS = [
  { id: "ticker", command: "n=0; while true; do n=$((n+1)); echo tick $n; sleep 0.2; done" },
  { id: "failing", command: "echo it broke >&2; exit 3" },
].map((each) => task({ ...each, name: each.id, cpus: 0.5, mem: 32, role: "web" }));

/** A framework that launches its tasks once. */
async function runTasks(scheduler: Scheduler): Promise<void> {
  let waiting = TASKS;
  for await (const event of scheduler.events()) {
    if (event.type !== "OFFERS") continue;
    const matched = match(event.offers, waiting);
    waiting = matched.waiting.map((each) => each.task);
    await scheduler.apply(matched, { refuseSeconds: 1 });
  }
}

describe.skipIf(NO_BROWSER !== undefined)(`the console of a real cluster${skipReason}`, () => {
  const opened = new Disposer();
  let browser: Browser;
  let url = "";
  let scheduler: Scheduler;

  beforeAll(async () => {
    const workDir = mkdtempSync(join(tmpdir(), "fairlead-console-"));
    opened.defer(() => rmSync(workDir, { recursive: true, force: true }));
    const store = opened.use(new MemoryTree().connect());
    const files = await consoleHandler();
    const served = opened.use(await serveMaster({ store, port: 0, cluster: "real", files }));
    await served.master.leads();
    url = served.url;
    const agent = await createAgent({
      masters: url,
      workDir,
      port: 0,
      hostname: "first.example",
      resources: "cpus:2;mem:512;disk:512",
      attributes: "rack:r1",
    });
    opened.use(agent);
    const framework = { name: "demo", user: userInfo().username, roles: ["web"] };
    scheduler = opened.use(connect({ master: url, framework }));
    void runTasks(scheduler);
    browser = await launch();
    opened.defer(() => browser.close());
  });

  afterAll(async () => {
    await scheduler?.teardown();
    await opened[asyncDispose]();
  });

  async function open(hash: string) {
    const watched = await openPage(browser);
    await watched.page.goto(`${url}/console/${hash}`);
    return watched;
  }

  test("shows agents, frameworks, roles and tasks as they are", async () => {
    const { page, complaints } = await open("#/tasks?sort=name");
    await rowShows(page, { label: "Tasks", index: 0, text: "Failed" });
    await rowShows(page, { label: "Tasks", index: 1, text: "Running" });
    // A name takes the place of an id as soon as the framework is known.
    await expect
      .poll(async () => (await cellsOf(page, "Tasks", 1)).slice(0, 5))
      .toEqual(["ticker", "Running", "demo", "first.example", "web"]);
    await page.keyboard.press("g");
    await page.keyboard.press("a");
    await rowShows(page, { label: "Agents", index: 0, text: "first.example" });
    expect((await cellsOf(page, "Agents", 0)).slice(1, 3)).toEqual(["Active", "25 % of 2"]);
    await page.getByRole("navigation").getByRole("link", { name: "Frameworks" }).click();
    await rowShows(page, { label: "Frameworks", index: 0, text: "demo" });
    await page.getByRole("navigation").getByRole("link", { name: "Roles" }).click();
    await rowShows(page, { label: "Roles", index: 0, text: "web" });
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test("follows what a task writes, and shows why another failed", async () => {
    const { page } = await open("#/tasks?q=ticker");
    await page.getByRole("link", { name: "ticker" }).click();
    const log = page.getByRole("log");
    await log
      .getByText(/^tick \d+$/)
      .first()
      .waitFor();
    const last = async () => Number((await log.locator(".line").last().textContent())?.slice(5));
    const before = await last();
    await expect.poll(last).toBeGreaterThan(before);
    const failed = links.task(scheduler.frameworkId ?? "", "failing", { tab: "stderr" });
    await page.goto(`${url}/console/${failed}`);
    await page.getByText("Command exited with status 3").waitFor();
    await log.getByText("it broke").waitFor();
    await page.getByRole("button", { name: "Sandbox files" }).click();
    await page.getByRole("button", { name: "stdout" }).nth(1).waitFor();
    await page.context().close();
  });

  test("says why nothing is offered, in the allocator's words", async () => {
    const { page } = await open("#/frameworks");
    await page.getByRole("link", { name: "demo" }).click();
    await page.getByText("What the allocator says").waitFor();
    await rowShows(page, { label: "Reasons by agent", index: 0, text: "first.example" });
    await page.context().close();
  });

  test("changes a weight, drains the agent, and sees its tasks end", async () => {
    const { page } = await open(links.role("web"));
    await page.getByRole("button", { name: "Change weight…" }).click();
    await page.getByRole("spinbutton", { name: "Weight" }).fill("2.5");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("due by weight 2.5").waitFor();
    await page.goto(`${url}/console/${links.agents()}`);
    await page.getByRole("link", { name: "first.example" }).click();
    await page.getByRole("button", { name: "Drain…" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Drain" }).click();
    await page
      .locator(".state")
      .filter({ hasText: /Drain(ing|ed)/ })
      .first()
      .waitFor();
    await page.locator("#row-1").filter({ hasText: "Killed" }).waitFor();
    await page.getByRole("button", { name: "Reactivate" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Reactivate" }).click();
    await page.locator(".state").filter({ hasText: "Active" }).first().waitFor();
    await page.context().close();
  });
});
