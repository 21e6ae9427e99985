import { links } from "fairlead/ui";
import { expect, test } from "vitest";
import { cellsOf, inBrowser, rowShows } from "../support/suite.ts";
import { MASTER_ID } from "../support/world.ts";

const framework = `${MASTER_ID}-0001`;
const label = "Reasons by agent";

inBrowser("<fairlead-explain>", { world: { agents: 120, tasks: 300 } }, (suite) => {
  test("counts the reasons, the most common first, in plain words", async () => {
    const page = await suite.open(links.framework(framework));
    await page.getByText("What the allocator says").waitFor();
    const counts = (await page.locator(".reasons .count").allInnerTexts()).map(Number);
    expect(counts).toEqual(counts.toSorted((a, b) => b - a));
    expect(counts.reduce((sum, number) => sum + number, 0)).toBe(120);
    await page.getByText(/Of 120 agents, /).waitFor();
    await page.getByRole("button", { name: /It declined the agent a moment ago/ }).waitFor();
  });

  test("lists the agents of a chosen reason, and keeps it in the address", async () => {
    const page = await suite.open(links.framework(framework));
    await page.getByRole("button", { name: /role's limit is reached/ }).click();
    await page.waitForURL(/code=quota_limit/);
    await rowShows(page, { label, index: 0, text: "the role's limit leaves" });
    await page.reload();
    await rowShows(page, { label, index: 0, text: "the role's limit leaves" });
    const [host = ""] = await cellsOf(page, label, 0);
    await page.locator("#row-0 a").click();
    await page.locator("h1").filter({ hasText: host }).waitFor();
  });

  test("says what is wrong when the master cannot tell", async () => {
    const page = await suite.open(links.framework(framework));
    await page.getByText("What the allocator says").waitFor();
    suite.server.world.frameworks.delete(framework);
    await suite.liveUntil(page.getByRole("alert").filter({ hasText: "Nothing at /explain" }));
    await page.getByText("What the allocator says").waitFor();
  });
});
