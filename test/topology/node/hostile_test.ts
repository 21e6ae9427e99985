/**
 * A collector among senders that are broken or mean it badly: they are refused with codes, cost a
 * bounded amount of memory, make nobody do anything, and what the good ones say is shown.
 */
import { once } from "node:events";
import { Agent, type IncomingMessage, request } from "node:http";
import { connect, type Socket } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { SeededRandom } from "../../../src/base/mod.ts";
import { authenticator } from "../../../src/http/mod.ts";
import { type AuditLine, VIEW_IDS } from "../../../src/topology/mod.ts";
import { Client, hostReport, listen, post } from "../support/collector.ts";
import { type BadPost, badPost } from "../support/hostile.ts";
import { type RawFrame, RawWebSocket, rawFrame } from "../support/raw_web_socket.ts";

const SEED = 20_261_127;
const REPORTS = 5_000;
const AT_ONCE = 16;
const CHECK_EVERY = 1_000;
const MIB = 1_024 * 1_024;
/** How much the process may have grown; nothing that leaks or is kept whole stays below. */
const GROWTH_BYTES_MAX = 256 * MIB;

/** What the process holds once all garbage is gone. */
function heldBytes(): number {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  return process.memoryUsage().rss;
}

/** The most that the process ever held. */
function peakBytes(): number {
  return process.resourceUsage().maxRSS * 1_024;
}

interface Answer {
  readonly status: number;
  readonly code: string | undefined;
  readonly text: string;
}

function send(url: string, { headers, body }: BadPost, agent: Agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(`${url}/api/report`, { method: "POST", headers, agent });
    sent.on("error", reject);
    sent.on("response", (answer) => void readAnswer(answer).then(resolve, reject));
    sent.end(body);
  });
}

async function readAnswer(answer: IncomingMessage): Promise<Answer> {
  let text = "";
  for await (const chunk of answer) text += chunk;
  const code = answer.headers["x-fairlead-error"];
  return {
    status: answer.statusCode ?? 0,
    code: typeof code === "string" ? code : undefined,
    text,
  };
}

/** A good report is taken and shown, whatever came before. */
async function expectService(url: string, load: number): Promise<void> {
  expect((await post(url, hostReport("good", load, BigInt(load) * 1_000_000_000n))).status).toBe(
    200,
  );
  const answer = await fetch(`${url}/api/topology/hosts/${encodeURIComponent("good;<host>")}`);
  expect(answer.status).toBe(200);
  const { node } = await answer.json();
  expect([node.label, node.metrics.at(0)?.value]).toEqual(["good", load]);
}

/** What is wrong with a connection shows when it is closed. */
async function drained(socket: Socket): Promise<void> {
  await once(socket, "drain").catch(() => undefined);
}

describe("long bodies", () => {
  const HEAD = "POST /api/report HTTP/1.1\r\nHost: c\r\nContent-Type: application/msgpack\r\n";

  /** Write pieces as fast as they are taken, until the server answers or cuts the line. */
  async function pour(port: number, head: string, piece: Buffer, times: number) {
    const socket = connect(port, "127.0.0.1");
    let answer = "";
    socket.on("error", () => undefined);
    socket.on("data", (data) => {
      answer += data;
    });
    const closed = new Promise((resolve) => socket.on("close", resolve));
    socket.write(head);
    let left = times;
    for (; left > 0 && answer === "" && !socket.destroyed; left -= 1) {
      if (!socket.write(piece)) await Promise.race([drained(socket), closed]);
    }
    if (answer === "") socket.write("0\r\n\r\n");
    await closed;
    return { answer, left };
  }

  test("of 100 MB are refused before they are read, in bounded memory", async () => {
    await using served = await listen();
    await expectService(served.url, 1);
    const before = peakBytes();
    const piece = Buffer.alloc(MIB);
    const chunk = Buffer.concat([Buffer.from("100000\r\n"), piece, Buffer.from("\r\n")]);
    const known = await pour(served.port, `${HEAD}Content-Length: 104857600\r\n\r\n`, piece, 100);
    const chunked = `${HEAD}Transfer-Encoding: chunked\r\n\r\n`;
    const streamed = await pour(served.port, chunked, chunk, 100);
    for (const { answer, left } of [known, streamed]) {
      // Who goes on sending may find the line cut before the answer is read.
      if (answer !== "") expect(answer).toMatch(/^HTTP\/1.1 413 [\s\S]*body_too_large/);
      expect(left).toBeGreaterThan(0);
    }
    expect(peakBytes() - before).toBeLessThan(GROWTH_BYTES_MAX);
    await expectService(served.url, 2);
  });

  test("in chunks of one byte cost what their bytes cost", async () => {
    await using served = await listen();
    const before = peakBytes();
    const piece = Buffer.from("1\r\n.\r\n".repeat(10_000));
    const head = `${HEAD}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n`;
    const { answer } = await pour(served.port, head, piece, 100);
    // A busy machine may not read them in time.
    expect(answer).toMatch(/^HTTP\/1.1 (400 [\s\S]*invalid_report|408 [\s\S]*body_timeout)/);
    expect(peakBytes() - before).toBeLessThan(GROWTH_BYTES_MAX);
    await expectService(served.url, 1);
  });
});

