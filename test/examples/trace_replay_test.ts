import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readFlags } from "../../examples/trace_replay/flags.ts";
import { generateTrace } from "../../examples/trace_replay/generate.ts";
import { inflate, replay } from "../../examples/trace_replay/replay.ts";
import { readTrace } from "../../examples/trace_replay/trace.ts";
import { SeededRandom } from "../../src/base/mod.ts";

const folder = mkdtempSync(join(tmpdir(), "fairlead-trace-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function run(...args: string[]) {
  const command = ["node_modules/.bin/tsx", "examples/trace_replay/main.ts", ...args];
  return spawnSync(process.execPath, command, { encoding: "utf8" });
}

const NODES = "sn,cpu_milli,memory_mib,gpu,model\nn1,8000,1000,2,T4\nn2,4000,500,0,\n";
const PODS = "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec\np1,1000,100,1,500,T4|V100\n";

describe("readTrace()", () => {
  test("reads the openb columns", () => {
    const trace = readTrace(file("nodes.csv", NODES), file("pods.csv", PODS));
    expect(trace.nodes[0]).toEqual({
      id: "n1",
      cpusMillis: 8000,
      memMillis: 1_000_000,
      gpus: 2,
      gpuModel: "T4",
    });
    expect(trace.pods).toEqual([
      {
        name: "p1",
        cpusMillis: 1000,
        memMillis: 100_000,
        gpuMillis: 500,
        gpuModels: ["T4", "V100"],
      },
    ]);
  });

  test.each([
    ["a number that is none", NODES.replace("4000", "many"), "line 3: column cpu_milli"],
    ["a column that is missing", "sn,memory_mib,gpu\nn1,5,0\n", "line 2: column cpu_milli"],
    ["too many fields", `${NODES}n3,1,1,1,T4,extra\n`, "line 4"],
    ["no rows", "sn,cpu_milli,memory_mib,gpu,model\n", "line 1: it has no rows"],
  ])("names the line of %s", (_, nodes, message) => {
    const path = file("bad.csv", nodes);
    expect(() => readTrace(path, file("pods.csv", PODS))).toThrow(message);
  });

  test("says which file cannot be read", () => {
    expect(() => readTrace(join(folder, "none.csv"), "none")).toThrow("none.csv: ENOENT");
  });
});

describe("readFlags()", () => {
  test.each([
    [["--seeds", "0"], "--seeds"],
    [["--demand", "x"], "--demand"],
    [["--policy", "magic"], "--policy"],
    [["--out", "a.png"], "--out"],
    [["--nodes", "n.csv"], "--nodes"],
    [["--what"], "--what"],
  ])("refuses %s and names it", (args, flag) => {
    expect(() => readFlags(args)).toThrow(flag);
  });
});

describe("inflate()", () => {
  test("gives equal pods for equal seeds, and stops short of the demand", () => {
    const trace = generateTrace(20, new SeededRandom(1));
    const gpus = trace.nodes.reduce((sum, node) => sum + node.gpus * 1000, 0);
    const pods = inflate(trace, 1.5, 7);
    expect(pods).toEqual(inflate(trace, 1.5, 7));
    expect(pods).not.toEqual(inflate(trace, 1.5, 8));
    const asked = pods.reduce((sum, pod) => sum + pod.gpuMillis, 0);
    expect(asked).toBeLessThanOrEqual(1.5 * gpus);
    expect(asked).toBeGreaterThan(1.5 * gpus - 8000);
  });
});

describe("trace_replay", () => {
  test("prints a line of JSON for each policy and one for the roles", () => {
    const plot = join(folder, "plot.html");
    const { stdout, status } = run("--machines", "20", "--seeds", "2", "--json", "--out", plot);
    expect(status).toBe(0);
    const lines = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines).toHaveLength(7);
    for (const { gpuAllocation, seeds } of lines.slice(0, 6)) {
      expect(seeds).toBe(2);
      expect(gpuAllocation.mean).toBeGreaterThan(0.7);
      expect(gpuAllocation.max).toBeLessThanOrEqual(1);
    }
    expect(lines[6].fairness).toBeGreaterThan(0.9);
    expect(readFileSync(plot, "utf8")).toContain("<polyline");
  });

  test("draws a page with both tables, and says what is of seed 1 and what a mean", () => {
    const plot = join(folder, "page.html");
    const { stdout } = run("--machines", "20", "--seeds", "2", "--out", plot);
    const page = readFileSync(plot, "utf8");
    for (const words of ["curves of seed 1", "mean of 2 seeds", "fragmented %:", "Jain's index"]) {
      expect(page).toContain(words);
    }
    const mean = /^best_fit +(\S+)/m.exec(stdout)?.[1];
    expect(page).toContain(`>best_fit ${mean} %</text>`);
    for (const tick of [80, 100, 120]) expect(page).toContain(`>${tick}</text>`);
    expect(stdout).toContain("fragmented %: the part of the free GPU");
  });

  test("ends with 2 before the replay when the plot cannot be written", () => {
    const { stdout, stderr, status } = run("--out", join(folder, "none", "plot.svg"));
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toContain("Cannot write --out");
    expect(stderr).not.toContain("    at ");
  });

  test("ends with 2 and one sentence when a flag is wrong", () => {
    const { stderr, status } = run("--seeds=-1");
    expect(status).toBe(2);
    expect(stderr).toContain("Cannot use --seeds");
    expect(stderr).not.toContain("    at ");
  });
});

const openb = [
  "../shared/traces/openb_node_list_gpu_node.csv",
  "../shared/traces/openb_pod_list_default.csv",
];
const isThere = openb.every((path) => existsSync(path));

describe("openb at 130 % demand", () => {
  test.skipIf(!isThere)(
    `keeps up with the published figures${isThere ? "" : " (skipped: ../shared/traces is not there)"}`,
    () => {
      const trace = readTrace(openb[0]!, openb[1]!);
      const mean = (policy: Parameters<typeof replay>[2]) => {
        const seeds = [1, 2, 3];
        const sum = seeds.reduce((all, seed) => {
          return all + replay(trace, inflate(trace, 1.3, seed), policy).gpuAllocation;
        }, 0);
        return (sum / seeds.length) * 100;
      };
      expect(mean("fragmentation_aware")).toBeGreaterThanOrEqual(95.0);
      expect(Math.abs(mean("best_fit") - 93.08)).toBeLessThanOrEqual(1);
      expect(mean("stranding_aware")).toBeGreaterThan(95.4);
    },
  );
});
