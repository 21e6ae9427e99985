import { Resources } from "../../src/resources/mod.ts";
import type { AllocatorApi, AllocatorApiOptions } from "./model/api.ts";
import type { Contender } from "./world.ts";

/** Thousandths by kind, every kind in the same place. */
export type Vector = readonly number[];

/** A cluster as one divisible agent, and users who each want as many of one task as they can get. */
export interface Market {
  readonly totals: Vector;
  /** By user: what one task takes. Not all zero. */
  readonly tasks: readonly Vector[];
}

/** What users ended up with. */
export interface Filling {
  /** By user: how many tasks run. */
  readonly counts: readonly number[];
  /** What nobody holds. */
  readonly free: Vector;
}

const KINDS = ["cpus", "mem", "disk"];

/** The largest part of any total that one task takes: by how much its user's share grows. */
export function stepOf({ totals }: Market, task: Vector): number {
  return Math.max(...task.map((millis, kind) => millis / totals[kind]!));
}

/**
 * Fill a market by offers, one task at a time.
 *
 * Each run offers all that is free to the framework that is first in order. It accepts one task;
 * when not even one fits it refuses for a year, and since nothing is ever released none will fit
 * again. The end is reached when a run offers nothing to anybody.
 */
export function fill(
  contender: Contender,
  market: Market,
  options: AllocatorApiOptions = {},
): Filling {
  const clock = { nowMs: () => 0, sleep: () => Promise.resolve() };
  const allocator = contender.make({ ...options, clock, minAllocatable: [] });
  allocator.addAgent({ id: "s", resources: resourcesOf(market.totals) });
  market.tasks.forEach((_, user) => {
    allocator.addFramework({ id: `f${user}`, roles: [`r${user}`] });
  });
  const counts = market.tasks.map(() => 0);
  const wanted = market.tasks.map(resourcesOf);
  for (let next = step(allocator, wanted); next !== undefined; next = step(allocator, wanted)) {
    if (next.accepted) counts[next.user]! += 1;
  }
  return { counts, free: freeAfter(market, counts) };
}

/** One run: who was offered everything, and whether a task fitted; undefined when nobody was. */
function step(
  allocator: AllocatorApi,
  wanted: readonly Resources[],
): { user: number; accepted: boolean } | undefined {
  const [offer] = allocator.run().offers();
  if (offer === undefined) return undefined;
  const user = Number(offer.frameworkId.slice(1));
  const used = wanted[user]!;
  const accepted = offer.resources.unallocate().contains(used);
  if (accepted) allocator.accept(offer.handle, { used, refuseMs: 0 });
  else allocator.decline(offer.handle, { refuseMs: 365 * 24 * 3600 * 1000 });
  return { user, accepted };
}

function resourcesOf(vector: Vector): Resources {
  return Resources.parse(vector.map((millis, kind) => `${KINDS[kind]}:${millis / 1000}`).join(";"));
}

function freeAfter({ totals, tasks }: Market, counts: readonly number[]): Vector {
  return totals.map((total, kind) => {
    const held = tasks.reduce((sum, task, user) => sum + counts[user]! * task[kind]!, 0);
    return total - held;
  });
}

/** How many tasks of a kind, and which part of one more, a bundle is worth. */
export function worth(task: Vector, bundle: Vector): number {
  return Math.min(...task.flatMap((millis, kind) => (millis > 0 ? bundle[kind]! / millis : [])));
}
