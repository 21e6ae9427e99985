import { once } from "node:events";
import { createServer } from "node:http";
import { describe, expect, test } from "vitest";
import { startProbe } from "../../../src/probe/node/start.ts";
import { decodeReport, mergeReports, type Report, Shards } from "../../../src/topology/mod.ts";
import { KubeServer } from "../support/kube_server.ts";

interface Taken {
  readonly report: Report;
  readonly probeId: string;
}

async function collector() {
  const taken: Taken[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    if (request.url === "/api/report") {
      const contentType = request.headers["content-type"] ?? "";
      const contentEncoding = request.headers["content-encoding"] ?? "";
      const report = await decodeReport(Buffer.concat(chunks), { contentType, contentEncoding });
      taken.push({ report, probeId: String(request.headers["x-scope-probe-id"]) });
    }
    response.end('{"id":"one"}');
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    taken,
    address: `127.0.0.1:${port}`,
    [Symbol.dispose]: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

describe("startProbe()", () => {
  test("reports this machine to a collector: whole, then what changed", async () => {
    using served = await collector();
    await using running = startProbe({
      collectors: [served.address],
      hostId: "h",
      spyIntervalMs: 500,
      publishIntervalMs: 1_000,
      docker: false,
      oci: false,
    });
    const id = `h;${process.pid}`;
    const nodeOf = ({ report }: Taken) => report.topologies.Process?.nodes.get(id);
    const whole = () => served.taken.find((each) => nodeOf(each)?.topology === "process");
    const short = () => served.taken.find((each) => nodeOf(each)?.topology === "");
    await expect.poll(() => whole() && short(), { timeout: 50_000 }).toBeDefined();
    const [first, second] = [whole(), short()];
    const own = first === undefined ? undefined : nodeOf(first);
    expect(own?.latest.get("pid")?.value).toBe(String(process.pid));
    expect(own?.parents.get("host")).toEqual(["h;<host>"]);
    expect(own?.metrics.get("process_memory_usage_bytes")?.samples.length).toBeGreaterThan(0);
    const machine = first?.report.topologies.Host?.nodes.get("h;<host>");
    expect(machine?.latest.get("control_probe_id")?.value).toBe(running.probeId);
    expect(first?.probeId).toBe(running.probeId);
    const delta = second === undefined ? undefined : nodeOf(second);
    expect(delta?.latest.has("name")).toBe(false);
    expect(delta?.metrics.size).toBeGreaterThan(0);
    const merged = mergeReports(served.taken.map(({ report }) => report));
    expect(merged.topologies.Process?.nodes.get(id)?.topology).toBe("process");
    expect(running.metrics()).toMatch(/probe_sent_total\{form="whole"\} [1-9]/);
  });

  test("tells one of several collectors, and the next in rank when that one is gone", async () => {
    const servers = [await collector(), await collector(), await collector()];
    const ranked = new Shards(servers.map(({ address }) => address)).ranked("h");
    const [first, second, third] = ranked.map((address) =>
      servers.find((server) => server.address === address),
    );
    await using running = startProbe({
      collectors: servers.map(({ address }) => address),
      shard: true,
      hostId: "h",
      spyIntervalMs: 200,
      publishIntervalMs: 200,
      docker: false,
      oci: false,
    });
    await expect.poll(() => first?.taken.length, { timeout: 50_000 }).toBeGreaterThan(0);
    expect([second?.taken.length, third?.taken.length]).toEqual([0, 0]);
    first?.[Symbol.dispose]();
    await expect.poll(() => second?.taken.length, { timeout: 50_000 }).toBeGreaterThan(0);
    expect(third?.taken.length).toBe(0);
    expect(running.publisher.resolveErrors.size).toBe(0);
    second?.[Symbol.dispose]();
    third?.[Symbol.dispose]();
    const gone = () => [...running.publisher.resolveErrors.values()].join();
    await expect.poll(gone, { timeout: 50_000 }).toContain("any of 3 collectors");
  });

  test("reports a cluster of Kubernetes, where it is told to", async () => {
    using served = await collector();
    using server = await new KubeServer().listen();
    server.put("/api/v1/pods", { metadata: { uid: "p1", name: "web", namespace: "shop" } });
    await using running = startProbe({
      collectors: [served.address],
      hostId: "h",
      spyIntervalMs: 500,
      publishIntervalMs: 1_000,
      processes: false,
      connections: false,
      docker: false,
      oci: false,
      kubernetes: { url: server.url },
    });
    const pod = () =>
      served.taken
        .flatMap(({ report }) => report.topologies.Pod?.nodes.get("p1;<pod>") ?? [])
        .at(0);
    await expect.poll(pod, { timeout: 50_000 }).toBeDefined();
    expect(pod()?.latest.get("kubernetes_name")?.value).toBe("web");
    expect(running.probe.failures.size).toBe(0);
    expect(() => startProbe({ kubernetes: { url: "nowhere" } })).toThrow(
      expect.objectContaining({ code: "invalid_option" }),
    );
  });

  test("refuses a collector that is none before it starts anything", () => {
    expect(() => startProbe({ collectors: ["http://a/b"] })).toThrow(
      expect.objectContaining({ code: "invalid_option" }),
    );
  });
});
