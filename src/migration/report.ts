/** What a migration was: counted from its events, and sealed so that nobody changes it unseen. */

import { FairleadError } from "../base/mod.ts";
import type { Difference } from "./compare.ts";
import type { MigrationEvent, Rehoming } from "./events.ts";
import type { Phase } from "./journal.ts";

const LAGS_MAX = 100_000;
const DIFFERENCES_MAX = 1_000;

/** A migration as a document; plain JSON. */
export interface MigrationReport {
  readonly format: 1;
  readonly id: string;
  /** Phases with the moments at which they were entered, ms since 1970. */
  readonly timeline: readonly {
    readonly phase: Phase;
    readonly reason: string;
    readonly atMs: number;
  }[];
  /** Of the last comparison of everything. */
  readonly comparison?: {
    readonly nodes: number;
    readonly bytes: number;
    readonly digests: { readonly expected: string; readonly actual: string };
    readonly differencesCount: number;
    readonly differences: readonly Difference[];
  };
  /** Comparisons of everything, and those that found a difference. */
  readonly comparisons: { readonly count: number; readonly unequal: number };
  /** Of the rolling comparison. */
  readonly rolling: {
    readonly nodes: number;
    readonly rounds: number;
    readonly differencesCount: number;
  };
  /** From the source's commit to the target's, by heartbeats; the last 100,000. */
  readonly lag: {
    readonly count: number;
    readonly p50Ms: number;
    readonly p95Ms: number;
    readonly p99Ms: number;
    readonly maxMs: number;
  };
  readonly transactions: number;
  /** Changes of a leader or a connection that were outlasted. */
  readonly resumptions: number;
  /** How long nobody could write. */
  readonly fencedMs?: number;
  /** Who had come to the target when the cutover ended. */
  readonly rehoming?: Rehoming;
}

/** A report and what shows that it was not changed. */
export interface SealedReport {
  readonly report: MigrationReport;
  /** SHA-256 of the report as canonical JSON: keys sorted, no blanks; 64 hex digits. */
  readonly sha256: string;
  /** HMAC-SHA-256 of the same with the operator's secret; 64 hex digits. */
  readonly hmacSha256?: string | undefined;
}

/** Takes a migration's events and counts. */
export class ReportBuilder {
  readonly #id: string;
  readonly #timeline: { phase: Phase; reason: string; atMs: number }[] = [];
  readonly #lags: number[] = [];
  #lagCount = 0;
  #lagMaxMs = 0;
  #transactions = 0;
  #resumptions = 0;
  #comparison: MigrationReport["comparison"];
  #comparisons = { count: 0, unequal: 0 };
  #rolling = { nodes: 0, rounds: 0, differencesCount: 0 };
  #fencedMs: number | undefined;
  #rehoming: Rehoming | undefined;

  /** What another process counted before this one. */
  readonly #earlier: MigrationReport | undefined;

  /**
   * @param ledger Entries of the journal: what was before this process.
   * @param earlier The report of the process before: it is gone on with, but for its percentiles,
   * which stand until this one has its own.
   */
  constructor(id: string, ledger: readonly string[] = [], earlier?: MigrationReport) {
    this.#id = id;
    for (const entry of ledger) this.#timeline.push(JSON.parse(entry));
    if (earlier === undefined || earlier.id !== id) return;
    this.#earlier = earlier;
    this.#comparison = earlier.comparison;
    this.#comparisons = { ...earlier.comparisons };
    this.#rolling = { ...earlier.rolling };
    this.#resumptions = earlier.resumptions;
    this.#fencedMs = earlier.fencedMs;
    this.#rehoming = earlier.rehoming;
  }

