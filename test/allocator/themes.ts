import type { FrameworkSpec } from "../../src/allocator/types.ts";
import type { Random } from "../../src/base/mod.ts";
import { ANSWERS, type Event, type Makers, setQuota, setWeight } from "./events.ts";
import type { AllocatorApiOptions } from "./model/api.ts";
import { AGENTS, FRAMEWORKS, happens, pick, ROLES, some } from "./specs.ts";

/** What a sequence dwells on. */
export interface Theme {
  /** How often it is taken, of 10. */
  readonly chance: number;
  readonly options: (random: Random) => AllocatorApiOptions;
  readonly start: (random: Random) => Event[];
  readonly answers: Makers;
  readonly changes: Makers;
}

/** Guarantees and limits at every level, hungry frameworks, and disks that cannot be split. */
export const quotas: Theme = {
  chance: 2,
  options: () => ({ minAllocatable: [] }),
  start(random) {
    const events: Event[] = FRAMEWORKS.map((id) => ({
      do: "addFramework",
      spec: hungryFramework(random, id),
    }));
    events.push(...AGENTS.map((id) => plainAgent(random, id)));
    return happens(random, 0.5)
      ? [...quotaTree(random), ...events]
      : [...events, ...quotaTree(random)];
  },
  answers: ANSWERS,
  changes: [
    [4, setQuota],
    [3, (random) => pick(random, quotaTree(random))],
    [1, (random) => ({ do: "removeQuota", role: pick(random, ROLES) })],
    [
      2,
      (random) => ({ do: "addFramework", spec: hungryFramework(random, pick(random, FRAMEWORKS)) }),
    ],
    [2, (random) => ({ do: "removeFramework", id: pick(random, FRAMEWORKS) })],
    [2, (random) => plainAgent(random, pick(random, AGENTS))],
    [1, (random) => ({ do: "removeAgent", id: pick(random, AGENTS) })],
    [2, (random) => ({ do: "convert", id: pick(random, AGENTS), luck: random.u32() })],
    [1, setWeight],
    [
      2,
      (random) => ({ do: "addProvider", id: pick(random, AGENTS), resources: anotherDisk(random) }),
    ],
    [
      1,
      (random) => ({
        do: "removeProvider",
        id: pick(random, AGENTS),
        resources: anotherDisk(random),
      }),
    ],
  ],
};

function anotherDisk(random: Random): string {
  return `disk:${pick(random, [20, 90])} {"disk":{"source":{"type":"MOUNT","mount":{"root":"/m0"}}}}`;
}

function hungryFramework(random: Random, id: string): FrameworkSpec {
  const roles = [...new Set([pick(random, ROLES), pick(random, ROLES)])];
  return { id, roles, capabilities: ["RESERVATION_REFINEMENT", "GPU_RESOURCES"] };
}

function plainAgent(random: Random, id: string): Event {
  const mount = (root: string) => `{"disk":{"source":{"type":"MOUNT","mount":{"root":"${root}"}}}}`;
  const items = [
    `cpus:${pick(random, [1, 2.5, 4])}`,
    `mem:${pick(random, [64, 200])}`,
    `disk:${pick(random, [30, 70])}`,
    "ports:[1-9]",
    `disk:${pick(random, [20, 50])} ${mount("/m2")}`,
    `disk:${pick(random, [20, 90])} ${mount("/m1")}`,
    `cpus(${pick(random, ["a", "a/x", "b"])}):1`,
  ];
  return { do: "addAgent", spec: { id, resources: some(random, items, 0.7).join(";") } };
}

/** Quotas that fit together: a guarantee is that of the children and something more. */
function quotaTree(random: Random): Event[] {
  const tree = ["a", "a/x", "a/x/p", "a/y", "b", "b/x"];
  const own = tree.map(() => ["cpus", "mem", "disk", "ports"].map(() => random.int(3)));
  const units = [1, 30, 20, 2];
  return tree.map((role) => {
    const sums = units.map((unit, kind) => {
      const below = own.filter((_, index) => `${tree[index]}/`.startsWith(`${role}/`));
      return below.reduce((sum, parts) => sum + parts[kind]! * unit, 0);
    });
    const [cpus = 0, mem = 0, disk = 0, ports = 0] = sums;
    const guarantees = `cpus:${cpus + 0.5};mem:${mem};disk:${disk};ports:${ports}`;
    const limits = `cpus:${cpus + pick(random, [1, 3])};disk:${disk + 30};ports:${ports + 1}`;
    const quota = happens(random, 0.4) ? { guarantees, limits } : { guarantees };
    return { do: "setQuota", role, quota };
  });
}

