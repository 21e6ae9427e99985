import type {
  AgentCapability,
  AgentSpec,
  AgentUpdate,
  Allocated,
  AttributeConstraint,
  ConstraintSelector,
  FaultDomain,
  FrameworkCapability,
  FrameworkSpec,
  FrameworkUpdate,
  OfferConstraints,
  QuotaSpec,
} from "../../src/allocator/types.ts";
import type { Random } from "../../src/base/mod.ts";
import { Resources } from "../../src/resources/mod.ts";
import { portion } from "./moves.ts";

/** The names that sequences play with: few, so that events meet. */
export const AGENTS = ["s0", "s1", "s2", "s3", "s4", "s5", "s6"];
export const FRAMEWORKS = ["f0", "f1", "f2", "f3", "f4"];
export const ROLES = ["*", "a", "a/x", "a/x/p", "a/y", "b", "b/x", "c", "c/z"];
const OWNERS = ROLES.filter((role) => role !== "*");
const DOMAINS: readonly FaultDomain[] = [
  { region: "near", zone: "z1" },
  { region: "near", zone: "z2" },
  { region: "far", zone: "z1" },
];
const FRAMEWORK_CAPABILITIES: readonly FrameworkCapability[] = [
  "REVOCABLE_RESOURCES",
  "SHARED_RESOURCES",
  "RESERVATION_REFINEMENT",
  "GPU_RESOURCES",
  "REGION_AWARE",
  "MULTI_ROLE",
];
const AGENT_CAPABILITIES: readonly AgentCapability[] = [
  "MULTI_ROLE",
  "HIERARCHICAL_ROLE",
  "RESERVATION_REFINEMENT",
];

/** One of them. */
export function pick<T>(random: Random, list: readonly T[]): T {
  const picked = list[random.int(list.length)];
  if (picked === undefined) throw new RangeError("cannot pick from an empty list");
  return picked;
}

/** True once in `1 / chance` times. */
export function happens(random: Random, chance: number): boolean {
  return random.next() < chance;
}

/** Each of them with a chance, in their order. */
export function some<T>(random: Random, list: readonly T[], chance: number): T[] {
  return list.filter(() => happens(random, chance));
}

/** What an agent may have: every kind of thing that the contract tells apart, as text. */
export function randomResources(random: Random): string {
  const owner = pick(random, OWNERS);
  const items = [
    `cpus:${pick(random, [1, 2, 4, 8, 0.5, 3.7])}`,
    `mem:${pick(random, [64, 128, 512, 1024])}`,
    ...some(random, plainItems(random), 0.5),
    ...some(random, diskItems(random), 0.2),
    ...some(random, reservedItems(random, owner), 0.15),
    ...some(random, refinedItems(random), 0.08),
  ];
  return some(random, items, 0.95).join(";");
}

function plainItems(random: Random): string[] {
  return [
    `disk:${pick(random, [50, 100, 1000])}`,
    pick(random, ["ports:[31000-31009]", "ports:[31000-31003,31010-31012]", "ports:[31005-31005]"]),
    ...some(random, [`gpus:${pick(random, [1, 2])}`, "zones:{p,q,r}"], 0.3),
    ...some(random, ['cpus:1.5 {"provider_id":{"value":"p"}}'], 0.2),
    ...some(random, ['cpus:2 {"revocable":{}}', 'mem:32 {"revocable":{}}'], 0.3),
  ];
}

function diskItems(random: Random): string[] {
  const mount = (root: string) => `{"disk":{"source":{"type":"MOUNT","mount":{"root":"${root}"}}}}`;
  return [
    `disk:${pick(random, [40, 200])} ${mount("/m2")}`,
    `disk:${pick(random, [40, 300])} ${mount("/m1")}`,
    `disk(${pick(random, OWNERS)}):200 ${mount("/m3")}`,
    'disk:60 {"disk":{"source":{"type":"PATH","path":{"root":"/p"}}}}',
  ];
}

function reservedItems(random: Random, owner: string): string[] {
  const other = pick(random, OWNERS);
  return [
    `cpus(${owner}):${pick(random, [1, 2.5])}`,
    `mem(${owner}):64`,
    `cpus(${owner},):1`,
    `cpus(${other}, ops):0.7`,
    `ports(${owner}):[32000-32003]`,
    `zones(${owner}):{s}`,
    `disk(${owner},):80`,
    `disk(${owner},):50 {"disk":{"persistence":{"id":"v1"}}}`,
    `disk(${owner},):30 {"disk":{"persistence":{"id":"s1"}},"shared":{}}`,
    `disk(${other},):20 {"disk":{"persistence":{"id":"s2"}},"shared":{}}`,
    `cpus(${owner}):1 {"revocable":{}}`,
  ];
}

function refinedItems(random: Random): string[] {
  const [above, below] = pick(random, [
    ["a", "a/x"],
    ["a/x", "a/x/p"],
    ["b", "b/x"],
  ] as const);
  return [
    `cpus(${above},)(${below},):1`,
    `mem(${above})(${below},):32`,
    `disk(${above})(${below},):25 {"disk":{"persistence":{"id":"s3"}},"shared":{}}`,
  ];
}

/** Holders of parts of these resources, none of them held twice. */
export function randomUsed(random: Random, text: string): Allocated[] {
  const used: Allocated[] = [];
  let rest = Resources.parse(text);
  while (happens(random, 0.25)) {
    const role = pick(random, ROLES);
    const resources = portion(rest.allocatableTo(role), random);
    if (resources.isEmpty) continue;
    used.push({ frameworkId: pick(random, FRAMEWORKS), role, resources });
    rest = rest.subtract(resources.nonShared());
  }
  return used;
}

