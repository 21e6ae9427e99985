/** Quotas and weights: set by operators, kept in the registry, and room made for them. */
import { FairleadError } from "../../base/mod.ts";
import { isRoleDescendant, Quantities } from "../../resources/mod.ts";
import {
  isDefaultQuota,
  type Quota,
  type QuotaContext,
  type QuotasVerdict,
  readQuotaRemoval,
  readQuotaRequest,
  readQuotas,
} from "../validate/quota.ts";
import { type QuotaStep, quotaSteps } from "../validate/quota_steps.ts";
import { readWeights } from "../validate/weights.ts";
import type { Context } from "./context.ts";
import type { OperatorCall } from "./events.ts";
import { rescindOffers } from "./offers.ts";
import type { OfferRecord } from "./records.ts";
import { putList, type QuotaNode } from "./registry.ts";

/** What an operator's call comes to, before or after it is written. */
export interface Answer {
  readonly status: number;
  readonly message?: string;
}

type QuotaCall = Extract<
  OperatorCall,
  { readonly type: "UPDATE_QUOTA" | "SET_QUOTA" | "REMOVE_QUOTA" }
>;

/** All quotas of a call or none; written first, then they hold and offers make room for them. */
export function updateQuotas(
  core: Context,
  call: QuotaCall,
  principal: string | undefined,
  answer: (answer: Answer) => void,
): void {
  const read = readCall(core, call);
  if (!read.ok) {
    answer({ status: 400, message: read.message });
    return;
  }
  for (const { role } of read.quotas) {
    if (core.options.authorize(principal, "update_quotas", role)) continue;
    answer({ status: 403, message: `Not authorized to update quota of role '${role}'` });
    return;
  }
  // What the allocator refuses must not get into the registry: no master could start with it.
  const fault = allocateQuotas(core, read.quotas);
  if (fault !== undefined) {
    answer({ status: 400, message: fault });
    return;
  }
  core.persist([putList("quotas", merged(core, read.quotas).map(nodeOf))], () => {
    note(core, read.quotas);
    makeRoom(core, read.quotas);
    core.allocate();
    answer({ status: 200 });
  });
}

function readCall(core: Context, call: QuotaCall): QuotasVerdict {
  switch (call.type) {
    case "UPDATE_QUOTA": {
      const { quota_configs, force } = call.update_quota;
      return readQuotas(quota_configs, contextOf(core, force));
    }
    case "SET_QUOTA": {
      const { quota_request } = call.set_quota;
      return readQuotaRequest(quota_request, contextOf(core, quota_request.force));
    }
    case "REMOVE_QUOTA":
      return readQuotaRemoval(call.remove_quota.role, contextOf(core, true));
  }
}

function contextOf(core: Context, force: boolean | undefined): QuotaContext {
  const shares = core.allocator.shares();
  const offered = (role: string) => {
    let sum = Quantities.EMPTY;
    for (const offer of core.books.offers.values()) {
      if (!isWithin(offer.role, role)) continue;
      sum = sum.add(offer.resources.unreserved().nonRevocable().quantities());
    }
    return sum;
  };
  return {
    quotas: core.books.quotas,
    // Offers can be taken back: they stand in nobody's way.
    consumed: (role) => {
      const share = shares.find((each) => each.role === role);
      return (share?.consumed ?? Quantities.EMPTY).subtract(offered(role));
    },
    capacity: core.allocator.total(),
    force,
  };
}

function isWithin(role: string, above: string): boolean {
  return role === above || isRoleDescendant(role, above);
}

function merged(core: Context, changes: readonly Quota[]): Quota[] {
  const quotas = new Map<string, Quota>(core.books.quotas);
  for (const quota of changes) {
    if (isDefaultQuota(quota)) quotas.delete(quota.role);
    else quotas.set(quota.role, quota);
  }
  return [...quotas.values()];
}

function nodeOf({ role, guarantees, limits }: Quota): QuotaNode {
  return { role, guarantees: Object.fromEntries(guarantees), limits };
}

