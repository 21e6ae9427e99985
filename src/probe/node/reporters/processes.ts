/** Reads processes. */
import type { Report } from "../../../topology/mod.ts";
import { parseUptimeSeconds } from "../../proc/host_texts.ts";
import { parsePageBytes } from "../../proc/process_texts.ts";
import { instantOf, makeReport } from "../../report/build.ts";
import type { Reporter, SpyContext } from "../../reporter.ts";
import { ProcessReport } from "../../reporters/processes.ts";
import type { ProcFiles } from "../proc/files.ts";
import type { ProcessTable } from "../proc/process_table.ts";
import { readCpuTimes } from "./host.ts";

/** Options of {@linkcode processReporter}. */
export interface ProcessReporterOptions {
  readonly hostId: string;
  readonly files: ProcFiles;
  readonly table: ProcessTable;
  /** Report program names only. @default false */
  readonly omitArguments?: boolean;
}

/** Reports each process: its command, processor, memory, open files. */
export function processReporter(options: ProcessReporterOptions): Reporter {
  const { hostId, files, table, omitArguments = false } = options;
  const pageBytes = parsePageBytes(files.small("self", "smaps") ?? "");
  const report = new ProcessReport({ hostId, omitArguments, pageBytes });
  const cores = readCpuTimes(files)?.cores ?? 1;
  return {
    name: "process",
    async report({ tick, nowMs }: SpyContext): Promise<Report> {
      await table.refresh(tick);
      const uptimeSeconds = parseUptimeSeconds(files.small("uptime") ?? "") ?? 0;
      const processes = table.processes.values();
      const Process = report.take(nowMs, { processes, uptimeSeconds, cores });
      return makeReport({ Process }, { ts: instantOf(nowMs) });
    },
  };
}
