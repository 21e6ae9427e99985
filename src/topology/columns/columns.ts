import { FairleadError, requireInteger } from "../../base/mod.ts";
import { createKernel } from "../kernel/wasm.ts";
import { withoutOrphans } from "../report/delta.ts";
import { mergeReports } from "../report/merge.ts";
import type { Report } from "../report/report.ts";
import type { ReportLimits } from "../report/source.ts";
import { withNamespaces } from "../report/upgrade.ts";
import { Composer } from "./composer.ts";
import { PartReader } from "./ingest.ts";
import { lazyReport, NodeCache } from "./lookup.ts";
import { isDelta, overlay } from "./overlay.ts";
import type { Part } from "./part.ts";
import { holdRows, KIND, KINDS, type PartRows, releaseRows, type Shared } from "./part_rows.ts";
import { partOf, reportOf } from "./plain.ts";
import { RowTable } from "./rows.ts";
import { StringTable } from "./strings.ts";
import { type ColumnarView, type ColumnarViewId, ViewMaker } from "./views.ts";

/** How a {@linkcode TopologyColumns} keeps reports. */
export interface TopologyColumnsOptions {
  /** How long a probe counts after its last report, in milliseconds. @default 15000 */
  readonly windowMs?: number;
  /** The most probes at once. @default 20000 */
  readonly probesMax?: number;
  readonly limits?: ReportLimits;
  /** @default "wasm" */
  readonly kernel?: "wasm" | "typed";
  /** Of the table of strings. @default by chance */
  readonly seed?: number;
  /** So many strings are kept before those that nobody uses are freed. @default 100000 */
  readonly sweepMin?: number;
}

/** What a report was. */
export interface Ingested {
  readonly nodes: number;
  readonly isDelta: boolean;
  /** Published at once, between two regular ones. */
  readonly isShortcut: boolean;
}

/** What a probe says at present. */
export interface ProbeState {
  readonly probeId: string;
  readonly part: Part;
  readonly lastMs: number;
}

interface Probe {
  readonly full: Part | undefined;
  readonly rows: PartRows;
  readonly lastMs: number;
}

/**
 * The reports of all probes as columns, and the views of them.
 *
 * A report replaces what its probe said before; a delta is laid over the probe's last full report.
 * Strings are kept once for all; edges are counted by the kernel. Times are milliseconds of the
 * caller's clock.
 */
export class TopologyColumns {
  readonly #windowMs: number;
  readonly #probesMax: number;
  readonly #shared: Shared;
  readonly #reader: PartReader;
  readonly #views: ViewMaker;
  readonly #cache: NodeCache;
  #lazy: { readonly generation: number; readonly report: Report } | undefined;
  /** In the order of their last reports. */
  readonly #probes = new Map<string, Probe>();
  #generation = 0;
  readonly #sweepMin: number;
  /** Swept are strings when there are so many: at least twice as many as were left the last time. */
  #sweepAt: number;

  /** @throws {FairleadError} `invalid_option` names the option and its range. */
  constructor(options: TopologyColumnsOptions = {}) {
    const { windowMs = 15_000, probesMax = 20_000, limits, kernel = "wasm", seed } = options;
    const { sweepMin = 100_000 } = options;
    this.#sweepMin = requireInteger("sweepMin", sweepMin, { min: 1, max: 2 ** 28 });
    this.#sweepAt = this.#sweepMin;
    this.#windowMs = requireInteger("windowMs", windowMs, { min: 1, max: 86_400_000 });
    this.#probesMax = requireInteger("probesMax", probesMax, { min: 1, max: 1_000_000 });
    const strings = new StringTable(seed === undefined ? {} : { seed });
    const tables = Array.from({ length: KINDS }, () => new RowTable());
    this.#shared = { strings, tables, composer: new Composer(strings) };
    this.#reader = new PartReader(strings, limits);
    this.#views = new ViewMaker(this.#shared, createKernel(kernel));
    this.#cache = new NodeCache(this.#shared);
  }

  /** Goes up with every change. */
  get generation(): number {
    return this.#generation;
  }

  /** How many probes count. */
  get probes(): number {
    return this.#probes.size;
  }

