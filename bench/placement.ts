/** Placement of batches: the kernel in WebAssembly, the typed reference, plain objects. */

import { SeededRandom } from "fairlead/base";
import {
  type AgentSpec,
  type Placement,
  PlacementCluster,
  type PlaceOptions,
  type Policy,
  prepareTasks,
  type TaskColumns,
  type TaskSpec,
} from "fairlead/placement";
import { ModelCluster, type ModelHolding } from "../test/placement/model.ts";
import type { Contender, Params, RunsCase, Suite } from "./harness.ts";

/** Work that would take plain objects longer than this many looks at an agent is not given them. */
const NAIVE_LOOKS_MAX = 6e8;

/** A cluster and a batch of about as much as it holds. */
interface World {
  readonly agents: AgentSpec[];
  readonly tasks: TaskSpec[];
  readonly options: PlaceOptions;
}

/** Agents of three sizes; tasks of `shapes` shapes in random order (0: each of its own). */
function world(params: Params): World {
  const { agents, tasks, shapes, policy } = read(params);
  const random = new SeededRandom(7);
  const between = (min: number, max: number) => min + random.int(max - min + 1);
  const scale = (20 * agents) / tasks;
  const withGpus = params.gpus === true;
  const specs = Array.from({ length: agents }, (_, i): AgentSpec => {
    const size = [1, 1.5, 2][random.int(3)]!;
    return {
      id: `agent-${i}`,
      cpusMillis: 32_000 * size,
      memMillis: 128_000_000 * size,
      diskMillis: 1_000_000_000,
      ...(withGpus ? { gpus: 8, gpuModel: ["T4", "V100"][random.int(2)]! } : {}),
      attributes: { rack: `rack-${i % 40}`, zone: `zone-${i % 3}` },
    };
  });
  const shape = (): TaskSpec => ({
    cpusMillis: Math.round(between(100, 4_400) * scale),
    memMillis: Math.round(between(100, 18_000) * scale) * 1_000,
    diskMillis: between(0, 20) * 1_000_000,
    ...(withGpus && random.int(10) < 6
      ? { gpuMillis: [250, 500, 500, 1_000][random.int(4)]! }
      : {}),
  });
  const known = Array.from({ length: shapes }, shape);
  return {
    agents: specs,
    tasks: Array.from({ length: tasks }, () =>
      shapes === 0 ? shape() : known[random.int(shapes)]!,
    ),
    options: { policy },
  };
}

function read(params: Params) {
  return {
    agents: Number(params.agents),
    tasks: Number(params.tasks),
    shapes: Number(params.shapes),
    policy: (params.policy ?? "best_fit") as Policy,
  };
}

/** Placing with one of the kernels; releasing everything is not timed. */
function kernel(kind: "wasm" | "typed", { agents, tasks, options }: World): Contender {
  const cluster = new PlacementCluster({ agents, kernel: kind });
  if (cluster.kernel !== kind) throw new Error(`Cannot bench ${kind}: the platform refuses it`);
  const batch = prepareTasks(tasks);
  let placement: Placement | undefined;
  return {
    setup() {
      if (placement !== undefined) cluster.releaseAll(placement);
    },
    run() {
      placement = cluster.place(batch, options);
    },
    answer: () => digest(placement!.size, (task) => placement!.agents[task]!),
  };
}

/** Placing in plain objects, as long as that ends within seconds. */
function naive(made: World, params: Params): Contender | undefined {
  const { agents, tasks, options } = made;
  if (agents.length * tasks.length > NAIVE_LOOKS_MAX) return undefined;
  if (params.policy !== undefined && params.policy !== "best_fit") return undefined;
  let cluster = new ModelCluster();
  let holdings: (ModelHolding | undefined)[] = [];
  const rows = new Map(agents.map((agent, row) => [agent.id, row]));
  return {
    setup() {
      cluster = new ModelCluster();
      for (const agent of agents) cluster.add(agent);
    },
    run() {
      holdings = cluster.place(tasks, options);
    },
    answer: () =>
      digest(holdings.length, (task) => {
        const holding = holdings[task];
        return holding === undefined ? -1 : rows.get(holding.agent.spec.id)!;
      }),
  };
}

function digest(size: number, rowOf: (task: number) => number): string {
  let placed = 0;
  let mixed = 0;
  for (let task = 0; task < size; task++) {
    const row = rowOf(task);
    if (row >= 0) placed++;
    mixed = (Math.imul(mixed, 31) + row) | 0;
  }
  return `${placed} placed, ${mixed >>> 0}`;
}

