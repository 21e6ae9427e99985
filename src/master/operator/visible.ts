/** What of the cluster a principal may see: the ACLs' view of frameworks, tasks, roles. */
import type { Authorize } from "../core/ports.ts";
import type { ExecutorRecord, FrameworkRecord, TaskRecord } from "../core/records.ts";

/** Whether one principal may see things; answers are remembered as long as this lives. */
export class Visible {
  readonly #authorize: Authorize;
  readonly #principal: string | undefined;
  readonly #answers = new Map<string, boolean>();

  constructor(authorize: Authorize, principal: string | undefined) {
    this.#authorize = authorize;
    this.#principal = principal;
  }

  framework({ info }: FrameworkRecord): boolean {
    return this.#may("view_frameworks", info.user);
  }

  task(task: TaskRecord, framework: FrameworkRecord): boolean {
    const user = task.info.user ?? task.info.command?.user ?? task.info.executor?.command?.user;
    return this.#may("view_tasks", user ?? framework.info.user);
  }

  executor({ info }: ExecutorRecord, framework: FrameworkRecord): boolean {
    return this.#may("view_executors", info.command?.user ?? framework.info.user);
  }

  role(role: string): boolean {
    return this.#may("view_roles", role);
  }

  #may(action: string, object: string): boolean {
    const key = `${action}\u0000${object}`;
    let answer = this.#answers.get(key);
    if (answer === undefined) {
      answer = this.#authorize(this.#principal, action, object);
      this.#answers.set(key, answer);
    }
    return answer;
  }
}