  /** What is held: strings and their bytes, nodes of all probes. */
  get held(): { readonly strings: number; readonly stringBytes: number; readonly nodes: number } {
    const { strings } = this.#shared;
    let nodes = 0;
    for (const { rows } of this.#probes.values()) nodes += rows.part.count;
    return { strings: strings.size, stringBytes: strings.bytes, nodes };
  }

  /**
   * Take a report as inflated MessagePack.
   *
   * Cost: O(the report); nothing of other probes is touched.
   *
   * @param probeId Who sent it: `X-Scope-Probe-Id`.
   * @throws {FairleadError} `invalid_report`, `report_too_large`; `probes_exhausted` when another
   * probe would be one too many. What the probe said before stays.
   */
  ingest(probeId: string, bytes: Uint8Array, nowMs: number): Ingested {
    this.#admit(probeId);
    return this.#put(probeId, this.#reader.read(bytes), nowMs);
  }

  /** The same with a plain report, as JSON and tests have it. */
  ingestReport(probeId: string, report: Report, nowMs: number): Ingested {
    this.#admit(probeId);
    return this.#put(probeId, partOf(report, this.#shared.strings), nowMs);
  }

  /** Forget probes that did not report within the window; gives how many. */
  expire(nowMs: number): number {
    let gone = 0;
    for (const [id, { lastMs, rows }] of this.#probes) {
      if (lastMs + this.#windowMs > nowMs) continue;
      this.#probes.delete(id);
      releaseRows(rows, this.#shared.tables);
      gone += 1;
    }
    if (gone > 0) this.#generation += 1;
    return gone;
  }

  /** What all probes say, as one plain report: for details, and for those who ask for reports. */
  report(): Report {
    return this.reportOf(() => true);
  }

  /**
   * A view without filters: those of processes, containers, pods and hosts, and groups of them.
   * Asked for twice in one generation, it is the same one.
   */
  view(id: ColumnarViewId): ColumnarView {
    const parts = [...this.#probes.values()].map(({ rows }) => rows);
    return this.#views.view(id, parts, this.#generation);
  }

  /** What each probe says, in the order of their last reports. */
  *states(): Generator<ProbeState, undefined> {
    for (const [probeId, { rows, lastMs }] of this.#probes) {
      yield { probeId, part: rows.part, lastMs };
    }
    return undefined;
  }

  /**
   * All probes in one report whose nodes are made when they are asked for; without endpoints. It holds
   * until the next change. A node is the same object until its probe reports again.
   */
  lookup(): Report {
    if (this.#lazy?.generation !== this.#generation) {
      const parts = [...this.#probes.values()].map(({ rows }) => rows);
      const sources = this.#views.sources(parts, this.#generation);
      const lazy = lazyReport(parts, { sources, shared: this.#shared, cache: this.#cache });
      this.#lazy = { generation: this.#generation, report: withNamespaces(lazy) };
    }
    return this.#lazy.report;
  }

  /** What some probes say, as one plain report. */
  reportOf(isWanted: (state: ProbeState) => boolean): Report {
    const { strings } = this.#shared;
    const parts = [...this.states()].filter(isWanted).map(({ part }) => reportOf(part, strings));
    return withoutOrphans(mergeReports(parts));
  }

  /** The id of the host that a part is of; undefined when it names none. */
  hostOf({ kind, nodeId, count }: Part): string | undefined {
    for (let node = 0; node < count; node += 1) {
      if (kind[node] === KIND.host) return this.#shared.strings.text(nodeId[node]!);
    }
    return undefined;
  }

  /** The parts that have a node of one of these ids. */
  partsWith(ids: ReadonlySet<string>): ReadonlySet<Part> {
    const { strings } = this.#shared;
    const handles = new Set(Array.from(ids, (id) => strings.find(id)));
    handles.delete(0);
    const found = new Set<Part>();
    for (const { part } of this.states()) {
      if (part.nodeId.some((handle) => handles.has(handle))) found.add(part);
    }
    return found;
  }

  /** Whether any node has a value of this key. */
  hasKey(key: string): boolean {
    const handle = this.#shared.strings.find(key);
    if (handle === 0) return false;
    for (const { part } of this.states()) if (part.latest.key.includes(handle)) return true;
    return false;
  }

  #admit(probeId: string): void {
    if (this.#probes.has(probeId) || this.#probes.size < this.#probesMax) return;
    throw new FairleadError(
      "probes_exhausted",
      `Cannot take a report of probe "${probeId.slice(0, 64)}": ${this.#probesMax} others report`,
      { details: { probesMax: this.#probesMax } },
    );
  }

  #put(probeId: string, part: Part, nowMs: number): Ingested {
    const before = this.#probes.get(probeId);
    const isOver = isDelta(part, before?.full);
    const base = part.isShortcut ? before?.rows.part : before?.full;
    const state = isOver && base !== undefined ? overlay(base, part) : part;
    const rows = holdRows(state, this.#shared);
    if (before !== undefined) {
      releaseRows(before.rows, this.#shared.tables);
      this.#probes.delete(probeId);
    }
    this.#probes.set(probeId, { full: isOver ? before?.full : part, rows, lastMs: nowMs });
    this.#generation += 1;
    if (this.#shared.strings.size > this.#sweepAt) this.#sweep();
    return { nodes: part.count, isDelta: isOver, isShortcut: part.isShortcut };
  }

  /** Free the strings that no part has any more. */
  #sweep(): void {
    const { strings, composer, tables } = this.#shared;
    composer.clear();
    const used = new Uint8Array(strings.bound);
    const mark = (handles: Iterable<number>) => {
      for (const handle of handles) used[handle] = 1;
    };
    for (const { rows, full } of this.#probes.values()) {
      markPart(rows.part, mark);
      if (full !== undefined && full !== rows.part) markPart(full, mark);
      mark(rows.containerIps[0]);
      mark(rows.podIps[0]);
      mark(rows.networks);
    }
    for (const { ids } of tables) mark(ids);
    mark(this.#views.handles());
    strings.sweep(used);
    this.#views.swept();
    this.#sweepAt = Math.max(this.#sweepMin, strings.size * 2);
  }
}

function markPart(part: Part, mark: (handles: Iterable<number>) => void): void {
  mark(part.nodeId);
  mark(part.topology);
  mark(part.latest.key);
  mark(part.latest.value);
  for (const sets of [part.sets, part.parents]) {
    mark(sets.key);
    mark(sets.value);
  }
  mark(part.adjacency.id);
  mark(part.metrics.id);
}
