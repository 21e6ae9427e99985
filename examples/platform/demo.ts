/** A small framework on the SDK: keeps a service up, runs short jobs, retries what crashes. */
import { fileURLToPath } from "node:url";
import type { TaskInfo } from "fairlead/model";
import {
  connect,
  type KnownTaskSpec,
  match,
  type PendingTask,
  type Scheduler,
  task,
} from "fairlead/scheduler";
import { keepAliveFetch } from "fairlead/scheduler/node";

/** One thing that the framework keeps going. */
interface Keeper {
  readonly name: string;
  /** How many run at one time. */
  readonly instances: number;
  /** How long to wait after one has ended well. */
  readonly pauseMs: number;
  make(): PendingTask;
}

const SERVICE = fileURLToPath(new URL("./service.mjs", import.meta.url));
const BACKOFF_MS = 1_000;
const BACKOFF_MS_MAX = 60_000;
/** Offers that nothing is launched on are not wanted again for so long; a revive asks before. */
const REFUSE_SECONDS = 3_600;

const KEEPERS: readonly Keeper[] = [
  {
    name: "web",
    instances: 2,
    pauseMs: 0,
    make: () =>
      task({
        name: "web",
        cpus: 0.2,
        mem: 96,
        ports: 1,
        healthCheck: {
          type: "HTTP",
          http: { port: 0, path: "/" },
          delay_seconds: 1,
          interval_seconds: 5,
        },
        complete: (info, { ports: [port = 0] }) => ({
          ...info,
          command: {
            shell: false,
            value: process.execPath,
            arguments: [process.execPath, SERVICE],
            environment: {
              variables: [
                { name: "PORT0", value: String(port) },
                { name: "TASK", value: info.task_id.value },
              ],
            },
          },
          health_check: { ...info.health_check, type: "HTTP", http: { port, path: "/" } },
        }),
        // The command is completed once the port is known.
        command: [process.execPath, SERVICE],
      }),
  },
  {
    name: "batch",
    instances: 2,
    pauseMs: 3_000,
    make: () =>
      task({
        name: "batch",
        command: "echo counting; for i in 1 2 3 4 5; do echo $i; sleep 1; done; echo done",
        cpus: 0.1,
        mem: 32,
      }),
  },
  {
    name: "crasher",
    instances: 1,
    pauseMs: 0,
    make: () =>
      task({
        name: "crasher",
        command: "echo about to crash; sleep 2; echo crashed >&2; exit 1",
        cpus: 0.1,
        mem: 32,
      }),
  },
];

/** What a framework has to remember to go on after a crash. */
export interface Memory {
  readonly frameworkId: string;
  readonly tasks: readonly KnownTaskSpec[];
}

/** What the demo needs. */
export interface DemoOptions {
  /** The master's address. */
  readonly master: string;
  /** What an earlier start remembered. */
  readonly memory: Memory | undefined;
  /** Resolves when this is safe: tasks are noted before they are launched. */
  readonly remember: (memory: Memory) => Promise<void>;
}

/** The framework while it runs; disposing it leaves its tasks to the agents. */
export class Demo implements AsyncDisposable {
  readonly #scheduler: Scheduler;
  readonly #remember: DemoOptions["remember"];
  readonly #waiting: PendingTask[] = [];
  /** How often each has failed in a row. */
  readonly #failures = new Map<string, number>();
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  readonly #running: Promise<void>;
  #isReconciled = false;
  #isResting = false;

  constructor({ master, memory, remember }: DemoOptions) {
    this.#remember = remember;
    this.#scheduler = connect({
      master,
      fetch: keepAliveFetch(),
      framework: { name: "demo", roles: ["demo"] },
      ...memory,
    });
    this.#running = this.#run();
    this.#running.catch((error) => console.error(`The demo framework ended: ${error.message}`));
  }

  /** Start nothing more; updates are still heard and acknowledged. */
  rest(): void {
    this.#isResting = true;
    this.#waiting.length = 0;
    for (const timer of this.#timers) clearTimeout(timer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.rest();
    await this.#scheduler.close();
    await this.#running.catch(() => undefined);
  }

  async #run(): Promise<void> {
    for await (const event of this.#scheduler.events()) {
      switch (event.type) {
        case "SUBSCRIBED":
          await this.#note([]);
          break;
        case "RECONCILED":
          // What ran before is known now: start what is missing.
          this.#isReconciled = true;
          for (const keeper of KEEPERS) this.#fill(keeper);
          break;
        case "OFFERS": {
          const matched = match(event.offers, this.#waiting);
          await this.#note(matched.launches.flatMap(({ tasks }) => tasks.map(knownTask)));
          await this.#scheduler.apply(matched, { refuseSeconds: REFUSE_SECONDS });
          this.#waiting.splice(
            0,
            this.#waiting.length,
            ...matched.waiting.map(({ task: pending }) => pending),
          );
          if (this.#waiting.length === 0) await this.#scheduler.suppress();
          break;
        }
        case "UPDATE":
          this.#updated(event.status.task_id.value, event.status.state);
          break;
      }
    }
  }

  /** What runs, and what is about to. */
  async #note(launched: readonly KnownTaskSpec[]): Promise<void> {
    const { frameworkId, tasks } = this.#scheduler;
    if (frameworkId === undefined) return;
    const known = tasks.map(({ taskId, agentId }) => ({ taskId, agentId }));
    await this.#remember({ frameworkId, tasks: [...known, ...launched] });
  }

  #updated(taskId: string, state: string): void {
    const keeper = KEEPERS.find(({ name }) => taskId.startsWith(`${name}.`));
    if (keeper === undefined || this.#isResting || !ENDED.has(state)) return;
    const failed = state !== "TASK_FINISHED" && state !== "TASK_KILLED";
    const failures = failed ? (this.#failures.get(keeper.name) ?? 0) + 1 : 0;
    this.#failures.set(keeper.name, failures);
    const backoffMs = failed ? Math.min(BACKOFF_MS * 2 ** (failures - 1), BACKOFF_MS_MAX) : 0;
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        this.#fill(keeper);
      },
      Math.max(keeper.pauseMs, backoffMs),
    );
    this.#timers.add(timer);
  }

  /** As many as there should be: those that run, those that wait, and new ones. */
  #fill(keeper: Keeper): void {
    if (!this.#isReconciled || this.#isResting) return;
    const prefix = `${keeper.name}.`;
    const live = this.#scheduler.tasks.filter(({ taskId }) => taskId.startsWith(prefix)).length;
    const waiting = this.#waiting.filter(({ id }) => id.startsWith(prefix)).length;
    let missing = keeper.instances - live - waiting;
    if (missing <= 0) return;
    for (; missing > 0; missing -= 1) this.#waiting.push(keeper.make());
    void this.#scheduler.revive();
  }
}

function knownTask({ task_id, agent_id }: TaskInfo): KnownTaskSpec {
  return { taskId: task_id.value, agentId: agent_id.value };
}

const ENDED = new Set([
  "TASK_FINISHED",
  "TASK_FAILED",
  "TASK_KILLED",
  "TASK_ERROR",
  "TASK_LOST",
  "TASK_DROPPED",
  "TASK_GONE",
  "TASK_GONE_BY_OPERATOR",
]);
