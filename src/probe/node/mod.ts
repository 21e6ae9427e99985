/**
 * The reporters that read this machine, and the probe that publishes what they see.
 *
 * @example
 * ```ts
 * import { ProcFiles, ProcessTable, processReporter } from "fairlead/probe/node";
 *
 * const files = new ProcFiles();
 * const table = new ProcessTable(files);
 * const reporter = processReporter({ hostId: "here", files, table });
 * const { signal } = new AbortController();
 * const report = await reporter.report({ tick: 1, nowMs: Date.now(), signal });
 * console.assert(report.topologies.Process !== undefined);
 * files.close();
 * ```
 *
 * @module
 */
export { ProcFiles } from "./proc/files.ts";
export { type KnownProcess, ProcessTable, type ProcessTableOptions } from "./proc/process_table.ts";
export { type EndpointReporterOptions, endpointReporter } from "./reporters/endpoints.ts";
export { type HostReporterOptions, hostReporter } from "./reporters/host.ts";
export { type ProcessReporterOptions, processReporter } from "./reporters/processes.ts";
