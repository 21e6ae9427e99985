/**
 * Containers of this host: what the agent's shell takes from here.
 *
 * `probeHost()` looks at the machine once, `Launcher.open()` finds or starts the process that does
 * all spawning, and each containerizer is made of both.
 */

export { runCheck } from "../checks/run_check.ts";
export { Fetcher } from "../fetcher/fetcher.ts";
export {
  type FileRefusal,
  type FileScope,
  listFiles,
  readPiece,
} from "../files/sandbox_files.ts";
export { Launcher } from "../launcher/client.ts";
export { DockerContainerizer } from "./docker/docker.ts";
export { probeHost } from "./host.ts";
export { OciContainerizer } from "./oci/oci.ts";
export { PosixContainerizer } from "./posix/posix.ts";
export { Users } from "./users.ts";
