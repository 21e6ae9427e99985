/** Roles, weights and quotas as the operator API shows them. */
import type { RoleShare } from "../../allocator/mod.ts";
import type { Amounts, QuotaStatus, ResourceJson, Role, WeightInfo } from "../../model/mod.ts";
import type { Quantities } from "../../resources/mod.ts";
import type { MasterState, QuotaRecord } from "../core/records.ts";
import type { Visible } from "./visible.ts";

/** Every role that somebody is in, or that has a weight or a quota. */
export function roleViews(
  shares: readonly RoleShare[],
  state: MasterState,
  visible: Visible,
): Role[] {
  const byName = new Map(shares.map((share) => [share.role, share]));
  const names = new Set([...byName.keys(), ...state.weights.keys(), ...state.quotas.keys()]);
  return [...names]
    .sort()
    .filter((name) => visible.role(name))
    .map((name) => {
      const share = byName.get(name);
      return {
        name,
        weight: state.weights.get(name) ?? share?.weight ?? 1,
        frameworks: (share?.frameworks ?? []).map(({ id }) => ({ value: id })),
        resources: share === undefined ? [] : scalars(share.allocated),
      };
    });
}

export function weightViews({ weights }: MasterState, visible: Visible): WeightInfo[] {
  return [...weights]
    .filter(([role]) => visible.role(role))
    .map(([role, weight]) => ({ role, weight }));
}

/** Quotas in both forms: `configs`, and guarantees alone as `infos`. */
export function quotaStatus({ quotas }: MasterState, visible: Visible): QuotaStatus {
  const shown = [...quotas.values()].filter(({ role }) => visible.role(role));
  return {
    infos: shown.map(({ role, guarantees }) => ({ role, guarantee: scalars(guarantees) })),
    configs: shown.map(quotaConfig),
  };
}

function quotaConfig({ role, guarantees, limits }: QuotaRecord) {
  return { role, guarantees: amounts(guarantees), limits: amounts(Object.entries(limits)) };
}

function amounts(millis: Iterable<readonly [string, number]>): Amounts {
  return Object.fromEntries(Array.from(millis, ([name, each]) => [name, { value: each / 1000 }]));
}

function scalars(quantities: Quantities): ResourceJson[] {
  return Array.from(quantities, ([name, millis]) => ({
    name,
    type: "SCALAR",
    scalar: { value: millis / 1000 },
  }));
}
