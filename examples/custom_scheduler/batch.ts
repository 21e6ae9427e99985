/**
 * A scheduler over the network: finishes the jobs of a file on a cluster, with retries.
 *
 * `npm run -s example:batch -- --master 127.0.0.1:5050 --jobs examples/custom_scheduler/jobs.json`
 */
import { readFile } from "node:fs/promises";
import { FairleadError } from "fairlead";
import { Disposer } from "fairlead/base";
import { isTerminal, type Offer, type TaskStatus } from "fairlead/model";
import { connect, match, type PendingTask, type Scheduler, task } from "fairlead/scheduler";
import { keepAliveFetch } from "fairlead/scheduler/node";
import * as z from "zod/mini";
import { readCredential } from "../shared/files.ts";
import { command, flag, masters, text, whole } from "../shared/flags.ts";
import { detectorOf } from "../shared/masters.ts";

interface Flags {
  readonly master: string[];
  readonly jobs: string;
  readonly role: string;
  readonly attempts: number;
  readonly credential?: string;
}

const jobsSchema = z.array(
  z.strictObject({
    name: z.string().check(z.regex(/^[a-zA-Z0-9][a-zA-Z0-9_-]{0,63}$/)),
    command: z.string().check(z.minLength(1)),
    cpus: z._default(z.number().check(z.minimum(0.01)), 0.1),
    mem: z._default(z.number().check(z.minimum(1)), 32),
    /** How many of it. */
    count: z._default(z.int().check(z.minimum(1), z.maximum(100_000)), 1),
  }),
);
type Job = z.infer<typeof jobsSchema>[number];

/** One of a job's tasks, over all its attempts. */
interface Work {
  readonly job: Job;
  attempts: number;
}

/** All tasks of all jobs, until each has finished or has failed too often. */
class Batch {
  readonly #works = new Map<string, Work>();
  readonly #attemptsMax: number;
  readonly #total: number;
  #waiting: PendingTask[] = [];
  finished = 0;
  failed = 0;

  constructor(jobs: readonly Job[], attemptsMax: number) {
    this.#attemptsMax = attemptsMax;
    const works = jobs.flatMap((job) =>
      Array.from({ length: job.count }, () => ({ job, attempts: 0 })),
    );
    this.#total = works.length;
    for (const work of works) this.#queue(work);
  }

  get isDone(): boolean {
    return this.finished + this.failed === this.#total;
  }

  get summary(): string {
    const rest = this.#total - this.finished - this.failed;
    return `${this.finished} of ${this.#total} finished, ${this.failed} failed, ${rest} left`;
  }

  async offered(scheduler: Scheduler, offers: readonly Offer[]): Promise<void> {
    const matched = match(offers, this.#waiting);
    this.#waiting = matched.waiting.map(({ task }) => task);
    await scheduler.apply(matched, { refuseSeconds: 5 });
    if (this.#waiting.length === 0) await scheduler.suppress();
  }

  async updated(scheduler: Scheduler, { task_id, state, message = "" }: TaskStatus): Promise<void> {
    const id = task_id.value;
    const work = this.#works.get(id);
    if (work === undefined || !isTerminal(state)) return;
    this.#works.delete(id);
    if (state === "TASK_FINISHED") this.finished += 1;
    else if (work.attempts >= this.#attemptsMax) this.failed += 1;
    else {
      this.#queue(work);
      await scheduler.revive();
    }
    console.log(`${state} ${id} ${message}`.trimEnd());
    console.log(`  ${this.summary}`);
  }

  #queue(work: Work): void {
    work.attempts += 1;
    const { name, command, cpus, mem } = work.job;
    const pending = task({ name, command, cpus, mem });
    this.#works.set(pending.id, work);
    this.#waiting.push(pending);
  }
}

const flags = command("batch", "Finishes the jobs of a file on a cluster.")
  .addOption(
    flag("--master <addresses>", {
      help: "of the masters, with commas between them, or zk://host:2181/mesos",
      read: masters,
      initial: ["127.0.0.1:5050"],
    }),
  )
  .addOption(
    flag("--jobs <file>", {
      help: "JSON: [{ name, command, cpus, mem, count }]",
      read: text,
    }).makeOptionMandatory(),
  )
  .addOption(flag("--role <role>", { help: "whose share it is", read: text, initial: "batch" }))
  .addOption(flag("--attempts <n>", { help: "of each task", read: whole(1, 1_000), initial: 5 }))
  .addOption(flag("--credential <file>", { help: "who it is to the master", read: text }))
  .parse()
  .opts<Flags>();

try {
  process.exitCode = await main(flags);
} catch (error) {
  console.error(FairleadError.from(error).message);
  process.exitCode = 1;
}

async function main({ master, jobs: path, role, attempts, credential }: Flags): Promise<number> {
  const jobs = jobsSchema.safeParse(JSON.parse(await readFile(path, "utf8")));
  if (!jobs.success) {
    const [issue] = jobs.error.issues;
    console.error(`Cannot use --jobs ${path}: ${issue?.path.join(".")}: ${issue?.message}`);
    return 2;
  }
  await using opened = new Disposer();
  await using scheduler = connect({
    master: (await detectorOf(master, opened)) ?? master,
    fetch: keepAliveFetch(),
    // A batch that is gone is not waited for: whatever it left running ends.
    framework: { name: "batch", roles: [role], failover_timeout: 0 },
    ...(credential === undefined
      ? {}
      : { credentials: await readCredential("--credential", credential) }),
  });
  const stop = (): void => void scheduler.teardown();
  process.once("SIGINT", stop).once("SIGTERM", stop);
  const batch = new Batch(jobs.data, attempts);
  for await (const event of scheduler.events()) {
    if (event.type === "DISCONNECTED") console.error(`waiting for a master: ${event.message}`);
    if (event.type === "OFFERS") await batch.offered(scheduler, event.offers);
    if (event.type === "UPDATE") await batch.updated(scheduler, event.status);
    if (batch.isDone) break;
  }
  if (batch.isDone) await scheduler.teardown();
  console.log(batch.summary);
  return batch.isDone && batch.failed === 0 ? 0 : 1;
}
