/** What a framework may say of itself: the rules of SUBSCRIBE and UPDATE_FRAMEWORK. */
import { FairleadError } from "../../base/mod.ts";
import type { FrameworkInfo, OfferConstraintsJson } from "../../model/mod.ts";
import { validateRole } from "../../resources/mod.ts";
import { faultOfId } from "../validate/ids.ts";

/** What is wrong with a framework's info; undefined when nothing is. */
export function validateFrameworkInfo(info: FrameworkInfo): string | undefined {
  const isMulti = info.capabilities?.some(({ type }) => type === "MULTI_ROLE") === true;
  if (isMulti && info.role !== undefined) {
    return "'FrameworkInfo.role' must not be set when the framework is MULTI_ROLE capable";
  }
  if (!isMulti && (info.roles?.length ?? 0) > 0) {
    return "'FrameworkInfo.roles' must not be set when the framework is not MULTI_ROLE capable";
  }
  const roles = isMulti ? (info.roles ?? []) : [info.role ?? "*"];
  if (new Set(roles).size < roles.length) return "'FrameworkInfo.roles' contains duplicates";
  for (const role of roles) {
    const fault = faultOfRole(role);
    if (fault !== undefined) return `'FrameworkInfo.roles' contains invalid role: ${fault}`;
  }
  const id = info.id && faultOfId(info.id.value);
  if (id !== undefined) return `'FrameworkInfo.id' is invalid: ${id}`;
  const { failover_timeout: timeout = 0 } = info;
  if (!(timeout >= 0)) return "The failover_timeout must not be negative";
  return undefined;
}

function faultOfRole(role: string): string | undefined {
  try {
    validateRole(role);
    return undefined;
  } catch (error) {
    return FairleadError.from(error).message;
  }
}

/** Suppressed roles and constraints must be for roles that the framework has. */
export function validateSubscription(
  roles: readonly string[],
  suppressed: readonly string[],
  constraints: OfferConstraintsJson | undefined,
): string | undefined {
  const outside = suppressed.filter((role) => !roles.includes(role));
  if (outside.length > 0) {
    return `Suppressed roles { ${outside.join(", ")} } are not contained in the set of roles`;
  }
  const constrained = Object.keys(constraints?.role_constraints ?? {});
  const foreign = constrained.find((role) => !roles.includes(role));
  if (foreign === undefined) return undefined;
  return `Offer constraints specify \`role_constraints\` for a role '${foreign}' not contained in the set of roles`;
}

/** What may not change about a framework. */
export function validateFrameworkUpdate(
  before: FrameworkInfo,
  after: FrameworkInfo,
): string | undefined {
  if (before.principal !== after.principal) return "Changing framework's principal is not allowed.";
  if (before.user !== after.user) {
    return "Updating 'FrameworkInfo.user' is unsupported; see MESOS-703";
  }
  if ((before.checkpoint ?? false) !== (after.checkpoint ?? false)) {
    return "Updating 'FrameworkInfo.checkpoint' is unsupported; see MESOS-703";
  }
  return undefined;
}

/** A framework that comes back keeps these, whatever it says now. */
export function preserveFields(before: FrameworkInfo, after: FrameworkInfo): FrameworkInfo {
  const { checkpoint, ...rest } = after;
  return {
    ...rest,
    user: before.user,
    ...(before.checkpoint !== undefined && { checkpoint: before.checkpoint }),
  };
}
