import { describe, expect, test } from "vitest";
import { faultOfContainer, sharesCgroups } from "../../../src/master/validate/container.ts";
import type { ContainerInfo, Volume } from "../../../src/model/mod.ts";

type Rlimit = NonNullable<NonNullable<ContainerInfo["rlimit_info"]>["rlimits"]>[number];

function volumes(volume: Omit<Volume, "container_path">): ContainerInfo {
  return { type: "MESOS", volumes: [{ container_path: "/data", ...volume }] };
}

function rlimits(...limits: Rlimit[]): ContainerInfo {
  return { type: "MESOS", rlimit_info: { rlimits: limits } };
}

describe("faultOfContainer()", () => {
  test.each<ContainerInfo>([
    { type: "MESOS" },
    volumes({ host_path: "/tmp" }),
    volumes({ image: { type: "DOCKER" } }),
    volumes({ source: { type: "SANDBOX_PATH", sandbox_path: { type: "SELF", path: "d" } } }),
    volumes({ source: { type: "SECRET", secret: { type: "VALUE", value: { data: "YQ==" } } } }),
    { type: "DOCKER", docker: { image: "alpine", parameters: [{ key: "env", value: "A=1" }] } },
    rlimits({ type: "RLMT_NOFILE", soft: 10, hard: 20 }, { type: "RLMT_CORE" }),
  ])("takes %j", (container) => {
    expect(faultOfContainer(container)).toBeUndefined();
  });

  test.each<[ContainerInfo, string]>([
    [
      volumes({}),
      "Invalid volume: Only one of them should be set: 'host_path', 'image' and 'source'",
    ],
    [
      volumes({ host_path: "/a", source: { type: "HOST_PATH", host_path: { path: "/a" } } }),
      "Invalid volume: Only one of them should be set: 'host_path', 'image' and 'source'",
    ],
    [
      volumes({ source: { type: "DOCKER_VOLUME" } }),
      "Invalid volume: 'source.docker_volume' is not set for DOCKER_VOLUME volume",
    ],
    [
      volumes({ source: { type: "HOST_PATH" } }),
      "Invalid volume: 'source.host_path' is not set for HOST_PATH volume",
    ],
    [
      volumes({ source: { type: "SANDBOX_PATH" } }),
      "Invalid volume: 'source.sandbox_path' is not set for SANDBOX_PATH volume",
    ],
    [
      volumes({ source: { type: "SECRET" } }),
      "Invalid volume: 'source.secret' is not set for SECRET volume",
    ],
    [
      volumes({ source: { type: "SECRET", secret: { type: "VALUE" } } }),
      "Invalid volume: Secret of type VALUE must have the 'value' field set",
    ],
    [volumes({ source: { type: "CSI_VOLUME" } }), "Invalid volume: CSI volumes are not supported"],
    [volumes({ source: { type: "TAPE" } }), "Invalid volume: 'source.type' is unknown"],
    [{ type: "DOCKER" }, "DockerInfo 'docker' is not set for DOCKER typed ContainerInfo"],
    [
      { type: "DOCKER", docker: { image: "a", parameters: [{ key: "name", value: "b" }] } },
      "Parameter in DockerInfo must not be 'name'",
    ],
    [rlimits({ type: "RLMT_LUCK" }), "Unknown rlimit type 'RLMT_LUCK'"],
    [
      rlimits({ type: "RLMT_CPU", hard: 1 }),
      "Invalid rlimit values: RLMT_CPU must set both 'hard' and 'soft', or neither",
    ],
    [
      rlimits({ type: "RLMT_CPU", hard: 1, soft: 2 }),
      "Invalid rlimit values: RLMT_CPU has a 'soft' limit above its 'hard' one",
    ],
  ])("refuses %j", (container, message) => {
    expect(faultOfContainer(container)).toBe(message);
  });
});

test("sharesCgroups() is so unless a container says otherwise", () => {
  expect(sharesCgroups(undefined)).toBe(true);
  expect(sharesCgroups({ type: "MESOS" })).toBe(true);
  expect(sharesCgroups({ type: "MESOS", linux_info: { share_cgroups: false } })).toBe(false);
});
