/** What an operator sees while a migration runs: lines, or JSON, and a page of metrics. */
import type { MigrationEvent, Phase, Rehoming } from "fairlead/migration";
import { PHASES } from "fairlead/migration";

const LAGS_MAX = 1_000;

/** The state of a migration, as its events tell it. */
export class Progress {
  phase: Phase = "bootstrap";
  copied = { done: 0, total: 0 };
  nodes = 0;
  transactions = 0;
  lagMs = 0;
  verified: { readonly nodes: number; readonly differences: number } | undefined;
  fencedMs: number | undefined;
  rolled = { nodes: 0, rounds: 0, differences: 0 };
  rehoming: Rehoming | undefined;
  readonly #lags: number[] = [];

  take(event: MigrationEvent): void {
    switch (event.type) {
      case "phase":
        this.phase = event.phase;
        return;
      case "copied":
        this.copied = { done: event.done, total: event.total };
        return;
      case "reconciled":
        this.nodes = event.nodes;
        return;
      case "lag":
        this.lagMs = event.lagMs;
        this.transactions = event.transactions;
        this.#lags.push(event.lagMs);
        if (this.#lags.length > LAGS_MAX) this.#lags.shift();
        return;
      case "verified": {
        const { nodes, differencesCount: differences } = event.comparison;
        this.verified = { nodes, differences };
        return;
      }
      case "opened":
        this.fencedMs = event.fencedMs;
        return;
      case "rolled":
        this.rolled.nodes += event.nodes;
        this.rolled.rounds = event.rounds;
        this.rolled.differences += event.differences.length;
        return;
      case "rehomed":
        this.rehoming = event;
        return;
      case "resumed":
        return;
    }
  }

  /** Of the last thousand heartbeats. */
  lag(ratio: number): number {
    const sorted = this.#lags.toSorted((left, right) => left - right);
    return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * ratio))] ?? 0;
  }

  /** One line for a terminal. */
  line(): string {
    const { done, total } = this.copied;
    if (this.phase === "bootstrap" && total > 0) {
      return `bootstrap  ${done} of ${total} operations (${Math.floor((done / total) * 100)} %)`;
    }
    const lag = `lag ${this.lagMs.toFixed(1)} ms (p99 ${this.lag(0.99).toFixed(1)})`;
    const counts = `${this.nodes} nodes, ${this.transactions} transactions`;
    const { verified, rehoming, phase } = this;
    if (phase === "rehome" && rehoming !== undefined) {
      const { clients, missingCount } = rehoming;
      return `rehome     ${clients.source ?? "?"} clients on the source, ${clients.target ?? "?"} on the target, ${missingCount} ephemerals missing`;
    }
    const equal = verified === undefined ? "" : `, ${verified.differences} differences`;
    return `${this.phase.padEnd(10)} ${counts}, ${lag}${equal}`;
  }

  #clients(): string[] {
    const sides = Object.entries(this.rehoming?.clients ?? {}).flatMap(([side, count]) =>
      count === undefined ? [] : [`fairlead_migration_clients{side="${side}"} ${count}`],
    );
    const name = "fairlead_migration_clients";
    return [`# HELP ${name} Sessions of clients by side.`, `# TYPE ${name} gauge`, ...sides];
  }

  /** For Prometheus. */
  metrics(): string {
    const phases = PHASES.map(
      (phase) => `fairlead_migration_phase{phase="${phase}"} ${phase === this.phase ? 1 : 0}`,
    );
    const gauge = (name: string, help: string, value: number) => [
      `# HELP fairlead_migration_${name} ${help}`,
      `# TYPE fairlead_migration_${name} gauge`,
      `fairlead_migration_${name} ${value}`,
    ];
    return [
      "# HELP fairlead_migration_phase 1 for the present phase.",
      "# TYPE fairlead_migration_phase gauge",
      ...phases,
      ...gauge(
        "copied_operations",
        "Operations of the first copy that are done.",
        this.copied.done,
      ),
      ...gauge("copy_operations", "Operations of the first copy.", this.copied.total),
      ...gauge("transactions", "Transactions of the source since the start.", this.transactions),
      ...gauge("lag_seconds", "From the source to the target.", this.lagMs / 1_000),
      ...gauge("differences", "Found by the last comparison.", this.verified?.differences ?? 0),
      ...gauge("rolled_nodes", "Compared while it follows.", this.rolled.nodes),
      ...gauge("rolled_differences", "Found while it follows.", this.rolled.differences),
      ...gauge("ephemerals_missing", "Not yet back.", this.rehoming?.missingCount ?? 0),
      ...this.#clients(),
      ...gauge("fenced_seconds", "Nobody could write for so long.", (this.fencedMs ?? 0) / 1_000),
      "",
    ].join("\n");
  }
}
