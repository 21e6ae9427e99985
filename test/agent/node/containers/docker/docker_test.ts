import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DockerContainerizer } from "../../../../../src/agent/node/containers/docker/docker.ts";
import { probeHost } from "../../../../../src/agent/node/containers/host.ts";
import { asyncDispose } from "../../../../../src/base/mod.ts";
import type { ContainerInfo } from "../../../../../src/model/mod.ts";
import { Bench, output } from "../bench.ts";
import { IMAGE, noEngine, TestEngine } from "../engine.ts";

const host = await probeHost({ cgroups: { name: "fairlead-test" } });
const skip = noEngine(host);
let engine: TestEngine | undefined;

const open = () =>
  Bench.open(
    async (launcher, owner) =>
      new DockerContainerizer({ launcher, host, socketPath: engine?.socketPath ?? "", owner }),
  );
const container = (docker: Partial<NonNullable<ContainerInfo["docker"]>> = {}) => ({
  container: { type: "DOCKER", docker: { image: IMAGE, network: "HOST" as const, ...docker } },
});

describe("DockerContainerizer without an engine", () => {
  test("says so", async () => {
    await using b = await Bench.open(
      async (launcher) =>
        new DockerContainerizer({ launcher, host, socketPath: "/no/such.sock", owner: "x" }),
    );
    const { containerizer } = b;
    if (!(containerizer instanceof DockerContainerizer)) throw new Error("another one");
    expect(await containerizer.unavailable()).toContain("ENOENT");
    expect(containerizer.supports(b.spec())).toBe("it does not ask for Docker");
    await expect(b.run("true", container())).rejects.toMatchObject({ code: "launch_failed" });
  });
});

describe.skipIf(skip !== undefined)(
  `DockerContainerizer${skip ? ` (skipped: ${skip})` : ""}`,
  () => {
    beforeAll(async () => {
      engine = await TestEngine.open(host);
    });
    afterAll(() => engine?.[asyncDispose]());

    test("lets the engine pull, and tells why it could not", async () => {
      await using b = await open();
      await expect(
        b.run("true", container({ image: "localhost:1/no/such:2" })),
      ).rejects.toMatchObject({
        code: "launch_failed",
        message: expect.stringContaining('the image "localhost:1/no/such:2" cannot be pulled'),
      });
    });

    test("gives the sandbox, which is the working folder when the image has none", async () => {
      await using b = await open();
      const { spec, container: one } = await b.run("pwd; echo $MESOS_SANDBOX", container());
      await one.ended;
      expect(output(spec)).toBe("/mnt/mesos/sandbox\n/mnt/mesos/sandbox\n");
      await one.destroy();
    });

    test("destroys what nobody knows, and only what is its own", async () => {
      await using b = await open();
      await using other = await open();
      const known = await b.run("exec sleep 1000", container());
      const lost = await b.run("exec sleep 1000", container());
      const foreign = await other.run("exec sleep 1000", container());
      const { containerizer } = b;
      if (!(containerizer instanceof DockerContainerizer)) throw new Error("another one");
      expect(await containerizer.sweep(new Set([known.spec.id]))).toEqual([lost.spec.id]);
      expect(await lost.container.ended).toMatchObject({});
      for (const each of [known, foreign]) {
        const found = await each.container.usage();
        expect(found.mem_rss_bytes).toBeGreaterThan(0);
        await each.container.destroy();
      }
    });
  },
);
