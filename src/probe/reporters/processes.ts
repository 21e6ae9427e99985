/** Processes as nodes: what each is, and what it uses. */
import type { Instant, LatestEntry, Metric, ReportNode, Topology } from "../../topology/mod.ts";
import type { ProcessStat } from "../proc/process_stat.ts";
import type { ProcessLimits } from "../proc/process_texts.ts";
import { instantOf, latestAt, makeNode, makeTopology, measured } from "../report/build.ts";
import { processNodeId } from "../report/node_ids.ts";
import { PROCESS } from "../report/templates.ts";

/** A process as it was found. */
export interface ProcessFacts {
  readonly stat: ProcessStat;
  readonly commandLine: readonly string[];
  /** undefined where it may not be counted. */
  readonly openFiles: number | undefined;
  readonly limits: ProcessLimits | undefined;
  /** Whether it was looked at this time; otherwise there is nothing to measure. */
  readonly isFresh: boolean;
}

/** All processes at one instant. */
export interface ProcessScan {
  readonly processes: Iterable<ProcessFacts>;
  /** Since boot: elapsed time is a difference of these, whatever the clock was set to. */
  readonly uptimeSeconds: number;
  readonly cores: number;
}

/** What a host's processes have in common. */
export interface ProcessReportOptions {
  readonly hostId: string;
  /** Say the program's name only. @default false */
  readonly omitArguments?: boolean;
  /** @default 4_096 */
  readonly pageBytes?: number;
  /** Ticks of the kernel a second. @default 100 */
  readonly ticksPerSecond?: number;
}

interface Known {
  readonly startTicks: number;
  cpuTicks: number;
  uptimeSeconds: number;
  latest: ReadonlyMap<string, LatestEntry>;
  /** What `latest` was made of. */
  words: string;
  /** Without metrics. */
  bare: ReportNode;
}

/** Scope writes the largest 64-bit number where there is no limit. */
const UNLIMITED = 2 ** 64;
const ZOMBIE = "Z";

/**
 * Makes the topology of processes; remembers processor times by process, so that what was used is
 * a difference, and the words of each, so that those that do not change cost nothing.
 */
export class ProcessReport {
  readonly #options: Required<ProcessReportOptions>;
  #known = new Map<number, Known>();

  constructor(options: ProcessReportOptions) {
    const { omitArguments = false, pageBytes = 4_096, ticksPerSecond = 100 } = options;
    this.#options = { hostId: options.hostId, omitArguments, pageBytes, ticksPerSecond };
  }

  /** The topology of a scan; zombies are left out. */
  take(nowMs: number, scan: ProcessScan): Topology {
    const at = instantOf(nowMs);
    const before = this.#known;
    this.#known = new Map();
    const nodes: ReportNode[] = [];
    for (const facts of scan.processes) {
      if (facts.stat.state !== ZOMBIE) nodes.push(this.#node(at, facts, scan, before));
    }
    return makeTopology(nodes, PROCESS);
  }

  #node(
    at: Instant,
    facts: ProcessFacts,
    scan: ProcessScan,
    before: ReadonlyMap<number, Known>,
  ): ReportNode {
    const { stat } = facts;
    const held = before.get(stat.pid);
    const known = held?.startTicks === stat.startTicks ? held : undefined;
    if (known !== undefined && !facts.isFresh) {
      this.#known.set(stat.pid, known);
      return known.bare;
    }
    const words = this.#words(facts);
    const joined = Object.values(words).join("\0");
    const latest = known?.words === joined ? known.latest : latestAt(at, words);
    const metrics = this.#metrics(at, facts, scan, known);
    const id = known?.bare.id ?? processNodeId(this.#options.hostId, stat.pid);
    const bare = known?.latest === latest ? known.bare : makeNode(id, "process", { latest });
    const { startTicks, cpuTicks } = stat;
    const { uptimeSeconds } = scan;
    this.#known.set(stat.pid, { startTicks, cpuTicks, uptimeSeconds, latest, words: joined, bare });
    return { ...bare, metrics };
  }

  #words({ stat, commandLine }: ProcessFacts): Record<string, string> {
    const [program = stat.name] = commandLine;
    const shown = this.#options.omitArguments ? program : commandLine.join(" ");
    return {
      pid: String(stat.pid),
      name: program,
      cmdline: shown === "" ? stat.name : shown,
      ppid: String(stat.ppid),
      threads: String(stat.threads),
    };
  }

  #metrics(
    at: Instant,
    { stat, openFiles, limits }: ProcessFacts,
    { uptimeSeconds, cores }: ProcessScan,
    known: Known | undefined,
  ): ReadonlyMap<string, Metric> {
    const { pageBytes, ticksPerSecond } = this.#options;
    const metrics = new Map<string, Metric>();
    const elapsed = known === undefined ? 0 : uptimeSeconds - known.uptimeSeconds;
    if (known !== undefined && elapsed > 0) {
      const used = Math.max(0, stat.cpuTicks - known.cpuTicks) / ticksPerSecond;
      const max = 100 * cores;
      const percent = Math.min(max, (100 * used) / elapsed);
      metrics.set("process_cpu_usage_percent", measured(at, percent, max));
    }
    const residentMax = bounded(limits?.residentBytesMax);
    metrics.set(
      "process_memory_usage_bytes",
      measured(at, Math.max(0, stat.rssPages) * pageBytes, residentMax),
    );
    if (openFiles !== undefined) {
      metrics.set("open_files_count", measured(at, openFiles, bounded(limits?.openFilesMax)));
    }
    return metrics;
  }
}

function bounded(limit: number | undefined): number {
  return limit === undefined || limit > UNLIMITED ? UNLIMITED : limit;
}
