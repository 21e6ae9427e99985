/** Containers on an agent: how long a start takes, and whether it stops the calling process. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Containerizer, ContainerSpec } from "fairlead/agent";
import {
  Launcher,
  OciContainerizer,
  PosixContainerizer,
  probeHost,
} from "../src/agent/node/containers/mod.ts";
import type { Case, Contender, Params, Suite } from "./harness.ts";

/** A busybox rootfs of 2 MB. */
function makeRootfs(folder: string): string {
  for (const name of ["bin", "dev", "proc", "sys", "tmp", "etc"]) {
    mkdirSync(join(folder, name), { recursive: true });
  }
  execFileSync("cp", ["/bin/busybox", join(folder, "bin/sh")]);
  return folder;
}

const canRunImages =
  process.getuid?.() === 0 && existsSync("/usr/bin/crun") && existsSync("/bin/busybox");

/** Starts `starts` containers, `atOnce` at a time: from the call until the command runs. */
function contender(kind: "posix" | "oci", { starts, atOnce }: Params): Contender {
  const folder = mkdtempSync(join(tmpdir(), "fairlead-bench-"));
  const image = kind === "oci" ? makeRootfs(join(folder, "rootfs")) : undefined;
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const latenciesMs: number[] = [];
  let opened: Promise<{ launcher: Launcher; containerizer: Containerizer }> | undefined;
  let stallMs = 0;
  let count = 0;
  let ended = 0;
  const open = async () => {
    const host = await probeHost({ cgroups: { name: "fairlead-bench" } });
    const launcher = await Launcher.open({ folder: join(folder, "run"), idleMs: 1_000 });
    const containerizer =
      kind === "posix"
        ? new PosixContainerizer({ launcher, host })
        : new OciContainerizer({ launcher, host, folder: join(folder, "oci") });
    return { launcher, containerizer };
  };
  const one = async (containerizer: Containerizer) => {
    const id = `b${process.pid}-${count++}`;
    const sandbox = join(folder, "sandboxes", id);
    mkdirSync(sandbox, { recursive: true });
    const spec: ContainerSpec = {
      id,
      sandbox,
      command: { shell: true, value: "exit 0", arguments: [] },
      environment: { PATH: "/usr/bin:/bin" },
      volumes: [],
      limits: { cpus: 1, memBytes: 64 * 2 ** 20 },
      shares: { cpus: 0.1, memBytes: 32 * 2 ** 20 },
      logs: { bytesMax: 1_000_000, filesMax: 2 },
      ...(image === undefined
        ? {}
        : {
            container: {
              type: "MESOS",
              mesos: { image: { type: "DOCKER", docker: { name: image } } },
            },
          }),
    };
    const begunMs = performance.now();
    const container = await containerizer.launch(spec, { signal: new AbortController().signal });
    latenciesMs.push(performance.now() - begunMs);
    if ((await container.ended).waitStatus === 0) ended += 1;
    await container.destroy();
  };
  return {
    run: async () => {
      opened ??= open();
      const { containerizer } = await opened;
      ended = 0;
      delay.enable();
      delay.reset();
      let left = Number(starts);
      const worker = async () => {
        while (left-- > 0) await one(containerizer);
      };
      await Promise.all(Array.from({ length: Number(atOnce) }, worker));
      delay.disable();
      stallMs = Math.max(stallMs, delay.max / 1e6);
    },
    answer: () => ended,
    facts: () => {
      const sorted = [...latenciesMs].sort((a, b) => a - b);
      const at = (share: number) =>
        Number((sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(1));
      return {
        startP50Ms: at(0.5),
        startP95Ms: at(0.95),
        stallMs: Number(stallMs.toFixed(1)),
      };
    },
    dispose: () => {
      void opened?.then(async ({ launcher, containerizer }) => {
        await containerizer[Symbol.asyncDispose]();
        await launcher[Symbol.asyncDispose]();
        rmSync(folder, { recursive: true, force: true });
      });
    },
  };
}

const cases: readonly Case[] = [
  {
    name: "containers",
    about: "start, end and removal of containers that do nothing",
    unit: "ms",
    sweep: [
      { starts: 20, atOnce: 1 },
      { starts: 100, atOnce: 16 },
    ],
    growth: "atOnce",
    items: ({ starts }) => Number(starts),
    check: (answer, { starts }) => {
      if (answer !== starts) throw new Error(`${answer} of ${starts} containers ended with 0`);
    },
    contenders: {
      posix: (params) => contender("posix", params),
      oci: (params) => (canRunImages ? contender("oci", params) : undefined),
    },
  },
];

export const suite: Suite = { name: "agent", cases };