/**
 * Let the allocator and the books have quotas of the registry.
 *
 * @throws {FairleadError} `invalid_quota`, `invalid_resource`.
 */
export function applyQuotas(core: Context, quotas: readonly Quota[]): void {
  for (const step of quotaSteps(core.books.quotas, quotas)) allocateQuota(core, step);
  note(core, quotas);
}

function allocateQuota(core: Context, { role, spec }: QuotaStep): void {
  if (spec === undefined) core.allocator.removeQuota(role);
  else core.allocator.setQuota(role, spec);
}

/** Let the allocator have them; when it refuses one, what it has is as before. */
function allocateQuotas(core: Context, quotas: readonly Quota[]): string | undefined {
  const now = new Map<string, Quota>(core.books.quotas);
  try {
    for (const step of quotaSteps(core.books.quotas, quotas)) {
      allocateQuota(core, step);
      for (const quota of quotas) if (quota.role === step.role) now.set(quota.role, quota);
    }
    return undefined;
  } catch (error) {
    if (!(error instanceof FairleadError)) throw error;
    const before = quotas.map(({ role }) => core.books.quotas.get(role) ?? { ...NONE, role });
    for (const step of quotaSteps(now, before)) allocateQuota(core, step);
    return error.message;
  }
}

const NONE = { guarantees: Quantities.EMPTY, limits: {} };

function note(core: Context, quotas: readonly Quota[]): void {
  for (const quota of quotas) {
    if (isDefaultQuota(quota)) core.books.quotas.delete(quota.role);
    else core.books.quotas.set(quota.role, quota);
  }
}

/**
 * What limited roles are offered is offered anew, within their limits; and agents are taken out of
 * offers until there is as much as guaranteed, on as many agents as the role has frameworks.
 */
function makeRoom(core: Context, quotas: readonly Quota[]): void {
  for (const { role, guarantees, limits } of quotas) {
    if (Object.keys(limits).length > 0) {
      const offers = [...core.books.offers.values()];
      rescindOffers(
        core,
        offers.filter((offer) => isWithin(offer.role, role)),
      );
    }
    if (!guarantees.isEmpty) rescindFor(core, role, guarantees);
  }
}

function rescindFor(core: Context, role: string, guarantees: Quantities): void {
  let frameworks = 0;
  for (const framework of core.books.frameworks.values()) {
    if (framework.isConnected && framework.record.roles.includes(role)) frameworks++;
  }
  let rescinded = Quantities.EMPTY;
  let agents = 0;
  const offers: OfferRecord[] = [];
  for (const agent of core.books.agents.values()) {
    if (agents >= frameworks && rescinded.contains(guarantees)) break;
    if (agent.offers.size === 0) continue;
    agents++;
    for (const offer of agent.offers) {
      offers.push(offer);
      rescinded = rescinded.add(offer.resources.quantities());
    }
  }
  rescindOffers(core, offers);
}

/** UPDATE_WEIGHTS: written first; offers are made anew when a role that is in use changes. */
export function updateWeights(
  core: Context,
  { update_weights }: OperatorCall & { readonly type: "UPDATE_WEIGHTS" },
  principal: string | undefined,
  answer: (answer: Answer) => void,
): void {
  const read = readWeights(update_weights.weight_infos);
  if (!read.ok) {
    answer({ status: 400, message: read.message });
    return;
  }
  for (const [role] of read.weights) {
    if (core.options.authorize(principal, "update_weights", role)) continue;
    answer({ status: 403, message: `Not authorized to update weight of role '${role}'` });
    return;
  }
  const after = new Map([...core.books.weights, ...read.weights]);
  core.persist([putList("weights", [...after])], () => {
    for (const [role, weight] of read.weights) {
      core.books.weights.set(role, weight);
      core.allocator.setWeight(role, weight);
    }
    const changed = new Set(read.weights.map(([role]) => role));
    const isUsed = [...core.books.frameworks.values()].some(({ record }) =>
      record.roles.some((role) => changed.has(role)),
    );
    if (isUsed) rescindOffers(core, core.books.offers.values());
    core.allocate();
    answer({ status: 200 });
  });
}
