/** Clusters for the allocator's benches: the real allocator with either kernel, and the model. */

import { Allocation, Allocator } from "fairlead/allocator";
import { ModelAllocator } from "../test/allocator/model/model_allocator.ts";
import type { Contender, Params } from "./harness.ts";

/** The machine of facts/mesos.md, a1. */
export const AGENT = "cpus:24;mem:4096;disk:4096;ports:[31000-32000]";
export const YEAR_MS = 365 * 24 * 3_600_000;

/** What the benches call; the allocator and the model both have it. */
export type Subject = Allocator | ModelAllocator;
export type Kernel = "wasm" | "typed" | "naive";

const clock = { nowMs: () => 0, sleep: async () => {} };

/** An empty allocator of one kind. */
export function make(kernel: Kernel): Subject {
  if (kernel === "naive") return new ModelAllocator({ clock });
  return new Allocator({ kernel, clock });
}

/** Agents that are all alike, and frameworks spread over so many roles. */
export function populate(subject: Subject, params: Params): Subject {
  const { agents = 0, frameworks = 0, roles = 1 } = params;
  for (let i = 0; i < Number(frameworks); i++) {
    const role = roles === 1 ? "*" : `role${i % Number(roles)}`;
    subject.addFramework({ id: `framework-${pad(i)}`, roles: [role] });
  }
  for (let i = 0; i < Number(agents); i++) {
    subject.addAgent({ id: `agent-${pad(i)}`, resources: AGENT });
  }
  return subject;
}

/** Ids as long as Mesos's. */
function pad(i: number): string {
  return String(i).padStart(33, "0");
}

/** Runs, and remembers the offers of the last run. */
export class Runner {
  readonly subject: Subject;
  handles: number[] = [];

  constructor(subject: Subject) {
    this.subject = subject;
  }

  /** One cycle; its offers stay outstanding. */
  run(): void {
    const allocation = this.subject.run();
    this.handles =
      allocation instanceof Allocation
        ? Array.from(allocation.handles)
        : allocation.offers().map(({ handle }) => handle);
  }

  /** Take every outstanding offer of the last run back. */
  rescind(): void {
    this.subject.rescind(this.handles);
    this.handles = [];
  }

  /** Who got what in the last run, in order, as one number. */
  digest(): string {
    let hash = 17;
    let offers = 0;
    for (const role of this.subject.shares()) {
      for (const { id, count, allocated } of role.frameworks) {
        offers += count;
        for (const part of `${role.role} ${id} ${count} ${allocated}`) {
          hash = (Math.imul(hash, 31) + (part.codePointAt(0) ?? 0)) >>> 0;
        }
      }
    }
    return `${offers} grants ${hash}`;
  }
}

/** A contender whose timed part is one cycle over agents that are all free. */
export function cycleContender(subject: Subject): Contender {
  const runner = new Runner(subject);
  return {
    setup: () => runner.rescind(),
    run: () => runner.run(),
    answer: () => runner.digest(),
  };
}
