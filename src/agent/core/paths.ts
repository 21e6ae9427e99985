/** Where things are in an agent's work folder; plain text, always with slashes. */
import type { VolumeFolder } from "./events.ts";

/** What the path of a sandbox is made of. */
export interface SandboxIds {
  readonly agentId: string;
  readonly frameworkId: string;
  readonly executorId: string;
  /** The executor's container. */
  readonly container: string;
}

/** The folder with every run of an executor. */
export function runsFolder(workDir: string, ids: Omit<SandboxIds, "container">): string {
  const { agentId, frameworkId, executorId } = ids;
  return (
    `${workDir}/agents/${segment(agentId)}/frameworks/${segment(frameworkId)}` +
    `/executors/${segment(executorId)}/runs`
  );
}

/** The sandbox of one run of an executor. */
export function sandboxFolder(workDir: string, ids: SandboxIds): string {
  return `${runsFolder(workDir, ids)}/${segment(ids.container)}`;
}

/** The sandbox of a container inside another: its id is "parent.child" (and so on). */
export function nestedSandbox(parent: string, container: string): string {
  return `${parent}/containers/${segment(container.slice(container.lastIndexOf(".") + 1))}`;
}

/** Where the data of a persistent volume is. */
export function volumeFolder(workDir: string, { role, id, root, mount }: VolumeFolder): string {
  if (root !== undefined && mount) return root;
  // A role's own slashes would make folders of other roles its parents.
  const owner = role.split("/").map(segment).join(" ");
  return `${root ?? workDir}/volumes/roles/${owner}/${segment(id)}`;
}

/** One name of a path: ids that would lead elsewhere are escaped. */
function segment(id: string): string {
  if (id === "" || id === "." || id === "..") return id === "" ? "%" : id.replaceAll(".", "%2E");
  return id.replaceAll("%", "%25").replaceAll("/", "%2F").replaceAll("\0", "%00");
}
