import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Disposer } from "../../../../src/base/mod.ts";
import { ControlRegistry } from "../../../../src/probe/controls/registry.ts";
import { PluginReporter } from "../../../../src/probe/node/plugins/plugins.ts";

const { signal } = new AbortController();
const context = { openPipe: async () => "" };

class Plugins extends Disposer {
  readonly folder = mkdtempSync(join(tmpdir(), "fairlead-plugins-"));

  async serve(name: string, listener: RequestListener): Promise<void> {
    mkdirSync(join(this.folder, name, ".."), { recursive: true });
    const server = createServer(listener);
    await new Promise<void>((done) => server.listen(join(this.folder, `${name}.sock`), done));
    this.defer(() => {
      server.closeAllConnections();
      server.close();
    });
  }

  open(allowed: readonly string[] = []) {
    this.defer(() => rmSync(this.folder, { recursive: true, force: true }));
    const registry = new ControlRegistry({ allowed });
    const { folder } = this;
    const options = { folder, probeId: "7", registry, timeoutMs: 400 };
    return { registry, reporter: new PluginReporter(options) };
  }
}

const reportOf = (id: string, more = {}) => ({
  Host: {
    nodes: {
      "h;<host>": {
        latest: {
          iowait: { timestamp: "2026-01-01T00:00:00Z", value: "3" },
          active_controls: { timestamp: "2026-01-01T00:00:00Z", value: "off" },
        },
      },
    },
    controls: { off: { id: "off", human: "Switch off", icon: "fa fa-clock", rank: 1 } },
  },
  Plugins: [{ id, label: id, interfaces: ["reporter", "controller"], api_version: "1", ...more }],
});

describe("PluginReporter", () => {
  test("takes reports as Scope's plugins give them, and passes controls on", async () => {
    await using plugins = new Plugins();
    const asked: string[] = [];
    await plugins.serve("sub/iowait", async (request, response) => {
      let body = "";
      for await (const chunk of request) body += chunk;
      asked.push(`${request.method} ${request.url} ${body}`);
      const answer = request.method === "POST" ? { value: "done" } : reportOf("sub-iowait");
      response.end(JSON.stringify(answer));
    });
    const { registry, reporter } = plugins.open(["sub-iowait~off"]);
    const report = await reporter.report({ tick: 1, nowMs: 0, signal });
    const host = report.topologies.Host;
    expect(host?.nodes.get("h;<host>")?.latest.get("iowait")?.value).toBe("3");
    expect(host?.nodes.get("h;<host>")?.latest.get("active_controls")?.value).toBe(
      "sub-iowait~off",
    );
    expect(host?.controls?.get("sub-iowait~off")).toMatchObject({
      human: "Switch off",
      probeId: "7",
    });
    expect(report.plugins).toMatchObject([{ id: "sub-iowait", status: "ok" }]);
    const call = { appId: "a", nodeId: "h;<host>", control: "sub-iowait~off", args: { x: "1" } };
    expect(await registry.call(call, context)).toEqual({ value: "done" });
    expect(asked).toEqual([
      "GET /report?probe_id=7&api_version=1 ",
      'POST /control {"AppID":"a","NodeID":"h;<host>","Control":"off","ControlArgs":{"x":"1"}}',
    ]);
  });

  test("offers no control that is not allowed, and none of a plugin that has gone", async () => {
    await using plugins = new Plugins();
    await plugins.serve("iowait", (_request, response) =>
      response.end(JSON.stringify(reportOf("iowait"))),
    );
    const { registry, reporter } = plugins.open();
    const report = await reporter.report({ tick: 1, nowMs: 0, signal });
    expect(report.topologies.Host?.controls?.size).toBe(0);
    const call = { appId: "", nodeId: "", control: "iowait~off", args: {} };
    expect((await registry.call(call, context)).error).toMatch(/does not allow/);
    rmSync(join(plugins.folder, "iowait.sock"));
    expect((await reporter.report({ tick: 6, nowMs: 0, signal })).plugins).toEqual([]);
    expect((await registry.call(call, context)).error).toMatch(/not recognised/);
  });

  test("names what is wrong with a plugin in its status, and goes on with the others", async () => {
    await using plugins = new Plugins();
    const answers: Record<string, RequestListener> = {
      broken: (_request, response) => response.end("{"),
      good: (_request, response) => response.end(JSON.stringify(reportOf("good"))),
      hangs: () => {},
      other: (_request, response) => response.end(JSON.stringify(reportOf("another"))),
      refuses: (_request, response) => {
        response.statusCode = 500;
        response.end();
      },
      silent: (_request, response) => response.end("{}"),
    };
    for (const [name, listener] of Object.entries(answers)) await plugins.serve(name, listener);
    const { reporter } = plugins.open();
    const report = await reporter.report({ tick: 1, nowMs: 0, signal });
    const statuses = Object.fromEntries(report.plugins.map(({ id, status }) => [id, status]));
    expect(statuses).toEqual({
      broken: expect.stringMatching(/^error: Cannot/),
      good: "ok",
      hangs: "error: no answer in 400 ms",
      other: "error: Cannot use plugin other: it calls itself another",
      refuses: "error: it answered 500",
      silent: "error: Cannot use plugin silent: its report must have exactly one entry of plugins",
    });
    expect(report.topologies.Host?.nodes.size).toBe(1);
  });
});
