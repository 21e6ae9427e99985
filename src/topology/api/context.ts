import type { Clock } from "../../base/mod.ts";
import type { HttpLogger } from "../../http/mod.ts";
import type { Moment } from "../collector/past.ts";
import type { ReportHistory, ReportRelay } from "../collector/report_store.ts";
import type { Streams } from "../collector/streams.ts";
import type { Audit } from "../control/audit.ts";
import type { ControlRouter } from "../control/control_router.ts";
import type { Pipes } from "../control/pipes.ts";
import type { CollectorMetrics } from "./metrics.ts";

/** What the routes of a collector are made of. */
export interface ApiContext {
  readonly identity: CollectorIdentity;
  readonly clock: Clock;
  readonly present: Moment;
  /** The past from a moment on. @throws {FairleadError} `history_absent`. */
  readonly past: (fromMs: number) => Moment;
  readonly history: ReportHistory | undefined;
  readonly relay: ReportRelay | undefined;
  readonly streams: Streams;
  readonly controls: ControlRouter;
  readonly pipes: Pipes;
  readonly metrics: CollectorMetrics;
  readonly rules: ApiRules;
  readonly audit: Audit;
  readonly logger: HttpLogger;
  /** A report came that somebody waits for. */
  readonly onReport: (isShortcut: boolean) => void;
  /** Aborted when the collector stops. */
  readonly signal: AbortSignal;
}

/** What a collector says of itself. */
export interface CollectorIdentity {
  /** New with each start: probes know by it whether they speak to the same collector. */
  readonly id: string;
  readonly version: string;
  readonly hostname: string;
}

/** What is allowed. */
export interface ApiRules {
  /** Controls and pipes are refused. */
  readonly isReadOnly: boolean;
  /** Command lines are hidden from everybody. */
  readonly hideCommandLines: boolean;
  /** Environment variables are hidden from everybody. */
  readonly hideEnvironment: boolean;
  /** Pages of other origins that may open sockets and use controls. */
  readonly origins: "*" | readonly string[];
  /** Longest report, as sent and as inflated. */
  readonly reportBytesMax: number;
  /** Inflates faster than the web's streams do, where the runtime can. */
  readonly inflate?: Inflate;
}

/** Inflate gzip; throws when more than `bytesMax` come out, or it is none. */
export type Inflate = (bytes: Uint8Array, bytesMax: number) => Uint8Array;
