import { describe, expect, test } from "vitest";
import { VirtualClock } from "../../src/base/mod.ts";
import { makeReport, type Reporter } from "../../src/probe/mod.ts";
import { Spy } from "../../src/probe/spy.ts";

const fine = (name: string): Reporter => ({ name, report: async () => makeReport({}) });

describe("Spy", () => {
  test("gives the reports of all reporters", async () => {
    const spy = new Spy({ reporters: [fine("a"), fine("b")], clock: new VirtualClock(5_000) });
    const look = await spy.look();
    expect(look).toMatchObject({ tick: 1, nowMs: 5_000 });
    expect([look.reports.length, look.failures.size]).toEqual([2, 0]);
  });

  test("names a reporter that fails, and goes on with the others", async () => {
    const broken = {
      name: "docker",
      report: async () => {
        throw new Error("its socket is dead");
      },
    };
    const throwing: Reporter = {
      name: "host",
      report: () => {
        throw new Error("at once");
      },
    };
    const spy = new Spy({ reporters: [broken, fine("b"), throwing], clock: new VirtualClock() });
    const { reports, failures } = await spy.look();
    expect(reports).toHaveLength(1);
    expect([...failures]).toEqual([
      ["docker", "its socket is dead"],
      ["host", "at once"],
    ]);
    expect(spy.counts.get("docker")).toMatchObject({ looks: 1, failed: 1, timedOut: 0 });
  });

  test("waits for a reporter no longer than the budget, and never has two calls of one", async () => {
    const clock = new VirtualClock();
    let calls = 0;
    let release = () => {};
    let aborted = false;
    const hanging: Reporter = {
      name: "cri",
      report: ({ signal }) => {
        calls += 1;
        signal.addEventListener("abort", () => {
          aborted = true;
        });
        return new Promise((resolve) => {
          release = () => resolve(makeReport({}));
        });
      },
    };
    const spy = new Spy({ reporters: [hanging, fine("b")], clock, budgetMs: 900 });
    const looks: string[] = [];
    for (let at = 0; at < 3; at += 1) {
      const looking = spy.look();
      await clock.advance(1_000);
      const { reports, failures } = await looking;
      looks.push(`${reports.length} ${failures.get("cri")}`);
    }
    expect(looks).toEqual([
      "1 timed out after 900 ms",
      "1 hangs for 1 looks",
      "1 hangs for 2 looks",
    ]);
    expect([calls, aborted]).toEqual([1, true]);
    release();
    await clock.advance(0);
    const looking = spy.look();
    await clock.advance(0);
    release();
    // What came late, what came now, and that of the other one.
    expect((await looking).reports).toHaveLength(3);
    expect([calls, clock.sleeping]).toEqual([2, 0]);
  });

  test("refuses a budget out of its range", () => {
    const clock = new VirtualClock();
    expect(() => new Spy({ reporters: [], clock, budgetMs: 0 })).toThrow(/budgetMs/);
  });
});