/** One world a size, shared by its contenders. */
function shared(): (params: Params) => World {
  const made = new Map<string, World>();
  return (params) => {
    const key = JSON.stringify(params);
    const found = made.get(key) ?? world(params);
    made.clear();
    made.set(key, found);
    return found;
  };
}

const worldOf = shared();

const contenders: RunsCase["contenders"] = {
  wasm: (params) => kernel("wasm", worldOf(params)),
  typed: (params) => kernel("typed", worldOf(params)),
  naive: (params) => naive(worldOf(params), params),
};
const tasksOf = (params: Params) => Number(params.tasks);

const batch: RunsCase = {
  name: "batch",
  about: "a prepared batch of about what the cluster holds, best fit",
  sweep: [
    { agents: 1_000, tasks: 20_000, shapes: 200 },
    { agents: 5_000, tasks: 100_000, shapes: 200 },
    { agents: 5_000, tasks: 100_000, shapes: 0 },
    { agents: 20_000, tasks: 100_000, shapes: 200 },
    { agents: 20_000, tasks: 400_000, shapes: 200 },
  ],
  items: tasksOf,
  contenders,
};

const policies: RunsCase = {
  name: "policies",
  about: "each policy over agents with eight GPUs, six of ten tasks asking for one or a share",
  sweep: [
    ...(["first_fit", "best_fit", "dot_product", "spread"] as const),
    ...(["fragmentation_aware", "stranding_aware"] as const),
  ].map((policy) => ({ policy, agents: 1_000, tasks: 10_000, shapes: 150, gpus: true })),
  quick: [{ policy: "stranding_aware", agents: 200, tasks: 2_000, shapes: 50, gpus: true }],
  items: tasksOf,
  contenders: { wasm: contenders.wasm!, typed: contenders.typed! },
};

const one: RunsCase = {
  name: "one",
  about: "a single task on a cluster that lives on",
  sweep: [{ agents: 1_000 }, { agents: 5_000 }, { agents: 20_000 }].map((size) => ({
    ...size,
    tasks: 1,
    shapes: 1,
  })),
  unit: "us",
  contenders: { wasm: contenders.wasm!, typed: contenders.typed! },
};

const constraints: RunsCase = {
  name: "constraints",
  about: "apps of ten instances: UNIQUE hostname, GROUP_BY zone, rack LIKE a pattern",
  sweep: [
    { agents: 1_000, tasks: 5_000, shapes: 500 },
    { agents: 5_000, tasks: 5_000, shapes: 500 },
  ],
  items: tasksOf,
  contenders: {
    wasm: (params) => kernel("wasm", constrained(params)),
    typed: (params) => kernel("typed", constrained(params)),
  },
};

function constrained(params: Params): World {
  const made = worldOf(params);
  const rules = (app: number): Partial<TaskSpec> => ({
    group: `app-${app}`,
    constraints: [
      { field: "hostname", operator: "UNIQUE" },
      { field: "zone", operator: "GROUP_BY" },
      { field: "rack", operator: "LIKE", value: `rack-[0-9]*${app % 10}` },
    ],
  });
  return {
    ...made,
    tasks: made.tasks.map((task, i) => ({ ...task, ...rules(Math.floor(i / 10)) })),
  };
}

const prepare: RunsCase = {
  name: "prepare",
  about: "checking and packing tasks, which place() does by itself for tasks not prepared",
  sweep: [
    { tasks: 20_000, shapes: 200 },
    { tasks: 100_000, shapes: 200 },
    { tasks: 100_000, shapes: 0 },
  ],
  items: tasksOf,
  contenders: {
    objects: (params) => packing(params, (tasks) => tasks),
    columns: (params) => packing(params, columnsOf),
  },
};

function packing(
  params: Params,
  shaped: (tasks: TaskSpec[]) => TaskSpec[] | TaskColumns,
): Contender {
  const tasks = shaped(worldOf({ agents: 100, ...params }).tasks);
  let classes = 0;
  return {
    run() {
      classes = prepareTasks(tasks).classes.count.length;
    },
    answer: () => classes,
  };
}

function columnsOf(tasks: TaskSpec[]): TaskColumns {
  return {
    cpusMillis: Float64Array.from(tasks, (task) => task.cpusMillis!),
    memMillis: Float64Array.from(tasks, (task) => task.memMillis!),
    diskMillis: Float64Array.from(tasks, (task) => task.diskMillis!),
  };
}

export const suite: Suite = {
  name: "placement",
  cases: [batch, policies, one, constraints, prepare],
};
