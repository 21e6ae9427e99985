import { gunzipSync, gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { MemoryTree } from "../../../src/coordination/mod.ts";
import { RecordIoReader } from "../../../src/http/mod.ts";
import { connectWebSocket } from "../../../src/http/node/mod.ts";
import { serveMaster } from "../../../src/master/node/mod.ts";
import { LINK_PATH, LINK_PROTOCOL } from "../../../src/model/mod.ts";
import {
  decodeSchedulerEvent,
  encodeSchedulerCall,
  PROTOBUF_TYPE,
} from "../../../src/protobuf/mod.ts";
import { createCollector } from "../../../src/topology/mod.ts";
import { makeCertificates } from "../../http/node/certificates.ts";
import { ScriptedAgent } from "../shell/support.ts";

test("serveMaster() says where it listens, and that it is reached there", async () => {
  await using store = new MemoryTree().connect();
  await using served = await serveMaster({ store, port: 0 });
  await served.master.leads();
  expect(served.url).toBe(`http://127.0.0.1:${served.port}`);
  const response = await fetch(`${served.url}/redirect`, { redirect: "manual" });
  expect(response.status).toBe(307);
  expect(response.headers.get("location")).toBe(`//127.0.0.1:${served.port}`);
});

test("serveMaster() names itself as it is told to", async () => {
  await using store = new MemoryTree().connect();
  const advertise = { hostname: "m1.example", ip: "10.1.2.3", port: 80 };
  await using served = await serveMaster({ store, port: 0, advertise });
  await served.master.leads();
  const { role } = served.master;
  expect(role).toMatchObject({
    leader: {
      hostname: "m1.example",
      ip: 50_462_986, // 10, 1, 2, 3 as they lie in memory
      port: 80,
      address: { hostname: "m1.example", ip: "10.1.2.3", port: 80 },
    },
  });
});

test("serveMaster() has a port or nothing: a second one is refused", async () => {
  await using store = new MemoryTree().connect();
  await using served = await serveMaster({ store, port: 0 });
  await expect(serveMaster({ store, port: served.port })).rejects.toMatchObject({
    code: "address_in_use",
  });
});

test("serveMaster() leaves no socket behind when its options are wrong", async () => {
  await using store = new MemoryTree().connect();
  const wrong = serveMaster({ store, port: 0, core: { heartbeatMs: -1 } });
  await expect(wrong).rejects.toMatchObject({ code: "invalid_option" });
});

test("serveMaster() speaks protobuf", async () => {
  await using store = new MemoryTree().connect();
  await using served = await serveMaster({ store, port: 0, closeTimeoutMs: 200 });
  await served.master.leads();
  const response = await fetch(`${served.url}/api/v1/scheduler`, {
    method: "POST",
    headers: { "content-type": PROTOBUF_TYPE, accept: PROTOBUF_TYPE },
    body: new Uint8Array(
      encodeSchedulerCall({
        type: "SUBSCRIBE",
        subscribe: { framework_info: { user: "me", name: "binary" } },
      }),
    ),
  });
  expect(response.headers.get("content-type")).toBe(PROTOBUF_TYPE);
  const { value } = await response.body!.getReader().read();
  const [record] = new RecordIoReader({ recordBytesMax: 10_000 }).push(value!);
  expect(decodeSchedulerEvent(record!).type).toBe("SUBSCRIBED");
});

test("serveMaster() takes WebSockets at the link only, of its protocol only", async () => {
  await using store = new MemoryTree().connect();
  await using served = await serveMaster({ store, port: 0 });
  await served.master.leads();
  const url = served.url.replace("http", "ws");
  await expect(connectWebSocket(`${url}/elsewhere`)).rejects.toMatchObject({
    code: "upgrade_refused",
    details: { status: 404 },
  });
  await expect(connectWebSocket(`${url}/api/v1/link`)).rejects.toMatchObject({
    details: { status: 400 },
  });
});

test("serveMaster() lets a collector answer below a path: requests, bodies, WebSockets", async () => {
  await using store = new MemoryTree().connect();
  const inflate = (bytes: Uint8Array) => gunzipSync(bytes);
  await using collector = createCollector({ rules: { inflate } });
  const { handler, upgrade } = collector;
  const mounts = [{ path: "/topology", handler, upgrade }];
  await using served = await serveMaster({ store, port: 0, mounts });
  await served.master.leads();
  const api = `${served.url}/topology/api`;
  const report = {
    ID: "r1",
    Host: { nodes: { "h1;<host>": { id: "h1;<host>", topology: "host" } } },
  };
  const posted = await fetch(`${api}/report`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "content-encoding": "gzip",
      "x-scope-probe-id": "p1",
    },
    body: Uint8Array.from(gzipSync(JSON.stringify(report))),
  });
  expect(posted.status).toBe(200);
  const nodes = await (await fetch(`${api}/topology/hosts`)).text();
  expect(nodes).toContain("h1;<host>");
  const socket = await connectWebSocket(`${api.replace("http", "ws")}/topology/hosts/ws`);
  const first = await new Promise((resolve) => socket.onMessage(resolve));
  expect(String(first)).toContain("h1;<host>");
  socket.terminate();
  expect((await fetch(`${served.url}/redirect`, { redirect: "manual" })).status).toBe(307);
  await expect(
    serveMaster({ store, port: 0, mounts: [...mounts, ...mounts] }),
  ).rejects.toMatchObject({ code: "invalid_option" });
});

const made = makeCertificates();

test.skipIf(made === undefined)("serveMaster() takes agents over TLS (needs openssl)", async () => {
  if (made === undefined) return;
  await using store = new MemoryTree().connect();
  await using served = await serveMaster({ store, port: 0, tls: made.server });
  await served.master.leads();
  expect(served.url).toMatch(/^https:/);
  const socket = await connectWebSocket(served.url.replace("https", "wss") + LINK_PATH, {
    protocols: [LINK_PROTOCOL],
    tls: { ca: made.ca },
  });
  const agent = new ScriptedAgent(socket);
  agent.say({ type: "register", ...agent.registration });
  expect((await agent.next("registered")).agent_id).toMatch(/-S0$/);
});
