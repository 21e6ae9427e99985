import { afterEach, describe, expect, test, vi } from "vitest";
import { type AgentSpec, PlacementCluster, prepareTasks } from "../../src/placement/mod.ts";

const agent = (id: string, more: Partial<AgentSpec> = {}): AgentSpec => ({
  id,
  cpusMillis: 4_000,
  memMillis: 8_000,
  ...more,
});

function coded(code: string, ...words: string[]) {
  const message = expect.stringMatching(new RegExp(words.join("[^]*")));
  return expect.objectContaining({ code, message });
}

afterEach(() => vi.unstubAllGlobals());

describe("PlacementCluster", () => {
  test("runs the WASM kernel, or the typed one on demand and where there is no WebAssembly", () => {
    expect(new PlacementCluster().kernel).toBe("wasm");
    expect(new PlacementCluster({ kernel: "typed" }).kernel).toBe("typed");
    vi.stubGlobal("WebAssembly", undefined);
    expect(new PlacementCluster().kernel).toBe("typed");
  });

  test("with no agents places nothing", () => {
    for (const kernel of ["wasm", "typed"] as const) {
      const placement = new PlacementCluster({ kernel }).place([{ cpusMillis: 1 }, {}]);
      expect([placement.placed, placement.unplaced]).toEqual([0, 2]);
      expect(placement.explain(0).text).toBe("the cluster has no agents");
    }
  });

  test("takes an empty batch", () => {
    expect(new PlacementCluster({ agents: [agent("a")] }).place([]).size).toBe(0);
  });

  test("places the same prepared batch on many clusters", () => {
    const batch = prepareTasks([{ cpusMillis: 3_000 }, { cpusMillis: 3_000 }]);
    const one = new PlacementCluster({ agents: [agent("a")] }).place(batch);
    const two = new PlacementCluster({ agents: [agent("a"), agent("b")] }).place(batch);
    expect([one.placed, two.placed]).toEqual([1, 2]);
  });
});

describe("addAgents()", () => {
  test("adds agents between batches, beyond the capacity so far", () => {
    const cluster = new PlacementCluster({ agents: [agent("a")] });
    cluster.place([{ cpusMillis: 4_000 }]);
    cluster.addAgents(Array.from({ length: 40 }, (_, i) => agent(`b${i}`)));
    expect(cluster.size).toBe(41);
    expect(cluster.free("a").cpusMillis).toBe(0);
    expect(cluster.place([{ cpusMillis: 4_000 }]).agentOf(0)).toBe("b0");
  });

  test("adds none when one is wrong, and names field and range", () => {
    const cluster = new PlacementCluster({ agents: [agent("a")] });
    const wrong: [Partial<AgentSpec>, string, string][] = [
      [{ cpusMillis: -1 }, "cpusMillis", "0 to 1000000000000000"],
      [{ memMillis: 0.5 }, "memMillis", "integer"],
      [{ diskMillis: Number.NaN }, "diskMillis", "integer"],
      [{ gpus: 17 }, "gpus", "0 to 16"],
      [{ id: "" }, "id", "not empty"],
      [{ attributes: { rack: Number.NaN } }, "attributes.rack", "finite"],
    ];
    for (const [more, field, range] of wrong) {
      const add = () => cluster.addAgents([agent("b"), agent("c", more)]);
      expect(add).toThrow(coded("invalid_input", `agents\\[1\\].${field}`, range));
    }
    expect(() => cluster.addAgents([agent("b"), agent("b")])).toThrow(
      coded("duplicate_agent", "b"),
    );
    expect(() => cluster.addAgents([agent("b"), agent("a")])).toThrow(
      coded("duplicate_agent", "a"),
    );
    expect(cluster.agentIds).toEqual(["a"]);
  });
});

describe("removeAgent()", () => {
  test("removes the agent and the tasks on it; its row serves the next agent", () => {
    const cluster = new PlacementCluster({ agents: [agent("a"), agent("b")] });
    const placement = cluster.place([{ cpusMillis: 4_000, group: "g" }]);
    cluster.removeAgent("a");
    expect(cluster.instances("g")).toBe(0);
    expect(() => cluster.release(placement, 0)).toThrow(coded("not_held", "agent was removed"));
    cluster.addAgents([agent("c")]);
    expect(cluster.agentIds).toEqual(["c", "b"]);
    expect(() => cluster.release(placement, 0)).toThrow(coded("not_held", "agent was removed"));
    expect(cluster.free("c").cpusMillis).toBe(4_000);
    expect(placement.agentOf(0)).toBe("a");
  });

  test("refuses an agent that is not there", () => {
    expect(() => new PlacementCluster().removeAgent("x")).toThrow(coded("unknown_agent", "x"));
    expect(() => new PlacementCluster().free("x")).toThrow(coded("unknown_agent", "x"));
  });
});

