import { FairleadError } from "../../base/mod.ts";
import { decodeInflatedReport } from "../report/codec.ts";
import { withoutOrphans } from "../report/delta.ts";
import { KEYS } from "../report/keys.ts";
import { mergeReports } from "../report/merge.ts";
import { type Report, TOPOLOGY_KEYS } from "../report/report.ts";
import type { ReportLimits } from "../report/source.ts";
import type { HeldReport, ReportUpload, UploadOutcome } from "./report_store.ts";

/** Limits of a {@linkcode ReportWindow}. */
export interface WindowOptions {
  /** How long a report counts. @default 15_000 */
  readonly windowMs?: number;
  /** Probes that may report at once. @default 20_000 */
  readonly probesMax?: number;
  /** Reports of one probe that are held at once. @default 64 */
  readonly reportsMax?: number;
  /** Nodes of all reports that are held. @default 4_000_000 */
  readonly nodesMax?: number;
  readonly report?: ReportLimits;
}

interface Held {
  readonly report: Report;
  readonly receivedMs: number;
  readonly nodes: number;
}

interface Probe {
  reports: Held[];
  merged: Report | undefined;
}

/**
 * The reports of the last seconds as plain objects, merged when they are asked for.
 *
 * A probe's reports are merged again only when one of them came or went.
 */
export class ReportWindow {
  readonly #probes = new Map<string, Probe>();
  readonly #limits: Required<Omit<WindowOptions, "report">>;
  readonly #report: ReportLimits | undefined;
  #merged: Report | undefined;
  #version = 0;
  #size = 0;
  #nodes = 0;

  constructor({ report, ...limits }: WindowOptions = {}) {
    this.#report = report;
    this.#limits = {
      windowMs: 15_000,
      probesMax: 20_000,
      reportsMax: 64,
      nodesMax: 4_000_000,
      ...limits,
    };
  }

  /** Grows with each change. */
  get version(): number {
    return this.#version;
  }

  /** Reports held. */
  get size(): number {
    return this.#size;
  }

  /** Take a report. @throws {FairleadError} as `ReportStore.add`. */
  add({ probeId, contentType, bytes, receivedMs }: ReportUpload): UploadOutcome {
    const { probesMax, reportsMax, nodesMax } = this.#limits;
    const known = this.#probes.get(probeId);
    if (known === undefined && this.#probes.size >= probesMax) throw full("probesMax", probesMax);
    if (known !== undefined && known.reports.length >= reportsMax) {
      throw full("reportsMax", reportsMax);
    }
    const limits = this.#report === undefined ? {} : { limits: this.#report };
    const report = decodeInflatedReport(bytes, { contentType, ...limits });
    const nodes = TOPOLOGY_KEYS.reduce(
      (sum, key) => sum + (report.topologies[key]?.nodes.size ?? 0),
      0,
    );
    if (this.#nodes + nodes > nodesMax) throw full("nodesMax", nodesMax);
    const probe = known ?? { reports: [], merged: undefined };
    this.#probes.set(probeId, probe);
    probe.reports.push({ report, receivedMs, nodes });
    probe.merged = undefined;
    this.#size += 1;
    this.#nodes += nodes;
    this.#changed();
    return { isShortcut: report.isShortcut, nodes };
  }

  /** Forget what is older than the window. */
  expire(nowMs: number): void {
    const sinceMs = nowMs - this.#limits.windowMs;
    for (const [id, probe] of this.#probes) {
      const kept = probe.reports.filter(({ receivedMs }) => receivedMs > sinceMs);
      const gone = probe.reports.length - kept.length;
      if (gone === 0) continue;
      for (const { receivedMs, nodes } of probe.reports) {
        if (receivedMs <= sinceMs) this.#nodes -= nodes;
      }
      this.#size -= gone;
      probe.reports = kept;
      probe.merged = undefined;
      if (kept.length === 0) this.#probes.delete(id);
      this.#changed();
    }
  }

  held(): readonly HeldReport[] {
    return [...this.#probes].flatMap(([probeId, { reports }]) =>
      reports.map(({ report, receivedMs }) => ({
        probeId,
        receivedMs,
        host: hostOf(report),
        counts: TOPOLOGY_KEYS.flatMap((key) => {
          const nodes = report.topologies[key]?.nodes.size ?? 0;
          return nodes === 0 ? [] : [[key.toLowerCase(), nodes] as const];
        }),
      })),
    );
  }

  /** All reports merged, without deltas whose full report is not there. */
  report(): Report {
    this.#merged ??= withoutOrphans(
      mergeReports([...this.#probes.values()].map((probe) => mergedOf(probe))),
    );
    return this.#merged;
  }

  #changed(): void {
    this.#version += 1;
    this.#merged = undefined;
  }
}

function mergedOf(probe: Probe): Report {
  probe.merged ??= mergeReports(probe.reports.map(({ report }) => report));
  return probe.merged;
}

function hostOf({ topologies }: Report): string {
  for (const node of topologies.Host?.nodes.values() ?? []) {
    return node.latest.get(KEYS.hostName)?.value ?? node.id;
  }
  return "";
}

function full(limit: string, max: number): FairleadError {
  return new FairleadError(
    "collector_full",
    `Cannot take the report: the collector holds as much as it may (${limit} ${max})`,
    { details: { limit, max } },
  );
}
