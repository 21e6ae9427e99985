import {
  checkReport,
  type MigrationEvent,
  type MigrationReport,
  ReportBuilder,
  sealReport,
} from "fairlead/migration";
import { describe, expect, test } from "vitest";
import { codeOf } from "../zookeeper/conformance.ts";

const EVENTS: readonly MigrationEvent[] = [
  { type: "copied", done: 1, total: 2 },
  { type: "lag", lagMs: 3, zxid: 1n, transactions: 4 },
  { type: "lag", lagMs: 1, zxid: 2n, transactions: 9 },
  { type: "resumed", side: "source", leader: "a:1" },
  { type: "rolled", nodes: 10, differences: [], rounds: 1, cleanRounds: 1 },
  {
    type: "rolled",
    nodes: 5,
    differences: [{ path: "/a", facets: ["data"] }],
    rounds: 2,
    cleanRounds: 0,
  },
  {
    type: "verified",
    comparison: {
      nodes: 7,
      bytes: 70,
      digests: { expected: "1", actual: "1" },
      differencesCount: 0,
      differences: [],
    },
  },
  { type: "opened", fencedMs: 12 },
  { type: "rehomed", missingCount: 1, missing: ["/a/e"], clients: { source: 2, target: 3 } },
  { type: "phase", phase: "soak", reason: "done", atMs: 20 },
];

function built(): MigrationReport {
  const ledger = [JSON.stringify({ phase: "drain", reason: "asked for", atMs: 10 })];
  const builder = new ReportBuilder("m", ledger);
  for (const event of EVENTS) builder.take(event);
  return builder.build();
}

describe("ReportBuilder", () => {
  test("counts what happened, behind what the ledger has", () => {
    expect(built()).toEqual({
      format: 1,
      id: "m",
      timeline: [
        { phase: "drain", reason: "asked for", atMs: 10 },
        { phase: "soak", reason: "done", atMs: 20 },
      ],
      comparison: {
        nodes: 7,
        bytes: 70,
        digests: { expected: "1", actual: "1" },
        differencesCount: 0,
        differences: [],
      },
      comparisons: { count: 1, unequal: 0 },
      rolling: { nodes: 15, rounds: 2, differencesCount: 1 },
      lag: { count: 2, p50Ms: 3, p95Ms: 3, p99Ms: 3, maxMs: 3 },
      transactions: 9,
      resumptions: 1,
      fencedMs: 12,
      rehoming: { missingCount: 1, missing: ["/a/e"], clients: { source: 2, target: 3 } },
    });
  });
});

describe("sealReport() and checkReport()", () => {
  test("hold over JSON and any order of keys", async () => {
    const sealed = await sealReport(built(), "secret");
    expect(sealed.sha256).toMatch(/^[0-9a-f]{64}$/);
    const { id, format, ...rest } = sealed.report;
    const read = JSON.parse(JSON.stringify({ ...sealed, report: { ...rest, format, id } }));
    await checkReport(read, "secret");
    await checkReport(read);
  });

  test("refuse what was changed, another secret and no signature", async () => {
    const sealed = await sealReport(built(), "secret");
    const forged = { ...sealed, report: { ...sealed.report, transactions: 10 } };
    expect(await codeOf(checkReport(forged))).toBe("report_altered");
    expect(await codeOf(checkReport(sealed, "other"))).toBe("report_altered");
    const unsigned = await sealReport(built());
    expect(await codeOf(checkReport(unsigned, "secret"))).toBe("report_altered");
    expect(unsigned.hmacSha256).toBeUndefined();
  });
});

test("a report is gone on with by the next process: what was proven stays", () => {
  const first = new ReportBuilder("m");
  const comparison = {
    ...{ nodes: 2, bytes: 3, differencesCount: 0, differences: [] },
    digests: { expected: "a", actual: "a" },
  };
  first.take({ type: "verified", comparison });
  first.take({ type: "opened", fencedMs: 700 });
  first.take({ type: "lag", lagMs: 9, zxid: 1n, transactions: 40 });
  first.take({ type: "rolled", nodes: 5, differences: [], rounds: 2, cleanRounds: 2 });
  const earlier = first.build();
  const ledger = [JSON.stringify({ phase: "soak", reason: "home", atMs: 1 })];
  const second = new ReportBuilder("m", ledger, earlier);
  const { timeline, ...rest } = second.build();
  expect(timeline).toHaveLength(1);
  expect(rest).toEqual({ ...earlier, timeline: undefined });
  second.take({ type: "lag", lagMs: 3, zxid: 2n, transactions: 2 });
  second.take({ type: "rolled", nodes: 5, differences: [], rounds: 1, cleanRounds: 1 });
  expect(second.build()).toMatchObject({
    transactions: 42,
    rolling: { nodes: 10, rounds: 3 },
    lag: { count: 2, p50Ms: 3, maxMs: 9 },
  });
  expect(new ReportBuilder("other", [], earlier).build().comparisons.count).toBe(0);
});
