import { describe, expect, test } from "vitest";
import {
  type AgentSpec,
  type Constraint,
  formatConstraint,
  PlacementCluster,
  parseConstraint,
  type TaskSpec,
} from "../../src/placement/mod.ts";

/** Two agents a rack in racks r1 to r3, and one without a rack. */
const agents: AgentSpec[] = ["r1", "r1", "r2", "r2", "r3", "r3", undefined].map((rack, i) => ({
  id: `a${i}`,
  cpusMillis: 10_000,
  memMillis: 10_000,
  attributes: rack === undefined ? {} : { rack, tier: i / 4 },
}));

/** The racks (or ids, where there is none) of so many instances of one group. */
function racksOf(texts: string[], instances: number, more: Partial<TaskSpec> = {}): string[] {
  const cluster = new PlacementCluster({ agents });
  const task = { cpusMillis: 1_000, group: "g", constraints: texts.map(parseConstraint), ...more };
  const placement = cluster.place(
    Array.from({ length: instances }, () => task),
    { policy: "first_fit" },
  );
  return [...placement.assignments()].map(({ agentId }) => {
    const { attributes } = agents.find(({ id }) => id === agentId)!;
    return String(attributes?.rack ?? agentId);
  });
}

describe("UNIQUE", () => {
  test("puts no two instances on one value, and none where there is no value", () => {
    expect(racksOf(["rack:UNIQUE"], 5)).toEqual(["r1", "r2", "r3"]);
    expect(racksOf(["hostname:UNIQUE"], 9)).toHaveLength(7);
  });
});

describe("CLUSTER", () => {
  test("keeps instances on the given value, or on that of the first", () => {
    expect(racksOf(["rack:CLUSTER:r2"], 3)).toEqual(["r2", "r2", "r2"]);
    expect(racksOf(["rack:CLUSTER"], 25)).toEqual(Array(20).fill("r1"));
  });
});

describe("GROUP_BY", () => {
  test("spreads evenly over all values", () => {
    expect(racksOf(["rack:GROUP_BY"], 7)).toEqual(["r1", "r2", "r3", "r1", "r2", "r3", "r1"]);
  });

  test("with a number uses at most so many values", () => {
    expect(racksOf(["rack:GROUP_BY:2"], 4)).toEqual(["r1", "r2", "r1", "r2"]);
  });

  test("counts only values that the other constraints let through", () => {
    expect(racksOf(["rack:GROUP_BY", "rack:LIKE:r[23]"], 4)).toEqual(["r2", "r3", "r2", "r3"]);
  });

  test("waits rather than spread unevenly when a value is full", () => {
    expect(racksOf(["rack:GROUP_BY"], 9, { cpusMillis: 10_000 })).toHaveLength(6);
  });
});

describe("MAX_PER", () => {
  test("puts at most so many instances on a value", () => {
    expect(racksOf(["rack:MAX_PER:2"], 9)).toEqual(["r1", "r1", "r2", "r2", "r3", "r3"]);
  });
});

describe("LIKE and UNLIKE", () => {
  test("match the whole value; only UNLIKE takes an agent without it", () => {
    expect(new Set(racksOf(["rack:LIKE:r[12]"], 70))).toEqual(new Set(["r1", "r2"]));
    expect(racksOf(["rack:LIKE:r"], 1)).toEqual([]);
    expect(new Set(racksOf(["rack:UNLIKE:r[12]"], 70))).toEqual(new Set(["r3", "a6"]));
  });
});

describe("IS", () => {
  test("is equality; numbers are compared to three decimals", () => {
    expect(new Set(racksOf(["rack:IS:r3"], 9))).toEqual(new Set(["r3"]));
    const constraints: Constraint[] = [{ field: "tier", operator: "IS", value: 0.50001 }];
    expect(racksOf([], 9, { constraints })).toEqual(Array(9).fill("r2"));
  });
});

describe("constraints", () => {
  test("count the instances of their group in earlier batches, released ones not", () => {
    const cluster = new PlacementCluster({ agents });
    const task = (group: string) => ({ group, constraints: [parseConstraint("rack:MAX_PER:1")] });
    const first = cluster.place([task("g"), task("g"), { group: "h" }]);
    expect(cluster.place([task("g"), task("g")]).placed).toBe(1);
    expect(cluster.place([task("h"), task("h"), task("h")]).placed).toBe(2);
    cluster.release(first, 0);
    expect(cluster.place([task("g")]).placed).toBe(1);
  });

  test("count instances that have no constraints themselves", () => {
    const cluster = new PlacementCluster({ agents });
    const one = { group: "g", constraints: [parseConstraint("hostname:IS:a0")] };
    const other = { group: "g", constraints: [parseConstraint("rack:UNIQUE")] };
    const placement = cluster.place([one, other, one, other]);
    expect([...placement.assignments()].map(({ agentId }) => agentId)).toEqual([
      "a0",
      "a2",
      "a0",
      "a4",
    ]);
  });

  test("hold together: all of them must be satisfied", () => {
    expect(racksOf(["rack:LIKE:r[12]", "rack:UNLIKE:r1", "hostname:UNIQUE"], 5)).toEqual([
      "r2",
      "r2",
    ]);
  });
});

describe("parseConstraint() and formatConstraint()", () => {
  test.each([
    "hostname:UNIQUE",
    "rack:CLUSTER",
    "rack:CLUSTER:r1",
    "zone:GROUP_BY",
    "zone:GROUP_BY:3",
    "rack:MAX_PER:2",
    "rack:LIKE:a:b.*",
    "rack:UNLIKE:r1",
    "rack:IS:r1",
  ])("give back %s", (text) => {
    expect(formatConstraint(parseConstraint(text))).toBe(text);
  });

  test.each([
    ["rack:NEAR:x", "operator"],
    ["rack", "operator"],
    [":UNIQUE", "field"],
    ["rack:MAX_PER", "value"],
    ["rack:MAX_PER:0", "an integer from 1 to 1000000"],
    ["rack:GROUP_BY:x", "an integer from 1"],
    ["rack:LIKE", "a regular expression"],
    ["rack:IS", "value"],
  ])("refuse %s and name what is wrong", (text, words) => {
    expect(() => parseConstraint(text)).toThrow(
      expect.objectContaining({ code: "invalid_input", message: expect.stringContaining(words) }),
    );
  });

  test("refuse patterns that could run away", () => {
    for (const pattern of ["(a+)+", "(a|a)*", "a".repeat(300), "(?=a)b", "(a)\\1"]) {
      expect(() => parseConstraint(`rack:LIKE:${pattern}`)).toThrow(
        expect.objectContaining({ code: "invalid_pattern" }),
      );
    }
  });
});
