/** A task that is started through a real master is in the probe's report. */
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createAgent } from "../../../../src/agent/node/mod.ts";
import { asyncDispose, Disposer } from "../../../../src/base/mod.ts";
import { MemoryTree } from "../../../../src/coordination/mod.ts";
import { serveMaster } from "../../../../src/master/node/mod.ts";
import { AgentReporter } from "../../../../src/probe/node/agents/agents.ts";
import { startProbe } from "../../../../src/probe/node/start.ts";
import { connect, match, task } from "../../../../src/scheduler/mod.ts";
import { decodeReport, type Report, type ReportNode } from "../../../../src/topology/mod.ts";

async function collector(opened: Disposer) {
  const reports: Report[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    response.end('{"id":"one"}');
    if (request.url !== "/api/report") return;
    const headers = { contentType: "application/msgpack", contentEncoding: "gzip" };
    reports.push(await decodeReport(Buffer.concat(chunks), headers));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  opened.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return { reports, address: `127.0.0.1:${port}` };
}

const wordsOf = (node: ReportNode) =>
  Object.fromEntries(
    ["mesos_task_id", "mesos_framework_name", "mesos_task_state", "docker_container_name"].map(
      (key) => [key, node.latest.get(key)?.value],
    ),
  );

describe("AgentReporter", () => {
  test("shows a task with its processes and its connections, some seconds after its start", async () => {
    const opened = new Disposer();
    try {
      const workDir = mkdtempSync(join(tmpdir(), "fairlead-probe-"));
      opened.defer(() => rmSync(workDir, { recursive: true, force: true }));
      const store = opened.use(new MemoryTree().connect());
      const served = opened.use(
        await serveMaster({ store, port: 0, core: { allocationDelayMs: 0 } }),
      );
      const resources = "cpus:2;mem:512;disk:512";
      const agent = await createAgent({
        masters: served.url,
        workDir,
        port: 0,
        resources,
        switchUser: false,
      });
      opened.defer(() => agent.shutdown());
      const { reports, address } = await collector(opened);
      const service = createServer().listen(0, "127.0.0.1");
      await once(service, "listening");
      opened.defer(() => {
        service.closeAllConnections();
        service.close();
      });
      const there = service.address();
      const port = typeof there === "object" && there !== null ? there.port : 0;
      opened.use(
        startProbe({
          collectors: [address],
          hostId: "h",
          docker: false,
          oci: false,
          agents: [agent.url],
        }),
      );
      const scheduler = opened.use(connect({ master: served.url, framework: { name: "shop" } }));
      const script = `require("net").connect(${port}, "127.0.0.1"); setInterval(() => {}, 1000)`;
      const command = `${process.execPath} -e '${script}'; true`;
      const tasks = [task({ name: "web", id: "web.1", cpus: 0.5, mem: 32, command })];
      void (async () => {
        for await (const event of scheduler.events()) {
          if (event.type === "OFFERS") await scheduler.apply(match(event.offers, tasks.splice(0)));
        }
      })();
      const found = () => {
        for (const { topologies } of reports.toReversed()) {
          const processes = [...(topologies.Process?.nodes.values() ?? [])];
          const own = processes.filter(
            (node) => node.latest.get("mesos_task_id")?.value === "web.1",
          );
          const endpoint = [...(topologies.Endpoint?.nodes.values() ?? [])].find((node) =>
            node.adjacency.some((id) => id.endsWith(`;127.0.0.1;${port}`)),
          );
          const pid = endpoint?.latest.get("pid")?.value;
          const inside = own.find((node) => node.latest.get("pid")?.value === pid);
          if (inside === undefined || endpoint === undefined) continue;
          const [id = ""] = inside.parents.get("container") ?? [];
          const container = topologies.Container?.nodes.get(id);
          if (container !== undefined) return { inside, endpoint, container };
        }
        return undefined;
      };
      await expect.poll(found, { timeout: 50_000, interval: 200 }).toBeDefined();
      const words = found();
      expect(words?.inside.latest.get("cmdline")?.value).toContain(script);
      expect(words === undefined ? {} : wordsOf(words.container)).toEqual({
        mesos_task_id: "web.1",
        mesos_framework_name: "shop",
        mesos_task_state: "TASK_RUNNING",
        docker_container_name: "web",
      });
      await scheduler.teardown();
    } finally {
      await opened[asyncDispose]();
    }
  });

  test("says which agent does not answer", async () => {
    const reporter = new AgentReporter({
      agents: ["http://127.0.0.1:1"],
      hasContainer: () => false,
    });
    const { signal } = new AbortController();
    await expect(reporter.report({ tick: 1, nowMs: 0, signal })).rejects.toMatchObject({
      code: "agent_unreachable",
      message: "Cannot ask the agent at 127.0.0.1:1: nobody answers",
    });
  });
});
