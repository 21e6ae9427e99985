import {
  emptyReport,
  makeNode,
  makeReport,
  makeTopology,
  mergeReports,
  murmur3,
  type Report,
} from "fairlead/topology";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { report } from "../support/arbitrary.ts";

/** What merging treats as sets are; the head is added up. */
function body({ topologies, dns, plugins, ts }: Report): unknown {
  return { topologies, dns, plugins, ts };
}

describe("mergeReports()", () => {
  test("is associative", () => {
    fc.assert(
      fc.property(report, report, report, (a, b, c) => {
        const left = mergeReports([mergeReports([a, b]), c]);
        const right = mergeReports([a, mergeReports([b, c])]);
        expect(body(left)).toEqual(body(right));
        expect(left.windowNs).toBe(right.windowNs);
        expect(left.sampling).toEqual(right.sampling);
        expect(body(mergeReports([a, b, c]))).toEqual(body(left));
      }),
    );
  });

  test("is commutative", () => {
    fc.assert(
      fc.property(report, report, (a, b) => {
        expect(body(mergeReports([a, b]))).toEqual(body(mergeReports([b, a])));
      }),
    );
  });

  test("is idempotent, and the empty report changes nothing", () => {
    fc.assert(
      fc.property(report, report, (a, b) => {
        const both = mergeReports([a, b]);
        expect(body(mergeReports([both, a, b, both]))).toEqual(body(both));
        expect(body(mergeReports([both, emptyReport()]))).toEqual(body(both));
      }),
    );
  });

  test("changes neither of its reports", () => {
    fc.assert(
      fc.property(report, report, (a, b) => {
        const before = structuredClone([a, b]);
        mergeReports([a, b]);
        expect([a, b]).toEqual(before);
      }),
    );
  });

  test("adds windows and sampling up, and takes the earliest instant", () => {
    const sampling = { count: 1, total: 2 };
    const merged = mergeReports([
      emptyReport({ ts: 9n, windowNs: 3, sampling }),
      emptyReport({ ts: 5n, windowNs: 4, sampling }),
      emptyReport({}),
    ]);
    expect(merged).toMatchObject({ ts: 5n, windowNs: 7, sampling: { count: 2, total: 4 } });
  });

  test("gives one report back as it is, and of none an empty one", () => {
    const one = emptyReport({ id: "1" });
    expect(mergeReports([one])).toBe(one);
    expect(body(mergeReports([]))).toEqual(body(emptyReport()));
  });

  test("hashes the ids in their order", () => {
    const ids = (...all: string[]) => mergeReports(all.map((id) => emptyReport({ id }))).id;
    expect(ids("hel", "lo")).toBe(murmur3("hello"));
    expect(ids("lo", "hel")).not.toBe(ids("hel", "lo"));
  });

  test("unites the names of an address and keeps each plugin once", () => {
    const dns = (forward: string[], reverse: string[]) =>
      emptyReport({
        dns: new Map([["8.8.8.8", { forward, reverse }]]),
        plugins: [{ id: "p", label: "P", interfaces: ["reporter"] }],
      });
    const merged = mergeReports([dns(["a"], []), dns(["b"], ["c"])]);
    expect(merged.dns.get("8.8.8.8")).toEqual({ forward: ["a", "b"], reverse: ["c"] });
    expect(merged.plugins).toHaveLength(1);
  });

  test("merges 1,000 reports of one node each into one of 1,000", () => {
    const reports = Array.from({ length: 1_000 }, (_, index) =>
      makeReport({ Host: makeTopology([makeNode("Host", `h${index}`)]) }),
    );
    expect(mergeReports(reports).topologies.Host?.nodes.size).toBe(1_000);
  });
});
