import { links, readLink } from "fairlead/ui";
import { expect, test } from "vitest";
import { inBrowser, rowShows } from "../support/suite.ts";

inBrowser("<fairlead-console>", { world: { agents: 90, tasks: 300 } }, (suite) => {
  test("navigates by links, marks the page, and names it in the title", async () => {
    const page = await suite.open("#/");
    for (const word of ["Agents", "Frameworks", "Roles", "Tasks", "Offers", "Maintenance"]) {
      const link = page
        .getByRole("navigation", { name: "Pages" })
        .getByRole("link", { name: word });
      await link.click();
      await page.locator("h1").filter({ hasText: word }).waitFor();
      expect(await link.getAttribute("aria-current")).toBe("page");
      await expect.poll(() => page.title()).toBe(`${word} · harbor-eu`);
    }
    await page.goBack();
    await page.locator("h1").filter({ hasText: "Offers" }).waitFor();
  });

  test("leads to the topology view where there is one, and from a task to its node", async () => {
    const page = await suite.open("#/");
    const link = page.getByRole("link", { name: "Topology" });
    await page.locator(".kind").first().waitFor();
    expect(await link.count()).toBe(0);
    const lead = () =>
      page.locator("fairlead-console").evaluate((element) => {
        element.setAttribute("topology", "/topology/monitor/");
      });
    await lead();
    expect(await link.getAttribute("href")).toBe("/topology/monitor/");
    const task = suite.server.world.tasks.find(({ state }) => state === "TASK_RUNNING")!;
    await page.goto(`${suite.server.url}/console/${links.task(task.frameworkId, task.id)}`);
    await lead();
    const href = await page.getByRole("link", { name: "Its node" }).getAttribute("href");
    expect(href).toMatch(/^\/topology\/monitor\/#!\/state\//);
    expect(readLink(href?.slice(href.indexOf("#")) ?? "")).toMatchObject({
      topologyId: "tasks",
      search: task.id,
    });
  });

  test("gives the focus to the heading of a page one comes to", async () => {
    const page = await suite.open("#/");
    await page.getByRole("link", { name: "Roles" }).click();
    await rowShows(page, { label: "Roles", index: 0, text: "services" });
    const focused = () =>
      page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.textContent?.trim());
    await expect.poll(focused).toBe("Roles");
  });

  test("skips to the page, filters by /, goes by g and a letter, and tells so by ?", async () => {
    const page = await suite.open("#/");
    await page.locator(".kind").first().waitFor();
    await page.keyboard.press("Tab");
    await page.getByRole("button", { name: "Skip to the page" }).press("Enter");
    const focused = () =>
      page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.localName);
    expect(await focused()).toBe("main");
    await page.keyboard.press("g");
    await page.keyboard.press("a");
    await page.waitForURL(/#\/agents$/);
    await rowShows(page, { label: "Agents", index: 0, text: "node-1." });
    await page.keyboard.press("/");
    await page.keyboard.type("rack-7");
    await page.waitForURL(/q=rack-7/);
    await page.keyboard.press("Escape");
    await page.getByRole("grid", { name: "Agents" }).focus();
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
    await page.keyboard.press("Escape");
    await expect.poll(() => page.getByRole("dialog").count()).toBe(0);
  });

  test("keeps the colours that were chosen, before the first paint", async () => {
    const page = await suite.open("#/");
    const button = page.getByRole("button", { name: /^Colours/ });
    await button.click();
    await button.click();
    const scheme = () =>
      page.evaluate(() => getComputedStyle(document.documentElement).colorScheme);
    expect(await scheme()).toBe("dark");
    await page.reload();
    expect(await scheme()).toBe("dark");
    await page.getByRole("button", { name: "Colours: dark" }).click();
    expect(await scheme()).toBe("light dark");
  });

  test("says that the master is away, keeps what it has, and comes back by itself", async () => {
    const page = await suite.open("#/agents");
    await rowShows(page, { label: "Agents", index: 0, text: "node-1." });
    suite.server.away = true;
    suite.server.cut();
    const banner = page.getByRole("alert").filter({ hasText: "The master is away" });
    await banner.waitFor();
    await page.getByText("Master away").waitFor();
    await rowShows(page, { label: "Agents", index: 0, text: "node-1." });
    suite.server.away = false;
    const live = page.getByText("Live", { exact: true });
    // The feed also tries by itself, and may be back already.
    await banner.getByRole("button", { name: "Try now" }).or(live).first().click();
    await live.waitFor();
    await expect.poll(() => page.getByRole("alert").count()).toBe(0);
    expect(suite.server.resumed.at(-1)).toBe("1");
  });

  test("says that another master leads, and the way to it", async () => {
    suite.server.standsBy = true;
    const page = await suite.open("#/");
    const banner = page.getByRole("alert").filter({ hasText: "Another master leads" });
    const way = banner.getByRole("link", { name: "Go to the leader" });
    expect(await way.getAttribute("href")).toBe("/redirect");
    suite.server.standsBy = false;
    await page.locator(".kind").first().waitFor();
  });

  test("asks who one is when the master does, and keeps it for the tab", async () => {
    suite.server.authorization = `Basic ${btoa("operator:rope")}`;
    const page = await suite.open("#/");
    await page.getByRole("heading", { name: "Sign in to the master" }).waitFor();
    await page.getByLabel("Principal", { exact: true }).fill("operator");
    await page.getByLabel("Secret", { exact: true }).fill("wrong");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByLabel("Secret", { exact: true }).fill("rope");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.locator(".kind").first().waitFor();
    await page.reload();
    await page.locator(".kind").first().waitFor();
  });

  test("takes a token as well", async () => {
    suite.server.authorization = "Bearer abc.def";
    const page = await suite.open("#/roles");
    await page.getByLabel("Token").check();
    await page.getByRole("textbox", { name: "Token" }).fill(" abc.def ");
    await page.getByRole("button", { name: "Sign in" }).click();
    await rowShows(page, { label: "Roles", index: 0, text: "services" });
  });

  test("says when an address leads nowhere", async () => {
    const page = await suite.open("#/nowhere");
    await page.getByRole("link", { name: "To the overview" }).click();
    await page.locator(".kind").first().waitFor();
  });

  test("is narrow on a narrow screen, and nothing is cut off", async () => {
    for (const hash of ["#/", "#/agents", "#/roles", "#/tasks", "#/maintenance"]) {
      const page = await suite.open(hash, { viewport: { width: 800, height: 700 } });
      await page.getByText("Live", { exact: true }).waitFor({ state: "attached" });
      await page.waitForTimeout(100);
      const wide = await page.evaluate(() => {
        const main = document.querySelector("fairlead-console")?.shadowRoot?.querySelector("main");
        return [
          document.documentElement.scrollWidth,
          (main?.scrollWidth ?? 0) - (main?.clientWidth ?? 0),
        ];
      });
      expect([hash, ...wide]).toEqual([hash, 800, 0]);
      await page.close();
    }
  });
});
