import { expect, test } from "vitest";
import { inBrowser } from "../support/suite.ts";

inBrowser("<fairlead-cluster>", { world: { agents: 90, tasks: 400 } }, (suite) => {
  test("shows what is used, offered and free of each kind, in words and numbers", async () => {
    const page = await suite.open("#/");
    const { summary } = { summary: suite.server.world.summary() };
    const cpus = page.locator(".kind").filter({ hasText: "CPUs" });
    await cpus.waitFor();
    const text = String(await cpus.textContent()).replaceAll(/\s+/g, " ");
    const free = summary.total.cpus - summary.used.cpus - summary.offered.cpus;
    for (const value of [summary.used.cpus, summary.offered.cpus, free]) {
      expect(text).toContain(
        new Intl.NumberFormat("en-US", { maximumFractionDigits: value >= 1_000 ? 0 : 1 }).format(
          value,
        ),
      );
    }
    expect(await page.locator(".kind").count()).toBe(4);
  });

  test("lives: a delta changes the numbers and tells an event", async () => {
    const page = await suite.open("#/");
    const { server } = suite;
    const [agent] = [...server.world.agents.values()].filter(({ state }) => state === "active");
    await page.locator(".map .counts").waitFor();
    server.world.agents.set(agent!.id, { ...agent!, state: "unreachable" });
    server.publish(server.world.delta([agent!.id], []));
    const event = page.locator(".events li").first();
    await event.filter({ hasText: `${agent!.hostname} is unreachable` }).waitFor();
    await page.locator(".map .counts").filter({ hasText: "unreachable" }).waitFor();
  });

  test("leads from a state of tasks to those tasks", async () => {
    const page = await suite.open("#/");
    await page.locator(".states a").filter({ hasText: "Failed" }).click();
    await page.waitForURL(/#\/tasks\?state=TASK_FAILED$/);
    await page.locator("h1").filter({ hasText: "Tasks" }).waitFor();
  });

  test("its map tells an agent under the pointer, and opens it", async () => {
    const page = await suite.open("#/");
    const canvas = page.locator("fairlead-map canvas");
    await canvas.hover({ position: { x: 5, y: 5 } });
    await page.locator("fairlead-map .pointed").filter({ hasText: "node-1.rack-1" }).waitFor();
    await canvas.click({ position: { x: 5, y: 5 } });
    await page.locator("h1").filter({ hasText: "node-1.rack-1.example" }).waitFor();
  });

  test("names three things to try that lead somewhere", async () => {
    const page = await suite.open("#/");
    expect(await page.locator("fairlead-tips li").count()).toBe(3);
    await page.locator("fairlead-tips li").nth(0).getByRole("link").click();
    await page.locator("fairlead-explain").waitFor();
  });
});

inBrowser("<fairlead-cluster> of an empty cluster", { world: { agents: 0, tasks: 0 } }, (suite) => {
  test("says how to begin", async () => {
    const page = await suite.open("#/");
    await page.getByText("No agents yet").waitFor();
    await page.getByText(`--master ${suite.server.url}`).waitFor();
    await page.getByText("No tasks yet").waitFor();
  });
});
