/** Why a framework got nothing from an agent: the first thing that stands in the way, in numbers. */
import { Quantities } from "../resources/mod.ts";
import type { Agent } from "./agent.ts";
import type { Core } from "./core.ts";
import type { Exclusion, Exclusions } from "./exclusions.ts";
import type { FilterBook } from "./filters.ts";
import type { Client, Framework, FrameworkBook } from "./frameworks.ts";
import { A_ELIGIBLE, CAN_REFINED, CAN_REVOCABLE, CAN_SHARED } from "./kernel/flags.ts";
import { readRow } from "./shares.ts";

/** What stands between a framework, in one role, and an agent. */
export type ExplanationCode =
  /** It has an outstanding offer there. */
  | "offered"
  /** Nothing stands in the way: the next run offers, to whoever comes first. */
  | "eligible"
  | "framework_inactive"
  | "role_suppressed"
  /** The agent is deactivated, or not on the whitelist. */
  | "agent_ineligible"
  | Exclusion
  /** Another framework came first: its share was lower when the agent was given away. */
  | "share_order"
  /** Everything that this role may have is in use. */
  | "nothing_free"
  /** What is free is revocable, shared or refined, and the framework cannot handle that. */
  | "slice_capability"
  | "quota_limit"
  /** What is free is kept for guarantees of other roles. */
  | "headroom"
  | "minimum"
  | "filter";

/** One reason, for people (`message`) and for programs (`code`, `details`). */
export interface Explanation {
  readonly frameworkId: string;
  readonly role: string;
  readonly agentId: string;
  readonly code: ExplanationCode;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
}

const CAN_ALL = CAN_REVOCABLE | CAN_SHARED | CAN_REFINED;

type Finding = Pick<Explanation, "code" | "message"> & Partial<Pick<Explanation, "details">>;

/** Looks for reasons; reads the columns, changes nothing. */
export class Explainer {
  readonly #core: Core;
  readonly #frameworks: FrameworkBook;
  readonly #filters: FilterBook;
  readonly #exclusions: Exclusions;

  constructor(
    core: Core,
    parts: { frameworks: FrameworkBook; filters: FilterBook; exclusions: Exclusions },
  ) {
    this.#core = core;
    this.#frameworks = parts.frameworks;
    this.#filters = parts.filters;
    this.#exclusions = parts.exclusions;
  }

  /** A reason for each role that the framework is in. */
  explain(framework: Framework, agent: Agent): Explanation[] {
    return framework.roles.map((role) => {
      const client = framework.clients.get(role)!;
      const { details = {}, ...found } = this.#find(client, agent);
      return { frameworkId: framework.id, role, agentId: agent.id, ...found, details };
    });
  }

