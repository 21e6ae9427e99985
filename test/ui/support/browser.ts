/** A headless Chromium for tests: one a file, and the reason when there is none. */
import { existsSync } from "node:fs";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

const PATH = "/usr/bin/chromium";
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Why tests in a browser cannot run here, if they cannot. */
export const NO_BROWSER = existsSync(PATH) ? undefined : `there is no ${PATH}`;

/** Appended to the name of a test that is skipped. */
export const skipReason = NO_BROWSER === undefined ? "" : ` (skipped: ${NO_BROWSER})`;

/** WebGL computed by the processor, as there is no other here. */
const SOFTWARE_GL = ["--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"];

/** Start one; with WebGL only where it is asked for. */
export async function launch({ webgl = false } = {}): Promise<Browser> {
  const args = webgl
    ? [...FLAGS.filter((flag) => flag !== "--disable-gpu"), ...SOFTWARE_GL]
    : FLAGS;
  return chromium.launch({ executablePath: PATH, args, headless: true });
}

/** What a page complained of: errors thrown, and refusals of the content policy. */
export interface Watched {
  readonly page: Page;
  readonly complaints: string[];
}

/** A page of its own context; 1440 × 900, UTC, and light unless told otherwise. */
export async function openPage(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<Watched> {
  const context = await browser.newContext({
    viewport: { width: 1_440, height: 900 },
    timezoneId: "UTC",
    locale: "en-US",
    colorScheme: "light",
    reducedMotion: "reduce",
    ...options,
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    const isNoise = /Failed to load resource|net::ERR/.test(message.text());
    if (message.type() === "error" && !isNoise) complaints.push(message.text());
  });
  return { page, complaints };
}
