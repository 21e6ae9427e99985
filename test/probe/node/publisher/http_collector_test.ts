import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import {
  authorizationOf,
  HttpCollector,
} from "../../../../src/probe/node/publisher/http_collector.ts";

interface Asked {
  readonly line: string;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: number;
  readonly port: number | undefined;
}

async function app(answer: { status?: number; body?: string; hangs?: boolean } = {}) {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    let bytes = 0;
    for await (const chunk of request) bytes += chunk.length;
    const line = `${request.method} ${request.url}`;
    asked.push({ line, headers: request.headers, bytes, port: request.socket.remotePort });
    if (answer.hangs) return;
    response.statusCode = answer.status ?? 200;
    response.end(request.url === "/api" ? (answer.body ?? '{"id":"app-1"}') : "");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const identity = { probeId: "30105912f8b79fc0", version: "0.1.0" };
  const open = (url = `http://127.0.0.1:${port}`) =>
    new HttpCollector({ ...identity, url: new URL(url), ip: "127.0.0.1" });
  return {
    asked,
    port,
    server,
    open,
    [Symbol.dispose]: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

const { signal } = new AbortController();
const body = gzipSync("report");

describe("HttpCollector", () => {
  test("sends what Scope's probe sends, over one connection", async () => {
    using served = await app();
    const collector = served.open();
    expect(await collector.identify(signal)).toBe("app-1");
    await collector.send(body, signal);
    await collector.send(body, signal);
    collector.close();
    expect(served.asked.map(({ line }) => line)).toEqual([
      "GET /api",
      "POST /api/report",
      "POST /api/report",
    ]);
    expect(served.asked[1]).toMatchObject({
      bytes: body.length,
      headers: {
        host: `127.0.0.1:${served.port}`,
        "user-agent": "Scope_Probe/0.1.0",
        authorization: "Scope-Probe token=",
        "content-encoding": "gzip",
        "content-type": "application/msgpack",
        "x-scope-probe-id": "30105912f8b79fc0",
        "x-scope-probe-version": "0.1.0",
        "accept-encoding": "gzip",
      },
    });
    expect(new Set(served.asked.map(({ port }) => port)).size).toBe(1);
  });

  test("tells a refusal with its status and words", async () => {
    using served = await app({ status: 401 });
    const collector = served.open();
    await expect(collector.send(body, signal)).rejects.toMatchObject({
      code: "publish_refused",
      details: { status: 401 },
    });
    collector.close();
  });

  test("tells that nobody listens", async () => {
    const served = await app();
    served[Symbol.dispose]();
    const collector = served.open();
    await expect(collector.send(body, signal)).rejects.toMatchObject({
      code: "collector_unreachable",
    });
    collector.close();
  });

  test("tries once more when the kept connection was closed meanwhile", async () => {
    using served = await app();
    const collector = served.open();
    await collector.send(body, signal);
    served.server.closeAllConnections();
    await collector.send(body, signal);
    expect(served.asked).toHaveLength(2);
    collector.close();
  });

  test("stops waiting when it is told to, with the reason", async () => {
    using served = await app({ hangs: true });
    const collector = served.open();
    const stopping = new AbortController();
    const sending = collector.send(body, stopping.signal);
    await expect.poll(() => served.asked.length).toBe(1);
    stopping.abort(new Error("enough"));
    await expect(sending).rejects.toThrow("enough");
    collector.close();
  });

  test.each(["no JSON", "7", '{"id":7}', "{}"])(
    "takes its address for an id when it is told %s",
    async (text) => {
      using served = await app({ body: text });
      const collector = served.open();
      expect(await collector.identify(signal)).toBe(collector.address);
      collector.close();
    },
  );
});

describe("authorizationOf()", () => {
  test("prefers user and password of the address to the token", () => {
    expect(authorizationOf(new URL("http://a"), "t")).toBe("Scope-Probe token=t");
    const basic = Buffer.from("me:p@ss").toString("base64");
    expect(authorizationOf(new URL("http://me:p%40ss@a"), "t")).toBe(`Basic ${basic}`);
  });

  test("keeps the password out of what names a collector", () => {
    const url = new URL("http://me:secret@host:4040");
    const collector = new HttpCollector({ url, ip: "10.0.0.1", probeId: "1", version: "0" });
    expect(collector.address).toBe("http://host:4040/10.0.0.1");
    collector.close();
  });
});
