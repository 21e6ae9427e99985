import { createHash } from "node:crypto";
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { defineConfig } from "tsup";

const OUT = "dist/monitor";

/** Give a file the name of its content, so that a browser may keep it for ever. */
function hashed(path: string): string {
  const text = readFileSync(`${OUT}/${path}`);
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 10);
  const name = path.replace(/\.([a-z]+)$/, `-${hash}.$1`);
  renameSync(`${OUT}/${path}`, `${OUT}/${name}`);
  return name;
}

/** The topology view as a page: its scripts, its style, and the HTML that names them. */
export default defineConfig({
  entry: { main: "src/ui/monitor/main.ts" },
  outDir: OUT,
  format: "esm",
  platform: "browser",
  target: "es2022",
  // The terminal is loaded when the first one opens.
  splitting: true,
  minify: true,
  treeshake: true,
  clean: true,
  sourcemap: false,
  dts: false,
  noExternal: [/.*/],
  silent: true,
  outExtension: () => ({ js: ".js" }),
  onSuccess: async () => {
    mkdirSync(OUT, { recursive: true });
    writeFileSync(`${OUT}/page.css`, readFileSync("src/ui/monitor/page.css"));
    // The console's, which is built before: a classic script, which no chunk may be split off.
    const early = readdirSync("dist/console").find((name) => /^early-.*\.js$/.test(name));
    if (early === undefined) throw new Error("dist/console has no early script: build it first");
    copyFileSync(`dist/console/${early}`, `${OUT}/early.js`);
    for (const stale of readdirSync(OUT).filter((name) => /-[0-9a-f]{10}\./.test(name))) {
      rmSync(`${OUT}/${stale}`);
    }
    let page = readFileSync("src/ui/monitor/index.html", "utf8");
    for (const name of ["main.js", "early.js", "page.css"]) {
      page = page.replaceAll(`{{${name}}}`, hashed(name));
    }
    writeFileSync(`${OUT}/index.html`, page);
  },
});
