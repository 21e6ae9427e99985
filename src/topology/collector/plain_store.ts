import type { Report } from "../report/report.ts";
import { upgradeReport } from "../report/upgrade.ts";
import type { DetailedNode, NodeSummary, TopologyDescriptor } from "../view/summary.ts";
import {
  listProbes,
  type ProbeDescriptor,
  ReportViews,
  type ViewQuery,
} from "../view/topologies.ts";
import type { HeldReport, ReportStore, ReportUpload, UploadOutcome } from "./report_store.ts";
import { ReportWindow, type WindowOptions } from "./window.ts";

/** Reports as plain objects, merged and rendered whole when something changed. */
export class PlainStore implements ReportStore {
  readonly #window: ReportWindow;
  #views:
    | { readonly version: number; readonly report: Report; readonly of: ReportViews }
    | undefined;

  constructor(options: WindowOptions = {}) {
    this.#window = new ReportWindow(options);
  }

  get version(): number {
    return this.#window.version;
  }

  get size(): number {
    return this.#window.size;
  }

  add(upload: ReportUpload): UploadOutcome {
    return this.#window.add(upload);
  }

  expire(nowMs: number): void {
    this.#window.expire(nowMs);
  }

  held(): readonly HeldReport[] {
    return this.#window.held();
  }

  report(): Report {
    return this.#current().report;
  }

  probes(): readonly ProbeDescriptor[] {
    return listProbes(this.report());
  }

  topologies(query: ViewQuery): readonly TopologyDescriptor[] {
    return this.#current().of.list(query);
  }

  nodes(topologyId: string, query: ViewQuery): ReadonlyMap<string, NodeSummary> | undefined {
    return this.#current().of.nodes(topologyId, query);
  }

  details(topologyId: string, nodeId: string, query: ViewQuery): DetailedNode | undefined {
    return this.#current().of.details(topologyId, nodeId, query);
  }

  #current() {
    const { version } = this.#window;
    if (this.#views?.version === version) return this.#views;
    const report = upgradeReport(this.#window.report());
    this.#views = { version, report, of: new ReportViews(report) };
    return this.#views;
  }
}
