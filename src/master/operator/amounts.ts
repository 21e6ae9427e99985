/** What tasks, executors and offers hold, added up. */
import { Resources } from "../../resources/mod.ts";
import type { AgentView, MasterState } from "../core/records.ts";

/** Something that holds resources for a role. */
export interface Holding {
  /** Not marked with the role. */
  readonly resources: Resources;
  readonly role: string;
}

/** What holds resources on an agent now: tasks that are not over, and executors. */
export function* holdingsOnAgent(state: MasterState, agent: AgentView): Iterable<Holding> {
  for (const [frameworkId, ids] of agent.tasks) {
    const framework = state.frameworks.get(frameworkId);
    for (const id of ids) {
      const task = framework?.tasks.get(id);
      if (task !== undefined && !task.released) yield task;
    }
  }
  for (const executors of agent.executors.values()) yield* executors.values();
}

/** The sum of what is held, each part marked with its role. */
export function sumOf(holdings: Iterable<Holding>): Resources {
  const byRole = new Map<string, Resources>();
  for (const { role, resources } of holdings) {
    byRole.set(role, (byRole.get(role) ?? Resources.EMPTY).add(resources));
  }
  let sum = Resources.EMPTY;
  for (const [role, resources] of byRole) sum = sum.add(resources.allocate(role));
  return sum;
}

/** The sum of outstanding offers; they are marked with their roles already. */
export function sumOfOffers(offers: Iterable<{ readonly resources: Resources }>): Resources {
  let sum = Resources.EMPTY;
  for (const { resources } of offers) sum = sum.add(resources);
  return sum;
}
