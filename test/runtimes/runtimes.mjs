/** Each runtime: why it is missing on this machine, if it is, and how it runs a program. */

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { runInChromium } from "./chromium.mjs";

const modules = fileURLToPath(new URL("./node_modules/", import.meta.url));
const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const TIMEOUT_MS = 120_000;

/** The first is the one that the others are compared with. */
export const runtimes = [
  command(`this Node (${process.version})`, process.execPath, []),
  command("Node 22", `${modules}node22/bin/node`, []),
  command("Node 24", `${modules}node24/bin/node`, []),
  command("Deno", `${modules}@deno/linux-x64-glibc/deno`, ["run", "--no-prompt", "--cached-only"]),
  command("Bun", `${modules}@oven/bun-linux-x64/bin/bun`, ["run", "--no-install"]),
  {
    name: "Chromium",
    missing: () =>
      existsSync(CHROMIUM) ? undefined : `no ${CHROMIUM}: install it or set CHROMIUM to its path`,
    run: (folder, program) => runInChromium(CHROMIUM, folder, program),
  },
];

/** A runtime that is a command; it answers with what the program printed. */
function command(name, binary, args) {
  return {
    name,
    missing: () =>
      existsSync(binary) ? undefined : `npm has no binary for ${process.platform}-${process.arch}`,
    run(folder, program) {
      const { status, stdout, stderr, error } = spawnSync(binary, [...args, program], {
        cwd: folder,
        encoding: "utf8",
        timeout: TIMEOUT_MS,
        env: { PATH: process.env.PATH, HOME: folder, NO_COLOR: "1" },
      });
      if (error !== undefined) throw error;
      if (status !== 0) throw new Error(`ended with ${status}: ${stderr.trim()}`);
      return stdout;
    },
  };
}
