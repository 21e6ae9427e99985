import { heldByAll } from "./accounts.ts";
import { toQuantities } from "./amounts.ts";
import type { RoleShare } from "./api.ts";
import { allocatedBelow, shareOf } from "./order.ts";
import { consumed, consumptionOf } from "./quota.ts";
import { subtree } from "./roles.ts";
import type { ModelState, RoleNode } from "./state.ts";

/** Every role that exists, sorted by name, with all clients that it has. */
export function sharesOf(state: ModelState): RoleShare[] {
  const consumption = consumptionOf(state);
  const nodes = subtree(state.root).sort((a, b) => (a.name < b.name ? -1 : 1));
  return nodes.map((node) => {
    const allocated = allocatedBelow(node);
    return {
      role: node.name,
      share: shareOf(state, allocated, node.weight),
      count: node.count,
      allocated: toQuantities(allocated),
      consumed: toQuantities(consumed(consumption, node)),
      frameworks: frameworksOf(state, node),
    };
  });
}

function frameworksOf(state: ModelState, node: RoleNode): RoleShare["frameworks"] {
  const clients = [...node.clients.values()];
  clients.sort((a, b) => (a.frameworkId < b.frameworkId ? -1 : 1));
  return clients.map((client) => {
    const allocated = heldByAll([client]);
    return {
      id: client.frameworkId,
      share: shareOf(state, allocated, 1),
      count: client.count,
      allocated: toQuantities(allocated),
    };
  });
}
