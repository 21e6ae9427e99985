/** A launcher in a folder of its own, for tests. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Launcher } from "../../../../src/agent/node/launcher/client.ts";
import type { Program, StartSpec } from "../../../../src/agent/node/launcher/protocol.ts";
import { asyncDispose } from "../../../../src/base/mod.ts";

/** A folder with a launcher; disposing ends what runs and removes all of it. */
export class TestLauncher implements AsyncDisposable {
  readonly folder: string;
  launcher: Launcher;

  private constructor(folder: string, launcher: Launcher) {
    this.folder = folder;
    this.launcher = launcher;
  }

  static async open(options: { idleMs?: number } = {}): Promise<TestLauncher> {
    const folder = mkdtempSync(join(tmpdir(), "fairlead-launcher-"));
    const launcher = await Launcher.open({ folder: join(folder, "run"), ...options });
    return new TestLauncher(folder, launcher);
  }

  /** Let go, and come back as another agent would. */
  async reopen(): Promise<void> {
    await this.launcher[asyncDispose]();
    this.launcher = await Launcher.open({ folder: join(this.folder, "run") });
  }

  /** What runs `script` in sh, with logs in this folder. */
  spec(id: string, script: string, more: Partial<StartSpec> = {}): StartSpec {
    const log = { bytesMax: 1_000_000, filesMax: 2 };
    return {
      id,
      program: shell(script, this.folder),
      stdout: { path: this.path(`${id}.out`), ...log },
      stderr: { path: this.path(`${id}.err`), ...log },
      ...more,
    };
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  read(name: string): string {
    return readFileSync(this.path(name), "utf8");
  }

  async [asyncDispose](): Promise<void> {
    for (const id of await this.launcher.list()) {
      const found = await this.launcher.find(id);
      if (found.status === "running") await this.launcher.signal(id, 9, { group: true });
      await found.ended;
      await this.launcher.forget(id);
    }
    process.kill(await this.launcher.pid(), "SIGTERM");
    await this.launcher[asyncDispose]();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A line for sh, in an empty environment but for PATH. */
export function shell(script: string, folder: string): Program {
  return {
    path: "/bin/sh",
    argv: ["sh", "-c", script],
    environment: { PATH: "/usr/bin:/bin" },
    folder,
  };
}
