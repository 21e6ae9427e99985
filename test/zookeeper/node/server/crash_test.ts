import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { EmbeddedStore } from "fairlead/coordination/node";
import { EmbeddedZooKeeper, ZooKeeper } from "fairlead/zookeeper/node";
import { afterEach, beforeEach, expect, test } from "vitest";

const CHILD = fileURLToPath(new URL("./child.ts", import.meta.url));

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "fairlead-embedded-"));
});
afterEach(async () => await rm(dataDir, { recursive: true }));

function startChild(act: string, before = "true") {
  const run = `${before}; exec "${process.execPath}" --import tsx "${CHILD}" "${dataDir}" ${act}`;
  const child = spawn("bash", ["-c", run], { stdio: ["ignore", "pipe", "ignore"] });
  const exited = once(child, "exit");
  return { child, exited, lines: createInterface({ input: child.stdout }) };
}

test("kill -9 while it writes: what was answered is there, each multi whole, the session too", async () => {
  let acked = 0;
  let ticket = "";
  for (const until of [200, 400, 600]) {
    const { child, exited, lines } = startChild("write");
    for await (const line of lines) {
      if (line.startsWith("session ")) ticket = line;
      if (!line.startsWith("acked ")) continue;
      acked = Math.max(acked, Number(line.slice(6)));
      // What is in the pipe was answered too: it is read to the end.
      if (acked >= until) child.kill("SIGKILL");
    }
    await exited;
  }
  await using server = await EmbeddedZooKeeper.start({ dataDir });
  const [, id = "", password = ""] = ticket.split(" ");
  const session = { id: BigInt(id), password: new Uint8Array(Buffer.from(password, "hex")) };
  await using zk = await ZooKeeper.connect(server.connectString, { session });
  expect(zk.session.id).toBe(session.id);
  const counter = Number(new TextDecoder().decode((await zk.get("/counter")).data ?? undefined));
  expect(counter).toBeGreaterThanOrEqual(acked);
  const { names, stat } = await zk.children("/parts");
  const expected = Array.from({ length: counter }, (_, at) => [`${at + 1}-a`, `${at + 1}-b`]);
  expect(new Set(names)).toEqual(new Set(expected.flat()));
  expect(stat.cversion).toBe(counter * 2);
  const last = await zk.get(`/parts/${counter}-a`);
  expect(last.data?.length).toBe(counter % 3_000);
  expect(last.stat.czxid).toBe((await zk.get("/counter")).stat.mzxid);
}, 120_000);

test("a disk that refuses: nothing more is answered, and stop() says why", async () => {
  const { lines, exited } = startChild("fill", "ulimit -f 6000; trap '' XFSZ");
  const said: string[] = [];
  for await (const line of lines) said.push(line);
  await exited;
  expect(said[0]).toMatch(/^at \d+: connection_loss$/);
  expect(said[1]).toMatch(/^then: TimeoutError/);
  expect(said[2]).toBe("stop: store_failed");
  const count = Number(/\d+/.exec(said[0] ?? "")?.[0]);
  expect(count).toBeGreaterThan(5);
  await using server = await EmbeddedZooKeeper.start({ dataDir });
  await using zk = await ZooKeeper.connect(server.connectString);
  // What was answered is there; of the last one nobody knows.
  for (let index = 0; index < count; index += 1) {
    expect((await zk.get(`/${index}`)).stat.dataBytes).toBe(100_000);
  }
  expect(await zk.exists(`/${count + 1}`)).toBeUndefined();
}, 60_000);

test("a folder that another process has is refused, with its pid, and free when that is killed", async () => {
  const { child, exited, lines } = startChild("write");
  for await (const line of lines) if (line.startsWith("acked ")) break;
  await expect(EmbeddedZooKeeper.start({ dataDir })).rejects.toMatchObject({
    code: "store_locked",
    details: { pid: child.pid },
  });
  child.kill("SIGKILL");
  await exited;
  await using server = await EmbeddedZooKeeper.start({ dataDir });
  await using zk = await ZooKeeper.connect(server.connectString);
  expect(await zk.exists("/counter")).toBeDefined();
}, 60_000);

test("a folder with something else in it is refused, and left as it is", async () => {
  const store = await EmbeddedStore.open({ path: dataDir });
  await store.create("/kept");
  await store.close();
  await expect(EmbeddedZooKeeper.start({ dataDir })).rejects.toMatchObject({
    code: "store_failed",
  });
  await using again = await EmbeddedStore.open({ path: dataDir });
  expect(await again.get("/kept")).toBeDefined();
});
