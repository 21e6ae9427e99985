/** The rules for quotas: each for itself, all of them as a tree, and against what there is. */
import type { ResourceJson } from "../../model/mod.ts";
import { Quantities, roleAncestors } from "../../resources/mod.ts";
import { faultOfAmount } from "./framework.ts";
import { faultOfRole } from "./ids.ts";
import type { Fault } from "./types.ts";

type AmountsJson = Readonly<Record<string, { readonly value: number }>>;

/** One role of an UPDATE_QUOTA; kinds without a limit are not limited. */
export interface QuotaFacts {
  readonly role: string;
  readonly guarantees?: AmountsJson | undefined;
  readonly limits?: AmountsJson | undefined;
}

/** A quota that holds: guarantees, and limits in thousandths by kind (0 is a limit). */
export interface Quota {
  readonly role: string;
  readonly guarantees: Quantities;
  readonly limits: Readonly<Record<string, number>>;
}

/** What quotas are held against. */
export interface QuotaContext {
  /** The quotas that are set, by role. */
  readonly quotas: ReadonlyMap<string, Quota>;
  /** What the role and those below it hold: reservations, and what is allocated without one. */
  readonly consumed: (role: string) => Quantities;
  /** What all agents have, without what is lent. */
  readonly capacity: Quantities;
  /** Set quotas all the same that are consumed already or more than there is. */
  readonly force?: boolean | undefined;
}

/** Quotas to set, all of them or none; one without guarantees and limits takes a quota away. */
export type QuotasVerdict =
  | { readonly ok: true; readonly quotas: readonly Quota[] }
  | { readonly ok: false; readonly message: string };

/** One exabyte in megabytes, and a trillion of anything else. */
const MEGABYTES_MAX = 2 ** 40;
const UNITS_MAX = 1e12;

/** Read an UPDATE_QUOTA. */
export function readQuotas(
  configs: readonly QuotaFacts[] | undefined,
  context: QuotaContext,
): QuotasVerdict {
  const quotas = new Map<string, Quota>();
  for (const config of configs ?? []) {
    const fault = faultOfConfig(config);
    if (fault !== undefined) return wrong(fault);
    if (quotas.has(config.role)) return wrong(`Role '${config.role}' stands twice`);
    quotas.set(config.role, readConfig(config));
  }
  const merged = new Map([...context.quotas, ...quotas]);
  const fault =
    (context.force ? undefined : faultOfConsumption(quotas.values(), context)) ??
    faultOfTree(merged) ??
    (context.force ? undefined : faultOfCapacity(merged, context));
  return fault === undefined ? { ok: true, quotas: [...quotas.values()] } : wrong(fault);
}

function wrong(fault: string): QuotasVerdict {
  return { ok: false, message: `Invalid QuotaConfig: ${fault}` };
}

/** Whether a quota says nothing: it is the same as none. */
export function isDefaultQuota({ guarantees, limits }: Quota): boolean {
  return guarantees.isEmpty && Object.keys(limits).length === 0;
}

function readConfig({ role, guarantees = {}, limits = {} }: QuotaFacts): Quota {
  const amounts = (json: AmountsJson) =>
    Object.entries(json).map(([kind, { value }]) => [kind, toMillis(value)] as const);
  return {
    role,
    guarantees: Quantities.ofMillis(amounts(guarantees)),
    limits: Object.fromEntries(amounts(limits)),
  };
}

function toMillis(units: number): number {
  return Math.round(units * 1000);
}

function faultOfConfig({ role, guarantees = {}, limits = {} }: QuotaFacts): Fault {
  const fault = faultOfRole(role);
  if (fault !== undefined) return `Invalid 'QuotaConfig.role': ${fault}`;
  return (
    faultOfAmounts(guarantees, { field: "guarantees", what: "guarantee" }) ??
    faultOfAmounts(limits, { field: "limits", what: "limit" }) ??
    faultOfOwnLimits(guarantees, limits)
  );
}

