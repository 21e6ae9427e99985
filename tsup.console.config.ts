import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { defineConfig } from "tsup";

const OUT = "dist/console";

/** Give a file the name of its content, so that a browser may keep it for ever. */
function hashed(path: string): string {
  const text = readFileSync(`${OUT}/${path}`);
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 10);
  const name = path.replace(/\.([a-z]+)$/, `-${hash}.$1`);
  renameSync(`${OUT}/${path}`, `${OUT}/${name}`);
  return name;
}

/** Pages: the scripts, each in one file, the style, and the HTML of each that names them. */
export default defineConfig({
  entry: {
    main: "src/ui/console/main.ts",
    early: "src/ui/console/early.ts",
    migration: "src/ui/console/migration.ts",
  },
  outDir: OUT,
  format: "esm",
  platform: "browser",
  target: "es2022",
  splitting: false,
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
    writeFileSync(`${OUT}/page.css`, readFileSync("src/ui/console/page.css"));
    for (const stale of readdirSync(OUT).filter((name) => /-[0-9a-f]{10}\./.test(name))) {
      rmSync(`${OUT}/${stale}`);
    }
    const names = ["main.js", "early.js", "migration.js", "page.css"];
    const places = new Map(names.map((name) => [name, hashed(name)]));
    for (const file of ["index.html", "migration.html"]) {
      let page = readFileSync(`src/ui/console/${file}`, "utf8");
      for (const [name, place] of places) page = page.replaceAll(`{{${name}}}`, place);
      writeFileSync(`${OUT}/${file}`, page);
    }
  },
});
