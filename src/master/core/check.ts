/** Whether the books hold together: what must be true between any two steps. */
import { isTerminal } from "../../model/mod.ts";
import { Quantities, Resources } from "../../resources/mod.ts";
import { usedOn } from "./agents.ts";
import type { AgentBook, FrameworkBook } from "./books.ts";
import type { Context } from "./context.ts";

/** Faults in sentences; none when all is well. */
export function checkMaster(core: Context): string[] {
  if (core.books.status !== "leading") return [];
  return [
    ...[...core.books.agents.values()].flatMap((agent) => checkAgent(core, agent)),
    ...[...core.books.frameworks.values()].flatMap((framework) => checkFramework(core, framework)),
    ...checkOffers(core),
    ...checkShares(core),
    ...checkConnections(core),
    ...checkPlaces(core),
    ...checkOperations(core),
  ];
}

function checkAgent(core: Context, agent: AgentBook): string[] {
  const faults: string[] = [];
  const { id, record } = agent;
  const used = sumByHolder(usedOn(core, agent));
  const known = sumByHolder(core.allocator.used(id));
  for (const holder of new Set([...used.keys(), ...known.keys()])) {
    const [mine, its] = [used.get(holder), known.get(holder)];
    const isEqual = (mine ?? Resources.EMPTY).equals(its ?? Resources.EMPTY);
    if (!isEqual) faults.push(`agent ${id}: ${holder} uses ${mine}, the allocator says ${its}`);
  }
  for (const [frameworkId, ids] of agent.tasks) {
    const framework = core.books.frameworks.get(frameworkId);
    if (ids.size === 0) faults.push(`agent ${id}: an empty set for framework ${frameworkId}`);
    for (const taskId of ids) {
      if (framework?.tasks.get(taskId)?.agentId === id) continue;
      faults.push(`agent ${id}: task ${taskId} of ${frameworkId} is not in its framework's books`);
    }
  }
  for (const offer of agent.offers) {
    if (core.books.offers.get(offer.id) !== offer) faults.push(`agent ${id}: offer ${offer.id}`);
  }
  if (record.connection.status !== "connected" && agent.offers.size > 0) {
    faults.push(`agent ${id}: it is away and offered`);
  }
  return faults;
}

function sumByHolder(
  used: readonly { frameworkId: string; role: string; resources: Resources }[],
): Map<string, Resources> {
  const sums = new Map<string, Resources>();
  for (const { frameworkId, role, resources } of used) {
    if (resources.isEmpty) continue;
    const holder = `${frameworkId} as ${role}`;
    sums.set(holder, (sums.get(holder) ?? Resources.EMPTY).add(resources));
  }
  return sums;
}

function checkFramework(core: Context, framework: FrameworkBook): string[] {
  const faults: string[] = [];
  const { id } = framework;
  const counts = new Map<string, number>();
  const presence = new Map<string, number>();
  const count = (map: Map<string, number>, key: string) => map.set(key, (map.get(key) ?? 0) + 1);
  for (const [taskId, task] of framework.tasks) {
    count(counts, task.state);
    count(presence, task.agentId);
    const agent = core.books.agents.get(task.agentId);
    if (agent?.tasks.get(id)?.has(taskId) !== true) {
      faults.push(`task ${taskId} of ${id}: agent ${task.agentId} does not have it`);
    }
    if (isTerminal(task.state) !== task.released) {
      faults.push(`task ${taskId} of ${id}: ${task.state}, released: ${task.released}`);
    }
  }
  for (const { state } of framework.unreachableTasks.values()) count(counts, state);
  for (const [agentId, executors] of framework.executors) {
    for (const executor of executors.values()) {
      count(presence, agentId);
      if (core.books.agents.get(agentId)?.executors.get(id)?.get(executor.id) === executor)
        continue;
      faults.push(`executor ${executor.id} of ${id}: agent ${agentId} does not have it`);
    }
  }
  if (!sameCounts(counts, framework.taskCounts)) faults.push(`framework ${id}: states miscounted`);
  if (!sameCounts(presence, framework.presence))
    faults.push(`framework ${id}: presence miscounted`);
  if (!framework.isConnected && framework.offers.size > 0) {
    faults.push(`framework ${id}: it is away and holds offers`);
  }
  return faults;
}

