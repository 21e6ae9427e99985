import { links } from "fairlead/ui";
import { expect, test } from "vitest";
import { inBrowser } from "../support/suite.ts";
import { MASTER_ID } from "../support/world.ts";

const framework = `${MASTER_ID}-0001`;

inBrowser("<fairlead-framework>", { world: { agents: 60, tasks: 400 } }, (suite) => {
  test("opens with the answer to why nothing is offered", async () => {
    const page = await suite.open(links.framework(framework));
    await page.locator("h1").filter({ hasText: "batch-nightly" }).waitFor();
    await page.getByText("What the allocator says").waitFor();
    await page.getByText("its tasks run on for 7 d").waitFor();
  });

  test("has tabs for its tasks and offers", async () => {
    const page = await suite.open(links.framework(framework));
    await page.getByRole("button", { name: "Tasks", exact: true }).click();
    await page.waitForURL(/tab=tasks/);
    const { tasks } = suite.server.world;
    const own = tasks.filter(({ frameworkId }) => frameworkId === framework);
    await page.getByText(`${own.length} tasks`).waitFor();
    expect(await page.getByRole("columnheader", { name: "Framework" }).count()).toBe(0);
    await page.getByRole("button", { name: "Offers", exact: true }).click();
    await page.getByRole("grid", { name: "Offers" }).waitFor();
  });

  test("is torn down after a question that says what it costs", async () => {
    const page = await suite.open(links.framework(framework));
    await page.getByRole("button", { name: "Tear down…" }).click();
    await page.getByText("This cannot be undone").waitFor();
    await page.getByRole("dialog").getByRole("button", { name: "Tear down" }).click();
    await page.locator(".state").filter({ hasText: "Completed" }).waitFor();
    expect(suite.server.calls).toEqual([
      { type: "TEARDOWN", teardown: { framework_id: { value: framework } } },
    ]);
    expect(await page.getByRole("button", { name: "Tear down…" }).count()).toBe(0);
  });

  test("links only web addresses that a framework gave", async () => {
    const page = await suite.open(links.framework(framework));
    await page.getByRole("link", { name: "Open its UI" }).waitFor();
    const { world } = suite.server;
    const row = world.frameworks.get(framework)!;
    world.frameworks.set(framework, { ...row, webuiUrl: "javascript:alert(1)" });
    suite.server.publish(world.delta([], [framework]));
    await expect.poll(() => page.getByRole("link", { name: "Open its UI" }).count()).toBe(0);
  });

  test("says so when there is none", async () => {
    const page = await suite.open("#/frameworks/nobody");
    await page.getByText("No such framework").waitFor();
  });
});
