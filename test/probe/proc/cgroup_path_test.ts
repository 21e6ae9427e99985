import { describe, expect, test } from "vitest";
import { containerIdOf, parseCgroups } from "../../../src/probe/proc/cgroup_path.ts";

const ID = "0123456789abcdef".repeat(4);
const INNER = "f".repeat(64);

describe("containerIdOf()", () => {
  test.each([
    ["Docker on cgroup v1", `12:cpu,cpuacct:/docker/${ID}`],
    ["Docker under systemd", `0::/system.slice/docker-${ID}.scope`],
    ["podman on cgroup v1", `8:pids:/libpod_parent/libpod-${ID}`],
    ["podman under systemd", `0::/machine.slice/libpod-${ID}.scope/container`],
    [
      "containerd in Kubernetes",
      `0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-${ID}.scope`,
    ],
    ["CRI-O in Kubernetes", `0::/kubepods.slice/crio-${ID}.scope`],
    ["Kubernetes on cgroup v1", `4:memory:/kubepods/burstable/pod12-34/${ID}`],
  ])("finds the id of %s", (_what, text) => {
    expect(containerIdOf(`${text}\n`)).toBe(ID);
  });

  test("takes the innermost of two", () => {
    expect(containerIdOf(`0::/docker/${ID}/docker/${INNER}`)).toBe(INNER);
  });

  test("finds none outside of containers, nor for podman's monitor", () => {
    expect(containerIdOf("0::/user.slice/session-1.scope\n8:pids:/")).toBeUndefined();
    expect(containerIdOf(`0::/machine.slice/libpod-conmon-${ID}.scope`)).toBeUndefined();
    expect(containerIdOf("")).toBeUndefined();
  });
});

describe("parseCgroups()", () => {
  test("gives each controller's folder, and that of version 2 under an empty name", () => {
    const folders = parseCgroups("4:cpu,cpuacct:/a:b\n0::/c\nnoise\n");
    expect([...folders]).toEqual([
      ["cpu", "/a:b"],
      ["cpuacct", "/a:b"],
      ["", "/c"],
    ]);
  });
});
