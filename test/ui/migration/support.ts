import type { MigrationStatus } from "fairlead/ui";

/** A migration that follows, with everything that a page can show. */
export const STATUS: MigrationStatus = {
  id: "new-racks",
  phase: "sync",
  nowMs: 1_800_000_000_000,
  strategies: { source: "tap", target: "tap" },
  copy: { done: 12_000, total: 12_000, perSecond: 0 },
  nodes: 10_014,
  transactions: 123_456,
  transactionsPerSecond: 987,
  lag: {
    lastMs: 3.4,
    p50Ms: 2.9,
    p99Ms: 41,
    samplesMs: Array.from({ length: 180 }, (_, index) => 2 + ((index * 7) % 11)),
  },
  verified: { atMs: 1_799_999_940_000, nodes: 10_014, differencesCount: 0, differences: [] },
  rolling: { nodes: 45_000, rounds: 4, differences: [] },
  timeline: [
    { phase: "bootstrap", reason: "begun", atMs: 1_799_999_000_000 },
    { phase: "sync", reason: "the copy is done", atMs: 1_799_999_100_000 },
  ],
  acts: [
    { name: "verify", isAllowed: true, why: "" },
    { name: "cutover", isAllowed: true, why: "" },
    { name: "rollback", isAllowed: true, why: "" },
    { name: "finalize", isAllowed: false, why: "only behind a cutover" },
  ],
};
