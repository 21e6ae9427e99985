/** What changed lately: nodes that came, went or became other ones, from a sequence of states. */
import type { NodeSummary } from "../../../topology/mod.ts";

/** Something that happened to a node. */
export interface NodeChange {
  readonly atMs: number;
  readonly kind: "appeared" | "vanished" | "changed";
  readonly id: string;
  readonly label: string;
  readonly labelMinor: string;
  /** `State: running → exited`, `2 new connections`. */
  readonly facts: readonly string[];
}

/** Options of {@linkcode ChangeJournal}. */
export interface ChangeJournalOptions {
  /** How long a change is told. @default 60_000 */
  readonly windowMs?: number;
  /** How many are kept; the oldest go. @default 500 */
  readonly changesMax?: number;
}

const FACTS_MAX = 4;
/** Lines that change all the time say nothing. */
const RESTLESS = new Set(["duration", "datetime", "number"]);

/** The changes of the last minute. */
export class ChangeJournal {
  readonly #windowMs: number;
  readonly #changesMax: number;
  #changes: NodeChange[] = [];

  constructor({ windowMs = 60_000, changesMax = 500 }: ChangeJournalOptions = {}) {
    this.#windowMs = windowMs;
    this.#changesMax = changesMax;
  }

  /** Forget everything: another topology, or another time. */
  clear(): void {
    this.#changes = [];
  }

  /** Tell of a node before and after; absent means that it was not or is not there. */
  note(atMs: number, before: NodeSummary | undefined, after: NodeSummary | undefined): void {
    const node = after ?? before;
    if (node === undefined) return;
    const facts = before !== undefined && after !== undefined ? factsOf(before, after) : [];
    if (before !== undefined && after !== undefined && facts.length === 0) return;
    const kind = before === undefined ? "appeared" : after === undefined ? "vanished" : "changed";
    const { id, label, labelMinor } = node;
    this.#changes.push({ atMs, kind, id, label, labelMinor, facts });
    if (this.#changes.length > this.#changesMax) this.#changes.shift();
  }

  /** Those of the window, newest first. */
  since(nowMs: number): readonly NodeChange[] {
    const oldest = nowMs - this.#windowMs;
    this.#changes = this.#changes.filter(({ atMs }) => atMs >= oldest);
    return [...this.#changes].reverse();
  }
}

function factsOf(before: NodeSummary, after: NodeSummary): readonly string[] {
  const facts: string[] = [];
  if (before.label !== after.label) facts.push(`Name: ${before.label} → ${after.label}`);
  const values = new Map((before.metadata ?? []).map(({ id, value }) => [id, value]));
  for (const { id, label, value, dataType = "" } of after.metadata ?? []) {
    const old = values.get(id);
    if (RESTLESS.has(dataType) || id.endsWith("_uptime") || old === value) continue;
    facts.push(old === undefined ? `${label}: ${value}` : `${label}: ${old} → ${value}`);
  }
  facts.push(...edgeFacts(before.adjacency ?? [], after.adjacency ?? []));
  return facts.slice(0, FACTS_MAX);
}

function edgeFacts(before: readonly string[], after: readonly string[]): string[] {
  if (before === after) return [];
  const [old, now] = [new Set(before), new Set(after)];
  const came = after.filter((id) => !old.has(id)).length;
  const went = before.filter((id) => !now.has(id)).length;
  const told = (count: number, what: string) =>
    count === 0 ? [] : [`${count} ${what} connection${count === 1 ? "" : "s"}`];
  return [...told(came, "new"), ...told(went, "closed")];
}
