/** Why a framework got nothing from an agent: the first thing that stands in the way, in numbers. */
import type { Quantities } from "../resources/mod.ts";
import type { Agent } from "./agent.ts";
import type { Core } from "./core.ts";
import type { Exclusion, Exclusions } from "./exclusions.ts";
import type { FilterBook } from "./filters.ts";
import type { Client, Framework, FrameworkBook } from "./frameworks.ts";
import { A_ELIGIBLE } from "./kernel/flags.ts";
import { H } from "./kernel/layout.ts";
import { type Portion, Reach } from "./reach.ts";
import type { RoleNode } from "./roles.ts";
import { readRow } from "./shares.ts";

/** What stands between a framework, in one role, and an agent. */
export type ExplanationCode =
  /** It has an outstanding offer there. */
  | "offered"
  /** Nothing stands in the way: the next run offers, to whoever comes first. */
  | "eligible"
  /** The allocator waits for agents (`expectAgents`). */
  | "recovering"
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

interface Sibling {
  readonly name: string;
  readonly share: number;
}

type Finding = Pick<Explanation, "code" | "message"> & Partial<Pick<Explanation, "details">>;

/** Looks for reasons; reads the columns, changes nothing. */
export class Explainer {
  readonly #core: Core;
  readonly #frameworks: FrameworkBook;
  readonly #filters: FilterBook;
  readonly #exclusions: Exclusions;
  readonly #isPaused: boolean;

  constructor(
    core: Core,
    parts: {
      frameworks: FrameworkBook;
      filters: FilterBook;
      exclusions: Exclusions;
      isPaused: boolean;
    },
  ) {
    this.#core = core;
    this.#frameworks = parts.frameworks;
    this.#filters = parts.filters;
    this.#exclusions = parts.exclusions;
    this.#isPaused = parts.isPaused;
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
    const reach = new Reach(this.#core, client, agent);
    return (
      this.#offered(client, agent) ??
      this.#takesPart(client, agent) ??
      this.#excluded(client, agent) ??
      this.#spent(client, reach) ??
      this.#something(client, agent, reach) ??
      this.#bounded(client, agent, reach)
    );
  }

  #offered(client: Client, agent: Agent): Finding | undefined {
    const { v } = this.#core;
    for (let o = v.aOfferHead[agent.handle]!; o !== 0; o = v.oNext[o]!) {
      if (v.oClient[o] !== client.handle) continue;
      let offered = readRow(this.#core, v.oMain, o);
      for (let part = v.oParts[o]!; part !== 0; part = v.tNext[part]!) {
        offered = offered.add(readRow(this.#core, v.tAmounts, part));
      }
      return { code: "offered", message: `it holds an offer of ${offered}`, details: { offered } };
    }
    return undefined;
  }

  #takesPart({ framework, role }: Client, agent: Agent): Finding | undefined {
    if (this.#isPaused) {
      return { code: "recovering", message: "the allocator waits until most agents are back" };
    }
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
    return { code, message: messages[code], details: this.#factsOf(code, client, agent) };
  }

  #factsOf(code: Exclusion, { role, framework }: Client, agent: Agent) {
    const capabilities = [...agent.capabilities];
    switch (code) {
      case "constraint":
        return {
          constraints: framework.spec?.offerConstraints?.[role],
          attributes: Object.fromEntries(agent.attributes),
          hostname: agent.hostname,
          domain: agent.domain,
        };
      case "gpu_capability":
        return { missing: "GPU_RESOURCES", gpus: agent.total.quantities().get("gpus") };
      case "region_capability":
        return { missing: "REGION_AWARE", domain: agent.domain };
      case "agent_multi_role":
        return { missing: "MULTI_ROLE", capabilities };
      case "agent_hierarchical_role":
        return { missing: "HIERARCHICAL_ROLE", capabilities, role };
    }
  }

  /** Is anything there that the role may have and the framework can handle? */
  #something(client: Client, agent: Agent, reach: Reach): Finding | undefined {
    const { main, slicesTaken } = reach.all;
    if (!main.isEmpty || slicesTaken > 0) return undefined;
    if (reach.someSlice) {
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
    const [own, other] = this.#whereTheyPart(client, taker);
    const run = v.oCycle[first]!;
    const came = `"${taker.framework.id}" (role "${taker.role}") came first in run ${run}`;
    const details = {
      takerId: taker.framework.id,
      takerRole: taker.role,
      run,
      takerShare: other.share,
      share: own.share,
      takerSibling: other.name,
      sibling: own.name,
    };
    if (v.header[H.randomSorter] !== 0) {
      return { code: "share_order", message: `${came}, by the draw of the random sorter`, details };
    }
    return {
      code: "share_order",
      message:
        `${came}; now the share of ${other.name} is ${other.share.toFixed(4)}, that of ` +
        `${own.name} is ${own.share.toFixed(4)} (by weight)`,
      details,
    };
  }

  /** The siblings between which was decided: two clients of a role, or two nodes of one parent. */
  #whereTheyPart(client: Client, taker: Client) {
    const { v } = this.#core;
    if (client.node === taker.node) {
      const sibling = ({ handle, framework }: Client): Sibling => {
        return { name: `framework "${framework.id}"`, share: v.cShare[handle]! };
      };
      return [sibling(client), sibling(taker)] as const;
    }
    const pathOf = (from: RoleNode) => {
      const path = [from];
      for (let node = from.parent; node?.parent; node = node.parent) path.unshift(node);
      return path;
    };
    const mine = pathOf(client.node);
    const its = pathOf(taker.node);
    let level = 0;
    while (mine[level] !== undefined && mine[level] === its[level]) level++;
    const sibling = (path: readonly RoleNode[]): Sibling => {
      const node = path[level];
      if (node) return { name: `role "${node.path}"`, share: v.nShare[node.index]! };
      const leaf = path[level - 1]!;
      return { name: `role "${leaf.path}" itself`, share: v.nLeafShare[leaf.index]! };
    };
    return [sibling(mine), sibling(its)] as const;
  }

  /** The role's limit is used up: whatever comes free, no minimum could be met. */
  #spent(client: Client, reach: Reach): Finding | undefined {
    const minimums = this.#minimumsOf(client);
    const { kinds } = this.#core;
    const leftOf = (name: string) => reach.limitLeft(kinds.numberOf(name)!);
    const isShort = (set: Quantities) => [...set].some(([name, millis]) => leftOf(name) < millis);
    if (reach.someSlice || minimums.length === 0 || !minimums.every(isShort)) return undefined;
    const names = [...new Set(minimums.flatMap((set) => [...set.names()]))].sort();
    const bound = names.filter((name) => Number.isFinite(leftOf(name)));
    const left = bound.map((name) => `${name}:${leftOf(name) / 1000}`).join("; ");
    return {
      code: "quota_limit",
      message: `the role's limit leaves ${left}, less than ${minimums.join(" or ")}`,
      details: { left, minimums },
    };
  }

