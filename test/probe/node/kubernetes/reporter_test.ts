import { describe, expect, test } from "vitest";
import { FairleadError, SeededRandom, VirtualClock } from "../../../../src/base/mod.ts";
import type { KubeApi } from "../../../../src/probe/kubernetes/watch.ts";
import { kubeApi } from "../../../../src/probe/node/kubernetes/api.ts";
import { KubernetesReporter } from "../../../../src/probe/node/kubernetes/reporter.ts";
import type { Report } from "../../../../src/topology/mod.ts";
import { KubeServer } from "../../support/kube_server.ts";

const { signal } = new AbortController();
const PODS = "/api/v1/pods";
const pod = (uid: string, id: string) => ({
  metadata: { uid, name: uid, namespace: "shop", labels: { app: "web" } },
  status: { phase: "Running", containerStatuses: [{ containerID: `cri-o://${id}` }] },
});

function start(reporter: KubernetesReporter) {
  const told: Report[] = [];
  const stop = new AbortController();
  const running = reporter.watch((report) => told.push(report), stop.signal).catch(() => undefined);
  const close = () => {
    stop.abort(new FairleadError("aborted", "over"));
    return running;
  };
  return { told, [Symbol.asyncDispose]: close };
}

describe("KubernetesReporter", () => {
  test("reports all kinds, and pods that come and go at once", async () => {
    using server = await new KubeServer().listen();
    server.put(PODS, pod("p1", "c1"));
    server.put("/api/v1/services", {
      metadata: { uid: "s1", name: "web", namespace: "shop" },
      spec: { selector: { app: "web" } },
    });
    const reporter = new KubernetesReporter({ api: kubeApi({ url: server.url }) });
    await using started = start(reporter);
    const look = async () => (await reporter.report({ tick: 1, nowMs: 5, signal })).topologies;
    await expect.poll(async () => Object.keys(await look())).toEqual(["Pod", "Service"]);
    expect((await look()).Pod?.nodes.get("p1;<pod>")?.parents.get("service")).toEqual([
      "s1;<service>",
    ]);
    expect(reporter.podOf("c1")).toBe("p1");
    expect((await look()).Pod).toBe((await look()).Pod);
    await expect.poll(() => server.watches(PODS)).toBe(1);
    server.emit(PODS, "DELETED", pod("p1", "c1"));
    await expect.poll(() => started.told.length).toBe(1);
    const gone = started.told[0]?.topologies.Pod?.nodes.get("p1;<pod>");
    expect(gone?.latest.get("kubernetes_state")?.value).toBe("deleted");
    expect(Object.keys(await look())).toEqual(["Service"]);
  });

  test("asks for the pods of a node only, where it is told to", async () => {
    using server = await new KubeServer().listen();
    const reporter = new KubernetesReporter({ api: kubeApi({ url: server.url }), nodeName: "n1" });
    await using _started = start(reporter);
    await expect.poll(() => server.watches(PODS)).toBe(1);
    expect(new Set(server.asked.map(({ path }) => path))).toEqual(new Set([PODS]));
    expect(server.asked[0]?.query.get("fieldSelector")).toBe("spec.nodeName=n1");
  });

  test("fails when nothing was ever listed, and a minute after the server was lost", async () => {
    const clock = new VirtualClock();
    let isThere = false;
    const api: KubeApi = {
      async get() {
        if (!isThere) throw new FairleadError("kubernetes_failed", "Cannot: it is away");
        return { metadata: { resourceVersion: "1" }, items: [pod("p1", "c1")] };
      },
      async *lines() {
        if (!isThere) throw new FairleadError("kubernetes_failed", "Cannot: it is away");
        yield { type: "BOOKMARK", object: { metadata: { resourceVersion: "2" } } };
      },
    };
    const reporter = new KubernetesReporter({
      api,
      clock,
      random: new SeededRandom(1),
      nodeName: "n",
    });
    const started = start(reporter);
    const look = () => reporter.report({ tick: 1, nowMs: clock.nowMs(), signal });
    await clock.advance(500);
    await expect(look()).rejects.toMatchObject({ code: "kubernetes_failed" });
    isThere = true;
    await clock.advance(20_000);
    expect((await look()).topologies.Pod?.nodes.size).toBe(1);
    isThere = false;
    await clock.advance(50_000);
    expect((await look()).topologies.Pod?.nodes.size).toBe(1);
    await clock.advance(30_000);
    await expect(look()).rejects.toThrow("it is away");
    await started[Symbol.asyncDispose]();
  });
});
