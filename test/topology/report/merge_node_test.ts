import { makeMetric, makeNode, mergeMetrics, mergeNodes } from "fairlead/topology";
import { describe, expect, test } from "vitest";

describe("mergeNodes()", () => {
  test("takes the newest of each value, and of one instant the greater", () => {
    const a = makeNode("Process", "h;1", { at: 1n, latest: { k: "old", same: "b" } });
    const b = makeNode("Process", "h;1", { at: 2n, latest: { k: "new" } });
    const c = makeNode("Process", "h;1", { at: 1n, latest: { same: "a" } });
    const merged = mergeNodes(mergeNodes(a, b), c);
    expect(merged.latest.get("k")?.value).toBe("new");
    expect(merged.latest.get("same")?.value).toBe("b");
  });

  test("unites sets, edges and parents", () => {
    const a = makeNode("Process", "p", { sets: { s: ["1"] }, adjacency: ["x"] });
    const b = makeNode("Process", "p", { sets: { s: ["2"] }, parents: { host: ["h"] } });
    expect(mergeNodes(a, b)).toMatchObject({
      sets: new Map([["s", ["1", "2"]]]),
      adjacency: ["x"],
      parents: new Map([["host", ["h"]]]),
    });
  });

  test("gives a delta the topology of its full node", () => {
    const full = makeNode("Process", "p");
    expect(mergeNodes({ ...full, topology: "" }, full).topology).toBe("process");
  });

  test("does not fail where two say a different topology of one id", () => {
    const node = makeNode("Process", "p");
    expect(mergeNodes(node, { ...node, topology: "host" }).topology).toBe("process");
  });

  test("keeps the controls of all probes of a host, of others the newest", () => {
    const at = (key: "Host" | "Container", id: string, time: bigint, controls: string[]) =>
      makeNode(key, id, { at: time, activeControls: controls });
    const host = mergeNodes(
      at("Host", "h;<host>", 1n, ["exec"]),
      at("Host", "h;<host>", 2n, ["drain", "exec"]),
    );
    expect(host.latest.get("active_controls")).toEqual({ timestamp: 2n, value: "drain;exec" });
    const container = mergeNodes(
      at("Container", "c;<container>", 1n, ["stop"]),
      at("Container", "c;<container>", 2n, ["start"]),
    );
    expect(container.latest.get("active_controls")?.value).toBe("start");
  });

  test("merges children of one id", () => {
    const child = (latest: Record<string, string>) =>
      makeNode("Process", "c", { children: [makeNode("Endpoint", "e", { latest })] });
    const [merged] = mergeNodes(child({ a: "1" }), child({ b: "2" })).children;
    expect([...(merged?.latest.keys() ?? [])]).toEqual(["a", "b"]);
  });
});

describe("mergeMetrics()", () => {
  const metric = (...dates: bigint[]) =>
    makeMetric(dates.map((date) => ({ date, value: Number(date) })));

  test("puts samples in order, one an instant", () => {
    const merged = mergeMetrics(metric(1n, 3n, 5n), metric(2n, 3n, 6n));
    expect(merged.samples.map(({ date }) => date)).toEqual([1n, 2n, 3n, 5n, 6n]);
    expect(merged).toMatchObject({ min: 1, max: 6 });
  });

  test("lets one without samples say nothing", () => {
    const none = { samples: [], min: -5, max: 900 };
    expect(mergeMetrics(none, metric(1n))).toEqual(metric(1n));
    expect(mergeMetrics(metric(1n), none)).toEqual(metric(1n));
    expect(mergeMetrics(none, { ...none, max: 1_000 }).max).toBe(1_000);
  });
});
