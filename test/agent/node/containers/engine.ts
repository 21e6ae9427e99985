/** A Docker Engine for tests: podman behind its API, in folders of its own. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Host } from "../../../../src/agent/node/containers/host.ts";
import { asyncDispose } from "../../../../src/base/mod.ts";
import { makeRootfs, noRootfs } from "./rootfs.ts";

/** The image that it has. */
export const IMAGE = "fairlead-test";

/** Why there can be none here; undefined when there can. */
export function noEngine(host: Host): string | undefined {
  if (host.uid !== 0) return "only root can run podman's service here";
  if (host.program("podman") === undefined) return "there is no podman: apt-get install podman";
  return noRootfs();
}

/** A service that ends with the test. */
export class TestEngine implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), "fairlead-engine-"));
  readonly socketPath = join(this.folder, "engine.sock");
  readonly #service: ChildProcess;
  readonly #podman: readonly string[];

  private constructor(host: Host) {
    const at = (name: string) => join(this.folder, name);
    this.#podman = [
      ...["--root", at("root"), "--runroot", at("run"), "--tmpdir", at("tmp")],
      ...["--cgroup-manager", "cgroupfs", "--events-backend", "file"],
    ];
    // Its crun refuses v1 and v2 side by side.
    const { unified, controllers } = host.cgroups;
    const legacy = [...controllers.values()].some(({ version }) => version === 1);
    const hidden =
      legacy && unified ? `umount ${unified.path.slice(0, -unified.inside.length)};` : "";
    this.#service = spawn(
      "unshare",
      [
        ...["-m", "sh", "-c", `${hidden} exec podman "$@"`, "sh", ...this.#podman],
        ...["system", "service", "--time=0", `unix://${this.socketPath}`],
      ],
      { stdio: "ignore" },
    );
  }

  static async open(host: Host): Promise<TestEngine> {
    const engine = new TestEngine(host);
    for (let n = 0; n < 500 && !existsSync(engine.socketPath); n++) {
      await new Promise((done) => setTimeout(done, 20));
    }
    const rootfs = makeRootfs(join(engine.folder, "rootfs"));
    const tar = execFileSync("tar", ["-C", rootfs, "-cf", "-", "."], { maxBuffer: 100_000_000 });
    await engine.#post(`/images/create?fromSrc=-&repo=${IMAGE}&tag=latest`, tar);
    return engine;
  }

  #post(path: string, body: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      const sent = request({ socketPath: this.socketPath, method: "POST", path }, (answer) => {
        answer.resume();
        answer.once("end", () => {
          if (answer.statusCode === 200) resolve();
          else reject(new Error(`${path} answered ${answer.statusCode}`));
        });
      });
      sent.on("error", reject);
      sent.end(body);
    });
  }

  async [asyncDispose](): Promise<void> {
    const ended = new Promise((done) => this.#service.once("exit", done));
    this.#service.kill("SIGTERM");
    await ended;
    execFileSync("podman", [...this.#podman, "rm", "--all", "--force", "--time", "0"], {
      stdio: "ignore",
    });
    rmSync(this.folder, { recursive: true, force: true });
  }
}
