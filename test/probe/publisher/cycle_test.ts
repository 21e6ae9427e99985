import { describe, expect, test } from "vitest";
import { makeNode, makeReport, makeTopology } from "../../../src/probe/mod.ts";
import { DeltaCycle } from "../../../src/probe/publisher/cycle.ts";
import { plainCodec } from "../support/plain_codec.ts";

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const kept = makeNode("h;1", "process");
const reportOf = (id: string) =>
  makeReport({ Process: makeTopology([kept, makeNode(id, "process")]) });

describe("DeltaCycle", () => {
  test("makes every third report whole, and the others say what changed since", async () => {
    const cycle = new DeltaCycle(plainCodec());
    const made = ["h;2", "h;3", "h;4", "h;5"].map((id) => cycle.next(reportOf(id)));
    expect(made.map(({ sequence, isFull, base }) => [sequence, isFull, base])).toEqual([
      [1, true, 0],
      [2, false, 1],
      [3, false, 1],
      [4, true, 0],
    ]);
    const delta = text((await made[1]?.delta()) ?? new Uint8Array());
    expect(delta).toContain("h;3");
    expect(delta).not.toContain("h;1");
    expect(text((await made[1]?.whole()) ?? new Uint8Array())).toContain("h;1");
  });

  test("encodes each form once, and only when it is asked for", async () => {
    const { codec, calls } = plainCodec();
    const cycle = new DeltaCycle({ codec });
    const [first, second] = [cycle.next(reportOf("a")), cycle.next(reportOf("b"))];
    expect(calls.encode).toBe(0);
    await Promise.all([first.whole(), first.whole(), second.delta(), second.delta()]);
    expect(calls).toEqual({ merge: 0, unmerge: 1, encode: 2 });
  });

  test("a shortcut is whole, and nothing refers to it", () => {
    const cycle = new DeltaCycle(plainCodec());
    cycle.next(reportOf("a"));
    const shortcut = cycle.shortcut({ ...reportOf("b"), isShortcut: true });
    expect(shortcut).toMatchObject({ sequence: 2, isShortcut: true, isFull: false, base: 0 });
    expect(cycle.next(reportOf("c"))).toMatchObject({ sequence: 3, base: 1 });
  });

  test("refuses a cycle of none", () => {
    expect(() => new DeltaCycle({ ...plainCodec(), fullEvery: 0 })).toThrow(/fullEvery/);
  });
});
