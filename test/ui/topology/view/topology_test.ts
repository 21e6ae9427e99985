import { expect, test } from "vitest";
import { node } from "../support/nodes.ts";
import { inMonitor, openCard, rowOf, stateOf } from "../support/suite.ts";
import { containerId } from "../support/world.ts";

inMonitor("<fairlead-topology>", { hosts: 4, containers: 60 }, (suite) => {
  test("begins with the best topology, and says how many nodes there are", async () => {
    const page = await suite.open("#!/state/%7B%22topologyViewMode%22%3A%22grid%22%7D");
    await page
      .getByRole("button", { name: /^Containers/ })
      .and(page.locator("[aria-current=true]"))
      .waitFor();
    await page.getByText("59 nodes").waitFor();
    await page.getByText("(3 filtered)").waitFor();
    expect(await page.title()).toBe("Containers · fairlead");
  });

  test("changes topology, and goes back with the browser", async () => {
    const page = await suite.open("#!/state/%7B%22topologyViewMode%22%3A%22grid%22%7D");
    await page.getByRole("button", { name: /^Hosts/ }).click();
    await rowOf(page, "host-3").waitFor();
    expect((await stateOf(page)).topologyId).toBe("hosts");
    await page.goBack();
    await rowOf(page, "edge-proxy-0").waitFor();
  });

  test("asks with the options that one chooses: one of some, any of others", async () => {
    const page = await suite.open("#!/state/%7B%22topologyViewMode%22%3A%22grid%22%7D");
    await page.getByLabel("Stopped containers").check();
    await page.getByText("3 nodes").waitFor();
    await page.getByLabel("Both").check();
    await page.getByText("61 nodes").waitFor();
    await page.getByLabel("shop", { exact: true }).check();
    await page.getByLabel("data", { exact: true }).check();
    await page.getByText("41 nodes").waitFor();
    expect(suite.collector.asked.at(-1)).toContain("namespace=shop%2Cdata");
    await page.getByLabel("All Namespaces").check();
    await page.getByText("61 nodes").waitFor();
  });

  test("searches as one types, marks what it finds, and counts in every topology", async () => {
    const page = await suite.open("#!/state/%7B%22topologyViewMode%22%3A%22grid%22%7D");
    await page.keyboard.press("/");
    await page.keyboard.type("orders-[01]");
    await page.getByText("2 found").waitFor();
    await page
      .getByRole("button", { name: /^Processes/ })
      .locator(".matches")
      .waitFor();
    expect(await rowOf(page, "orders-0").locator("mark").first().textContent()).toBe("orders-0");
    expect((await stateOf(page)).searchQuery).toBe("orders-[01]");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Remove filter orders-[01]" }).waitFor();
    await page.getByText("2 nodes").waitFor();
    await page.keyboard.type("cpu > 200%");
    await page.keyboard.press("Enter");
    await page.getByText("0 nodes").waitFor();
    await page.keyboard.press("Backspace");
    await page.getByText("2 nodes").waitFor();
  });

  test("opens cards that pile up, and closes them one by one", async () => {
    const page = await suite.open("#!/state/%7B%22topologyViewMode%22%3A%22grid%22%7D");
    const card = await openCard(page, "api-gateway-1");
    await card.getByText("Image name").waitFor();
    await card.getByRole("button", { name: "Show 4 more" }).click();
    await card.getByText("Restart #").waitFor();
    await card.locator("td.name button").filter({ hasText: "orders-1" }).click();
    await card.getByRole("heading", { name: "orders-1" }).waitFor();
    await page.getByTitle("Back to api-gateway-1").waitFor();
    expect((await stateOf(page)).nodeDetails).toHaveLength(2);
    await page.keyboard.press("Escape");
    await card.getByRole("heading", { name: "api-gateway-1" }).waitFor();
    await page.keyboard.press("Escape");
    await card.waitFor({ state: "detached" });
  });

  test("says of a card's node when it has gone", async () => {
    const page = await suite.open("#!/state/%7B%22topologyViewMode%22%3A%22grid%22%7D");
    await openCard(page, "api-gateway-1");
    suite.collector.world.remove(containerId(14));
    await expect
      .poll(
        async () => {
          suite.collector.world.step();
          suite.collector.publish();
          return page.getByText("is not there any more").isVisible();
        },
        { timeout: 15_000 },
      )
      .toBe(true);
  });

  test("runs a control, and asks first where the probe wants so", async () => {
    const page = await suite.open("#!/state/%7B%22topologyViewMode%22%3A%22grid%22%7D");
    const card = await openCard(page, "api-gateway-1");
    await card.getByRole("button", { name: "Pause" }).click();
    await card.getByRole("button", { name: "Unpause" }).waitFor();
    await card.getByRole("button", { name: "Unpause" }).click();
    await card.getByRole("button", { name: "Stop" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("Stop this container?").waitFor();
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await card.getByRole("button", { name: "Stop" }).click();
    await dialog.getByRole("button", { name: "Stop" }).click();
    await card.getByRole("button", { name: "Start" }).waitFor();
    const ran = suite.collector.controls.map(([, , control]) => control);
    expect(ran).toEqual([
      "docker_pause_container",
      "docker_unpause_container",
      "docker_stop_container",
    ]);
  });

  test("shows why a control failed", async () => {
    suite.collector.refusal = "probe probe-1 is not connected right now";
    const page = await suite.open("#!/state/%7B%22topologyViewMode%22%3A%22grid%22%7D");
    const card = await openCard(page, "api-gateway-1");
    await card.getByRole("button", { name: "Restart" }).click();
    await card.getByRole("alert").filter({ hasText: "is not connected right now" }).waitFor();
  });

  test("closes the card of a node that a control removed", async () => {
    suite.collector.world.setState(containerId(14), "exited");
    const page = await suite.open(
      `#!/state/${encodeURIComponent(JSON.stringify({ topologyViewMode: "grid", topologyOptions: { containers: { stopped: ["both"] } } }))}`,
    );
    const card = await openCard(page, "api-gateway-1");
    await card.getByRole("button", { name: "Remove" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
    await card.waitFor({ state: "detached" });
  });

  test("opens a terminal that types, resizes and closes its pipe", async () => {
    const page = await suite.open("#!/state/%7B%22topologyViewMode%22%3A%22grid%22%7D");
    const card = await openCard(page, "api-gateway-1");
    await card.getByRole("button", { name: "Exec shell" }).click();
    const terminal = page.locator("fairlead-terminal");
    await terminal.locator(".xterm-rows").filter({ hasText: "welcome to the shell" }).waitFor();
    await page.keyboard.type("ls -la");
    await page.keyboard.press("Enter");
    await expect.poll(() => suite.collector.typed).toBe("ls -la\r");
    await expect
      .poll(() =>
        suite.collector.controls.some(([, , control]) => control === "docker_resize_exec_tty"),
      )
      .toBe(true);
    const [, , , args] = suite.collector.controls.at(-1)!;
    expect(args).toMatchObject({ pipeID: "pipe-1", height: expect.stringMatching(/^\d+$/) });
    await page.keyboard.press("Escape");
    await terminal.getByRole("button", { name: "Close terminal" }).click();
    await terminal.waitFor({ state: "detached" });
    await expect.poll(() => suite.collector.asked.includes("DELETE /api/pipe/pipe-1")).toBe(true);
  });

  test("pauses at a moment, travels to another, and goes on live", async () => {
    const page = await suite.open("#!/state/%7B%22topologyViewMode%22%3A%22grid%22%7D");
    await page.keyboard.press("p");
    await page.getByText(/^Showing 20/).waitFor();
    expect((await stateOf(page)).pausedAt).toMatch(/^20/);
    await page.getByRole("button", { name: "Travel in time" }).click();
    await page.getByRole("button", { name: "15 s earlier" }).click();
    await page.getByText("30 nodes").waitFor();
    await page.getByRole("button", { name: "Paused" }).click();
    await page.getByText("59 nodes").waitFor();
    expect((await stateOf(page)).pausedAt).toBeUndefined();
  });

  test("tells what changed in the last minute, and opens it", async () => {
    const page = await suite.open("#!/state/%7B%22topologyViewMode%22%3A%22grid%22%7D");
    await page.keyboard.press("c");
    await page.getByText("Nothing changed.").waitFor();
    suite.collector.world.setState(containerId(14), "paused");
    suite.collector.world.add(node("late;<container>", { label: "latecomer" }));
    suite.collector.publish();
    const panel = page.locator("fairlead-changes-panel");
    await panel.getByText("State: running → paused").waitFor();
    await panel.getByText("latecomer").waitFor();
    await panel.getByText("api-gateway-1").click();
    await page
      .locator("fairlead-node-card")
      .getByRole("heading", { name: "api-gateway-1" })
      .waitFor();
  });

  test("says that the collector is away, and goes on by itself", async () => {
    const page = await suite.open("#!/state/%7B%22topologyViewMode%22%3A%22grid%22%7D");
    suite.collector.away = true;
    suite.collector.cut();
    await page.getByText(/Trying to reconnect/).waitFor();
    suite.collector.away = false;
    await page.getByText(/Trying to reconnect/).waitFor({ state: "detached" });
    await page.getByText("59 nodes").waitFor();
  });

  test("restores everything from a link", async () => {
    const first = await suite.open("#!/state/%7B%22topologyViewMode%22%3A%22grid%22%7D");
    await openCard(first, "api-gateway-1");
    const nodes = first.getByRole("grid", { name: "Nodes" });
    await nodes.getByRole("columnheader", { name: "CPU" }).click();
    await first.keyboard.press("/");
    await first.keyboard.type("orders");
    await expect.poll(async () => (await stateOf(first)).searchQuery).toBe("orders");
    const { hash } = new URL(first.url());
    const page = await suite.open(hash);
    await page
      .locator("fairlead-node-card")
      .getByRole("heading", { name: "api-gateway-1" })
      .waitFor();
    expect(await page.getByRole("searchbox").inputValue()).toBe("orders");
    await page.locator("[aria-sort=descending]").filter({ hasText: "CPU" }).waitFor();
  });

  test("shows resources as boxes, and opens the card of one", async () => {
    const page = await suite.open("#!/state/%7B%22topologyViewMode%22%3A%22resource%22%7D");
    const hosts = page.locator("fairlead-resources .layer-0");
    await expect.poll(() => hosts.count()).toBe(4);
    await page.getByRole("button", { name: "Memory", exact: true }).click();
    await page
      .getByText(/of 16 GB/)
      .first()
      .waitFor();
    await hosts.first().click();
    await page
      .locator("fairlead-node-card")
      .getByRole("heading", { name: /^host-/ })
      .waitFor();
  });

  test("saves the report and the nodes, and resets the view", async () => {
    const page = await suite.open("#!/state/%7B%22topologyViewMode%22%3A%22grid%22%7D");
    const save = async (item: string) => {
      await page.getByRole("button", { name: "Troubleshooting" }).click();
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("menuitem", { name: item }).click(),
      ]);
      return download.suggestedFilename();
    };
    expect(await save("Save the report as JSON")).toBe("report.json");
    expect(await save("Save these nodes as JSON")).toBe("containers.json");
    await page.getByRole("button", { name: "Troubleshooting" }).click();
    await page.getByRole("menuitem", { name: "Reset the view" }).click();
    expect(new URL(page.url()).hash).toBe("");
  });

  test("helps with shortcuts, syntax and the fields that there are", async () => {
    const page = await suite.open("#!/state/%7B%22topologyViewMode%22%3A%22grid%22%7D");
    await page.keyboard.press("?");
    const dialog = page.getByRole("dialog", { name: "Help" });
    await dialog.getByText("image name:").waitFor();
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "hidden" });
    await page.keyboard.press("h");
    await expect.poll(() => page.locator("fairlead-topology[contrast]").count()).toBe(1);
  });
});
