/** The ports that a probe is made of: who looks, and who adds to what was seen. */
import type { Report } from "../topology/mod.ts";

/** One look. */
export interface SpyContext {
  /** Counts the looks from 1: what several reporters need is read once a tick. */
  readonly tick: number;
  /** The clock's time at which the look began. */
  readonly nowMs: number;
  /** Aborted when the time for this look is over; what comes later belongs to the next one. */
  readonly signal: AbortSignal;
}

/** Looks at something, again and again. */
export interface Reporter {
  /** Names it in metrics, logs and on the host's node. */
  readonly name: string;
  /**
   * What is there now. A rejection or a missed deadline costs this reporter's part of this look,
   * and nothing else.
   */
  report(context: SpyContext): Promise<Report>;
  /**
   * Be told of events and publish what changed at once. It runs beside the looks until the signal
   * is aborted, and reconnects by itself.
   */
  watch?(publish: (report: Report) => void, signal: AbortSignal): Promise<void>;
}

/** Adds what other reporters know: parents, tags. Pure, and harmless when done twice. */
export interface Tagger {
  readonly name: string;
  /** The report with what was added; the one handed in is not changed. */
  tag(report: Report): Report;
}
