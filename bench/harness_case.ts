/** One case from its sizes to its results: make the contenders, compare answers, time, conclude. */

import type { Answer, Case, Contender, Effort, Params, Result, Samples } from "./harness.ts";
import { measureCycles } from "./harness_cycles.ts";
import { measureProcesses } from "./harness_process.ts";
import { measureRuns } from "./harness_runs.ts";
import { exponents, percentile, ratios, round } from "./harness_stats.ts";

const PER_MS = { s: 1e-3, ms: 1, us: 1e3, ns: 1e6 } as const;

/** Measure a case over its sizes and hand each result over as soon as it is there. */
export async function* runCase(
  suite: string,
  bench: Case,
  effort: Effort,
): AsyncGenerator<Result, void> {
  const sizes = effort.quick ? (bench.quick ?? bench.sweep.slice(0, 1)) : bench.sweep;
  const results: Result[] = [];
  for (const params of sizes) {
    globalThis.gc?.();
    const samples = await measure(bench, params, effort);
    for (const result of conclude(suite, bench, params, samples)) {
      results.push(result);
      yield result;
    }
  }
  yield* exponents(results, bench.growth ?? firstNumber(bench.sweep[0] ?? {}));
}

async function measure(bench: Case, params: Params, effort: Effort): Promise<Map<string, Samples>> {
  if (bench.measure === "process") {
    return measureProcesses(make(bench.contenders, params), effort, {
      ...(bench.samples === undefined ? {} : { samples: bench.samples }),
      compare: (answers) => compare(bench, params, answers),
    });
  }
  const contenders = make(bench.contenders, params);
  try {
    await assertAnswers(bench, params, contenders);
    if (bench.measure === "cycles") return measureCycles(contenders, effort);
    return await measureRuns(contenders, effort, bench.budgetMs);
  } finally {
    for (const contender of contenders.values()) contender.dispose?.();
  }
}

function make<C>(
  makers: Readonly<Record<string, (params: Params) => C | undefined>>,
  params: Params,
): Map<string, C> {
  const contenders = new Map<string, C>();
  for (const [name, maker] of Object.entries(makers)) {
    const contender = maker(params);
    if (contender !== undefined) contenders.set(name, contender);
  }
  return contenders;
}

async function assertAnswers(
  bench: Case,
  params: Params,
  contenders: ReadonlyMap<string, Contender>,
): Promise<void> {
  const answers: [string, Answer][] = [];
  for (const [name, contender] of contenders) {
    await contender.setup?.();
    await contender.run();
    answers.push([name, contender.answer()]);
  }
  compare(bench, params, answers);
}

function compare(bench: Case, params: Params, answers: readonly [string, Answer][]): void {
  const where = `${bench.name} ${JSON.stringify(params)}`;
  const [first] = answers;
  if (first === undefined) throw new Error(`Cannot run ${where}: no contender takes this size`);
  for (const [name, answer] of answers) {
    if (answer !== first[1]) {
      throw new Error(
        `Cannot time ${where}: "${first[0]}" answers ${brief(first[1])}, "${name}" ${brief(answer)}`,
      );
    }
  }
  bench.check?.(first[1], params);
}

function brief(answer: Answer): string {
  const text = JSON.stringify(answer);
  return text.length > 200 ? `${text.slice(0, 200)}… (${text.length} characters)` : text;
}

function conclude(
  suite: string,
  bench: Case,
  params: Params,
  measured: ReadonlyMap<string, Samples>,
): Result[] {
  const values = new Map([...measured].map(([name, samples]) => [name, samples.values]));
  return [...measured].map(([name, samples]) => {
    const [unit, scale] = unitOf(bench);
    const at = (part: number) => round(percentile(samples.values, part) * scale);
    const mean = samples.values.reduce((sum, value) => sum + value, 0) / samples.values.length;
    const items = bench.items?.(params);
    return {
      suite,
      case: bench.name,
      params,
      contender: name,
      p10: at(0.1),
      p50: at(0.5),
      p99: at(0.99),
      unit,
      ratios: ratios(name, values, 0.5),
      ratiosP10: ratios(name, values, 0.1),
      mean: round(mean * scale),
      samples: samples.values.length,
      ...(samples.runsPerSample > 1 ? { runsPerSample: samples.runsPerSample } : {}),
      ...(items === undefined ? {} : { rate: round((items * 1e3) / medianMs(bench, samples)) }),
      ...samples.facts,
    };
  });
}

/** The unit to print and how many of it are in one unit of the samples. */
function unitOf(bench: Case): [string, number] {
  if (bench.measure === "process") return [bench.unit, 1];
  const unit = bench.unit ?? (bench.measure === "cycles" ? "ns" : "ms");
  return [unit, PER_MS[unit]];
}

function medianMs(bench: Case, samples: Samples): number {
  const median = percentile(samples.values, 0.5);
  if (bench.measure !== "process") return median;
  if (bench.unit === "s") return median * 1e3;
  if (bench.unit === "ms") return median;
  throw new Error(`Cannot give a rate for ${bench.name}: "${bench.unit}" is no time`);
}

function firstNumber(params: Params): string {
  return Object.keys(params).find((key) => typeof params[key] === "number") ?? "";
}
