/** Random agents, tasks and options; a seed decides them all. */
import { SeededRandom } from "../../src/base/mod.ts";
import {
  type AgentSpec,
  type Constraint,
  type PlaceOptions,
  POLICIES,
  type TaskSpec,
} from "../../src/placement/mod.ts";

const MODELS = ["T4", "V100", "A100"];

/** Draws what a test needs; few different values, so that ties and twins are frequent. */
export class Draw {
  readonly random: SeededRandom;

  constructor(seed: number) {
    this.random = new SeededRandom(seed);
  }

  int(min: number, max: number): number {
    return min + this.random.int(max - min + 1);
  }

  pick<T>(from: readonly T[]): T {
    return from[this.random.int(from.length)]!;
  }

  chance(percent: number): boolean {
    return this.random.int(100) < percent;
  }

  agent(id: string, gpuPercent = 50): AgentSpec {
    const attributes: Record<string, string | number> = {};
    if (this.chance(80)) attributes.rack = `r${this.int(1, 4)}`;
    if (this.chance(60)) attributes.zone = this.int(1, 3) / 2;
    return {
      id,
      cpusMillis: this.pick([2_000, 4_000, 4_000, 8_000, this.int(0, 9_000)]),
      memMillis: this.pick([4_000_000, 8_000_000, 8_000_000, this.int(0, 9_000_000)]),
      diskMillis: this.pick([0, 10_000, 10_000, this.int(0, 20_000)]),
      ...(this.chance(gpuPercent)
        ? { gpus: this.pick([1, 2, 4, 8, 16]), gpuModel: this.pick(MODELS) }
        : {}),
      ...(this.chance(20) ? { hostname: `host-${this.int(1, 5)}` } : {}),
      attributes,
    };
  }

  agents(count: number): AgentSpec[] {
    const gpuPercent = this.pick([0, 50, 100]);
    return Array.from({ length: count }, (_, i) => this.agent(`a${i}`, gpuPercent));
  }

  /** Tasks of a few shapes and a few rules, in random order. */
  tasks(count: number, rulePercent: number): TaskSpec[] {
    const kinds = Array.from({ length: this.int(1, 8) }, () => this.task(rulePercent));
    return Array.from({ length: count }, () =>
      this.chance(90) ? this.pick(kinds) : this.task(rulePercent),
    );
  }

  task(rulePercent: number): TaskSpec {
    const gpu = this.pick([0, 0, 0, 1, 2, 3]);
    const gpuMillis = [0, this.pick([250, 300, 500, 700]), 1_000, 1_000 * this.int(1, 4)][gpu]!;
    return {
      cpusMillis: this.pick([0, 100, 500, 1_000, this.int(0, 3_000)]),
      memMillis: this.pick([0, 100_000, 500_000, 1_000_000, this.int(0, 3_000_000)]),
      ...(this.chance(30) ? { diskMillis: this.pick([0, 1_000, 3_000]) } : {}),
      ...(gpuMillis > 0 ? { gpuMillis } : {}),
      ...(this.chance(rulePercent) ? this.rule(gpuMillis > 0) : {}),
    };
  }

  rule(hasGpus: boolean): Partial<TaskSpec> {
    const constraints = Array.from({ length: this.int(0, 2) }, () => this.constraint());
    return {
      group: `app-${this.int(1, 4)}`,
      ...(constraints.length > 0 ? { constraints } : {}),
      ...(hasGpus && this.chance(40) ? { gpuModels: [this.pick(MODELS), this.pick(MODELS)] } : {}),
    };
  }

  constraint(): Constraint {
    const field = this.pick(["rack", "zone", "hostname", "nothing"]);
    switch (this.int(0, 7)) {
      case 0:
        return { field, operator: "UNIQUE" };
      case 1:
        return { field, operator: "CLUSTER" };
      case 2:
        return { field, operator: "CLUSTER", value: this.pick(["r1", "r2", 0.5]) };
      case 3:
        return {
          field,
          operator: "GROUP_BY",
          ...(this.chance(50) ? { value: this.int(1, 3) } : {}),
        };
      case 4:
        return { field, operator: "MAX_PER", value: this.int(1, 3) };
      case 5:
        return { field, operator: "LIKE", value: this.pick(["r[12]", "a.*", "host-[1-3]", ".+"]) };
      case 6:
        return { field, operator: "UNLIKE", value: this.pick(["r1", "a[0-4]", "host-2"]) };
      default:
        return { field, operator: "IS", value: this.pick(["r1", "r3", 1, 1.5]) };
    }
  }

  options(): PlaceOptions {
    return {
      policy: this.pick(POLICIES),
      ...(this.chance(30)
        ? {
            weights: {
              cpus: this.int(0, 2),
              mem: this.int(0, 2),
              disk: this.int(0, 1),
              gpus: this.int(0, 2),
            },
          }
        : {}),
      ...(this.chance(20)
        ? {
            workload: [
              { cpusMillis: 1_000, memMillis: 500_000, gpuMillis: 500, count: 3 },
              {
                cpusMillis: 2_000,
                memMillis: 100_000,
                gpuMillis: 2_000,
                count: 1,
                gpuModels: ["T4"],
              },
              { cpusMillis: 500, memMillis: 0, gpuMillis: 0, count: 2 },
            ],
          }
        : {}),
    };
  }
}
