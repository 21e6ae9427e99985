/** What goes wrong in a simulation, and when: data, so that a run can be told and cut down. */
import type { Random } from "../base/mod.ts";

/** One thing that goes wrong. Times are milliseconds since the simulation began. */
export type Fault = { readonly atMs: number } & (
  | {
      /** A process ends and is started again later; the containers of an agent go on. */
      readonly type: "crash";
      readonly node: string;
      readonly downMs: number;
      /** Nobody is told, as when a machine is gone; else connections are closed. */
      readonly isSilent: boolean;
    }
  /** An agent's machine stops, containers and all, and is started again later. */
  | { readonly type: "power_off"; readonly node: string; readonly downMs: number }
  /** Connections between two nodes break; what was on its way is lost. */
  | { readonly type: "cut"; readonly nodes: readonly [string, string] }
  /** Nothing gets through from one node to another for a while; connections stay. */
  | {
      readonly type: "partition";
      readonly from: string;
      readonly to: string;
      readonly isBothWays: boolean;
      readonly forMs: number;
    }
  /** Nothing gets to or from a node for a while. */
  | { readonly type: "isolate"; readonly node: string; readonly forMs: number }
  /** What is sent to and from a node takes so many times as long. */
  | {
      readonly type: "slow";
      readonly node: string;
      readonly factor: number;
      readonly forMs: number;
    }
  /** Writes to the store fail; half of them were done all the same. */
  | { readonly type: "store_failure"; readonly forMs: number }
);

/** How many faults of a kind there are in an hour, on average. */
export type FaultRates = { readonly [Type in Fault["type"]]?: number };

/** Enough that a simulated hour meets each kind, and the cluster still works in between. */
export const USUAL_FAULTS: Required<FaultRates> = {
  crash: 4,
  power_off: 1,
  cut: 6,
  partition: 4,
  isolate: 2,
  slow: 2,
  store_failure: 1,
};

/** Who may be struck. */
export interface FaultTargets {
  readonly masters: readonly string[];
  readonly agents: readonly string[];
  readonly schedulers: readonly string[];
  readonly store: string;
}

const HOUR_MS = 3_600_000;

/** Draw what goes wrong in the time that is given; in the order of time. */
export function drawFaults(
  random: Random,
  rates: FaultRates,
  targets: FaultTargets,
  durationMs: number,
): Fault[] {
  const faults: Fault[] = [];
  for (const type of TYPES) {
    const meanMs = HOUR_MS / Math.max(rates[type] ?? 0, 1e-9);
    for (let atMs = gapMs(random, meanMs); atMs < durationMs; atMs += gapMs(random, meanMs)) {
      const fault = draw(random, type, Math.floor(atMs), targets);
      if (fault !== undefined) faults.push(fault);
    }
  }
  return faults.sort((one, other) => one.atMs - other.atMs);
}

const TYPES: readonly Fault["type"][] = [
  "crash",
  "power_off",
  "cut",
  "partition",
  "isolate",
  "slow",
  "store_failure",
];

function gapMs(random: Random, meanMs: number): number {
  return -Math.log(1 - random.next()) * meanMs;
}

function draw(
  random: Random,
  type: Fault["type"],
  atMs: number,
  targets: FaultTargets,
): Fault | undefined {
  const { masters, agents, schedulers, store } = targets;
  const anyone = [...masters, ...agents, ...schedulers];
  switch (type) {
    case "crash": {
      const node = pick(random, pick(random, [masters, agents, schedulers]) ?? []);
      const downMs = lengthMs(random, 500, 120_000);
      return node === undefined
        ? undefined
        : { atMs, type, node, downMs, isSilent: random.int(3) === 0 };
    }
    case "power_off": {
      const node = pick(random, agents);
      return node === undefined
        ? undefined
        : { atMs, type, node, downMs: lengthMs(random, 10_000, 600_000) };
    }
    case "cut": {
      const nodes = pair(random, targets);
      return nodes && { atMs, type, nodes };
    }
    case "partition": {
      const nodes = pair(random, targets);
      if (nodes === undefined) return undefined;
      const [from, to] = random.int(2) === 0 ? nodes : ([nodes[1], nodes[0]] as const);
      const forMs = lengthMs(random, 1_000, 300_000);
      return { atMs, type, from, to, isBothWays: random.int(2) === 0, forMs };
    }
    case "isolate": {
      const node = pick(random, anyone);
      return node === undefined
        ? undefined
        : { atMs, type, node, forMs: lengthMs(random, 1_000, 300_000) };
    }
    case "slow": {
      const node = pick(random, [...anyone, store]);
      const factor = 10 + random.int(500);
      return node === undefined
        ? undefined
        : { atMs, type, node, factor, forMs: lengthMs(random, 5_000, 120_000) };
    }
    case "store_failure":
      return { atMs, type, forMs: lengthMs(random, 500, 20_000) };
  }
}

/** Two nodes that talk to each other. */
function pair(
  random: Random,
  { masters, agents, schedulers, store }: FaultTargets,
): readonly [string, string] | undefined {
  const master = pick(random, masters);
  const other = pick(random, [...agents, ...schedulers, store]);
  return master === undefined || other === undefined ? undefined : [other, master];
}

function pick<T>(random: Random, list: readonly T[]): T | undefined {
  return list.length === 0 ? undefined : list[random.int(list.length)];
}

/** Short ones are as likely as long ones: even over the logarithm. */
function lengthMs(random: Random, minMs: number, maxMs: number): number {
  return Math.round(minMs * (maxMs / minMs) ** random.next());
}
