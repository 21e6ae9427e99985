import type { Report } from "../report/report.ts";
import type { DetailedNode, NodeSummary, TopologyDescriptor } from "../view/summary.ts";
import type { ProbeDescriptor, ViewQuery } from "../view/topologies.ts";

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

/** A report that is held. */
export interface HeldReport {
  readonly probeId: string;
  readonly receivedMs: number;
  /** Its host, where it names one. */
  readonly host: string;
  /** Nodes by the name of their topology, in small letters. */
  readonly counts: readonly (readonly [topology: string, nodes: number])[];
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
  probes(): readonly ProbeDescriptor[];
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

/** Tells other collectors what probes report here, so that each of them knows everything. */
export interface ReportRelay {
  /** Pass a report on; it does not wait, and what goes wrong is the relay's to tell. */
  pass(upload: ReportUpload): void;
}
