/** A router under a client that knows nothing of it, and a cutover that sends it over. */

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ZooKeeper, ZooKeeperEnsemble } from "fairlead/zookeeper/node";
import stock from "node-zookeeper-client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Router, upstreamsOf } from "../../examples/router/router.ts";
import { ROOT } from "../support/files.ts";

const TSX = `${ROOT}node_modules/tsx/dist/loader.mjs`;
const credentials = [{ scheme: "digest", auth: "super:secret" }];
const children: ChildProcess[] = [];
let a: ZooKeeperEnsemble;
let b: ZooKeeperEnsemble;
let folder = "";

beforeAll(async () => {
  [a, b] = await Promise.all([
    ZooKeeperEnsemble.start({ size: 1 }),
    ZooKeeperEnsemble.start({ size: 1, firstId: 101, epoch: 1_000 }),
  ]);
  folder = await mkdtemp(join(tmpdir(), "fairlead-router-"));
}, 60_000);
afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  await Promise.all([a?.stop(), b?.stop()]);
  await rm(folder, { recursive: true, force: true });
});

function start(example: string, ...words: string[]) {
  const path = `${ROOT}examples/${example}/main.ts`;
  const child = spawn(process.execPath, ["--import", TSX, path, ...words], {
    cwd: folder,
    env: {
      ...process.env,
      TSX_TSCONFIG_PATH: `${ROOT}tsconfig.json`,
      ZK_AUTH: "super:secret",
      ROUTER_TOKEN: "router-token",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.push(child);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk) => {
      output += chunk;
    });
  }
  const code = new Promise<number | null>((resolve) => child.on("close", resolve));
  const says = async (pattern: RegExp): Promise<string> => {
    const untilMs = performance.now() + 30_000;
    for (;;) {
      const found = pattern.exec(output);
      if (found !== null) return found[1] ?? "";
      if (performance.now() > untilMs) throw new Error(`It never said ${pattern}: ${output}`);
      await sleep(20);
    }
  };
  return { code, says };
}

/** Counts in one node, by the stock client; makes a new session where the old one is unknown. */
class Counter {
  acknowledged = 0;
  #isOver = false;
  readonly #done: Promise<void>;

  constructor(address: string, path: string) {
    this.#done = this.#count(address, path);
  }

  async #count(address: string, path: string): Promise<void> {
    while (!this.#isOver) {
      const client = stock.createClient(address, { sessionTimeout: 4_000, retries: 0 });
      const ended = new Promise<boolean>((resolve) => {
        client.on("expired", () => resolve(false));
        client.on("disconnected", () => resolve(false));
      });
      client.connect();
      while (!this.#isOver) {
        const value = this.acknowledged + 1;
        const written = new Promise<boolean>((resolve) => {
          client.setData(path, Buffer.from(String(value)), (error) => resolve(!error));
        });
        if (!(await Promise.race([written, ended]))) break;
        this.acknowledged = value;
      }
      client.close();
      await sleep(50);
    }
  }

  async progress(): Promise<void> {
    const before = this.acknowledged;
    while (this.acknowledged <= before) await sleep(10);
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#done;
  }
}

