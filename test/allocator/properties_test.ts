import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SeededRandom } from "../../src/base/mod.ts";
import { subject } from "./contenders.ts";
import type { AllocatorApi, RoleShare } from "./model/api.ts";
import { randomSequence } from "./sequences.ts";
import { play } from "./world.ts";

const scale = Number(process.env.ALLOCATOR_PROPERTY_SCALE ?? 1);
const contender = await subject();
const clock = { nowMs: () => 0, sleep: () => Promise.resolve() };

function runs(count: number) {
  return { numRuns: Math.ceil(count * scale) };
}

const seed = fc.nat(0xffffffff);
const sorter = fc.constantFrom("drf" as const, "random" as const);

/** Roles of a tree in which every node but the root has a client. */
const TREE = ["a", "a/x", "a/x/p", "a/x/q", "a/y", "b", "b/x", "c"];

/** Agents of different sizes; what a framework accepts it accepts whole. */
const agents = fc.array(
  fc.record({ cpus: fc.integer({ min: 1, max: 8 }), mem: fc.integer({ min: 64, max: 512 }) }),
  { minLength: 20, maxLength: 60 },
);

function addAgents(allocator: AllocatorApi, list: readonly { cpus: number; mem: number }[]): void {
  for (const [index, { cpus, mem }] of list.entries()) {
    allocator.addAgent({ id: `s${index}`, resources: `cpus:${cpus};mem:${mem}` });
  }
}

function byRole(allocator: AllocatorApi): Map<string, RoleShare> {
  return new Map(allocator.shares().map((row) => [row.role, row]));
}

function isBelow(role: string, above: string): boolean {
  return `${role}/`.startsWith(`${above}/`);
}

function parentOf(role: string): string {
  return role.slice(0, Math.max(0, role.lastIndexOf("/")));
}

describe("fairness among always hungry roles", () => {
  /*
   * Every visit gives one agent whole to the first in order, level by level. When a subtree was
   * served last, its share by weight was not above that of any sibling, whose share only grew
   * from there. So at the end it is above a sibling's by no more than one agent by its weight.
   * A role's own clients (its virtual leaf) are a sibling of its children, with weight 1.
   */
  test("siblings differ by one agent at most, by weight and at every level", () => {
    const weights = fc.array(fc.constantFrom(0.5, 1, 2, 5), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(seed, agents, weights, (seed, list, weights) => {
        const allocator = contender.make({ seed, clock, minAllocatable: [] });
        for (const [index, role] of TREE.entries()) {
          allocator.setWeight(role, weights[index] ?? 1);
          allocator.addFramework({ id: `f${index}`, roles: [role] });
        }
        addAgents(allocator, list);
        expect(allocator.run().size).toBe(list.length);
        const step = largestAgent(list);
        const shown = byRole(allocator);
        const weightOf = (role: string) => weights[TREE.indexOf(role)] ?? 1;
        for (const siblings of levels(shown, weightOf)) {
          const least = Math.min(...siblings.map(({ share }) => share));
          for (const { share, weight } of siblings) {
            expect(share - least).toBeLessThanOrEqual(step / weight + 1e-12);
          }
        }
      }),
      runs(1200),
    );
  });

  test("frameworks of one role differ by one agent at most", () => {
    fc.assert(
      fc.property(seed, agents, fc.integer({ min: 2, max: 6 }), (seed, list, count) => {
        const allocator = contender.make({ seed, clock, minAllocatable: [] });
        for (let index = 0; index < count; index += 1) {
          allocator.addFramework({ id: `f${index}`, roles: ["a"] });
        }
        addAgents(allocator, list);
        allocator.run();
        const shares = byRole(allocator)
          .get("a")!
          .frameworks.map(({ share }) => share);
        const spread = Math.max(...shares) - Math.min(...shares);
        expect(spread).toBeLessThanOrEqual(largestAgent(list) + 1e-12);
      }),
      runs(1200),
    );
  });
});

/** The dominant share of the largest agent. */
function largestAgent(list: readonly { cpus: number; mem: number }[]): number {
  const sum = (kind: "cpus" | "mem") => list.reduce((all, agent) => all + agent[kind], 0);
  return Math.max(...list.map(({ cpus, mem }) => Math.max(cpus / sum("cpus"), mem / sum("mem"))));
}

interface Sibling {
  readonly share: number;
  readonly weight: number;
}

/** Who competes with whom: the children of each node, and what its own clients hold. */
function levels(
  shown: ReadonlyMap<string, RoleShare>,
  weightOf: (role: string) => number,
): Sibling[][] {
  return ["", ...shown.keys()].map((parent) => {
    const children: Sibling[] = [...shown.values()]
      .filter(({ role }) => parentOf(role) === parent)
      .map(({ role, share }) => ({ share, weight: weightOf(role) }));
    const [own] = shown.get(parent)?.frameworks ?? [];
    if (own !== undefined && children.length > 0) children.push({ share: own.share, weight: 1 });
    return children;
  });
}

