import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { at, KUBE_KINDS, readKubeObject, textAt } from "../../../src/probe/kubernetes/objects.ts";

const read = (key: string, object: object) => {
  const kind = KUBE_KINDS.find((each) => each.key === key);
  return kind === undefined ? undefined : readKubeObject(kind, object);
};
const metadata = { uid: "u1", name: "web", namespace: "shop" };

describe("readKubeObject()", () => {
  test("reads a pod: where it runs, its containers, its owner", () => {
    const pod = read("Pod", {
      metadata: {
        ...metadata,
        labels: { app: "web" },
        ownerReferences: [
          { uid: "not", controller: false },
          { uid: "rs", controller: true },
        ],
      },
      spec: { nodeName: "node-1", hostNetwork: true },
      status: {
        phase: "Running",
        podIP: "10.0.0.7",
        containerStatuses: [
          { restartCount: 2, containerID: "containerd://c1" },
          { restartCount: 1, containerID: "" },
        ],
      },
    });
    expect(pod).toEqual({
      key: "Pod",
      uid: "u1",
      name: "web",
      namespace: "shop",
      created: "",
      labels: { app: "web" },
      owner: "rs",
      selector: {},
      nodeName: "node-1",
      containers: ["c1"],
      words: {
        kubernetes_state: "Running",
        kubernetes_ip: "10.0.0.7",
        kubernetes_restart_count: "3",
        kubernetes_is_in_host_network: "true",
      },
    });
  });

  test("reads what the other kinds have of their own", () => {
    const words = (key: string, rest: object) => read(key, { metadata, ...rest })?.words;
    expect(
      words("Service", {
        spec: {
          clusterIP: "10.1.0.1",
          type: "LoadBalancer",
          ports: [{ port: 80, nodePort: 30_080, protocol: "TCP" }, { port: 53 }],
        },
        status: { loadBalancer: { ingress: [{ ip: "1.2.3.4" }] } },
      }),
    ).toEqual({
      kubernetes_ip: "10.1.0.1",
      kubernetes_type: "LoadBalancer",
      kubernetes_public_ip: "1.2.3.4",
      kubernetes_ports: "80:30080/TCP, 53/TCP",
    });
    expect(
      words("Deployment", {
        spec: { replicas: 3, strategy: { type: "RollingUpdate" } },
        status: { replicas: 2, observedGeneration: 7 },
      }),
    ).toEqual({
      kubernetes_desired_replicas: "3",
      kubernetes_replicas: "2",
      kubernetes_observed_generation: "7",
      kubernetes_strategy: "RollingUpdate",
    });
    expect(
      words("CronJob", {
        spec: { schedule: "* * * * *", suspend: false },
        status: { active: [{}] },
      }),
    ).toEqual({
      kubernetes_schedule: "* * * * *",
      kubernetes_suspended: "false",
      kubernetes_active_jobs: "1",
    });
  });

  test("passes over what has no uid or no name, and fails at nothing", () => {
    expect(read("Pod", { metadata: { uid: "u" } })).toBeUndefined();
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        for (const kind of KUBE_KINDS) readKubeObject(kind, value);
        for (const kind of KUBE_KINDS)
          readKubeObject(kind, { metadata, spec: value, status: value });
      }),
    );
  });
});

describe("at() and textAt()", () => {
  test("find own fields only", () => {
    expect(at({ a: { b: 1 } }, "a", "b")).toBe(1);
    expect(at({}, "constructor")).toBeUndefined();
    expect([textAt({ a: 0 }, "a"), textAt({ a: false }, "a"), textAt({ a: {} }, "a")]).toEqual([
      "0",
      "false",
      "",
    ]);
  });
});
