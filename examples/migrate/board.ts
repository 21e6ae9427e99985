/** What a migration's page is told: kept from its events. */
import type { MigrationEvent, Rolled } from "fairlead/migration";
import type { MigrationAct, MigrationStatus } from "fairlead/ui";
import type { Progress } from "./console.ts";

const SAMPLES_MAX = 240;
const DIFFERENCES_MAX = 100;
const TIMELINE_MAX = 200;
const RATE_MS = 10_000;

/** What a board is told once. */
export interface BoardOptions {
  readonly id: string;
  readonly strategies: MigrationStatus["strategies"];
  /** Entries of the journal's ledger, as JSON. */
  readonly ledger: readonly string[];
  readonly progress: Progress;
}

/** A count at a moment. */
interface Mark {
  readonly atMs: number;
  readonly count: number;
}

/** How much a count grew a second, of late. */
class Rate {
  #marks: Mark[] = [];

  take(count: number): void {
    const atMs = Date.now();
    this.#marks = [...this.#marks.filter((mark) => atMs - mark.atMs < RATE_MS), { atMs, count }];
  }

  get perSecond(): number {
    const [first] = this.#marks;
    const last = this.#marks.at(-1);
    if (first === undefined || last === undefined || last.atMs === first.atMs) return 0;
    return ((last.count - first.count) * 1_000) / (last.atMs - first.atMs);
  }
}

/** Everything that the page shows; in memory bounded. */
export class StatusBoard {
  readonly #options: BoardOptions;
  readonly #timeline: MigrationStatus["timeline"][number][] = [];
  readonly #samplesMs: number[] = [];
  readonly #copied = new Rate();
  readonly #transactions = new Rate();
  #rolled: Rolled["differences"] = [];
  #verified: MigrationStatus["verified"];

  constructor(options: BoardOptions) {
    this.#options = options;
    for (const entry of options.ledger.slice(-TIMELINE_MAX)) {
      const { phase, reason, atMs } = JSON.parse(entry);
      this.#timeline.push({ phase, reason, atMs });
    }
  }

  take(event: MigrationEvent): void {
    if (event.type === "phase") {
      const { phase, reason, atMs } = event;
      this.#timeline.push({ phase, reason, atMs });
      if (this.#timeline.length > TIMELINE_MAX) this.#timeline.shift();
    } else if (event.type === "copied") this.#copied.take(event.done);
    else if (event.type === "lag") {
      this.#transactions.take(event.transactions);
      this.#samplesMs.push(event.lagMs);
      if (this.#samplesMs.length > SAMPLES_MAX) this.#samplesMs.shift();
    } else if (event.type === "rolled") {
      this.#rolled = [...this.#rolled, ...event.differences].slice(-DIFFERENCES_MAX);
    } else if (event.type === "verified") {
      const { nodes, differencesCount, differences } = event.comparison;
      const few = differences.slice(0, DIFFERENCES_MAX);
      this.#verified = { atMs: Date.now(), nodes, differencesCount, differences: few };
    }
  }

  /** Whether all nodes were compared last and none differed. */
  get isEqual(): boolean {
    return this.#verified?.differencesCount === 0;
  }

  /** As it stands now, but for what may be asked for. */
  status(): Omit<MigrationStatus, "acts" | "acting" | "acted"> {
    const { id, strategies, progress } = this.#options;
    const { done, total } = progress.copied;
    const perSecond = this.#copied.perSecond;
    return {
      id,
      strategies,
      phase: progress.phase,
      nowMs: Date.now(),
      copy: {
        done,
        total,
        perSecond,
        etaMs: perSecond > 0 ? ((total - done) / perSecond) * 1_000 : undefined,
      },
      nodes: progress.nodes,
      transactions: progress.transactions,
      transactionsPerSecond: this.#transactions.perSecond,
      lag: {
        lastMs: progress.lagMs,
        p50Ms: progress.lag(0.5),
        p99Ms: progress.lag(0.99),
        samplesMs: this.#samplesMs,
      },
      verified: this.#verified,
      rolling: {
        nodes: progress.rolled.nodes,
        rounds: progress.rolled.rounds,
        differences: this.#rolled,
      },
      rehoming: progress.rehoming,
      fencedMs: progress.fencedMs,
      timeline: this.#timeline,
    };
  }
}

/** What an act needs, and why it is not allowed now. */
export function actsOf(
  phase: string,
  {
    isEqual,
    isActing,
    soak,
  }: { readonly isEqual: boolean; readonly isActing: boolean; readonly soak: readonly string[] },
): MigrationStatus["acts"] {
  const isOver = phase === "finalized" || phase === "aborted";
  const unless = (name: MigrationAct, ...reasons: readonly (string | false)[]) => {
    const whys = [isActing && "another act is under way", ...reasons];
    const why = whys.find((each) => each !== false);
    return { name, isAllowed: why === undefined, why: why ?? "" };
  };
  const follows = phase !== "sync" && "only while it follows";
  return [
    unless("verify", follows),
    unless("cutover", follows, !isEqual && "compare both sides first"),
    unless("rollback", isOver && "it is over"),
    unless("finalize", phase !== "soak" && "only behind a cutover", soak[0] ?? false),
  ];
}
