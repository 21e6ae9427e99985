import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { TopologyApi } from "../../../../src/ui/topology/feed/topology_api.ts";
import { TestCollector } from "../support/collector.ts";
import { containerId } from "../support/world.ts";

let collector: TestCollector;
let api: TopologyApi;

beforeAll(async () => {
  const page = async () => new Response(null, { status: 404 });
  collector = await TestCollector.start({ hosts: 3, containers: 24 }, page);
  api = new TopologyApi({ src: "/api", base: collector.url });
});
afterEach(() => collector.reset());
afterAll(() => collector[Symbol.asyncDispose]());

const query = { topologyId: "containers", options: { stopped: "running" } };

test("TopologyApi reads nodes and details, whatever stands in an id", async () => {
  const nodes = await api.nodes(query);
  expect(nodes.get(containerId(0))?.label).toBe("edge-proxy-0");
  const node = await api.node(query, containerId(0));
  expect(node.controls.map(({ human }) => human)).toContain("Exec shell");
  expect(node.connections.map(({ label }) => label)).toEqual(["Inbound", "Outbound"]);
  expect(collector.asked.at(-1)).toContain("%3B%3Ccontainer%3E?stopped=running");
});

test("TopologyApi tells of a node that is gone", async () => {
  await expect(api.node(query, "gone;<container>")).rejects.toMatchObject({
    code: "node_not_found",
  });
});

test("TopologyApi runs controls and tells what they answered", async () => {
  const target = { probeId: "probe-1", nodeId: containerId(0), control: "docker_exec_container" };
  expect(await api.control(target, { width: "80" })).toMatchObject({
    pipe: "pipe-1",
    isRawTty: true,
    resizeControl: "docker_resize_exec_tty",
  });
  expect(collector.controls).toEqual([
    ["probe-1", containerId(0), "docker_exec_container", { width: "80" }],
  ]);
  collector.refusal = "probe nope is not connected right now";
  await expect(api.control(target)).rejects.toMatchObject({
    code: "collector_refused",
    message: expect.stringContaining("probe nope is not connected"),
  });
});

test("TopologyApi has a code for each way to fail", async () => {
  collector.away = true;
  await expect(api.info()).rejects.toMatchObject({ code: "collector_unreachable" });
  collector.away = false;
  collector.authorization = "Basic x";
  await expect(api.info()).rejects.toMatchObject({ code: "collector_unauthorized" });
  const nobody = new TopologyApi({ src: "http://127.0.0.1:9/api" });
  await expect(nobody.info()).rejects.toMatchObject({ code: "collector_unreachable" });
});

test.each<[unknown, string]>([
  [{}, "the list of topologies"],
  [[{ url: "/x" }], '"stats"'],
  [[{ stats: { node_count: 1 } }], '"url"'],
])("TopologyApi refuses %o as a list of topologies", async (answer, told) => {
  const odd = new TopologyApi({ src: "http://x/api", fetch: async () => Response.json(answer) });
  await expect(odd.topologies({})).rejects.toMatchObject({
    code: "invalid_answer",
    message: expect.stringContaining(told),
  });
});

test("TopologyApi refuses what is no JSON, and passes on the error of a control", async () => {
  const text = new TopologyApi({ src: "http://x/api", fetch: async () => new Response("<html>") });
  await expect(text.info()).rejects.toMatchObject({ code: "invalid_answer" });
  const failed = async () => Response.json({ error: "no such container" });
  const target = { probeId: "p", nodeId: "n", control: "c" };
  await expect(
    new TopologyApi({ src: "http://x/api", fetch: failed }).control(target),
  ).rejects.toMatchObject({ code: "control_failed" });
});