function randomAttributes(random: Random): Record<string, string> {
  return Object.fromEntries(
    some(
      random,
      [
        ["rack", pick(random, ["r1", "r2", "r10"])],
        ["os", pick(random, ["linux", "bsd"])],
      ],
      0.6,
    ),
  );
}

/** An agent of the pool. */
export function randomAgent(random: Random): AgentSpec {
  const resources = randomResources(random);
  return {
    id: pick(random, AGENTS),
    resources,
    ...(happens(random, 0.3) ? { used: randomUsed(random, resources) } : {}),
    ...(happens(random, 0.4) ? { attributes: randomAttributes(random) } : {}),
    ...(happens(random, 0.2) ? { hostname: pick(random, ["h1", "h2"]) } : {}),
    ...(happens(random, 0.3) ? { domain: pick(random, DOMAINS) } : {}),
    ...(happens(random, 0.15) ? { capabilities: some(random, AGENT_CAPABILITIES, 0.6) } : {}),
    ...(happens(random, 0.1) ? { active: false } : {}),
    ...(happens(random, 0.1) ? { unavailability: { startMs: random.int(3) } } : {}),
  };
}

/** What may change about an agent. */
export function randomAgentUpdate(random: Random): AgentUpdate {
  return {
    ...(happens(random, 0.5) ? { resources: randomResources(random) } : {}),
    ...(happens(random, 0.3) ? { attributes: randomAttributes(random) } : {}),
    ...(happens(random, 0.1) ? { hostname: pick(random, ["h1", "h2"]) } : {}),
    ...(happens(random, 0.2) ? { domain: pick(random, [...DOMAINS, null]) } : {}),
    ...(happens(random, 0.1) ? { capabilities: some(random, AGENT_CAPABILITIES, 0.8) } : {}),
  };
}

/** A framework of the pool. */
export function randomFramework(random: Random): FrameworkSpec {
  const roles = randomRoles(random);
  return {
    id: pick(random, FRAMEWORKS),
    roles,
    capabilities: some(random, FRAMEWORK_CAPABILITIES, 0.6),
    ...(happens(random, 0.15) ? { suppressedRoles: some(random, roles, 0.5) } : {}),
    ...(happens(random, 0.1) ? { active: false } : {}),
    ...(happens(random, 0.3) ? { minAllocatable: byRole(random, roles, randomMinimums) } : {}),
    ...(happens(random, 0.2) ? { offerConstraints: byRole(random, roles, randomConstraints) } : {}),
  };
}

/** What may change about a framework; settings of roles that it does not have are refused. */
export function randomFrameworkUpdate(random: Random): FrameworkUpdate {
  const { id: _, active: __, roles, capabilities = [], ...settings } = randomFramework(random);
  if (happens(random, 0.6)) return { roles, ...settings };
  return happens(random, 0.6) ? { capabilities } : { ...settings };
}

function randomRoles(random: Random): string[] {
  const roles = new Set([pick(random, ROLES)]);
  while (happens(random, 0.4)) roles.add(pick(random, ROLES));
  return [...roles];
}

function byRole<T>(
  random: Random,
  roles: readonly string[],
  make: (random: Random) => T,
): Record<string, T> {
  return Object.fromEntries(some(random, roles, 0.8).map((role) => [role, make(random)]));
}

/** Minimum sets of one role. */
export function randomMinimums(random: Random): string[] {
  return pick(random, [
    [],
    [""],
    ["cpus:1"],
    ["ports:2", "mem:100"],
    ["disk:40;cpus:0.1"],
    ["zones:1"],
  ]);
}

function randomConstraints(random: Random): OfferConstraints {
  const groups = [
    some(random, allConstraints(random), 0.3),
    some(random, allConstraints(random), 0.2),
  ];
  const full = groups.filter((group) => group.length > 0);
  return { groups: full.length > 0 ? full : [[pick(random, allConstraints(random))]] };
}

function allConstraints(random: Random): AttributeConstraint[] {
  const selector = pick<ConstraintSelector>(random, [
    { attribute: "rack" },
    { attribute: "os" },
    { pseudo: "HOSTNAME" },
    { pseudo: "REGION" },
    { pseudo: "ZONE" },
  ]);
  const value = pick(random, ["r1", "linux", "h1", "near", "z1"]);
  const pattern = pick(random, ["r\\d", "l.*|b.*", "[hs]\\d", "near|far", "z[12]"]);
  return [
    { selector, type: "exists" },
    { selector, type: "not_exists" },
    { selector, type: "text_equals", value },
    { selector, type: "text_not_equals", value },
    { selector, type: "text_matches", pattern },
    { selector, type: "text_not_matches", pattern },
  ];
}

/** A quota; often one that is refused. */
export function randomQuota(random: Random, role: string): QuotaSpec {
  const depth = role.split("/").length;
  const amounts = (factor: number) =>
    some(
      random,
      [
        `cpus:${(factor * pick(random, [1, 2, 4.5, 8])) / depth}`,
        `mem:${(factor * pick(random, [100, 256, 700])) / depth}`,
        `ports:${factor * pick(random, [1, 2.5, 6])}`,
        `disk:${factor * pick(random, [30, 100, 400])}`,
        `gpus:${factor}`,
      ],
      0.4,
    ).join(";");
  const guarantees = amounts(1);
  const limits = happens(random, 0.1) ? "cpus:0" : amounts(3);
  if (limits !== "" && (guarantees === "" || happens(random, 0.4))) return { limits };
  if (guarantees === "") return { guarantees: "cpus:1" };
  return limits === "" ? { guarantees } : { guarantees, limits };
}
