import type { Resources } from "../../../src/resources/mod.ts";
import { type Amounts, amountsOf, containsAmounts } from "./amounts.ts";
import { freeOf, identityContent, isMainRow } from "./shape.ts";
import {
  type Agent,
  type Client,
  type Filter,
  type ModelState,
  NEXT_EPOCH,
  type OfferRecord,
} from "./state.ts";

const FILTERS_MAX = 8;

/** Put a filter on (agent, client) for what was refused of an offer. */
export function refuse(
  state: ModelState,
  offer: OfferRecord,
  refused: Resources,
  { refuseMs, converted = false }: { readonly refuseMs: number; readonly converted?: boolean },
): void {
  if (refuseMs === 0 || refused.isEmpty) return;
  const { agent, client, epoch, content } = offer;
  const { clock, intervalMs } = state.options;
  const filter: Filter = {
    main: amountsOf(refused.filter(isMainRow)),
    sliced: amountsOf(refused.filter((resource) => !isMainRow(resource))),
    epoch: converted ? NEXT_EPOCH : epoch,
    content,
    dueMs: clock.nowMs() + Math.max(refuseMs, intervalMs),
  };
  const filters = [...(agent.filters.get(client) ?? []), filter];
  if (filters.length > FILTERS_MAX) {
    const firstDueMs = Math.min(...filters.map(({ dueMs }) => dueMs));
    filters.splice(
      filters.findIndex(({ dueMs }) => dueMs === firstDueMs),
      1,
    );
  }
  agent.filters.set(client, filters);
  client.filteredOn.add(agent);
}

/** Take all filters of a client away. */
export function clearClientFilters(client: Client): void {
  for (const agent of client.filteredOn) agent.filters.delete(client);
  client.filteredOn.clear();
}

/** Take all filters of an agent away. */
export function clearAgentFilters(agent: Agent): void {
  for (const client of agent.filters.keys()) client.filteredOn.delete(agent);
  agent.filters.clear();
}

/** Take the filters away that are due. */
export function dropDueFilters(agent: Agent, nowMs: number): void {
  for (const [client, filters] of agent.filters) {
    const left = filters.filter(({ dueMs }) => dueMs > nowMs);
    agent.filters.set(client, left);
    if (left.length > 0) continue;
    agent.filters.delete(client);
    client.filteredOn.delete(agent);
  }
}

/** Begin a new identity epoch if the identity is dirty. */
export function renewEpoch(agent: Agent): void {
  if (!agent.dirty) return;
  agent.dirty = false;
  agent.epoch += 1;
  agent.content = identityContent(freeOf(agent));
  for (const filter of [...agent.filters.values()].flat()) {
    if (filter.epoch !== NEXT_EPOCH) continue;
    filter.epoch = agent.epoch;
    filter.content = agent.content;
  }
}

/** What a filter is held against: amounts by kind, of the main row and of all slices together. */
export interface FilteredTake {
  readonly main: Amounts;
  readonly sliced: Amounts;
  /** Whether it has countable kinds or slices. */
  readonly hasIdentity: boolean;
}

/** Whether some filter of (agent, client) covers the take. */
export function isFiltered(agent: Agent, client: Client, take: FilteredTake): boolean {
  return (agent.filters.get(client) ?? []).some((filter) => covers(agent, filter, take));
}

function covers(agent: Agent, filter: Filter, take: FilteredTake): boolean {
  if (!containsAmounts(filter.main, take.main)) return false;
  if (!containsAmounts(filter.sliced, take.sliced)) return false;
  if (!take.hasIdentity || filter.epoch === agent.epoch) return true;
  return filter.content.contains(agent.content);
}
