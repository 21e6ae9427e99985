import { expect, test } from "vitest";
import { inBrowser } from "../support/suite.ts";
import { START_MS } from "../support/world.ts";

inBrowser("<fairlead-maintenance>", { world: { agents: 6, tasks: 0 } }, (suite) => {
  test("schedules a window for agents by hostname", async () => {
    const page = await suite.open("#/maintenance");
    await page.getByText("Nothing is scheduled").waitFor();
    await page.getByRole("button", { name: "Schedule maintenance…" }).click();
    await page.getByLabel("Machines").fill("node-1.rack-1.example\nnode-2.rack-2.example");
    await page.getByLabel("Begins").fill("2026-03-02T06:30");
    await page.getByLabel("Lasts, in minutes").fill("90");
    await page.getByRole("button", { name: "Schedule", exact: true }).click();
    await page.locator(".window").filter({ hasText: "2026-03-02 06:30:00" }).waitFor();
    const [call] = suite.server.calls;
    expect(call).toEqual({
      type: "UPDATE_MAINTENANCE_SCHEDULE",
      update_maintenance_schedule: {
        schedule: {
          windows: [
            {
              machine_ids: [
                { hostname: "node-1.rack-1.example", ip: "10.20.0.1" },
                { hostname: "node-2.rack-2.example", ip: "10.20.0.2" },
              ],
              unavailability: {
                start: { nanoseconds: Date.UTC(2026, 2, 2, 6, 30) * 1e6 },
                duration: { nanoseconds: 5_400_000_000_000 },
              },
            },
          ],
        },
      },
    });
  });

  test("refuses a hostname that no agent has", async () => {
    const page = await suite.open("#/maintenance");
    await page.getByRole("button", { name: "Schedule maintenance…" }).click();
    await page.getByLabel("Machines").fill("nobody.example");
    await page.getByRole("button", { name: "Schedule", exact: true }).click();
    await page.getByRole("alert").filter({ hasText: 'hostname "nobody.example"' }).waitFor();
    expect(suite.server.calls).toEqual([]);
  });

  test("takes scheduled machines down and brings them back", async () => {
    const machines = [{ hostname: "node-3.rack-3.example", ip: "10.20.0.3" }];
    suite.server.world.windows = [{ machines, startMs: START_MS + 3_600_000 }];
    const page = await suite.open("#/maintenance");
    await page.getByText("in 60 min, without end").waitFor();
    await page.getByRole("button", { name: "Take down…" }).click();
    await page.getByRole("button", { name: "Take down", exact: true }).click();
    await page.getByText("Down now").waitFor();
    await page.getByRole("button", { name: "Bring back…" }).click();
    await page.getByRole("button", { name: "Bring back", exact: true }).click();
    await page.getByText("Nothing is scheduled").waitFor();
    expect(suite.server.calls).toEqual([
      { type: "START_MAINTENANCE", start_maintenance: { machines } },
      { type: "STOP_MAINTENANCE", stop_maintenance: { machines } },
    ]);
  });

  test("removes one window and leaves the others", async () => {
    const machine = (number: number) => ({
      hostname: `node-${number}.rack-${number}.example`,
      ip: `10.20.0.${number}`,
    });
    suite.server.world.windows = [
      { machines: [machine(1)], startMs: START_MS + 3_600_000 },
      { machines: [machine(2)], startMs: START_MS + 7_200_000, durationMs: 60_000 },
    ];
    const page = await suite.open("#/maintenance");
    await page.getByRole("button", { name: "Remove…" }).first().click();
    await page.getByRole("button", { name: "Remove", exact: true }).click();
    await expect.poll(() => page.locator(".window").count()).toBe(1);
    expect(suite.server.world.windows.map(({ durationMs }) => durationMs)).toEqual([60_000]);
  });
});