  take(event: MigrationEvent): void {
    switch (event.type) {
      case "phase":
        this.#timeline.push({ phase: event.phase, reason: event.reason, atMs: event.atMs });
        return;
      case "lag":
        this.#takeLag(event.lagMs);
        this.#transactions = event.transactions;
        return;
      case "verified": {
        const { differences, ...rest } = event.comparison;
        this.#comparison = { ...rest, differences: differences.slice(0, DIFFERENCES_MAX) };
        this.#comparisons.count += 1;
        if (rest.differencesCount > 0) this.#comparisons.unequal += 1;
        return;
      }
      case "rolled":
        this.#rolling.nodes += event.nodes;
        this.#rolling.rounds = (this.#earlier?.rolling.rounds ?? 0) + event.rounds;
        this.#rolling.differencesCount += event.differences.length;
        return;
      case "resumed":
        this.#resumptions += 1;
        return;
      case "opened":
        this.#fencedMs = event.fencedMs;
        return;
      case "rehomed": {
        const { missing, missingCount, clients } = event;
        this.#rehoming = { missing, missingCount, clients };
        return;
      }
      case "copied":
      case "reconciled":
        return;
    }
  }

  /** The report as things stand. */
  build(): MigrationReport {
    return {
      format: 1,
      id: this.#id,
      timeline: [...this.#timeline],
      ...(this.#comparison === undefined ? {} : { comparison: this.#comparison }),
      comparisons: { ...this.#comparisons },
      rolling: { ...this.#rolling },
      lag: this.#lag(),
      transactions: (this.#earlier?.transactions ?? 0) + this.#transactions,
      resumptions: this.#resumptions,
      ...(this.#fencedMs === undefined ? {} : { fencedMs: this.#fencedMs }),
      ...(this.#rehoming === undefined ? {} : { rehoming: this.#rehoming }),
    };
  }

  #lag(): MigrationReport["lag"] {
    const { lag } = this.#earlier ?? {};
    if (lag !== undefined && this.#lagCount === 0) return lag;
    const sorted = this.#lags.toSorted((one, other) => one - other);
    const at = (ratio: number) =>
      sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * ratio))] ?? 0;
    return {
      count: (lag?.count ?? 0) + this.#lagCount,
      p50Ms: at(0.5),
      p95Ms: at(0.95),
      p99Ms: at(0.99),
      maxMs: Math.max(lag?.maxMs ?? 0, this.#lagMaxMs),
    };
  }

  #takeLag(lagMs: number): void {
    if (this.#lags.length < LAGS_MAX) this.#lags.push(lagMs);
    else this.#lags[this.#lagCount % LAGS_MAX] = lagMs;
    this.#lagCount += 1;
    this.#lagMaxMs = Math.max(this.#lagMaxMs, lagMs);
  }
}

/**
 * Seal a report with its hash, and with a secret, where there is one: whoever has the secret can
 * tell that this report was written by somebody who had it.
 */
export async function sealReport(report: MigrationReport, secret?: string): Promise<SealedReport> {
  const text = canonical(report);
  const sha256 = hex(await crypto.subtle.digest("SHA-256", encoded(text)));
  if (secret === undefined) return { report, sha256 };
  return { report, sha256, hmacSha256: await hmacOf(text, secret) };
}

/**
 * Check a sealed report.
 *
 * @throws {FairleadError} `report_altered` when it is not what was sealed, or was sealed with another
 * secret, or without one.
 */
export async function checkReport(sealed: SealedReport, secret?: string): Promise<void> {
  const made = await sealReport(sealed.report, secret);
  if (made.sha256 !== sealed.sha256) throw altered("its hash is another one");
  if (secret !== undefined && made.hmacSha256 !== sealed.hmacSha256) {
    throw altered(
      sealed.hmacSha256 === undefined ? "it is not signed" : "its signature is not ours",
    );
  }
}

async function hmacOf(text: string, secret: string): Promise<string> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", encoded(secret), algorithm, false, ["sign"]);
  return hex(await crypto.subtle.sign("HMAC", key, encoded(text)));
}

/** JSON with sorted keys, so that a report that was read and written again is the same. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) =>
    typeof each === "object" && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([one], [other]) => (one < other ? -1 : 1)))
      : each,
  );
}

function encoded(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

function hex(buffer: ArrayBuffer): string {
  return [...new Uint8Array(buffer)].map((each) => each.toString(16).padStart(2, "0")).join("");
}

function altered(why: string): FairleadError {
  return new FairleadError("report_altered", `Cannot trust this report: ${why}`);
}
