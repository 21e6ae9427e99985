import { expect, test } from "vitest";
import { inBrowser } from "../support/suite.ts";

const extra = '<fairlead-files agent="a1" root="/sandbox/run"></fairlead-files>';

inBrowser("<fairlead-files>", { world: { agents: 1, tasks: 0 }, extra }, (suite) => {
  test("lists folders first, enters them, and goes no higher than its root", async () => {
    const page = await suite.open("/alone");
    await page.getByRole("button", { name: "stdout" }).waitFor();
    const names = await page.locator("td .name").allInnerTexts();
    expect(names.map((name) => name.trim())).toEqual(["data", "stderr", "stdout"]);
    await page.getByRole("button", { name: "data" }).click();
    await page.getByRole("button", { name: "segment-0001.log" }).waitFor();
    const crumbs = page.getByRole("navigation", { name: "Folder" }).getByRole("button");
    expect((await crumbs.allInnerTexts()).map((name) => name.trim())).toEqual(["sandbox", "data"]);
    const asked = suite.server.asked.filter((path) => path.includes("/files?"));
    expect(asked.at(-1)).toContain("path=%2Fsandbox%2Frun%2Fdata");
    await crumbs.first().click();
    await page.getByRole("button", { name: "stderr" }).waitFor();
    await page.evaluate(() =>
      document.querySelector("fairlead-files")?.setAttribute("path", "/etc"),
    );
    await page.waitForTimeout(50);
    expect(suite.server.asked.filter((path) => path.includes("%2Fetc"))).toEqual([]);
  });

  test("opens a file below the list", async () => {
    const page = await suite.open("/alone");
    await page.getByRole("button", { name: "stderr" }).click();
    await page.getByRole("log").getByText("low on rope").waitFor();
  });
});