describe("updateAgent()", () => {
  test("changes totals, devices and attributes; what tasks hold stays held", () => {
    const cluster = new PlacementCluster({ agents: [agent("a", { gpus: 1 })] });
    cluster.place([{ cpusMillis: 1_000, gpuMillis: 300 }]);
    cluster.updateAgent(agent("a", { cpusMillis: 6_000, gpus: 3, attributes: { rack: "r9" } }));
    expect(cluster.free("a")).toEqual({
      cpusMillis: 5_000,
      memMillis: 8_000,
      diskMillis: 0,
      gpuMillis: [700, 1_000, 1_000],
    });
    const constraints = [{ field: "rack", operator: "IS", value: "r9" }] as const;
    expect(cluster.place([{ constraints }]).placed).toBe(1);
  });

  test("refuses totals below what is held and changes nothing", () => {
    const cluster = new PlacementCluster({ agents: [agent("a", { gpus: 2 })] });
    const placement = cluster.place([
      { cpusMillis: 3_000, gpuMillis: 1_000 },
      { gpuMillis: 1_000 },
    ]);
    const before = cluster.free("a");
    expect(() => cluster.updateAgent(agent("a", { cpusMillis: 2_500, gpus: 2 }))).toThrow(
      coded("agent_in_use", "0.5 of cpus"),
    );
    cluster.release(placement, 0);
    expect(() => cluster.updateAgent(agent("a", { gpus: 1 }))).toThrow(
      coded("agent_in_use", "gpu 1"),
    );
    expect(cluster.free("a")).toEqual({ ...before, cpusMillis: 4_000, gpuMillis: [1_000, 0] });
  });
});

describe("place()", () => {
  test("refuses options out of range, naming field and range, and changes nothing", () => {
    const cluster = new PlacementCluster({ agents: [agent("a")] });
    const shape = { cpusMillis: 0, memMillis: 0, gpuMillis: 0, count: 1 };
    const wrong: [object, string, string][] = [
      [{ policy: "random" }, "policy", "first_fit"],
      [{ weights: { cpus: -1 } }, "weights.cpus", "0 to 1000"],
      [{ workload: [{ ...shape, count: 0 }] }, "workload\\[0\\].count", "1 to"],
      [{ workload: [{ ...shape, gpuMillis: 1_500 }] }, "workload\\[0\\].gpuMillis", "multiple"],
    ];
    for (const [options, field, range] of wrong) {
      expect(() => cluster.place([{ cpusMillis: 1 }], options)).toThrow(
        coded("invalid_input", field, range),
      );
    }
    expect(cluster.free("a").cpusMillis).toBe(4_000);
    expect(() => new PlacementCluster(JSON.parse('{"kernel":"gpu"}'))).toThrow(
      coded("invalid_input", "kernel"),
    );
  });

  test("with all weights 0 takes the first agent that fits", () => {
    const cluster = new PlacementCluster({
      agents: [agent("a"), agent("b", { cpusMillis: 1_000 })],
    });
    const weights = { cpus: 0, mem: 0, disk: 0, gpus: 0 };
    expect(cluster.place([{ cpusMillis: 1 }], { weights }).agentOf(0)).toBe("a");
  });

  test("keeps a batch of GPU shares apart from whole devices", () => {
    const cluster = new PlacementCluster({ agents: [agent("a", { gpus: 2 })] });
    const placement = cluster.place([
      { gpuMillis: 400 },
      { gpuMillis: 2_000 },
      { gpuMillis: 1_000 },
    ]);
    expect([...placement.devices]).toEqual([0b01, 0, 0b10]);
  });
});

describe("release()", () => {
  test("gives back amounts, devices and instances", () => {
    const cluster = new PlacementCluster({ agents: [agent("a", { gpus: 2, diskMillis: 50 })] });
    const before = cluster.free("a");
    const task = { cpusMillis: 1_000, memMillis: 10, diskMillis: 20, group: "g" };
    const placement = cluster.place([
      { ...task, gpuMillis: 300 },
      { ...task, gpuMillis: 1_000 },
    ]);
    expect(cluster.instances("g")).toBe(2);
    cluster.release(placement, 1);
    expect(cluster.instances("g")).toBe(1);
    expect(cluster.free("a").gpuMillis).toEqual([700, 1_000]);
    cluster.releaseAll(placement);
    expect(cluster.free("a")).toEqual(before);
    expect(cluster.instances("g")).toBe(0);
  });

  test("refuses what is not held, and placements of other clusters", () => {
    const cluster = new PlacementCluster({ agents: [agent("a")] });
    const placement = cluster.place([{ cpusMillis: 1 }, { cpusMillis: 9_000 }]);
    cluster.release(placement, 0);
    expect(() => cluster.release(placement, 0)).toThrow(coded("not_held", "released already"));
    expect(() => cluster.release(placement, 1)).toThrow(coded("not_held", "not placed"));
    expect(() => cluster.release(placement, 2)).toThrow(coded("invalid_input", "task"));
    expect(() => new PlacementCluster().release(placement, 0)).toThrow(
      coded("invalid_input", "placement"),
    );
    expect(cluster.free("a").cpusMillis).toBe(4_000);
  });
});
