/**
 * A master among clients that are broken or mean it badly: nothing they do ends it, costs memory
 * without bound, or keeps those who behave from their work.
 */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { configure, reset } from "@logtape/logtape";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { SeededRandom } from "../../src/base/mod.ts";
import { MemoryTree, type Store } from "../../src/coordination/mod.ts";
import { connectWebSocket } from "../../src/http/node/mod.ts";
import { socketPair } from "../../src/master/mod.ts";
import { type ServedMaster, serveMaster } from "../../src/master/node/mod.ts";
import { LINK_PATH, LINK_PROTOCOL } from "../../src/model/mod.ts";
import { FRAMEWORK, post, RawFramework, type Reached } from "../master/shell/support.ts";
import { type BadRequest, badFrame, badRequest, type Targets } from "./support/bad_calls.ts";
import { Bystander } from "./support/bystander.ts";
import { until } from "./support/cluster.ts";

const SEED = 20_261_126;
const CALLS = 10_000;
/** Every so many calls come over a socket: the others are handed to the master's handler. */
const SOCKET_EVERY = 10;
const AT_ONCE = 64;
const FRAMES = 1_000;
/** What a framework that behaves may wait for TASK_RUNNING on a loaded machine: it is not starved. */
const PROMPT_MS = 40_000;
const MIB = 1_024 * 1_024;
/** How much a process may have grown by all of a test; nothing that leaks stays below. */
const GROWTH_BYTES_MAX = 200 * MIB;

let store: Store;
let served: ServedMaster;
let reached: Reached;
let bystander: Bystander;
const failures: unknown[] = [];

beforeAll(() =>
  configure({
    sinks: {
      failures: ({ level, message, properties }) =>
        level === "error" && failures.push({ message, ...properties }),
    },
    loggers: [
      { category: ["fairlead"], sinks: ["failures"] },
      { category: ["logtape", "meta"], lowestLevel: "error" },
    ],
  }),
);
afterAll(() => reset());

beforeEach(async () => {
  store = new MemoryTree().connect();
  served = await serveMaster({
    store,
    port: 0,
    closeTimeoutMs: 300,
    headersTimeoutMs: 1_000,
    limits: { bodyTimeoutMs: 2_000, streamBytesMax: 256 * 1_024, bodyBytesMax: 4 * MIB },
    core: { allocationDelayMs: 0, offerTimeoutMs: 500 },
  });
  const { master, url } = served;
  await master.leads();
  reached = {
    master,
    store,
    fetch: (path, init = {}) => fetch(url + path, { redirect: "manual", ...init }),
    link: () =>
      connectWebSocket(url.replace("http", "ws") + LINK_PATH, { protocols: [LINK_PROTOCOL] }),
    [Symbol.asyncDispose]: async () => undefined,
  };
  bystander = await Bystander.join(reached);
});
afterEach(async () => {
  await bystander[Symbol.asyncDispose]();
  await served.close();
  await store.close();
  expect(failures.splice(0)).toEqual([]);
});

/** Told while others misbehave: those who behave are served, and the term is the same. */
async function expectService(term: unknown): Promise<void> {
  expect(await bystander.launchMs()).toBeLessThan(PROMPT_MS);
  expect(bystander.ended).toBe(false);
  expect(termOf()).toBe(term);
}

function termOf(): unknown {
  const { role } = served.master;
  return role.status === "leading" ? role.driver : undefined;
}

/** What the process holds once all garbage is gone. */
function heldBytes(): number {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  return process.memoryUsage().rss;
}

/** A connection that is written by hand; what is wrong with it is nobody's error. */
function rawSocket(text: string): Socket {
  const socket = connect(served.port, "127.0.0.1");
  socket.on("error", () => undefined);
  socket.write(text);
  return socket;
}

