import { createServer } from "node:http";
import { describe, expect, test } from "vitest";
import { systemClock } from "../../../../src/base/mod.ts";
import { ContainerEngine } from "../../../../src/probe/node/docker/engine.ts";
import { DockerRuntime } from "../../../../src/probe/node/docker/runtime.ts";

const { signal } = new AbortController();
const listAt = (path: string) =>
  new DockerRuntime({ engine: new ContainerEngine(path), clock: systemClock }).list(signal);

describe("DockerRuntime", () => {
  test("says what is wrong with a dead socket, and with answers that are none", async () => {
    await expect(listAt("/nowhere/docker.sock")).rejects.toMatchObject({
      code: "engine_failed",
    });
    const path = `/tmp/fairlead-engine-${process.pid}.sock`;
    const answers = ["[", '{"no":"list"}', '[{"Id":7}]'];
    const server = createServer((_request, response) => response.end(answers.shift()));
    await new Promise<void>((done) => server.listen(path, done));
    for (let at = 0; at < 3; at += 1) {
      await expect(listAt(path)).rejects.toMatchObject({ code: "engine_failed" });
    }
    server.close();
  });

  test("lets go of a socket that hangs when its time is over", async () => {
    const path = `/tmp/fairlead-hung-${process.pid}.sock`;
    const server = createServer(() => {});
    await new Promise<void>((done) => server.listen(path, done));
    const engine = new ContainerEngine(path);
    const runtime = new DockerRuntime({ engine, clock: systemClock });
    const stopping = new AbortController();
    const listing = runtime.list(stopping.signal);
    stopping.abort(new Error("900 ms are over"));
    await expect(listing).rejects.toThrow("900 ms are over");
    server.closeAllConnections();
    server.close();
  });
});
