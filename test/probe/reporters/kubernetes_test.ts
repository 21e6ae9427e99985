import { describe, expect, test } from "vitest";
import type { KubeObject } from "../../../src/probe/kubernetes/objects.ts";
import { makeNode, makeReport, makeTopology } from "../../../src/probe/report/build.ts";
import {
  deletedPod,
  kubernetesReport,
  podTagger,
} from "../../../src/probe/reporters/kubernetes.ts";

const EMPTY: KubeObject = {
  key: "Pod",
  uid: "",
  name: "",
  namespace: "shop",
  created: "",
  labels: {},
  owner: "",
  selector: {},
  nodeName: "",
  containers: [],
  words: {},
};
const object = (key: KubeObject["key"], uid: string, more: Partial<KubeObject> = {}) => ({
  ...EMPTY,
  key,
  uid,
  name: `${uid}-name`,
  ...more,
});
const byUid = (...all: readonly KubeObject[]) => new Map(all.map((each) => [each.uid, each]));

const web = object("Pod", "p1", { labels: { app: "web" }, owner: "rs", nodeName: "node-1" });
const world = byUid(
  web,
  object("Pod", "p2", { labels: { app: "web" }, namespace: "other", owner: "job" }),
  object("Service", "s1", { selector: { app: "web" } }),
  object("Service", "s2", { selector: { app: "web", tier: "back" } }),
  object("Service", "s3"),
  object("ReplicaSet", "rs", { owner: "d" }),
  object("Deployment", "d"),
  object("Job", "job", { owner: "cron" }),
  object("CronJob", "cron"),
);

describe("kubernetesReport()", () => {
  test("puts pods below their services and all that owns them", () => {
    const { topologies } = kubernetesReport(1_000, world);
    const parents = (uid: string) =>
      Object.fromEntries(topologies.Pod?.nodes.get(`${uid};<pod>`)?.parents ?? []);
    expect(parents("p1")).toEqual({
      service: ["s1;<service>"],
      replica_set: ["rs;<replica_set>"],
      deployment: ["d;<deployment>"],
      host: ["node-1;<host>"],
    });
    expect(parents("p2")).toEqual({ job: ["job;<job>"], cron_job: ["cron;<cronjob>"] });
  });

  test("says Scope's keys", () => {
    const pod = kubernetesReport(1_000, world).topologies.Pod?.nodes.get("p1;<pod>");
    const latest = Object.fromEntries([...(pod?.latest ?? [])].map(([k, { value }]) => [k, value]));
    expect(latest).toEqual({
      host_node_id: "node-1;<host>",
      kubernetes_labels_app: "web",
      kubernetes_name: "p1-name",
      kubernetes_namespace: "shop",
    });
  });

  test("tells of some only, with parents among all", () => {
    const { topologies } = kubernetesReport(1_000, world, [deletedPod(web)]);
    expect(Object.keys(topologies)).toEqual(["Pod"]);
    const [pod] = topologies.Pod?.nodes.values() ?? [];
    expect(pod?.latest.get("kubernetes_state")?.value).toBe("deleted");
    expect(pod?.parents.get("service")).toEqual(["s1;<service>"]);
  });
});

describe("podTagger()", () => {
  test("puts containers into the pods that name them, or that their labels name", () => {
    const at = { timestamp: 1n };
    const container = (id: string, label?: string) =>
      makeNode(`${id};<container>`, "container", {
        latest: new Map([
          ["docker_container_id", { ...at, value: id }],
          ...(label === undefined
            ? []
            : ([["docker_label_io.kubernetes.pod.uid", { ...at, value: label }]] as const)),
        ]),
      });
    const nodes = [container("c1"), container("c2", "p2"), container("c3")];
    const tagger = podTagger((id) => (id === "c1" ? "p1" : undefined));
    const { topologies } = tagger.tag(makeReport({ Container: makeTopology(nodes) }));
    const pods = [...(topologies.Container?.nodes.values() ?? [])].map(({ parents }) =>
      parents.get("pod"),
    );
    expect(pods).toEqual([["p1;<pod>"], ["p2;<pod>"], undefined]);
  });
});
