/** One migration under faults, from its first copy to the end, and what the checkers say of it. */
import { setTimeout as sleep } from "node:timers/promises";
import { SeededRandom } from "fairlead/base";
import { journalPaths } from "fairlead/migration";
import { ZooKeeper } from "fairlead/zookeeper/node";
import { Application, layoutOf, type Options } from "./application.ts";
import type { SideName, Violation } from "./history.ts";
import { addHolders, criticalPaths, storm } from "./holders.ts";
import { type Ends, isEqual, judge, type Verdict } from "./judge.ts";
import type { Setup } from "./messages.ts";
import { MigratorProcess, type Outcome } from "./migrator_process.ts";
import { CUTOVER_FAULTS, type Fault, type Scene, SOAK_FAULTS, SYNC_FAULTS } from "./nemesis.ts";
import { LogRecorder, Recorder, readTree } from "./recorder.ts";
import { prepare, World } from "./world.ts";

const PATIENCE_MS = 90_000;
const CUTOVERS_MAX = 6;
const OPENED = ["open", "rehome", "soak"];

/** How long a round is. */
export interface RoundOptions {
  readonly seed: number;
  readonly syncFaults: number;
  readonly soakFaults: number;
  /** Told what is done, as it is done. */
  readonly say?: ((line: string) => void) | undefined;
}

/** What a round came to. */
export interface RoundResult extends Verdict {
  readonly seed: number;
  readonly seconds: number;
  readonly faults: readonly string[];
  readonly kills: number;
  /** Answers lost and found out, of clients and of the migrators. */
  readonly resolved: number;
  readonly operations: number;
  readonly cutovers: number;
  readonly wasRolledBack: boolean;
  readonly fencedMs: number | undefined;
  readonly lagP50Ms: number;
  readonly expiredMs: number | undefined;
}

/** What is decided by the seed before anything begins. */
interface Plan {
  readonly fenceAcls: boolean;
  readonly fenceProxies: boolean;
  readonly clockJumpMs: number;
  readonly bootstrapCrashMs: number | undefined;
  readonly sync: readonly Fault[];
  readonly soak: readonly Fault[];
  /** What happens in the first cutover, when it enters this phase. */
  readonly cutover:
    | { readonly phase: string; readonly crashMs: number }
    | { readonly phase: string; readonly fault: Fault }
    | undefined;
  readonly rollsBack: boolean;
}

function planOf({ seed, syncFaults, soakFaults }: RoundOptions, random: SeededRandom): Plan {
  const fence = random.int(3);
  const phases = ["drain", "fence", "seal", "open", "rehome"];
  const phase = phases[random.int(phases.length)] ?? "seal";
  const fault = CUTOVER_FAULTS[random.int(CUTOVER_FAULTS.length)];
  const kind = random.int(4);
  return {
    fenceAcls: fence !== 1,
    fenceProxies: fence !== 0,
    clockJumpMs: random.int(3) === 0 ? 3_600_000 : 0,
    bootstrapCrashMs: random.int(3) === 0 ? random.int(900) : undefined,
    sync: random.shuffle([...SYNC_FAULTS]).slice(0, syncFaults),
    soak: random.shuffle([...SOAK_FAULTS]).slice(0, soakFaults),
    cutover:
      kind === 0 || fault === undefined
        ? undefined
        : kind === 3
          ? { phase, fault }
          : { phase, crashMs: random.int(120) },
    rollsBack: seed % 2 === 0,
  };
}

/** Run a round; what it came to is in the result, what broke the harness itself is thrown. */
export async function runRound(options: RoundOptions): Promise<RoundResult> {
  await using world = await World.open();
  return await new Round(options, world).run();
}

