import { expect, test } from "vitest";
import { cellsOf, inBrowser, rowShows } from "../support/suite.ts";

const label = "Tasks";

inBrowser("<fairlead-tasks>", { world: { agents: 100, tasks: 5_000 } }, (suite) => {
  test("loads only the pages that are looked at", async () => {
    const page = await suite.open("#/tasks");
    await page.getByText("5,000 tasks").waitFor();
    await rowShows(page, { label, index: 0, text: "api-" });
    const asked = () => suite.server.asked.filter((path) => path.startsWith("/tasks"));
    expect(asked().every((path) => path.includes("offset=0&limit=200"))).toBe(true);
    await page.getByRole("grid", { name: label }).focus();
    await page.keyboard.press("End");
    await rowShows(page, { label, index: 4_999, text: "worker-" });
    expect(asked().some((path) => path.includes("offset=4800"))).toBe(true);
    expect(asked().some((path) => path.includes("offset=2000"))).toBe(false);
    expect(await page.locator("[role=grid] [role=row]").count()).toBeLessThan(60);
  });

  test("narrows by state, framework and text on the server", async () => {
    const page = await suite.open("#/tasks");
    await page.getByText("5,000 tasks").waitFor();
    await page.getByRole("combobox", { name: "State" }).selectOption("TASK_FAILED");
    await page.getByRole("combobox", { name: "Framework" }).selectOption({ label: "marathon" });
    await page.getByRole("searchbox").fill("web");
    await page.waitForURL(/q=web/);
    const { tasks, frameworks } = suite.server.world;
    const wanted = tasks.filter(
      ({ state, frameworkId, name }) =>
        state === "TASK_FAILED" &&
        frameworks.get(frameworkId)?.name === "marathon" &&
        name.includes("web"),
    );
    await page.getByText(new RegExp(`^${wanted.length} tasks?$`)).waitFor();
    expect((await cellsOf(page, label, 0))[1]).toBe("Failed");
  });

  test("shows what an address asks for, and sorts on the server", async () => {
    const page = await suite.open("#/tasks?state=active&sort=started&desc=1");
    await rowShows(page, { label, index: 0, text: "ago" });
    expect(await page.getByRole("combobox", { name: "State" }).inputValue()).toBe("active");
    await page.locator("[aria-sort=descending]").filter({ hasText: "Started" }).waitFor();
    const path = suite.server.asked.find((each) => each.startsWith("/tasks")) ?? "";
    expect(path).toContain("sort=started");
    expect(path).toContain("desc=1");
  });

  test("refreshes what is looked at as the cluster lives", async () => {
    const page = await suite.open("#/tasks?q=web-1");
    await rowShows(page, { label, index: 0, text: "web-1" });
    const { world } = suite.server;
    const [name] = await cellsOf(page, label, 0);
    const task = world.tasks.find((each) => each.name === name)!;
    task.state = "TASK_KILLING";
    await suite.liveUntil(page.locator("#row-0").filter({ hasText: "Killing" }));
  });

  test("says when nothing matches", async () => {
    const page = await suite.open("#/tasks?q=zzz");
    await page.getByText("No task matches").waitFor();
  });
});