describe("mutated reports", () => {
  const codes = new Map([
    [400, /^(invalid_report|invalid_body|unsupported_report)$/],
    [413, /^(report_too_large|body_too_large)$/],
    [503, /^collector_full$/],
  ]);

  test(`${REPORTS} are refused with codes, and cost nobody else anything`, async () => {
    const lines: AuditLine[] = [];
    await using served = await listen({ windowMs: 2_000, audit: (line) => lines.push(line) });
    await using probe = await Client.open(served.url, "/api/control/ws", {
      "x-scope-probe-id": "p",
    });
    let asked = 0;
    probe.socket.onMessage(() => {
      asked += 1;
    });
    const random = new SeededRandom(SEED);
    const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
    const statuses = new Map<number, number>();
    let made = 0;
    let held = 0;
    const work = async () => {
      while (made < REPORTS) {
        made += 1;
        const index = made;
        const bad = badPost(random);
        const { status, code, text } = await send(served.url, bad, agent);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        if (status !== 200) {
          const where = `${index} (${bad.kind}): ${status} ${code} ${text.slice(0, 300)}`;
          expect(code ?? "none", where).toMatch(codes.get(status) ?? /^no such status$/);
          expect(typeof JSON.parse(text), where).toBe("string");
        }
        if (index % CHECK_EVERY === 0) await expectService(served.url, index);
        if (index === CHECK_EVERY) held = heldBytes();
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    agent.destroy();
    expect(statuses.get(400)).toBeGreaterThan(REPORTS / 2);
    expect(statuses.get(413)).toBeGreaterThan(10);
    for (const id of ["", ...VIEW_IDS.map((view) => `/${view}`)]) {
      expect((await fetch(`${served.url}/api/topology${id}`)).status, id).toBe(200);
    }
    expect(heldBytes() - held).toBeLessThan(GROWTH_BYTES_MAX);
    expect([asked, lines, Object.keys(Object.prototype)]).toEqual([0, [], []]);
  }, 300_000);
});

describe("bad frames", () => {
  const bytes = (length: number) => new Uint8Array(length).fill(0x2e);
  const many = (frame: RawFrame, times: number) =>
    Buffer.concat(Array.from({ length: times }, () => rawFrame(frame)));
  const start = rawFrame({ isFinal: false, payload: bytes(1) });

  test.each<[string, number, Buffer]>([
    ["longer than allowed", 1009, rawFrame({ claimed: 2n ** 33n })],
    ["longer than a number holds", 1009, rawFrame({ claimed: 2n ** 63n })],
    ["that are not masked", 1002, rawFrame({ isMasked: false, payload: bytes(2) })],
    ["of no opcode", 1002, rawFrame({ opcode: 3 })],
    ["with reserved bits", 1002, rawFrame({ reserved: 7 })],
    ["that go on with nothing", 1002, rawFrame({ opcode: 0 })],
    ["of control, in fragments", 1002, rawFrame({ opcode: 9, isFinal: false })],
    ["of control, too long", 1002, rawFrame({ opcode: 9, payload: bytes(200) })],
    ["with text that is none", 1007, rawFrame({ payload: Uint8Array.of(0xc0, 0xff) })],
    ["that close with no code", 1002, rawFrame({ opcode: 8, payload: Uint8Array.of(0, 1) })],
    [
      "that never end",
      1009,
      Buffer.concat([start, many({ opcode: 0, isFinal: false, payload: bytes(65_536) }, 17)]),
    ],
    [
      "that never end, a byte each",
      1008,
      Buffer.concat([start, many({ opcode: 0, isFinal: false, payload: bytes(1) }, 20_000)]),
    ],
  ])("%s end their sockets with %i, and nothing else", async (_, code, frames) => {
    await using served = await listen();
    await post(served.url, hostReport("a"));
    await using good = await Client.open(served.url, "/api/stream/hosts");
    const before = peakBytes();
    for (const path of ["/api/stream/hosts", "/api/topology/hosts/ws", "/api/control/ws"]) {
      const raw = await RawWebSocket.open(served.url, path);
      raw.socket.write(frames);
      expect(await raw.closeCode(), path).toBe(code);
    }
    expect(peakBytes() - before).toBeLessThan(GROWTH_BYTES_MAX);
    expect((await good.bytes()).length).toBeGreaterThan(100);
    expect(good.socket.isOpen).toBe(true);
    await expectService(served.url, 1);
  });

  test("of noise end their sockets, and nothing else", async () => {
    await using served = await listen();
    await using good = await Client.open(served.url, "/api/stream/hosts");
    const random = new SeededRandom(SEED);
    const paths = ["/api/stream/hosts", "/api/topology/hosts/ws", "/api/control/ws"];
    const held = heldBytes();
    for (let index = 0; index < 200; index += 1) {
      const raw = await RawWebSocket.open(served.url, paths[index % paths.length] ?? "");
      raw.socket.end(Uint8Array.from({ length: 1 + random.int(3_000) }, () => random.int(256)));
      await raw.closeCode();
    }
    expect(heldBytes() - held).toBeLessThan(GROWTH_BYTES_MAX);
    expect(good.socket.isOpen).toBe(true);
    await expectService(served.url, 1);
  });
});

describe("controls", () => {
  const who = authenticator({ basic: [{ principal: "ops", secret: "s3cret" }] });
  const basic = { authorization: `Basic ${btoa("ops:s3cret")}` };
  const evil = { ...basic, origin: "https://evil.example" };

  test.each([
    ["without permission", { authenticator: who }, {}, 401],
    [
      "with a wrong secret",
      { authenticator: who },
      { authorization: `Basic ${btoa("ops:x")}` },
      401,
    ],
    ["by another origin's page", { authenticator: who }, evil, 403],
    [
      "of a collector that only shows",
      { authenticator: who, rules: { isReadOnly: true } },
      basic,
      403,
    ],
  ])("%s reach no probe and open no pipe", async (_, options, headers, status) => {
    await using served = await listen(options);
    const probeHead = { ...basic, "x-scope-probe-id": "p" };
    await using probe = await Client.open(served.url, "/api/control/ws", probeHead);
    let asked = 0;
    probe.socket.onMessage(() => {
      asked += 1;
    });
    for (const control of ["docker_stop_container", "host_exec", "%2e%2e/x", "x".repeat(5_000)]) {
      const path = `${served.url}/api/control/p/n/${control}`;
      const answer = await fetch(path, { method: "POST", headers, body: '{"cmd":"rm -rf /"}' });
      expect([401, 403, 404]).toContain(answer.status);
      if (!control.includes("/")) expect(answer.status).toBe(status);
    }
    for (const path of ["/api/pipe/p", "/api/pipe/p/probe"]) {
      const refused = Client.open(served.url, path, headers);
      await expect(refused).rejects.toMatchObject({ details: { status } });
    }
    expect((await fetch(`${served.url}/api/pipe/p/check`, { headers: basic })).status).toBe(404);
    expect(asked).toBe(0);
    expect(probe.socket.isOpen).toBe(true);
  });
});
