import { request as requestTls } from "node:https";
import { SeededRandom } from "fairlead/base";
import {
  Drain,
  type EventStream,
  encodeRecord,
  eventStream,
  type Handler,
  json,
  peerOf,
  readBody,
  readJsonBody,
  recordIoDecoder,
  type StreamEnd,
  text,
} from "fairlead/http";
import { type ServeOptions, serve } from "fairlead/http/node";
import { afterEach, describe, expect, test } from "vitest";
import { makeCertificates } from "./certificates.ts";
import { chunksOf, RawClient } from "./raw.ts";

const closings: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

async function open(handler: Handler, options: Partial<ServeOptions> = {}) {
  const server = await serve({ handler, closeTimeoutMs: 200, ...options });
  closings.push(() => server.close());
  return server;
}

function raw(port: number): RawClient {
  const client = new RawClient(port);
  closings.push(() => client.socket.destroy());
  return client;
}

describe("serve()", () => {
  test("serves a handler and tells where", async () => {
    const server = await open(async (request) =>
      json(200, { path: new URL(request.url).pathname, peer: peerOf(request) }),
    );
    expect(server.url).toBe(`http://127.0.0.1:${server.port}`);
    const response = await fetch(`${server.url}/a?b=c`);
    expect(await response.json()).toEqual({ path: "/a", peer: "127.0.0.1" });
  });

  test("says when another program has the port", async () => {
    const { port } = await open(() => text(200, ""));
    const again = serve({ handler: () => text(200, ""), port });
    await expect(again).rejects.toMatchObject({
      code: "address_in_use",
      message: `Cannot listen on 127.0.0.1:${port}: another program listens there`,
      details: { port, hostname: "127.0.0.1" },
    });
    const nowhere = serve({ handler: () => text(200, ""), hostname: "192.0.2.1" });
    await expect(nowhere).rejects.toMatchObject({ code: "listen_failed" });
  });

  test.each([[true], [false]])(
    "reads bodies with and without length (light: %s)",
    async (light) => {
      const server = await open(
        async (request) => json(200, await readJsonBody(request, { bytesMax: 100 })),
        { lightObjects: light },
      );
      const whole = await fetch(server.url, { method: "POST", body: '{"a":1}' });
      expect(await whole.json()).toEqual({ a: 1 });
      const client = raw(server.port);
      client.send('POST / HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\n3\n{"b\n');
      client.send('3\n":2\n1\n}\n0\n\n');
      expect(await client.until((heard) => heard.includes('{"b":2}'))).toMatch(/^HTTP\/1.1 200 OK/);
    },
  );

  test("ends bodies that are too large or too slow, and closes the connection", async () => {
    const options = { bytesMax: 10, timeoutMs: 100 };
    const server = await open(async (request) => {
      return json(200, (await readBody(request, options)).length);
    });
    const large = raw(server.port);
    large.send(`POST / HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\n14\n${"a".repeat(20)}\n`);
    expect(await large.closed()).toMatch(/^HTTP\/1.1 413 [\s\S]*connection: close/i);
    const slow = raw(server.port);
    slow.send("POST / HTTP/1.1\nHost: x\nContent-Length: 5\n\nab");
    expect(await slow.closed()).toMatch(/^HTTP\/1.1 408 [\s\S]*connection: close/i);
  });

  test("answers 500 and tells nothing when a handler throws", async () => {
    const errors: unknown[] = [];
    const server = await open(
      async () => {
        throw new Error("the password is 1234");
      },
      { onError: (error) => errors.push(error) },
    );
    const response = await fetch(server.url);
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain("1234");
    expect(errors).toMatchObject([{ message: "the password is 1234" }]);
  });

  test("refuses heads that are too large, too slow or none", async () => {
    const server = await open(() => text(200, "ok"), {
      headerBytesMax: 1_024,
      headersTimeoutMs: 100,
    });
    const large = raw(server.port);
    large.send(`GET / HTTP/1.1\nHost: x\nX: ${"a".repeat(2_000)}\n\n`);
    expect(await large.closed()).toMatch(/^HTTP\/1.1 431 /);
    const slow = raw(server.port);
    slow.send("GET / HTTP/1.1\nHost: x\n");
    expect(await slow.closed()).toMatch(/^HTTP\/1.1 408 /);
    const noHost = raw(server.port);
    noHost.send("GET / HTTP/1.1\nHost: a b\nConnection: close\n\n");
    expect(await noHost.closed()).toMatch(/^HTTP\/1.1 400 /);
  });

  test("survives whatever comes, and goes on", async () => {
    const server = await open(async (request) =>
      json(200, (await readBody(request, { bytesMax: 100, timeoutMs: 100 })).length),
    );
    const parts = [
      "POST ",
      "GET ",
      "/",
      " HTTP/1.1\n",
      "Host: x\n",
      "\n",
      "\0",
      "é",
      "{",
      "ffff\n",
    ];
    const more = ["Content-Length: 5\n", "Content-Length: -1\n", "Transfer-Encoding: chunked\n"];
    const random = new SeededRandom(7);
    const all = [...parts, ...more];
    const pick = () => all[random.int(all.length)] ?? "";
    for (let round = 0; round < 20; round += 1) {
      const clients = Array.from({ length: 20 }, () => raw(server.port));
      for (const client of clients) {
        client.send(Array.from({ length: 12 }, pick).join(""));
        client.socket.end();
      }
      await Promise.all(clients.map((client) => client.closed()));
    }
    const response = await fetch(server.url, { method: "POST", body: "four" });
    expect(await response.json()).toBe(4);
  });

  test("takes no more connections than it may", async () => {
    const server = await open(() => text(200, "ok"), { connectionsMax: 1 });
    const first = raw(server.port);
    first.send("GET / HTTP/1.1\nHost: x\n\n");
    await first.until((heard) => heard.includes("ok"));
    const second = raw(server.port);
    expect(await second.closed()).toBe("");
  });
});

