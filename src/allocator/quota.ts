/** Quotas on nodes of the role tree: checked as a whole, written into the columns, marked on chains. */
import { FairleadError } from "../base/mod.ts";
import { Quantities, roleAncestors } from "../resources/mod.ts";
import type { Core } from "./core.ts";
import { renewNeed, renewSpent } from "./kernel/accounts.ts";
import {
  N_CHAIN_GUARANTEE,
  N_CHAIN_LIMIT,
  N_HAS_GUARANTEE,
  N_HAS_LIMIT,
  N_SUBTREE_GUARANTEE,
} from "./kernel/flags.ts";
import { H } from "./kernel/layout.ts";
import { checkQuota, checkText } from "./read.ts";
import { checkRole, type RoleNode, type RoleTree } from "./roles.ts";
import type { QuotaSpec } from "./types.ts";

/** A quota after reading; a limit names only the kinds that it binds. */
export interface Quota {
  readonly guarantees: Quantities;
  readonly limits: ReadonlyMap<string, number>;
}

/** Keeps the quotas and the weights. */
export class QuotaBook {
  readonly #core: Core;
  readonly #roles: RoleTree;
  readonly #quotas = new Map<string, Quota>();
  readonly #weights = new Map<string, number>();

  constructor(core: Core, roles: RoleTree) {
    this.#core = core;
    this.#roles = roles;
  }

  /**
   * Set the role's quota.
   *
   * @throws {FairleadError} `invalid_quota` when it does not fit its limits or its relatives';
   * `invalid_role`; `invalid_argument` when it is of the wrong shape.
   */
  set(role: string, spec: QuotaSpec): void {
    checkQuota(role, spec);
    checkRole(role);
    const quota = readQuota(role, spec);
    this.#checkRelatives(role, quota);
    const fresh = [...quota.guarantees.names(), ...quota.limits.keys()];
    const { kinds } = this.#core;
    kinds.checkCount(new Set(fresh.filter((name) => kinds.numberOf(name) === undefined)));
    const known = this.#quotas.has(role);
    const node = this.#roles.ensure(role);
    if (!known) this.#roles.hold(node, 1);
    this.#quotas.set(role, quota);
    this.#write(node, quota);
  }

  /** @throws {FairleadError} `unknown_role` when the role has no quota. */
  remove(role: string): void {
    if (!this.#quotas.has(role)) {
      throw new FairleadError("unknown_role", `Cannot remove quota: role "${role}" has none`, {
        details: { role },
      });
    }
    this.#checkRelatives(role, undefined);
    this.#quotas.delete(role);
    const node = this.#roles.get(role)!;
    this.#write(node, undefined);
    this.#roles.hold(node, -1);
  }

  /** @throws {FairleadError} `invalid_weight` unless it is a finite number above 0. */
  setWeight(role: string, weight: number): void {
    checkText("set a weight", "role", role);
    checkRole(role);
    if (!(Number.isFinite(weight) && weight > 0)) {
      throw new FairleadError(
        "invalid_weight",
        `Cannot give role "${role}" weight ${weight}: it must be a finite number above 0`,
        { details: { role, weight } },
      );
    }
    const node = this.#roles.ensure(role);
    const had = this.#weights.has(role);
    if (weight === 1) this.#weights.delete(role);
    else this.#weights.set(role, weight);
    this.#core.v.nWeight[node.index] = weight;
    this.#core.v.header[H.sharesStale] = 1;
    this.#roles.hold(node, Number(weight !== 1) - Number(had));
  }

  /** What a snapshot has to keep beside the columns. */
  get state() {
    return {
      quotas: Array.from(this.#quotas, ([role, { guarantees, limits }]) => {
        return { role, guarantees, limits: [...limits] };
      }),
      weights: [...this.#weights],
    };
  }

  restore(state: QuotaBook["state"]): void {
    for (const { role, guarantees, limits } of state.quotas) {
      this.#quotas.set(role, { guarantees, limits: new Map(limits) });
    }
    for (const [role, weight] of state.weights) this.#weights.set(role, weight);
  }

  /** Guarantees and limits must nest: children within parents, guarantees within limits. */
  #checkRelatives(role: string, quota: Quota | undefined): void {
    const quotaOf = (path: string) => (path === role ? quota : this.#quotas.get(path));
    const node = this.#roles.get(role);
    for (const path of [role, ...(node ? descendants(node) : [])]) {
      const own = quotaOf(path);
      if (own === undefined) continue;
      for (const above of roleAncestors(path)) {
        const limits = quotaOf(above)?.limits;
        if (limits) checkWithin(path, own, above, limits);
      }
    }
    for (const path of [role, ...roleAncestors(role).slice(-1)]) {
      const own = quotaOf(path)?.guarantees ?? Quantities.EMPTY;
      const below = this.#guaranteesBelow(path, role, quota);
      if (own.contains(below)) continue;
      throw invalid(
        role,
        `the guarantee of "${path}" (${own.isEmpty ? "none" : own}) is below the sum of its ` +
          `children's (${below})`,
      );
    }
  }

