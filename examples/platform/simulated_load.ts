/** Frameworks for a simulated datacenter: what they want rises and falls. */
import { SeededRandom, systemClock } from "fairlead/base";
import type { Master } from "fairlead/master";
import { connect, match, type PendingTask, type Scheduler, task } from "fairlead/scheduler";

interface Tenant {
  readonly name: string;
  readonly role: string;
  readonly cpus: number;
  readonly mem: number;
  readonly gpus?: number;
  /** The mean time that a task runs. */
  readonly meanSeconds: number;
  /** Of all cpus, on average; it swings by half of that. */
  readonly share: number;
  readonly periodMs: number;
  /** How many in a hundred tasks fail. */
  readonly failures: number;
}

const TENANTS: readonly Tenant[] = [
  {
    name: "shop",
    role: "web",
    cpus: 8,
    mem: 16_384,
    meanSeconds: 600,
    share: 0.25,
    periodMs: 120_000,
    failures: 1,
  },
  {
    name: "nightly",
    role: "batch",
    cpus: 16,
    mem: 32_768,
    meanSeconds: 90,
    share: 0.25,
    periodMs: 180_000,
    failures: 5,
  },
  {
    name: "training",
    role: "ml",
    cpus: 8,
    mem: 49_152,
    gpus: 1,
    meanSeconds: 300,
    share: 0.08,
    periodMs: 240_000,
    failures: 2,
  },
  {
    name: "crawler",
    role: "batch",
    cpus: 4,
    mem: 8_192,
    meanSeconds: 60,
    share: 0.06,
    periodMs: 90_000,
    failures: 8,
  },
];

const LOOK_MS = 1_000;
/** So many are started in a second, at most. */
const QUEUED_MAX = 100;
/**
 * All is in one process: between what one turn brings, others have theirs, the console's requests
 * among them.
 */
const PAUSE_MS = 50;
const EVENTS_A_TURN = 50;

/** What the frameworks need to know of the cluster. */
export interface LoadOptions {
  readonly master: Master;
  /** Of all agents. */
  readonly cpus: number;
}

/** Frameworks that launch tasks until they are disposed. */
export class SimulatedLoad implements AsyncDisposable {
  readonly #frameworks: readonly Framework[];

  constructor(options: LoadOptions) {
    this.#frameworks = TENANTS.map((tenant, index) => new Framework(tenant, index + 1, options));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#frameworks.map((framework) => framework.close()));
  }
}

class Framework {
  readonly #tenant: Tenant;
  readonly #random: SeededRandom;
  readonly #scheduler: Scheduler;
  readonly #tasksMean: number;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #running: Promise<void>;
  #waiting: PendingTask[] = [];
  #isResting = false;

  constructor(tenant: Tenant, seed: number, { master, cpus }: LoadOptions) {
    this.#tenant = tenant;
    this.#random = new SeededRandom(seed);
    this.#tasksMean = Math.max(1, (cpus * tenant.share) / tenant.cpus);
    const { name, role, gpus } = tenant;
    this.#scheduler = connect({
      master: master.handler,
      framework: {
        name,
        roles: [role],
        failover_timeout: 0,
        capabilities: [
          { type: "MULTI_ROLE" },
          { type: "PARTITION_AWARE" },
          { type: "RESERVATION_REFINEMENT" },
          ...(gpus === undefined ? [] : [{ type: "GPU_RESOURCES" as const }]),
        ],
      },
    });
    this.#timer = setInterval(() => this.#want(), LOOK_MS);
    this.#running = this.#run();
    this.#running.catch((error) => console.error(`${name} ended: ${error.message}`));
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#scheduler.close();
    await this.#running.catch(() => undefined);
  }

  async #run(): Promise<void> {
    let events = 0;
    for await (const event of this.#scheduler.events()) {
      events += 1;
      if (events % EVENTS_A_TURN === 0) await systemClock.sleep(0);
      if (event.type !== "OFFERS") continue;
      await systemClock.sleep(PAUSE_MS);
      const matched = match(event.offers, this.#waiting);
      this.#waiting = matched.waiting.map(({ task }) => task);
      await this.#scheduler.apply(matched, { refuseSeconds: 30 });
      if (this.#waiting.length > 0 || this.#isResting) continue;
      this.#isResting = true;
      await this.#scheduler.suppress();
    }
  }

  /** As many tasks as it wants at this time of its day. */
  #want(): void {
    const { periodMs } = this.#tenant;
    const swing = Math.sin((2 * Math.PI * systemClock.nowMs()) / periodMs);
    const wanted = Math.round(this.#tasksMean * (1 + swing / 2));
    const missing = wanted - this.#scheduler.tasks.length - this.#waiting.length;
    const room = QUEUED_MAX - this.#waiting.length;
    for (let count = Math.min(missing, room); count > 0; count -= 1)
      this.#waiting.push(this.#make());
    // Offers come by themselves unless it has said that it wants none.
    if (this.#waiting.length === 0 || !this.#isResting) return;
    this.#isResting = false;
    void this.#scheduler.revive();
  }

  #make(): PendingTask {
    const { name, cpus, mem, gpus, meanSeconds, failures } = this.#tenant;
    const seconds = Math.max(1, Math.round(-meanSeconds * Math.log(1 - this.#random.next())));
    const code = this.#random.int(100) < failures ? 1 : 0;
    const command = `sleep ${seconds}; exit ${code}`;
    return task({ name, cpus, mem, command, ...(gpus === undefined ? {} : { gpus }) });
  }
}
