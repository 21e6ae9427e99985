import { links } from "fairlead/ui";
import { test } from "vitest";
import { inBrowser } from "../support/suite.ts";

inBrowser("<fairlead-role>", { world: { agents: 30, tasks: 400 } }, (suite) => {
  test("shows share, quota and frameworks of the role, live", async () => {
    const page = await suite.open(links.role("services"));
    await page.getByText("due by weight 3: 25.0 %").waitFor();
    await page.getByRole("link", { name: "marathon" }).waitFor();
    await page.getByRole("cell", { name: "720" }).waitFor();
    const { world } = suite.server;
    world.roles = world.roles.map((row) =>
      row.role === "services" ? { ...row, share: 0.777 } : row,
    );
    suite.server.publish(world.delta([], []));
    await page.locator(".big").filter({ hasText: "77.7 %" }).waitFor();
  });

  test("has an address whatever its name holds", async () => {
    const page = await suite.open(links.role("ml/training"));
    await page.locator("h1").filter({ hasText: "ml/training" }).waitFor();
    await page.getByRole("link", { name: "show them" }).click();
    await page.waitForURL(/#\/tasks\?role=ml%2Ftraining/);
    await page.getByRole("button", { name: /Role ml\/training: show all/ }).click();
    await page.waitForURL(/#\/tasks$/);
  });

  test("says so when nobody is in it", async () => {
    const page = await suite.open(links.role("nobody"));
    await page.getByText("Nobody is in this role").waitFor();
  });
});
