/** The report of a migration as a file: written by `run`, checked by `report`. */
import { access, readFile, rename, writeFile } from "node:fs/promises";
import { FairleadError } from "fairlead/base";
import {
  checkReport,
  type MigrationEvent,
  type MigrationReport,
  PHASES,
  type Phase,
  type ReportBuilder,
  type SealedReport,
  sealReport,
} from "fairlead/migration";
import * as z from "zod";

/** Phases that are worth a report: where an operator stops and looks. */
const WRITTEN: readonly Phase[] = ["sync", "soak", "finalized", "aborted"];

/** Keeps a report up to date on disk. */
export class ReportFile {
  readonly #file: string;
  readonly #secret: string | undefined;
  readonly #builder: ReportBuilder;

  constructor(file: string, secret: string | undefined, builder: ReportBuilder) {
    this.#file = file;
    this.#secret = secret;
    this.#builder = builder;
  }

  async take(event: MigrationEvent): Promise<void> {
    this.#builder.take(event);
    const isWritten = event.type === "phase" && WRITTEN.includes(event.phase);
    if (isWritten || event.type === "verified") await this.write();
  }

  /** Whole or not at all: a reader never sees half a report. */
  async write(): Promise<void> {
    const sealed = await sealReport(this.#builder.build(), this.#secret);
    await writeFile(`${this.#file}.part`, `${JSON.stringify(sealed, undefined, 2)}\n`);
    await rename(`${this.#file}.part`, this.#file);
  }
}

/**
 * The report of an earlier run, to go on with; undefined when there is none. One that is not as it
 * was sealed is put aside: a run has to go on all the same.
 */
export async function earlierReport(
  file: string,
  secret: string | undefined,
  tell: (line: string) => void,
): Promise<MigrationReport | undefined> {
  try {
    await access(file);
  } catch {
    return undefined;
  }
  try {
    return await readReport(file, secret);
  } catch (error) {
    await rename(file, `${file}.aside`);
    tell(`${FairleadError.from(error).message}: it is put aside as ${file}.aside`);
    return undefined;
  }
}

const sealedSchema = z.looseObject({
  report: z.looseObject({ format: z.literal(1), id: z.string() }),
  sha256: z.string(),
  hmacSha256: z.string().optional(),
});
const count = z.number();
/** What is shown of a report: whoever has no secret to check may be given anything. */
const reportSchema = z.looseObject({
  timeline: z.array(z.looseObject({ phase: z.enum(PHASES), reason: z.string(), atMs: count })),
  comparison: z
    .looseObject({
      nodes: count,
      differencesCount: count,
      digests: z.looseObject({ actual: z.string() }),
    })
    .optional(),
  comparisons: z.looseObject({ count, unequal: count }),
  rolling: z.looseObject({ nodes: count, rounds: count, differencesCount: count }),
  lag: z.looseObject({ count, p50Ms: count, p95Ms: count, p99Ms: count, maxMs: count }),
  transactions: count,
  resumptions: count,
  fencedMs: count.optional(),
  rehoming: z.looseObject({ missingCount: count, clients: z.looseObject({}) }).optional(),
});

/**
 * Read a report and check that it is as it was sealed.
 *
 * @throws {FairleadError} `report_altered`, `invalid_config` when it is no report.
 */
export async function readReport(
  file: string,
  secret: string | undefined,
): Promise<MigrationReport> {
  const sealed = await readSealed(file);
  await checkReport(sealed, secret);
  const read = reportSchema.safeParse(sealed.report);
  if (!read.success)
    throw noReport(file, `report.${read.error.issues[0]?.path.join(".")} is missing`);
  return sealed.report;
}

async function readSealed(file: string): Promise<SealedReport> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, "utf8"));
  } catch (cause) {
    throw noReport(file, FairleadError.from(cause).message);
  }
  if (isSealed(value)) return value;
  throw noReport(file, "it is no report of a migration");
}

function isSealed(value: unknown): value is SealedReport {
  return sealedSchema.safeParse(value).success;
}

function noReport(file: string, why: string): FairleadError {
  return new FairleadError("invalid_config", `Cannot read ${file}: ${why}`, { details: { file } });
}

/** A report for a terminal. */
export function reportLines(report: MigrationReport): string {
  const { comparison, comparisons, rolling, lag, fencedMs, rehoming } = report;
  const ms = (value: number) => `${value.toFixed(1)} ms`;
  return [
    `${report.id}: ${report.transactions} transactions, ${report.resumptions} changes of leader or connection outlasted`,
    comparison === undefined
      ? "never compared"
      : `compared ${comparisons.count} times, ${comparisons.unequal} unequal; last ${comparison.nodes} nodes, ${comparison.differencesCount} differences, digest ${comparison.digests.actual}`,
    `rolling: ${rolling.nodes} nodes, ${rolling.rounds} rounds, ${rolling.differencesCount} differences`,
    `lag: p50 ${ms(lag.p50Ms)}, p95 ${ms(lag.p95Ms)}, p99 ${ms(lag.p99Ms)}, most ${ms(lag.maxMs)}`,
    ...(fencedMs === undefined ? [] : [`nobody could write for ${ms(fencedMs)}`]),
    ...(rehoming === undefined
      ? []
      : [
          `clients: ${rehoming.clients.source ?? "?"} on the source, ${rehoming.clients.target ?? "?"} on the target, ${rehoming.missingCount} ephemerals missing`,
        ]),
    ...report.timeline.map(
      ({ phase, reason, atMs }) => `  ${new Date(atMs).toISOString()}  ${phase}: ${reason}`,
    ),
  ].join("\n");
}
