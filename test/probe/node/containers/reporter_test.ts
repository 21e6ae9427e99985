import { existsSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { probeHost } from "../../../../src/agent/node/containers/host.ts";
import { systemClock } from "../../../../src/base/mod.ts";
import { type ContainerFacts, containerTagger } from "../../../../src/probe/mod.ts";
import { CgroupUsage } from "../../../../src/probe/node/cgroups/usage.ts";
import { ContainerReporter } from "../../../../src/probe/node/containers/reporter.ts";
import { ContainerEngine } from "../../../../src/probe/node/docker/engine.ts";
import { DockerRuntime } from "../../../../src/probe/node/docker/runtime.ts";
import { ProcFiles } from "../../../../src/probe/node/proc/files.ts";
import { ProcessTable } from "../../../../src/probe/node/proc/process_table.ts";
import { processReporter } from "../../../../src/probe/node/reporters/processes.ts";
import type { Report } from "../../../../src/topology/mod.ts";
import { noEngine, TestEngine } from "../../../agent/node/containers/engine.ts";
import { startContainer } from "../../support/engine_containers.ts";

const host = await probeHost({ cgroups: { name: "fairlead-test" } });
const skip = noEngine(host);
const { signal } = new AbortController();

function open(socketPath: string) {
  const engine = new ContainerEngine(socketPath);
  const runtime = new DockerRuntime({ engine, clock: systemClock, relistMs: 0 });
  const reporter = new ContainerReporter({
    hostId: "h",
    runtime,
    usage: new CgroupUsage(),
    nowMs: () => Date.now(),
  });
  let tick = 0;
  const look = () => {
    tick += 1;
    return reporter.report({ tick, nowMs: Date.now(), signal });
  };
  return { engine, reporter, look };
}

const nodeOf = (report: Report, id: string) =>
  report.topologies.Container?.nodes.get(`${id};<container>`);
const textAt = (report: Report, id: string, key: string) =>
  nodeOf(report, id)?.latest.get(key)?.value;

describe.skipIf(skip !== undefined)(
  `the Docker Engine API${skip === undefined ? "" : `: ${skip}`}`,
  () => {
    let served: TestEngine;
    beforeAll(async () => {
      served = await TestEngine.open(host);
    });
    afterAll(() => served[Symbol.asyncDispose]());

    test("reports a running container, its image, what it uses, and its processes", async () => {
      const { engine, reporter, look } = open(served.socketPath);
      const id = await startContainer(engine, { Labels: { team: "web" }, Hostname: "box" });
      await look();
      const report = await look();
      expect(textAt(report, id, "docker_container_state")).toBe("running");
      expect(textAt(report, id, "docker_container_state_human")).toMatch(/^Up \d+ seconds?$/);
      expect(textAt(report, id, "docker_container_hostname")).toBe("box");
      expect(textAt(report, id, "docker_label_team")).toBe("web");
      expect(textAt(report, id, "docker_image_name")).toMatch(/fairlead-test$/);
      const [image] = nodeOf(report, id)?.parents.get("container_image") ?? [];
      expect(report.topologies.ContainerImage?.nodes.has(image ?? "")).toBe(true);
      expect(nodeOf(report, id)?.metrics.get("docker_cpu_total_usage")?.min).toBeGreaterThanOrEqual(
        0,
      );
      expect(nodeOf(report, id)?.metrics.get("docker_memory_usage")?.min).toBeGreaterThan(1_000);
      const files = new ProcFiles();
      const processes = processReporter({ hostId: "h", files, table: new ProcessTable(files) });
      const seen = await processes.report({ tick: 1, nowMs: 1, signal });
      const tagged = containerTagger((pid) => reporter.rootOf(pid)).tag(seen);
      const inside = [...(tagged.topologies.Process?.nodes.values() ?? [])].filter((node) =>
        node.parents.get("container")?.includes(`${id};<container>`),
      );
      // One that came and went meanwhile has no file any more.
      const cgroups = inside
        .map((node) => `/proc/${node.latest.get("pid")?.value}/cgroup`)
        .filter((path) => existsSync(path))
        .map((path) => readFileSync(path, "utf8"));
      expect(cgroups.length).toBeGreaterThan(0);
      for (const cgroup of cgroups) expect(cgroup).toContain(id);
      files.close();
    });

    test("publishes what happens to a container at once, up to its end", async () => {
      const { engine, reporter, look } = open(served.socketPath);
      const id = await startContainer(engine);
      await look();
      const states: string[] = [];
      const ending = new AbortController();
      const watching = reporter.watch((report) => {
        const state = textAt(report, id, "docker_container_state");
        if (state !== undefined && state !== states.at(-1)) states.push(state);
      }, ending.signal);
      await expect
        .poll(
          async () => {
            await engine.json({ method: "POST", path: `/containers/${id}/pause` }).catch(() => {});
            await engine
              .json({ method: "POST", path: `/containers/${id}/unpause` })
              .catch(() => {});
            return states.length;
          },
          { timeout: 20_000 },
        )
        .toBeGreaterThanOrEqual(2);
      await engine.json({ method: "DELETE", path: `/containers/${id}`, query: { force: true } });
      await expect.poll(() => states.at(-1), { timeout: 20_000 }).toBe("deleted");
      expect(states).toContain("paused");
      ending.abort(new Error("over"));
      await expect(watching).rejects.toThrow("over");
    });
  },
);

describe("a ContainerReporter without control groups", () => {
  test("says what somebody else knows of running containers, and asks for those only", async () => {
    const facts = (id: string, pid: number): ContainerFacts => ({
      id,
      name: id,
      state: pid > 0 ? "running" : "exited",
      createdMs: 1,
      startedMs: 1,
      exitCode: undefined,
      command: "",
      hostName: "",
      restartCount: 0,
      pid,
      image: undefined,
      labels: {},
      environment: {},
      networkMode: "",
      networks: [],
      ips: [],
      ports: [],
    });
    const all = [facts("a", 11), facts("b", 0)];
    const asked: string[] = [];
    const reporter = new ContainerReporter({
      hostId: "h",
      bridges: [],
      runtime: { name: "docker", list: async () => new Map(all.map((each) => [each.id, each])) },
      usage: new CgroupUsage({ procRoot: "/nowhere" }),
      fallback: {
        async read(ids) {
          asked.push(...ids);
          return new Map([["a", { cpuPercent: 7, memoryBytes: 9, memoryBytesMax: undefined }]]);
        },
      },
      nowMs: () => 1,
    });
    const report = await reporter.report({ tick: 1, nowMs: 1, signal });
    expect(asked).toEqual(["a"]);
    expect(nodeOf(report, "a")?.metrics.get("docker_cpu_total_usage")?.min).toBe(7);
    expect(nodeOf(report, "b")?.metrics.size).toBe(0);
  });
});