  /** Sum of the guarantees of a role's children, as they would be with the new quota. */
  #guaranteesBelow(path: string, role: string, quota: Quota | undefined): Quantities {
    let sum = Quantities.EMPTY;
    let counted = path === role;
    for (const kid of this.#roles.get(path)?.kids.values() ?? []) {
      const own = kid.path === role ? quota : this.#quotas.get(kid.path);
      if (kid.path === role) counted = true;
      if (own) sum = sum.add(own.guarantees);
    }
    return counted || !quota ? sum : sum.add(quota.guarantees);
  }

  #write(node: RoleNode, quota: Quota | undefined): void {
    const core = this.#core;
    const guarantees = core.kinds.amounts(quota?.guarantees ?? Quantities.EMPTY);
    const limits = Array.from(quota?.limits ?? [], ([name, millis]) => {
      return [core.kinds.add(name), millis] as const;
    });
    const { v, row } = core;
    const base = node.index * row;
    const had = (v.nFlags[node.index]! & N_HAS_GUARANTEE) !== 0;
    v.nGuarantee.fill(0, base, base + row);
    v.nLimit.fill(Number.POSITIVE_INFINITY, base, base + row);
    for (const [kind, millis] of guarantees) v.nGuarantee[base + kind] = millis;
    for (const [kind, millis] of limits) v.nLimit[base + kind] = millis;
    setFlag(v.nFlags, node.index, N_HAS_GUARANTEE, guarantees.length > 0);
    setFlag(v.nFlags, node.index, N_HAS_LIMIT, limits.length > 0);
    v.header[H.guaranteeNodes] =
      v.header[H.guaranteeNodes]! + Number(guarantees.length > 0) - Number(had);
    this.#markChains(node);
    this.#renewUp(node);
    if (limits.length > 0) renewSpent(v, node.index);
    else v.nSpent[node.index] = 0;
    v.header[H.quotaNodes] = this.#quotas.size;
    v.header[H.loosened] = 1;
  }

  /** Need is passed up: the node first, then its ancestors with what their kids need now. */
  #renewUp(from: RoleNode): void {
    for (let node: RoleNode | undefined = from; node?.parent; node = node.parent) {
      renewNeed(this.#core.v, node.index);
    }
  }

  /** Mark the nodes that have a guarantee or limit on their chain or in their subtree. */
  #markChains(from: RoleNode): void {
    const { nFlags } = this.#core.v;
    const down = (node: RoleNode, above: number): void => {
      const own = nFlags[node.index]!;
      let chain = above & (N_CHAIN_GUARANTEE | N_CHAIN_LIMIT);
      if (own & N_HAS_GUARANTEE) chain |= N_CHAIN_GUARANTEE;
      if (own & N_HAS_LIMIT) chain |= N_CHAIN_LIMIT;
      nFlags[node.index] = (own & ~(N_CHAIN_GUARANTEE | N_CHAIN_LIMIT)) | chain;
      for (const kid of node.kids.values()) down(kid, chain);
    };
    down(from, nFlags[from.parent!.index]!);
    for (let node: RoleNode | undefined = from; node?.parent; node = node.parent) {
      let below = (nFlags[node.index]! & N_HAS_GUARANTEE) !== 0;
      for (const kid of node.kids.values()) {
        if (below) break;
        below = (nFlags[kid.index]! & N_SUBTREE_GUARANTEE) !== 0;
      }
      setFlag(nFlags, node.index, N_SUBTREE_GUARANTEE, below);
    }
  }
}

function setFlag(flags: Uint8Array, index: number, bit: number, on: boolean): void {
  flags[index] = on ? flags[index]! | bit : flags[index]! & ~bit;
}

function readQuota(role: string, spec: QuotaSpec): Quota {
  const [guarantees, limits] = readBoth(role, spec);
  for (const [name, millis] of guarantees) {
    const limit = limits.get(name);
    if (limit !== undefined && millis > limit) {
      throw invalid(role, `guarantee of ${name} (${millis}) is above its limit (${limit})`);
    }
  }
  return { guarantees, limits };
}

function readBoth(role: string, spec: QuotaSpec): [Quantities, Map<string, number>] {
  try {
    return [readQuantities(spec.guarantees), readLimits(spec.limits)];
  } catch (cause) {
    throw invalid(role, FairleadError.from(cause).message, cause);
  }
}

/** Text or quantities; amounts in thousandths. */
export function readQuantities(given: Quantities | string | undefined): Quantities {
  if (given === undefined) return Quantities.EMPTY;
  return typeof given === "string" ? Quantities.parse(given) : given;
}

/** A limit of 0 is a limit, so text is read by itself: quantities do not hold zeros. */
function readLimits(given: Quantities | string | undefined): Map<string, number> {
  const limits = new Map(readQuantities(given));
  if (typeof given === "string") {
    for (const item of given.split(";")) {
      const name = item.slice(0, item.indexOf(":")).trim();
      if (name !== "" && !limits.has(name)) limits.set(name, 0);
    }
  }
  return limits;
}

function* descendants(node: RoleNode): Generator<string> {
  for (const kid of node.kids.values()) {
    yield kid.path;
    yield* descendants(kid);
  }
}

function checkWithin(
  role: string,
  quota: Quota,
  above: string,
  limits: ReadonlyMap<string, number>,
): void {
  for (const [name, limit] of limits) {
    const wanted = Math.max(quota.guarantees.get(name), quota.limits.get(name) ?? 0);
    if (wanted > limit) {
      throw invalid(role, `${name} (${wanted}) is above the limit of "${above}" (${limit})`);
    }
  }
}

function invalid(role: string, fault: string, cause?: unknown): FairleadError {
  return new FairleadError("invalid_quota", `Cannot set quota of role "${role}": ${fault}`, {
    cause,
    details: { role },
  });
}
