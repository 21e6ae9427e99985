import { links } from "fairlead/ui";
import { expect, test } from "vitest";
import { inBrowser } from "../support/suite.ts";

inBrowser("<fairlead-task>", { world: { agents: 10, tasks: 300 } }, (suite) => {
  const some = (state: string) => suite.server.world.tasks.find((task) => task.state === state)!;
  const addressOf = (state: string, query = {}) => {
    const { frameworkId, id } = some(state);
    return links.task(frameworkId, id, query);
  };

  test("tells the history as a timeline, oldest first, with what was said", async () => {
    const page = await suite.open(addressOf("TASK_FAILED"));
    await page.locator(".timeline").waitFor();
    const states = await page.locator(".timeline .what").allInnerTexts();
    expect(states).toEqual(["Staging", "Starting", "Running", "Running", "Failed"]);
    await page.getByText("Command exited with status 1").waitFor();
    await page.getByText(/REASON_COMMAND_EXECUTOR_FAILED · told by the executor/).waitFor();
    await page.locator(".timeline time").filter({ hasText: "+240 ms" }).waitFor();
  });

  test("says what the task is, with links to where it belongs", async () => {
    const page = await suite.open(addressOf("TASK_RUNNING"));
    await page.getByLabel("Command").filter({ hasText: "--port $PORT0" }).waitFor();
    await page.getByText("31002-31003").waitFor();
    await page.getByText("team: platform").waitFor();
    await page.getByRole("link", { name: some("TASK_RUNNING").hostname }).click();
    await page.waitForURL(/#\/agents\//);
  });

  test("shows stdout at once, stderr and the sandbox by tab and address", async () => {
    const page = await suite.open(addressOf("TASK_RUNNING"));
    await page.getByText("GET /items/42").first().waitFor();
    await page.getByRole("button", { name: "stderr" }).click();
    await page.waitForURL(/tab=stderr/);
    await page.getByText("low on rope").waitFor();
    await page.getByRole("button", { name: "Sandbox files" }).click();
    await page.getByRole("button", { name: "data" }).click();
    await page.getByRole("button", { name: "segment-0001.log" }).waitFor();
    await page.getByText("50 MB").waitFor();
    await page.getByRole("button", { name: "sandbox", exact: true }).click();
    await page.getByRole("button", { name: "stdout", exact: true }).nth(1).click();
    await page.getByRole("log").getByText("GET /items/42").first().waitFor();
  });

  test("follows a change of the task", async () => {
    const page = await suite.open(addressOf("TASK_RUNNING"));
    await page.locator(".timeline").waitFor();
    const task = some("TASK_RUNNING");
    const { world } = suite.server;
    world.nowMs += 60_000;
    task.state = "TASK_KILLED";
    task.statuses.push({ state: "TASK_KILLED", timestampMs: world.nowMs, message: "Asked for" });
    await suite.liveUntil(page.locator(".timeline .what").filter({ hasText: "Killed" }));
    await page.getByText("Asked for").waitFor();
  });

  test("says so when there is none", async () => {
    const page = await suite.open("#/tasks/nobody/nothing");
    await page.getByRole("alert").filter({ hasText: "Nothing at /tasks" }).waitFor();
  });
});
