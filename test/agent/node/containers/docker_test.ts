import { afterAll, beforeAll, describe } from "vitest";
import { DockerContainerizer } from "../../../../src/agent/node/containers/docker/docker.ts";
import { DockerEngine } from "../../../../src/agent/node/containers/docker/engine.ts";
import { probeHost } from "../../../../src/agent/node/containers/host.ts";
import { asyncDispose } from "../../../../src/base/mod.ts";
import type { OpenContainerizer } from "./bench.ts";
import { containerizerConformance } from "./conformance.ts";
import { IMAGE, noEngine, TestEngine } from "./engine.ts";

const host = await probeHost({ cgroups: { name: "fairlead-test" } });
const skip = noEngine(host);

let engine: TestEngine | undefined;
const socketPath = () => engine?.socketPath ?? "";

describe("docker", () => {
  beforeAll(async () => {
    if (skip === undefined) engine = await TestEngine.open(host);
  });
  afterAll(() => engine?.[asyncDispose]());

  const open: OpenContainerizer = async (launcher, folder) =>
    new DockerContainerizer({
      launcher,
      host,
      socketPath: socketPath(),
      owner: folder,
      diskIntervalMs: 50,
    });

  containerizerConformance("docker", open, {
    skip,
    memory: host.cgroups.controllers.has("memory") ? "first" : false,
    disk: true,
    user: { name: "nobody", uid: 65_534 },
    strays: true,
    // podman's.
    adds: ["HOME", "HOSTNAME", "TERM", "container"],
    // Every start is a handful of requests and two processes of podman's own.
    atOnce: 10,
    updates: false,
    base: {
      container: { type: "DOCKER", docker: { image: IMAGE, network: "HOST" } },
    },
    leftovers: async (id) => {
      const answer = await new DockerEngine(socketPath()).json({
        method: "GET",
        path: "/containers/json",
        query: { all: true, filters: JSON.stringify({ label: [`io.fairlead.container=${id}`] }) },
      });
      return Array.isArray(answer) ? answer.map((each) => JSON.stringify(each)) : ["no list"];
    },
  });
});
