/** Why a task waits, in numbers. */
import type { Refusal } from "../../placement/mod.ts";
import type { Condition } from "./conditions.ts";
import { OFFERED_FIELD, TRIED_FIELD } from "./rows.ts";

/** The kinds that are counted; other kinds are conditions. */
export type CountedKind = "cpus" | "mem" | "disk" | "gpus" | "ports";

/** A kind of which agents have too little. */
export interface Shortfall {
  readonly resource: CountedKind;
  /** How many of the agents that are eligible lack it. */
  readonly agents: number;
  /** The least that one of them lacks, in cpus, MB, devices, ports. */
  readonly least: number;
}

/** Something that does not hold on agents: a constraint, a port that is not free, a role. */
export interface Obstacle {
  /** `rack:LIKE:r1`, or `port 8080 not free`. */
  readonly text: string;
  readonly agents: number;
}

/** Why a task has no agent. */
export interface WaitReason {
  /** Agents with offers, an agent that is offered to two roles twice. */
  readonly agents: number;
  readonly shortfalls: readonly Shortfall[];
  readonly obstacles: readonly Obstacle[];
  /** The agent that lacks least, among those on which nothing but amounts is in the way. */
  readonly closest:
    | { readonly agentId: string; readonly missing: Readonly<Record<string, number>> }
    | undefined;
  /** All of this as a sentence. */
  readonly text: string;
}

/** What a refusal needs besides itself to be told. */
export interface ReasonInput {
  readonly refusal: Refusal;
  readonly conditions: ReadonlyMap<string, Condition>;
  readonly arePortsCounted: boolean;
  /** Rows that have no offers. */
  readonly ghosts: number;
}

export const NO_OFFERS: WaitReason = {
  agents: 0,
  shortfalls: [],
  obstacles: [],
  closest: undefined,
  text: "there are no offers",
};

/** A reason that is a sentence only. */
export function plainReason(agents: number, text: string): WaitReason {
  return { agents, shortfalls: [], obstacles: [], closest: undefined, text };
}

/** Tell a refusal of the placement in the words of offers. */
export function reasonOf({
  refusal,
  conditions,
  arePortsCounted,
  ghosts,
}: ReasonInput): WaitReason {
  const nameOf = (name: "cpus" | "mem" | "disk" | "gpus"): CountedKind =>
    arePortsCounted && name === "disk" ? "ports" : name;
  const shortfalls = refusal.shortfalls.map(({ resource, agents, leastMillis }) => ({
    resource: nameOf(resource),
    agents,
    least: leastMillis / 1_000,
  }));
  const obstacles: Obstacle[] = [];
  for (const { constraint, agents } of refusal.exclusions) {
    const [field = ""] = constraint.split(":IS:");
    if (field === OFFERED_FIELD) continue;
    const isTried = constraint.startsWith(TRIED_FIELD);
    const known = isTried ? "its parts do not fit together" : conditions.get(field)?.fault;
    obstacles.push({ text: known ?? constraint, agents });
  }
  const closest =
    refusal.closest === undefined
      ? undefined
      : {
          agentId: refusal.closest.agentId,
          missing: Object.fromEntries(
            (["cpus", "mem", "disk", "gpus"] as const).flatMap((name) => {
              const millis = refusal.closest?.missingMillis[name];
              return millis === undefined ? [] : [[nameOf(name), millis / 1_000]];
            }),
          ),
        };
  const facts = { agents: refusal.agents - ghosts, shortfalls, obstacles, closest };
  return { ...facts, text: sentence(facts) };
}

function sentence({ shortfalls, obstacles, closest }: Omit<WaitReason, "text">): string {
  const parts = [
    ...shortfalls.map(
      ({ resource, agents, least }) => `${least} ${resource} or more short on ${count(agents)}`,
    ),
    ...obstacles.map(({ text, agents }) => `${text} on ${count(agents)}`),
  ];
  if (closest !== undefined) {
    const missing = Object.entries(closest.missing).map(([name, amount]) => `${amount} ${name}`);
    parts.push(`closest: agent ${closest.agentId} lacks ${missing.join(" and ")}`);
  }
  return parts.join("; ");
}

function count(agents: number): string {
  return agents === 1 ? "1 agent" : `${agents} agents`;
}
