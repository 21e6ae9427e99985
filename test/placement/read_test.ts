import { describe, expect, test } from "vitest";
import { FairleadError } from "../../src/base/mod.ts";
import { PlacementCluster, prepareTasks } from "../../src/placement/mod.ts";

const AGENT = { id: "a", cpusMillis: 4_000, memMillis: 8_000 };

/** What plain JavaScript may hand over: the types are no help there. */
function loose(value: unknown): never {
  return value as never;
}

function refusalOf(call: () => unknown): FairleadError {
  try {
    call();
  } catch (thrown) {
    if (thrown instanceof FairleadError) return thrown;
    throw thrown;
  }
  throw new Error("it was taken");
}

describe("PlacementCluster.place(), from plain JavaScript", () => {
  test.each<[unknown, string]>([
    [undefined, "tasks = undefined: it must be a list"],
    [null, "tasks = null"],
    ["x", 'tasks = "x"'],
    [{}, "tasks = an object: it must be a list (array) of tasks, columns"],
    [[{ cpus: 1 }], "tasks[0].cpus: there is no such key; the keys are id, cpusMillis, memMillis"],
    [[{ cpusMillis: 1 }, { cpusMillis: 1, mem: 1 }], "tasks[1].mem: there is no such key"],
    [[{ cpus: 1, memMillis: undefined }], "tasks[0].cpus: there is no such key"],
    [[null], "tasks[0] = null: it must be an object with the keys id, cpusMillis"],
    [new Array(1), "tasks[0] = undefined: it must be an object"],
    [[[]], "tasks[0] ="],
    [["x"], 'tasks[0] = "x"'],
    [[{ cpusMillis: "1" }], 'tasks[0].cpusMillis = "1": it must be an integer'],
    [[{ memMillis: null }], "tasks[0].memMillis = null: it must be an integer"],
    [[{ id: 7 }], "tasks[0].id = 7: it must be a text"],
    [[{ group: 7 }], "tasks[0].group = 7: it must be a text"],
    [[{ group: "g", constraints: "x" }], 'tasks[0].constraints = "x": it must be a list'],
    [[{ group: "g", constraints: [null] }], "tasks[0].constraints[0] = null: it must be an object"],
    [
      [{ constraints: [{ feild: "rack", operator: "IS", value: 1 }] }],
      "tasks[0].constraints[0].feild: there is no such key; the keys are field, operator, value",
    ],
    [[{ gpuModels: "T4" }], 'tasks[0].gpuModels = "T4": it must be a list'],
    [[{ gpuModels: [4] }], "tasks[0].gpuModels[0] = 4: it must be a text"],
    [{ cpusMillis: 1 }, "cpusMillis = 1: it must be an array of numbers"],
    [{ cpusMillis: [1] }, "memMillis = undefined: it must be an array of numbers"],
    [{ cpusMillis: [1], memMillis: [1], gpus: [1] }, "tasks.gpus: there is no such key"],
    [{ cpusMillis: [1], memMillis: [1], rule: 1 }, "rule = 1: it must be an array of numbers"],
    [{ cpusMillis: [], memMillis: [], rules: {} }, "rules = an object: it must be a list"],
    [{ cpusMillis: [], memMillis: [], rules: [null] }, "rules[0] = null: it must be an object"],
    [{ cpusMillis: [], memMillis: [], rules: [{ id: "x" }] }, "rules[0].id: there is no such key"],
  ])("refuses %o as tasks", (tasks, words) => {
    const cluster = new PlacementCluster({ agents: [AGENT] });
    for (const call of [() => cluster.place(loose(tasks)), () => prepareTasks(loose(tasks))]) {
      const { code, message } = refusalOf(call);
      expect(code).toBe("invalid_input");
      expect(message).toContain(`Cannot use ${words}`);
    }
    expect(cluster.free("a").cpusMillis).toBe(4_000);
  });

  test.each<[unknown, string]>([
    [null, "options = null: it must be an object with the keys policy, weights, workload"],
    ["spread", 'options = "spread"'],
    [{ polcy: "spread" }, "options.polcy: there is no such key; the keys are policy, weights"],
    [{ policy: 3 }, "policy = 3: it must be one of first_fit"],
    [{ weights: { cpu: 3 } }, "weights.cpu: there is no such key; the keys are cpus, mem, disk"],
    [{ weights: 3 }, "weights = 3: it must be an object"],
    [{ weights: null }, "weights = null: it must be an object"],
    [{ workload: {} }, "workload = an object: it must be a list"],
    [{ workload: [null] }, "workload[0] = null: it must be an object"],
    [{ workload: [{ cpus: 1 }] }, "workload[0].cpus: there is no such key"],
  ])("refuses %o as options", (options, words) => {
    const cluster = new PlacementCluster({ agents: [AGENT] });
    const { code, message } = refusalOf(() => cluster.place([{ cpusMillis: 1 }], loose(options)));
    expect(code).toBe("invalid_input");
    expect(message).toContain(`Cannot use ${words}`);
    expect(cluster.free("a").cpusMillis).toBe(4_000);
  });

  test("takes keys that are there without a value", () => {
    const cluster = new PlacementCluster({ agents: [loose({ ...AGENT, gpus: undefined })] });
    const task = loose({ id: undefined, cpusMillis: 1, group: undefined });
    expect(cluster.place([task, {}]).placed).toBe(2);
  });

  test("takes instances of classes", () => {
    class Task {
      get cpusMillis() {
        return 3_000;
      }
    }
    const cluster = new PlacementCluster({ agents: [AGENT] });
    expect(cluster.place([new Task(), new Task()]).placed).toBe(1);
  });
});

describe("new PlacementCluster(), from plain JavaScript", () => {
  test.each<[unknown, string]>([
    [null, "options = null: it must be an object with the keys agents, kernel"],
    [{ agent: [] }, "options.agent: there is no such key; the keys are agents, kernel"],
    [{ agents: "x" }, 'agents = "x": it must be a list (array) of agents'],
    [{ agents: null }, "agents = null: it must be a list"],
    [{ agents: [null] }, "agents[0] = null: it must be an object with the keys id, cpusMillis"],
    [{ agents: new Array(1) }, "agents[0] = undefined: it must be an object"],
    [{ agents: [{ ...AGENT, cpus: 1 }] }, "agents[0].cpus: there is no such key"],
    [{ agents: [{ id: "a", cpusMillis: "4" }] }, 'agents[0].cpusMillis = "4"'],
    [{ agents: [{ ...AGENT, attributes: new Map() }] }, "agents[0].attributes = an object"],
    [{ agents: [{ ...AGENT, attributes: null }] }, "agents[0].attributes = null"],
  ])("refuses %o", (options, words) => {
    const { code, message } = refusalOf(() => new PlacementCluster(loose(options)));
    expect(code).toBe("invalid_input");
    expect(message).toContain(`Cannot use ${words}`);
  });
});
