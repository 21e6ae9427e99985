/** The runtime's program, crun or runc, and the lines that it is started with. */
import type { CgroupLayout } from "../cgroups/layout.ts";
import type { Host } from "../host.ts";

/** How an OCI runtime is used on this host. */
export interface Runtime {
  readonly kind: "crun" | "runc";
  readonly path: string;
  /** Hierarchies that it must not see: crun refuses v1 and v2 side by side. */
  readonly hidden: readonly string[];
}

/** Find crun or else runc; undefined when there is neither, or when it is not ours to use. */
export function findRuntime(host: Host, asked?: string): Runtime | undefined {
  const path = asked ?? host.program("crun") ?? host.program("runc");
  if (path === undefined || host.uid !== 0) return undefined;
  const kind = /runc[^/]*$/.test(path) && !/crun[^/]*$/.test(path) ? "runc" : "crun";
  return { kind, path, hidden: kind === "crun" ? hybridTrees(host.cgroups) : [] };
}

/** Where v1 controllers are in use, the v2 tree beside them. */
function hybridTrees({ controllers, unified }: CgroupLayout): string[] {
  const legacy = [...controllers.values()].some(({ version }) => version === 1);
  if (!legacy || unified === undefined) return [];
  return [unified.path.slice(0, -unified.inside.length)];
}

/** Options before the runtime's command. */
export function globalOptions(
  runtime: Runtime,
  how: { readonly stateFolder: string; readonly logPath: string; readonly cgroups: boolean },
): string[] {
  const { stateFolder, logPath, cgroups } = how;
  const common = ["--root", stateFolder, "--log", logPath, "--log-format", "json"];
  if (runtime.kind === "runc") return common;
  return [...common, "--cgroup-manager", cgroups ? "cgroupfs" : "disabled"];
}

/** The sentence of the last error in a runtime's log. */
export function lastError(log: string): string | undefined {
  const messages = log.split("\n").flatMap((line) => {
    try {
      const { level, msg }: { level?: unknown; msg?: unknown } = JSON.parse(line);
      return level === "error" && typeof msg === "string" ? [msg] : [];
    } catch {
      return line.trim() === "" ? [] : [line.trim()];
    }
  });
  return messages.at(-1);
}
