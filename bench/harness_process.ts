/** The sampler for whole processes: every sample starts Node anew, and the code measures itself. */

import { spawnSync } from "node:child_process";
import type { Answer, Effort, ProcessContender, Samples } from "./harness.ts";

/** What the code of a process case prints on its last line. */
export interface ProcessReport {
  readonly value: number;
  readonly answer: Answer;
  readonly [fact: string]: unknown;
}

const TIMEOUT_MS = 300_000;

/** Start one process and read its report. */
export function runProcess(contender: ProcessContender): ProcessReport {
  const flags = contender.flags ?? ["--expose-gc"];
  const child = spawnSync(
    process.execPath,
    [...flags, "--input-type=module", "--eval", contender.code],
    {
      encoding: "utf8",
      timeout: contender.timeoutMs ?? TIMEOUT_MS,
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  const line = child.stdout.trimEnd().split("\n").at(-1) ?? "";
  if (child.status !== 0) {
    throw new Error(`Cannot measure the process: it ended with ${child.status}: ${child.stderr}`);
  }
  return readReport(line);
}

/** Measure every contender in turn; what the first round answers is compared, and counts. */
export function measureProcesses(
  contenders: ReadonlyMap<string, ProcessContender>,
  effort: Effort,
  {
    samples = 9,
    compare,
  }: {
    readonly samples?: number;
    readonly compare: (answers: readonly [name: string, answer: Answer][]) => void;
  },
): Map<string, Samples> {
  const lanes = [...contenders].map(([name, contender]) => ({
    name,
    contender,
    reports: [] as ProcessReport[],
  }));
  const rounds = effort.quick ? Math.min(2, samples) : samples;
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < lanes.length; turn++) {
      const lane = lanes[(turn + round) % lanes.length];
      lane?.reports.push(runProcess(lane.contender));
    }
    compare(lanes.map(({ name, reports }) => [name, reports[round]?.answer ?? ""]));
  }
  return new Map(
    lanes.map(({ name, reports }) => {
      const { value: _value, answer: _answer, ...facts } = reports[0] ?? { value: 0, answer: 0 };
      return [name, { values: reports.map((report) => report.value), runsPerSample: 1, facts }];
    }),
  );
}

function readReport(line: string): ProcessReport {
  let report: unknown;
  try {
    report = JSON.parse(line);
  } catch (cause) {
    throw new Error(`Cannot read the process's report: "${line}" is not JSON`, { cause });
  }
  if (isReport(report)) return report;
  throw new Error(`Cannot read the process's report: ${line} lacks "value" or "answer"`);
}

function isReport(report: unknown): report is ProcessReport {
  if (typeof report !== "object" || report === null) return false;
  if (!("value" in report) || !("answer" in report)) return false;
  return typeof report.value === "number" && Number.isFinite(report.value);
}
