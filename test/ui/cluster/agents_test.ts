import { expect, test } from "vitest";
import { cellsOf, inBrowser, rowShows } from "../support/suite.ts";

const label = "Agents";

inBrowser("<fairlead-agents>", { world: { agents: 300, tasks: 900 } }, (suite) => {
  test("lists agents as people count, with bars in words", async () => {
    const page = await suite.open("#/agents");
    await rowShows(page, { label, index: 9, text: "node-10.rack-10.example" });
    const [host, state, zone, cpus] = await cellsOf(page, label, 0);
    expect([host, zone]).toEqual(["node-1.rack-1.example", "eu-1a"]);
    expect(state).toMatch(/^[A-Z]/);
    expect(cpus).toMatch(/^\d+ % of (32|64)$/);
  });

  test("sorts by a click on a head, the largest first, and says so", async () => {
    const page = await suite.open("#/agents");
    await rowShows(page, { label, index: 0, text: "node-1." });
    const head = page.getByRole("columnheader", { name: "CPUs" });
    await head.click();
    await page.locator("[role=columnheader][aria-sort=descending]").waitFor();
    const load = async (index: number) =>
      Number.parseInt((await cellsOf(page, label, index))[3] ?? "", 10);
    const loads = [await load(0), await load(5), await load(15)];
    expect(loads).toEqual(loads.toSorted((a, b) => b - a));
    expect(page.url()).toContain("sort=cpus&desc=1");
    await head.click();
    await page.locator("[role=columnheader][aria-sort=ascending]").waitFor();
  });

  test("filters by words and state, and keeps both in the address", async () => {
    const page = await suite.open("#/agents");
    await page.getByRole("searchbox").fill("rack:r5 eu-1b");
    await page.getByRole("button", { name: /^Active/ }).click();
    await page.waitForURL(/q=rack%3Ar5\+eu-1b&state=active/);
    const { agents } = suite.server.world;
    const wanted = [...agents.values()].filter(
      ({ attributes, zone, state }) =>
        attributes.rack === "r5" && zone === "eu-1b" && state === "active",
    );
    await page.getByText(`${wanted.length} of 300 agents`).waitFor();
    expect((await cellsOf(page, label, 0))[0]).toBe(wanted[0]?.hostname);
    await page.getByRole("searchbox").press("Escape");
    await page.waitForURL(/#\/agents\?state=active$/);
  });

  test("shows what an address asks for", async () => {
    const page = await suite.open("#/agents?sort=tasks&desc=1&q=rack-3.");
    await page.getByText("13 of 300 agents").waitFor();
    expect(await page.getByRole("searchbox").inputValue()).toBe("rack-3.");
    await page.locator("[aria-sort=descending]").filter({ hasText: "Tasks" }).waitFor();
  });

  test("changes rows in place as deltas come", async () => {
    const page = await suite.open("#/agents");
    const { world } = suite.server;
    const row = world.agents.get(`${world.summary().masterId}-S0`)!;
    await rowShows(page, { label, index: 0, text: row.hostname });
    world.agents.set(row.id, {
      ...row,
      state: "draining",
      used: { ...row.used, cpus: row.total.cpus },
    });
    suite.server.publish(world.delta([row.id], []));
    await rowShows(page, { label, index: 0, text: "Draining" });
    await rowShows(page, { label, index: 0, text: "100 % of" });
    suite.server.publish(world.delta([], [], [row.id]));
    await rowShows(page, { label, index: 0, text: "node-2." });
  });

  test("moves by arrow keys, opens by Enter, and sorts from the heads", async () => {
    const page = await suite.open("#/agents");
    await rowShows(page, { label, index: 0, text: "node-1." });
    const grid = page.getByRole("grid", { name: label });
    await grid.focus();
    const active = () => grid.getAttribute("aria-activedescendant");
    for (const key of ["ArrowDown", "ArrowDown", "ArrowUp"]) await page.keyboard.press(key);
    expect(await active()).toBe("row-1");
    await page.keyboard.press("End");
    await rowShows(page, { label, index: 299, text: "node-300." });
    await expect.poll(active).toBe("row-299");
    for (const key of ["Home", "ArrowUp", "ArrowRight", "Enter"]) await page.keyboard.press(key);
    await page.locator("[aria-sort=ascending]").filter({ hasText: "State" }).waitFor();
    expect(await active()).toBe("head-1");
    await page.keyboard.press("ArrowDown");
    const [host = ""] = await cellsOf(page, label, 0);
    await page.keyboard.press("Enter");
    await page.locator("h1").filter({ hasText: host }).waitFor();
  });

  test("drains from the row's menu after a question, by keyboard alone", async () => {
    const page = await suite.open("#/agents?state=active");
    await rowShows(page, { label, index: 0, text: "Active" });
    const [host = ""] = await cellsOf(page, label, 0);
    await page.getByRole("grid", { name: label }).focus();
    await page.keyboard.press(".");
    await page.getByRole("menuitem", { name: "Deactivate" }).waitFor();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog", { name: `Drain ${host}?` });
    await dialog.getByLabel(/grace period/).fill("30");
    await dialog.getByLabel(/Mark the agent gone/).check();
    await dialog.getByRole("button", { name: "Drain" }).click();
    await page.getByText(`${host} is draining`).first().waitFor();
    const [agent] = [...suite.server.world.agents.values()].filter(
      ({ hostname }) => hostname === host,
    );
    expect(suite.server.calls).toEqual([
      {
        type: "DRAIN_AGENT",
        drain_agent: {
          agent_id: { value: agent?.id },
          max_grace_period: { nanoseconds: 30_000_000_000 },
          mark_gone: true,
        },
      },
    ]);
  });

  test("shows the master's refusal in the dialog, which stays", async () => {
    const page = await suite.open("#/agents?state=active");
    await rowShows(page, { label, index: 0, text: "Active" });
    suite.server.refusal = { status: 403, text: "Not authorized to drain" };
    await page.locator("[data-acts]").first().click();
    await page.getByRole("menuitem", { name: "Drain…" }).click();
    await page.getByRole("button", { name: "Drain", exact: true }).click();
    await page.getByRole("alert").filter({ hasText: "Not authorized to drain" }).waitFor();
    await page.keyboard.press("Escape");
    await expect.poll(() => page.getByRole("dialog").count()).toBe(0);
  });
});

inBrowser(
  "<fairlead-agents> alone",
  {
    world: { agents: 3, tasks: 6 },
    extra:
      '<fairlead-agents src="/api/fairlead"></fairlead-agents><fairlead-roles></fairlead-roles>',
  },
  (suite) => {
    test("works in a page of one's own, and shares its stream with others there", async () => {
      const page = await suite.open("/alone");
      await rowShows(page, { label, index: 2, text: "node-3." });
      await rowShows(page, { label: "Roles", index: 0, text: " % of " });
      expect(suite.server.streams).toBe(1);
      await page.evaluate(() => document.body.replaceChildren());
      await expect.poll(() => suite.server.streams).toBe(0);
    });
  },
);

inBrowser("<fairlead-agents> of an empty cluster", { world: { agents: 0, tasks: 0 } }, (suite) => {
  test("says how to start one", async () => {
    const page = await suite.open("#/agents");
    await page.getByText("No agents yet").waitFor();
  });
});
