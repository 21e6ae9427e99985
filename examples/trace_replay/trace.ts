/** A cluster trace: machines and pods, read from CSV in the openb format. */
import { readFileSync } from "node:fs";
import { CsvError, parse } from "csv-parse/sync";
import { FairleadError } from "fairlead/base";
import * as z from "zod";

/** A machine; amounts in thousandths (memory: of a MB). */
export interface Node {
  readonly id: string;
  readonly cpusMillis: number;
  readonly memMillis: number;
  readonly gpus: number;
  readonly gpuModel: string;
}

/** A pod; `gpuMillis` up to 999 is a share of one device, else whole devices. */
export interface Pod {
  readonly name: string;
  readonly cpusMillis: number;
  readonly memMillis: number;
  readonly gpuMillis: number;
  /** Empty: any. */
  readonly gpuModels: readonly string[];
}

export interface Trace {
  readonly nodes: readonly Node[];
  readonly pods: readonly Pod[];
}

const millis = z.coerce.number().int().min(0).max(1e12);
const NodeRow = z.object({
  sn: z.string().min(1),
  cpu_milli: millis,
  memory_mib: millis,
  gpu: z.coerce.number().int().min(0).max(16),
  model: z.string().default(""),
});
const PodRow = z.object({
  name: z.string().min(1),
  cpu_milli: millis,
  memory_mib: millis,
  num_gpu: z.coerce.number().int().min(0).max(16),
  gpu_milli: z.coerce.number().int().min(0).max(1000).default(1000),
  gpu_spec: z.string().default(""),
});

/** @throws {FairleadError} `invalid_trace`; the message names the file, the line and the column. */
export function readTrace(nodesPath: string, podsPath: string): Trace {
  const nodes = readRows(nodesPath, NodeRow).map((row) => ({
    id: row.sn,
    cpusMillis: row.cpu_milli,
    memMillis: row.memory_mib * 1000,
    gpus: row.gpu,
    gpuModel: row.model,
  }));
  const pods = readRows(podsPath, PodRow).map((row) => ({
    name: row.name,
    cpusMillis: row.cpu_milli,
    memMillis: row.memory_mib * 1000,
    gpuMillis: row.num_gpu === 1 ? row.gpu_milli : row.num_gpu * 1000,
    gpuModels: row.gpu_spec === "" ? [] : row.gpu_spec.split("|"),
  }));
  return { nodes, pods };
}

function readRows<Row>(path: string, schema: z.ZodType<Row>): Row[] {
  const rows = parseCsv(path);
  if (rows.length === 0) throw wrong(path, 1, "it has no rows");
  return rows.map(({ record, info }) => {
    const read = schema.safeParse(record);
    if (read.success) return read.data;
    const [issue] = read.error.issues;
    throw wrong(path, info.lines, `column ${issue?.path.join(".")}: ${issue?.message}`);
  });
}

interface CsvRow {
  readonly record: Readonly<Record<string, string>>;
  readonly info: { readonly lines: number };
}

function parseCsv(path: string): CsvRow[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new FairleadError("invalid_trace", `Cannot read ${path}: ${reasonOf(cause)}`, { cause });
  }
  try {
    return parse(text, {
      columns: true,
      info: true,
      skip_empty_lines: true,
      trim: true,
      bom: true,
    });
  } catch (cause) {
    const line = cause instanceof CsvError && typeof cause.lines === "number" ? cause.lines : 1;
    throw wrong(path, line, reasonOf(cause), cause);
  }
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

function wrong(path: string, line: number, fault: string, cause?: unknown): FairleadError {
  return new FairleadError("invalid_trace", `Cannot read ${path}, line ${line}: ${fault}`, {
    cause,
    details: { path, line },
  });
}
