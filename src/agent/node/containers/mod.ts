/**
 * Containers of this host: what the agent's shell takes from here.
 *
 * `probeHost()` looks at the machine once, `Launcher.open()` finds or starts the process that does
 * all spawning, and each containerizer is made of both.
 */

export { type RunCheckOptions, runCheck } from "../checks/run_check.ts";
export { Fetcher, type FetcherOptions, type FetchTo, type FetchUri } from "../fetcher/fetcher.ts";
export {
  type FileInfo,
  type FileRefusal,
  type FileScope,
  type Listing,
  listFiles,
  type Piece,
  readPiece,
} from "../files/sandbox_files.ts";
export { Launcher } from "../launcher/client.ts";
export type { LauncherOptions } from "../launcher/connect.ts";
export { type CgroupLayout, type CgroupProbe, probeCgroups } from "./cgroups/layout.ts";
export { DockerContainerizer, type DockerOptions } from "./docker/docker.ts";
export { type Host, probeHost } from "./host.ts";
export { OciContainerizer, type OciOptions } from "./oci/oci.ts";
export { type Isolation, PosixContainerizer, type PosixOptions } from "./posix/posix.ts";
export { type User, Users } from "./users.ts";
