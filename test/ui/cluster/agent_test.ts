import { links } from "fairlead/ui";
import { expect, test } from "vitest";
import { cellsOf, inBrowser, rowShows } from "../support/suite.ts";
import { MASTER_ID } from "../support/world.ts";

const agent = `${MASTER_ID}-S9`;

inBrowser("<fairlead-agent>", { world: { agents: 20, tasks: 200 } }, (suite) => {
  test("shows the agent's facts, load and tasks", async () => {
    const page = await suite.open(links.agent(agent));
    const row = suite.server.world.agents.get(agent)!;
    await page.locator("h1").filter({ hasText: row.hostname }).waitFor();
    await page.getByText(row.address).waitFor();
    await page.getByText("rack: r10").waitFor();
    const tasks = suite.server.world.tasks.filter(({ agentId }) => agentId === agent);
    await page.getByText(`${tasks.length} tasks`).waitFor();
    await expect
      .poll(() => cellsOf(page, "Tasks", 0))
      .toContain(tasks.map(({ name }) => name).sort()[0]);
  });

  test("has a tab for resources, offers and files, each with an address", async () => {
    const page = await suite.open(links.agent(agent));
    await page.getByRole("button", { name: "Resources" }).click();
    await page.waitForURL(/tab=resources/);
    await page.getByRole("link", { name: "stateful" }).waitFor();
    await page.getByText("4 CPUs, 8 GB memory").waitFor();
    await page.getByRole("button", { name: "Offers" }).click();
    await page.getByRole("grid", { name: "Offers" }).waitFor();
    await page.getByRole("button", { name: "Sandboxes" }).click();
    const task = suite.server.world.tasks.find(({ agentId }) => agentId === agent);
    await page.getByRole("searchbox", { name: "Filter sandboxes" }).fill(task!.name);
    await page.getByRole("button", { name: task!.name }).click();
    await page.getByRole("button", { name: "stdout" }).click();
    await page.waitForURL(/tab=files.*file=.*%2Fstdout/);
    await page.reload();
    await page.getByText("GET /health").first().waitFor();
  });

  test("deactivates, then offers to reactivate", async () => {
    const page = await suite.open(links.agent(agent));
    await page.getByRole("button", { name: "Deactivate" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Deactivate" }).click();
    await page.getByRole("button", { name: "Reactivate" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Reactivate" }).click();
    await page.getByRole("button", { name: "Deactivate" }).waitFor();
    expect(suite.server.calls.map(({ type }) => type)).toEqual([
      "DEACTIVATE_AGENT",
      "REACTIVATE_AGENT",
    ]);
  });

  test("marks gone only after a question", async () => {
    const page = await suite.open(links.agent(agent));
    await page.getByRole("button", { name: "Mark gone…" }).click();
    await page.getByText("never come back").waitFor();
    await page.getByRole("button", { name: "Cancel" }).click();
    expect(suite.server.calls).toEqual([]);
    await page.getByRole("button", { name: "Mark gone…" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Mark gone" }).click();
    await expect.poll(() => suite.server.calls.length).toBe(1);
    expect(suite.server.calls[0]).toMatchObject({
      mark_agent_gone: { agent_id: { value: agent } },
    });
  });

  test("says so when there is none", async () => {
    const page = await suite.open("#/agents/nobody");
    await page.getByText("No such agent").waitFor();
  });

  test("opens a task of it", async () => {
    const page = await suite.open(links.agent(agent));
    await rowShows(page, { label: "Tasks", index: 0, text: "" });
    await page.locator("#row-0 a").first().click();
    await page.waitForURL(/#\/tasks\//);
  });
});
