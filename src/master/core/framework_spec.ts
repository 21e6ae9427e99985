/** What a framework says of itself, as the allocator wants it. */
import type { FrameworkCapability, FrameworkSpec, OfferConstraints } from "../../allocator/mod.ts";
import type { FrameworkInfo } from "../../model/mod.ts";
import { Quantities } from "../../resources/mod.ts";
import { rolesOf } from "../validate/framework.ts";

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

/** How long a framework may be away: what it says, else the master's default. */
export function failoverTimeoutMsOf(info: FrameworkInfo, defaultMs: number): number {
  const { failover_timeout: seconds } = info;
  return seconds === undefined ? defaultMs : Math.min(seconds * 1000, TIMEOUT_MS_MAX);
}

/** Three hundred years: what protobufs hold in nanoseconds. */
const TIMEOUT_MS_MAX = 300 * 365 * 86_400_000;

/** @throws {FairleadError} `invalid_resource` or `invalid_quantities` for minimums. */
export function specOf(
  info: FrameworkInfo,
  {
    suppressed,
    constraints,
  }: {
    readonly suppressed: Iterable<string>;
    readonly constraints: Readonly<Record<string, OfferConstraints>>;
  },
): Omit<FrameworkSpec, "id"> {
  return {
    roles: [...new Set(rolesOf(info))],
    suppressedRoles: [...suppressed],
    capabilities: [...capabilitiesOf(info)].filter(isKnown),
    minAllocatable: minimumsOf(info),
    offerConstraints: constraints,
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
