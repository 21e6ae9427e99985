/** What a simulation can be told. */
import type { AgentTimes, ContainerLaunch } from "../agent/mod.ts";
import { type Random, requireInteger } from "../base/mod.ts";
import type { MasterCore } from "../master/mod.ts";
import type { AgentInfo, MasterCall, OfType } from "../model/mod.ts";
import type { Fault, FaultRates } from "./faults.ts";
import type { SimulatedMasterOptions } from "./master_node.ts";
import type { Delay } from "./network.ts";
import type { ClockSkew } from "./node_clock.ts";
import type { ProcessPlan } from "./processes.ts";
import type { SimulatedScheduler } from "./scheduler_node.ts";
import type { TraceEntry } from "./world.ts";

/** What may be looked at while a simulation runs; everything in it is live. */
export interface SimulationView {
  /** Since the simulation began. */
  readonly elapsedMs: number;
  /** The core that leads; undefined while none does. */
  readonly master: MasterCore | undefined;
  /** Containers that have begun, */
  readonly launches: number;
  /** and those of them that start or run now. */
  readonly running: number;
}

/** Somebody who looks now and then. */
export interface Observer {
  readonly everyMs: number;
  /** "stop": it is enough, the simulation comes to rest. */
  readonly look: (view: SimulationView) => "stop" | "go on";
}

/** Options of {@linkcode simulate}. */
export interface SimulationOptions {
  /** Decides everything that is left to chance: from 0 to 2^32 - 1. */
  readonly seed: number;
  /** How many masters stand for election, as "master-0" and so on. @default 1 */
  readonly masters?: number;
  /** Each agent, as "agent-0" and so on; or how many of 8 cpus and 16 GB. @default 3 */
  readonly agents?: number | readonly AgentInfo[];
  /** Frameworks, as "scheduler-0" and so on. */
  readonly schedulers: readonly SimulatedScheduler[];
  /** What goes wrong: this, or so much an hour by chance. @default nothing */
  readonly faults?: readonly Fault[] | FaultRates;
  /** How long things go wrong and tasks come. @default an hour */
  readonly durationMs?: number;
  /** How long it then takes to come to rest, with all faults healed. @default 30 minutes */
  readonly settleMs?: number;
  /** How often the invariants are looked at; 0: at the end only. @default a minute */
  readonly checkEveryMs?: number;
  /** Whether invariants are looked at at all. @default true */
  readonly isChecked?: boolean;
  /** What a container does. @default usualProcess */
  readonly process?: (launch: ContainerLaunch, random: Random) => ProcessPlan;
  /** Between any two nodes. @default { minMs: 1, meanMs: 2 } */
  readonly delay?: Delay;
  /** How long a sync of an agent's disk takes, on average; undefined: disks keep nothing. @default 2 */
  readonly diskSyncMs?: number | undefined;
  /** How wrong a node's clock is. @default none is */
  readonly skew?: (node: string, random: Random) => ClockSkew;
  /** How masters decide. */
  readonly master?: SimulatedMasterOptions;
  readonly agentTimes?: AgentTimes;
  /** Quotas that an operator sets at the start. */
  readonly quotas?: OfType<MasterCall, "UPDATE_QUOTA">["update_quota"]["quota_configs"];
  /** Weights that an operator sets at the start. */
  readonly weights?: OfType<MasterCall, "UPDATE_WEIGHTS">["update_weights"]["weight_infos"];
  readonly observer?: Observer;
  /** Told of everything that happens, in order. */
  readonly onTrace?: (entry: TraceEntry) => void;
}

const DAY_MS = 86_400_000;
const AGENTS_MAX = 1_000_000;

/** Options with every default filled in. */
export type ReadOptions = ReturnType<typeof readOptions>;

/** @throws {FairleadError} `invalid_option` naming the field. */
export function readOptions(options: SimulationOptions) {
  const time = (name: "durationMs" | "settleMs" | "checkEveryMs", ms: number) =>
    requireInteger(name, options[name] ?? ms, { min: 0, max: 1_000 * DAY_MS });
  requireInteger("seed", options.seed, { min: 0, max: 2 ** 32 - 1 });
  return {
    ...options,
    masters: requireInteger("masters", options.masters ?? 1, { min: 1, max: 100 }),
    agents: agentsOf(options.agents ?? 3),
    faults: options.faults ?? [],
    durationMs: time("durationMs", 3_600_000),
    settleMs: time("settleMs", 1_800_000),
    checkEveryMs: time("checkEveryMs", 60_000),
    isChecked: options.isChecked ?? true,
    delay: options.delay ?? { minMs: 1, meanMs: 2 },
    diskSyncMs: "diskSyncMs" in options ? options.diskSyncMs : 2,
  };
}

function agentsOf(agents: number | readonly AgentInfo[]): readonly AgentInfo[] {
  if (typeof agents !== "number") return agents;
  requireInteger("agents", agents, { min: 0, max: AGENTS_MAX });
  return Array.from({ length: agents }, (_, index) => ({
    hostname: `agent-${index}`,
    port: 5_051,
    resources: [
      { name: "cpus", type: "SCALAR", scalar: { value: 8 } },
      { name: "mem", type: "SCALAR", scalar: { value: 16_384 } },
    ],
  }));
}
