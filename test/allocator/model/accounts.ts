import { FairleadError } from "../../../src/base/mod.ts";
import { identityKey, Resources, reservationRole } from "../../../src/resources/mod.ts";
import { type Amounts, addAmount, addAmounts, amountsOf } from "./amounts.ts";
import { ensureNode, findNode, pruneClient, pruneNode } from "./roles.ts";
import { sliceKeys } from "./shape.ts";
import type { Agent, Client, ModelState, OfferRecord } from "./state.ts";

/** Book resources of an agent on a client (sign 1), or take them off (sign -1). */
export function book(client: Client, agent: Agent, resources: Resources, sign: 1 | -1): void {
  for (const resource of resources) {
    const one = amountsOf(Resources.of([resource]));
    if (resource.shared) {
      bookVolume(client, `${agent.handle} ${identityKey(resource)}`, one, sign);
      continue;
    }
    addAmounts(client.allocated, one, sign);
    const free = resource.reservations.length === 0 && !resource.revocable;
    if (free) addAmounts(client.unreserved, one, sign);
  }
}

function bookVolume(client: Client, key: string, amounts: Amounts, sign: 1 | -1): void {
  const volume = client.volumes.get(key) ?? { copies: 0, amounts };
  volume.copies += sign;
  if (volume.copies === 0) client.volumes.delete(key);
  else client.volumes.set(key, volume);
}

/** A task holds these now. */
export function addUsed(agent: Agent, client: Client, resources: Resources): void {
  if (resources.isEmpty) return;
  agent.used.set(client, (agent.used.get(client) ?? Resources.EMPTY).add(resources));
  client.usedOn.add(agent);
  book(client, agent, resources, 1);
}

/** A task holds these no more; a client that is left with nothing may go. */
export function removeUsed(
  state: ModelState,
  agent: Agent,
  client: Client,
  resources: Resources,
): void {
  const rest = (agent.used.get(client) ?? Resources.EMPTY).subtract(resources);
  book(client, agent, resources, -1);
  if (rest.isEmpty) {
    agent.used.delete(client);
    client.usedOn.delete(agent);
  } else {
    agent.used.set(client, rest);
  }
  pruneClient(state, client);
}

/** Take an offer back: what it held is free again. */
export function withdraw(state: ModelState, offer: OfferRecord): void {
  const { agent, client } = offer;
  state.offers.delete(offer.handle);
  agent.offers.delete(offer);
  book(client, agent, offer.resources, -1);
  if (offer.epoch !== agent.epoch) agent.dirty = true;
}

/** Take several offers back; returns their handles, oldest first. */
export function withdrawAll(state: ModelState, offers: Iterable<OfferRecord>): number[] {
  const sorted = [...offers].sort((a, b) => a.handle - b.handle);
  for (const offer of sorted) withdraw(state, offer);
  return sorted.map((offer) => offer.handle);
}

/**
 * Give an agent another total: cluster total, reservations, roles and slices follow.
 *
 * Roles that stay reserved in another place never vanish on the way.
 */
export function setTotal(state: ModelState, agent: Agent, total: Resources): void {
  const before = agent.total;
  agent.total = total;
  agent.slices = sliceKeys(total, agent.slices);
  addAmounts(state.total, amountsOf(total));
  addAmounts(state.total, amountsOf(before), -1);
  const now = reservedByRole(total);
  for (const [role, amounts] of now) ensureNode(state, role).reserved.set(agent, amounts);
  for (const role of reservedByRole(before).keys()) {
    if (now.has(role)) continue;
    const node = findNode(state, role);
    node?.reserved.delete(agent);
    if (node !== undefined) pruneNode(node);
  }
}

function reservedByRole(total: Resources): Map<string, Amounts> {
  const byRole = new Map<string, Amounts>();
  for (const role of new Set([...total.reservedTo()].map(reservationRole))) {
    if (role === undefined) continue;
    byRole.set(role, amountsOf(total.reservedTo(role).nonRevocable()));
  }
  return byRole;
}

/**
 * Refuse resources of which a kind has another type than elsewhere in the cluster.
 *
 * @throws {FairleadError} `invalid_resource`.
 */
export function checkKinds(state: ModelState, ...bags: readonly Resources[]): void {
  const seen = new Map(state.kindTypes);
  for (const { name, value } of bags.flatMap((bag) => [...bag])) {
    const type = seen.get(name) ?? value.type;
    seen.set(name, type);
    if (type === value.type) continue;
    throw new FairleadError(
      "invalid_resource",
      `Cannot use ${name} as ${value.type}: elsewhere it is ${type}`,
      { details: { name } },
    );
  }
}

/** Remember the type of each kind; see {@linkcode checkKinds}. */
export function learnKinds(state: ModelState, ...bags: readonly Resources[]): void {
  for (const { name, value } of bags.flatMap((bag) => [...bag])) {
    state.kindTypes.set(name, value.type);
  }
}

/** The sum of what several clients hold; each shared volume once. */
export function heldByAll(clients: Iterable<Client>): Amounts {
  const sum: Amounts = new Map();
  const volumes = new Set<string>();
  for (const client of clients) {
    addAmounts(sum, client.allocated);
    for (const [key, { amounts }] of client.volumes) {
      if (volumes.has(key)) continue;
      volumes.add(key);
      for (const [kind, millis] of amounts) addAmount(sum, kind, millis);
    }
  }
  return sum;
}
