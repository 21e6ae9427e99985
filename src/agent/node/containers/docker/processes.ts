/** Processes of a container on this host, where its engine runs on this host. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = "/sys/fs/cgroup";

/** All that share a cgroup with a process; only itself where that cannot be told. */
export function processesBeside(pid: number): number[] {
  for (const folder of cgroupsOf(pid)) {
    const found = inside(folder);
    if (found.includes(pid)) return found;
  }
  return [pid];
}

/** Folders of a process' cgroups: the v2 one, and that of a v1 controller. */
function cgroupsOf(pid: number): string[] {
  const lines = readText(`/proc/${pid}/cgroup`).split("\n");
  return lines.flatMap((line) => {
    const [, controllers, path = "/"] = line.split(":");
    if (path === "/" || controllers === undefined) return [];
    if (controllers === "") return [join(ROOT, path), join(ROOT, "unified", path)];
    return controllers === "pids" || controllers === "memory"
      ? [join(ROOT, controllers, path)]
      : [];
  });
}

function inside(folder: string): number[] {
  const own = readText(join(folder, "cgroup.procs"))
    .split("\n")
    .filter((line) => line !== "")
    .map(Number);
  return [...own, ...subfolders(folder).flatMap(inside)];
}

function subfolders(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.filter((each) => each.isDirectory()).map(({ name }) => join(folder, name));
  } catch {
    return [];
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
