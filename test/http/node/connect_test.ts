import { connect } from "node:net";
import { type MessageSocket, problem, type SocketEnd, type UpgradeHandler } from "fairlead/http";
import { connectWebSocket, serve } from "fairlead/http/node";
import { afterEach, describe, expect, test } from "vitest";
import { makeCertificates } from "./certificates.ts";

const closings: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

async function open(upgrade: UpgradeHandler, more: { messageBytesMax?: number } = {}) {
  const server = await serve({
    handler: () => problem(404, "No such page"),
    closeTimeoutMs: 300,
    webSocket: { upgrade, ...more },
  });
  closings.push(() => server.close());
  return { server, url: `${server.url.replace("http", "ws")}/link?secret=1` };
}

/** A server whose sockets the test holds. */
async function pair(options: Parameters<typeof connectWebSocket>[1] = {}, more = {}) {
  const accepted: MessageSocket[] = [];
  const { server, url } = await open(
    () => ({ protocol: "p2", accept: (socket) => accepted.push(socket) }),
    more,
  );
  const client = await connectWebSocket(url, { protocols: ["p1", "p2"], ...options });
  while (accepted.length === 0) await new Promise(setImmediate);
  const [own] = accepted;
  if (own === undefined) throw new Error("no socket");
  return { server, client, own };
}

const nextMessage = (socket: MessageSocket) =>
  new Promise<Uint8Array | string>((resolve) => socket.onMessage(resolve));
const endOf = (socket: MessageSocket) =>
  new Promise<SocketEnd>((resolve) => socket.onClose(resolve));

describe("connectWebSocket() and a server's sockets", () => {
  test("carry bytes and text both ways, in order, under one protocol", async () => {
    const { client, own } = await pair();
    expect([client.protocol, own.protocol]).toEqual(["p2", "p2"]);
    client.send(Uint8Array.of(1, 2, 3));
    expect(await nextMessage(own)).toEqual(Buffer.from([1, 2, 3]));
    own.send("héllo");
    expect(await nextMessage(client)).toBe("héllo");
    const heard: unknown[] = [];
    own.onMessage((message) => heard.push(message));
    for (let turn = 0; turn < 1_000; turn += 1) client.send(String(turn));
    while (heard.length < 1_000) await new Promise(setImmediate);
    expect(heard).toEqual(Array.from({ length: 1_000 }, (_, turn) => String(turn)));
  });

  test("keep what came before somebody listens", async () => {
    const { client, own } = await pair();
    own.send("early");
    while (own.bufferedBytes > 0) await new Promise(setImmediate);
    expect(await nextMessage(client)).toBe("early");
  });

  test("tell both sides how they ended", async () => {
    const { client, own } = await pair();
    const ends = [endOf(client), endOf(own)];
    own.onMessage(() => undefined);
    client.close(4001, "enough");
    expect(await Promise.all(ends)).toEqual([
      { code: 4001, reason: "enough" },
      { code: 4001, reason: "enough" },
    ]);
    expect([client.isOpen, client.send("x"), own.send("x")]).toEqual([false, false, false]);
    expect(await endOf(client)).toEqual({ code: 4001, reason: "enough" });
    client.close();
    client.terminate();
  });

  test("end with 1006 when the connection breaks", async () => {
    const { client, own } = await pair();
    own.onMessage(() => undefined);
    const end = endOf(own);
    client.terminate();
    expect(await end).toMatchObject({ code: 1006 });
  });

  test("end with 1009 when a message is too long", async () => {
    const { client, own } = await pair({}, { messageBytesMax: 100 });
    own.onMessage(() => undefined);
    client.onMessage(() => undefined);
    const end = endOf(client);
    client.send(new Uint8Array(101));
    expect(await end).toMatchObject({ code: 1009 });
  });

  test("end with 1001 when the server stops", async () => {
    const { server, client, own } = await pair();
    client.onMessage(() => undefined);
    own.onMessage(() => undefined);
    const end = endOf(client);
    await server.close();
    expect(await end).toEqual({ code: 1001, reason: "the server is about to stop" });
  });

  test("count what has not left yet", async () => {
    const { client, own } = await pair();
    own.onMessage(() => undefined);
    client.send(new Uint8Array(20_000_000));
    expect(client.bufferedBytes).toBeGreaterThan(1_000_000);
    while (client.bufferedBytes > 0) await new Promise(setImmediate);
  });
});

