/**
 * A container's own root: an overlay over its image, mounted in a mount namespace that only the
 * runtime and the container are in. It is gone with them, whatever becomes of the agent.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Launcher } from "../../launcher/client.ts";
import { Obstacle } from "../failures.ts";
import type { Runtime } from "./runtime.ts";

/** Folders of a container's root. */
export interface RootFolders {
  /** Where the root appears. */
  readonly rootfs: string;
  readonly upper: string;
  readonly work: string;
}

const SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/** What the options of a mount use themselves. */
const MEANINGFUL = /[,:\\\n]/;

/** Make the folders of a root, under the container's own. */
export async function makeRootFolders(folder: string): Promise<RootFolders> {
  const folders = {
    rootfs: join(folder, "rootfs"),
    upper: join(folder, "upper"),
    work: join(folder, "work"),
  };
  await Promise.all(Object.values(folders).map((path) => mkdir(path, { mode: 0o755 })));
  return folders;
}

/**
 * The argv that prepares a root and then becomes the runtime.
 *
 * What goes wrong before that is written to `logPath`, and the status is 125.
 */
export function preparing(
  runtime: Runtime,
  root: { readonly lower: string; readonly folders: RootFolders; readonly overlay: boolean },
  logPath: string,
  argv: readonly string[],
): string[] {
  const { lower, folders, overlay } = root;
  const steps = runtime.hidden.map((path) => `umount ${quote(path)}`);
  if (overlay) {
    if (MEANINGFUL.test(lower + folders.upper)) {
      throw new Obstacle(`${lower} cannot be mounted: its path has a comma, colon or backslash`);
    }
    const options = `lowerdir=${lower},upperdir=${folders.upper},workdir=${folders.work}`;
    steps.push(`mount -t overlay -o ${quote(options)} overlay ${quote(folders.rootfs)}`);
  }
  if (steps.length === 0) return [...argv];
  const script = `{ ${steps.join(" && ")}; } 2>> ${quote(logPath)} || exit 125\nexec "$@"`;
  return ["unshare", "-m", "sh", "-c", script, "sh", ...argv];
}

/** Whether overlays can be mounted over and on the file systems of these folders. */
export async function overlayWorks(folder: string, launcher: Launcher): Promise<boolean> {
  const script = `
    cd "$1" && rm -rf probe && mkdir -p probe/lower probe/upper probe/work probe/merged &&
    touch probe/lower/seen &&
    unshare -m sh -c 'mount -t overlay -o lowerdir=probe/lower,upperdir=probe/upper,workdir=probe/work overlay probe/merged && test -e probe/merged/seen'
    status=$?; rm -rf probe; exit $status`;
  const { waitStatus } = await runScript(launcher, script, [folder]);
  return waitStatus === 0;
}

/** A root where overlays do not work: a copy. */
export async function copyRoot(lower: string, rootfs: string, launcher: Launcher): Promise<void> {
  const script = 'exec cp -a --reflink=auto -- "$1/." "$2/"';
  const { waitStatus, stderr } = await runScript(launcher, script, [lower, rootfs]);
  if (waitStatus !== 0) throw new Obstacle(`its image cannot be copied: ${stderr.trim()}`);
}

function runScript(launcher: Launcher, script: string, args: readonly string[]) {
  return launcher.run({
    program: {
      path: "/bin/sh",
      argv: ["sh", "-c", script, "sh", ...args],
      environment: { PATH: SYSTEM_PATH },
      folder: "/",
    },
    timeoutMs: 600_000,
    outputBytesMax: 100_000,
  });
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
