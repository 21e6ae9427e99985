import type { Report } from "../report/report.ts";
import type { DetailedNode, NodeSummary, TopologyDescriptor } from "../view/summary.ts";

/** A report as it came. */
export interface ReportUpload {
  /** Who sent it: a number of the probe's own that is new with each start. */
  readonly probeId: string;
  /** `application/msgpack` or `application/json`. */
  readonly contentType: string;
  /** Inflated. */
  readonly bytes: Uint8Array;
  readonly receivedMs: number;
}

/** What became of an upload. */
export interface UploadOutcome {
  /** Published at once, between two regular ones: whoever waits for changes is woken. */
  readonly isShortcut: boolean;
  readonly nodes: number;
}

/** Options of a view by name, as in the query of an address; none at all applies no filter. */
export type ViewQuery = Readonly<Record<string, string>>;

/** A report that is held. */
export interface HeldReport {
  readonly probeId: string;
  readonly receivedMs: number;
  /** Its host, where it names one. */
  readonly host: string;
  /** Nodes by the name of their topology, in small letters. */
  readonly counts: readonly (readonly [topology: string, nodes: number])[];
}

/** A probe that reports. */
export interface ProbeInfo {
  readonly id: string;
  readonly hostname: string;
  readonly version: string;
  /** RFC 3339. */
  readonly lastSeen: string;
}

/**
 * The reports of the last seconds, and the views of what they say together: the port between the
 * collector and what merges and renders.
 *
 * Views are those of the last `expire`; equal versions give equal views.
 */
export interface ReportStore {
  /** Grows with each change. */
  readonly version: number;
  /** Reports held. */
  readonly size: number;
  /**
   * Take a report.
   *
   * @throws {FairleadError} `invalid_report`, `report_too_large`, `unsupported_report`, or
   * `collector_full` when a limit of the store is reached: then nothing of it is kept.
   */
  add(upload: ReportUpload): UploadOutcome;
  /** Forget what is older than the window. */
  expire(nowMs: number): void;
  held(): readonly HeldReport[];
  /** All reports merged. */
  report(): Report;
  probes(): readonly ProbeInfo[];
  topologies(query: ViewQuery): readonly TopologyDescriptor[];
  /** Undefined when there is no such topology. */
  nodes(topologyId: string, query: ViewQuery): ReadonlyMap<string, NodeSummary> | undefined;
  /** Undefined when there is no such topology or node. */
  details(topologyId: string, nodeId: string, query: ViewQuery): DetailedNode | undefined;
}

/** Keeps reports for playing the past. */
export interface ReportHistory {
  /** Keep a report; it is on the disk a moment later. */
  add(upload: ReportUpload): void;
  /** The reports that came after `fromMs` and not after `toMs`, in their order. */
  read(fromMs: number, toMs: number): Iterable<ReportUpload>;
  /** The first moment that can be shown; undefined when nothing is kept. */
  readonly beginMs: number | undefined;
  readonly bytes: number;
}
