import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe } from "vitest";
import { type Host, probeHost } from "../../../../src/agent/node/containers/host.ts";
import { PosixContainerizer } from "../../../../src/agent/node/containers/posix/posix.ts";
import type { OpenContainerizer } from "./bench.ts";
import { containerizerConformance } from "./conformance.ts";

const host = await probeHost({ cgroups: { name: "fairlead-test" } });
const withoutCgroups: Host = { ...host, cgroups: { controllers: new Map(), mounts: [] } };

const opener =
  (on: Host): OpenContainerizer =>
  async (launcher) =>
    new PosixContainerizer({ launcher, host: on, memoryIntervalMs: 50, diskIntervalMs: 50 });

const root = process.getuid?.() === 0 ? { name: "nobody", uid: 65_534 } : undefined;
const bases = [...host.cgroups.controllers.values(), host.cgroups.unified].flatMap(
  (each) => each ?? [],
);
const leftovers = (id: string) =>
  bases.map(({ path }) => join(path, id)).filter((path) => existsSync(path));

describe.each([
  ["posix", host],
  ["posix without cgroups", withoutCgroups],
])("%s", (name, on) => {
  containerizerConformance(name, opener(on), {
    memory: on.cgroups.controllers.has("memory"),
    disk: true,
    user: root,
    strays: true,
    leftovers,
  });
});
