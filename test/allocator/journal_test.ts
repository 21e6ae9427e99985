import { describe, expect, test } from "vitest";
import { Journal } from "../../src/allocator/mod.ts";
import { Resources } from "../../src/resources/mod.ts";

function clockAt(time: { ms: number }) {
  return { nowMs: () => time.ms };
}

/** A day in a small cluster: quotas, filters that run out, tasks that come and go. */
function recordDay(): { journal: Journal; decisions: string[] } {
  const time = { ms: 1_000 };
  const journal = new Journal({ seed: 11, clock: clockAt(time) });
  const decisions: string[] = [];
  for (const id of ["a", "b", "c"]) {
    journal.apply({ call: "addAgent", spec: { id, resources: "cpus:4;mem:512;ports:[1-9]" } });
  }
  journal.apply({ call: "addFramework", spec: { id: "f", roles: ["eng/web"] } });
  journal.apply({ call: "addFramework", spec: { id: "g", roles: ["ops"] } });
  journal.apply({ call: "setQuota", role: "ops", quota: { guarantees: "cpus:2;mem:64" } });
  for (let hour = 0; hour < 24; hour++) {
    time.ms += 3_600_000;
    const allocation = journal.allocator;
    const run = journal.apply({ call: "run" });
    if (!run || Array.isArray(run)) throw new Error("a run gives offers");
    for (const offer of run) {
      decisions.push(`${hour} ${offer.agentId} ${offer.frameworkId} ${offer.resources}`);
      const used = Resources.parse("cpus:0.5;mem:8");
      if (hour % 3 === 0) {
        journal.apply({ call: "accept", handle: offer.handle, acceptance: { used, refuseMs: 0 } });
      } else {
        journal.apply({ call: "decline", handles: [offer.handle], refuseMs: 5_400_000 });
      }
    }
    expect(allocation.stats().offersOutstanding).toBe(0);
  }
  return { journal, decisions };
}

describe("Journal.replay()", () => {
  test.each(["wasm", "typed"] as const)("makes every decision again (%s)", (kernel) => {
    const { journal, decisions } = recordDay();
    const again: string[] = [];
    let hour = 0;
    const allocator = Journal.replay(journal.toBytes(), {
      kernel,
      onRun: (run) => {
        for (const offer of run) {
          again.push(`${hour} ${offer.agentId} ${offer.frameworkId} ${offer.resources}`);
        }
        hour++;
      },
    });
    expect(decisions.length).toBeGreaterThan(20);
    expect(again).toEqual(decisions);
    expect(allocator.shares()).toEqual(journal.allocator.shares());
  });

  test("refuses what is no journal", () => {
    expect(() => Journal.replay(new Uint8Array([1, 2, 3]))).toThrow(
      expect.objectContaining({ code: "snapshot_mismatch" }),
    );
  });
});

describe("Journal.apply()", () => {
  test("keeps no call that throws", () => {
    const journal = new Journal();
    expect(() => journal.apply({ call: "removeAgent", id: "nobody" })).toThrow(
      expect.objectContaining({ code: "unknown_agent" }),
    );
    expect(journal.entries).toEqual([]);
  });

  test("refuses calls when it is full", () => {
    const journal = new Journal({ entriesMax: 1 });
    journal.apply({ call: "setWeight", role: "a", weight: 2 });
    expect(() => journal.apply({ call: "run" })).toThrow(
      expect.objectContaining({ code: "journal_full" }),
    );
  });
});
