import { links } from "fairlead/ui";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { inBrowser, rowShows, type Suite } from "./support/suite.ts";

const AGENTS = 5_000;

/** What the page's main thread worked, in milliseconds of its own clock, and how often it laid out. */
async function workOf(page: Page, act: () => Promise<void>) {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  const read = async () => {
    const { metrics } = await session.send("Performance.getMetrics");
    return new Map(metrics.map(({ name, value }) => [name, value]));
  };
  const before = await read();
  await act();
  const after = await read();
  await session.detach();
  const grown = (name: string) => (after.get(name) ?? 0) - (before.get(name) ?? 0);
  return { ms: grown("TaskDuration") * 1_000, layouts: grown("LayoutCount") };
}

/** Deltas that change a tenth of the agents each, one after the other. */
async function live(suite: Suite, page: Page, deltas: number): Promise<void> {
  for (let delta = 0; delta < deltas; delta += 1) {
    suite.server.publish(suite.server.world.step(0.1));
    await page.waitForTimeout(60);
  }
}

const sequenceOf = (page: Page) =>
  page.evaluate(() => {
    const console = document.querySelector("fairlead-console");
    return (Object(console).source as { store: { sequence: number } }).store.sequence;
  });

inBrowser("the console at 5,000 agents", { world: { agents: AGENTS, tasks: 50_000 } }, (suite) => {
  test.each([
    ["overview", "#/"],
    ["agents, sorted by what changes", links.agents({ sort: "cpus", desc: true })],
    ["agents, filtered", links.agents({ q: "rack-1 eu-1a" })],
    ["tasks", links.tasks({ state: "active" })],
  ])("lays out a few times a delta of a tenth, however many agents: %s", async (_name, hash) => {
    const page = await suite.open(hash);
    await page.getByText("5,000", { exact: true }).first().waitFor();
    await live(suite, page, 6);
    const deltas = 10;
    const { ms, layouts } = await workOf(page, () => live(suite, page, deltas));
    // Times are for people: what is held is what no neighbour on the machine can change.
    console.log(
      `${hash}: ${(ms / deltas).toFixed(1)} ms and ${(layouts / deltas).toFixed(1)} layouts a delta`,
    );
    expect(layouts / deltas).toBeLessThanOrEqual(4);
    await expect.poll(() => sequenceOf(page)).toBe(suite.server.world.sequence);
  });

  test("has a screenful of rows in the page, wherever one scrolls", async () => {
    const page = await suite.open("#/agents");
    await rowShows(page, { label: "Agents", index: 0, text: "node-1." });
    const grid = page.getByRole("grid", { name: "Agents" });
    expect(await grid.getAttribute("aria-rowcount")).toBe("5001");
    for (const part of [0.25, 0.5, 1]) {
      await grid.evaluate((element, to) => element.scrollTo(0, element.scrollHeight * to), part);
      const index = Math.min(AGENTS - 1, Math.floor(AGENTS * part) + 5);
      await page.locator(`#row-${index}`).waitFor();
      expect(await page.locator(".body [role=row]").count()).toBeLessThan(60);
    }
    expect(await page.locator(`#row-${AGENTS - 1}`).getAttribute("aria-rowindex")).toBe("5001");
  });

  test("keeps its memory over many deltas", async () => {
    const page = await suite.open(links.agents({ sort: "cpus", desc: true }));
    await page.getByText("5,000 agents").waitFor();
    const session = await page.context().newCDPSession(page);
    const used = async () => {
      await session.send("HeapProfiler.collectGarbage");
      const { usedSize } = await session.send("Runtime.getHeapUsage");
      const { nodes } = await session.send("Memory.getDOMCounters");
      return { megabytes: usedSize / 1_048_576, nodes };
    };
    await live(suite, page, 20);
    const before = await used();
    await live(suite, page, 150);
    const after = await used();
    console.log(before, after);
    expect(after.megabytes - before.megabytes).toBeLessThan(4);
    expect(after.nodes).toBeLessThan(before.nodes * 1.2 + 500);
    expect(after.megabytes).toBeLessThan(80);
  });
});
