/**
 * Pictures of every page, for looking at, and those of the documentation:
 *
 *     npx tsx --tsconfig tsconfig.json test/ui/support/shots.ts [folder] [agents] [pages]
 *     npx tsx --tsconfig tsconfig.json test/ui/support/shots.ts docs/images 5000 docs
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { links } from "fairlead/ui";
import type { Page } from "playwright-core";
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

/** Page and scheme of each picture of the documentation. */
const DOCS = ["overview_light", "overview_dark", "agents_light", "framework_light", "task_dark"];

/** Let the cluster live for a while, with a day's rise and fall in a minute. */
async function live(page: Page, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    world.nowMs += 500;
    server.publish(world.step(0.1, Math.round(1.6 * Math.sin(second / 9))));
    await page.waitForTimeout(30);
  }
  await page.waitForTimeout(400);
}

async function shoot(page: Page, name: string): Promise<void> {
  if (only !== "docs") return void (await page.screenshot({ path: `${folder}/${name}.png` }));
  const session = await page.context().newCDPSession(page);
  const { data } = await session.send("Page.captureScreenshot", { format: "webp", quality: 82 });
  writeFileSync(`${folder}/console_${name}.webp`, Buffer.from(data, "base64"));
}

const browser = await launch();
try {
  for (const colorScheme of ["light", "dark"] as const) {
    const { page, complaints } = await openPage(browser, { colorScheme });
    for (const [name, hash] of PAGES) {
      const picture = `${name}_${colorScheme}`;
      if (only === "docs" ? !DOCS.includes(picture) : !`,${only || name},`.includes(`,${name},`)) {
        continue;
      }
      await page.goto(`${server.url}/console/${hash}`);
      await page.waitForTimeout(400);
      await live(page, only === "docs" ? 100 : 6);
      await shoot(page, picture);
    }
    if (complaints.length > 0) console.log(colorScheme, complaints);
  }
} finally {
  await browser.close();
}
