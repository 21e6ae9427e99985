import { describe, expect, test } from "vitest";
import { Allocator, applyCall, Journal } from "../../src/allocator/mod.ts";
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

describe("applyCall()", () => {
  test("makes every kind of call", () => {
    const allocator = new Allocator({ clock: clockAt({ ms: 0 }) });
    const apply = (call: Parameters<typeof applyCall>[1]) => applyCall(allocator, call);
    apply({ call: "addAgent", spec: { id: "a", resources: "cpus:4;mem:512" } });
    apply({ call: "addFramework", spec: { id: "f", roles: ["r", "s"] } });
    apply({ call: "suppress", id: "f", roles: ["s"] });
    apply({ call: "revive", id: "f" });
    apply({ call: "setWeight", role: "r", weight: 2 });
    apply({ call: "setQuota", role: "r", quota: { limits: "cpus:3" } });
    apply({ call: "removeQuota", role: "r" });
    apply({ call: "setUnavailability", agentId: "a", unavailability: { startMs: 5 } });
    const run = apply({ call: "run" });
    if (!run || Array.isArray(run)) throw new Error("a run gives offers");
    apply({ call: "answerInverseOffer", agentId: "a", frameworkId: "f", status: "ACCEPT" });
    const [offer] = run;
    const used = Resources.parse("cpus:1");
    apply({ call: "accept", handle: offer!.handle, acceptance: { used } });
    apply({ call: "release", ...offer!, resources: used });
    apply({ call: "addResourceProvider", agentId: "a", resources: "gpus:1" });
    apply({ call: "removeResourceProvider", agentId: "a", resources: "gpus:1" });
    const reserved = Resources.parse("cpus(r):1");
    apply({ call: "updateAvailable", agentId: "a", from: used, to: reserved });
    apply({ call: "deactivateAgent", id: "a" });
    apply({ call: "activateAgent", id: "a" });
    apply({ call: "setWhitelist", ids: ["a"] });
    apply({ call: "setWhitelist" });
    apply({ call: "revive", id: "f" });
    const again = apply({ call: "run" });
    if (!again || Array.isArray(again)) throw new Error("a run gives offers");
    apply({ call: "rescind", handles: [...again.handles] });
    expect(apply({ call: "deactivateFramework", id: "f" })).toEqual([]);
    apply({ call: "activateFramework", id: "f" });
    expect(apply({ call: "updateFramework", id: "f", update: { roles: ["r"] } })).toEqual([]);
    expect(apply({ call: "updateAgent", id: "a", update: { resources: "cpus:1" } })).toEqual([]);
    expect(apply({ call: "removeFramework", id: "f" })).toEqual([]);
    expect(apply({ call: "removeAgent", id: "a" })).toEqual([]);
    apply({ call: "expectAgents", expected: { count: 1 } });
    expect(allocator.stats()).toMatchObject({ agents: 0, frameworks: 0, offersOutstanding: 0 });
  });
});
