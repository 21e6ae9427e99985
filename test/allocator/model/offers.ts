import { FairleadError } from "../../../src/base/mod.ts";
import type { Resources } from "../../../src/resources/mod.ts";
import { addUsed, checkKinds, removeUsed, setTotal, withdraw } from "./accounts.ts";
import { checkFree } from "./agents.ts";
import type { Acceptance, Conversion, Release } from "./api.ts";
import { refuse } from "./filters.ts";
import { findAgent, findOffer, findOffers } from "./find.ts";
import { readRefuseMs } from "./read.ts";
import { clientsOf, findClient } from "./roles.ts";
import { checkDistinct, volumesIdle } from "./shape.ts";
import type { ModelState, OfferRecord } from "./state.ts";

/** See `AllocatorApi.decline`. */
export function decline(
  state: ModelState,
  handles: number | readonly number[],
  refuseMs: number | undefined,
): void {
  const time = readRefuseMs(refuseMs);
  for (const offer of findOffers(state, handles)) {
    withdraw(state, offer);
    refuse(state, offer, offer.resources, { refuseMs: time });
  }
}

/** See `AllocatorApi.rescind`. */
export function rescind(state: ModelState, handles: number | readonly number[]): void {
  for (const offer of findOffers(state, handles)) withdraw(state, offer);
}

/** See `AllocatorApi.accept`. */
export function accept(state: ModelState, handle: number, acceptance: Acceptance): void {
  const offer = findOffer(state, handle);
  const { agent, client } = offer;
  const refuseMs = readRefuseMs(acceptance.refuseMs);
  const converted = (acceptance.converted ?? []).map(held);
  const totals = convertAll(state, offer, converted);
  const used = acceptance.used.unallocate();
  const last = totals.at(-1)?.offered ?? offer.resources;
  const rest = isFor(acceptance.used, client.role) ? last.trySubtract(used) : undefined;
  if (rest === undefined) {
    throw new FairleadError("resources_not_held", `Cannot use ${used}: the offer holds ${last}`);
  }
  for (const { total } of totals) setTotal(state, agent, total);
  withdraw(state, offer);
  addUsed(agent, client, used);
  if (!used.isEmpty || converted.length > 0) agent.dirty = true;
  refuse(state, offer, rest, { refuseMs, converted: converted.length > 0 });
}

/** Whether resources are held for this role or for nobody. */
function isFor(resources: Resources, role: string): boolean {
  return [...resources].every(({ allocationRole = role }) => allocationRole === role);
}

function held({ from, to }: Conversion): Conversion {
  return { from: from.unallocate(), to: to.unallocate() };
}

/** The offer and the agent's total after each conversion. */
function convertAll(
  state: ModelState,
  offer: OfferRecord,
  converted: readonly Conversion[],
): { offered: Resources; total: Resources }[] {
  let offered = offer.resources;
  let total = offer.agent.total;
  return converted.map(({ from, to }) => {
    checkSameAmounts(from, to);
    checkKinds(state, to);
    const rest = offered.trySubtract(from);
    if (rest === undefined || !volumesIdle(offer.agent, from, offer)) {
      throw new FairleadError("invalid_conversion", `Cannot convert ${from}: it is not all there`);
    }
    offered = rest.add(to);
    total = total.subtract(from).add(to);
    checkDistinct(total);
    return { offered, total };
  });
}

function checkSameAmounts(from: Resources, to: Resources): void {
  if (from.quantities().equals(to.quantities())) return;
  throw new FairleadError("invalid_conversion", `Cannot convert ${from} to ${to}: amounts differ`);
}

/** See `AllocatorApi.updateAvailable`. */
export function updateAvailable(state: ModelState, agentId: string, conversion: Conversion): void {
  const agent = findAgent(state, agentId);
  const { from, to } = held(conversion);
  checkSameAmounts(from, to);
  checkKinds(state, to);
  checkFree(agent, from);
  checkDistinct(agent.total.subtract(from).add(to));
  setTotal(state, agent, agent.total.subtract(from).add(to));
  agent.dirty = true;
}

/** See `AllocatorApi.release`. */
export function release(
  state: ModelState,
  { agentId, frameworkId, role, resources }: Release,
): void {
  const agent = findAgent(state, agentId);
  if (!state.frameworks.has(frameworkId) && clientsOf(state, frameworkId).length === 0) {
    throw new FairleadError("unknown_framework", `Cannot find framework "${frameworkId}"`);
  }
  const client = findClient(state, frameworkId, role);
  const used = client === undefined ? undefined : agent.used.get(client);
  const freed = resources.unallocate();
  if (client === undefined || !used?.contains(freed) || !isFor(resources, role)) {
    throw new FairleadError(
      "resources_not_held",
      `Cannot release ${freed} of "${frameworkId}" on "${agentId}": it holds ${used ?? "nothing"}`,
    );
  }
  removeUsed(state, agent, client, freed);
  agent.dirty = true;
}
