/** What goes wrong, by the list of injections T1 to T18. */
import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import type { Random } from "fairlead/base";
import type { ZooKeeperServer } from "fairlead/zookeeper/node";
import type { SideName } from "./history.ts";
import type { MigratorProcess } from "./migrator_process.ts";
import type { World } from "./world.ts";

const run = promisify(execFile);

/** What a fault has to do with. */
export interface Scene {
  readonly world: World;
  readonly random: Random;
  /** The migrator that drives now. */
  migrator(): MigratorProcess;
  /** Start another one, which takes over; the one before is left alone. */
  succeed(): Promise<MigratorProcess>;
  /** Many writes at once. */
  storm(): Promise<void>;
  /** A process was ended by force. */
  killed(): void;
}

/** One thing that goes wrong for a while, by itself. */
export interface Fault {
  readonly id: string;
  readonly name: string;
  run(scene: Scene): Promise<void>;
}

const between = (random: Random, minMs: number, maxMs: number) =>
  minMs + random.int(maxMs - minMs + 1);

async function serverOf(
  { world }: Scene,
  side: SideName,
  role: "leader" | "follower",
): Promise<ZooKeeperServer> {
  return await world.ensembles[side][role]();
}

async function killServer(
  scene: Scene,
  side: SideName,
  role: "leader" | "follower",
): Promise<void> {
  const server = await serverOf(scene, side, role);
  scene.killed();
  await server.kill();
  await sleep(between(scene.random, 200, 2_500));
  await server.restart();
}

async function freezeServer(
  scene: Scene,
  side: SideName,
  role: "leader" | "follower",
): Promise<void> {
  const server = await serverOf(scene, side, role);
  server.freeze();
  await sleep(between(scene.random, 1_000, 6_000));
  server.thaw();
}

/** Cut the migrator off from a side, its log too where packets can be told apart. */
async function cutMigrator(scene: Scene, side: SideName, forMs: number): Promise<void> {
  const { world, random } = scene;
  for (const proxy of world.migrator[side].proxies) proxy.blackhole();
  const ports = world.ensembles[side].servers.map((server) => server.ports.quorum);
  const target = random.int(2) === 0 ? "DROP" : "REJECT";
  if (world.uid !== undefined) {
    await world.firewall?.add({ ports, way: "to", uid: world.uid, target });
  }
  await sleep(forMs);
  for (const proxy of world.migrator[side].proxies) proxy.heal();
  await world.firewall?.clear();
}

/** Cut the leader off from its followers, and from learners: one way, or both. */
async function cutLeader(scene: Scene, side: SideName): Promise<void> {
  const { world, random } = scene;
  const { ports } = await serverOf(scene, side, "leader");
  const way = (["to", "from", "both"] as const)[random.int(3)] ?? "both";
  await world.firewall?.add({ ports: [ports.quorum, ports.election], way, target: "DROP" });
  await sleep(between(random, 2_000, 7_000));
  await world.firewall?.clear();
}

/** Sessions of the clients end, for nobody hears of them. */
async function expireClients({ world, random }: Scene, side: SideName): Promise<void> {
  for (const proxy of world.clients[side].proxies) proxy.blackhole();
  await sleep(between(random, 5_000, 7_000));
  for (const proxy of world.clients[side].proxies) proxy.heal();
}

async function slowTarget({ world, random }: Scene): Promise<void> {
  for (const proxy of world.migrator.b.proxies) proxy.delay(between(random, 50, 500));
  await sleep(between(random, 2_000, 5_000));
  for (const proxy of world.migrator.b.proxies) proxy.heal();
}

/** A disk that stalls: the server stops and goes on, again and again. */
async function stallTarget(scene: Scene): Promise<void> {
  const server = await serverOf(scene, "b", "leader");
  for (let pulse = 0; pulse < 12; pulse += 1) {
    server.freeze();
    await sleep(between(scene.random, 50, 250));
    server.thaw();
    await sleep(50);
  }
}

/** A disk that is full: no file of the server may grow; it ends, and comes back with room. */
async function fillTarget(scene: Scene): Promise<void> {
  const server = await serverOf(scene, "b", scene.random.int(2) === 0 ? "leader" : "follower");
  if (server.pid === undefined) return;
  await run("prlimit", ["--pid", String(server.pid), "--fsize=1"]);
  for (let waited = 0; server.pid !== undefined && waited < 60; waited += 1) await sleep(50);
  scene.killed();
  await server.kill();
  await server.restart();
}

