import type {
  AgentSpec,
  AgentUpdate,
  FrameworkSpec,
  FrameworkUpdate,
  QuotaSpec,
  Unavailability,
} from "../../src/allocator/types.ts";
import type { Random } from "../../src/base/mod.ts";
import type { AllocatorApiOptions } from "./model/api.ts";
import {
  AGENTS,
  FRAMEWORKS,
  happens,
  pick,
  ROLES,
  randomAgent,
  randomAgentUpdate,
  randomFramework,
  randomFrameworkUpdate,
  randomQuota,
  randomResources,
  some,
} from "./specs.ts";

/** What holders use, as text, so that an event is plain data. */
export interface UsedText {
  readonly frameworkId: string;
  readonly role: string;
  readonly resources: string;
}

/** An agent as plain data. */
export type AgentText = Omit<AgentSpec, "used" | "resources"> & {
  readonly resources: string;
  readonly used?: readonly UsedText[];
};

/**
 * One call, as plain data. What depends on the state when it is made (which offer, how much of it)
 * is decided by `luck`, the seed of that choice, so that events can be dropped one by one.
 */
export type Event =
  | { readonly do: "addAgent"; readonly spec: AgentText }
  | { readonly do: "updateAgent"; readonly id: string; readonly update: AgentUpdate }
  | { readonly do: "removeAgent"; readonly id: string }
  | { readonly do: "activateAgent" | "deactivateAgent"; readonly id: string }
  | { readonly do: "setWhitelist"; readonly ids?: readonly string[] }
  | { readonly do: "addProvider"; readonly id: string; readonly resources: string }
  | { readonly do: "removeProvider"; readonly id: string; readonly resources: string }
  | { readonly do: "addFramework"; readonly spec: FrameworkSpec }
  | { readonly do: "updateFramework"; readonly id: string; readonly update: FrameworkUpdate }
  | { readonly do: "removeFramework"; readonly id: string }
  | { readonly do: "activateFramework" | "deactivateFramework"; readonly id: string }
  | { readonly do: "suppress" | "revive"; readonly id: string; readonly roles?: string[] }
  | { readonly do: "setWeight"; readonly role: string; readonly weight: number }
  | { readonly do: "setQuota"; readonly role: string; readonly quota: QuotaSpec }
  | { readonly do: "removeQuota"; readonly role: string }
  | { readonly do: "run" }
  | { readonly do: "shares" }
  | { readonly do: "advance"; readonly ms: number }
  | { readonly do: "decline"; readonly luck: number; readonly refuseMs?: number }
  | { readonly do: "accept"; readonly luck: number; readonly refuseMs?: number }
  | { readonly do: "rescind"; readonly luck: number }
  | { readonly do: "release"; readonly luck: number }
  | { readonly do: "useTooMuch"; readonly luck: number }
  | { readonly do: "convert"; readonly id: string; readonly luck: number }
  | { readonly do: "setUnavailability"; readonly id: string; readonly window?: Unavailability }
  | { readonly do: "answerInverse"; readonly luck: number; readonly refuseMs: number }
  | { readonly do: "expectAgents"; readonly count: number; readonly timeoutMs: number };

/** A whole test case: what the allocators are made with, and what happens to them. */
export interface Sequence {
  readonly options: AllocatorApiOptions;
  readonly events: readonly Event[];
}

/** Ways to make an event, and how often each is taken, of each other. */
export type Makers = readonly (readonly [chance: number, make: (random: Random) => Event])[];

/** What frameworks do, and how often, of each other. */
export const ANSWERS: Makers = [
  [12, (random) => ({ do: "decline", luck: random.u32(), ...refuse(random) })],
  [12, (random) => ({ do: "accept", luck: random.u32(), ...refuse(random) })],
  [3, (random) => ({ do: "rescind", luck: random.u32() })],
  [9, (random) => ({ do: "release", luck: random.u32() })],
  [1, (random) => ({ do: "useTooMuch", luck: random.u32() })],
  [2, answerInverse],
  [6, (random) => ({ do: "advance", ms: pick(random, [1, 100, 999, 1000, 3000, 20_000]) })],
];

