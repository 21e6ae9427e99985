/**
 * `npm run -s soak:view -- --minutes 10`: the view over a real collector of a synthetic datacenter
 * whose load moves, used all the while in all its modes; its memory is read after collections.
 *
 * Exit codes: 0 nothing grew past its bounds; 1 something did, or the page complained.
 */
import { Command, InvalidArgumentError } from "commander";
import type { CDPSession, Page } from "playwright-core";
import { startMonitor } from "../../../examples/monitor/monitor.ts";
import { simulate } from "../../../examples/monitor/simulate.ts";
import { launch, NO_BROWSER, openPage } from "../support/browser.ts";

/** What a page holds after a collection. */
interface Held {
  readonly megabytes: number;
  readonly domNodes: number;
  readonly listeners: number;
}

const MEGABYTE = 1_048_576;
/** What may be added from the first reading to the last. */
const GROWTH = { megabytes: 10, domNodes: 1_000, listeners: 200 } as const;

function countOf(text: string): number {
  const number = Number(text);
  if (text === "" || !Number.isFinite(number) || number <= 0) {
    throw new InvalidArgumentError("it must be a number above 0.");
  }
  return number;
}

const flags = new Command("soak:view")
  .description("Use the topology view for minutes, and read what it holds.")
  .option("--minutes <n>", "for so long", countOf, 10)
  .option("--hosts <n>", "of the datacenter", countOf, 100)
  .option("--containers <n>", "of the datacenter", countOf, 1_000)
  .parse()
  .opts<{ minutes: number; hosts: number; containers: number }>();

async function heldBy(session: CDPSession): Promise<Held> {
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  const { nodes, jsEventListeners } = await session.send("Memory.getDOMCounters");
  return { megabytes: usedSize / MEGABYTE, domNodes: nodes, listeners: jsEventListeners };
}

/** One look around: every mode, a search, a card of a node, the list of changes. */
async function look(page: Page): Promise<void> {
  await page.keyboard.press("t");
  const cell = page.locator("fairlead-node-table [role=row] [role=gridcell]").first();
  await cell.click();
  await page.locator("fairlead-node-card").getByRole("region").first().waitFor();
  await page.getByRole("button", { name: "Close details" }).click();
  await page.keyboard.press("r");
  await page.locator("fairlead-resources").waitFor();
  await page.keyboard.press("c");
  await page.keyboard.press("c");
  await page.keyboard.press("g");
  await page.locator("fairlead-graph .shown").waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type("api");
  await page.waitForTimeout(2_000);
  // The first empties the field, the second leaves it.
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await page.waitForTimeout(5_000);
}

async function soak(): Promise<string[]> {
  await using monitor = await startMonitor({ port: 0, hostname: "127.0.0.1" });
  const stop = new AbortController();
  void simulate(monitor.collector, flags, stop.signal);
  const browser = await launch();
  try {
    const { page, complaints } = await openPage(browser);
    await page.goto(`${monitor.url}/monitor/`);
    page.setDefaultTimeout(60_000);
    await page.locator("fairlead-graph .shown").waitFor();
    const session = await page.context().newCDPSession(page);
    // Code that is compiled and buffers that grow to their size are no leak.
    for (let warm = 0; warm < 3; warm += 1) await look(page);
    const first = await heldBy(session);
    let last = first;
    const endMs = performance.now() + flags.minutes * 60_000;
    while (performance.now() < endMs) {
      await look(page);
      last = await heldBy(session);
      const { megabytes, domNodes, listeners } = last;
      console.log(`${megabytes.toFixed(1)} MB, ${domNodes} DOM nodes, ${listeners} listeners`);
    }
    const grown = (["megabytes", "domNodes", "listeners"] as const).flatMap((key) => {
      const more = last[key] - first[key];
      return more > GROWTH[key] ? [`${key} grew by ${more.toFixed(1)}`] : [];
    });
    return [...grown, ...complaints];
  } finally {
    stop.abort();
    await browser.close();
  }
}

if (NO_BROWSER !== undefined) throw new Error(`Cannot use the view: ${NO_BROWSER}`);
const faults = await soak();
for (const fault of faults) console.log(fault);
process.exitCode = faults.length === 0 ? 0 : 1;
