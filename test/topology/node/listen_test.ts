import { gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { authenticator } from "../../../src/http/mod.ts";
import {
  decodeInflatedReport,
  decodeReport,
  encodeReport,
  ReportViews,
  upgradeReport,
  VIEW_IDS,
  withoutOrphans,
} from "../../../src/topology/mod.ts";
import { Client, hostReport, listen, post } from "../support/collector.ts";
import { vector, vectors } from "../support/vectors.ts";

describe("listenCollector()", () => {
  test("says who it is", async () => {
    await using served = await listen({ identity: { hostname: "vm", version: "1" } });
    const response = await fetch(`${served.url}/api`);
    expect(response.headers.get("cache-control")).toBe("no-cache");
    expect(await response.json()).toEqual({
      id: served.collector.identity.id,
      version: "1",
      hostname: "vm",
      plugins: [],
      capabilities: { historic_reports: false },
    });
  });

  test.runIf(vectors !== undefined)("takes a report exactly as a real probe posts it", async () => {
    await using served = await listen();
    const response = await fetch(`${served.url}/api/report`, {
      method: "POST",
      headers: {
        "user-agent": "Scope_Probe/1.13.2-ref",
        authorization: "Scope-Probe token=",
        "content-encoding": "gzip",
        "content-type": "application/msgpack",
        "x-scope-probe-id": "30105912f8b79fc0",
        "x-scope-probe-version": "1.13.2-ref",
        "accept-encoding": "gzip",
        connection: "close",
      },
      body: vector("fixture.msgpack.gz"),
    });
    expect([response.status, await response.text()]).toEqual([200, ""]);
    const hosts = await (await fetch(`${served.url}/api/topology/hosts`)).json();
    expect(Object.keys(hosts.nodes).sort()).toEqual([
      "client.hostname.com;<host>",
      "in-theinternet",
      "out-theinternet",
      "server.hostname.com;<host>",
    ]);
    const views = new ReportViews(
      upgradeReport(
        withoutOrphans(
          await decodeReport(vector("fixture.msgpack.gz"), {
            contentType: "application/msgpack",
            contentEncoding: "gzip",
          }),
        ),
      ),
    );
    const ask = async (path: string) => await (await fetch(`${served.url}/api/${path}`)).json();
    const plain = (value: unknown) => JSON.parse(JSON.stringify(value));
    expect(await ask("topology")).toEqual(plain(views.list()));
    for (const id of VIEW_IDS) {
      const nodes = views.nodes(id) ?? new Map();
      expect(await ask(`topology/${id}`)).toEqual(plain({ nodes: Object.fromEntries(nodes) }));
      for (const nodeId of nodes.keys()) {
        const node = plain(views.details(id, nodeId));
        expect(await ask(`topology/${id}/${encodeURIComponent(nodeId)}`)).toEqual({ node });
      }
    }
    const options = { options: { system: "all", stopped: "both" } };
    const filtered = Object.fromEntries(views.nodes("containers", options) ?? []);
    expect(await ask("topology/containers?system=all&stopped=both")).toEqual(
      plain({ nodes: filtered }),
    );
  });

  test("takes JSON, with parameters behind its type", async () => {
    await using served = await listen();
    const body = encodeReport(hostReport("a"), { format: "json" });
    const headers = { "content-type": "application/json; charset=utf-8" };
    const response = await fetch(`${served.url}/api/report`, { method: "POST", headers, body });
    expect(response.status).toBe(200);
    expect(await (await fetch(`${served.url}/api/probes`)).json()).toMatchObject([
      { id: "probe-a", hostname: "a", version: "1.13.2" },
    ]);
  });

  test("gives the merged report in JSON and in Scope's MessagePack", async () => {
    await using served = await listen();
    await post(served.url, hostReport("a"));
    await post(served.url, hostReport("b"));
    const json = await (await fetch(`${served.url}/api/report`)).json();
    expect(Object.keys(json.Host.nodes)).toEqual(["a;<host>", "b;<host>"]);
    const headers = { accept: "application/msgpack" };
    const response = await fetch(`${served.url}/api/report`, { headers });
    const bytes = new Uint8Array(await response.arrayBuffer());
    const report = decodeInflatedReport(bytes, { contentType: "application/msgpack" });
    expect([...(report.topologies.Host?.nodes.keys() ?? [])]).toEqual(["a;<host>", "b;<host>"]);
  });

  test("compresses large answers for who takes gzip", async () => {
    await using served = await listen();
    for (let i = 0; i < 20; i += 1) await post(served.url, hostReport(`host-${i}`));
    const response = await fetch(`${served.url}/api/topology/hosts`);
    expect(response.headers.get("content-encoding")).toBe("gzip");
    expect(Object.keys((await response.json()).nodes)).toHaveLength(20);
  });

  test("finds nodes by percent-encoded ids, and says 404 in Go's words", async () => {
    await using served = await listen();
    await post(served.url, hostReport("a/b c"));
    const found = await fetch(`${served.url}/api/topology/hosts/a%2Fb%20c%3B%3Chost%3E`);
    expect((await found.json()).node.id).toBe("a/b c;<host>");
    for (const path of ["hosts/nobody", "nothing", "hosts/%E0%A4%A", "nothing/x"]) {
      const missing = await fetch(`${served.url}/api/topology/${path}`);
      expect([missing.status, await missing.text()]).toEqual([404, "404 page not found\n"]);
    }
  });

  test("lists topologies, held reports and whether there are probes", async () => {
    await using served = await listen();
    expect(await (await fetch(`${served.url}/api/probes?sparse=true`)).json()).toBe(false);
    await post(served.url, hostReport("a"));
    expect(await (await fetch(`${served.url}/api/probes?sparse=true`)).json()).toBe(true);
    const list = await (await fetch(`${served.url}/api/topology`)).json();
    expect(list.map(({ name }: { name: string }) => name)).toContain("Hosts");
    const hosts = list.find(({ url }: { url: string }) => url === "/api/topology/hosts");
    expect(hosts.stats).toMatchObject({ node_count: 1 });
    const summary = await (await fetch(`${served.url}/admin/summary`)).text();
    expect(summary).toMatch(/^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d\.\d{3}: a;<host>: host:1\n$/);
  });

  test("tells its figures in OpenMetrics", async () => {
    await using served = await listen();
    await post(served.url, hostReport("a"));
    const response = await fetch(`${served.url}/metrics`);
    expect(response.headers.get("content-type")).toContain("application/openmetrics-text");
    const text = await response.text();
    expect(text).toContain("fairlead_collector_reports_total 1\n");
    expect(text).toContain('status_code="200",ws="false",le="+Inf"} 1\n');
    expect(text.endsWith("# EOF\n")).toBe(true);
  });
});

describe("hostile input", () => {
  async function refusal(response: Response) {
    return [response.status, response.headers.get("x-fairlead-error"), await response.json()];
  }

  test("of another type is refused in Scope's words", async () => {
    await using served = await listen();
    const headers = { "content-type": "text/plain" };
    const response = await fetch(`${served.url}/api/report`, {
      method: "POST",
      headers,
      body: "x",
    });
    expect(await refusal(response)).toEqual([
      400,
      "unsupported_report",
      "Unsupported Content-Type: text/plain",
    ]);
  });

  test("that inflates to 100 MB is refused, in bounded memory", async () => {
    await using served = await listen();
    const before = process.memoryUsage().rss;
    const zeros = gzipSync(new Uint8Array(100_000_000));
    expect(zeros.length).toBeLessThan(200_000);
    const headers = { "content-type": "application/msgpack", "content-encoding": "gzip" };
    const bomb = await fetch(`${served.url}/api/report`, { method: "POST", headers, body: zeros });
    expect((await refusal(bomb)).slice(0, 2)).toEqual([413, "body_too_large"]);
    expect(process.memoryUsage().rss - before).toBeLessThan(200_000_000);
    expect((await fetch(`${served.url}/api`)).status).toBe(200);
  });

  test("that is nested deep, cut off or no gzip is refused with codes", async () => {
    await using served = await listen();
    const send = async (type: string, body: Uint8Array<ArrayBuffer>, encoding?: string) => {
      const headers = {
        "content-type": type,
        ...(encoding === undefined ? {} : { "content-encoding": encoding }),
      };
      return await refusal(
        await fetch(`${served.url}/api/report`, { method: "POST", headers, body }),
      );
    };
    const deep = new TextEncoder().encode(`{"Host":${"[".repeat(100_000)}`);
    expect((await send("application/json", deep)).slice(0, 2)).toEqual([400, "invalid_report"]);
    const nested = new Uint8Array(100_000).fill(0x91);
    expect((await send("application/msgpack", nested))[1]).toBe("invalid_report");
    const whole = encodeReport(hostReport("a"), { format: "msgpack" });
    expect((await send("application/msgpack", whole.slice(0, 90)))[1]).toBe("invalid_report");
    expect((await send("application/msgpack", whole, "gzip"))[1]).toBe("invalid_body");
    const held = await (await fetch(`${served.url}/api/probes?sparse=true`)).json();
    expect(held).toBe(false);
  });

  test("in a query is refused, and the parameter is named", async () => {
    await using served = await listen();
    await post(served.url, hostReport("a"));
    const ask = async (query: string) =>
      (await refusal(await fetch(`${served.url}/api/topology/hosts?${query}`))).slice(0, 2);
    expect(await ask("timestamp=yesterday")).toEqual([400, "invalid_query"]);
    expect(await ask("t=5x")).toEqual([400, "invalid_query"]);
    expect(await ask(`a=${"x".repeat(5_000)}`)).toEqual([400, "invalid_query"]);
    expect(await ask("timestamp=2020-01-01T00:00:00Z")).toEqual([400, "history_absent"]);
  });

  test("in frames ends the socket that sent them, and nothing else", async () => {
    await using served = await listen();
    await post(served.url, hostReport("a"));
    const large = await Client.open(served.url, "/api/topology/hosts/ws");
    large.socket.send(new Uint8Array(2_000_000));
    expect((await large.closed).code).toBe(1009);
    const probe = await Client.open(served.url, "/api/control/ws", { "x-scope-probe-id": "p" });
    probe.socket.send("}{");
    expect((await probe.closed).code).toBe(1002);
    await using good = await Client.open(served.url, "/api/topology/hosts/ws");
    expect(JSON.parse(await good.text()).reset).toBe(true);
  });
});

describe("who may come in", () => {
  const who = authenticator({
    basic: [{ principal: "ops", secret: "s3cret" }],
    bearer: { tokens: [{ principal: "probe", token: "t0ken" }] },
  });
  const basic = { authorization: `Basic ${btoa("ops:s3cret")}` };

  test("is asked of everything, sockets too", async () => {
    await using served = await listen({ authenticator: who });
    expect((await fetch(`${served.url}/api`)).status).toBe(401);
    expect((await post(served.url, hostReport("a"))).status).toBe(401);
    expect((await fetch(`${served.url}/metrics`)).status).toBe(401);
    await expect(Client.open(served.url, "/api/topology/hosts/ws")).rejects.toMatchObject({
      code: "upgrade_refused",
      details: { status: 401 },
    });
    expect((await fetch(`${served.url}/api`, { headers: basic })).status).toBe(200);
    const bearer = { authorization: "Bearer t0ken" };
    expect((await post(served.url, hostReport("a"), bearer)).status).toBe(200);
    await using client = await Client.open(served.url, "/api/topology/hosts/ws", basic);
    expect(JSON.parse(await client.text()).add).toHaveLength(1);
  });

  test("pages of other origins are kept out of sockets and controls", async () => {
    await using served = await listen({ rules: { origins: ["https://ops.example"] } });
    await post(served.url, hostReport("a"));
    const open = (origin: string) => Client.open(served.url, "/api/topology/hosts/ws", { origin });
    await expect(open("https://evil.example")).rejects.toMatchObject({ details: { status: 403 } });
    await using allowed = await open("https://ops.example");
    await using own = await open(served.url);
    expect(JSON.parse(await allowed.text()).reset).toBe(true);
    expect(JSON.parse(await own.text()).reset).toBe(true);
    const headers = { origin: "https://evil.example" };
    const control = await fetch(`${served.url}/api/control/p/n/c`, { method: "POST", headers });
    expect([control.status, control.headers.get("x-fairlead-error")]).toEqual([
      403,
      "origin_refused",
    ]);
  });
});

test("answers in the encoding that was asked for are the same", async () => {
  await using served = await listen();
  for (let i = 0; i < 20; i += 1) await post(served.url, hostReport(`host-${i}`));
  const { get } = await import("node:http");
  const raw = await new Promise<Buffer>((resolve, reject) => {
    const headers = { "accept-encoding": "gzip" };
    get(`${served.url}/api/report`, { headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => resolve(Buffer.concat(chunks)));
    }).on("error", reject);
  });
  expect(Object.keys(JSON.parse(gunzipSync(raw).toString()).Host.nodes)).toHaveLength(20);
});
