import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe } from "vitest";
import { probeHost } from "../../../../src/agent/node/containers/host.ts";
import { OciContainerizer } from "../../../../src/agent/node/containers/oci/oci.ts";
import type { OpenContainerizer } from "./bench.ts";
import { containerizerConformance } from "./conformance.ts";
import { makeRootfs, noRootfs } from "./rootfs.ts";

const host = await probeHost({ cgroups: { name: "fairlead-test" } });
const folder = mkdtempSync(join(tmpdir(), "fairlead-oci-"));
const rootfs = noRootfs() === undefined ? makeRootfs(join(folder, "rootfs")) : "";
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const work = new Set<string>();
const leftovers = (id: string): string[] => {
  const cgroups = host.cgroups.mounts.map((path) => join(path, "fairlead-test", id));
  const mounts = readFileSync("/proc/self/mounts", "utf8").split("\n");
  const files = [...work].flatMap((path) =>
    ["containers", "state"]
      .map((name) => join(path, name))
      .filter((each) => existsSync(each))
      .flatMap((each) => readdirSync(each).filter((name) => name.includes(id))),
  );
  return [
    ...cgroups.filter((path) => existsSync(path)),
    ...mounts.filter((line) => line.includes(id)),
    ...files,
  ];
};

function skip(runtime: string | undefined): string | undefined {
  if (host.uid !== 0) return "only root can run images";
  return runtime === undefined ? "it is not installed" : noRootfs();
}

describe.each(["crun", "runc"])("oci by %s", (name) => {
  const runtime = host.program(name);
  const open: OpenContainerizer = async (launcher, bench) => {
    work.add(join(bench, "oci"));
    return new OciContainerizer({
      launcher,
      host,
      folder: join(bench, "oci"),
      memoryIntervalMs: 50,
      diskIntervalMs: 50,
      ...(runtime === undefined ? {} : { runtime }),
    });
  };
  containerizerConformance(`oci by ${name}`, open, {
    skip: skip(runtime),
    memory: host.cgroups.controllers.has("memory"),
    disk: true,
    user: { name: "nobody", uid: 65_534 },
    strays: true,
    adds: ["HOME"],
    base: {
      container: {
        type: "MESOS",
        mesos: { image: { type: "DOCKER", docker: { name: rootfs } } },
      },
    },
    leftovers,
  });
});
