/**
 * Compile every kernel of asconfig.json and write it as a base64 module next to its seam.
 *
 * assembly/drf       → src/allocator/kernel/drf.generated.ts
 * assembly/placement → src/placement/kernel/placement.generated.ts
 * assembly/topology → src/topology/kernel/topology.generated.ts
 * assembly/znode_diff → src/migration/kernel/znode_diff.generated.ts
 *
 * A kernel whose sources, options and compiler did not change is not compiled again.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const root = fileURLToPath(new URL("..", import.meta.url));
process.chdir(root);

/** Where each kernel's module lives: in the one domain that uses it. */
const HOMES = {
  drf: "src/allocator/kernel/drf.generated.ts",
  placement: "src/placement/kernel/placement.generated.ts",
  topology: "src/topology/kernel/topology.generated.ts",
  znode_diff: "src/migration/kernel/znode_diff.generated.ts",
};

const config = JSON.parse(readFileSync("asconfig.json", "utf8"));
for (const [kernel, target] of Object.entries(config.targets)) {
  if (existsSync(`assembly/${kernel}/index.ts`))
    await compile(kernel, target.outFile, HOMES[kernel]);
}

async function compile(kernel, wasmFile, home) {
  const digest = sourcesDigest(kernel);
  if (existsSync(home) && existsSync(wasmFile) && readFileSync(home, "utf8").includes(digest)) {
    return;
  }
  const { error, stderr } = await asc.main([
    `assembly/${kernel}/index.ts`,
    "--config",
    "asconfig.json",
    "--target",
    kernel,
  ]);
  if (error) {
    console.error(stderr.toString());
    throw error;
  }
  const base64 = readFileSync(wasmFile).toString("base64");
  mkdirSync(dirname(home), { recursive: true });
  writeFileSync(
    home,
    `// Written by assembly/build.mjs from assembly/${kernel}; do not edit. Sources: ${digest}\n` +
      `export const WASM_BASE64 =\n  "${base64}";\n`,
  );
  console.error(`${kernel}: ${Buffer.from(base64, "base64").length} bytes → ${home}`);
}

function sourcesDigest(kernel) {
  const hash = createHash("sha256");
  for (const dir of ["assembly", `assembly/${kernel}`]) {
    for (const name of readdirSync(dir).sort()) {
      if (/\.(ts|mjs)$/.test(name)) hash.update(name).update(readFileSync(join(dir, name)));
    }
  }
  hash.update(readFileSync("asconfig.json"));
  hash.update(readFileSync("node_modules/assemblyscript/package.json"));
  return hash.digest("hex").slice(0, 32);
}
