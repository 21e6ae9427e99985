/**
 * Run a program in headless Chromium: the folder served on loopback as it is, bare imports resolved
 * by an import map, no bundler. What the program logs is what it printed.
 */

import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join, normalize } from "node:path";
import { chromium } from "playwright-core";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const TIMEOUT_MS = 120_000;
const TYPES = { mjs: "text/javascript", js: "text/javascript", wasm: "application/wasm" };

/** Everything that the program logs, a line each. @throws when it throws */
export async function runInChromium(executablePath, folder, program) {
  const server = await serve(folder);
  const browser = await chromium.launch({ executablePath, args: FLAGS, headless: true });
  try {
    const page = await browser.newPage();
    let printed = "";
    page.on("console", (message) => {
      if (message.type() === "log") printed += `${message.text()}\n`;
    });
    page.setDefaultTimeout(TIMEOUT_MS);
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    await page.evaluate((path) => import(path), `/${program}`);
    return printed;
  } finally {
    await browser.close();
    server.close();
  }
}

function serve(folder) {
  const imports = JSON.stringify({ imports: importMap(folder) });
  const page = `<!doctype html><meta charset="utf-8"><script type="importmap">${imports}</script>`;
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? "/", "http://localhost").pathname);
    if (path === "/") return response.setHeader("content-type", "text/html").end(page);
    try {
      const body = readFileSync(join(folder, path));
      const type = TYPES[path.split(".").at(-1) ?? ""] ?? "application/octet-stream";
      response.setHeader("content-type", type).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve(server));
  });
}

/** Every export of every installed package, by the conditions of a browser. */
function importMap(folder) {
  const map = {};
  for (const name of packages(join(folder, "node_modules"))) {
    const path = `node_modules/${name}`;
    const manifest = JSON.parse(readFileSync(join(folder, path, "package.json"), "utf8"));
    const doors = manifest.exports ?? { ".": manifest.module ?? manifest.main ?? "./index.js" };
    for (const [door, target] of Object.entries(doors)) {
      const file = choose(target);
      if (door.startsWith(".") && !door.includes("*") && file !== undefined) {
        map[join(name, door)] = `/${join(path, file)}`;
      }
    }
  }
  return map;
}

function* packages(modules) {
  for (const name of readdirSync(modules)) {
    if (name.startsWith(".")) continue;
    if (!name.startsWith("@")) yield name;
    else for (const part of readdirSync(join(modules, name))) yield `${name}/${part}`;
  }
}

/** The target of the first condition that a browser meets. */
function choose(target) {
  if (typeof target === "string") return target;
  const met = ["browser", "import", "module", "default"];
  for (const [condition, inner] of Object.entries(target ?? {})) {
    const file = met.includes(condition) ? choose(inner) : undefined;
    if (file !== undefined) return file;
  }
  return undefined;
}
