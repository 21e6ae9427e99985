import type {
  ConsoleAgentRow,
  ConsoleDelta,
  ConsoleFrameworkRow,
  ConsoleRoleRow,
  ConsoleSnapshot,
  ConsoleSummary,
} from "../../model/mod.ts";
import { type ClusterEvent, EventJournal } from "./journal.ts";

/** The cluster's load at one moment, as ratios of what there is. */
export interface LoadSample {
  readonly atMs: number;
  readonly cpus: number;
  readonly mem: number;
  readonly disk: number;
  readonly gpus: number;
}

/** Samples closer together than this are one. */
const SAMPLE_MS_MIN = 1_000;
const SAMPLES_MAX = 240;

/**
 * What the stream told so far: rows by id, replaced when they change, so that a view that holds a
 * row knows by identity whether it is new.
 */
export class ClusterStore {
  readonly #agents = new Map<string, ConsoleAgentRow>();
  readonly #frameworks = new Map<string, ConsoleFrameworkRow>();
  readonly #roles = new Map<string, ConsoleRoleRow>();
  readonly #journal = new EventJournal();
  #samples: LoadSample[] = [];
  #summary: ConsoleSummary | undefined;
  #sequence = -1;
  #version = 0;

  /** By agent id. */
  get agents(): ReadonlyMap<string, ConsoleAgentRow> {
    return this.#agents;
  }

  /** By framework id. */
  get frameworks(): ReadonlyMap<string, ConsoleFrameworkRow> {
    return this.#frameworks;
  }

  /** By role name. */
  get roles(): ReadonlyMap<string, ConsoleRoleRow> {
    return this.#roles;
  }

  /** Absent before the first snapshot. */
  get summary(): ConsoleSummary | undefined {
    return this.#summary;
  }

  /** Of the last snapshot or delta; -1 before the first. */
  get sequence(): number {
    return this.#sequence;
  }

  /** Grows with everything applied. */
  get version(): number {
    return this.#version;
  }

  /** What happened lately, newest first. */
  get events(): readonly ClusterEvent[] {
    return this.#journal.events;
  }

  /** The load of the last minutes, oldest first; since the page was opened. */
  get samples(): readonly LoadSample[] {
    return this.#samples;
  }

  /** Take everything anew. */
  applySnapshot(snapshot: ConsoleSnapshot): void {
    const atMs = snapshot.summary.nowMs;
    if (this.#summary === undefined) this.#journal.begin(snapshot);
    else this.#note(snapshot, atMs, gone(this.#agents, snapshot.agents, idOf));
    this.#agents.clear();
    for (const row of snapshot.agents) this.#agents.set(row.id, row);
    this.#frameworks.clear();
    for (const row of snapshot.frameworks) this.#frameworks.set(row.id, row);
    this.#setRoles(snapshot.roles);
    this.#advance(snapshot);
  }

  /**
   * Take what changed.
   *
   * @returns whether it fits: false when a delta in between is missing, and a snapshot is wanted.
   */
  applyDelta(delta: ConsoleDelta): boolean {
    if (this.#summary === undefined) return false;
    if (delta.sequence <= this.#sequence) return true;
    if (delta.since !== undefined && delta.since !== this.#sequence) return false;
    this.#note(delta, delta.summary.nowMs, delta.agentsRemoved);
    for (const row of delta.agents) this.#agents.set(row.id, row);
    for (const id of delta.agentsRemoved) this.#agents.delete(id);
    for (const row of delta.frameworks) this.#frameworks.set(row.id, row);
    for (const id of delta.frameworksRemoved) this.#frameworks.delete(id);
    if (delta.roles !== undefined) this.#setRoles(delta.roles);
    this.#advance(delta);
    return true;
  }

  /** Nothing changed for a while: the load goes on as it was. */
  idle(nowMs: number): void {
    if (this.#summary !== undefined) this.#sample({ ...this.#summary, nowMs });
  }

  #note(
    news: Pick<ConsoleDelta, "agents" | "frameworks" | "summary">,
    atMs: number,
    agentsRemoved: readonly string[],
  ): void {
    const journal = this.#journal;
    if (news.summary.masterId !== this.#summary?.masterId) journal.elected(news.summary);
    for (const row of news.agents) journal.agent(atMs, this.#agents.get(row.id), row);
    for (const id of agentsRemoved) journal.agentGone(atMs, this.#agents.get(id));
    for (const row of news.frameworks) journal.framework(atMs, this.#frameworks.get(row.id), row);
    journal.settle();
  }

  #setRoles(rows: readonly ConsoleRoleRow[]): void {
    this.#roles.clear();
    for (const row of rows) this.#roles.set(row.role, row);
  }

  #advance({ sequence, summary }: { sequence: number; summary: ConsoleSummary }): void {
    this.#sequence = sequence;
    this.#summary = summary;
    this.#version += 1;
    this.#sample(summary);
  }

  #sample(summary: ConsoleSummary): void {
    const last = this.#samples.at(-1);
    if (last !== undefined && summary.nowMs - last.atMs < SAMPLE_MS_MIN) return;
    this.#samples = [...this.#samples.slice(1 - SAMPLES_MAX), sampleOf(summary)];
  }
}

const idOf = (row: ConsoleAgentRow) => row.id;

function gone<Row>(
  held: ReadonlyMap<string, Row>,
  rows: readonly Row[],
  keyOf: (row: Row) => string,
): string[] {
  const there = new Set(rows.map(keyOf));
  return [...held.keys()].filter((key) => !there.has(key));
}

function sampleOf({ nowMs, total, used }: ConsoleSummary): LoadSample {
  const ratio = (kind: keyof typeof total) =>
    total[kind] > 0 ? (used[kind] ?? 0) / total[kind] : 0;
  return {
    atMs: nowMs,
    cpus: ratio("cpus"),
    mem: ratio("mem"),
    disk: ratio("disk"),
    gpus: ratio("gpus"),
  };
}