describe("quota", () => {
  /** A part of each kind for each role of the tree; a parent's is the sum of its children's and more. */
  const guarantees = fc.array(
    fc.record({ cpus: fc.integer({ min: 0, max: 4 }), mem: fc.integer({ min: 0, max: 300 }) }),
    { minLength: 8, maxLength: 8 },
  );

  /** Deeper ones have a test of their own, below. */
  /** Guarantees of whole subtrees, parents first. */
  function nested(own: readonly { cpus: number; mem: number }[]) {
    return TREE.map((role) => {
      const below = own.filter((_, index) => isBelow(TREE[index]!, role));
      const sum = (kind: "cpus" | "mem") => below.reduce((all, part) => all + part[kind], 0);
      return { role, cpus: sum("cpus"), mem: sum("mem") };
    });
  }

  /*
   * Whatever others take first, the surplus never lets free amounts of a kind fall below what
   * guarantees still need; and stage 1 shows every agent to a role that is owed something.
   */
  test("meets guarantees when they can be met, though others were there before", () => {
    fc.assert(
      fc.property(seed, sorter, agents, guarantees, (seed, sorter, list, own) => {
        const allocator = contender.make({ seed, sorter, clock, minAllocatable: [] });
        const asked = nested(own);
        for (const { role, cpus, mem } of asked) {
          if (cpus + mem === 0) continue;
          allocator.setQuota(role, { guarantees: `cpus:${cpus};mem:${mem}` });
        }
        const needed = asked.filter(({ role }) => !role.includes("/"));
        const sum = (kind: "cpus" | "mem", of: readonly { cpus: number; mem: number }[]) =>
          of.reduce((all, part) => all + part[kind], 0);
        fc.pre(sum("cpus", needed) <= sum("cpus", list) && sum("mem", needed) <= sum("mem", list));
        allocator.addFramework({ id: "greedy", roles: ["z"] });
        addAgents(allocator, list);
        allocator.run();
        for (const role of TREE) allocator.addFramework({ id: `f ${role}`, roles: [role] });
        allocator.run();
        const shown = byRole(allocator);
        for (const { role, cpus, mem } of asked) {
          const consumed = shown.get(role)!.consumed;
          expect(consumed.get("cpus")).toBeGreaterThanOrEqual(cpus * 1000);
          expect(consumed.get("mem")).toBeGreaterThanOrEqual(mem * 1000);
        }
      }),
      runs(1600),
    );
  });

  test("meets a guarantee three levels deep before the levels above it", () => {
    const allocator = contender.make({ seed: 0, clock, minAllocatable: [] });
    for (const role of ["a", "a/x", "a/x/q"]) allocator.setQuota(role, { guarantees: "mem:1" });
    for (const role of ["a/x", "a/x/q"]) allocator.addFramework({ id: `f ${role}`, roles: [role] });
    allocator.addAgent({ id: "s", resources: "mem:1" });
    allocator.run();
    expect(byRole(allocator).get("a/x/q")?.consumed.get("mem")).toBe(1000);
  });

  const limits = fc.array(
    fc.record({
      role: fc.constantFrom(...TREE),
      cpus: fc.integer({ min: 0, max: 20_000 }),
      disk: fc.integer({ min: 0, max: 1_500_000 }),
      ports: fc.integer({ min: 0, max: 40_000 }),
    }),
    { minLength: 1, maxLength: 5 },
  );
  const shapes = fc.array(
    fc.constantFrom(
      "cpus:4;mem:100;ports:[1-9]",
      "cpus:1.5;disk:100;ports:[1-3,7-9]",
      'cpus:2;disk:40;disk:300 {"disk":{"source":{"type":"MOUNT","mount":{"root":"/m"}}}}',
      'disk:500 {"disk":{"source":{"type":"MOUNT","mount":{"root":"/m"}}}};ports:[5-5]',
    ),
    { minLength: 1, maxLength: 12 },
  );

  test("never lets a role or what is below it pass a limit", () => {
    const answers = fc.array(fc.nat(0xffff), { minLength: 3, maxLength: 12 });
    fc.assert(
      fc.property(
        seed,
        sorter,
        shapes,
        limits,
        answers,
        (seed, sorter, shapes, limits, answers) => {
          const allocator = contender.make({ seed, sorter, clock, minAllocatable: [] });
          const set = setLimits(allocator, limits);
          for (const role of TREE) allocator.addFramework({ id: `f ${role}`, roles: [role] });
          for (const [index, resources] of shapes.entries()) {
            allocator.addAgent({ id: `s${index}`, resources });
          }
          for (const answer of answers) {
            for (const [index, { handle, resources }] of allocator.run().offers().entries()) {
              const luck = (answer >> (index % 16)) & 1;
              if (luck === 0) allocator.rescind(handle);
              else allocator.accept(handle, { used: resources, refuseMs: 0 });
            }
            const shown = byRole(allocator);
            for (const [role, kinds] of set) {
              const consumed = shown.get(role)?.consumed;
              for (const [kind, limit] of kinds) {
                expect(consumed?.get(kind) ?? 0).toBeLessThanOrEqual(limit);
              }
            }
          }
        },
      ),
      runs(1600),
    );
  });
});

type Limit = { role: string; cpus: number; disk: number; ports: number };

/** Set those that do not contradict an earlier one; returns thousandths by role and kind. */
function setLimits(
  allocator: AllocatorApi,
  limits: readonly Limit[],
): Map<string, [kind: string, millis: number][]> {
  const set = new Map<string, [string, number][]>();
  for (const { role, ...amounts } of limits) {
    const kinds = Object.entries(amounts);
    try {
      const text = kinds.map(([kind, millis]) => `${kind}:${millis / 1000}`).join(";");
      allocator.setQuota(role, { limits: text });
      set.set(role, kinds);
    } catch {
      // A limit above that of an ancestor: the quota before it stands.
    }
  }
  return set;
}

describe("whatever happens", () => {
  test("nothing is granted twice, and the same seed gives the same offers", () => {
    fc.assert(
      fc.property(seed, (seed) => {
        const sequence = randomSequence(new SeededRandom(seed), 30);
        expect(play([contender, contender], sequence)).toBeGreaterThanOrEqual(0);
      }),
      runs(1600),
    );
  });
});
