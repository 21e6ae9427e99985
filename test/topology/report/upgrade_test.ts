import { emptyReport, makeNode, makeReport, makeTopology, upgradeReport } from "fairlead/topology";
import { describe, expect, test } from "vitest";

describe("upgradeReport()", () => {
  test("makes the deployments of its replica sets a pod's parents", () => {
    const pod = makeNode("Pod", "p;<pod>", { parents: { replica_set: ["r"], host: ["h"] } });
    const set = makeNode("ReplicaSet", "r", { parents: { deployment: ["d"] } });
    const report = upgradeReport(
      makeReport({ Pod: makeTopology([pod]), ReplicaSet: makeTopology([set]) }),
    );
    expect(report.topologies.Pod?.nodes.get("p;<pod>")?.parents).toEqual(
      new Map([
        ["host", ["h"]],
        ["deployment", ["d"]],
      ]),
    );
  });

  test("makes namespaces of what is in them, but for what is deleted", () => {
    const pod = (id: string, namespace: string, state: string) =>
      makeNode("Pod", id, {
        latest: { kubernetes_namespace: namespace, kubernetes_state: state },
      });
    const Pod = makeTopology([pod("a", "ping", "Running"), pod("b", "gone", "deleted")]);
    const { Namespace } = upgradeReport(makeReport({ Pod })).topologies;
    expect([...(Namespace?.nodes.keys() ?? [])]).toEqual(["ping;<namespace>"]);
    expect(Namespace?.nodes.get("ping;<namespace>")?.latest.get("kubernetes_name")?.value).toBe(
      "ping",
    );
  });

  test("makes names by address of the sets of endpoints", () => {
    const endpoint = (id: string, sets: Record<string, readonly string[]>) =>
      makeNode("Endpoint", id, { sets });
    const Endpoint = makeTopology([
      endpoint(";8.8.8.8;53", { reverse_dns_names: ["dns.google"] }),
      endpoint(";8.8.8.8;80", { snooped_dns_names: ["a", "b"] }),
      endpoint(";9.9.9.9;80", {}),
    ]);
    expect(upgradeReport(makeReport({ Endpoint })).dns).toEqual(
      new Map([["8.8.8.8", { forward: ["a", "b"], reverse: ["dns.google"] }]]),
    );
  });

  test("leaves a report alone that needs nothing", () => {
    const report = emptyReport({ id: "1" });
    expect(upgradeReport(report)).toBe(report);
  });
});
