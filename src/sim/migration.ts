/** Migrations on virtual time: killed or overtaken at any moment, with answers lost, under load. */

import { FairleadError, SeededRandom, VirtualClock } from "../base/mod.ts";
import { compare, Migration } from "../migration/mod.ts";
import type { Operation } from "../zookeeper/mod.ts";
import { type SimulatedClient, SimulatedEnsemble } from "./ensemble.ts";

/** Options of {@linkcode simulateMigration}. */
export interface MigrationSimulationOptions {
  readonly seed: number;
  /** How many migrators are killed, one after the other. @default drawn, 0 to 6 */
  readonly kills?: number | undefined;
  /** Answers that the migrator's calls lose. @default drawn, 0 to 0.1 */
  readonly lossRatio?: number | undefined;
}

/** What came of it. */
export interface MigrationSimulationResult {
  readonly seed: number;
  /** What must never happen and did; empty when all is well. */
  readonly violations: readonly string[];
  readonly phase: string;
  readonly kills: number;
  readonly acknowledged: number;
  readonly resolved: number;
  readonly endedMs: number;
}

const LANES = 3;
const ROOT = "/app";
const LIMIT_MS = 600_000;
const text = new TextEncoder();
const read = (data: Uint8Array | null | undefined) =>
  Number(new TextDecoder().decode(data ?? undefined));

/** One client of the application: it counts by compare-and-set, in pairs, and makes a queue. */
interface Lane {
  readonly index: number;
  acknowledged: number;
  unknown: number;
}

/**
 * Move a small tree under load, and kill the migrator at moments drawn by the seed; another one
 * follows, at times while the one before it still writes. In the end it is cut over, or rolled back, as the seed has it.
 *
 * Looked for: on the target no pair is ever torn; no acknowledged write is lost, none is done
 * twice; both sides are equal when it is over.
 */
export async function simulateMigration({
  seed,
  ...options
}: MigrationSimulationOptions): Promise<MigrationSimulationResult> {
  return await new World(seed, options).run();
}

class World {
  readonly #seed: number;
  readonly #random: SeededRandom;
  readonly #clock = new VirtualClock();
  readonly #source: SimulatedEnsemble;
  readonly #target: SimulatedEnsemble;
  readonly #violations: string[] = [];
  readonly #lanes: Lane[] = [];
  readonly #killsMax: number;
  readonly #lossRatio: number;
  #place: SimulatedEnsemble;
  #kills = 0;
  #resolved = 0;
  #phase = "";
  #isOver = false;
  #owners = 0;

  constructor(seed: number, { kills, lossRatio }: Omit<MigrationSimulationOptions, "seed">) {
    this.#seed = seed;
    this.#random = new SeededRandom(seed);
    const random = new SeededRandom(seed ^ 0x5eed);
    const clock = this.#clock;
    this.#source = new SimulatedEnsemble({ clock, random, zxid: 1n });
    const far = { zxid: 1_000_000n, firstSession: 1_000n };
    this.#target = new SimulatedEnsemble({ clock, random, ...far, logMax: 50_000 });
    this.#place = this.#source;
    this.#killsMax = kills ?? this.#random.int(7);
    this.#lossRatio = lossRatio ?? this.#random.next() * 0.1;
  }