class Round implements Scene {
  readonly world: World;
  readonly random: SeededRandom;
  readonly #options: RoundOptions;
  readonly #plan: Plan;
  readonly #recorder = new Recorder();
  readonly #id: string;
  readonly #root = "/app";
  readonly #says: string[] = [];
  readonly #found: Violation[] = [];
  readonly #lags: number[] = [];
  readonly #all: MigratorProcess[] = [];
  #application: Application | undefined;
  #faultAt: { readonly phase: string; readonly fault: Fault } | undefined;
  #faulting: Promise<unknown> = Promise.resolve();
  #storming: Promise<unknown> = Promise.resolve();
  #kills = 0;
  #resolved = 0;
  #cutovers = 0;
  #fencedMs: number | undefined;

  constructor(options: RoundOptions, world: World) {
    this.#options = options;
    this.world = world;
    this.random = new SeededRandom(options.seed);
    this.#plan = planOf(options, this.random);
    this.#id = `chaos-${options.seed}`;
  }

  async run(): Promise<RoundResult> {
    const startMs = performance.now();
    const { ensembles } = this.world;
    await prepare(ensembles.a.connectString, this.#root, this.random);
    const logs = {
      a: new LogRecorder(ensembles.a.connectString),
      b: new LogRecorder(ensembles.b.connectString),
    };
    await Promise.all([logs.a.begun, logs.b.begun]);
    const options = this.#applicationOptions();
    const application = new Application(options);
    addHolders(application, options);
    this.#application = application;
    await this.#follow();
    await this.#cutOver();
    await this.#soak();
    const wasRolledBack = this.#plan.rollsBack && (await this.#rollBack());
    const ends = await this.#quiesce(logs, application);
    await Promise.all(this.#all.map((each) => each.stop()));
    await Promise.all([logs.a.stop(), logs.b.stop()]);
    const verdict = judge({
      histories: {
        a: logs.a.entries,
        b: logs.b.entries,
        root: this.#root,
        cursorPath: journalPaths(this.#id).cursor,
      },
      recorder: this.#recorder,
      layout: layoutOf(this.#root),
      criticalPaths: criticalPaths(this.#root),
      ends,
    });
    const { violations, ...counts } = verdict;
    const { expiries } = this.#recorder;
    return {
      ...counts,
      violations: [...this.#found, ...violations],
      seed: this.#options.seed,
      seconds: Math.round((performance.now() - startMs) / 1_000),
      faults: this.#says,
      kills: this.#kills,
      resolved: this.#resolved + this.#recorder.resolved,
      operations: this.#recorder.count("a") + this.#recorder.count("b"),
      cutovers: this.#cutovers,
      wasRolledBack,
      fencedMs: this.#fencedMs,
      lagP50Ms: this.#lags.toSorted((one, other) => one - other)[this.#lags.length >> 1] ?? 0,
      expiredMs: expiries[0],
    };
  }

  migrator(): MigratorProcess {
    const last = this.#all.at(-1);
    if (last === undefined) throw new Error("Cannot find the migrator: none was started");
    return last;
  }

  async succeed(): Promise<MigratorProcess> {
    return this.#startMigrator();
  }

  async storm(): Promise<void> {
    const { zk, side, signal } = this.#stormPlace();
    await storm({ zk, side, signal }, { root: this.#root, recorder: this.#recorder });
    await zk.close();
  }

  killed(): void {
    this.#kills += 1;
  }

  #applicationOptions(): Options {
    const { clients } = this.world;
    return {
      root: this.#root,
      cursorPath: journalPaths(this.#id).cursor,
      random: this.random,
      places: { a: clients.a.connectString, b: clients.b.connectString },
      recorder: this.#recorder,
    };
  }

  #stormPlace() {
    const { side, ending } = this.#theApplication().stay;
    const zk = ZooKeeper.open(this.world.clients[side].connectString, { requestTimeoutMs: 5_000 });
    return { zk, side, signal: ending.signal };
  }

  #theApplication(): Application {
    if (this.#application === undefined) throw new Error("Cannot find the application: none runs");
    return this.#application;
  }

  #say(line: string): void {
    this.#says.push(line);
    this.#options.say?.(`  ${line}`);
  }

  #startMigrator(crash?: Setup["crash"]): MigratorProcess {
    const { fenceAcls, fenceProxies, clockJumpMs } = this.#plan;
    const setup: Setup = {
      id: this.#id,
      owner: `migrator-${this.#all.length}`,
      root: this.#root,
      a: this.world.migrator.a.connectString,
      b: this.world.migrator.b.connectString,
      fenceAcls,
      fenceProxies,
      clockJumpMs,
      ...(crash === undefined ? {} : { crash }),
    };
    const started = new MigratorProcess(
      setup,
      {
        asked: (what) => this.#asked(what),
        phase: (phase) => this.#entered(phase),
        opened: (fencedMs) => {
          if (clockJumpMs === 0) this.#fencedMs = fencedMs;
        },
        lag: (lagMs) => {
          if (clockJumpMs === 0) this.#lags.push(lagMs);
        },
        resolved: (count) => {
          this.#resolved += count;
        },
      },
      this.world.uid,
    );
    this.#all.push(started);
    return started;
  }

  /** What hooks and fences want of the world around the migration. */
  async #asked(what: string): Promise<void> {
    const { proxies } = this.world.clients.a;
    if (what === "shut") for (const proxy of proxies) proxy.refuse();
    else if (what === "unshut") for (const proxy of proxies) proxy.heal();
    else if (what === "openTarget") await this.#theApplication().move("b");
    else if (what === "openSource") await this.#theApplication().move("a");
  }

  #entered(phase: string): void {
    const { stay } = this.#theApplication();
    const isStormy = ["fence", "seal", "open"].includes(phase) && this.random.int(2) === 0;
    if (isStormy && stay.side === "a") this.#storming = this.storm().catch(() => undefined);
    if (this.#faultAt?.phase !== phase) return;
    const { fault } = this.#faultAt;
    this.#faultAt = undefined;
    this.#say(`${fault.id} ${fault.name}, in ${phase}`);
    this.#faulting = fault.run(this);
  }

  /** A migrator that has started; another one if the last is gone. */
  async #ready(): Promise<MigratorProcess> {
    const untilMs = performance.now() + PATIENCE_MS;
    while (performance.now() < untilMs) {
      const last = this.#all.at(-1);
      const migrator = last === undefined || last.isGone ? this.#startMigrator() : last;
      if (await migrator.started) {
        if (!migrator.isGone) return migrator;
      }
      await migrator.exited;
      this.#ended(migrator);
      await sleep(100);
    }
    throw new Error(`Cannot go on with round ${this.#options.seed}: no migrator starts`);
  }

  /** A migrator that ends by itself says why; that somebody else wrote is a divergence. */
  #ended({ failure, said, setup }: MigratorProcess): void {
    if (failure === undefined && said === "") return;
    const why = failure === undefined ? said : `${failure.code}: ${failure.message}`;
    this.#say(`${setup.owner} ended: ${why}`);
    if (failure?.code !== "target_diverged" && failure?.code !== "invalid_journal") return;
    this.#found.push({ checker: "C3", message: why });
  }

  async #follow(): Promise<void> {
    const { bootstrapCrashMs, sync } = this.#plan;
    if (bootstrapCrashMs !== undefined) {
      this.#say(`T2 kill the migrator in bootstrap after ${bootstrapCrashMs} ms`);
      this.killed();
      const first = this.#startMigrator({ phase: "bootstrap", afterMs: bootstrapCrashMs });
      const timer = setTimeout(() => void first.kill(), 4_000 + bootstrapCrashMs);
      await first.started;
      clearTimeout(timer);
      await first.kill();
    }
    await this.#ready();
    await sleep(1_000);
    await this.#suffer(sync);
  }

  /** Faults one after the other; a migrator that died is followed by another. */
  async #suffer(faults: readonly Fault[]): Promise<void> {
    for (const fault of faults) {
      this.#say(`${fault.id} ${fault.name}`);
      await fault.run(this);
      await this.world.heal();
      await this.#ready();
      await sleep(300 + this.random.int(700));
    }
  }

