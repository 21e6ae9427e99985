/** A containerizer with a launcher and a folder of its own, for the conformance suite. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type {
  Container,
  Containerizer,
  ContainerSpec,
} from "../../../../src/agent/containerizer.ts";
import { Launcher } from "../../../../src/agent/node/launcher/client.ts";
import { asyncDispose } from "../../../../src/base/mod.ts";

/** What makes a containerizer on a launcher; called again when the suite drops the first. */
export type OpenContainerizer = (launcher: Launcher, folder: string) => Promise<Containerizer>;

/** A command line for sh. */
export function sh(value: string): ContainerSpec["command"] {
  return { shell: true, value, arguments: [] };
}

/** The suite's workplace. */
export class Bench implements AsyncDisposable {
  readonly folder: string;
  readonly #open: OpenContainerizer;
  readonly #base: Partial<ContainerSpec>;
  #launcher: Launcher;
  #containerizer: Containerizer;
  #count = 0;

  private constructor(
    folder: string,
    open: OpenContainerizer,
    base: Partial<ContainerSpec>,
    launcher: Launcher,
    containerizer: Containerizer,
  ) {
    this.folder = folder;
    this.#open = open;
    this.#base = base;
    this.#launcher = launcher;
    this.#containerizer = containerizer;
  }

  /** @param base What every spec of this kind of container has: its image. */
  static async open(open: OpenContainerizer, base: Partial<ContainerSpec> = {}): Promise<Bench> {
    const folder = mkdtempSync(join(tmpdir(), "fairlead-containers-"));
    const launcher = await Launcher.open({ folder: join(folder, "run"), idleMs: 5_000 });
    return new Bench(folder, open, base, launcher, await open(launcher, folder));
  }

  get containerizer(): Containerizer {
    return this.#containerizer;
  }

  get launcher(): Launcher {
    return this.#launcher;
  }

  /** A spec in a sandbox of its own. */
  spec(more: Partial<ContainerSpec> = {}): ContainerSpec {
    const id = more.id ?? `c${process.pid}-${this.#count++}-${Date.now().toString(36)}`;
    const sandbox = join(this.folder, "sandboxes", id);
    mkdirSync(sandbox, { recursive: true });
    return {
      id,
      sandbox,
      command: sh("true"),
      environment: { PATH: "/usr/bin:/bin", MESOS_SANDBOX: sandbox, BENCH: sandbox },
      volumes: [],
      limits: {},
      shares: { cpus: 0.1, memBytes: 32 * 2 ** 20 },
      logs: { bytesMax: 1_000_000, filesMax: 2 },
      ...this.#base,
      ...more,
    };
  }

  /** Start it. */
  launch(spec: ContainerSpec): Promise<Container> {
    return this.#containerizer.launch(spec, { signal: new AbortController().signal });
  }

  /** Start a line of sh, and give the container and its spec. */
  async run(script: string, more: Partial<ContainerSpec> = {}) {
    const spec = this.spec({ command: sh(script), ...more });
    return { spec, container: await this.launch(spec) };
  }

  /** Drop the containerizer and its connection, and make both anew. */
  async reopen(): Promise<void> {
    await this.#containerizer[asyncDispose]();
    await this.#launcher[asyncDispose]();
    this.#launcher = await Launcher.open({ folder: join(this.folder, "run"), idleMs: 5_000 });
    this.#containerizer = await this.#open(this.#launcher, this.folder);
  }

  async [asyncDispose](): Promise<void> {
    await this.#containerizer[asyncDispose]();
    process.kill(await this.#launcher.pid(), "SIGTERM");
    await this.#launcher[asyncDispose]();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** What a container wrote. */
export function output(spec: ContainerSpec, name = "stdout"): string {
  return readFileSync(join(spec.sandbox, name), "utf8");
}

/** Look again until it holds, for five seconds. */
export async function eventually(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let n = 0; n < 500; n++) {
    if (await holds()) return;
    await new Promise((done) => setTimeout(done, 10));
  }
  throw new Error(`never: ${holds}`);
}