  async run(): Promise<MigrationSimulationResult> {
    this.#fill();
    this.#target.listen(() => this.#lookForTorn());
    const lanes = this.#lanes.map((lane) => this.#live(lane));
    let isDone = false;
    const driving = this.#drive().then(() => {
      isDone = true;
    });
    // Whoever fails is told of at the end.
    driving.catch((error: unknown) => {
      this.#violations.push(`the migration failed: ${FairleadError.from(error).message}`);
      isDone = true;
    });
    while (!isDone && this.#clock.nowMs() < LIMIT_MS) await this.#clock.advance(50);
    if (!isDone) this.#violations.push(`it did not end, in phase ${this.#phase}`);
    this.#isOver = true;
    await this.#clock.advance(5_000);
    await Promise.all(lanes);
    this.#lookForLost();
    return {
      seed: this.#seed,
      violations: this.#violations,
      phase: this.#phase,
      kills: this.#kills,
      acknowledged: this.#lanes.reduce((sum, { acknowledged }) => sum + acknowledged, 0),
      resolved: this.#resolved,
      endedMs: this.#clock.nowMs(),
    };
  }

  /** The rolling comparison may find nothing, whatever is written meanwhile. */
  async #lookForRolled(migration: Migration): Promise<void> {
    for await (const event of migration.events()) {
      if (event.type !== "rolled" || event.differences.length === 0) continue;
      const [first] = event.differences;
      this.#violations.push(`rolled over ${first?.path}: ${first?.facets.join(", ")}`);
    }
  }

  #fill(): void {
    const create = (path: string, data = "0"): Operation => ({
      type: "create",
      path,
      data: text.encode(data),
    });
    this.#source.commit([create(ROOT), create(`${ROOT}/queue`)], 0n, true);
    for (let index = 0; index < LANES; index += 1) {
      this.#lanes.push({ index, acknowledged: 0, unknown: 0 });
      const pair = [create(`${ROOT}/one-${index}`), create(`${ROOT}/two-${index}`)];
      this.#source.commit(pair, 0n, true);
    }
  }

  /** Migrators one after the other, until one has come to the end. */
  async #drive(): Promise<void> {
    for (;;) {
      const clients = this.#connect();
      const isLast = this.#kills >= this.#killsMax;
      const outcome = this.#migrate(clients);
      if (isLast) {
        if (await isDone(outcome)) return;
        continue;
      }
      const killed = this.#clock.sleep(this.#random.int(900)).then(() => "killed" as const);
      const first = await Promise.race([isDone(outcome), killed]);
      if (first === true) return;
      // Some are dead, others slow: those go on beside the one that takes over.
      const zombieMs = this.#random.int(2) * this.#random.int(200);
      void this.#clock.sleep(zombieMs).then(() => {
        for (const client of clients) client.kill();
      });
      outcome.catch(() => undefined);
      this.#kills += 1;
    }
  }

  #connect(): [SimulatedClient, SimulatedClient] {
    const options = { isSuper: true, lossRatio: this.#lossRatio };
    return [this.#source.connect(options), this.#target.connect(options)];
  }

  /** One migrator, from where the last one stopped to the end. */
  async #migrate([from, to]: [SimulatedClient, SimulatedClient]): Promise<void> {
    this.#owners += 1;
    const migration = await again(() =>
      Migration.open({
        id: "simulated",
        owner: `migrator-${this.#owners}`,
        source: { client: from, feed: from.feed },
        target: { client: to, feed: to.feed },
        mappings: [{ from: ROOT, to: "/moved" }],
        clock: this.#clock,
        heartbeatMs: 0,
        quietMs: 20,
        rollingMs: 15,
        rollingNodes: 5,
        hooks: {
          openTarget: async () => {
            this.#place = this.#target;
          },
          openSource: async () => {
            this.#place = this.#source;
          },
        },
      }),
    );
    void this.#lookForRolled(migration).catch(() => undefined);
    await migration.start();
    this.#phase = migration.phase;
    if (migration.phase === "sync") {
      await this.#clock.sleep(this.#random.int(400));
      await migration.cutover();
    }
    this.#phase = migration.phase;
    // A migrator that was killed behind the opening is followed by one that opens it again.
    if (["open", "rehome", "soak"].includes(migration.phase)) this.#place = this.#target;
    await this.#clock.sleep(this.#random.int(300));
    if (this.#seed % 3 === 0 && migration.phase !== "aborted") await migration.rollback();
    this.#phase = migration.phase;
    this.#resolved += migration.resolved;
    await migration.stop();
  }

  async #live(lane: Lane): Promise<void> {
    let place = this.#place;
    let client = place.connect();
    while (!this.#isOver) {
      if (place !== this.#place) {
        place = this.#place;
        client = place.connect();
      }
      const root = place === this.#source ? ROOT : "/moved";
      try {
        const { data, stat } = await client.get(`${root}/one-${lane.index}`);
        const next = text.encode(String(read(data) + 1));
        const operations: Operation[] = [
          { type: "set", path: `${root}/one-${lane.index}`, data: next, version: stat.version },
          { type: "set", path: `${root}/two-${lane.index}`, data: next },
        ];
        if (this.#random.int(4) === 0) {
          operations.push({ type: "create", path: `${root}/queue/n-`, sequential: true });
        }
        await client.multi(operations);
        lane.acknowledged += 1;
      } catch (error) {
        if (!(error instanceof FairleadError)) throw error;
      }
      await this.#clock.sleep(5 + this.#random.int(20));
    }
  }

  #lookForTorn(): void {
    for (const { index } of this.#lanes) {
      const one = this.#target.node(`/moved/one-${index}`);
      const two = this.#target.node(`/moved/two-${index}`);
      // While the first copy is made, one of them may be missing.
      if (one === undefined || two === undefined) continue;
      if (one.version !== two.version && this.#phase !== "") {
        this.#violations.push(`a pair is torn on the target at ${this.#target.zxid}`);
      }
    }
  }

  #lookForLost(): void {
    const root = this.#place === this.#source ? ROOT : "/moved";
    for (const { index, acknowledged } of this.#lanes) {
      const found = read(this.#place.node(`${root}/one-${index}`)?.data);
      if (found !== acknowledged) {
        this.#violations.push(`lane ${index}: ${acknowledged} writes acknowledged, ${found} there`);
      }
    }
    const nodesOf = (ensemble: SimulatedEnsemble, from: string) =>
      ensemble.tree.nodes().flatMap((node) => {
        const isBelow = node.path === from || node.path.startsWith(`${from}/`);
        const acl = [{ permissions: 31, scheme: "world", id: "anyone" }];
        return isBelow ? [{ ...node, acl, path: node.path.slice(from.length) || "/" }] : [];
      });
    if (this.#phase !== "soak") return;
    const policy = { versions: false, counters: false };
    const { differences } = compare(nodesOf(this.#target, "/moved"), nodesOf(this.#source, ROOT), {
      policy,
    });
    // Nothing brings changes back after the migrator has stopped, so only what it knew is equal.
    const [first] = differences.filter(({ facets }) => facets.includes("extra"));
    if (first !== undefined) this.#violations.push(`the source has ${first.path} alone`);
  }
}

/** Whether it came to its end; false when a slow one before it has taken over, and died. */
async function isDone(outcome: Promise<void>): Promise<boolean> {
  try {
    await outcome;
    return true;
  } catch (error) {
    if (error instanceof FairleadError && error.code === "migration_fenced") return false;
    throw error;
  }
}

/** A call of the beginning, whose answers may be lost too. */
async function again<T>(call: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await call();
    } catch (error) {
      const isLost = error instanceof FairleadError && error.code === "connection_loss";
      if (!isLost || tries >= 100) throw error;
    }
  }
}