interface Streaming {
  readonly streams: EventStream<string>[];
  readonly ends: StreamEnd[];
  readonly handler: Handler;
}

function streaming(bufferBytesMax = 1_000_000, signal?: AbortSignal): Streaming {
  const streams: EventStream<string>[] = [];
  const ends: StreamEnd[] = [];
  const onClose = (end: StreamEnd) => ends.push(end);
  const handler = () => {
    const stream = eventStream({ encode: encodeRecord, bufferBytesMax, onClose, signal });
    streams.push(stream);
    stream.push("first");
    return stream.respond({ "content-type": "application/json", "mesos-stream-id": "s1" });
  };
  return { streams, ends, handler };
}

const GET = "GET / HTTP/1.1\nHost: x\n\n";

describe("event streams", () => {
  test.each([[true], [false]])("leave as one HTTP chunk a record (light: %s)", async (light) => {
    const { streams, handler } = streaming();
    const { port } = await open(handler, { lightObjects: light });
    const client = raw(port);
    client.send(GET);
    const head = await client.until((heard) => heard.includes("first"));
    expect(head).toMatch(/^HTTP\/1.1 200 OK\r\n[\s\S]*mesos-stream-id: s1/);
    const wanted = ["5\nfirst"];
    for (let turn = 0; turn < 50; turn += 1) {
      streams[0]?.push(`event ${turn}`);
      streams[0]?.push("x".repeat(turn * 100));
      wanted.push(...[`event ${turn}`, "x".repeat(turn * 100)].map((t) => `${t.length}\n${t}`));
      if (turn % 7 === 0) await new Promise(setImmediate);
    }
    streams[0]?.close();
    const whole = await client.until((heard) => heard.endsWith("0\r\n\r\n"));
    expect(chunksOf(whole)).toEqual([...wanted, ""]);
  });

  test("may go out while the request's own stream comes in", async () => {
    const { port } = await open((request) => {
      const echo = eventStream({ encode: encodeRecord, bufferBytesMax: 1_000 });
      const records = request.body?.pipeThrough(recordIoDecoder({ recordBytesMax: 100 }));
      const pump = async () => {
        for await (const record of records ?? []) echo.push(`echo ${Buffer.from(record)}`);
        echo.close();
      };
      pump().catch(() => echo.close());
      return echo.respond({});
    });
    const client = raw(port);
    client.send("POST / HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\n");
    await client.until((heard) => heard.includes("200 OK"));
    for (const word of ["one", "two"]) {
      client.socket.write(`5\r\n3\n${word}\r\n`);
      await client.until((heard) => heard.includes(`echo ${word}`));
    }
    client.send("0\n\n");
    const whole = await client.until((heard) => heard.endsWith("0\r\n\r\n"));
    expect(chunksOf(whole)).toEqual(["8\necho one", "8\necho two", ""]);
  });

  test("end for a client that went away", async () => {
    const { streams, ends, handler } = streaming();
    const { port } = await open(handler);
    const client = raw(port);
    client.send(GET);
    await client.until((heard) => heard.includes("first"));
    client.socket.destroy();
    while (ends.length === 0) await new Promise(setImmediate);
    expect([ends, streams[0]?.push("more")]).toEqual([["cancelled"], false]);
  });

  test("cut off a client that reads nothing, others go on", async () => {
    const { streams, ends, handler } = streaming(100_000);
    const { port } = await open(handler);
    const stalled = raw(port);
    stalled.send(GET);
    await stalled.until((heard) => heard.includes("first"));
    stalled.socket.pause();
    const lively = raw(port);
    lively.send(GET);
    await lively.until((heard) => heard.includes("first"));
    const event = "y".repeat(20_000);
    while (ends.length === 0) {
      for (const stream of streams) stream.push(event);
      expect(streams[0]?.bufferedBytes).toBeLessThanOrEqual(100_000);
      await new Promise(setImmediate);
    }
    expect([streams[0]?.ended, streams[1]?.ended, ends]).toEqual([
      "overflow",
      undefined,
      ["overflow"],
    ]);
    stalled.socket.resume();
    expect((await stalled.closed()).endsWith("0\r\n\r\n")).toBe(false);
    streams[1]?.close();
    expect(await lively.until((heard) => heard.endsWith("0\r\n\r\n"))).toContain(event);
  });
});

