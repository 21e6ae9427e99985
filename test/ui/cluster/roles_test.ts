import { expect, test } from "vitest";
import { fairShare } from "../../../src/ui/cluster/roles.ts";
import { cellsOf, inBrowser, rowShows } from "../support/suite.ts";
import { World } from "../support/world.ts";

const label = "Roles";

test("fairShare() is by weight, among the roles that have frameworks", () => {
  const { roles } = new World({ agents: 10, tasks: 20 });
  const dues = roles.map((role) => fairShare(role, roles));
  expect(dues.reduce((sum, due) => sum + due, 0)).toBeCloseTo(1, 9);
  const services = roles.find(({ role }) => role === "services")!;
  const cron = roles.find(({ role }) => role === "cron")!;
  expect(fairShare(services, roles) / fairShare(cron, roles)).toBeCloseTo(3, 9);
  expect(fairShare({ ...cron, frameworks: [] }, roles)).toBe(0);
});

inBrowser("<fairlead-roles>", { world: { agents: 30, tasks: 400 } }, (suite) => {
  test("lists roles by dominant share beside what their weight is due", async () => {
    const page = await suite.open("#/roles");
    await rowShows(page, { label, index: 0, text: "services" });
    const [, share, weight, cpus] = await cellsOf(page, label, 0);
    expect(share).toMatch(/^[\d.]+ % of 25.0 %$/);
    expect(weight).toBe("3");
    expect(cpus).toMatch(/ of 720$/);
  });

  test("changes a weight, and shows it", async () => {
    const page = await suite.open("#/roles?q=cron");
    await rowShows(page, { label, index: 0, text: "cron" });
    await page.locator("#row-0 [data-acts]").click();
    await page.getByRole("menuitem", { name: "Change weight…" }).click();
    await page.getByRole("spinbutton", { name: "Weight" }).fill("4.5");
    await page.getByRole("button", { name: "Save" }).click();
    await rowShows(page, { label, index: 0, text: "4.5" });
    expect(suite.server.calls).toEqual([
      { type: "UPDATE_WEIGHTS", update_weights: { weight_infos: [{ role: "cron", weight: 4.5 }] } },
    ]);
  });

  test("changes a quota: guarantees and limits by kind, empty is none", async () => {
    const page = await suite.open("#/roles?q=services");
    await rowShows(page, { label, index: 0, text: "services" });
    await page.locator("#row-0 [data-acts]").click();
    await page.getByRole("menuitem", { name: "Change quota…" }).click();
    const dialog = page.getByRole("dialog", { name: "Quota of services" });
    expect(await dialog.getByRole("spinbutton", { name: "CPUs guarantee" }).inputValue()).toBe(
      "400",
    );
    await dialog.getByRole("spinbutton", { name: "CPUs guarantee" }).fill("");
    await dialog.getByRole("spinbutton", { name: "Disk limit" }).fill("5000");
    await dialog.getByLabel(/Force/).check();
    await dialog.getByRole("button", { name: "Save" }).click();
    await expect
      .poll(() => suite.server.calls)
      .toEqual([
        {
          type: "UPDATE_QUOTA",
          update_quota: {
            force: true,
            quota_configs: [
              {
                role: "services",
                guarantees: { mem: { value: 900_000 } },
                limits: { cpus: { value: 720 }, mem: { value: 1_800_000 }, disk: { value: 5_000 } },
              },
            ],
          },
        },
      ]);
  });

  test("refuses a weight of 0 without asking the master", async () => {
    const page = await suite.open("#/roles?q=cron");
    await rowShows(page, { label, index: 0, text: "cron" });
    await page.locator("#row-0 [data-acts]").click();
    await page.getByRole("menuitem", { name: "Change weight…" }).click();
    await page.getByRole("spinbutton", { name: "Weight" }).fill("0");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("alert").filter({ hasText: "above 0" }).waitFor();
    expect(suite.server.calls).toEqual([]);
  });
});