test("a cutover shuts the router, seals, and sends a stock client over; nothing it was told is lost", async () => {
  await using zk = await ZooKeeper.connect(a.connectString, { credentials });
  await using to = await ZooKeeper.connect(b.connectString, { credentials });
  await zk.create("/counted", new TextEncoder().encode("0"));
  const router = start(
    "router",
    ...["--to", a.connectString, "--token", "router-token", "--port", "0", "--control-port", "0"],
  );
  const address = await router.says(/clients +(\S+)/);
  const url = await router.says(/control +(\S+)/);
  const counter = new Counter(address, "/counted");
  await counter.progress();

  const file = join(folder, "counted.json");
  const config = {
    id: "counted",
    source: { connectString: a.connectString, auth: "$ZK_AUTH" },
    target: { connectString: b.connectString, auth: "$ZK_AUTH" },
    mappings: [{ from: "/counted" }],
    router: { url, token: "$ROUTER_TOKEN" },
    fenceAcls: false,
    rehomeSeconds: 0,
  };
  await writeFile(file, JSON.stringify(config));
  const run = start("migrate", "run", "--config", file);
  await run.says(/(sync)/);
  expect(await start("migrate", "cutover", "--config", file).code).toBe(0);
  expect(await (await fetch(new URL("status", url))).json()).toMatchObject({
    isOpen: true,
    upstreams: b.connectString.split(","),
  });
  await counter.progress();
  await counter.stop();
  const onTarget = Number(new TextDecoder().decode((await to.get("/counted")).data ?? undefined));
  expect(onTarget).toBeGreaterThanOrEqual(counter.acknowledged);
  const { acl } = await zk.getAcl("/counted");
  expect(acl).toEqual([{ permissions: 31, scheme: "world", id: "anyone" }]);
  expect(await (await fetch(new URL("metrics", url))).text()).toMatch(/^fairlead_router_open 1$/m);
}, 120_000);

test("the control takes no word without the token, and says what is wrong with one", async () => {
  const words = ["--to", "127.0.0.1:9", "--token", "t", "--port", "0", "--control-port", "0"];
  const router = start("router", ...words);
  const url = await router.says(/control +(\S+)/);
  const say = async (act: string, body: string, token: string) => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    return await fetch(new URL(act, url), { method: "POST", headers, body });
  };
  expect((await say("shut", "", "wrong")).status).toBe(401);
  expect(await (await fetch(new URL("status", url))).json()).toMatchObject({ isOpen: true });
  for (const body of ["", "[]", '{"to":"a"}', '{"to":"a:0"}', '{"to":"a:70000"}']) {
    expect((await say("route", body, "t")).status).toBe(400);
  }
  expect((await say("none", "", "t")).status).toBe(404);
  expect(await (await say("shut", "", "t")).json()).toMatchObject({
    isOpen: false,
    upstreams: ["127.0.0.1:9"],
  });
  expect(await start("router", "--to", "nowhere", "--token", "t").code).toBe(2);
}, 60_000);

/** A server that answers what it is told, when it is told. */
async function upstream() {
  const sockets: Socket[] = [];
  const heard: string[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => {});
    socket.on("data", (chunk) => heard.push(String(chunk)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  return { sockets, heard, address: `127.0.0.1:${port}`, close };
}

test("shut() lets an answer through that is under way, takes no more, and refuses until open()", async () => {
  const server = await upstream();
  const router = await Router.listen({
    hostname: "127.0.0.1",
    port: 0,
    upstreams: upstreamsOf(`127.0.0.1:9,${server.address}`),
    drainMs: 2_000,
    connectionsMax: 1,
  });
  const { connect } = await import("node:net");
  const [host = "", port = ""] = router.address.split(":");
  const dial = () => {
    const socket = connect({ host, port: Number(port) });
    const said: string[] = [];
    socket.on("data", (chunk) => said.push(String(chunk)));
    socket.on("error", () => {});
    const closed = new Promise<void>((resolve) => socket.on("close", () => resolve()));
    return { socket, said, closed };
  };
  const client = dial();
  client.socket.write("ask");
  while (server.heard.length === 0) await sleep(1);
  const second = dial();
  await second.closed;
  const shutting = router.shut();
  client.socket.write("late");
  server.sockets[0]?.write("answer");
  await shutting;
  await client.closed;
  expect(client.said).toEqual(["answer"]);
  expect(server.heard).toEqual(["ask"]);
  const third = dial();
  await third.closed;
  router.open();
  const fourth = dial();
  fourth.socket.write("again");
  while (server.heard.length < 2) await sleep(1);
  expect(router.state).toMatchObject({ isOpen: true, connections: 1, accepted: 2, refused: 2 });
  expect(router.state.failed).toBeGreaterThanOrEqual(1);
  await router[Symbol.asyncDispose]();
  await fourth.closed;
  await server.close();
});