function sameCounts(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): boolean {
  return a.size === b.size && [...a].every(([key, count]) => b.get(key) === count);
}

function checkOffers(core: Context): string[] {
  const { offers, frameworks, agents } = core.books;
  const faults: string[] = [];
  const { offersOutstanding } = core.allocator.stats();
  if (offersOutstanding !== offers.size) {
    faults.push(`${offers.size} offers are out, the allocator says ${offersOutstanding}`);
  }
  for (const offer of offers.values()) {
    if (frameworks.get(offer.frameworkId)?.offers.has(offer) !== true) {
      faults.push(`offer ${offer.id}: framework ${offer.frameworkId} does not have it`);
    }
    if (agents.get(offer.agentId)?.offers.has(offer) !== true) {
      faults.push(`offer ${offer.id}: agent ${offer.agentId} does not have it`);
    }
    if (core.offersByHandle.get(offer.handle) !== offer) {
      faults.push(`offer ${offer.id}: not known by its handle`);
    }
  }
  if (core.offersByHandle.size !== offers.size) faults.push("handles without offers");
  return faults;
}

/** What each framework holds by role: tasks, executors and offers; shared volumes aside. */
function checkShares(core: Context): string[] {
  const sums = new Map<string, Quantities>();
  const add = (holder: string, resources: Resources) => {
    sums.set(holder, (sums.get(holder) ?? Quantities.EMPTY).add(resources.quantities()));
  };
  for (const agent of core.books.agents.values()) {
    if (!agent.record.resources.shared().isEmpty) return [];
    for (const { frameworkId, role, resources } of usedOn(core, agent)) {
      add(`${frameworkId} as ${role}`, resources);
    }
  }
  for (const { frameworkId, role, resources } of core.books.offers.values()) {
    add(`${frameworkId} as ${role}`, resources);
  }
  const faults: string[] = [];
  for (const { role, frameworks } of core.allocator.shares()) {
    for (const { id, allocated } of frameworks) {
      const holder = `${id} as ${role}`;
      const mine = sums.get(holder) ?? Quantities.EMPTY;
      sums.delete(holder);
      if (mine.equals(allocated)) continue;
      faults.push(`${holder}: holds ${mine}, the allocator says ${allocated}`);
    }
  }
  for (const [holder, sum] of sums) {
    if (!sum.isEmpty) faults.push(`${holder}: holds ${sum}, which the allocator does not know`);
  }
  return faults;
}

function checkConnections(core: Context): string[] {
  const faults: string[] = [];
  for (const [connection, framework] of core.streams) {
    const own = framework.record.connection;
    if (own.status === "connected" && own.connection === connection) continue;
    faults.push(`stream ${connection}: framework ${framework.id} is ${own.status}`);
  }
  for (const framework of core.books.frameworks.values()) {
    const { connection } = framework.record;
    if (connection.status !== "connected") continue;
    if (core.streams.get(connection.connection) === framework) continue;
    faults.push(`framework ${framework.id}: its stream is not known`);
  }
  for (const { id, record } of core.books.agents.values()) {
    if (record.connection.status !== "connected") continue;
    if (core.links.get(record.connection.link)?.agentId === id) continue;
    faults.push(`agent ${id}: its link is not known`);
  }
  return faults;
}

/** An agent is in one place. */
function checkPlaces(core: Context): string[] {
  const { agents, recoveredAgents, unreachableAgents, goneAgents } = core.books;
  const seen = new Set<string>();
  const faults: string[] = [];
  for (const place of [agents, recoveredAgents, unreachableAgents, goneAgents]) {
    for (const id of place.keys()) {
      if (seen.has(id)) faults.push(`agent ${id}: in two places`);
      seen.add(id);
    }
  }
  return faults;
}

function checkOperations(core: Context): string[] {
  const faults: string[] = [];
  for (const operation of core.books.operations.values()) {
    const { uuid, agentId, frameworkId, id } = operation;
    if (core.books.agents.get(agentId)?.operations.has(operation) !== true) {
      faults.push(`operation ${uuid}: agent ${agentId} does not have it`);
    }
    if (frameworkId === undefined || id === undefined) continue;
    const framework = core.books.frameworks.get(frameworkId);
    if (framework && framework.operations.get(id) !== operation) {
      faults.push(`operation ${uuid}: framework ${frameworkId} does not have it`);
    }
  }
  return faults;
}
