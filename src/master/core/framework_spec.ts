/** What a framework says of itself, as the allocator wants it. */
import type {
  AttributeConstraint,
  FrameworkCapability,
  FrameworkSpec,
  OfferConstraints,
} from "../../allocator/mod.ts";
import { FairleadError } from "../../base/mod.ts";
import type { FrameworkInfo, OfferConstraintsJson } from "../../model/mod.ts";
import { ANY_ROLE, Quantities } from "../../resources/mod.ts";

const KNOWN: ReadonlySet<string> = new Set<FrameworkCapability>([
  "REVOCABLE_RESOURCES",
  "SHARED_RESOURCES",
  "RESERVATION_REFINEMENT",
  "GPU_RESOURCES",
  "REGION_AWARE",
  "MULTI_ROLE",
]);

export function capabilitiesOf({ capabilities = [] }: FrameworkInfo): ReadonlySet<string> {
  const types = new Set<string>();
  for (const { type } of capabilities) if (type !== undefined) types.add(type);
  return types;
}

/** The roles of a framework: a list with MULTI_ROLE, one (by default `*`) without. */
export function rolesOf(info: FrameworkInfo): readonly string[] {
  const isMulti = info.capabilities?.some(({ type }) => type === "MULTI_ROLE") === true;
  if (isMulti) return [...new Set(info.roles)];
  return [info.role ?? ANY_ROLE];
}

/** How long a framework may be away: what it says, else the master's default. */
export function failoverTimeoutMsOf(info: FrameworkInfo, defaultMs: number): number {
  const { failover_timeout: seconds } = info;
  return seconds === undefined ? defaultMs : Math.min(seconds * 1000, TIMEOUT_MS_MAX);
}

/** Three hundred years: what protobufs hold in nanoseconds. */
const TIMEOUT_MS_MAX = 300 * 365 * 86_400_000;

/**
 * @throws {FairleadError} `invalid_resource`, `invalid_quantities` (minimums), `invalid_argument`
 * (constraints).
 */
export function specOf(
  info: FrameworkInfo,
  {
    suppressed,
    constraints,
  }: { suppressed: Iterable<string>; constraints: OfferConstraintsJson | undefined },
): Omit<FrameworkSpec, "id"> {
  return {
    roles: rolesOf(info),
    suppressedRoles: [...suppressed],
    capabilities: [...capabilitiesOf(info)].filter(isKnown),
    minAllocatable: minimumsOf(info),
    offerConstraints: constraintsOf(constraints),
  };
}

function isKnown(type: string): type is FrameworkCapability {
  return KNOWN.has(type);
}

function minimumsOf({ offer_filters = {} }: FrameworkInfo): Record<string, Quantities[]> {
  const minimums: Record<string, Quantities[]> = {};
  for (const [role, { min_allocatable_resources }] of Object.entries(offer_filters)) {
    if (min_allocatable_resources === undefined) continue;
    minimums[role] = (min_allocatable_resources.quantities ?? []).map(({ quantities = {} }) =>
      Quantities.of(Object.entries(quantities).map(([kind, { value }]) => [kind, value] as const)),
    );
  }
  return minimums;
}

function constraintsOf({ role_constraints = {} }: OfferConstraintsJson = {}) {
  const constraints: Record<string, OfferConstraints> = {};
  for (const [role, { groups = [] }] of Object.entries(role_constraints)) {
    constraints[role] = {
      groups: groups.map(({ attribute_constraints = [] }) => attribute_constraints.map(readOne)),
    };
  }
  return constraints;
}

type ConstraintJson = NonNullable<
  NonNullable<
    NonNullable<OfferConstraintsJson["role_constraints"]>[string]["groups"]
  >[number]["attribute_constraints"]
>[number];

function readOne({ selector, predicate }: ConstraintJson): AttributeConstraint {
  return { selector: selectorOf(selector), ...predicateOf(predicate) };
}

function selectorOf({ attribute_name, pseudoattribute_type }: ConstraintJson["selector"]) {
  if (attribute_name !== undefined) return { attribute: attribute_name };
  if (pseudoattribute_type === undefined || pseudoattribute_type === "UNKNOWN") {
    throw new FairleadError(
      "invalid_argument",
      "Cannot use an offer constraint: its selector names no attribute",
    );
  }
  return { pseudo: pseudoattribute_type };
}

function predicateOf(predicate: ConstraintJson["predicate"]) {
  if (predicate.exists) return { type: "exists" } as const;
  if (predicate.not_exists) return { type: "not_exists" } as const;
  const { text_equals, text_not_equals, text_matches, text_not_matches } = predicate;
  if (text_equals) return { type: "text_equals", value: text_equals.value } as const;
  if (text_not_equals) return { type: "text_not_equals", value: text_not_equals.value } as const;
  if (text_matches) return { type: "text_matches", pattern: text_matches.regex } as const;
  if (text_not_matches) {
    return { type: "text_not_matches", pattern: text_not_matches.regex } as const;
  }
  throw new FairleadError(
    "invalid_argument",
    "Cannot use an offer constraint: it has no predicate that is known",
  );
}