describe("a socket over TLS", () => {
  const made = makeCertificates();

  test.skipIf(made === undefined)("trusts whom it is told to (needs openssl)", async () => {
    if (made === undefined) return;
    const accept = (socket: MessageSocket) => socket.send("hello");
    const tls = { ...made.server, clientCa: made.ca };
    const webSocket = { upgrade: () => ({ accept }) };
    const server = await serve({ handler: () => problem(404, "No page"), tls, webSocket });
    closings.push(() => server.close());
    const url = server.url.replace("https", "wss");
    const socket = await connectWebSocket(url, { tls: { ca: made.ca, ...made.client } });
    expect(await nextMessage(socket)).toBe("hello");
    for (const wrong of [{}, { ca: made.ca }]) {
      const refused = connectWebSocket(url, { tls: wrong });
      await expect(refused).rejects.toMatchObject({ code: "connect_failed" });
    }
  });
});

describe("a handshake", () => {
  test("is shown as a request", async () => {
    let seen: Request | undefined;
    const { url } = await open((request) => {
      seen = request;
      return { accept: (socket) => socket.close() };
    });
    await connectWebSocket(url, { headers: { authorization: "Bearer t" } });
    expect(seen?.url.replace(/:\d+/, "")).toBe("http://127.0.0.1/link?secret=1");
    expect(seen?.headers.get("authorization")).toBe("Bearer t");
  });

  test("can be refused, with a place to go and a time to wait", async () => {
    const headers = { location: "//leader:5050/link", "retry-after": "2" };
    const { url } = await open(() => problem(503, "Recovering", { headers }));
    const refused = connectWebSocket(url);
    await expect(refused).rejects.toMatchObject({
      code: "upgrade_refused",
      details: { status: 503, location: "//leader:5050/link", retryAfterMs: 2_000 },
    });
    await expect(refused).rejects.toThrow(/answered 503, .*Recovering/);
    await expect(refused).rejects.not.toThrow(/secret/);
  });

  test("is refused by 500 when the handler throws, 404 where none is taken", async () => {
    const { url } = await open(() => {
      throw new Error("no");
    });
    await expect(connectWebSocket(url)).rejects.toMatchObject({ details: { status: 500 } });
    const plain = await serve({ handler: () => problem(404, "No such page") });
    closings.push(() => plain.close());
    const refused = connectWebSocket(plain.url.replace("http", "ws"));
    await expect(refused).rejects.toMatchObject({ details: { status: 404 } });
  });

  test("that is none is refused", async () => {
    const { server } = await open(() => ({ accept: () => undefined }));
    const socket = connect(server.port, "127.0.0.1");
    socket.write("GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    const answer = await new Promise((resolve) => socket.once("data", resolve));
    expect(String(answer)).toMatch(/^HTTP\/1.1 400 /);
    socket.destroy();
  });

  test("fails with a code when nobody listens, and by its signal", async () => {
    const { server, url } = await open(() => new Promise(() => undefined));
    const abort = new AbortController();
    const hanging = connectWebSocket(url, { signal: abort.signal });
    abort.abort(new Error("changed my mind"));
    await expect(hanging).rejects.toThrow("changed my mind");
    await expect(connectWebSocket(url, { signal: abort.signal })).rejects.toThrow(
      "changed my mind",
    );
    await expect(connectWebSocket(url, { timeoutMs: 50 })).rejects.toMatchObject({
      code: "connect_failed",
    });
    await server.close();
    await expect(connectWebSocket(url)).rejects.toMatchObject({ code: "connect_failed" });
  });
});
