import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { OciRuntime } from "../../../../src/probe/node/oci/runtime.ts";
import { ProcFiles } from "../../../../src/probe/node/proc/files.ts";
import { makeRootfs, noRootfs } from "../../../agent/node/containers/rootfs.ts";

const has = (program: string) => spawnSync("which", [program]).status === 0;
const whyNot = (program: string) => {
  if (process.getuid?.() !== 0) return "only root can run images";
  return has(program) ? noRootfs() : `there is no ${program}`;
};

describe.each(["runc", "crun"])("containers of %s", (program) => {
  const skip = whyNot(program);
  test.skipIf(skip !== undefined)(
    "are found by their state files, also when they end",
    async () => {
      const folder = mkdtempSync(join(tmpdir(), "fairlead-oci-"));
      const [root, bundle] = [join(folder, "run"), join(folder, "bundle")];
      makeRootfs(join(bundle, "rootfs"));
      // Its crun refuses versions 1 and 2 side by side.
      const hidden = program === "crun" ? "umount /sys/fs/cgroup/unified 2>/dev/null;" : "";
      const call = (...words: string[]) =>
        execFileSync(
          "unshare",
          ["-m", "sh", "-c", `${hidden} exec ${program} "$@"`, "sh", "--root", root, ...words],
          {
            cwd: bundle,
            stdio: "ignore",
          },
        );
      call("spec");
      const config = JSON.parse(readFileSync(join(bundle, "config.json"), "utf8"));
      config.process.terminal = false;
      config.process.args = ["sleep", "60"];
      config.process.rlimits = [];
      config.hostname = "inside";
      writeFileSync(join(bundle, "config.json"), JSON.stringify(config));
      const name = `fairlead-probe-${process.pid}-${program}`;
      try {
        call("run", "-d", name);
        const runtime = new OciRuntime({ roots: [root, "/nowhere"], files: new ProcFiles() });
        const found = (await runtime.list()).get(name);
        expect(found).toMatchObject({ state: "running", command: "sleep 60", hostName: "inside" });
        expect(readFileSync(`/proc/${found?.pid}/cmdline`, "utf8")).toBe("sleep\0" + "60\0");
        call("kill", name, "KILL");
        await expect
          .poll(async () => (await runtime.list()).get(name)?.state, { timeout: 10_000 })
          .toBe("exited");
        call("delete", "-f", name);
        expect((await runtime.list()).has(name)).toBe(false);
      } finally {
        spawnSync("unshare", [
          "-m",
          "sh",
          "-c",
          `${hidden} ${program} --root ${root} delete -f ${name}`,
        ]);
        rmSync(folder, { recursive: true, force: true });
      }
    },
  );
});

describe("OciRuntime", () => {
  test("passes over damaged files, numbers that went to others, and ids that are known", async () => {
    const root = mkdtempSync(join(tmpdir(), "fairlead-oci-"));
    const write = (id: string, text: string) => {
      mkdirSync(join(root, id));
      writeFileSync(join(root, id, "status"), text);
    };
    write("half", '{"pid": 1');
    write("wrong", '{"pid": "one"}');
    write("old", JSON.stringify({ pid: process.pid, "process-start-time": 1 }));
    write("now", JSON.stringify({ pid: process.pid, created: "2026-01-01T00:00:00Z" }));
    write("known", JSON.stringify({ pid: process.pid }));
    const isKnown = (id: string) => id === "known";
    const found = await new OciRuntime({ roots: [root], files: new ProcFiles(), isKnown }).list();
    const states = [...found].map(([id, { state, pid }]) => [id, state, pid]).sort();
    expect(states).toEqual([
      ["now", "running", process.pid],
      ["old", "exited", 0],
    ]);
    expect(found.get("now")?.createdMs).toBe(Date.parse("2026-01-01T00:00:00Z"));
    rmSync(root, { recursive: true });
  });
});