  async #cutOver(): Promise<void> {
    const { cutover } = this.#plan;
    await this.#ready();
    if (cutover !== undefined && "crashMs" in cutover) {
      const { phase, crashMs: afterMs } = cutover;
      this.#say(`T2 kill the migrator in ${phase} after ${afterMs} ms`);
      this.killed();
      await this.migrator().stop();
      this.#startMigrator({ phase, afterMs });
    } else this.#faultAt = cutover;
    for (let tries = 1; tries <= CUTOVERS_MAX; tries += 1) {
      const migrator = await this.#ready();
      if (OPENED.includes(migrator.phase)) return;
      this.#cutovers += 1;
      const outcome = await migrator.act("cutover");
      if (outcome.type === "gone") await migrator.exited;
      await this.#faulting;
      await this.world.heal();
      if (outcome.type === "done") return;
      this.#refused(outcome);
      await sleep(1_000);
    }
    throw new Error(`Cannot go on with round ${this.#options.seed}: no cutover succeeds`);
  }

  #refused(outcome: Outcome): void {
    if (outcome.type !== "refused") return;
    this.#say(`cutover: ${outcome.message}`);
    if (/nodes differ/.test(outcome.message)) {
      this.#found.push({ checker: "C1", message: outcome.message });
    }
  }

  async #soak(): Promise<void> {
    const { side } = this.#theApplication();
    if (side !== "b")
      throw new Error("Cannot go on: the target is open, the clients are not there");
    await sleep(2_000);
    await this.#suffer(this.#plan.soak);
  }

  async #rollBack(): Promise<boolean> {
    this.#say("T16 roll back");
    for (let tries = 1; tries <= CUTOVERS_MAX; tries += 1) {
      const migrator = await this.#ready();
      if (migrator.phase === "aborted") break;
      const outcome = await migrator.act("rollback");
      if (outcome.type === "done") break;
      if (outcome.type === "gone") await migrator.exited;
      this.#refused(outcome);
      await sleep(1_000);
    }
    await sleep(2_000);
    return true;
  }

  /** No faults any more; every answer is found out, and everything is where it belongs. */
  async #quiesce(
    logs: Readonly<Record<SideName, LogRecorder>>,
    application: Application,
  ): Promise<Ends> {
    await this.world.heal();
    await this.#storming;
    const { side } = application;
    await application.finish();
    const { ensembles } = this.world;
    if (side === "b") {
      const migrator = await this.#ready();
      this.#ended(migrator);
    }
    const ends = await settled(ensembles, side, this.#root);
    for (const each of ["a", "b"] as const) {
      await using zk = await ZooKeeper.connect(ensembles[each].connectString);
      await zk.multi([]);
      const zxid = zk.lastZxid;
      await until(() => logs[each].reached >= zxid, `the log of ${each} is read`);
    }
    return ends;
  }
}

async function until(holds: () => boolean, what: string): Promise<void> {
  const untilMs = performance.now() + PATIENCE_MS;
  while (!holds()) {
    if (performance.now() > untilMs) throw new Error(`Cannot go on: never came true that ${what}`);
    await sleep(20);
  }
}

const SETTLE_MS = 20_000;

/** Both trees at the end; where the clients are on the target, once the way back has caught up. */
async function settled(ensembles: World["ensembles"], side: SideName, root: string): Promise<Ends> {
  const untilMs = performance.now() + SETTLE_MS;
  for (;;) {
    const [a, b] = await Promise.all([
      readTree(ensembles.a.connectString),
      readTree(ensembles.b.connectString),
    ]);
    const ends: Ends = { side, a, b, root };
    if (side === "a" || performance.now() > untilMs) return ends;
    if (isEqual(ends)) return ends;
    await sleep(500);
  }
}
