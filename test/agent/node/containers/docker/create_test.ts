import { describe, expect, test } from "vitest";
import type { ContainerSpec } from "../../../../../src/agent/containerizer.ts";
import { createBody } from "../../../../../src/agent/node/containers/docker/create.ts";
import type { ContainerInfo } from "../../../../../src/model/mod.ts";

const MIB = 2 ** 20;

function body(
  docker: Partial<NonNullable<ContainerInfo["docker"]>>,
  more: Partial<ContainerSpec> = {},
  info: Partial<ContainerInfo> = {},
) {
  const spec: ContainerSpec = {
    id: "c1",
    sandbox: "/work/c1",
    command: { shell: true, value: "run $X", arguments: [] },
    environment: { X: "1", MESOS_SANDBOX: "/work/c1" },
    container: { type: "DOCKER", docker: { image: "img:1", ...docker }, ...info },
    volumes: [],
    limits: { cpus: 1.5, memBytes: 64 * MIB },
    shares: { cpus: 0.5 },
    logs: { bytesMax: 1, filesMax: 1 },
    ...more,
  };
  return createBody({ spec, rlimits: [{ name: "nofile", soft: 1, hard: 2 }], labels: { a: "b" } });
}

describe("createBody()", () => {
  test("says what a task asks for in the engine's words", () => {
    expect(body({})).toEqual({
      Image: "img:1",
      Entrypoint: ["/bin/sh", "-c"],
      Cmd: ["run $X"],
      Env: ["X=1", "MESOS_SANDBOX=/mnt/mesos/sandbox"],
      Labels: { a: "b" },
      Tty: false,
      ExposedPorts: {},
      HostConfig: {
        NetworkMode: "host",
        PortBindings: {},
        Privileged: false,
        Binds: ["/work/c1:/mnt/mesos/sandbox:rw"],
        LogConfig: { Type: "json-file", Config: { "max-size": "10m" } },
        Ulimits: [{ Name: "nofile", Soft: 1, Hard: 2 }],
        CpuShares: 512,
        CpuPeriod: 100_000,
        CpuQuota: 150_000,
        Memory: 64 * MIB,
        MemorySwap: 64 * MIB,
      },
    });
  });

  test.each([
    [
      { shell: false, value: "prog", arguments: ["prog", "a"] },
      { Entrypoint: ["prog"], Cmd: ["a"] },
    ],
    [{ shell: false, arguments: ["a", "b"] }, { Cmd: ["a", "b"] }],
    [{ shell: false, arguments: [] }, {}],
  ])("keeps the image's entry point as Mesos does: %j", (command, expected) => {
    const { Entrypoint, Cmd } = Object(body({}, { command }));
    expect(JSON.parse(JSON.stringify({ Entrypoint, Cmd }))).toEqual(expected);
  });

  test("maps ports on networks that have some of their own", () => {
    const port_mappings = [
      { container_port: 80, host_port: 31_000 },
      { container_port: 53, host_port: 31_001, protocol: "UDP" },
    ];
    expect(body({ network: "BRIDGE", port_mappings })).toMatchObject({
      ExposedPorts: { "80/tcp": {}, "53/udp": {} },
      HostConfig: {
        NetworkMode: "bridge",
        PortBindings: { "80/tcp": [{ HostPort: "31000" }], "53/udp": [{ HostPort: "31001" }] },
      },
    });
    expect(() => body({ network: "HOST", port_mappings })).toThrow("BRIDGE and USER networks only");
    expect(body({ network: "USER" }, {}, { network_infos: [{ name: "mine" }] })).toMatchObject({
      HostConfig: { NetworkMode: "mine" },
    });
    expect(() => body({ network: "USER" })).toThrow("network_infos names none");
  });

  test("binds volumes and refuses paths that it cannot say", () => {
    const volumes = [
      { source: "/data", target: "/var/data", readOnly: true },
      { source: "/vol", target: "in/sandbox", readOnly: false },
    ];
    expect(body({}, { volumes })).toMatchObject({
      HostConfig: {
        Binds: [
          "/work/c1:/mnt/mesos/sandbox:rw",
          "/data:/var/data:ro",
          "/vol:/mnt/mesos/sandbox/in/sandbox:rw",
        ],
      },
    });
    const odd = [{ source: "/a:b", target: "/c", readOnly: false }];
    expect(() => body({}, { volumes: odd })).toThrow("has a colon");
  });

  test("takes the parameters of docker run that it knows", () => {
    const parameters = Object.entries({
      "cap-add": "NET_ADMIN",
      label: "team=a=b",
      env: "EXTRA=1",
      ulimit: "nofile=10:20",
      "shm-size": "64m",
      tmpfs: "/run:size=1m",
      volume: "/x:/y",
      workdir: "/w",
      "read-only": "true",
      device: "/dev/fuse",
    }).map(([key, value]) => ({ key, value }));
    expect(body({ parameters, privileged: true })).toMatchObject({
      Env: ["X=1", "MESOS_SANDBOX=/mnt/mesos/sandbox", "EXTRA=1"],
      Labels: { a: "b", team: "a=b" },
      WorkingDir: "/w",
      HostConfig: {
        CapAdd: ["NET_ADMIN"],
        Ulimits: [{ Name: "nofile", Soft: 10, Hard: 20 }],
        ShmSize: 64 * MIB,
        Tmpfs: { "/run": "size=1m" },
        Binds: ["/work/c1:/mnt/mesos/sandbox:rw", "/x:/y"],
        ReadonlyRootfs: true,
        Privileged: true,
        Devices: [
          { PathOnHost: "/dev/fuse", PathInContainer: "/dev/fuse", CgroupPermissions: "rwm" },
        ],
      },
    });
    expect(() => body({ parameters: [{ key: "toString", value: "x" }] })).toThrow(
      'the Docker parameter "toString" is not known here',
    );
    expect(() => body({ parameters: [{ key: "shm-size", value: "much" }] })).toThrow("is no size");
  });
});