/** Few clients that refuse for long, on agents that change: filters pile up and fall due. */
export const filters: Theme = {
  chance: 2,
  options: () => ({ minAllocatable: [], intervalMs: 100 }),
  start: (random) => [
    ...FRAMEWORKS.slice(0, 2).map(
      (id): Event => ({
        do: "addFramework",
        spec: { id, roles: ["a"], capabilities: ["REVOCABLE_RESOURCES"] },
      }),
    ),
    ...AGENTS.slice(0, 1 + random.int(2)).map(
      (id): Event => ({
        do: "addAgent",
        spec: { id, resources: "cpus:4;mem:400;ports:[1-9]" },
      }),
    ),
  ],
  answers: [
    [8, (random) => ({ do: "decline", luck: random.u32(), ...longRefusal(random) })],
    [6, (random) => ({ do: "accept", luck: random.u32(), ...longRefusal(random) })],
    [3, (random) => ({ do: "release", luck: random.u32() })],
    [3, (random) => ({ do: "advance", ms: pick(random, [100, 300, 900]) })],
  ],
  changes: [
    [
      9,
      (random) => ({
        do: "addProvider",
        id: pick(random, AGENTS.slice(0, 2)),
        resources: grown(random),
      }),
    ],
    [
      6,
      (random) => ({
        do: "removeProvider",
        id: pick(random, AGENTS.slice(0, 2)),
        resources: grown(random),
      }),
    ],
    [1, (random) => ({ do: "suppress", id: pick(random, FRAMEWORKS.slice(0, 2)) })],
    [1, (random) => ({ do: "revive", id: pick(random, FRAMEWORKS.slice(0, 2)) })],
    [1, (random) => ({ do: "deactivateFramework", id: pick(random, FRAMEWORKS.slice(0, 2)) })],
    [2, (random) => ({ do: "activateFramework", id: pick(random, FRAMEWORKS.slice(0, 2)) })],
    [
      2,
      (random) => ({
        do: "updateFramework",
        id: pick(random, FRAMEWORKS.slice(0, 2)),
        update: { roles: pick(random, [["a"], ["a", "a/x"], ["a/x"]]) },
      }),
    ],
  ],
};

/** So many filters that the oldest have to go, on agents that come back to what was refused. */
export const piles: Theme = {
  ...filters,
  chance: 1,
  answers: [
    [9, (random) => ({ do: "decline", luck: random.u32(), refuseMs: 1e6 * (1 + random.int(3)) })],
    [1, (random) => ({ do: "release", luck: random.u32() })],
  ],
  changes: filters.changes.slice(0, 2),
};

/** Roles that come and go, lose their children and get them back, while counts decide the order. */
export const trees: Theme = {
  chance: 2,
  options: () => ({}),
  start: (random) => [
    ...AGENTS.slice(0, 1 + random.int(3)).map(
      (id): Event => ({
        do: "addAgent",
        spec: { id, resources: "cpus:1" },
      }),
    ),
    ...FRAMEWORKS.map((id): Event => ({ do: "addFramework", spec: hungryFramework(random, id) })),
  ],
  answers: [
    [8, (random) => ({ do: "decline", luck: random.u32(), refuseMs: 0 })],
    [1, (random) => ({ do: "accept", luck: random.u32(), refuseMs: 0 })],
    [1, (random) => ({ do: "release", luck: random.u32() })],
  ],
  changes: [
    [3, (random) => ({ do: "removeFramework", id: pick(random, FRAMEWORKS) })],
    [
      3,
      (random) => ({
        do: "addFramework",
        spec: hungryFramework(random, pick(random, FRAMEWORKS)),
      }),
    ],
    [
      2,
      (random) => ({
        do: "updateFramework",
        id: pick(random, FRAMEWORKS),
        update: { roles: hungryFramework(random, "").roles },
      }),
    ],
    [1, (random) => ({ do: "suppress", id: pick(random, FRAMEWORKS) })],
    [1, (random) => ({ do: "revive", id: pick(random, FRAMEWORKS) })],
    [1, setWeight],
    [1, (random) => ({ do: "convert", id: pick(random, AGENTS.slice(0, 3)), luck: random.u32() })],
  ],
};

function longRefusal(random: Random): { refuseMs: number } {
  return { refuseMs: pick(random, [200, 700, 1500, 4000, 1e9, 1e9]) };
}

function grown(random: Random): string {
  return pick(random, [
    "cpus:0.5",
    "mem:50",
    "disk:20",
    "cpus:0.25;mem:100",
    "cpus(a):1",
    "ports:[20-29]",
  ]);
}
