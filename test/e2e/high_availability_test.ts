/** Three masters on a real ensemble of ZooKeeper: the leader is killed, and no task is lost. */

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { masterDetector } from "fairlead/coordination";
import { ZooKeeperStore } from "fairlead/coordination/node";
import { connect } from "fairlead/scheduler";
import { keepAliveFetch } from "fairlead/scheduler/node";
import { ZooKeeper, ZooKeeperServer } from "fairlead/zookeeper/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isAlive, until } from "./support/cluster.ts";
import { Keeper } from "./support/keeper.ts";
import { type Program, startProgram } from "./support/programs.ts";

let server: ZooKeeperServer;
let folder = "";
const programs: Program[] = [];

beforeAll(async () => {
  server = await ZooKeeperServer.start();
  folder = await mkdtemp(join(tmpdir(), "fairlead-ha-"));
}, 60_000);
afterAll(async () => {
  await Promise.all(programs.map((each) => each.kill()));
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function start(name: string, flags: readonly string[]): Promise<Program> {
  const program = await startProgram(name, flags);
  programs.push(program);
  return program;
}

test("kill -9 of the leading master: another leads in time, tasks run on, new ones start", async () => {
  const place = `zk://${server.address}/fairlead`;
  const masterFlags = ["--store", place, "--port", "0", "--allocation-interval", "100ms"];
  const masters = await Promise.all([1, 2, 3].map(() => start("master", masterFlags)));
  const agentFlags = ["--master", `${place}/mesos`, "--port", "0", "--resources", "cpus:2;mem:512"];
  await Promise.all(
    [1, 2].map((index) => start("agent", [...agentFlags, "--work-dir", join(folder, `a${index}`)])),
  );

  await using store = await ZooKeeperStore.connect(server.address);
  const detector = masterDetector(store, "/fairlead/mesos");
  await using scheduler = connect({
    master: detector,
    fetch: keepAliveFetch(),
    framework: { name: "keeper", roles: ["*"], failover_timeout: 600 },
  });
  const keeper = new Keeper(scheduler, folder);
  keeper.wanted = 6;
  await until(() => keeper.running.length === 6, 60_000);
  const pids = await Promise.all(
    keeper.running.map(async (id) => Number(await readFile(`${folder}/${id}.pid`, "utf8"))),
  );

  const leading = await detector.leader();
  const leader = masters.find(({ url }) => url === leading);
  await leader?.kill();
  const killedMs = performance.now();
  await using zk = await ZooKeeper.connect(server.address);
  keeper.wanted = 8;
  await until(() => keeper.running.length === 8, 80_000);
  const tookMs = performance.now() - killedMs;
  console.log(`a new leader's first task runs ${Math.round(tookMs)} ms after the kill`);

  expect(await detector.leader()).not.toBe(leading);
  expect(keeper.ended).toEqual([]);
  expect(pids.every(isAlive)).toBe(true);
  const candidates = (await zk.children("/fairlead/mesos")).names;
  expect(candidates.length).toBe(2);
  await scheduler.teardown();
}, 180_000);
