import { describe, expect, test } from "vitest";
import { type ControlAudit, ControlRegistry } from "../../../src/probe/controls/registry.ts";

const context = { openPipe: async () => "pipe-1" };
const callOf = (control: string) => ({ appId: "a", nodeId: "n;<container>", control, args: {} });
const control = { human: "Stop", icon: "fa fa-stop", rank: 1 };

function open(allowed: readonly string[]) {
  const done: string[] = [];
  const audits: ControlAudit[] = [];
  const registry = new ControlRegistry({ allowed, onCall: (audit) => audits.push(audit) });
  const handler = async ({ control: id }: { readonly control: string }) => {
    done.push(id);
    return {};
  };
  registry.add({ id: "stop", control, handler });
  registry.add({ id: "exec", control, handler });
  registry.add({ id: "resize", allowedWith: "exec", handler });
  return { registry, done, audits };
}

describe("ControlRegistry", () => {
  test("allows nothing unless it is named, and does nothing then", async () => {
    const { registry, done, audits } = open([]);
    for (const id of ["stop", "exec", "resize"]) {
      expect((await registry.call(callOf(id), context)).error).toMatch(/does not allow it/);
    }
    expect([done, registry.isOpen, registry.controls(["stop", "exec"]).size]).toEqual([
      [],
      false,
      0,
    ]);
    expect(audits.map(({ outcome }) => outcome)).toEqual(["refused", "refused", "refused"]);
  });

  test("allows what is named, with what belongs to it, and all for a star", async () => {
    const { registry, done } = open(["exec"]);
    for (const id of ["stop", "exec", "resize"]) await registry.call(callOf(id), context);
    expect(done).toEqual(["exec", "resize"]);
    expect([...registry.controls(["stop", "exec", "resize"]).keys()]).toEqual(["exec"]);
    const all = open(["*"]);
    for (const id of ["stop", "exec", "resize"]) await all.registry.call(callOf(id), context);
    expect(all.done).toEqual(["stop", "exec", "resize"]);
  });

  test("knows no control that was not added, and counts all such names together", async () => {
    const { registry } = open(["*"]);
    for (const id of ["x", "y", "__proto__"]) {
      expect((await registry.call(callOf(id), context)).error).toBe(
        `Control "${id}" not recognised`,
      );
    }
    expect(registry.counts.get("unknown")).toEqual({ done: 0, failed: 0, refused: 3 });
  });

  test("answers what a handler throws, and writes each call down, whoever fails", async () => {
    const audits: string[] = [];
    const registry = new ControlRegistry({
      allowed: ["*"],
      onCall: ({ outcome, error }) => {
        audits.push(`${outcome} ${error}`);
        throw new Error("the disk is full");
      },
    });
    const handler = async () => {
      throw new Error("it is gone");
    };
    registry.add({ id: "stop", control, handler });
    registry.add({ id: "said", control, handler: async () => ({ error: "not now" }) });
    expect(await registry.call(callOf("stop"), context)).toEqual({ error: "it is gone" });
    expect(await registry.call(callOf("said"), context)).toEqual({ error: "not now" });
    expect(audits).toEqual(["failed it is gone", "failed not now"]);
    registry.delete("stop");
    expect((await registry.call(callOf("stop"), context)).error).toMatch(/not recognised/);
  });
});
