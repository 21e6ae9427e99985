import { expect, test } from "vitest";
import { cellsOf, inBrowser, rowShows } from "../support/suite.ts";

const label = "Frameworks";

inBrowser("<fairlead-frameworks>", { world: { agents: 20, tasks: 400 } }, (suite) => {
  test("lists frameworks with their tasks by state", async () => {
    const page = await suite.open("#/frameworks");
    await rowShows(page, { label, index: 0, text: "batch-nightly" });
    const [row] = [...suite.server.world.frameworks.values()].filter(
      ({ name }) => name === "batch-nightly",
    );
    const [, , roles, running] = await cellsOf(page, label, 0);
    expect([roles, running]).toEqual(["batch", String(row!.tasks.running)]);
  });

  test("filters by state and sorts by running tasks", async () => {
    const page = await suite.open("#/frameworks");
    await page.getByRole("button", { name: /Disconnected/ }).click();
    await rowShows(page, { label, index: 0, text: "chronos" });
    await page.getByText("1 frameworks").or(page.getByText("1 framework")).waitFor();
    await page.getByRole("button", { name: "All" }).click();
    await page.getByRole("columnheader", { name: "Running" }).click();
    await rowShows(page, { label, index: 0, text: "marathon" });
  });

  test("shows a new framework and the end of another as they come", async () => {
    const page = await suite.open("#/frameworks");
    const { world } = suite.server;
    await rowShows(page, { label, index: 7, text: "training" });
    const [row] = [...world.frameworks.values()];
    world.frameworks.set("new", { ...row!, id: "new", name: "aurora" });
    suite.server.publish(world.delta([], ["new"]));
    await rowShows(page, { label, index: 0, text: "aurora" });
    suite.server.publish({ ...world.delta([], []), frameworksRemoved: ["new"] });
    await rowShows(page, { label, index: 0, text: "batch-nightly" });
  });
});
