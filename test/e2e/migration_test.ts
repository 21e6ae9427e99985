/**
 * The case that the migration is for: masters, agents and a framework whose state all stands in
 * ZooKeeper go on while the ensemble is replaced under them.
 */

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { encodeJson, masterDetector } from "fairlead/coordination";
import { ZooKeeperStore } from "fairlead/coordination/node";
import { Migration } from "fairlead/migration";
import { connectSide } from "fairlead/migration/node";
import { connect } from "fairlead/scheduler";
import { keepAliveFetch } from "fairlead/scheduler/node";
import { ZooKeeper, ZooKeeperEnsemble } from "fairlead/zookeeper/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Router, upstreamsOf } from "../../examples/router/router.ts";
import { isAlive, until } from "./support/cluster.ts";
import { Keeper } from "./support/keeper.ts";
import { type Program, startProgram } from "./support/programs.ts";

const credentials = [{ scheme: "digest", auth: "super:secret" }];
const TASKS = 6;
let a: ZooKeeperEnsemble;
let b: ZooKeeperEnsemble;
let router: Router;
let folder = "";
const programs: Program[] = [];

beforeAll(async () => {
  [a, b] = await Promise.all([
    ZooKeeperEnsemble.start(),
    ZooKeeperEnsemble.start({ firstId: 101, epoch: 1_000 }),
  ]);
  router = await Router.listen({
    hostname: "127.0.0.1",
    port: 0,
    upstreams: upstreamsOf(a.connectString),
    drainMs: 1_000,
    connectionsMax: 1_000,
  });
  folder = await mkdtemp(join(tmpdir(), "fairlead-mesos-case-"));
}, 60_000);
afterAll(async () => {
  await Promise.all(programs.map((each) => each.kill()));
  await router?.[Symbol.asyncDispose]();
  await Promise.all([a?.stop(), b?.stop()]);
  await rm(folder, { recursive: true, force: true });
});

async function start(name: string, flags: readonly string[]): Promise<Program> {
  const program = await startProgram(name, flags);
  programs.push(program);
  return program;
}

/** Asks all masters all the time whether they lead. */
class Watch {
  looks = 0;
  /** Looks at which two led: none may ever be. */
  twice = 0;
  #isOver = false;
  readonly #done: Promise<void>;

  constructor(masters: readonly Program[]) {
    this.#done = this.#look(masters);
  }

  async #look(masters: readonly Program[]): Promise<void> {
    while (!this.#isOver) {
      const leading = await Promise.all(masters.map(({ url }) => leads(url)));
      this.looks += 1;
      if (leading.filter(Boolean).length > 1) this.twice += 1;
      await sleep(20);
    }
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#done;
  }
}

async function leads(url: string): Promise<boolean> {
  const metrics = await (await fetch(new URL("/metrics/snapshot", url))).json();
  return metrics["master/elected"] === 1;
}

test("three masters, agents, tasks and a framework: the ensemble is migrated under them, and no task ends", async () => {
  const place = `zk://${router.address}/mesos-case`;
  const masterFlags = ["--store", place, "--port", "0", "--allocation-interval", "100ms"];
  const masters = await Promise.all([1, 2, 3].map(() => start("master", masterFlags)));
  const agentFlags = ["--master", `${place}/mesos`, "--port", "0", "--resources", "cpus:2;mem:512"];
  await Promise.all(
    [1, 2].map((index) => start("agent", [...agentFlags, "--work-dir", join(folder, `a${index}`)])),
  );
  await using store = await ZooKeeperStore.connect(router.address);
  const detector = masterDetector(store, "/mesos-case/mesos");
  await using scheduler = connect({
    master: detector,
    fetch: keepAliveFetch(),
    framework: { name: "keeper", roles: ["*"], failover_timeout: 600 },
  });
  const keeper = new Keeper(scheduler, folder);
  keeper.wanted = TASKS;
  await until(() => keeper.running.length === TASKS, 60_000);
  await store.create("/keeper", encodeJson({ running: keeper.running.toSorted() }));
  const pids = await Promise.all(
    keeper.running.map(async (id) => Number(await readFile(`${folder}/${id}.pid`, "utf8"))),
  );

  const watch = new Watch(masters);
  await using source = await connectSide({ connectString: a.connectString, credentials });
  await using target = await connectSide({ connectString: b.connectString, credentials });
  const migration = await Migration.open({
    id: "mesos-case",
    owner: "test",
    source,
    target,
    mappings: [{ from: "/mesos-case" }, { from: "/keeper" }],
    fenceAcls: false,
    fences: [{ name: "router", close: () => router.shut(), open: async () => router.open() }],
    hooks: {
      openTarget: () => router.route(upstreamsOf(b.connectString)),
      openSource: () => router.route(upstreamsOf(a.connectString)),
    },
    rehomeMs: 60_000,
  });
  await migration.start();
  expect((await migration.verify()).differencesCount).toBe(0);
  await migration.cutover();
  expect(migration.phase).toBe("soak");

  // Old tasks are known to the new leader, and it launches new ones.
  keeper.wanted = TASKS + 2;
  await until(() => keeper.running.length === TASKS + 2, 80_000);
  await watch.stop();
  expect(watch.twice).toBe(0);
  expect(watch.looks).toBeGreaterThan(20);
  expect(keeper.ended).toEqual([]);
  expect(pids.every(isAlive)).toBe(true);
  await using zk = await ZooKeeper.connect(b.connectString);
  expect((await zk.children("/mesos-case/mesos")).names.length).toBe(3);
  const kept = await store.get("/keeper");
  expect(kept?.value).toEqual(encodeJson({ running: keeper.running.toSorted().slice(0, TASKS) }));
  await scheduler.teardown();
  await migration.finalize({ force: true });
  await migration.stop();
}, 240_000);