/** What else may happen, and how often, of each other. */
export const CHANGES: Makers = [
  [4, (random) => ({ do: "convert", id: pick(random, AGENTS), luck: random.u32() })],
  [7, addAgent],
  [
    5,
    (random) => ({
      do: "updateAgent",
      id: pick(random, AGENTS),
      update: randomAgentUpdate(random),
    }),
  ],
  [2, (random) => ({ do: "removeAgent", id: pick(random, AGENTS) })],
  [2, (random) => ({ do: "activateAgent", id: pick(random, AGENTS) })],
  [1, (random) => ({ do: "deactivateAgent", id: pick(random, AGENTS) })],
  [1, (random) => ({ do: "setWhitelist", ids: some(random, AGENTS, 0.7) })],
  [1, () => ({ do: "setWhitelist" })],
  [2, (random) => ({ do: "addProvider", id: pick(random, AGENTS), resources: provided(random) })],
  [
    2,
    (random) => ({ do: "removeProvider", id: pick(random, AGENTS), resources: provided(random) }),
  ],
  [5, (random) => ({ do: "addFramework", spec: randomFramework(random) })],
  [3, updateFramework],
  [2, (random) => ({ do: "removeFramework", id: pick(random, FRAMEWORKS) })],
  [2, (random) => ({ do: "activateFramework", id: pick(random, FRAMEWORKS) })],
  [1, (random) => ({ do: "deactivateFramework", id: pick(random, FRAMEWORKS) })],
  [2, (random) => ({ do: "suppress", id: pick(random, FRAMEWORKS), ...someRoles(random) })],
  [3, (random) => ({ do: "revive", id: pick(random, FRAMEWORKS), ...someRoles(random) })],
  [3, setWeight],
  [7, setQuota],
  [2, (random) => ({ do: "removeQuota", role: pick(random, ROLES) })],
  [2, setUnavailability],
];

/** One event of these. */
export function randomOf(random: Random, makers: Makers): Event {
  let luck = random.int(makers.reduce((sum, [chance]) => sum + chance, 0));
  for (const [chance, make] of makers) {
    if (luck < chance) return make(random);
    luck -= chance;
  }
  return { do: "run" };
}

/** An agent of the pool comes; it may be there already. */
export function addAgent(random: Random): Event {
  const { used = [], resources, ...spec } = randomAgent(random);
  const holders = used.map((held) => ({ ...held, resources: String(held.resources) }));
  return { do: "addAgent", spec: { ...spec, resources: String(resources), used: holders } };
}

function updateFramework(random: Random): Event {
  const update = randomFrameworkUpdate(random);
  return { do: "updateFramework", id: pick(random, FRAMEWORKS), update };
}

/** A weight that may be refused. */
export function setWeight(random: Random): Event {
  const role = pick(random, [...ROLES, "a/.."]);
  return { do: "setWeight", role, weight: pick(random, [0.5, 1, 1, 2, 3, 10, 0, -1]) };
}

/** A quota that may be refused. */
export function setQuota(random: Random): Event {
  const role = pick(random, [...ROLES, "b", "a", "//"]);
  const bad = { guarantees: pick(random, ["cpus:-1", "cpus", "cpus:x"]) };
  return { do: "setQuota", role, quota: happens(random, 0.05) ? bad : randomQuota(random, role) };
}

function setUnavailability(random: Random): Event {
  const id = pick(random, AGENTS);
  if (happens(random, 0.3)) return { do: "setUnavailability", id };
  return { do: "setUnavailability", id, window: { startMs: random.int(3), durationMs: 10 } };
}

function answerInverse(random: Random): Event {
  return { do: "answerInverse", luck: random.u32(), refuseMs: pick(random, [0, 1500, 10_000]) };
}

function refuse(random: Random): { refuseMs?: number } {
  if (happens(random, 0.1)) return {};
  return { refuseMs: pick(random, [0, 0, 100, 1000, 2500, 10_000, 1e9, -1]) };
}

function someRoles(random: Random): { roles?: string[] } {
  return happens(random, 0.5) ? {} : { roles: some(random, ROLES, 0.15) };
}

/** What a resource provider brings: its ports are those of no other thing. */
function provided(random: Random): string {
  if (happens(random, 0.2)) return randomResources(random);
  return pick(random, [
    "cpus:1",
    'cpus:1.5 {"provider_id":{"value":"p"}}',
    'disk:40 {"disk":{"source":{"type":"MOUNT","mount":{"root":"/m9"}}}}',
    "mem(a):64",
    'cpus:1 {"revocable":{}}',
  ]);
}