  #find(client: Client, agent: Agent): Finding {
    return (
      this.#offered(client, agent) ??
      this.#takesPart(client, agent) ??
      this.#excluded(client, agent) ??
      this.#something(client, agent) ??
      this.#bounded(client, agent)
    );
  }

  #offered(client: Client, agent: Agent): Finding | undefined {
    const { v } = this.#core;
    for (let o = v.aOfferHead[agent.handle]!; o !== 0; o = v.oNext[o]!) {
      if (v.oClient[o] !== client.handle) continue;
      const offered = readRow(this.#core, v.oMain, o);
      return { code: "offered", message: `it holds an offer of ${offered}`, details: { offered } };
    }
    return undefined;
  }

  #takesPart({ framework, role }: Client, agent: Agent): Finding | undefined {
    if (!framework.active) {
      return { code: "framework_inactive", message: "the framework is deactivated" };
    }
    if (framework.suppressed.has(role)) {
      return { code: "role_suppressed", message: `offers for role "${role}" are suppressed` };
    }
    if (this.#core.v.aFlags[agent.handle]! & A_ELIGIBLE) return undefined;
    const why = agent.active ? "is not on the whitelist" : "is deactivated";
    return { code: "agent_ineligible", message: `the agent ${why}` };
  }

  #excluded(client: Client, agent: Agent): Finding | undefined {
    const code = this.#exclusions.reason(agent, client);
    if (code === undefined) return undefined;
    const messages: Record<Exclusion, string> = {
      gpu_capability: "the agent has gpus, and the framework lacks GPU_RESOURCES",
      region_capability: `the agent is in region "${agent.domain?.region}", and the framework lacks REGION_AWARE`,
      agent_multi_role: "the agent lacks MULTI_ROLE",
      agent_hierarchical_role: `the agent lacks HIERARCHICAL_ROLE, and "${client.role}" is hierarchical`,
      constraint: "the offer constraints of the role do not hold for the agent",
    };
    return { code, message: messages[code] };
  }

  /** Is anything there that the role may have and the framework can handle? */
  #something(client: Client, agent: Agent): Finding | undefined {
    const free = this.#free(agent);
    const { some, usable } = this.#slices(client, agent);
    if (!free.isEmpty || usable.size > 0) return undefined;
    if (some) {
      return {
        code: "slice_capability",
        message: "what is free is revocable, shared or refined, which the framework cannot handle",
      };
    }
    return this.#taken(client, agent);
  }

  #taken(client: Client, agent: Agent): Finding {
    const { v } = this.#core;
    const first = v.aOfferHead[agent.handle]!;
    if (first === 0) {
      return {
        code: "nothing_free",
        message: `everything is in use: ${agent.usedSum}`,
        details: { used: agent.usedSum.quantities() },
      };
    }
    const taker = this.#frameworks.client(v.oClient[first]!);
    const share = v.cShare[client.handle]!;
    const takerShare = v.cShare[taker.handle]!;
    return {
      code: "share_order",
      message:
        `"${taker.framework.id}" (role "${taker.role}") came first in run ${v.oCycle[first]}; now ` +
        `its share is ${takerShare.toFixed(4)}, this one's is ${share.toFixed(4)}`,
      details: { takerId: taker.framework.id, takerRole: taker.role, takerShare, share },
    };
  }

  /** Limits, headroom, minimums and filters. */
  #bounded(client: Client, agent: Agent): Finding {
    const free = this.#free(agent);
    const { usable } = this.#slices(client, agent);
    const extra = this.#sumOf(usable);
    const afterLimit = this.#cap(free, this.#limitLeft(client));
    const bounded = this.#cap(afterLimit, this.#surplus(client));
    if (this.#meetsMinimum(client, bounded.add(extra))) {
      return (
        this.#filtered(client, agent) ?? { code: "eligible", message: "the next run may offer" }
      );
    }
    if (!this.#meetsMinimum(client, free.add(extra))) {
      const minimums = this.#minimumsOf(client);
      return {
        code: "minimum",
        message: `what is free (${free.add(extra)}) holds none of ${minimums.join(" | ")}`,
        details: { free: free.add(extra), minimums },
      };
    }
    if (!this.#meetsMinimum(client, afterLimit.add(extra))) {
      return {
        code: "quota_limit",
        message: `the role's limit leaves ${afterLimit} of ${free}`,
        details: { free, left: afterLimit },
      };
    }
    return {
      code: "headroom",
      message: `guarantees of other roles leave ${bounded} of ${free}`,
      details: { free, left: bounded },
    };
  }

  #filtered(client: Client, agent: Agent): Finding | undefined {
    const { v, row, kinds } = this.#core;
    const names = kinds.names;
    for (const { filter, dueMs } of this.#filters.on(agent.handle, client.handle)) {
      const base = v.fSnap[filter]! * row;
      const within = names.every(
        (_, kind) => v.aFree[agent.handle * row + kind]! <= v.pMain[base + kind]!,
      );
      if (!within) continue;
      const remainingMs = Math.max(0, dueMs - this.#core.nowMs());
      const refused = readRow(this.#core, v.pMain, v.fSnap[filter]!);
      return {
        code: "filter",
        message: `it refused ${refused} there; the filter stands for another ${remainingMs} ms`,
        details: { refused, remainingMs },
      };
    }
    return undefined;
  }

  #free(agent: Agent): Quantities {
    return readRow(this.#core, this.#core.v.aFree, agent.handle);
  }

  /** Slices with something free: any that the role may have, and those the framework can handle. */
  #slices(client: Client, agent: Agent): { some: boolean; usable: Set<number> } {
    const { v, row } = this.#core;
    const usable = new Set<number>();
    let some = false;
    for (const { index, node, flags } of agent.slices.values()) {
      const { path } = client.node;
      if (node && node.path !== path && !path.startsWith(`${node.path}/`)) continue;
      if (!v.lFree.subarray(index * row, index * row + row).some((millis) => millis > 0)) continue;
      some = true;
      if ((flags & CAN_ALL & ~v.cFlags[client.handle]!) === 0) usable.add(index);
    }
    return { some, usable };
  }

  #limitLeft(client: Client): (kind: number) => number {
    const { v, row } = this.#core;
    return (kind) => {
      let left = Number.POSITIVE_INFINITY;
      for (let node = client.node.index; node !== 0; node = v.nParent[node]!) {
        left = Math.min(left, v.nLimit[node * row + kind]! - v.nConsumed[node * row + kind]!);
      }
      return Math.max(0, left);
    };
  }

  /** What guarantees of others leave, the role's own still unmet guarantee added. */
  #surplus(client: Client): (kind: number) => number {
    const { v, row } = this.#core;
    return (kind) => {
      if (v.nKidNeed[kind]! <= 0) return Number.POSITIVE_INFINITY;
      let own = 0;
      for (let node = client.node.index; node !== 0; node = v.nParent[node]!) {
        own = Math.max(own, v.nGuarantee[node * row + kind]! - v.nConsumed[node * row + kind]!);
      }
      return Math.max(0, v.kHeadroom[kind]! - v.nKidNeed[kind]!) + own;
    };
  }
  #cap(amounts: Quantities, most: (kind: number) => number): Quantities {
    const { kinds } = this.#core;
    return Quantities.ofMillis(
      Array.from(amounts, ([name, millis]) => {
        return [name, Math.min(millis, most(kinds.numberOf(name)!))] as const;
      }),
    );
  }

  #sumOf(slices: Iterable<number>): Quantities {
    let sum = Quantities.EMPTY;
    for (const slice of slices) sum = sum.add(readRow(this.#core, this.#core.v.lFree, slice));
    return sum;
  }

  #minimumsOf({ handle }: Client): Quantities[] {
    const { cMinStart, cMinCount, minimums } = this.#core.v;
    return Array.from({ length: cMinCount[handle]! }, (_, i) =>
      readRow(this.#core, minimums, cMinStart[handle]! + i),
    );
  }

  #meetsMinimum(client: Client, amounts: Quantities): boolean {
    const sets = this.#minimumsOf(client);
    return sets.length === 0 ? !amounts.isEmpty : sets.some((set) => amounts.contains(set));
  }
}