function faultOfAmounts(
  amounts: AmountsJson,
  { field, what }: { readonly field: string; readonly what: string },
): Fault {
  for (const [kind, { value }] of Object.entries(amounts)) {
    const shown = `{'${kind}': ${value}}`;
    const bytes = kind === "mem" || kind === "disk";
    const max = bytes ? MEGABYTES_MAX : UNITS_MAX;
    if (value > max) {
      const most = bytes ? "1 exabyte" : "1 trillion";
      return (
        `Invalid 'QuotaConfig.${field}': ${shown} is invalid: values greater than ${most} ` +
        `(${max}) are not supported`
      );
    }
    const fault = faultOfAmount(value);
    if (fault !== undefined) return `Invalid ${what} configuration ${shown}: ${fault}`;
    if (kind === "" || /[\s\p{Cc}:;()[\]{},"]/u.test(kind)) {
      return `Invalid ${what} configuration ${shown}: '${kind}' is no name of a resource`;
    }
  }
  return undefined;
}

function faultOfOwnLimits(guarantees: AmountsJson, limits: AmountsJson): Fault {
  for (const [kind, { value }] of Object.entries(guarantees)) {
    const limit = limits[kind];
    if (limit === undefined || toMillis(value) <= toMillis(limit.value)) continue;
    return (
      `'QuotaConfig.guarantees' ${JSON.stringify(guarantees)} is not contained within the ` +
      `'QuotaConfig.limits' ${JSON.stringify(limits)}`
    );
  }
  return undefined;
}

function faultOfConsumption(quotas: Iterable<Quota>, { consumed }: QuotaContext): Fault {
  for (const { role, limits } of quotas) {
    const held = consumed(role);
    if (Object.entries(limits).every(([kind, limit]) => held.get(kind) <= limit)) continue;
    return (
      `Role '${role}' is already consuming '${held}'; this is more than the requested limits ` +
      `'${written(limits)}' (use 'force' flag to bypass this check)`
    );
  }
  return undefined;
}

function written(limits: Quota["limits"]): string {
  return Object.entries(limits)
    .map(([kind, millis]) => `${kind}:${millis / 1000}`)
    .join("; ");
}

/** Guarantees of children add up to their parent's at most; limits of parents bind children. */
function faultOfTree(quotas: ReadonlyMap<string, Quota>): Fault {
  const below = new Map<string, Quantities>();
  for (const quota of quotas.values()) {
    const fault = faultOfLimitsAbove(quota, quotas);
    if (fault !== undefined) return fault;
    const parent = roleAncestors(quota.role).at(-1);
    if (parent === undefined) continue;
    below.set(parent, (below.get(parent) ?? Quantities.EMPTY).add(quota.guarantees));
  }
  for (const [parent, sum] of below) {
    const own = quotas.get(parent)?.guarantees ?? Quantities.EMPTY;
    if (own.contains(sum)) continue;
    return (
      `Invalid quota configuration. Parent role '${parent}' with guarantees (${own}) does not ` +
      `contain the sum of its children's guarantees (${sum})`
    );
  }
  return undefined;
}

function faultOfLimitsAbove(quota: Quota, quotas: ReadonlyMap<string, Quota>): Fault {
  for (const above of roleAncestors(quota.role)) {
    for (const [kind, limit] of Object.entries(quotas.get(above)?.limits ?? {})) {
      const wanted = Math.max(quota.guarantees.get(kind), quota.limits[kind] ?? 0);
      if (wanted <= limit) continue;
      return (
        `Invalid quota configuration. Role '${quota.role}' has ${kind}:${wanted / 1000}, which is ` +
        `above the limit of role '${above}' (${limit / 1000})`
      );
    }
  }
  return undefined;
}

function faultOfCapacity(quotas: ReadonlyMap<string, Quota>, { capacity }: QuotaContext): Fault {
  let total = Quantities.EMPTY;
  for (const { role, guarantees } of quotas.values()) {
    if (!role.includes("/")) total = total.add(guarantees);
  }
  if (capacity.contains(total)) return undefined;
  return (
    `total quota guarantees '${total}' exceed cluster capacity '${capacity}' (use 'force' flag to ` +
    "bypass this check)"
  );
}

/** What the deprecated SET_QUOTA asks for. */
export interface QuotaRequest {
  readonly role?: string | undefined;
  readonly guarantee?: readonly ResourceJson[] | undefined;
}

/** Read a SET_QUOTA: what it guarantees is the limit as well; a role that has quota is refused. */
export function readQuotaRequest(
  { role, guarantee = [] }: QuotaRequest,
  context: QuotaContext,
): QuotasVerdict {
  const fault = faultOfRequest(role, guarantee);
  if (fault !== undefined) return refused(fault);
  if (role === undefined || context.quotas.has(role)) {
    return refused(`Cannot set quota for role '${role}' which already has quota`);
  }
  const pairs = guarantee.map(({ name, scalar }) => [name, { value: scalar?.value ?? 0 }] as const);
  const guarantees = Object.fromEntries(pairs);
  return readQuotas([{ role, guarantees, limits: guarantees }], context);
}

function refused(fault: string): QuotasVerdict {
  return { ok: false, message: `Failed to validate set quota request: ${fault}` };
}

function faultOfRequest(role: string | undefined, guarantee: readonly ResourceJson[]): Fault {
  if (role === undefined) return "QuotaInfo must specify a role";
  const fault = faultOfRole(role);
  if (fault !== undefined) return `QuotaInfo with invalid role: ${fault}`;
  if (guarantee.length === 0) return "QuotaInfo with empty 'guarantee'";
  const names = new Set<string>();
  for (const { name, type, reservations = [], reservation, disk, revocable } of guarantee) {
    if (reservations.length > 0 || reservation !== undefined) {
      return "QuotaInfo must not contain any ReservationInfo";
    }
    if (disk !== undefined) return "QuotaInfo must not contain DiskInfo";
    if (revocable !== undefined) return "QuotaInfo must not contain RevocableInfo";
    if (type !== "SCALAR") return "QuotaInfo must not include non-scalar resources";
    if (names.has(name)) return `QuotaInfo contains duplicate resource name '${name}'`;
    names.add(name);
  }
  return undefined;
}

/** Read a REMOVE_QUOTA: the role must have one, and no child may have a guarantee. */
export function readQuotaRemoval(role: string, context: QuotaContext): QuotasVerdict {
  if (!context.quotas.has(role)) {
    return {
      ok: false,
      message: `Failed to remove quota for role '${role}': Role '${role}' has no quota set`,
    };
  }
  return readQuotas([{ role }], { ...context, force: true });
}
