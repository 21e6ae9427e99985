/**
 * Pictures of every page, for looking at: `npx tsx --tsconfig tsconfig.json test/ui/support/shots.ts
 * [folder] [agents]`. Those of the documentation are made with `docs/images`.
 */
import { mkdirSync } from "node:fs";
import { links } from "fairlead/ui";
import { launch, openPage } from "./browser.ts";
import { ConsoleServer } from "./server.ts";
import { MASTER_ID } from "./world.ts";

const [folder = ".fairlead/shots", agents = "5000", only = ""] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
await using server = await ConsoleServer.start({
  agents: Number(agents),
  tasks: Number(agents) * 10,
});
const { world } = server;
const framework = `${MASTER_ID}-0001`;
const task = world.tasks.find(({ state }) => state === "TASK_RUNNING")!;
const failed = world.tasks.find(({ state }) => state === "TASK_FAILED")!;
world.windows = [
  {
    machines: [...world.agents.values()].slice(3, 24).map(({ hostname, address }) => {
      return { hostname, ip: address.replace(/:.*/, "") };
    }),
    startMs: world.nowMs + 5_400_000,
    durationMs: 7_200_000,
  },
];

const PAGES: readonly (readonly [string, string])[] = [
  ["overview", links.overview()],
  ["agents", links.agents({ sort: "cpus", desc: true })],
  ["agent", links.agent(task.agentId)],
  ["agent_resources", links.agent(`${MASTER_ID}-S9`, { tab: "resources" })],
  ["agent_files", links.agent(`${MASTER_ID}-S9`, { tab: "files" })],
  ["frameworks", links.frameworks()],
  ["framework", links.framework(framework)],
  ["roles", links.roles()],
  ["role", links.role("services")],
  ["tasks", links.tasks({ state: "active" })],
  ["task", links.task(task.frameworkId, task.id)],
  ["task_failed", links.task(failed.frameworkId, failed.id, { tab: "files" })],
  ["offers", links.offers()],
  ["maintenance", links.maintenance()],
  ["missing", "#/nowhere"],
];

const browser = await launch();
try {
  for (const colorScheme of ["light", "dark"] as const) {
    const { page, complaints } = await openPage(browser, { colorScheme });
    for (const [name, hash] of PAGES) {
      if (only !== "" && !only.split(",").includes(name)) continue;
      await page.goto(`${server.url}/console/${hash}`);
      await page.waitForTimeout(400);
      for (let step = 0; step < 6; step += 1) {
        server.publish(world.step());
        world.nowMs += 700;
        await page.waitForTimeout(60);
      }
      await page.waitForTimeout(300);
      await page.screenshot({ path: `${folder}/${name}_${colorScheme}.png` });
    }
    if (complaints.length > 0) console.log(colorScheme, complaints);
  }
} finally {
  await browser.close();
}
