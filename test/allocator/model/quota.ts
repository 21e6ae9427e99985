import { FairleadError } from "../../../src/base/mod.ts";
import { type Amounts, addAmounts, amountOf } from "./amounts.ts";
import { pathOf, subtree } from "./roles.ts";
import type { ModelState, Quota, RoleNode } from "./state.ts";

/** Consumption of every node by kind: section 2. A run works on a copy of its own. */
export type Consumption = Map<RoleNode, Amounts>;

/** Add up what every subtree consumes. */
export function consumptionOf(state: ModelState): Consumption {
  const consumption: Consumption = new Map();
  for (const node of subtree(state.root)) consumption.set(node, new Map());
  for (const node of subtree(state.root)) {
    const own: Amounts = new Map();
    for (const amounts of node.reserved.values()) addAmounts(own, amounts);
    for (const client of node.clients.values()) addAmounts(own, client.unreserved);
    for (const above of pathOf(node)) addAmounts(consumed(consumption, above), own);
  }
  return consumption;
}

/** The row of one node, to be read or added to. */
export function consumed(consumption: Consumption, node: RoleNode): Amounts {
  const row = consumption.get(node);
  if (row === undefined) throw new RangeError(`role ${node.name} came into being during a run`);
  return row;
}

/** What of a guarantee is not consumed yet. */
function leftOf(consumption: Consumption, node: RoleNode, kind: string): number {
  const guarantee = node.quota === undefined ? 0 : amountOf(node.quota.guarantees, kind);
  return Math.max(0, guarantee - amountOf(consumed(consumption, node), kind));
}

function needOf(consumption: Consumption, node: RoleNode, kind: string): number {
  return Math.max(leftOf(consumption, node, kind), needOfChildren(consumption, node, kind));
}

function needOfChildren(
  consumption: Consumption,
  node: RoleNode,
  kind: string,
  aside?: RoleNode,
): number {
  let need = 0;
  for (const child of node.children.values()) {
    if (child !== aside) need += needOf(consumption, child, kind);
  }
  return need;
}

/** What must be kept free of a kind for all guarantees together. */
export function requiredHeadroom(
  state: ModelState,
  consumption: Consumption,
  kind: string,
): number {
  return needOfChildren(consumption, state.root, kind);
}

/** How much of a kind a role may still be given under its limit and those above it. */
export function limitLeft(consumption: Consumption, role: RoleNode, kind: string): number {
  let left = Number.POSITIVE_INFINITY;
  for (const node of pathOf(role)) {
    const limit = node.quota?.limits.get(kind);
    if (limit === undefined) continue;
    left = Math.min(left, limit - amountOf(consumed(consumption, node), kind));
  }
  return Math.max(0, left);
}

/** How much of a kind a role may claim from its guarantee and those above it. */
export function guaranteeLeft(consumption: Consumption, role: RoleNode, kind: string): number {
  let most = 0;
  let others = 0;
  let onPath: RoleNode | undefined;
  for (const node of pathOf(role)) {
    others += needOfChildren(consumption, node, kind, onPath);
    most = Math.max(most, leftOf(consumption, node, kind) - others);
    onPath = node;
  }
  return most;
}

/** The kinds that some guarantee names. */
export function guaranteedKinds(state: ModelState): ReadonlySet<string> {
  const kinds = new Set<string>();
  for (const { quota } of subtree(state.root)) {
    for (const kind of quota?.guarantees.keys() ?? []) kinds.add(kind);
  }
  return kinds;
}

/**
 * Refuse a set of quotas that contradict each other: section 4.
 *
 * @throws {FairleadError} `invalid_quota`.
 */
export function checkQuotas(quotas: ReadonlyMap<string, Quota>): void {
  const sums = new Map<string, Amounts>();
  for (const [role, { guarantees, limits }] of quotas) {
    for (let above = role; above !== ""; above = parentName(above)) {
      const bounds = quotas.get(above)?.limits ?? new Map<string, number>();
      for (const [kind, bound] of bounds) {
        if (amountOf(guarantees, kind) > bound) throw contradiction(role, above, kind);
        if ((limits.get(kind) ?? 0) > bound) throw contradiction(role, above, kind);
      }
    }
    const parent = parentName(role);
    const sum = sums.get(parent) ?? new Map<string, number>();
    addAmounts(sum, guarantees);
    sums.set(parent, sum);
  }
  for (const [parent, sum] of sums) {
    if (parent === "") continue;
    const guarantees = quotas.get(parent)?.guarantees ?? new Map<string, number>();
    for (const [kind, millis] of sum) {
      if (millis > amountOf(guarantees, kind)) throw contradiction(parent, parent, kind);
    }
  }
}

/** All quotas that stand. */
export function quotasOf(state: ModelState): Map<string, Quota> {
  const quotas = new Map<string, Quota>();
  for (const { name, quota } of subtree(state.root)) {
    if (quota !== undefined) quotas.set(name, quota);
  }
  return quotas;
}

function parentName(role: string): string {
  return role.slice(0, Math.max(0, role.lastIndexOf("/")));
}

function contradiction(role: string, above: string, kind: string): FairleadError {
  return new FairleadError(
    "invalid_quota",
    `Cannot set quota: ${kind} of role "${role}" does not fit with role "${above}"`,
    { details: { role, above, kind } },
  );
}
