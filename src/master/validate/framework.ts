/** The rules for what a framework says of itself, and for what it may change. */
import type { FrameworkInfo } from "../../model/mod.ts";
import { faultOfId, faultOfRole } from "./ids.ts";
import type { Fault } from "./types.ts";

/** Seconds that 63 bits of nanoseconds hold. */
const SECONDS_MAX = 9_223_372_036;

/** What is wrong with a framework's info; its roles first, as Mesos looks at them. */
export function faultOfFrameworkInfo(info: FrameworkInfo): Fault {
  const { id, failover_timeout = 0 } = info;
  const fault = faultOfRoles(info);
  if (fault !== undefined) return fault;
  const wrong = id === undefined || id.value === "" ? undefined : faultOfId(id.value);
  if (wrong !== undefined) return wrong;
  const filters = faultOfOfferFilters(info);
  if (filters !== undefined) return filters;
  if (failover_timeout >= 0 && failover_timeout <= SECONDS_MAX) return undefined;
  return `The framework failover_timeout (${failover_timeout}) is invalid`;
}

/** Whether a framework says that it can do something. */
export function hasCapability({ capabilities = [] }: FrameworkInfo, name: string): boolean {
  return capabilities.some(({ type }) => type === name);
}

/** The roles of a framework: its list with MULTI_ROLE, else its one role, which may be "*". */
export function rolesOf(info: FrameworkInfo): readonly string[] {
  if (hasCapability(info, "MULTI_ROLE")) return info.roles ?? [];
  return [info.role ?? "*"];
}

function faultOfRoles(info: FrameworkInfo): Fault {
  const { role, roles = [] } = info;
  if (!hasCapability(info, "MULTI_ROLE")) {
    if (roles.length > 0) {
      return "'FrameworkInfo.roles' must not be set when the framework is not MULTI_ROLE capable";
    }
    const fault = faultOfRole(role ?? "*");
    return fault && `'FrameworkInfo.role' is not a valid role: ${fault}`;
  }
  if (role !== undefined) {
    return "'FrameworkInfo.role' must not be set when the framework is MULTI_ROLE capable";
  }
  const duplicates = new Set(roles.filter((each, index) => roles.indexOf(each) !== index));
  if (duplicates.size > 0) {
    return `'FrameworkInfo.roles' contains duplicate items: ${braced(duplicates)}`;
  }
  for (const each of roles) {
    const fault = faultOfRole(each);
    if (fault !== undefined) return `'FrameworkInfo.roles' contains invalid role: ${fault}`;
  }
  return undefined;
}

/** A set as Mesos writes it: "{ a, b }". */
function braced(items: Iterable<string>): string {
  return `{ ${[...items].join(", ")} }`;
}

function faultOfOfferFilters({ offer_filters = {} }: FrameworkInfo): Fault {
  for (const { min_allocatable_resources } of Object.values(offer_filters)) {
    for (const { quantities = {} } of min_allocatable_resources?.quantities ?? []) {
      const kinds = Object.entries(quantities);
      if (kinds.length === 0) return "Resource quantities must contain at least one quantity";
      for (const [kind, { value }] of kinds) {
        const fault = faultOfAmount(value);
        if (fault !== undefined) return `Invalid resource quantity for '${kind}': ${fault}`;
      }
    }
  }
  return undefined;
}

/** What is wrong with an amount that somebody typed. */
export function faultOfAmount(value: number): Fault {
  if (Number.isNaN(value)) return "NaN not supported";
  if (!Number.isFinite(value)) return "Infinite values not supported";
  return value < 0 ? "Negative values not supported" : undefined;
}

/** Roles that are suppressed must be roles of the framework. */
export function faultOfSuppressedRoles(
  roles: readonly string[],
  suppressed: readonly string[] = [],
): Fault {
  const others = suppressed.filter((role) => !roles.includes(role));
  if (others.length === 0) return undefined;
  return `Suppressed roles ${braced(new Set(others))} are not contained in the set of roles`;
}

/**
 * What UPDATE_FRAMEWORK may not change.
 *
 * Neither principal stands in the message: whoever asks need not learn whose framework it is.
 */
export function faultOfFrameworkUpdate(before: FrameworkInfo, after: FrameworkInfo): Fault {
  if (before.principal !== after.principal) {
    return "Changing framework's principal is not allowed.";
  }
  if (before.user !== after.user) return changed("user", before.user, after.user);
  const [was, is] = [before.checkpoint ?? false, after.checkpoint ?? false];
  return was === is ? undefined : changed("checkpoint", String(was), String(is));
}

function changed(field: string, before: string, after: string): string {
  return (
    `Updating 'FrameworkInfo.${field}' is unsupported; attempted to update from '${before}' to ` +
    `'${after}'`
  );
}

/** What a framework that subscribes again says, with the fields that stay as they were. */
export function keepImmutable(before: FrameworkInfo, after: FrameworkInfo): FrameworkInfo {
  const { checkpoint: _, ...rest } = after;
  const kept = { ...rest, user: before.user };
  return before.checkpoint === undefined ? kept : { ...kept, checkpoint: before.checkpoint };
}