/** The migrator sleeps while another one takes over, and wakes up as a zombie. */
async function zombie(scene: Scene): Promise<void> {
  const old = scene.migrator();
  old.freeze();
  const next = await scene.succeed();
  await next.started;
  await sleep(between(scene.random, 0, 1_500));
  old.thaw();
}

/** The migrator is away for more transactions than the leader remembers. */
async function overrun(scene: Scene): Promise<void> {
  const migrator = scene.migrator();
  migrator.freeze();
  await scene.storm();
  await sleep(between(scene.random, 0, 12_000));
  migrator.thaw();
}

/** The leader of the source dies while a migrator joins its log. */
async function killLeaderAtJoin(scene: Scene): Promise<void> {
  scene.killed();
  await scene.migrator().kill();
  await scene.succeed();
  await sleep(between(scene.random, 300, 2_500));
  await killServer(scene, "a", "leader");
}

const SIDES = ["a", "b"] as const;
const ROLES = ["leader", "follower"] as const;

const servers: Fault[] = SIDES.flatMap((side) =>
  ROLES.flatMap((role): Fault[] => [
    { id: "T1", name: `kill ${role} of ${side}`, run: (scene) => killServer(scene, side, role) },
    {
      id: "T3",
      name: `freeze ${role} of ${side}`,
      run: (scene) => freezeServer(scene, side, role),
    },
  ]),
);

const killMigrator: Fault = {
  id: "T2",
  name: "kill the migrator",
  async run(scene) {
    scene.killed();
    await scene.migrator().kill();
  },
};

const bothLeaders: Fault = {
  id: "T1",
  name: "kill the leaders of both",
  async run(scene) {
    await Promise.all(SIDES.map((side) => killServer(scene, side, "leader")));
  },
};

const cuts: Fault[] = SIDES.flatMap((side): Fault[] => [
  {
    id: "T5",
    name: `cut the migrator off ${side}`,
    run: (scene) => cutMigrator(scene, side, between(scene.random, 1_000, 4_000)),
  },
  { id: "T5", name: `cut the leader of ${side} off`, run: (scene) => cutLeader(scene, side) },
  {
    id: "T6",
    name: `expire the migrator's session on ${side}`,
    run: (scene) => cutMigrator(scene, side, between(scene.random, 8_000, 10_000)),
  },
]);

/** What may go wrong while a migration follows. */
export const SYNC_FAULTS: readonly Fault[] = [
  ...servers,
  bothLeaders,
  killMigrator,
  ...cuts,
  { id: "T3", name: "a zombie migrator", run: zombie },
  {
    id: "T4",
    name: "two migrators",
    run: async (scene) => void (await (await scene.succeed()).started),
  },
  { id: "T6", name: "expire the clients' sessions", run: (scene) => expireClients(scene, "a") },
  { id: "T7", name: "a storm of writes", run: (scene) => scene.storm() },
  { id: "T8", name: "a slow way to b", run: slowTarget },
  { id: "T8", name: "a stalling disk of b", run: stallTarget },
  { id: "T15", name: "an overrun log", run: overrun },
  { id: "T15", name: "kill the leader of a at the join", run: killLeaderAtJoin },
  { id: "T17", name: "a full disk of b", run: fillTarget },
];

/** What may go wrong while clients are on the target and changes are brought back. */
export const SOAK_FAULTS: readonly Fault[] = [
  ...servers,
  killMigrator,
  { id: "T6", name: "expire the clients' sessions", run: (scene) => expireClients(scene, "b") },
  { id: "T7", name: "a storm of writes", run: (scene) => scene.storm() },
];

/** What may go wrong at the moment in which a cutover enters a phase. */
export const CUTOVER_FAULTS: readonly Fault[] = [
  ...servers.filter(({ id }) => id === "T1"),
  ...servers.filter(({ id }) => id === "T3"),
  ...cuts.filter(({ id }) => id === "T5"),
  killMigrator,
  { id: "T8", name: "a stalling disk of b", run: stallTarget },
];