describe("closing a server", () => {
  test("ends streams cleanly, waits for answers, then is gone", async () => {
    const drain = new Drain();
    const { streams, ends, handler } = streaming(1_000, drain.signal);
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const server = await open(
      async (request) => {
        if (request.url.endsWith("/events")) return handler(request);
        await held;
        return text(200, "held");
      },
      { drain, closeTimeoutMs: 5_000 },
    );
    const events = raw(server.port);
    events.send("GET /events HTTP/1.1\nHost: x\n\n");
    await events.until((heard) => heard.includes("first"));
    const waiting = raw(server.port);
    waiting.send(GET);
    while (drain.underWay === 0) await new Promise(setImmediate);
    streams[0]?.push("last");
    const closed = server.close();
    expect(chunksOf(await events.closed())).toEqual(["5\nfirst", "4\nlast", ""]);
    expect(ends).toEqual(["aborted"]);
    release();
    expect(await waiting.closed()).toContain("held");
    await closed;
    await server.close();
    const late = raw(server.port);
    expect(await late.closed()).toBe("");
  });

  test("cuts off what takes too long", async () => {
    const server = await open(() => new Promise<Response>(() => undefined), {
      closeTimeoutMs: 50,
    });
    const client = raw(server.port);
    client.send(GET);
    await new Promise(setImmediate);
    await server.close();
    expect(await client.closed()).toBe("");
  });

  test("can be asked for by a signal", async () => {
    const abort = new AbortController();
    const server = await open(() => text(200, ""), { signal: abort.signal });
    abort.abort();
    await server.close();
    const client = raw(server.port);
    expect(await client.closed()).toBe("");
    await expect(open(() => text(200, ""), { signal: abort.signal })).rejects.toThrow(/abort/);
  });
});

describe("TLS", () => {
  const made = makeCertificates();

  function ask(port: number, options: object): Promise<string> {
    return new Promise((resolve, reject) => {
      const asked = requestTls({ host: "127.0.0.1", port, agent: false, ...options }, (answer) => {
        answer.setEncoding("utf8").on("data", resolve);
      });
      asked.on("error", reject).end();
    });
  }

  test.skipIf(made === undefined)("serves with a certificate (needs openssl)", async () => {
    if (made === undefined) return;
    const server = await open((request) => text(200, request.url.slice(0, 8)), {
      tls: made.server,
    });
    expect(server.url).toMatch(/^https:/);
    expect(await ask(server.port, { ca: made.ca })).toBe("https://");
    await expect(ask(server.port, {})).rejects.toThrow();
  });

  test.skipIf(made === undefined)("can ask clients for theirs (needs openssl)", async () => {
    if (made === undefined) return;
    const tls = { ...made.server, clientCa: made.ca };
    const server = await open(() => text(200, "hello"), { tls });
    expect(await ask(server.port, { ca: made.ca, ...made.client })).toBe("hello");
    await expect(ask(server.port, { ca: made.ca })).rejects.toThrow();
  });
});
