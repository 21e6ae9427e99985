import { addAmounts, amountsOf, hasSomething } from "./amounts.ts";
import type { AllocationApi } from "./api.ts";
import { attempt, type FreeAgent, type Grant, isOpenTo, type Run, settle } from "./attempt.ts";
import { mix, saltOf, visitStream } from "./chance.ts";
import { dropDueFilters, renewEpoch } from "./filters.ts";
import { sendInverseOffers } from "./inverse.ts";
import { drfOrder, type RoleTurn, randomOrder } from "./order.ts";
import { consumptionOf, guaranteedKinds, guaranteeLeft } from "./quota.ts";
import { freeOf, freeSlices, isMainRow } from "./shape.ts";
import { isEligible, type ModelState, type OfferRecord, type RoleNode } from "./state.ts";

/** One run of the allocator: section 5. */
export function runOnce(state: ModelState): AllocationApi {
  if (isPaused(state)) return allocation(state.cycle, [], []);
  state.cycle += 1;
  for (const agent of state.agents.values()) {
    dropDueFilters(agent, state.options.clock.nowMs());
    renewEpoch(agent);
  }
  const run = begin(state);
  const order = [...run.free.values()].sort(
    (a, b) => mix(a.agent.handle ^ run.salt) - mix(b.agent.handle ^ run.salt),
  );
  if (run.guaranteedKinds.size > 0) for (const free of order) visit(run, free, 1);
  for (const free of order) visit(run, free, 2);
  const offers = [...run.grants.values()].map((grant) => makeOffer(state, grant));
  return allocation(state.cycle, offers, sendInverseOffers(state));
}

function isPaused(state: ModelState): boolean {
  const { recovery } = state;
  if (recovery === undefined) return false;
  const enough = recovery.added >= recovery.needed;
  if (!enough && state.options.clock.nowMs() < recovery.untilMs) return true;
  state.recovery = undefined;
  return false;
}

function begin(state: ModelState): Run {
  const free = new Map(
    [...state.agents.values()]
      .filter((agent) => isEligible(state, agent))
      .map((agent): [typeof agent, FreeAgent] => {
        const all = freeOf(agent);
        const main = all.filter(isMainRow);
        return [agent, { agent, main, row: amountsOf(main), slices: freeSlices(agent, all) }];
      }),
  );
  const headroom = new Map<string, number>();
  for (const { main, slices } of free.values()) {
    addAmounts(headroom, amountsOf(main));
    for (const slice of slices) if (slice.indivisible) addAmounts(headroom, slice.amounts);
  }
  return {
    state,
    salt: saltOf(state.options.seed, state.cycle),
    consumption: consumptionOf(state),
    headroom,
    guaranteedKinds: guaranteedKinds(state),
    free,
    grants: new Map(),
  };
}

/** Visit one agent in one stage; it ends when nothing is left that could be offered. */
function visit(run: Run, free: FreeAgent, stage: 1 | 2): void {
  if (isSpent(free)) return;
  for (const { node, clients } of rolesInOrder(run, free, stage)) {
    if (stage === 1 && !isOwedSomething(run, node)) continue;
    if (!hasFor(free, node.name)) continue;
    for (const client of clients()) {
      attempt(run, { free, node, client, guaranteed: stage === 1 });
      if (isSpent(free)) return;
    }
  }
}

function isOwedSomething({ consumption, guaranteedKinds: kinds }: Run, node: RoleNode): boolean {
  return [...kinds].some((kind) => guaranteeLeft(consumption, node, kind) > 0);
}

function rolesInOrder({ state, salt }: Run, free: FreeAgent, stage: 1 | 2): Iterable<RoleTurn> {
  if (state.options.sorter === "drf") return drfOrder(state);
  return randomOrder(state, visitStream(salt, free.agent.handle, stage));
}

/** Whether the agent has nothing left to offer to anyone in this run. */
function isSpent(free: FreeAgent): boolean {
  return !hasSomething(free.row) && free.slices.length === 0;
}

/** Whether something is there for a role, capabilities aside. */
function hasFor(free: FreeAgent, role: string): boolean {
  return hasSomething(free.row) || free.slices.some((slice) => isOpenTo(slice, role));
}

function makeOffer(state: ModelState, grant: Grant): OfferRecord {
  const { client } = grant;
  const { agent } = grant.free;
  const { epoch, content } = agent;
  const resources = settle(grant);
  const handle = state.nextOfferHandle;
  state.nextOfferHandle += 1;
  const offer = { handle, agent, client, resources, epoch, content };
  state.offers.set(handle, offer);
  agent.offers.add(offer);
  return offer;
}

function allocation(
  cycle: number,
  records: readonly OfferRecord[],
  inverseOffers: AllocationApi["inverseOffers"],
): AllocationApi {
  const offers = records.map(({ handle, agent, client, resources }) => ({
    handle,
    agentId: agent.id,
    frameworkId: client.frameworkId,
    role: client.role,
    resources: resources.allocate(client.role),
  }));
  return { cycle, size: offers.length, offers: () => offers, inverseOffers };
}
