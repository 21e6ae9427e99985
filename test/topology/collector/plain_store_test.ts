import { expect, test } from "vitest";
import { encodeReport, PlainStore } from "../../../src/topology/mod.ts";
import { hostReport } from "../support/collector.ts";

test("PlainStore renders what its window holds", () => {
  const store = new PlainStore();
  expect(store.nodes("hosts", {})?.size).toBe(0);
  expect(store.nodes("nothing", {})).toBeUndefined();
  store.add({
    probeId: "p",
    receivedMs: 0,
    contentType: "application/json",
    bytes: encodeReport(hostReport("a"), { format: "json" }),
  });
  expect([...(store.nodes("hosts", {})?.keys() ?? [])]).toEqual(["a;<host>"]);
  expect(store.details("hosts", "a;<host>", {})?.label).toBe("a");
  expect(store.details("hosts", "b;<host>", {})).toBeUndefined();
  expect(store.probes()).toMatchObject([{ id: "probe-a", hostname: "a" }]);
  const hosts = store.topologies({}).find(({ url }) => url.endsWith("/hosts"));
  expect(hosts?.stats.node_count).toBe(1);
});
