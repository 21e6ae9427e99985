import type { Database, RootDatabase } from "lmdb";
import { asyncDispose, FairleadError, requireInteger } from "../../base/mod.ts";
import type { ReportHistory, ReportUpload } from "../mod.ts";

/** Options of {@linkcode openHistory}. */
export interface HistoryOptions {
  /** Folder of the store; it is made when it is not there. */
  readonly folder: string;
  /** How long reports are kept; from one minute to a year. @default 3_600_000 */
  readonly retentionMs?: number;
  /** How large the reports may be together, before compression. @default 4_294_967_296 */
  readonly bytesMax?: number;
  /** Told when a report could not be written. */
  readonly onError?: (error: unknown) => void;
}

/** A history on the disk. */
export interface DiskHistory extends ReportHistory, AsyncDisposable {
  /** Resolves when all that was added is on the disk. */
  flushed(): Promise<void>;
  /** Write what is left, and close. Twice is harmless. */
  close(): Promise<void>;
}

interface Kept {
  readonly probeId: string;
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

type Key = [receivedMs: number, number: number];

const MINUTE_MS = 60_000;
const YEAR_MS = 31_536_000_000;
const BYTES_MIN = 1_048_576;
/** How many old reports one new one may push out: more than one, so that a smaller limit is met. */
const SWEEP_MAX = 16;

/**
 * Open or create the history of a folder: an embedded store (lmdb, compressed) of the reports as
 * they came.
 *
 * @throws {FairleadError} `history_failed` when the folder cannot be opened; `invalid_option`.
 */
export async function openHistory(options: HistoryOptions): Promise<DiskHistory> {
  const { folder, retentionMs = 3_600_000, bytesMax = 4_294_967_296 } = options;
  requireInteger("retentionMs", retentionMs, { min: MINUTE_MS, max: YEAR_MS });
  requireInteger("bytesMax", bytesMax, { min: BYTES_MIN, max: Number.MAX_SAFE_INTEGER });
  const { open } = await import("lmdb");
  try {
    const root = open({ path: folder, noSubdir: false, maxDbs: 2 });
    const reports = root.openDB<Kept, Key>({
      name: "reports",
      encoding: "msgpack",
      compression: true,
    });
    return new LmdbHistory(root, reports, { retentionMs, bytesMax, onError: options.onError });
  } catch (cause) {
    throw new FairleadError("history_failed", `Cannot open the history in ${folder}`, { cause });
  }
}

interface Limits {
  readonly retentionMs: number;
  readonly bytesMax: number;
  readonly onError: ((error: unknown) => void) | undefined;
}

class LmdbHistory implements DiskHistory {
  readonly #root: RootDatabase;
  readonly #reports: Database<Kept, Key>;
  readonly #limits: Limits;
  #bytes = 0;
  #number = 0;
  #closing: Promise<void> | undefined;

  constructor(root: RootDatabase, reports: Database<Kept, Key>, limits: Limits) {
    this.#root = root;
    this.#reports = reports;
    this.#limits = limits;
    for (const { key, value } of reports.getRange()) {
      this.#bytes += value.bytes.length;
      this.#number = Math.max(this.#number, key[1]);
    }
  }

  get bytes(): number {
    return this.#bytes;
  }

  get beginMs(): number | undefined {
    for (const key of this.#reports.getKeys({ limit: 1 })) return key[0];
    return undefined;
  }

  add({ probeId, contentType, bytes, receivedMs }: ReportUpload): void {
    if (this.#closing !== undefined) return;
    this.#number += 1;
    this.#bytes += bytes.length;
    const kept = { probeId, contentType, bytes };
    this.#reports
      .put([receivedMs, this.#number], kept)
      .catch((error: unknown) => this.#limits.onError?.(error));
    this.#sweep(receivedMs);
  }

  *read(fromMs: number, toMs: number): Iterable<ReportUpload> {
    const range = {
      start: [fromMs, Number.MAX_SAFE_INTEGER],
      end: [toMs, Number.MAX_SAFE_INTEGER],
    };
    for (const { key, value } of this.#reports.getRange(range)) {
      yield { ...value, receivedMs: key[0] };
    }
  }

  async flushed(): Promise<void> {
    await this.#reports.flushed;
  }

  close(): Promise<void> {
    this.#closing ??= this.#root.close();
    return this.#closing;
  }

  [asyncDispose](): Promise<void> {
    return this.close();
  }

  /** What is too old, or too much, goes: the oldest first. */
  #sweep(nowMs: number): void {
    const { retentionMs, bytesMax } = this.#limits;
    for (const { key, value } of this.#reports.getRange({ limit: SWEEP_MAX })) {
      if (key[0] > nowMs - retentionMs && this.#bytes <= bytesMax) return;
      this.#bytes -= value.bytes.length;
      this.#reports.remove(key).catch((error: unknown) => this.#limits.onError?.(error));
    }
  }
}
