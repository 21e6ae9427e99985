/** The results as a table, as JSON lines, and as a plot. */
import type { Policy } from "fairlead/placement";
import type { DrfOutcome } from "./drf.ts";
import type { SeedOutcome } from "./replay.ts";

/** A policy over all seeds. */
export interface PolicyOutcome {
  readonly policy: Policy;
  readonly seeds: readonly SeedOutcome[];
}

interface Summary {
  readonly mean: number;
  /** Sample deviation; 0 for one seed. */
  readonly std: number;
  readonly min: number;
  readonly max: number;
}

function summarise(values: readonly number[]): Summary {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const std = values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : 0;
  return { mean, std, min: Math.min(...values), max: Math.max(...values) };
}

/** One line for machines; ratios are parts of 1. */
export function policyJson({ policy, seeds }: PolicyOutcome): string {
  const of = (pick: (outcome: SeedOutcome) => number) => summarise(seeds.map(pick));
  return JSON.stringify({
    policy,
    seeds: seeds.length,
    gpuAllocation: of(({ gpuAllocation }) => gpuAllocation),
    cpuAllocation: of(({ cpuAllocation }) => cpuAllocation),
    fragmentation: of(({ fragmentation }) => fragmentation),
    placed: of(({ placed }) => placed),
    refused: of(({ refused }) => refused),
    ms: of(({ ms }) => ms),
  });
}

/** One line for machines about the shares of roles. */
export function drfJson(outcome: DrfOutcome): string {
  return JSON.stringify({ allocator: "drf", ...outcome });
}

const percent = (part: number) => (part * 100).toFixed(2);

/** What the table's figures mean. */
export const LEGEND = `Means of all seeds; ± is the deviation between seeds.
fragmented %: the part of the free GPU that an average pod of the trace cannot use.`;

/** The table of all policies. */
export function policyTable(outcomes: readonly PolicyOutcome[]): string {
  const head = [
    "policy",
    "GPU allocated %",
    "±",
    "CPU allocated %",
    "fragmented %",
    "refused",
    "ms",
  ];
  const rows = outcomes.map(({ policy, seeds }) => {
    const gpu = summarise(seeds.map(({ gpuAllocation }) => gpuAllocation));
    const mean = (pick: (outcome: SeedOutcome) => number) => summarise(seeds.map(pick)).mean;
    return [
      policy,
      percent(gpu.mean),
      percent(gpu.std),
      percent(mean(({ cpuAllocation }) => cpuAllocation)),
      percent(mean(({ fragmentation }) => fragmentation)),
      mean(({ refused }) => refused).toFixed(0),
      mean(({ ms }) => ms).toFixed(1),
    ];
  });
  return align([head, ...rows]);
}

/** The table of roles. */
export function drfTable({ roles, fairness, spread, cycles, allocation }: DrfOutcome): string {
  const head = ["role", "weight", "tasks", "waiting", "dominant share %", "by weight %"];
  const rows = roles.map(({ role, weight, tasks, waiting, share, weightedShare }) => [
    role,
    String(weight),
    String(tasks),
    String(waiting),
    percent(share),
    percent(weightedShare),
  ]);
  const allocated = Object.entries(allocation).map(([kind, part]) => `${kind} ${percent(part)} %`);
  return [
    align([head, ...rows]),
    `allocated: ${allocated.join(", ")}; ${cycles} cycles`,
    `among roles with waiting tasks: Jain's index ${fairness.toFixed(5)}, largest share by weight ` +
      `is ${spread.toFixed(3)} times the smallest`,
  ].join("\n");
}

function align(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
        .join("  "),
    )
    .join("\n");
}
