import type { Report } from "../report/report.ts";
import type { DetailedNode, NodeSummary, TopologyDescriptor } from "../view/summary.ts";
import type {
  HeldReport,
  ProbeInfo,
  ReportStore,
  ReportUpload,
  UploadOutcome,
  ViewQuery,
} from "./report_store.ts";
import { ReportWindow, type WindowOptions } from "./window.ts";

/** Makes views of a merged report. */
export interface Renderer {
  topologies(report: Report, query: ViewQuery): readonly TopologyDescriptor[];
  /** Undefined when there is no such topology. */
  nodes(
    report: Report,
    topologyId: string,
    query: ViewQuery,
  ): ReadonlyMap<string, NodeSummary> | undefined;
  /** Undefined when there is no such topology or node. */
  details(
    report: Report,
    place: { readonly topologyId: string; readonly nodeId: string },
    query: ViewQuery,
  ): DetailedNode | undefined;
  probes(report: Report): readonly ProbeInfo[];
}

/** Reports as plain objects, merged and rendered whole when something changed. */
export class PlainStore implements ReportStore {
  readonly #window: ReportWindow;
  readonly #renderer: Renderer;

  constructor(renderer: Renderer, options: WindowOptions = {}) {
    this.#renderer = renderer;
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
    return this.#window.report();
  }

  probes(): readonly ProbeInfo[] {
    return this.#renderer.probes(this.report());
  }

  topologies(query: ViewQuery): readonly TopologyDescriptor[] {
    return this.#renderer.topologies(this.report(), query);
  }

  nodes(topologyId: string, query: ViewQuery): ReadonlyMap<string, NodeSummary> | undefined {
    return this.#renderer.nodes(this.report(), topologyId, query);
  }

  details(topologyId: string, nodeId: string, query: ViewQuery): DetailedNode | undefined {
    return this.#renderer.details(this.report(), { topologyId, nodeId }, query);
  }
}