  /** Limits, headroom, minimums and filters. */
  #bounded(client: Client, agent: Agent, reach: Reach): Finding {
    const bounded = reach.withinBounds;
    const left = sum(bounded);
    if (this.#meetsMinimum(client, left)) {
      return (
        this.#filtered(client, agent, bounded) ?? {
          code: "eligible",
          message: "the next run may offer",
        }
      );
    }
    const free = sum(reach.all);
    if (!this.#meetsMinimum(client, free)) {
      const minimums = this.#minimumsOf(client);
      return {
        code: "minimum",
        message: `what is free (${text(free)}) holds none of ${minimums.join(" | ")}`,
        details: { free, minimums },
      };
    }
    const afterLimit = sum(reach.withinLimit);
    if (!this.#meetsMinimum(client, afterLimit)) {
      return {
        code: "quota_limit",
        message: `the role's limit leaves ${text(afterLimit)} of ${free}`,
        details: { free, left: afterLimit },
      };
    }
    return {
      code: "headroom",
      message: `guarantees of other roles leave ${text(left)} of ${free}`,
      details: { free, left },
    };
  }

  #filtered(client: Client, agent: Agent, { main, slices, slicesTaken }: Portion) {
    const core = this.#core;
    const { v, kinds } = core;
    const counted = kinds.names.some((name, kind) => kinds.isCountable(kind) && main.get(name) > 0);
    for (const { filter, dueMs } of this.#filters.on(agent.handle, client.handle)) {
      const refusedMain = readRow(core, v.pMain, v.fSnap[filter]!);
      const refusedSlices = readRow(core, v.pExtra, v.fSnap[filter]!);
      if (!refusedMain.contains(main) || !refusedSlices.contains(slices)) continue;
      if ((counted || slicesTaken > 0) && v.fToken[filter] !== v.aToken[agent.handle]) continue;
      const refused = refusedMain.add(refusedSlices);
      const remainingMs = Math.max(0, dueMs - core.nowMs());
      return {
        code: "filter",
        message: `it refused ${refused} there; the filter stands for another ${remainingMs} ms`,
        details: { refused, remainingMs },
      } as const;
    }
    return undefined;
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

function sum({ main, slices }: Portion): Quantities {
  return main.add(slices);
}

function text(quantities: Quantities): string {
  return quantities.isEmpty ? "nothing" : quantities.toString();
}
