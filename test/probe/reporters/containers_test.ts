import { describe, expect, test } from "vitest";
import { EndpointScopes } from "../../../src/probe/connections/scopes.ts";
import {
  type ContainerFacts,
  containerReport,
  readEnvironment,
  readImageName,
} from "../../../src/probe/reporters/containers.ts";

const facts: ContainerFacts = {
  id: "abc",
  name: "web",
  state: "running",
  createdMs: 0,
  startedMs: 1_000,
  exitCode: undefined,
  command: "nginx -g",
  hostName: "box",
  restartCount: 2,
  pid: 42,
  image: { id: "img", name: "team/web", tag: "1.2", labels: { a: "b" } },
  labels: { app: "x" },
  environment: { SECRET: "s" },
  networkMode: "host",
  networks: ["bridge"],
  ips: ["10.88.0.5", "192.168.7.7"],
  ports: ["0.0.0.0:80->80/tcp"],
};
const stop = { id: "stop", human: "Stop", icon: "fa fa-stop", rank: 1 };
const options = {
  scopes: new EndpointScopes({ hostId: "h", bridges: ["10.88.0.0/16"] }),
  controls: new Map([["stop", stop]]),
  controlsOf: () => ["restart", "stop"],
  useOf: () => ({ cpuPercent: 12, memoryBytes: 5, memoryBytesMax: 9 }),
};
const report = (more: Partial<ContainerFacts> = {}, change = {}) =>
  containerReport(62_000, [{ ...facts, ...more }], { ...options, ...change });
const nodeOf = (made: ReturnType<typeof report>) =>
  made.topologies.Container?.nodes.get("abc;<container>");
const textAt = (made: ReturnType<typeof report>, key: string) =>
  nodeOf(made)?.latest.get(key)?.value;

describe("containerReport()", () => {
  test("says what a container is, in Scope's keys", () => {
    const made = report();
    expect(textAt(made, "docker_container_state_human")).toBe("Up 1 minute");
    expect(textAt(made, "docker_container_uptime")).toBe("61");
    expect(textAt(made, "docker_container_created")).toBe("1970-01-01T00:00:00.000Z");
    expect(textAt(made, "docker_is_in_host_network")).toBe("true");
    expect(textAt(made, "docker_label_app")).toBe("x");
    expect(nodeOf(made)?.sets.get("docker_container_ips_with_scopes")).toEqual([
      ";192.168.7.7",
      "h;10.88.0.5",
    ]);
    expect(nodeOf(made)?.parents.get("container_image")).toEqual(["img;<container_image>"]);
    const image = made.topologies.ContainerImage?.nodes.get("img;<container_image>");
    expect(image?.latest.get("docker_image_label_a")?.value).toBe("b");
    expect(nodeOf(made)?.metrics.get("docker_memory_usage")).toMatchObject({ min: 5, max: 9 });
  });

  test("offers only controls that are allowed", () => {
    expect(textAt(report(), "active_controls")).toBe("stop");
    expect(textAt(report({}, { controls: new Map() }), "active_controls")).toBe("");
  });

  test("tells the environment only where it may", () => {
    expect(textAt(report(), "docker_env_SECRET")).toBeUndefined();
    expect(textAt(report({}, { withEnvironment: true }), "docker_env_SECRET")).toBe("s");
  });

  test.each([
    [{ state: "exited", exitCode: 137 }, "Exited (137)"],
    [{ state: "paused" }, "Up 1 minute (Paused)"],
    [{ state: "created" }, "created"],
    [{ state: "running", startedMs: 61_500 }, "Up 0 seconds"],
    [{ state: "running", startedMs: 999_000 }, "Up 0 seconds"],
  ] as const)("words %j for people", (more, human) => {
    expect(textAt(report(more), "docker_container_state_human")).toBe(human);
  });
});

describe("names", () => {
  test("readImageName() knows registries with ports, digests and missing tags", () => {
    expect(readImageName("reg:5000/team/app:1.2@sha256:00")).toEqual({
      name: "reg:5000/team/app",
      tag: "1.2",
    });
    expect(readImageName("reg:5000/app")).toEqual({ name: "reg:5000/app", tag: "latest" });
    expect(readImageName("")).toEqual({ name: "", tag: "" });
  });

  test("readEnvironment() keeps what has a name", () => {
    expect(readEnvironment(["A=1=2", "=x", "B"])).toEqual({ A: "1=2" });
  });
});
