/** What an agent that is told nothing else runs containers with. */
import { chown } from "node:fs/promises";
import { join } from "node:path";
import type { Disposer } from "../../base/mod.ts";
import type { Containerizer } from "../containerizer.ts";
import { probeHost } from "./containers/host.ts";
import { PosixContainerizer } from "./containers/posix/posix.ts";
import { Users } from "./containers/users.ts";
import { Launcher } from "./launcher/client.ts";

/** The machinery of this machine. */
export interface OwnContainers {
  readonly containerizers: readonly Containerizer[];
  /** Give a folder to a user. */
  readonly own: (folder: string, user: string) => Promise<void>;
}

/**
 * Open what this machine has; its launcher outlives the agent.
 *
 * @throws {FairleadError} `launcher_failed`.
 */
export async function openContainers(workDir: string, opened: Disposer): Promise<OwnContainers> {
  const launcher = opened.use(await Launcher.open({ folder: join(workDir, "launcher") }));
  const host = await probeHost();
  const users = new Users(launcher);
  return {
    containerizers: [opened.use(new PosixContainerizer({ launcher, host }))],
    own: async (folder, user) => {
      const { uid, gid } = await users.find(user);
      if (host.uid === 0 && uid !== 0) await chown(folder, uid, gid);
    },
  };
}
