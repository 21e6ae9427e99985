/** The folders of persistent volumes. */
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { FairleadError } from "../../base/mod.ts";
import type { VolumeFolder } from "../core/events.ts";
import { volumeFolder } from "../core/paths.ts";

/** Makes and removes volumes, one change after the other. */
export class VolumeKeeper {
  readonly #workDir: string;
  readonly #trouble: (message: string, details: Readonly<Record<string, unknown>>) => void;
  #last: Promise<void> = Promise.resolve();

  constructor(
    workDir: string,
    trouble: (message: string, details: Readonly<Record<string, unknown>>) => void,
  ) {
    this.#workDir = workDir;
    this.#trouble = trouble;
  }

  /** Have an empty folder, or none. */
  change(type: "create_volume" | "destroy_volume", volume: VolumeFolder): void {
    const folder = volumeFolder(this.#workDir, volume);
    this.#then(`${type === "create_volume" ? "create" : "destroy"} volume ${folder}`, async () => {
      if (type === "create_volume") await mkdir(folder, { recursive: true, mode: 0o755 });
      else if (!volume.mount) await rm(folder, { recursive: true, force: true });
      else await empty(folder);
    });
  }

  /** Move the volumes of an identity that is gone out of the way of new ones. */
  setAside(agentId: string): void {
    const from = join(this.#workDir, "volumes");
    const to = `${from}.of-${encodeURIComponent(agentId)}`;
    this.#then(`set ${from} aside`, async () => {
      await rename(from, to).catch((error: unknown) => {
        if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
      });
    });
  }

  /** Everything asked for is done. */
  settled(): Promise<void> {
    return this.#last;
  }

  #then(what: string, act: () => Promise<void>): void {
    this.#last = this.#last.then(act).catch((error: unknown) => {
      const { message, code } = FairleadError.from(error);
      this.#trouble(`Cannot ${what}: ${message}`, { code });
    });
  }
}

/** A volume that is a whole disk stays mounted. */
async function empty(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    await rm(join(folder, name), { recursive: true, force: true });
  }
}
