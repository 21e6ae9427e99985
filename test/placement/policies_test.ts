import { describe, expect, test } from "vitest";
import {
  type AgentSpec,
  PlacementCluster,
  type PlaceOptions,
  POLICIES,
  type TaskSpec,
} from "../../src/placement/mod.ts";

const KERNELS = ["wasm", "typed"] as const;

/** Where the tasks go, as `agent` or `agent/device`. */
function go(agents: AgentSpec[], tasks: TaskSpec[], options: PlaceOptions): string[] {
  const [wasm, typed] = KERNELS.map((kernel) => {
    const placement = new PlacementCluster({ agents, kernel }).place(tasks, options);
    return [...placement.assignments()].map(({ agentId, gpuDevices }) =>
      [agentId, ...gpuDevices].join("/"),
    );
  });
  expect(wasm).toEqual(typed);
  return wasm!;
}

const agent = (id: string, cpus: number, mem: number, gpus = 0): AgentSpec => ({
  id,
  cpusMillis: cpus * 1_000,
  memMillis: mem * 1_000,
  gpus,
});
const task = (cpus: number, mem: number, gpuMillis = 0): TaskSpec => ({
  cpusMillis: cpus * 1_000,
  memMillis: mem * 1_000,
  gpuMillis,
});
const share = (gpuMillis: number): TaskSpec => ({ gpuMillis });

describe("every policy", () => {
  test.each(POLICIES)("%s breaks ties by the order of registration", (policy) => {
    const agents = [agent("c", 4, 4, 2), agent("a", 4, 4, 2), agent("b", 4, 4, 2)];
    expect(go(agents, [task(1, 1, 500)], { policy })).toEqual(["c/0"]);
  });

  test.each(POLICIES)("%s goes on with what fits after a task that does not", (policy) => {
    expect(go([agent("a", 4, 4)], [task(5, 1), task(4, 4), task(1, 1)], { policy })).toEqual(["a"]);
  });

  test.each(POLICIES)("%s places large batches as it places them one by one", (policy) => {
    const agents = Array.from({ length: 70 }, (_, i) => agent(`a${i}`, 3 + (i % 5), 4 + (i % 3)));
    const tasks = Array.from({ length: 150 }, (_, i) => task(1 + (i % 3), 1 + (i % 2)));
    const workload = [{ cpusMillis: 1_000, memMillis: 1_000, gpuMillis: 0, count: 1 }];
    const cluster = new PlacementCluster({ agents });
    const single = tasks.flatMap((each) =>
      [...cluster.place([each], { policy, workload }).assignments()].map(({ agentId }) => agentId),
    );
    expect(go(agents, tasks, { policy, workload })).toEqual(single);
  });
});

describe("first_fit", () => {
  test("takes the agent registered first, and of it the first device with room", () => {
    const agents = [agent("a", 1, 9), agent("b", 9, 9, 2), agent("c", 2, 9, 1)];
    const tasks = [task(2, 1, 600), task(0, 0, 300), task(0, 0, 300)];
    expect(go(agents, tasks, { policy: "first_fit" })).toEqual(["b/0", "b/0", "b/1"]);
  });
});

describe("best_fit", () => {
  test("takes the agent with least left over, and of it the tightest device", () => {
    const agents = [agent("big", 16, 16), agent("small", 4, 4), agent("middle", 8, 8)];
    expect(go(agents, [task(4, 4), task(4, 4), task(4, 4)], { policy: "best_fit" })).toEqual([
      "small",
      "middle",
      "middle",
    ]);
    const tasks = [share(700), share(600), share(300), share(400)];
    expect(go([agent("a", 1, 1, 3)], tasks, { policy: "best_fit" })).toEqual([
      "a/0",
      "a/1",
      "a/0",
      "a/1",
    ]);
  });

  test("counts resources by their weights", () => {
    const agents = [agent("cpus", 8, 2), agent("mem", 2, 8)];
    const weights = { cpus: 1, mem: 0, gpus: 0 };
    expect(go(agents, [task(1, 1)], { weights })).toEqual(["mem"]);
    expect(go(agents, [task(1, 1)], { weights: { ...weights, cpus: 0, mem: 1 } })).toEqual([
      "cpus",
    ]);
  });
});

describe("dot_product", () => {
  test("takes the agent whose free resources point the task's way", () => {
    const agents = [agent("cpus", 8, 2), agent("mem", 2, 8)];
    expect(go(agents, [task(2, 1), task(1, 2)], { policy: "dot_product" })).toEqual([
      "cpus",
      "mem",
    ]);
  });
});

describe("spread", () => {
  test("takes the agent with most left over, and of it the freest device", () => {
    const agents = [agent("a", 4, 4, 2), agent("b", 4, 4, 2)];
    const tasks = [share(300), share(300), share(300), share(300)];
    expect(go(agents, tasks, { policy: "spread" })).toEqual(["a/0", "b/0", "a/1", "b/1"]);
  });
});

describe("fragmentation_aware", () => {
  const whole = { cpusMillis: 0, memMillis: 0, gpuMillis: 1_000, count: 1 };

  test("fills a device that is begun before it breaks a whole one", () => {
    const agents = [agent("a", 8, 8, 1), agent("b", 8, 8, 1)];
    const tasks = [share(500), share(500)];
    const options = { policy: "fragmentation_aware", workload: [whole] } as const;
    expect(go(agents, tasks, options)).toEqual(["a/0", "a/0"]);
  });

  test("sends tasks without GPUs where they make no GPU useless", () => {
    const agents = [agent("gpu", 4, 4, 4), agent("plain", 64, 64)];
    const workload = [{ ...whole, cpusMillis: 1_000 }];
    expect(go(agents, [task(4, 1)], { policy: "best_fit" })).toEqual(["gpu"]);
    expect(go(agents, [task(4, 1)], { policy: "fragmentation_aware", workload })).toEqual([
      "plain",
    ]);
  });

  test("keeps a model for those who need it", () => {
    const agents = [
      { ...agent("t4", 8, 8, 1), gpuModel: "T4" },
      { ...agent("v100", 8, 8, 1), gpuModel: "V100" },
    ];
    const workload = [{ ...whole, gpuModels: ["T4"], count: 9 }, whole];
    expect(go(agents, [share(1_000)], { policy: "fragmentation_aware", workload })).toEqual([
      "v100/0",
    ]);
  });

  test("without GPUs anywhere packs like best_fit", () => {
    const agents = [agent("big", 16, 16), agent("small", 4, 4)];
    expect(go(agents, [task(1, 1)], { policy: "fragmentation_aware" })).toEqual(["small"]);
  });
});

describe("stranding_aware", () => {
  test("keeps cpus beside GPUs that would need them, before anything is lost", () => {
    const agents = [agent("rich", 64, 64, 2), agent("lean", 24, 64, 2)];
    const workload = [{ cpusMillis: 12_000, memMillis: 0, gpuMillis: 1_000, count: 1 }];
    const cpuTask = task(10, 1);
    expect(go(agents, [cpuTask], { policy: "best_fit" })).toEqual(["lean"]);
    expect(go(agents, [cpuTask], { policy: "stranding_aware", workload })).toEqual(["rich"]);
  });
});
