import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { probeHost } from "../../../../src/agent/node/containers/host.ts";
import { dockerControls, dockerControlsOf } from "../../../../src/probe/node/controls/docker.ts";
import { ContainerEngine } from "../../../../src/probe/node/docker/engine.ts";
import { startProbe } from "../../../../src/probe/node/start.ts";
import { noEngine, TestEngine } from "../../../agent/node/containers/engine.ts";
import { serveApp } from "../../support/app.ts";
import { startContainer } from "../../support/engine_containers.ts";

const host = await probeHost({ cgroups: { name: "fairlead-test" } });
const skip = noEngine(host);
const poll = { timeout: 40_000 };

describe("dockerControlsOf()", () => {
  test("offers in each state what makes sense then, and nothing unknown", () => {
    const known = new Set(dockerControls(new ContainerEngine("/x")).map(({ id }) => id));
    expect(dockerControlsOf("paused")).toEqual(["docker_unpause_container"]);
    expect(dockerControlsOf("deleted")).toEqual([]);
    expect(dockerControlsOf("running")).toContain("docker_stop_container");
    expect(dockerControlsOf("exited")).toContain("docker_remove_container");
    for (const state of ["running", "paused", "exited", "created"] as const) {
      for (const id of dockerControlsOf(state)) expect(known.has(id)).toBe(true);
    }
  });
});

describe.skipIf(skip !== undefined)(
  `controls of an engine${skip === undefined ? "" : `: ${skip}`}`,
  () => {
    let served: TestEngine;
    beforeAll(async () => {
      served = await TestEngine.open(host);
    });
    afterAll(() => served[Symbol.asyncDispose]());

    test("show logs, run a shell, pause, stop, start and remove", async () => {
      const engine = new ContainerEngine(served.socketPath);
      const id = await startContainer(engine);
      const nodeId = `${id};<container>`;
      await using app = await serveApp();
      await using _running = startProbe({
        hostId: "h",
        collectors: [app.url],
        processes: false,
        connections: false,
        docker: served.socketPath,
        oci: false,
        controls: ["*"],
      });
      await expect.poll(app.isConnected, poll).toBe(true);
      const logs = await app.call(nodeId, "docker_logs_container");
      expect(logs).toMatchObject({ raw_tty: false });
      await expect.poll(() => app.pipes.get(String(logs.pipe))?.text(), poll).toBe("ready\n");
      const shell = await app.call(nodeId, "docker_exec_container");
      expect(shell).toMatchObject({ raw_tty: true, resize_tty_control: "docker_resize_exec_tty" });
      const pipe = app.pipes.get(String(shell.pipe));
      pipe?.send("echo PIPE-$((6*7))\n");
      await expect.poll(() => pipe?.text(), poll).toContain("PIPE-42");
      const size = { pipeID: String(shell.pipe), width: "91", height: "31" };
      expect(await app.call(nodeId, "docker_resize_exec_tty", size)).toEqual({});
      pipe?.send("stty size\n");
      await expect.poll(() => pipe?.text(), poll).toContain("31 91");
      pipe?.close();
      const stateOf = async () => {
        const answer = await engine.json({ path: `/containers/${id}/json` });
        return JSON.stringify(answer).match(/"Status":"(\w+)"/)?.[1];
      };
      for (const [control, state] of [
        ["docker_pause_container", "paused"],
        ["docker_unpause_container", "running"],
        ["docker_stop_container", "exited"],
        ["docker_start_container", "running"],
        ["docker_kill_container", "exited"],
      ] as const) {
        expect(await app.call(nodeId, control)).toEqual({});
        await expect.poll(stateOf, poll).toBe(state);
      }
      expect(await app.call(nodeId, "docker_remove_container")).toEqual({ removedNode: nodeId });
      expect((await app.call(nodeId, "docker_stop_container")).error).toMatch(
        /no container|no such/i,
      );
    });
  },
);