function rawPost(path: string, body: string): string {
  const head = `POST ${path} HTTP/1.1\r\nHost: m\r\nContent-Type: application/json\r\n`;
  return `${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

async function send(bad: BadRequest, overSocket: boolean): Promise<Response> {
  const { method, path, headers, body } = bad;
  const init = { method, headers, ...(body === undefined ? {} : { body }) };
  if (overSocket) return await reached.fetch(path, init);
  return await served.master.handler(new Request(served.url + path, init));
}

test(`${CALLS} bad calls are answered with codes, and cost nobody else anything`, async () => {
  const random = new SeededRandom(SEED);
  const term = termOf();
  const own = await RawFramework.subscribe(reached, {
    info: { name: "bad", roles: ["bad"] },
    more: { framework_id: null },
  });
  const targets: Targets = {
    own: { id: own.id, stream: own.stream },
    foreign: bystander.framework.id,
    agent: bystander.agent.id,
  };
  const statuses = new Map<number, number>();
  const make = async (bad: BadRequest, overSocket: boolean) => {
    const { status, body } = await send(bad, overSocket);
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    if (status >= 500) {
      const shown = new TextDecoder().decode(bad.body?.slice(0, 2_000));
      expect.fail(`${status}: ${bad.method} ${bad.path} ${JSON.stringify(bad.headers)}\n${shown}`);
    }
    await body?.cancel();
  };
  let heldAtFirst = 0;
  let made = 0;
  const work = async () => {
    while (made < CALLS) {
      made += 1;
      const index = made;
      await make(badRequest(random, targets), index % SOCKET_EVERY === 0);
      if (index % 1_000 === 0) await expectService(term);
      if (index === 2_000) heldAtFirst = heldBytes();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  expect(statuses.get(400)).toBeGreaterThan(CALLS / 4);
  for (const status of [404, 405, 406, 413, 415]) {
    expect(statuses.get(status), String(status)).toBeGreaterThan(10);
  }
  expect(heldBytes() - heldAtFirst).toBeLessThan(GROWTH_BYTES_MAX);
  await own.leave();
});

test(`${FRAMES} bad frames end their links, and nothing else`, async () => {
  const random = new SeededRandom(SEED);
  const term = termOf();
  const held = heldBytes();
  for (let index = 0; index < FRAMES; index += 1) {
    const [ours, theirs] = socketPair(LINK_PROTOCOL);
    const link = index % 20 === 0 ? await reached.link() : ours;
    if (link === ours) served.master.acceptLink(theirs, { address: "10.0.0.9" });
    link.onMessage(() => undefined);
    const closed = new Promise<void>((resolve) => link.onClose(() => resolve()));
    link.send(badFrame(random));
    link.send(badFrame(random));
    if (index % 2 === 0) link.send("and a text at last");
    else link.close();
    await closed;
    if (index % 200 === 199) await expectService(term);
  }
  expect(heldBytes() - held).toBeLessThan(GROWTH_BYTES_MAX);
});

test("clients that send slowly, or nothing, are cut off", async () => {
  const term = termOf();
  const head = rawPost("/api/v1/scheduler", "x".repeat(1_000)).slice(0, -990);
  const beginnings = [
    "POST /api/v1/sched",
    "POST /api/v1/scheduler HTTP/1.1\r\nHost: m\r\nX-Slow: ",
    head,
    head.replace("/scheduler", ""),
    "GET /api/v1/link HTTP/1.1\r\nHost: m\r\nUpgrade: websocket\r\n",
  ];
  const sockets = Array.from({ length: 200 }, (_, index) =>
    rawSocket(beginnings[index % beginnings.length] ?? ""),
  );
  const closed = sockets.map(async (socket) => {
    socket.resume();
    await once(socket, "close");
  });
  // A byte now and then does not keep them.
  const drip = setInterval(() => {
    for (const socket of sockets) if (!socket.destroyed) socket.write("x");
  }, 200);
  await expectService(term);
  await Promise.all(closed);
  clearInterval(drip);
  await expectService(term);
});

test("a subscriber and a framework that do not read are cut off, and nobody waits for them", async () => {
  const term = termOf();
  const subscribe = {
    type: "SUBSCRIBE",
    subscribe: { framework_info: { ...FRAMEWORK, name: "deaf" } },
  };
  const framework = rawSocket(rawPost("/api/v1/scheduler", JSON.stringify(subscribe)));
  const [first] = (await once(framework, "data")) as [Buffer];
  framework.pause();
  const subscriber = rawSocket(rawPost("/api/v1", '{"type":"SUBSCRIBE"}'));
  await once(subscriber, "data");
  subscriber.pause();
  const deafId = /"framework_id":\{"value":"([^"]+)"/.exec(first.toString())?.[1];
  expect(deafId).toBeDefined();
  const held = heldBytes();
  const data = Buffer.alloc(192 * 1_024, "fairlead").toString("base64");
  const key = "l".repeat(192 * 1_024);
  const framework_info = { ...FRAMEWORK, id: { value: bystander.framework.id } };
  for (let round = 0; round < 120; round += 1) {
    bystander.agent.say({
      type: "message",
      framework_id: deafId ?? "",
      executor_id: "e",
      data,
    });
    const labels = { labels: [{ key, value: String(round) }] };
    const { status } = await bystander.framework.post({
      type: "UPDATE_FRAMEWORK",
      update_framework: { framework_info: { ...framework_info, labels } },
    });
    expect(status).toBe(200);
    if (round % 40 === 39) await expectService(term);
  }
  expect(heldBytes() - held).toBeLessThan(GROWTH_BYTES_MAX);
  for (const socket of [framework, subscriber]) {
    const ended = once(socket, "close");
    socket.resume();
    await ended;
  }
});

test("a framework that never accepts does not keep others from what it hoards", async () => {
  const term = termOf();
  const hoarders = await Promise.all(
    ["h1", "h2", "h3"].map((name) =>
      RawFramework.subscribe(reached, { info: { name, roles: [name] } }),
    ),
  );
  for (let launches = 0; launches < 5; launches += 1) await bystander.launch();
  expect(termOf()).toBe(term);
  for (const hoarder of hoarders) await hoarder.leave();
});

test("clients that subscribe in hot loops are slowed down, and nobody else is", async () => {
  const term = termOf();
  const gone = await RawFramework.subscribe(reached, { info: { name: "gone" } });
  await gone.call({ type: "TEARDOWN" });
  const held = heldBytes();
  let hot = true;
  let refused = 0;
  let again = 0;
  const refusedLoop = async () => {
    const framework_info = { ...FRAMEWORK, id: { value: gone.id } };
    while (hot) {
      const response = await post(reached, "/api/v1/scheduler", {
        type: "SUBSCRIBE",
        framework_id: { value: gone.id },
        subscribe: { framework_info },
      });
      expect([200, 429]).toContain(response.status);
      await response.text();
      refused += 1;
    }
  };
  const welcome = await RawFramework.subscribe(reached, {
    info: { name: "restless", roles: ["r"] },
  });
  const welcomeLoop = async () => {
    const framework_info = {
      ...FRAMEWORK,
      roles: ["r"],
      name: "restless",
      id: { value: welcome.id },
    };
    const framework_id = { value: welcome.id };
    while (hot) {
      const response = await post(reached, "/api/v1/scheduler", {
        type: "SUBSCRIBE",
        framework_id,
        subscribe: { framework_info, suppressed_roles: ["r"] },
      });
      expect(response.status).toBe(200);
      await response.body?.cancel();
      again += 1;
    }
  };
  const loops = [...Array.from({ length: 8 }, refusedLoop), welcomeLoop()];
  const startMs = performance.now();
  for (let launches = 0; launches < 5; launches += 1) await expectService(term);
  await until(() => refused >= 100 && again >= 20);
  hot = false;
  await Promise.all(loops);
  const seconds = (performance.now() - startMs) / 1_000;
  expect(refused).toBeLessThan(150 + 50 * seconds);
  expect(heldBytes() - held).toBeLessThan(GROWTH_BYTES_MAX);
});
