/** One sample of the suite `ui`: a page in a new headless Chromium, on a server of its own. */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { chromium, type Page } from "playwright-core";
import { build } from "tsup";
import type { Params } from "./harness.ts";
import { percentile } from "./harness_stats.ts";

/** Of what, and with which library. */
export interface GraphQuestion {
  readonly name: string;
  readonly what: string;
  readonly params: Params;
}

/** What the page's `run` gives. */
interface Drawn {
  readonly firstMs: number;
  readonly seen: number;
  readonly count: number;
  readonly taken: readonly number[];
}

/** No graphics processor, and WebGL by the processor: what servers and virtual machines have. */
const FLAGS = [
  "--no-sandbox",
  "--use-gl=angle",
  "--use-angle=swiftshader",
  "--enable-unsafe-swiftshader",
  "--disable-background-networking",
  "--no-first-run",
];
/** So many nodes may hide behind others. */
const HIDDEN_MAX = 0.01;

/** Open the page, draw, and answer with one value and how many nodes were to be seen. */
export async function measureGraph({ name, what, params }: GraphQuestion) {
  const server = await serve(await script());
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: FLAGS });
  try {
    const page = await browser.newPage({ viewport: { width: 1_600, height: 900 } });
    const query = new URLSearchParams({ name, what, params: JSON.stringify(params) });
    await page.goto(`${server.url}?${query}`, { waitUntil: "commit", timeout: 120_000 });
    await page.waitForFunction("globalThis.drawn !== undefined", undefined, { timeout: 120_000 });
    const drawn = await page.evaluate<Drawn>("globalThis.drawn");
    const value = what === "heap" ? await heapOf(page) : measured(what, drawn);
    const isWhole = drawn.seen >= drawn.count * (1 - HIDDEN_MAX);
    const { seen, count } = drawn;
    return { value, answer: isWhole ? "every node is drawn" : `${seen} of ${count} nodes`, seen };
  } finally {
    await browser.close();
    server.close();
  }
}

function measured(what: string, { firstMs, taken }: Drawn): number {
  return what === "first" ? firstMs : percentile(taken, 0.95);
}

async function heapOf(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  return usedSize / 1_048_576;
}

async function script(): Promise<string> {
  const outDir = `.fairlead/bench_ui/${process.pid}`;
  await build({
    config: false,
    entry: { page: "bench/ui_page.ts" },
    outDir,
    format: "iife",
    platform: "browser",
    target: "es2022",
    tsconfig: "tsconfig.json",
    noExternal: [/.*/],
    minify: true,
    dts: false,
    silent: true,
    outExtension: () => ({ js: ".js" }),
  });
  return readFileSync(`${outDir}/page.js`, "utf8");
}

async function serve(code: string): Promise<{ readonly url: string; close(): void }> {
  const ask = `
    const asked = new URLSearchParams(location.search);
    run(asked.get("name"), asked.get("what"), JSON.parse(asked.get("params")))
      .then((drawn) => Object.assign(globalThis, { drawn }));`;
  const page = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Graph</title>
    <body style="margin:0"><script>${code.replaceAll("</script", "<\\/script")}${ask}</script></body></html>`;
  const server = createServer((_request, response) => {
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.end(page);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  const port = address !== null && typeof address === "object" ? address.port : 0;
  return { url: `http://127.0.0.1:${port}/`, close: () => server.close() };
}
