import { links } from "fairlead/ui";
import { expect, test } from "vitest";
import { inBrowser, violationsInBoth } from "./support/suite.ts";
import { MASTER_ID } from "./support/world.ts";

const framework = `${MASTER_ID}-0001`;
const agent = `${MASTER_ID}-S9`;

/** Page, address, and what is there once the page is. */
const PAGES: readonly (readonly [string, string, string])[] = [
  ["overview", "#/", "fairlead-map canvas"],
  ["agents", links.agents(), "#row-3"],
  ["agent", links.agent(agent), "fairlead-tasks #row-0"],
  ["agent's resources", links.agent(agent, { tab: "resources" }), "pre"],
  ["agent's sandboxes", links.agent(agent, { tab: "files" }), ".list button"],
  ["frameworks", links.frameworks(), "#row-3"],
  ["framework", links.framework(framework), ".reasons button"],
  ["framework's offers", links.framework(framework, { tab: "offers" }), "[role=grid]"],
  ["roles", links.roles(), "#row-3"],
  ["role", links.role("services"), ".big"],
  ["tasks", links.tasks({ state: "active", agent }), "#row-0"],
  ["offers", links.offers(), "#row-0"],
  ["maintenance", links.maintenance(), "fairlead-maintenance .button"],
  ["unknown", "#/nowhere", ".empty"],
];

inBrowser("every page", { world: { agents: 70, tasks: 600 } }, (suite) => {
  test.each(PAGES)("has no violation of axe-core in light and dark: %s", async (_, hash, there) => {
    const page = await suite.open(hash, { bypassCSP: true });
    await page.locator(there).first().waitFor();
    expect(await violationsInBoth(page)).toEqual([]);
  });

  test("has no violation in light and dark: a task", async () => {
    const task = suite.server.world.tasks.find(({ state }) => state === "TASK_FAILED")!;
    const page = await suite.open(links.task(task.frameworkId, task.id), { bypassCSP: true });
    await page.locator(".line").first().waitFor();
    expect(await violationsInBoth(page)).toEqual([]);
  });

  test("has no violation in light and dark: dialogs, shortcuts, the banner, signing in", async () => {
    const page = await suite.open(links.role("services"), { bypassCSP: true });
    await page.getByRole("button", { name: "Change quota…" }).click();
    await page.getByRole("dialog").waitFor();
    expect(await violationsInBoth(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
    expect(await violationsInBoth(page)).toEqual([]);
    await page.keyboard.press("Escape");
    suite.server.away = true;
    suite.server.cut();
    await page.getByRole("alert").first().waitFor();
    expect(await violationsInBoth(page)).toEqual([]);
    suite.server.away = false;
    suite.server.authorization = "Bearer x";
    suite.server.cut();
    const signIn = page.getByRole("heading", { name: "Sign in to the master" });
    // The feed also tries by itself, and may have been asked for a password already.
    await page.getByRole("button", { name: "Try now" }).or(signIn).first().click();
    await signIn.waitFor();
    expect(await violationsInBoth(page)).toEqual([]);
  });
});
