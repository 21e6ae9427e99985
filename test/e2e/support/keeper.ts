/** A framework that keeps tasks running, for tests that pull the ground from under it. */

import { join } from "node:path";
import type { TaskStatus } from "fairlead/model";
import { match, type PendingTask, type Scheduler, task } from "fairlead/scheduler";

/** Keeps `wanted` tasks, and knows every status of each; a task writes its pid into the folder. */
export class Keeper {
  readonly statuses = new Map<string, TaskStatus[]>();
  readonly #scheduler: Scheduler;
  readonly #folder: string;
  #waiting: PendingTask[] = [];
  launched = 0;
  wanted = 0;

  constructor(scheduler: Scheduler, folder: string) {
    this.#scheduler = scheduler;
    this.#folder = folder;
    void this.#run();
  }

  get running(): string[] {
    const isRunning = (each: TaskStatus[]) => each.at(-1)?.state === "TASK_RUNNING";
    return [...this.statuses].filter(([, each]) => isRunning(each)).map(([id]) => id);
  }

  /** States after which a task is no more. */
  get ended(): string[] {
    const states = [...this.statuses.values()].flatMap((each) => each.map(({ state }) => state));
    return states.filter((state) => !["TASK_STARTING", "TASK_RUNNING"].includes(state));
  }

  async #run(): Promise<void> {
    for await (const event of this.#scheduler.events()) {
      if (event.type === "UPDATE") {
        const { status } = event;
        const id = status.task_id.value;
        this.statuses.set(id, [...(this.statuses.get(id) ?? []), status]);
      }
      if (event.type !== "OFFERS") continue;
      while (this.#waiting.length + this.launched < this.wanted) this.#waiting.push(this.#next());
      const matched = match(event.offers, this.#waiting);
      this.launched += this.#waiting.length - matched.waiting.length;
      this.#waiting = matched.waiting.map(({ task: waits }) => waits);
      await this.#scheduler.apply(matched, { refuseSeconds: 0.5 });
    }
  }

  #next(): PendingTask {
    const id = `task-${this.launched + this.#waiting.length + 1}`;
    const command = `echo $$ > ${join(this.#folder, id)}.pid; exec sleep 600`;
    return task({ id, name: id, command, cpus: 0.05, mem: 16 });
  }
}
