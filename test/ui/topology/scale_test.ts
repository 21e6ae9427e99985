import { expect, test } from "vitest";
import { metricText } from "../../../src/ui/topology/data/formats.ts";
import { inMonitor, rowOf } from "./support/suite.ts";

const TABLE = "#!/state/%7B%22topologyViewMode%22%3A%22grid%22%7D";

inMonitor("the table of 10,000 containers", { hosts: 500, containers: 10_000 }, (suite) => {
  test("holds only the rows that are seen, sorts all, and goes to the last", async () => {
    suite.collector.isScope = false;
    const page = await suite.open(TABLE);
    await rowOf(page, "api-gateway-0").waitFor();
    const grid = page.getByRole("grid", { name: "Nodes" });
    const wanted = suite.collector.world.nodes("containers", { stopped: "running" });
    await expect
      .poll(() => grid.getAttribute("aria-rowcount"), { timeout: 30_000 })
      .toBe(String(wanted.size + 1));
    expect(await grid.getByRole("row").count()).toBeLessThan(60);
    await grid.getByRole("columnheader", { name: "CPU" }).click();
    const top = Math.max(
      ...[...wanted.values()].map(
        ({ metrics }) => metrics?.find(({ label }) => label === "CPU")?.value ?? 0,
      ),
    );
    await grid
      .locator("#row-0")
      .filter({ hasText: metricText({ value: top, format: "percent" }) })
      .waitFor();
    await grid.focus();
    await page.keyboard.press("End");
    await grid.locator(`#row-${wanted.size - 1}`).waitFor();
  }, 180_000);

  test("takes changes of every tenth container without falling behind", async () => {
    suite.collector.isScope = false;
    const page = await suite.open(TABLE);
    await rowOf(page, "api-gateway-0").waitFor();
    const ids = [...suite.collector.world.nodes("containers", { stopped: "running" }).keys()];
    for (let step = 0; step < 5; step += 1) {
      for (const id of ids.slice(step * 20, step * 20 + 20))
        suite.collector.world.setState(id, "paused");
      suite.collector.world.step();
      suite.collector.publish();
    }
    await page.keyboard.press("c");
    await page.locator("fairlead-changes-panel .counts").getByText("~100").waitFor();
  }, 180_000);
});
