/** `/proc/PID/cgroup`: in which container's control group a process is. */

/**
 * What runtimes write before and after a container's id: `/docker/ID`, `docker-ID.scope`,
 * `libpod-ID`, `crio-ID`, `cri-containerd-ID`, `/kubepods/…/ID`.
 */
const ID = /(?:^|[/:-])([0-9a-f]{64})(?:\.scope)?(?=$|\/)/g;

/** The container's id; undefined for a process outside of containers. The innermost one counts. */
export function containerIdOf(cgroup: string): string | undefined {
  let found: string | undefined;
  for (const line of cgroup.split("\n")) {
    const path = line.slice(line.indexOf(":", line.indexOf(":") + 1) + 1);
    if (path.includes("libpod-conmon-")) continue;
    const [, id] = [...path.matchAll(ID)].at(-1) ?? [];
    found ??= id;
  }
  return found;
}

/** A process's folders in the hierarchies, by controller; v2's key is "". */
export function parseCgroups(cgroup: string): Map<string, string> {
  const folders = new Map<string, string>();
  for (const line of cgroup.split("\n")) {
    const [, names, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (names === undefined || path === undefined) continue;
    for (const name of names.split(",")) folders.set(name, path);
  }
  return folders;
}
